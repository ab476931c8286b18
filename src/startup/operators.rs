//! The log-in of operators, and the limits of callers, from the configuration.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use openidconnect::IssuerUrl;
use ring::rand::{SecureRandom, SystemRandom};

use super::invalid;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::domain::issue::Issue;
use crate::http::{LimitOptions, Limits};
use crate::operators::{ClientAuthentication, Levels, Operators, Options, ProviderOptions, Roles, is_safe};
use crate::outbound::{self, Client, Policy};

/// Time for one answer of the provider.
const PROVIDER_TIME: Duration = Duration::from_secs(10);

/// How operators log in; none where no issuer is configured. `bound` is where HTTP is served.
///
/// Errors: `config.*` with the name of the key.
pub fn operators(
    config: &Config,
    bound: SocketAddr,
    policy: &Arc<Policy>,
    clock: Arc<dyn Clock>,
) -> Result<Option<Arc<Operators>>, Issue> {
    let section = &config.operators;
    let Some(issuer) = &section.issuer else { return Ok(None) };
    let issuer = IssuerUrl::new(issuer.clone()).map_err(|_| invalid("operators.issuer", "is no URL"))?;
    if !is_safe(issuer.url()) {
        return Err(invalid("operators.issuer", "is neither https nor on this host"));
    }
    if section.client_id.is_empty() {
        return Err(invalid("operators.client_id", "is the name of the gateway at the provider"));
    }
    let roles = Roles {
        claim: section.role_claim.clone(),
        viewer: section.viewer.clone(),
        operator: section.operator.clone(),
        security: section.security.clone(),
    };
    if roles.viewer.is_empty() && roles.operator.is_empty() && roles.security.is_empty() {
        return Err(invalid("operators", "no value of the claim gives a role: nobody could log in"));
    }
    let authentication = match &section.client_secret_file {
        None => ClientAuthentication::None,
        Some(path) => ClientAuthentication::Secret(config::read_bounded(path)?.trim().to_owned()),
    };
    let key = config.secret()?.ok_or_else(|| invalid("ids.secret_file", "a service needs a secret of its own"))?;
    let options = outbound::Options { timeout: PROVIDER_TIME, ca: None, identity: None };
    let http = Client::new(&options, Arc::clone(policy)).map_err(|text| invalid("operators", text))?;
    let client_id = section.client_id.clone();
    let scopes = section.scopes.clone();
    let levels = Levels { claim: section.level_claim.clone(), accepted: section.levels.clone() };
    let random = SystemRandom::new();
    Ok(Some(Arc::new(Operators::new(Options {
        provider: ProviderOptions { issuer, client_id, authentication, scopes, roles, levels, key, http },
        base: base(config, bound)?,
        idle: SignedDuration::from_mins(section.idle_minutes.clamp(1, 1_440).into()),
        absolute: SignedDuration::from_hours(section.absolute_hours.clamp(1, 24).into()),
        clock,
        random: Box::new(move || {
            let mut bytes = [0; 32];
            random.fill(&mut bytes).ok().map(|()| bytes)
        }),
    }))))
}

/// Base of the addresses that browsers use. Beyond this host it has to be said: whoever calls may not say it.
fn base(config: &Config, bound: SocketAddr) -> Result<String, Issue> {
    const KEY: &str = "server.public_url";
    let scheme = if config.server.tls.is_some() { "https" } else { "http" };
    match &config.server.public_url {
        Some(url) => {
            let parsed = IssuerUrl::new(url.clone()).map_err(|_| invalid(KEY, "is no URL"))?;
            if !is_safe(parsed.url()) {
                return Err(invalid(KEY, "operators log in over https, or on this host"));
            }
            Ok(url.trim_end_matches('/').to_owned())
        }
        None if bound.ip().is_loopback() => Ok(format!("{scheme}://{bound}")),
        None => Err(invalid(KEY, "operators are sent back there by their provider")),
    }
}

/// How much anybody may ask; one body of the greatest size always has room.
pub fn limits(config: &Config, longest_body: usize) -> Limits {
    let section = &config.limits;
    let began = tokio::time::Instant::now();
    Limits::new(LimitOptions {
        requests_per_second: section.requests_per_second,
        burst: section.burst,
        failures_per_minute: section.failures_per_minute,
        body_memory: section.body_memory_bytes.max(longest_body),
        caller_memory: section.caller_memory_bytes.max(longest_body),
        trusted_proxies: section.trusted_proxies.clone(),
        // Not the clock of the day: one that is set back would hold everybody up.
        elapsed: Box::new(move || began.elapsed()),
    })
}
