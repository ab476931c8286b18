//! Wiring of access tokens: issuers, clients and how tokens are sent.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::invalid;
use crate::clock::Clock;
use crate::config::{self, Authorization, Config, Store};
use crate::domain::issue::Issue;
use crate::domain::moment::norwegian_day;
use crate::domain::org_number::OrgNumber;
use crate::identity::{Callers, Role};
use crate::outbound::{self, Client, Policy};
use crate::pipeline::intake::Intake;
use crate::redact::quote;
use crate::tokens::access::{Issuer, Profile};
use crate::tokens::dpop::{InMemory, Nonces, Proofs, UsedProofs};
use crate::tokens::keys::{KeySet, Source, address};
use crate::tokens::{self, ResourceServer, Scheme, provider};

/// Proofs that are remembered in memory at once; each for some seconds.
const PROOFS: usize = 200_000;

/// Time in which the keys of an issuer must have come.
const FETCH: Duration = Duration::from_secs(5);

/// What fetches the keys of issuers.
///
/// Errors: `config.invalid` where the certificates of the system cannot be read.
pub fn http_client(policy: &Arc<Policy>) -> Result<Client, Issue> {
    let options = outbound::Options { timeout: FETCH, ca: None, identity: None };
    Client::new(&options, Arc::clone(policy)).map_err(|text| invalid("issuer", text))
}

/// What verifies access tokens. Without issuers no token is one.
///
/// Errors: `config.invalid` with the name of the issuer or client.
pub fn resource_server(
    config: &Config,
    callers: &Callers,
    intake: &Intake,
    client: &Client,
) -> Result<ResourceServer, Issue> {
    let clock = Arc::clone(&intake.clock);
    let mut issuers: Vec<Issuer> = Vec::new();
    for section in &config.issuer {
        let wrong = |text: &str| invalid("issuer", &format!("{}: {text}", quote(&section.name)));
        let made = issuer(section, client, &clock).map_err(wrong)?;
        if issuers.iter().any(|other| other.name == made.name || other.url == made.url) {
            return Err(wrong("the name or the address stands twice"));
        }
        issuers.push(made);
    }
    let mut clients = HashMap::new();
    for section in &config.client {
        let wrong = |text: &str| invalid("client", &format!("{}: {text}", quote(&section.client_id)));
        let made = self::client(section, &issuers).map_err(wrong)?;
        if clients.insert((section.issuer.clone(), section.client_id.clone()), made).is_some() {
            return Err(wrong("the issuer and id stand twice"));
        }
    }
    let scheme = scheme(config, callers, intake)?;
    Ok(ResourceServer { scheme, issuers, clients, trusts: intake.referrals.trusts.clone(), clock })
}

fn issuer(section: &config::Issuer, client: &Client, clock: &Arc<dyn Clock>) -> Result<Issuer, &'static str> {
    let profile = Profile::parse(&section.profile).ok_or("the profile is neither helseid nor smart")?;
    if section.audience.is_empty() {
        return Err("no audience");
    }
    let algorithms = match &section.algorithms {
        None => provider::ALGORITHMS.to_vec(),
        Some(names) => {
            let known = names.iter().map(|name| provider::parse(name)).collect::<Option<Vec<_>>>();
            known.filter(|known| !known.is_empty()).ok_or("algorithms names none, or one that is not RS, PS or ES")?
        }
    };
    let takes_jwt = match section.typ.as_deref() {
        None | Some("at+jwt") => false,
        Some("JWT") => true,
        Some(_) => return Err("typ is neither at+jwt nor JWT"),
    };
    const ADDRESS: &str = "an address is neither https nor on this host";
    address(&section.url).ok_or(ADDRESS)?;
    let source = match &section.jwks_url {
        None => Source::Discovery,
        Some(url) => Source::Url(address(url).ok_or(ADDRESS)?),
    };
    Ok(Issuer {
        name: section.name.clone(),
        url: section.url.clone(),
        profile,
        audience: section.audience.clone(),
        algorithms,
        takes_jwt,
        scope_prefix: section.scope_prefix.clone().unwrap_or_else(|| format!("{}/", section.audience)),
        minimum_security_level: section.minimum_security_level,
        keys: KeySet::new(&section.url, source, client.clone(), Arc::clone(clock)),
    })
}

