//! How the trial system is asked for what is new.

use std::path::PathBuf;

use serde::Deserialize;

use super::outbound::Oauth;
use super::service::{Destination, DestinationKind};

/// `[trial]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trial {
    /// Base of the trial's FHIR server; left out: it is not asked, it writes.
    pub url: Option<String>,
    /// Seconds between two looks.
    pub poll_seconds: u64,
    /// Seconds that each look goes back before what was seen last: more than the trial's server needs to show what it stores.
    pub margin_seconds: u64,
    /// Seconds to wait for an answer.
    pub timeout_seconds: u32,
    /// Certificates of those who issue the server's certificate, PEM; left out: those of the system.
    pub ca_file: Option<PathBuf>,
    /// Client certificate chain and private key, PEM in one file.
    pub client_identity_file: Option<PathBuf>,
    /// File with a bearer secret.
    pub bearer_file: Option<PathBuf>,
    /// Access tokens in place of a bearer secret.
    pub oauth: Option<Oauth>,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            url: None,
            poll_seconds: 60,
            margin_seconds: 300,
            timeout_seconds: 10,
            ca_file: None,
            client_identity_file: None,
            bearer_file: None,
            oauth: None,
        }
    }
}

impl Trial {
    /// The server, as a destination is configured; none where it is not asked.
    pub fn server(&self) -> Option<Destination> {
        Some(Destination {
            name: "trial".to_owned(),
            kind: DestinationKind::default(),
            trust: None,
            url: self.url.clone()?,
            ca_file: self.ca_file.clone(),
            client_identity_file: self.client_identity_file.clone(),
            bearer_file: self.bearer_file.clone(),
            oauth: self.oauth.clone(),
            first_retry_seconds: 1,
            longest_retry_seconds: 1,
            timeout_seconds: self.timeout_seconds,
            parallel: 1,
        })
    }

    pub(super) fn paths(&mut self) -> Vec<&mut PathBuf> {
        let files = [&mut self.ca_file, &mut self.client_identity_file, &mut self.bearer_file];
        let mut paths: Vec<&mut PathBuf> = files.into_iter().flatten().collect();
        if let Some(oauth) = &mut self.oauth {
            paths.push(&mut oauth.key_file);
            paths.extend([&mut oauth.ca_file, &mut oauth.dpop_key_file].into_iter().flatten());
        }
        paths
    }
}
