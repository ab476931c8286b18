//! Topic subscriptions: Subscriptions R5 Backport 1.1.0 in R4.
//!
//! ```text
//! Subscription -> definition -> journal <- commit of a resource: event with the next number, in the same transaction
//!                                  |
//!                                  '-> notifier -> endpoint      ($status and $events read the same rows)
//! ```
//!
//! What may be seen is decided when an event is made and again when it is told: what is no longer visible keeps its number and
//! shows nothing else.

pub mod bundle;
mod channel;
pub mod definition;
mod filter;
pub mod look;
pub mod notifier;
pub mod waiting;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Url;

/// What subscriptions may be.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base of the FHIR API, as subscribers name it; without a slash at its end.
    pub base: String,
    /// Base of the canonicals of topics.
    pub canonical: String,
    /// What each organisation may, by its number; who is not listed may subscribe without an endpoint.
    pub organisations: BTreeMap<String, Allowed>,
    /// Subscriptions of one organisation.
    pub most: i64,
    /// How far the end may be.
    pub longest: SignedDuration,
    /// Seconds between two signs of life at least.
    pub shortest_heartbeat: u32,
    /// How long a request may wait for events.
    pub longest_wait: Duration,
    /// How long events are kept.
    pub retention: SignedDuration,
}

/// What an organisation may.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// What its endpoints begin with.
    pub endpoints: Vec<Url>,
    /// Whether notifications may hold resources.
    pub full_resource: bool,
}

impl Settings {
    /// Whether resources in full may be told to an organisation.
    pub fn may_have_resources(&self, organisation: &str) -> bool {
        self.organisations.get(organisation).is_some_and(|allowed| allowed.full_resource)
    }

    /// The endpoint, where the organisation may have it: what is still configured is asked before each request, too.
    pub fn endpoint(&self, organisation: &str, endpoint: &str) -> Option<Url> {
        let allowed = self.organisations.get(organisation)?;
        Url::parse(endpoint).ok().filter(|url| channel::is_below(url, &allowed.endpoints))
    }
}