fn client(section: &config::Client, issuers: &[Issuer]) -> Result<tokens::Client, &'static str> {
    let issuer = issuers.iter().find(|issuer| issuer.name == section.issuer).ok_or("no [[issuer]] has this name")?;
    let role = Role::parse(&section.role).ok_or("no such role")?;
    let names_organisation = issuer.profile == Profile::HelseId && role == Role::Trust;
    match &section.organisation {
        None if !names_organisation => return Err("no organisation, and its tokens name none"),
        Some(number) if role == Role::Trust && OrgNumber::parse(number).is_err() => {
            return Err("the organisation of a trust is no organisation number");
        }
        _ => {}
    }
    if section.suppliers.iter().any(|number| OrgNumber::parse(number).is_err()) {
        return Err("suppliers names one that is no organisation number");
    }
    if issuer.profile == Profile::Smart && !section.suppliers.is_empty() {
        return Err("suppliers are named in tokens of HelseID only");
    }
    Ok(tokens::Client { role, organisation: section.organisation.clone(), suppliers: section.suppliers.clone() })
}

/// Whether everybody who calls for a trust has the number of one today: else it would call for nobody, or for one that is gone.
///
/// Errors: `config.invalid` with the name of the caller or client.
pub fn check_trusts(config: &Config, intake: &Intake) -> Result<(), Issue> {
    let today = norwegian_day(intake.clock.now());
    let is_trust = |number: &str| {
        let number = OrgNumber::parse(number).ok();
        number.is_some_and(|number| intake.referrals.trusts.tenancy(&number, today).is_some())
    };
    let of_trust = |role: &str| Role::parse(role) == Some(Role::Trust);
    let callers = config.caller.iter().filter(|caller| of_trust(&caller.role));
    let callers = callers.map(|caller| ("caller", &caller.name, Some(&caller.organisation)));
    let clients = config.client.iter().filter(|client| of_trust(&client.role));
    let clients = clients.map(|client| ("client", &client.client_id, client.organisation.as_ref()));
    for (place, name, number) in callers.chain(clients) {
        if number.is_some_and(|number| !is_trust(number)) {
            let text = "the organisation is the legal entity of no trust of trusts.toml today";
            return Err(invalid(place, &format!("{}: {text}", quote(name))));
        }
    }
    Ok(())
}

fn scheme(config: &Config, callers: &Callers, intake: &Intake) -> Result<Scheme, Issue> {
    const KEY: &str = "server.authorization";
    if config.server.authorization == Authorization::Bearer {
        return Ok(Scheme::Bearer);
    }
    if callers.have_secrets() {
        return Err(invalid(KEY, "with dpop no caller can have a secret_file"));
    }
    let missing = || invalid("server.public_url", "proofs name the address that callers use: with dpop it is needed");
    let public_url = config.server.public_url.as_deref().ok_or_else(missing)?.trim_end_matches('/');
    if address(public_url).is_none_or(|url| url.query().is_some() || url.fragment().is_some()) {
        return Err(invalid("server.public_url", "neither https nor on this host, or with a query"));
    }
    let nonces = match (config.server.dpop_nonce, config.secret()?) {
        (true, Some(secret)) => Nonces::new(&secret),
        _ => None,
    };
    if config.server.dpop_nonce && nonces.is_none() {
        return Err(invalid("server.dpop_nonce", "nonces need ids.secret_file"));
    }
    let skew_ms = i64::from(config.server.dpop_skew_seconds.min(60)) * 1_000;
    let used: Arc<dyn UsedProofs> = match config.journal.store {
        Store::Sqlite => Arc::new(InMemory::new(intake.clock.now(), skew_ms, PROOFS)),
        Store::Postgres => Arc::new(Arc::clone(&intake.journal)),
    };
    let validity_ms = i64::from(config.server.dpop_validity_seconds.clamp(1, 300)) * 1_000;
    Ok(Scheme::Dpop(Box::new(Proofs { public_url: public_url.to_owned(), validity_ms, skew_ms, nonces, used })))
}
