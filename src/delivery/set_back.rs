//! Whether the clock was set back: what is due is kept by the time of day, and would wait for a time that was once.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// What a clock that is only being adjusted goes back at most.
const ADJUSTED: SignedDuration = SignedDuration::from_secs(1);

/// How often to look all the same: a message that was received before the clock was set back can be stored after it was noticed.
const USUAL: Duration = Duration::from_secs(5);

/// The last time that was seen.
#[derive(Debug, Default)]
pub(super) struct Watch {
    last: Option<Timestamp>,
    told: Option<Instant>,
}

impl Watch {
    /// Looks at the clock. `Some(false)` where it was set back, `Some(true)` the first time and now and then.
    pub(super) fn look(&mut self, now: Timestamp) -> Option<bool> {
        let is_set_back = self.last.replace(now).is_some_and(|last| last.duration_since(now) > ADJUSTED);
        if !is_set_back && self.told.is_some_and(|told| told.elapsed() < USUAL) {
            return None;
        }
        self.told = Some(Instant::now());
        Some(!is_set_back)
    }

    /// Nothing could be done about it yet: the next look tells the same.
    pub(super) fn look_again(&mut self) {
        self.last = Some(Timestamp::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_was_set_back_is_told() {
        let mut watch = Watch::default();
        let looks = [0, 1, 3_601, 3_600, 3_601, 1, 2].map(|second| watch.look(Timestamp::from_second(second).unwrap()));
        assert_eq!(looks, [Some(true), None, None, None, None, Some(false), None]);
        watch.look_again();
        assert_eq!(watch.look(Timestamp::UNIX_EPOCH), Some(false));
    }
}
