//! Requests that wait for events (long poll): how many there may be, and what wakes them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Requests that may wait at once.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// All of them.
    pub all: usize,
    /// Those of one organisation.
    pub of_one: usize,
}

/// How often a request that waits looks.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between two looks at least: under load every commit wakes it.
    pub shortest: Duration,
    /// Between two looks at most: nothing tells of what another node commits.
    pub longest: Duration,
}

/// Requests that wait.
#[derive(Debug)]
pub struct Waiting {
    places: Places,
    pace: Pace,
    taken: Mutex<BTreeMap<String, usize>>,
    changed: watch::Sender<()>,
}

/// The place of a request that waits; free again when it is dropped.
#[derive(Debug)]
pub struct Place<'w> {
    waiting: &'w Waiting,
    organisation: String,
}

impl Waiting {
    /// Nobody waits yet.
    pub fn new(places: Places, pace: Pace) -> Self {
        Self { places, pace, taken: Mutex::default(), changed: watch::Sender::new(()) }
    }

    /// A place, where there is one: an organisation with many requests leaves others theirs.
    pub fn enter(&self, organisation: &str) -> Option<Place<'_>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(organisation).copied().unwrap_or_default();
        if own >= self.places.of_one || taken.values().sum::<usize>() >= self.places.all {
            return None;
        }
        taken.insert(organisation.to_owned(), own + 1);
        Some(Place { waiting: self, organisation: organisation.to_owned() })
    }

    /// Lets all that wait look again.
    pub fn wake(&self) {
        self.changed.send_replace(());
    }

    /// What `look` finds, once it is enough, or the time is over.
    ///
    /// # Errors
    /// Those of `look`.
    pub async fn until<T, E>(
        &self,
        deadline: Instant,
        is_enough: impl Fn(&T) -> bool,
        mut look: impl AsyncFnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut changed = self.changed.subscribe();
        loop {
            // What is committed during a look is looked at again.
            changed.mark_unchanged();
            let looked = Instant::now();
            let found = look().await?;
            if is_enough(&found) || Instant::now() >= deadline {
                return Ok(found);
            }
            tokio::select! {
                _ = changed.changed() => sleep_until(deadline.min(looked + self.pace.shortest)).await,
                () = sleep_until(deadline.min(looked + self.pace.longest)) => {}
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.waiting.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let left = taken.get(&self.organisation).map_or(0, |own| own.saturating_sub(1));
        if left == 0 {
            taken.remove(&self.organisation);
        } else {
            taken.insert(self.organisation.clone(), left);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use super::*;

    /// Longer than any test: what ends before it was not waited for.
    const NEVER: Duration = Duration::from_secs(86_400);

    fn waiting(all: usize, of_one: usize, (shortest, longest): (Duration, Duration)) -> Waiting {
        Waiting::new(Places { all, of_one }, Pace { shortest, longest })
    }

    #[test]
    fn an_organisation_leaves_others_their_places() {
        let waiting = waiting(5, 2, (NEVER, NEVER));
        let mut of_one = vec![waiting.enter("a").unwrap(), waiting.enter("a").unwrap()];
        assert!(waiting.enter("a").is_none());
        let others = ["b", "b", "c"].map(|organisation| waiting.enter(organisation).unwrap());
        assert!(waiting.enter("d").is_none(), "all are taken");
        of_one.pop();
        assert!(waiting.enter("b").is_none(), "it has its own");
        let place = waiting.enter("d").unwrap();
        drop((of_one, others, place));
        assert!(waiting.taken.lock().unwrap().is_empty());
    }

    /// How often it was looked, until the look of this number finds something. `during` is done in the first look.
    async fn looks(waiting: &Waiting, (enough, time): (u32, Duration), during: impl Fn()) -> u32 {
        let looks = Cell::new(0);
        let look = async || {
            if looks.replace(looks.get() + 1) == 0 {
                during();
            }
            Ok::<_, Infallible>(looks.get())
        };
        let found = waiting.until(Instant::now() + time, |count| *count >= enough, look).await.unwrap();
        assert_eq!(found, looks.get());
        found
    }

    #[tokio::test]
    async fn what_is_there_is_not_waited_for_and_when_the_time_is_over_it_is_answered() {
        let waiting = waiting(1, 1, (NEVER, NEVER));
        assert_eq!(looks(&waiting, (1, NEVER), || ()).await, 1);
        assert_eq!(looks(&waiting, (9, Duration::ZERO), || ()).await, 1);
        // One more at the end, where the first was not late already.
        assert!(looks(&waiting, (9, Duration::from_millis(1)), || ()).await <= 2);
    }

    #[tokio::test]
    async fn a_commit_wakes_also_one_that_came_during_the_look() {
        let waiting = waiting(1, 1, (Duration::ZERO, NEVER));
        assert_eq!(looks(&waiting, (2, NEVER), || waiting.wake()).await, 2);
        let (found, ()) = tokio::join!(looks(&waiting, (2, NEVER), || ()), async { waiting.wake() });
        assert_eq!(found, 2);
    }

    #[tokio::test]
    async fn what_another_node_commits_is_found_without_being_woken() {
        let waiting = waiting(1, 1, (Duration::ZERO, Duration::from_millis(1)));
        assert_eq!(looks(&waiting, (4, NEVER), || ()).await, 4);
    }

    #[tokio::test]
    async fn under_load_it_does_not_look_for_every_commit() {
        let waiting = waiting(1, 1, (NEVER, NEVER));
        // Woken at once; the next look is that at the end, if there is time for one.
        assert!(looks(&waiting, (9, Duration::from_millis(1)), || waiting.wake()).await <= 2);
    }
}
