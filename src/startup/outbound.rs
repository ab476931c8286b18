//! Wiring of what goes out: where requests may go, and a worker for each destination.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Url;
use tokio::sync::Notify;

use super::invalid;
use crate::clock::Clock;
use crate::config::{self, Config, DestinationKind};
use crate::delivery::{Schedule, Worker};
use crate::destinations::Destination;
use crate::destinations::fhir_server::{FhirServer, Options as FhirOptions};
use crate::destinations::mllp::{Mllp, Options as MllpOptions};
use crate::destinations::xml_endpoint::XmlEndpoint;
use crate::domain::ids::Face;
use crate::domain::issue::Issue;
use crate::outbound::grant::{Grant, Options as GrantOptions, Outside, Source};
use crate::outbound::signing::{Algorithm, KeyFile, SigningKey};
use crate::outbound::{self, Client, Policy};
use crate::pipeline::intake::Intake;
use crate::redact::quote;

/// Where requests may go: to what the configuration names.
///
/// Errors: `config.invalid` for what is no URL, no HTTPS beyond this host, or a network that is nobody's own.
pub fn policy(config: &Config) -> Result<Arc<Policy>, Issue> {
    let mut policy = Policy::default();
    for network in &config.outbound.private {
        policy.allow_private(network).map_err(|text| invalid("outbound.private", text))?;
    }
    let mut allow = |key: &str, text: &str, name: &str| {
        let wrong = |why: &str| invalid(key, &format!("{}: {why}", quote(name)));
        let url = Url::parse(text).map_err(|_| wrong("no URL"))?;
        policy.allow(&url).map_err(|refusal| wrong(&refusal.to_string()))
    };
    for url in &config.outbound.allow {
        allow("outbound.allow", url, url)?;
    }
    let trial = config.trial.server();
    for destination in config.destination.iter().chain(&trial) {
        allow("destination.url", &destination.url, &destination.name)?;
        let oauth = destination.oauth.iter().flat_map(|oauth| oauth.issuer.iter().chain(&oauth.token_url));
        for url in oauth {
            allow("destination.oauth", url, &destination.name)?;
        }
    }
    for organisation in &config.subscriptions.organisation {
        for url in &organisation.endpoints {
            allow("subscriptions.organisation", url, &organisation.number)?;
        }
    }
    for issuer in &config.issuer {
        for url in [&issuer.url].into_iter().chain(&issuer.jwks_url) {
            allow("issuer", url, &issuer.name)?;
        }
    }
    if let Some(url) = &config.operators.issuer {
        allow("operators.issuer", url, url)?;
    }
    Ok(Arc::new(policy))
}

/// A worker for each destination.
///
/// Errors: `config.*` with the name of the destination.
pub fn workers(config: &Config, intake: &Arc<Intake>, policy: &Arc<Policy>) -> Result<Vec<Arc<Worker>>, Issue> {
    let worker = |destination: &config::Destination| {
        let (client, longest) = client(destination, (policy, &intake.clock))?;
        let lease = SignedDuration::try_from(longest * 2).unwrap_or(SignedDuration::from_secs(60));
        Ok(Arc::new(Worker {
            name: destination.name.clone(),
            destination: client,
            needs_consent: intake.routing.faces(&destination.name).any(|face| face == Face::Pseudonymous),
            schedule: Schedule {
                first: Duration::from_secs(destination.first_retry_seconds.max(1).into()),
                longest: Duration::from_secs(destination.longest_retry_seconds.max(1).into()),
            },
            parallel: usize::try_from(destination.parallel.clamp(1, 256)).unwrap_or(1),
            lease: lease + SignedDuration::from_secs(5),
            journal: Arc::clone(&intake.journal),
            clock: Arc::clone(&intake.clock),
            wake: Arc::new(Notify::new()),
            random: fraction,
        }))
    };
    config.destination.iter().map(worker).collect()
}

/// How a server is reached.
pub(super) fn reached(
    destination: &config::Destination,
    policy: &Arc<Policy>,
    clock: &Arc<dyn Clock>,
) -> Result<FhirOptions, Issue> {
    let read = |path: &Option<std::path::PathBuf>| path.as_deref().map(config::read_bounded).transpose();
    let timeout = Duration::from_secs(destination.timeout_seconds.clamp(1, 600).into());
    Ok(FhirOptions {
        url: destination.url.clone(),
        timeout,
        ca: read(&destination.ca_file)?.map(String::into_bytes),
        identity: read(&destination.client_identity_file)?.map(String::into_bytes),
        bearer: read(&destination.bearer_file)?,
        grant: grant(destination, timeout, (policy, clock))?,
    })
}

