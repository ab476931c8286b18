//! HL7 v2 over TCP (MLLP): the channel of a hospital's integration engine. Many messages on one connection, one after the
//! other; each is answered when it is on the disk.

mod connection;
mod frame;
mod reply;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use self::connection::{Closed, Connection};
use crate::authz::{Permit, SendReferral};
use crate::domain::issue::IssueCode;
use crate::identity::{Caller, Callers};
use crate::pipeline::intake::{Intake, Who};

pub use self::frame::{FrameError, Frames, framed};

/// Messages of more than [`connection::SMALL`] bytes that are in memory at once.
const LARGE_MESSAGES: usize = 4;

/// Connections at once of which nobody knows yet who they are, and how long they may take to say it: they take no place of those
/// who are known.
const STRANGERS: usize = 1_024;
const HANDSHAKE: Duration = Duration::from_secs(5);

/// What a connection may hold and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Connections at once.
    pub connections: usize,
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Time without a message.
    pub idle: Duration,
    /// Time from the first byte of a message to its last, of a TLS handshake, and for the sender to take an answer.
    pub message: Duration,
}

/// Who a connection is from.
#[derive(Debug, Clone)]
pub enum Peers {
    /// The holder of the client certificate.
    Certificate(Arc<Callers>),
    /// Always this caller: on loopback, where the configuration says so.
    Named(Arc<Permit<SendReferral>>),
}

/// A listener.
pub struct Options {
    /// The bound listener.
    pub listener: TcpListener,
    /// TLS; none on loopback.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Who sends.
    pub peers: Peers,
    /// Bounds of a connection.
    pub bounds: Bounds,
}

/// What every connection uses.
struct Shared {
    intake: Arc<Intake>,
    tls: Option<TlsAcceptor>,
    peers: Peers,
    bounds: Bounds,
    room: Arc<Semaphore>,
    large: Semaphore,
    stop: watch::Receiver<bool>,
}

/// Serves until it is told to stop; then takes no new message, and ends when those in work are answered.
///
/// # Errors
/// The listener cannot be used.
pub async fn serve(options: Options, intake: Arc<Intake>, mut stop: watch::Receiver<bool>) -> std::io::Result<()> {
    let Options { listener, tls, peers, bounds } = options;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let room = Arc::new(Semaphore::new(bounds.connections));
    let strangers = Arc::new(Semaphore::new(STRANGERS));
    let large = Semaphore::new(LARGE_MESSAGES);
    let tls = tls.map(TlsAcceptor::from);
    let shared = Arc::new(Shared { intake, tls, peers, bounds, room, large, stop: stop.clone() });
    let mut connections = JoinSet::new();
    while !*stop.borrow() {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => continue,
        };
        while connections.try_join_next().is_some() {}
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Of one connection, or no file handle is left: neither ends the listener.
                tracing::warn!(error.kind = %error.kind(), "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&strangers).try_acquire_owned() else {
            count("too-many-connections");
            tracing::warn!("a connection was closed: too many have not said who they are");
            continue;
        };
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            if let Err(end) = shared.converse(stream, place).await {
                closed(&end);
            }
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

impl Shared {
    /// Finds out who it is, and then takes what is sent.
    ///
    /// `shaking`: a place among those of whom nobody knows yet who they are.
    async fn converse(&self, stream: TcpStream, shaking: OwnedSemaphorePermit) -> Result<(), Closed> {
        let _ = stream.set_nodelay(true);
        let network = stream.peer_addr().ok().map(|address| address.ip().to_string());
        let Some(tls) = &self.tls else {
            let permit = self.permit(None)?;
            drop(shaking);
            let _place = self.place()?;
            return Connection::new((stream, network), self, &permit).run().await;
        };
        let shaken = tokio::time::timeout(self.bounds.message.min(HANDSHAKE), tls.accept(stream)).await;
        let stream = shaken
            .map_err(|_| Closed::of(IssueCode::RequestTooSlow, "the TLS handshake did not end in time"))?
            .map_err(|_| Closed::of(IssueCode::RequestUnauthenticated, "the TLS handshake failed"))?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).map(|leaf| leaf.to_vec());
        let permit = match self.permit(certificate.as_deref()) {
            Ok(permit) => permit,
            Err(end) => {
                self.denied(certificate.as_deref(), network).await;
                return Err(end);
            }
        };
        drop(shaking);
        let _place = self.place()?;
        Connection::new((stream, network), self, &permit).run().await
    }

    /// A place of a connection that may send.
    fn place(&self) -> Result<OwnedSemaphorePermit, Closed> {
        let place = Arc::clone(&self.room).try_acquire_owned();
        place.map_err(|_| Closed::of(IssueCode::ServiceBusy, "there are as many connections as the limit"))
    }

    /// Leaves a row that a certificate of a trusted issuer is that of nobody who may send.
    async fn denied(&self, certificate: Option<&[u8]>, network: Option<String>) {
        let caller = match (&self.peers, certificate) {
            (Peers::Certificate(callers), Some(certificate)) => callers.by_certificate(certificate),
            _ => None,
        };
        let who = Who {
            organisation: caller.map_or("unknown", Caller::organisation).to_owned(),
            role: caller.map_or("unknown", |caller| caller.role().as_str()),
            client: caller.map_or("", Caller::name).to_owned(),
            network,
            trace: uuid::Uuid::new_v4().simple().to_string(),
        };
        if let Err(error) = self.intake.denied(&who, "MLLP").await {
            tracing::warn!(error.code = %error.code(), "a refusal is not in the audit trail");
        }
    }

    fn permit(&self, certificate: Option<&[u8]>) -> Result<Arc<Permit<SendReferral>>, Closed> {
        let callers = match &self.peers {
            Peers::Named(permit) => return Ok(Arc::clone(permit)),
            Peers::Certificate(callers) => callers,
        };
        let caller = certificate.and_then(|certificate| callers.by_certificate(certificate));
        let caller = caller.ok_or_else(|| {
            Closed::of(IssueCode::RequestUnauthenticated, "the client certificate is that of no caller")
        })?;
        Permit::of(caller)
            .map(Arc::new)
            .map_err(|_| Closed::of(IssueCode::RequestForbidden, "the caller's role does not allow to send referrals"))
    }
}

/// Says why a connection was closed by us, and counts it.
fn closed(end: &Closed) {
    count(end.code.as_str());
    tracing::warn!(error.code = %end.code, error.text = %end.text, "a connection was closed");
}

fn count(reason: &'static str) {
    metrics::counter!("impress_mllp_closed_total", "reason" => reason).increment(1);
}
