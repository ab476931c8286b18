//! Wiring of the channels beside HTTP: who may send over them, and under which bounds.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use super::invalid;
use super::service::tls_files;
use crate::authz::{Action, Permit, SendReferral};
use crate::config::{self, Config};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::folder;
use crate::http::{self, Reloader};
use crate::identity::{Caller, Callers};
use crate::mllp;

/// A listener for HL7 v2, and what keeps its certificate new.
pub struct MllpListener {
    /// How it listens.
    pub options: mllp::Options,
    /// Where.
    pub address: SocketAddr,
    /// Reads the certificate again.
    pub reloader: Option<Reloader>,
}

/// The listener for HL7 v2; none where no address is configured. `message_bytes` is the longest message.
///
/// Errors: `config.invalid` for an address, caller or TLS that do not go together; `service.failed` where the address is taken.
pub fn mllp(config: &Config, callers: &Arc<Callers>, message_bytes: usize) -> Result<Option<MllpListener>, Issue> {
    let section = &config.mllp;
    let Some(listen) = &section.listen else { return Ok(None) };
    let address: SocketAddr =
        listen.parse().map_err(|_| invalid("mllp.listen", "no address and port, such as 127.0.0.1:2575"))?;
    let peers = peers(section, address, callers)?;
    let (tls, reloader) = match &section.tls {
        None => (None, None),
        Some(files) => {
            let made = http::server_config(tls_files(files, true));
            let (tls, reloader) = made.map_err(|error| invalid("mllp.tls", &error.to_string()))?;
            // The protocol is not HTTP: a client that names one is not to be refused for it.
            let mut tls = (*tls).clone();
            tls.alpn_protocols.clear();
            (Some(Arc::new(tls)), Some(reloader))
        }
    };
    let bounds = mllp::Bounds {
        connections: section.connections.clamp(1, 4_096),
        message_bytes,
        idle: Duration::from_secs(section.idle_seconds.clamp(1, 86_400)),
        message: Duration::from_secs(section.message_seconds.clamp(1, 600)),
    };
    let listener = TcpListener::bind(address).map_err(|error| failed(&error))?;
    let address = listener.local_addr().map_err(|error| failed(&error))?;
    Ok(Some(MllpListener { options: mllp::Options { listener, tls, peers, bounds }, address, reloader }))
}

/// Who connections are from. A client certificate is demanded where its issuers are known, and nothing else will do beyond this
/// host; a named caller stands in for it on loopback.
fn peers(section: &config::Mllp, address: SocketAddr, callers: &Arc<Callers>) -> Result<mllp::Peers, Issue> {
    let has_issuers = section.tls.as_ref().is_some_and(|tls| tls.client_ca_file.is_some());
    match (has_issuers, &section.caller) {
        (true, Some(_)) => {
            Err(invalid("mllp.caller", "callers are known by their certificates: leave one of them out"))
        }
        (true, None) if !callers.have_certificates() => {
            Err(invalid("mllp.tls", "client certificates are demanded, and no caller has one"))
        }
        (true, None) => Ok(mllp::Peers::Certificate(Arc::clone(callers))),
        (false, _) if !address.ip().is_loopback() => {
            Err(invalid("mllp.listen", "beyond this host only with TLS and client_ca_file"))
        }
        (false, None) => Err(invalid("mllp.caller", "without client certificates a caller has to be named")),
        (false, Some(name)) => {
            let permit = named::<SendReferral>("mllp.caller", name, callers)?;
            permit
                .map(|permit| mllp::Peers::Named(Arc::new(permit)))
                .map_err(|caller| wrong_role("mllp.caller", &caller))
        }
    }
}

/// The watched folder; none where no path is configured.
///
/// Errors: `config.invalid` where no caller, or one that sends nothing, is named, or the folder cannot be used.
pub fn folder(config: &Config, callers: &Callers) -> Result<Option<folder::Options>, Issue> {
    const KEY: &str = "folder.caller";
    let section = &config.folder;
    let Some(path) = section.path.clone() else { return Ok(None) };
    let name = section.caller.as_deref().ok_or_else(|| invalid(KEY, "what lies in the folder has to be somebody's"))?;
    let sender = match named::<SendReferral>(KEY, name, callers)? {
        Ok(permit) => folder::Sender::Trust(permit),
        Err(caller) => Permit::of(&caller).map(folder::Sender::Laboratory).map_err(|_| wrong_role(KEY, &caller))?,
    };
    let unusable = |error: std::io::Error| invalid("folder.path", &format!("cannot be used: {}", error.kind()));
    folder::prepare(&path).map_err(unusable)?;
    let quiet = Duration::from_secs(section.quiet_seconds.min(86_400));
    let poll = Duration::from_secs(section.poll_seconds.clamp(1, 3_600));
    let report_bytes = section.report_bytes.clamp(1 << 20, 1 << 30);
    Ok(Some(folder::Options { path, sender, quiet, poll, report_bytes }))
}

/// The permit of a caller by its name; the caller itself where its role does not allow the action.
fn named<A: Action>(key: &str, name: &str, callers: &Callers) -> Result<Result<Permit<A>, Caller>, Issue> {
    let caller = callers.by_name(name).ok_or_else(|| invalid(key, "no [[caller]] has this name"))?;
    Ok(Permit::of(caller).map_err(|_| caller.clone()))
}

fn wrong_role(key: &str, caller: &Caller) -> Issue {
    invalid(key, &format!("the role {} does not send over this channel", caller.role().as_str()))
}

fn failed(error: &std::io::Error) -> Issue {
    let text = format!("the MLLP listener cannot be opened: {}", error.kind());
    Issue::new(IssueCode::ServiceFailed, Location::default(), text)
}
