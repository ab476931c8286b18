//! When to try again: doubling, with jitter, and what the destination asks for within limits.

use std::time::Duration;

use jiff::SignedDuration;

/// The schedule of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Before the first repetition.
    pub first: Duration,
    /// Most between two attempts.
    pub longest: Duration,
}

impl Schedule {
    /// The longest wait that there can be.
    pub fn most(&self) -> SignedDuration {
        signed(self.longest.mul_f64(1.25))
    }

    /// How long to wait after `attempts` attempts, at least one. `random` is a fraction of 1: the wait is between three
    /// quarters and five quarters of the schedule's, so that what failed together does not come back together.
    pub fn wait(&self, attempts: i64, asked: Option<Duration>, random: f64) -> SignedDuration {
        if let Some(asked) = asked {
            return signed(asked.clamp(self.first.min(self.longest), self.longest));
        }
        let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 30)).unwrap_or(30);
        let wait = self.first.saturating_mul(1 << doublings).min(self.longest);
        signed(wait.mul_f64(random.clamp(0.0, 1.0).mul_add(0.5, 0.75)))
    }
}

fn signed(wait: Duration) -> SignedDuration {
    SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Schedule = Schedule { first: Duration::from_secs(1), longest: Duration::from_secs(60) };

    #[test]
    fn the_wait_doubles_to_its_limit() {
        let seconds = |attempts| SCHEDULE.wait(attempts, None, 0.5).as_secs();
        assert_eq!([1, 2, 3, 6, 7, 8, i64::MAX].map(seconds), [1, 2, 4, 32, 60, 60, 60]);
        assert_eq!([0, -1].map(seconds), [1, 1]);
    }

    #[test]
    fn no_wait_is_longer_than_the_most() {
        assert_eq!(SCHEDULE.wait(30, None, 1.0), SCHEDULE.most());
        assert_eq!(SCHEDULE.most().as_secs(), 75);
    }

    #[test]
    fn jitter_is_a_quarter() {
        assert_eq!(SCHEDULE.wait(3, None, 0.0).as_millis(), 3_000);
        assert_eq!(SCHEDULE.wait(3, None, 1.0).as_millis(), 5_000);
    }

    #[test]
    fn what_is_asked_for_is_kept_within_limits() {
        let wait = |seconds| SCHEDULE.wait(1, Some(Duration::from_secs(seconds)), 0.5).as_secs();
        assert_eq!([0, 7, 60, 86_400].map(wait), [1, 7, 60, 60]);
    }
}
