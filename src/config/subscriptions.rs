//! What may be subscribed to, and where notifications go.

use std::path::PathBuf;

use serde::Deserialize;

/// `[subscriptions]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subscriptions {
    /// Subscriptions of one organisation.
    pub most: u32,
    /// Days that the end of a subscription may be away.
    pub longest_days: u32,
    /// Days that events are kept.
    pub retention_days: u32,
    /// Seconds between two signs of life at least.
    pub shortest_heartbeat_seconds: u32,
    /// Seconds that a request may wait for events at most.
    pub longest_wait_seconds: u32,
    /// Requests of one organisation that may wait for events at once.
    pub most_waiting: u32,
    /// Seconds before the first repetition; doubled each time.
    pub first_retry_seconds: u32,
    /// Most seconds between two attempts.
    pub longest_retry_seconds: u32,
    /// Attempts after which a subscription is in error.
    pub attempts: u32,
    /// Endpoints that are called at once.
    pub parallel: u32,
    /// Certificates of those who issue the certificates of endpoints, PEM; left out: those of the system.
    pub ca_file: Option<PathBuf>,
    /// What organisations may; one that is not listed may subscribe without an endpoint.
    pub organisation: Vec<Organisation>,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self {
            most: 20,
            longest_days: 366,
            retention_days: 90,
            shortest_heartbeat_seconds: 60,
            longest_wait_seconds: 30,
            most_waiting: 8,
            first_retry_seconds: 1,
            longest_retry_seconds: 300,
            attempts: 100,
            parallel: 64,
            ca_file: None,
            organisation: Vec::new(),
        }
    }
}

/// `[[subscriptions.organisation]]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Organisation {
    /// Organisation number, as the caller's.
    pub number: String,
    /// What its endpoints begin with.
    pub endpoints: Vec<String>,
    /// Whether notifications may hold resources.
    pub full_resource: bool,
}
