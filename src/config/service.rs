//! What `serve` needs: where it listens, who may call, where messages are kept and sent.

use std::path::PathBuf;

use serde::Deserialize;

use super::access::Authorization;
use super::outbound::Oauth;

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port; port 0 takes a free one. Beyond loopback only with `[server.tls]` and at least one caller.
    pub listen: String,
    /// What callers name the gateway: base of the links that it gives out.
    pub public_url: Option<String>,
    /// How access tokens are sent: `bearer` or `dpop`.
    pub authorization: Authorization,
    /// Ask for a nonce of the server in each proof.
    pub dpop_nonce: bool,
    /// Seconds that a proof holds.
    pub dpop_validity_seconds: u32,
    /// Seconds that the clocks of callers may be apart from the server's.
    pub dpop_skew_seconds: u32,
    /// Certificate and key.
    pub tls: Option<Tls>,
    /// Threads that answer requests.
    pub workers: usize,
    /// Connections at most.
    pub connections: usize,
    /// Seconds in which a request must have come in full.
    pub request_seconds: u64,
    /// Longest archive of a run folder, in bytes.
    pub report_bytes: usize,
    /// Seconds in which an archive must have come in full.
    pub report_seconds: u64,
    /// Seconds that work in flight is given when the service is stopped.
    pub stop_seconds: u64,
    /// Seconds in which it only says that it is being stopped, so that whoever spreads the load sends elsewhere.
    pub drain_seconds: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: None,
            authorization: Authorization::default(),
            dpop_nonce: false,
            dpop_validity_seconds: 1,
            dpop_skew_seconds: 5,
            tls: None,
            workers: 2,
            connections: 4_096,
            request_seconds: 30,
            report_bytes: 128 << 20,
            report_seconds: 300,
            stop_seconds: 10,
            drain_seconds: 0,
        }
    }
}

/// `[server.tls]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, PEM; read again when the file changes.
    pub certificate_file: PathBuf,
    /// Private key, PEM.
    pub key_file: PathBuf,
    /// Certificates of those who issue client certificates, PEM; left out: none are asked for.
    pub client_ca_file: Option<PathBuf>,
    /// Lists of revoked client certificates, PEM, one of each issuer; left out: revocation is not checked.
    pub client_crl_file: Option<PathBuf>,
}

/// `[[caller]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// Name, as `[mllp]` and `[folder]` give it.
    pub name: String,
    /// Organisation number, or code of a laboratory.
    pub organisation: String,
    /// `trust`, `laboratory`, `trial`, `registry` or `operator`.
    pub role: String,
    /// File with the bearer secret.
    pub secret_file: Option<PathBuf>,
    /// SHA-256 of the client certificate (DER), hexadecimal.
    pub certificate_sha256: Option<String>,
    /// DNS name of the client certificate.
    pub certificate_name: Option<String>,
}

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Store {
    /// Embedded.
    #[default]
    Sqlite,
    /// Of many nodes.
    Postgres,
}

/// `[journal]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Journal {
    /// `sqlite` or `postgres`.
    pub store: Store,
    /// File of the SQLite store.
    pub path: Option<PathBuf>,
    /// File with the connection string of PostgreSQL.
    pub connection_file: Option<PathBuf>,
    /// Certificates of those who issue the certificate of PostgreSQL's server, PEM; left out: those of the system.
    pub ca_file: Option<PathBuf>,
    /// Days after which originals and bodies of finished messages are deleted; left out: never.
    pub retention_days: Option<u32>,
    /// File with the key that originals are encrypted with: 64 hexadecimal digits.
    pub encryption_key_file: Option<PathBuf>,
    /// Bytes that must be free on the disk of the SQLite store, or the gateway is not ready.
    pub free_bytes: u64,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            store: Store::default(),
            path: None,
            connection_file: None,
            ca_file: None,
            retention_days: None,
            encryption_key_file: None,
            // The write-ahead log is let grow to as much before it is cut back.
            free_bytes: 64 << 20,
        }
    }
}

/// `[care_chain]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CareChain {
    /// Whether the trust that a referral is sent to sees what belongs to it.
    pub receivers: bool,
}

