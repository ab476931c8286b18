//! Wiring of the service: everything that `serve` and the commands on the journal need, checked before anything is taken.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::{self, Config, ReportRelease, Store};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::http::{Disk, TlsFiles};
use crate::identity::{Callers, Credential, Role};
use crate::journal::postgres::{self, PostgresJournal};
use crate::journal::sqlite::{self, SqliteJournal};
use crate::journal::{AuditKey, Filter, Journal, JournalError};
use crate::pipeline::intake::{ArchiveLimits, Intake, Reports, Sealer, SealerError};
use crate::redact::quote;
use crate::release;
use crate::routing::Routing;

/// Archives that are translated at once; each can take the memory that a run folder needs.
const ARCHIVES: usize = 2;

/// Messages among which an original is looked for, to try the key on.
const NEWEST: i64 = 100;

const ROUTING: &str = include_str!("../../mappings/routing.toml");

/// Opens the journal.
///
/// Errors: `config.*`, `journal.*`.
pub async fn journal(config: &Config) -> Result<Arc<dyn Journal>, Issue> {
    let issue = |error: JournalError| error.issue();
    // Without it, what this program appends to the audit trail would not be signed.
    let secret = config.secret()?.ok_or_else(|| invalid("ids.secret_file", "a service needs a secret of its own"))?;
    let key = AuditKey::new(&secret);
    match config.journal.store {
        Store::Sqlite => {
            let path = sqlite_path(config)?;
            Ok(Arc::new(SqliteJournal::open(sqlite::Options { key, ..sqlite::Options::new(path) }).map_err(issue)?))
        }
        Store::Postgres => {
            let missing = || invalid("journal.connection_file", "PostgreSQL needs a file with a connection string");
            let path = config.journal.connection_file.as_deref().ok_or_else(missing)?;
            let connection = config::read_bounded(path)?;
            let ca = config.journal.ca_file.as_deref().map(config::read_bounded).transpose()?.map(String::into_bytes);
            let options = postgres::Options { ca, key, ..postgres::Options::new(connection.trim()) };
            Ok(Arc::new(PostgresJournal::open(options).await.map_err(issue)?))
        }
    }
}

/// The file of the SQLite store.
///
/// Errors: `config.invalid` where none is named.
pub fn sqlite_path(config: &Config) -> Result<&Path, Issue> {
    config.journal.path.as_deref().ok_or_else(|| invalid("journal.path", "SQLite needs a file"))
}

/// What takes messages.
///
/// Errors: all `config.*` and `mapping.*` issues; the demo secret is refused, since anybody could recompute the ids.
pub fn intake(config: &Config, journal: Arc<dyn Journal>, clock: Arc<dyn Clock>) -> Result<Arc<Intake>, Vec<Issue>> {
    let one = |issue: Issue| vec![issue];
    if config.ids.secret_file.is_none() {
        return Err(one(invalid("ids.secret_file", "a service needs a secret of its own")));
    }
    let referrals = super::load_referrals(config)?;
    if referrals.demo_secret {
        return Err(one(invalid("ids.secret_file", "the secret of demonstrations is public: a service needs its own")));
    }
    let routing = routing(config).map_err(one)?;
    let destinations: Vec<String> = config.destination.iter().map(|destination| destination.name.clone()).collect();
    let names: BTreeSet<&String> = destinations.iter().collect();
    if names.len() < destinations.len() {
        return Err(one(invalid("destination.name", "a name stands twice")));
    }
    let status = super::status::status_out(config, &referrals.trusts).map_err(one)?;
    // What tells the status of referrals gets nothing by rules.
    let is_status = |name: &String| status.destinations.iter().any(|destination| destination.name == *name);
    if let Some(name) = routing.destinations().map(str::to_owned).find(is_status) {
        let text = format!("{}: a rule of routing.toml sends FHIR there", crate::redact::quote(&name));
        return Err(one(invalid("destination.kind", &text)));
    }
    let destinations = destinations.into_iter().filter(|name| !is_status(name)).collect();
    let sealer = match &config.journal.encryption_key_file {
        None => Sealer::plain(),
        Some(path) => {
            let key = config::read_bounded(path).map_err(one)?;
            let wrong = |_| one(invalid("journal.encryption_key_file", "the key is not 64 hexadecimal digits"));
            Sealer::with_key(&key).map_err(wrong)?
        }
    };
    let reports = Reports {
        gateway: super::load(config)?,
        scratch: std::env::temp_dir(),
        limits: ArchiveLimits::default(),
        slots: tokio::sync::Semaphore::new(ARCHIVES),
    };
    let release = match config.release.reports {
        ReportRelease::Final => release::Rule::Final,
        ReportRelease::Preliminary => release::Rule::Preliminary,
    };
    let wake = Arc::new(Notify::new());
    journal.see_by(Arc::new(referrals.trusts.clone()));
    Ok(Arc::new(Intake {
        referrals,
        reports,
        journal,
        routing,
        release,
        grants_receivers: config.care_chain.receivers,
        destinations,
        status,
        clock,
        sealer,
        wake,
    }))
}

