//! How persons who run the gateway log in, and how much anybody may ask of it.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

/// `[operators]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operators {
    /// Issuer of the provider, as it stands in the ID token; left out: nobody logs in.
    pub issuer: Option<String>,
    /// The gateway's name at the provider.
    pub client_id: String,
    /// File with the client secret; left out: a public client, with PKCE alone.
    pub client_secret_file: Option<PathBuf>,
    /// Scopes beside `openid`.
    pub scopes: Vec<String>,
    /// Claim of the ID token with the groups or roles of the person.
    pub role_claim: String,
    /// Its values for those who look.
    pub viewer: Vec<String>,
    /// Its values for those who act.
    pub operator: Vec<String>,
    /// Its values for security officers.
    pub security: Vec<String>,
    /// Claim of the ID token that says how the person logged in.
    pub level_claim: String,
    /// Its values that are enough; left out: it is not looked at.
    pub levels: Vec<String>,
    /// Minutes without a request after which a session ends.
    pub idle_minutes: u32,
    /// Hours after which a session ends in any case.
    pub absolute_hours: u32,
}

impl Default for Operators {
    fn default() -> Self {
        Self {
            issuer: None,
            client_id: String::new(),
            client_secret_file: None,
            scopes: Vec::new(),
            role_claim: "roles".to_owned(),
            viewer: Vec::new(),
            operator: Vec::new(),
            security: Vec::new(),
            level_claim: "acr".to_owned(),
            levels: Vec::new(),
            idle_minutes: 15,
            absolute_hours: 8,
        }
    }
}

/// `[limits]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests of one caller in a second, in the long run.
    pub requests_per_second: u32,
    /// Requests of one caller at once.
    pub burst: u32,
    /// Requests from one address that are refused as unknown, in a minute.
    pub failures_per_minute: u32,
    /// Bodies of all requests in memory, in bytes.
    pub body_memory_bytes: usize,
    /// Bodies of one caller in memory, in bytes.
    pub caller_memory_bytes: usize,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: 500,
            burst: 1_000,
            failures_per_minute: 30,
            body_memory_bytes: 512 << 20,
            caller_memory_bytes: 256 << 20,
            trusted_proxies: Vec::new(),
        }
    }
}
