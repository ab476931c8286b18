//! Which proofs were used: each is taken once.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Key;
use crate::journal::Journal;

/// What a proof is known by: its key and its `jti`, hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProofKey([u8; 32]);

impl ProofKey {
    /// Of a proof that was verified.
    pub(super) fn of(key: &Key, jti: &str) -> Self {
        let text = format!("{}.{jti}", key.thumbprint());
        Self(Sha256::digest(text).into())
    }

    fn text(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// When a proof was made, until when it could be used again, and when it came; in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// `iat`
    pub made: i64,
    /// From then on it is too old.
    pub expires: i64,
    /// Now.
    pub now: i64,
}

/// What is known of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    /// It came for the first time.
    New,
    /// It was used before.
    Used,
    /// It was made before the gateway was started: whether it was used nobody knows.
    BeforeStart,
    /// It cannot be said now: it must not be taken.
    Unknown,
}

/// Keeps the proofs that were used for as long as they could be used again.
pub trait UsedProofs: Send + Sync + fmt::Debug {
    /// Remembers a proof.
    fn remember(&self, proof: ProofKey, seen: Seen) -> Pin<Box<dyn Future<Output = Remembered> + Send + '_>>;
}

/// Of one node: in memory, within a bound.
#[derive(Debug)]
pub struct InMemory {
    started: i64,
    skew: i64,
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    proofs: HashSet<ProofKey>,
    by_expiry: BTreeSet<(i64, ProofKey)>,
    /// The latest time that was seen: what had expired by then may be forgotten, and a clock that goes back does not make it new.
    latest: i64,
}

impl InMemory {
    /// Nothing was used yet. What was used before `started` is not known; the clocks of those who made it may be `skew_ms` ahead.
    pub fn new(started: Timestamp, skew_ms: i64, most: usize) -> Self {
        Self { started: started.as_millisecond(), skew: skew_ms, most, held: Mutex::default() }
    }

    fn judge(&self, proof: ProofKey, seen: Seen) -> Remembered {
        // Most clients write whole seconds: what bears that of the start can have been made after it.
        if seen.made.saturating_add(999) < self.started {
            return Remembered::BeforeStart;
        }
        // Who was ahead can have used it before the start: it is soon enough when it is made anew.
        if seen.made < self.started.saturating_add(self.skew) {
            return Remembered::Unknown;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.latest = held.latest.max(seen.now);
        if seen.expires < held.latest {
            return Remembered::Unknown;
        }
        while let Some((expires, old)) = held.by_expiry.first().copied()
            && expires < seen.now
        {
            held.by_expiry.pop_first();
            held.proofs.remove(&old);
        }
        // The fault that the tests of proofs must find.
        #[cfg(feature = "planted-faults")]
        if crate::planted::is_planted("no-replay-check") {
            return Remembered::New;
        }
        if held.proofs.contains(&proof) {
            return Remembered::Used;
        }
        // Forgetting one that can still be used would be worse than to refuse this one.
        if held.proofs.len() >= self.most {
            return Remembered::Unknown;
        }
        held.proofs.insert(proof);
        held.by_expiry.insert((seen.expires, proof));
        Remembered::New
    }
}

impl UsedProofs for InMemory {
    fn remember(&self, proof: ProofKey, seen: Seen) -> Pin<Box<dyn Future<Output = Remembered> + Send + '_>> {
        Box::pin(ready(self.judge(proof, seen)))
    }
}

/// Of many nodes: a table of the journal with a unique key.
impl UsedProofs for Arc<dyn Journal> {
    fn remember(&self, proof: ProofKey, seen: Seen) -> Pin<Box<dyn Future<Output = Remembered> + Send + '_>> {
        Box::pin(async move {
            let Ok(expires) = Timestamp::from_millisecond(seen.expires) else { return Remembered::Unknown };
            match self.remember_proof(proof.text(), expires).await {
                Ok(true) => Remembered::New,
                Ok(false) => Remembered::Used,
                Err(error) => {
                    tracing::warn!(error.code = %error.code(), "whether a proof was used cannot be asked");
                    Remembered::Unknown
                }
            }
        })
    }
}
