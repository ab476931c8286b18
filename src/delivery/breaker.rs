//! Circuit breaker of a destination: while it is down, one attempt at a time asks whether it is back.

use jiff::{SignedDuration, Timestamp};

/// Failures in a row after which a destination counts as down.
const FAILURES: u32 = 5;

/// Between two attempts at a destination that is down.
const PROBE: SignedDuration = SignedDuration::from_secs(1);

/// The state of a destination.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    /// When the next attempt may be made, while it is down.
    probe: Option<Timestamp>,
}

impl Breaker {
    /// Whether the destination counts as down.
    pub fn is_down(&self) -> bool {
        self.probe.is_some()
    }

    /// How many attempts may be begun now.
    pub fn room(&self, now: Timestamp, parallel: usize) -> usize {
        match self.probe {
            None => parallel,
            // A clock that was set back must not keep it down.
            Some(probe) if now >= probe || probe.duration_since(now) > PROBE => 1,
            Some(_) => 0,
        }
    }

    /// Notes how an attempt ended; whether the destination has just gone down (`true`) or come back (`false`).
    pub fn note(&mut self, is_up: bool, now: Timestamp) -> Option<bool> {
        if is_up {
            self.failures = 0;
            return self.probe.take().map(|_| false);
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures < FAILURES {
            return None;
        }
        let was_down = self.probe.replace(now.checked_add(PROBE).unwrap_or(now)).is_some();
        (!was_down).then_some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn it_tells_once_that_it_is_down_and_once_that_it_is_back() {
        let mut breaker = Breaker::default();
        let told: Vec<_> = (0..20).filter_map(|_| breaker.note(false, at(0))).collect();
        assert_eq!(told, [true]);
        assert_eq!(breaker.note(true, at(1)), Some(false));
        assert_eq!(breaker.note(true, at(1)), None);
        assert_eq!(breaker.room(at(1), 8), 8);
    }

    #[test]
    fn while_it_is_down_one_attempt_asks() {
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            breaker.note(false, at(10));
        }
        assert_eq!(breaker.room(at(10), 8), 0);
        assert_eq!(breaker.room(at(11), 8), 1);
        // A clock that was set back by an hour.
        assert_eq!(breaker.room(at(10 - 3_600), 8), 1);
    }
}