/// `[mllp]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mllp {
    /// Address and port; left out: no listener. Beyond loopback only with `[mllp.tls]` and its `client_ca_file`.
    pub listen: Option<String>,
    /// The caller of connections without a client certificate; on loopback only.
    pub caller: Option<String>,
    /// Certificate and key; client certificates are demanded where `client_ca_file` is given.
    pub tls: Option<Tls>,
    /// Connections at most.
    pub connections: usize,
    /// Seconds without a message after which a connection is closed.
    pub idle_seconds: u64,
    /// Seconds in which a message must have come in full, and an answer must be taken.
    pub message_seconds: u64,
}

impl Default for Mllp {
    fn default() -> Self {
        Self { listen: None, caller: None, tls: None, connections: 64, idle_seconds: 900, message_seconds: 30 }
    }
}

/// `[folder]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Folder {
    /// Folder that is watched; left out: none.
    pub path: Option<PathBuf>,
    /// The caller that what lies there comes from.
    pub caller: Option<String>,
    /// Seconds without a change after which an entry without a complete list of checksums is taken.
    pub quiet_seconds: u64,
    /// Seconds between two looks.
    pub poll_seconds: u64,
    /// Longest archive, in bytes: one that lies there, or a run folder, packed.
    pub report_bytes: usize,
}

impl Default for Folder {
    fn default() -> Self {
        Self { path: None, caller: None, quiet_seconds: 60, poll_seconds: 5, report_bytes: 128 << 20 }
    }
}

/// What a destination takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DestinationKind {
    /// Transactions of FHIR.
    #[default]
    Fhir,
    /// Status på henvisning, XML.
    StatusXml,
    /// Status of a referral in HL7 v2, over MLLP.
    #[serde(rename = "status-hl7v2")]
    StatusHl7v2,
}

/// `[[destination]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Name, as `mappings/routing.toml` gives it.
    pub name: String,
    /// What it takes.
    #[serde(default)]
    pub kind: DestinationKind,
    /// Id of the trust in `mappings/trusts.toml` that is told the status of its referrals there.
    pub trust: Option<String>,
    /// Base of the FHIR server, endpoint for XML, or receiver of HL7 v2.
    pub url: String,
    /// Certificates of those who issue the server's certificate, PEM; left out: those of the system.
    pub ca_file: Option<PathBuf>,
    /// Client certificate chain and private key, PEM in one file.
    pub client_identity_file: Option<PathBuf>,
    /// File with a bearer secret.
    pub bearer_file: Option<PathBuf>,
    /// Access tokens in place of a bearer secret.
    pub oauth: Option<Oauth>,
    /// Seconds before the first repetition; doubled each time.
    #[serde(default = "one")]
    pub first_retry_seconds: u32,
    /// Most seconds between two attempts; also what Retry-After is cut to.
    #[serde(default = "hour")]
    pub longest_retry_seconds: u32,
    /// Seconds to wait for an answer.
    #[serde(default = "ten")]
    pub timeout_seconds: u32,
    /// Deliveries on the way at once, of different patients.
    #[serde(default = "eight")]
    pub parallel: u32,
}

fn one() -> u32 {
    1
}

fn hour() -> u32 {
    3_600
}

fn ten() -> u32 {
    10
}

fn eight() -> u32 {
    8
}

/// Every path in the sections, for making it relative to the configuration file.
pub(super) fn paths<'c>(
    server: &'c mut Server,
    (journal, mllp, folder): (&'c mut Journal, &'c mut Mllp, &'c mut Folder),
    callers: &'c mut [Caller],
    destinations: &'c mut [Destination],
) -> Vec<&'c mut PathBuf> {
    let mut paths = Vec::new();
    for tls in [&mut server.tls, &mut mllp.tls].into_iter().flatten() {
        paths.push(&mut tls.certificate_file);
        paths.push(&mut tls.key_file);
        paths.extend([&mut tls.client_ca_file, &mut tls.client_crl_file].into_iter().flatten());
    }
    paths.extend(journal.path.as_mut());
    paths.extend(journal.connection_file.as_mut());
    paths.extend(journal.ca_file.as_mut());
    paths.extend(journal.encryption_key_file.as_mut());
    paths.extend(folder.path.as_mut());
    paths.extend(callers.iter_mut().filter_map(|caller| caller.secret_file.as_mut()));
    for destination in destinations {
        let files = [&mut destination.ca_file, &mut destination.client_identity_file, &mut destination.bearer_file];
        paths.extend(files.into_iter().flatten());
        if let Some(oauth) = &mut destination.oauth {
            paths.push(&mut oauth.key_file);
            paths.extend([&mut oauth.ca_file, &mut oauth.dpop_key_file].into_iter().flatten());
        }
    }
    paths
}