/// Whether the journal is one of this deployment's secrets, before anything is written with others: the audit trail is signed
/// with one, and the newest original can be opened with the other.
///
/// Errors: `config.invalid` for another key, or none; `journal.*`.
pub async fn check_key(intake: &Intake) -> Result<(), Issue> {
    let issue = |error: JournalError| error.issue();
    if intake.journal.audit_heads().await.map_err(issue)?.iter().any(|head| head.is_others) {
        let text = "the audit trail of the journal is signed with another secret than this one";
        return Err(invalid("ids.secret_file", text));
    }
    let newest = Filter { limit: NEWEST, ..Filter::default() };
    for row in intake.journal.messages(newest).await.map_err(issue)? {
        // Of a message that was purged there is none.
        if let Some(stored) = intake.journal.original(row.id.clone()).await.map_err(issue)? {
            let wrong = |_| {
                let text = "what the journal holds was encrypted with another key than this one, or there is no key";
                invalid("journal.encryption_key_file", text)
            };
            match intake.sealer.open(&row.id, &stored) {
                // Says nothing of the key, and holds nobody but whoever reads it.
                Err(SealerError::Damaged) => {}
                opened => return opened.map(|_| ()).map_err(wrong),
            }
        }
    }
    Ok(())
}

/// The disk that readiness looks at; none where the journal is on another host.
pub fn disk(config: &Config) -> Option<Disk> {
    let path = config.journal.path.as_deref().filter(|_| config.journal.store == Store::Sqlite)?;
    // A file without a folder in its name is in the working folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(Disk { folder: folder.to_owned(), free_bytes: config.journal.free_bytes })
}

fn routing(config: &Config) -> Result<Routing, Issue> {
    let text = super::table(config.mappings.directory.as_deref(), "routing.toml", ROUTING)?;
    Routing::parse(&text)
        .map_err(|text| Issue::new(IssueCode::MappingTableInvalid, Location::file(&"routing.toml".into()), text))
}

/// Who may call.
///
/// Errors: `config.invalid` with the name of the caller.
pub fn callers(config: &Config) -> Result<Callers, Issue> {
    let mut callers = Callers::default();
    for caller in &config.caller {
        let wrong = |text: &str| invalid("caller", &format!("{}: {text}", quote(&caller.name)));
        let role = Role::parse(&caller.role).ok_or_else(|| wrong("no such role"))?;
        let credential = match (&caller.secret_file, &caller.certificate_sha256, &caller.certificate_name) {
            (Some(path), None, None) => Some(Credential::Secret(config::read_bounded(path)?.trim().to_owned())),
            (None, Some(digits), None) => {
                Some(Credential::certificate(digits).ok_or_else(|| wrong("certificate_sha256 is no SHA-256"))?)
            }
            (None, None, Some(name)) => Some(Credential::CertificateName(name.clone())),
            (None, None, None) => None,
            _ => return Err(wrong("secret_file, certificate_sha256 and certificate_name exclude each other")),
        };
        callers.add((&caller.name, &caller.organisation, role), credential).map_err(wrong)?;
    }
    Ok(callers)
}

/// The address to listen on.
///
/// Errors: `config.invalid` for no address, or one beyond this host without TLS or without anybody to recognise.
pub fn address(key: &str, listen: &str, has_tls: bool, has_callers: bool) -> Result<SocketAddr, Issue> {
    let address: SocketAddr =
        listen.parse().map_err(|_| invalid(key, "no address and port, such as 127.0.0.1:8080"))?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    if !has_tls {
        return Err(invalid(key, "beyond this host only with TLS"));
    }
    if !has_callers {
        return Err(invalid(key, "beyond this host only with a caller that can be recognised"));
    }
    Ok(address)
}

/// Base of the FHIR API, as callers name it: by `[server] public_url`, else by where it listens.
pub fn fhir_base(config: &Config, bound: SocketAddr) -> String {
    if let Some(url) = &config.server.public_url {
        return format!("{}/fhir", url.trim_end_matches('/'));
    }
    let scheme = if config.server.tls.is_some() { "https" } else { "http" };
    // Nobody calls an address that stands for all of a host.
    let host = if bound.ip().is_unspecified() { format!("localhost:{}", bound.port()) } else { bound.to_string() };
    format!("{scheme}://{host}/fhir")
}

/// The TLS files of a listener.
pub fn tls_files(tls: &config::Tls, demands_client: bool) -> TlsFiles {
    TlsFiles {
        certificate: tls.certificate_file.clone(),
        key: tls.key_file.clone(),
        client_ca: tls.client_ca_file.clone(),
        client_crl: tls.client_crl_file.clone(),
        demands_client: demands_client && tls.client_ca_file.is_some(),
    }
}

fn invalid(place: &str, text: &str) -> Issue {
    super::invalid(place, text)
}
