//! Log-ins that have begun and wait for the provider's answer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::Fingerprint;

/// How long a person may take at the provider.
const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// Log-ins that can wait at once; the oldest one gives way.
const MOST: usize = 1_000;

/// A log-in that has begun.
pub(super) struct Attempt {
    /// The browser that began it.
    pub(super) browser: Fingerprint,
    /// What the ID token must repeat.
    pub(super) nonce: String,
    /// Proof to the provider that the code was ours to ask for (RFC 7636).
    pub(super) verifier: String,
    /// Where the person goes afterwards.
    pub(super) return_to: String,
}

/// The log-ins that wait, by the hash of their state.
#[derive(Default)]
pub(super) struct Attempts(Mutex<HashMap<Fingerprint, (Timestamp, Attempt)>>);

impl Attempts {
    pub(super) fn add(&self, state: Fingerprint, attempt: Attempt, now: Timestamp) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() >= MOST {
            attempts.retain(|_, (begun, _)| now.duration_since(*begun) < LASTS);
        }
        if attempts.len() >= MOST
            && let Some(oldest) = attempts.iter().min_by_key(|(_, (begun, _))| *begun).map(|(state, _)| *state)
        {
            attempts.remove(&oldest);
        }
        attempts.insert(state, (now, attempt));
    }

    /// Takes an attempt away: an answer is used once.
    pub(super) fn take(&self, state: &Fingerprint, now: Timestamp) -> Option<Attempt> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (begun, attempt) = attempts.remove(state)?;
        (now.duration_since(begun) < LASTS).then_some(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt() -> Attempt {
        Attempt { browser: [0; 32], nonce: String::new(), verifier: String::new(), return_to: String::new() }
    }

    fn state(number: u16) -> Fingerprint {
        let mut state = [0; 32];
        state[..2].copy_from_slice(&number.to_be_bytes());
        state
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn an_answer_is_used_once_and_in_time() {
        let attempts = Attempts::default();
        attempts.add(state(1), attempt(), at(0));
        attempts.add(state(2), attempt(), at(0));
        assert!(attempts.take(&state(1), at(599)).is_some());
        assert!(attempts.take(&state(1), at(599)).is_none());
        assert!(attempts.take(&state(2), at(600)).is_none());
        assert!(attempts.take(&state(3), at(0)).is_none());
    }

    #[test]
    fn so_many_wait_and_the_oldest_gives_way() {
        let attempts = Attempts::default();
        for number in 0..1_001 {
            attempts.add(state(number), attempt(), at(i64::from(number) / 10));
        }
        assert_eq!(attempts.0.lock().unwrap().len(), 1_000);
        assert!(attempts.take(&state(1_000), at(101)).is_some());
        // Those that are too old go first.
        attempts.add(state(2_000), attempt(), at(800));
        attempts.add(state(2_001), attempt(), at(800));
        assert_eq!(attempts.0.lock().unwrap().len(), 2);
    }
}
