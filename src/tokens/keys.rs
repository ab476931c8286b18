//! The keys of an issuer: found, kept, and found anew when they change.
//!
//! A name of a key that is not known makes the set be fetched, at most once in [`UNKNOWN`], since anybody can send such a name.
//! While the issuer cannot be reached, the keys that are known serve on for [`LONGEST`].

mod fetch;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Algorithm;
use openidconnect::url::Url;

use super::jwk::Key;
use crate::clock::Clock;
use crate::outbound::Client;

/// An address that keys can be fetched from: https, or on this host.
pub fn address(text: &str) -> Option<Url> {
    text.parse().ok().filter(fetch::is_protected)
}

/// Between two fetches for names that are not known, and after one that failed.
pub const UNKNOWN: SignedDuration = SignedDuration::from_secs(30);

/// Between two attempts while there is no key at all.
const EMPTY: SignedDuration = SignedDuration::from_secs(2);

/// How long a set is fresh: what its `Cache-Control` says, within these bounds; and where it says nothing.
const FRESH: (i64, i64) = (30, 3_600);
const FRESH_UNTOLD: i64 = 600;

/// How long keys serve while they cannot be fetched: a key that was withdrawn must not live on for ever.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// Keys of a set at most.
const KEYS: usize = 64;

/// Where the keys of an issuer are found.
#[derive(Debug, Clone)]
pub enum Source {
    /// By its discovery document (OpenID Connect Discovery 1.0).
    Discovery,
    /// At an address of the configuration.
    Url(Url),
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// The issuer has none of that name for that algorithm.
    #[error("the issuer has no such key")]
    Unknown,
    /// The issuer cannot be reached, and no key is known.
    #[error("the keys of the issuer cannot be fetched")]
    Unavailable,
}

/// The keys of one issuer.
pub struct KeySet {
    issuer: String,
    source: Source,
    client: Client,
    clock: Arc<dyn Clock>,
    held: RwLock<Held>,
    /// Whoever has it fetches.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Default)]
struct Held {
    keys: Arc<Vec<Key>>,
    fetched: Option<Timestamp>,
    fresh_until: Option<Timestamp>,
    tried: Option<Timestamp>,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeySet").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// The keys of a set that can have signed a token: those of its name, and all where it names none.
pub(super) fn select<'k>(keys: &'k [Key], kid: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &'k Key> {
    keys.iter().filter(move |key| key.allows(algorithm) && kid.is_none_or(|kid| key.kid() == Some(kid)))
}

/// A set without keys whose name another one has: which of them signed would be a guess.
fn without_doubles(mut keys: Vec<Key>) -> Vec<Key> {
    let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
    for kid in keys.iter().filter_map(Key::kid) {
        if !seen.insert(kid.to_owned()) {
            twice.insert(kid.to_owned());
        }
    }
    keys.retain(|key| key.kid().is_none_or(|kid| !twice.contains(kid)));
    keys.truncate(KEYS);
    keys
}

impl KeySet {
    /// The keys of an issuer; none is fetched yet.
    pub fn new(issuer: &str, source: Source, client: Client, clock: Arc<dyn Clock>) -> Self {
        let issuer = issuer.to_owned();
        Self { issuer, source, client, clock, held: RwLock::default(), fetching: tokio::sync::Mutex::default() }
    }

    /// The keys that can have signed a token.
    ///
    /// # Errors
    /// There are none, also after the set was fetched where that was due.
    pub async fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<Vec<Key>, NoKey> {
        let held = self.held();
        let found = self.usable(&held, kid, algorithm);
        let is_due = !found.is_empty() && !self.is_fresh(&held) && self.may_try(&held);
        if !found.is_empty() && !is_due {
            return Ok(found);
        }
        if found.is_empty() {
            // Those who ask for the same new key wait for the one who fetches it.
            let _fetching = self.fetching.lock().await;
            if held.tried == self.held().tried && self.may_try(&held) {
                self.fetch().await;
            }
        } else if let Ok(_fetching) = self.fetching.try_lock() {
            self.fetch().await;
        }
        let held = self.held();
        let found = self.usable(&held, kid, algorithm);
        match (found.is_empty(), self.is_too_old(&held)) {
            (false, _) => Ok(found),
            (true, true) => Err(NoKey::Unavailable),
            (true, false) => Err(NoKey::Unknown),
        }
    }

    /// Fetches the keys before anybody asks for them.
    pub async fn warm(&self) {
        let _fetching = self.fetching.lock().await;
        if self.held().fetched.is_none() {
            self.fetch().await;
        }
    }

    /// Whether the last fetch failed, or none was tried.
    pub fn is_stale(&self) -> bool {
        let held = self.held();
        held.fetched.is_none() || held.tried != held.fetched
    }

    fn held(&self) -> Held {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn usable(&self, held: &Held, kid: Option<&str>, algorithm: Algorithm) -> Vec<Key> {
        if self.is_too_old(held) {
            return Vec::new();
        }
        select(&held.keys, kid, algorithm).cloned().collect()
    }

    fn is_too_old(&self, held: &Held) -> bool {
        held.fetched.is_none_or(|fetched| self.clock.now().duration_since(fetched) > LONGEST)
    }

    fn is_fresh(&self, held: &Held) -> bool {
        held.fresh_until.is_some_and(|until| self.clock.now() < until)
    }

    fn may_try(&self, held: &Held) -> bool {
        let pause = if held.fetched.is_none() { EMPTY } else { UNKNOWN };
        // A clock that was set back must not stop it for as long.
        held.tried.is_none_or(|tried| self.clock.now().duration_since(tried).abs() >= pause)
    }

    async fn fetch(&self) {
        let now = self.clock.now();
        let fetched = fetch::fetch(&self.issuer, &self.source, &self.client).await;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.tried = Some(now);
        match fetched {
            Ok(set) => {
                let seconds = set.max_age.unwrap_or(FRESH_UNTOLD).clamp(FRESH.0, FRESH.1);
                held.keys = Arc::new(without_doubles(set.keys));
                held.fetched = Some(now);
                held.fresh_until = now.checked_add(SignedDuration::from_secs(seconds)).ok();
                tracing::info!(
                    issuer.url = self.issuer,
                    keys.count = held.keys.len(),
                    "keys of an issuer were fetched"
                );
            }
            Err(error) => {
                let error = error.to_string();
                tracing::warn!(issuer.url = self.issuer, error.text = error, "keys of an issuer cannot be fetched");
            }
        }
    }
}
