//! Wiring of subscriptions.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Url;
use tokio::sync::Notify;

use super::invalid;
use super::outbound::fraction;
use crate::config::{self, Config};
use crate::delivery::Schedule;
use crate::domain::issue::Issue;
use crate::fhir::systems::CANONICAL_BASE;
use crate::http::Subscribing;
use crate::outbound::{self, Client, Policy};
use crate::pipeline::intake::Intake;
use crate::redact::quote;
use crate::subscriptions::notifier::Notifier;
use crate::subscriptions::waiting::{Pace, Places, Waiting};
use crate::subscriptions::{Allowed, Settings};

/// Requests that wait for events at once, of all organisations.
const WAITING: usize = 256;

/// How often they look. Another node's commits are found by the longest.
const PACE: Pace = Pace { shortest: Duration::from_millis(200), longest: Duration::from_secs(2) };

/// What handlers of subscriptions use, and what calls endpoints; `bound` is where the gateway listens.
///
/// Errors: `config.*`.
pub fn wire(
    config: &Config,
    intake: &Arc<Intake>,
    (bound, policy): (SocketAddr, &Arc<Policy>),
) -> Result<(Subscribing, Arc<Notifier>), Issue> {
    let scheme = if config.server.tls.is_some() { "https" } else { "http" };
    let base = config.server.public_url.clone().unwrap_or_else(|| format!("{scheme}://{bound}"));
    let settings = settings(config, &base)?;
    let notifier = notifier(config, (intake, &settings), policy)?;
    let of_one = usize::try_from(config.subscriptions.most_waiting).unwrap_or(WAITING);
    let waiting = Arc::new(Waiting::new(Places { all: WAITING, of_one }, PACE));
    Ok((Subscribing { settings, wake: Arc::clone(&notifier.wake), waiting }, notifier))
}

/// What subscriptions may be. `base` is what callers name the gateway.
///
/// Errors: `config.invalid` for an endpoint that is no URL, or an organisation that stands twice.
fn settings(config: &Config, base: &str) -> Result<Arc<Settings>, Issue> {
    let section = &config.subscriptions;
    let mut organisations = BTreeMap::new();
    for organisation in &section.organisation {
        let wrong =
            |text: &str| invalid("subscriptions.organisation", &format!("{}: {text}", quote(&organisation.number)));
        let endpoints = organisation.endpoints.iter().map(|endpoint| Url::parse(endpoint));
        let endpoints = endpoints.collect::<Result<_, _>>().map_err(|_| wrong("an endpoint is no URL"))?;
        let allowed = Allowed { endpoints, full_resource: organisation.full_resource };
        if organisations.insert(organisation.number.clone(), allowed).is_some() {
            return Err(wrong("stands twice"));
        }
    }
    let days = |days: u32| SignedDuration::from_hours(i64::from(days.clamp(1, 3_660)) * 24);
    let canonical = config.mappings.canonical_base.as_deref().unwrap_or(CANONICAL_BASE);
    Ok(Arc::new(Settings {
        base: format!("{}/fhir", base.trim_end_matches('/')),
        canonical: canonical.trim_end_matches('/').to_owned(),
        organisations,
        most: section.most.into(),
        longest: days(section.longest_days),
        shortest_heartbeat: section.shortest_heartbeat_seconds.max(1),
        longest_wait: Duration::from_secs(section.longest_wait_seconds.min(300).into()),
        retention: days(section.retention_days),
    }))
}

/// What calls endpoints.
///
/// Errors: `config.*`.
fn notifier(
    config: &Config,
    (intake, settings): (&Arc<Intake>, &Arc<Settings>),
    policy: &Arc<Policy>,
) -> Result<Arc<Notifier>, Issue> {
    let section = &config.subscriptions;
    let ca = section.ca_file.as_deref().map(config::read_bounded).transpose()?.map(String::into_bytes);
    // Each request has a time of its own, and none a longer one.
    let http = outbound::Options { timeout: Duration::from_secs(60), ca, identity: None };
    let client = Client::new(&http, Arc::clone(policy)).map_err(|text| invalid("subscriptions", text))?;
    Ok(Arc::new(Notifier {
        intake: Arc::clone(intake),
        settings: Arc::clone(settings),
        client,
        schedule: Schedule {
            first: Duration::from_secs(section.first_retry_seconds.max(1).into()),
            longest: Duration::from_secs(section.longest_retry_seconds.max(1).into()),
        },
        attempts: section.attempts.max(1).into(),
        parallel: usize::try_from(section.parallel.clamp(1, 1_024)).unwrap_or(1),
        wake: Arc::new(Notify::new()),
        random: fraction,
        new_id: || uuid::Uuid::new_v4().to_string(),
    }))
}
