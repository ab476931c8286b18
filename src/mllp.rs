//! HL7 v2 over TCP (MLLP): the channel of a hospital's integration engine. Many messages on one connection, one after the
//! other; each is answered when it is on the disk.

mod connection;
mod frame;
mod reply;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use self::connection::{Closed, Connection};
use crate::authz::{Permit, SendReferral};
use crate::domain::issue::IssueCode;
use crate::identity::Callers;
use crate::pipeline::intake::Intake;

pub use self::frame::{FrameError, Frames, framed};

/// Messages of more than [`connection::SMALL`] bytes that are in memory at once.
const LARGE_MESSAGES: usize = 4;

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
    let large = Semaphore::new(LARGE_MESSAGES);
    let tls = tls.map(TlsAcceptor::from);
    let shared = Arc::new(Shared { intake, tls, peers, bounds, large, stop: stop.clone() });
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
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            count("too-many-connections");
            tracing::warn!("a connection was closed: there are as many as the limit");
            continue;
        };
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let _place = place;
            if let Err(end) = shared.converse(stream).await {
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
    async fn converse(&self, stream: TcpStream) -> Result<(), Closed> {
        let _ = stream.set_nodelay(true);
        let network = stream.peer_addr().ok().map(|address| address.ip().to_string());
        let Some(tls) = &self.tls else {
            let permit = self.permit(None)?;
            return Connection::new((stream, network), self, &permit).run().await;
        };
        let shaken = tokio::time::timeout(self.bounds.message, tls.accept(stream)).await;
        let stream = shaken
            .map_err(|_| Closed::of(IssueCode::RequestTooSlow, "the TLS handshake did not end in time"))?
            .map_err(|_| Closed::of(IssueCode::RequestUnauthenticated, "the TLS handshake failed"))?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).map(|leaf| leaf.to_vec());
        let permit = self.permit(certificate.as_deref())?;
        Connection::new((stream, network), self, &permit).run().await
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