/// How a destination is reached, and the longest time of an attempt.
fn client(
    destination: &config::Destination,
    (policy, clock): (&Arc<Policy>, &Arc<dyn Clock>),
) -> Result<(Arc<dyn Destination>, Duration), Issue> {
    let read = |path: &Option<std::path::PathBuf>| path.as_deref().map(config::read_bounded).transpose();
    let wrong = |text: &str| invalid("destination", &format!("{}: {text}", quote(&destination.name)));
    let timeout = Duration::from_secs(destination.timeout_seconds.clamp(1, 600).into());
    let ca = read(&destination.ca_file)?.map(String::into_bytes);
    let identity = read(&destination.client_identity_file)?.map(String::into_bytes);
    let url = destination.url.clone();
    let is_mllp = ["mllp:", "mllps:"].iter().any(|scheme| url.starts_with(scheme));
    if is_mllp != (destination.kind == DestinationKind::StatusHl7v2) {
        return Err(wrong("url is of another kind of destination"));
    }
    if is_mllp {
        if destination.bearer_file.is_some() || destination.oauth.is_some() {
            return Err(wrong("MLLP has client certificates and neither bearer_file nor oauth"));
        }
        let receiver = Mllp::new(&MllpOptions { url, timeout, ca, identity }, policy).map_err(wrong)?;
        let longest = receiver.longest();
        return Ok((Arc::new(receiver), longest));
    }
    let bearer = read(&destination.bearer_file)?;
    let options =
        FhirOptions { url, timeout, ca, identity, bearer, grant: grant(destination, timeout, (policy, clock))? };
    if destination.kind == DestinationKind::StatusXml {
        let endpoint = XmlEndpoint::new(options, policy).map_err(wrong)?;
        let longest = endpoint.longest();
        return Ok((Arc::new(endpoint), longest));
    }
    let server = FhirServer::new(options, policy).map_err(wrong)?;
    let longest = server.longest();
    Ok((Arc::new(server), longest))
}

/// The access tokens of a destination; none where it wants none.
fn grant(
    destination: &config::Destination,
    timeout: Duration,
    (policy, clock): (&Arc<Policy>, &Arc<dyn Clock>),
) -> Result<Option<Grant>, Issue> {
    let Some(oauth) = &destination.oauth else { return Ok(None) };
    let wrong = |text: &str| invalid("destination.oauth", &format!("{}: {text}", quote(&destination.name)));
    if destination.bearer_file.is_some() {
        return Err(wrong("bearer_file and oauth exclude each other"));
    }
    let (source, audience) = match (&oauth.issuer, &oauth.token_url) {
        (Some(issuer), None) => (Source::Issuer(issuer.clone()), issuer),
        (None, Some(url)) => (Source::TokenUrl(Url::parse(url).map_err(|_| wrong("token_url is no URL"))?), url),
        _ => return Err(wrong("either issuer or token_url")),
    };
    let algorithm = Algorithm::parse(&oauth.algorithm).ok_or_else(|| wrong("no such algorithm"))?;
    let key = KeyFile::open(oauth.key_file.clone(), algorithm);
    let bound_to = match (&oauth.dpop_key_file, oauth.dpop) {
        (None, false) => None,
        (None, true) => Some(SigningKey::generate().map_err(|error| wrong(&error.to_string()))?),
        (Some(path), true) => {
            let pem = config::read_bounded(path)?;
            let key = SigningKey::from_pem(Algorithm::Es256, pem.as_bytes());
            Some(key.map_err(|error| wrong(&format!("dpop_key_file: {error}")))?)
        }
        (Some(_), false) => return Err(wrong("dpop_key_file without dpop")),
    };
    let options = GrantOptions {
        source,
        client_id: oauth.client_id.clone(),
        key: key.map_err(|error| wrong(&format!("key_file: {error}")))?,
        key_id: oauth.key_id.clone(),
        scope: oauth.scope.clone(),
        audience: oauth.audience.as_ref().unwrap_or(audience).clone(),
        bound_to,
    };
    let ca = oauth.ca_file.as_deref().map(config::read_bounded).transpose()?.map(String::into_bytes);
    // The certificate of the destination is shown to the destination alone.
    let http = outbound::Options { timeout, ca, identity: None };
    let client = Client::new(&http, Arc::clone(policy)).map_err(wrong)?;
    let outside = Outside { clock: Arc::clone(clock), new_id: || uuid::Uuid::new_v4().to_string() };
    Ok(Some(Grant::new(options, client, outside)))
}

/// A random fraction of 1.
pub(super) fn fraction() -> f64 {
    let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
    // The first 32 bits: the version stands after them.
    f64::from(u32::try_from(high >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
