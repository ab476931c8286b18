//! Is it alive, is it ready, and the numbers.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::State;
use super::error::Problem;
use crate::authz::{Operate, Permit};
use crate::domain::disposition::Disposition;
use crate::journal::{DeliveryState, JournalError};

/// How long an answer about readiness holds: everybody may ask, and asking writes to the journal.
const HOLDS: SignedDuration = SignedDuration::from_secs(1);

/// The disk of the journal, where it is one of this host.
#[derive(Debug, Clone)]
pub struct Disk {
    /// A folder on it.
    pub folder: PathBuf,
    /// Bytes that must be free.
    pub free_bytes: u64,
}

impl Disk {
    /// Errors: `Full` with less space than must be free; `Unavailable` where the disk cannot be asked.
    fn check(&self) -> Result<(), JournalError> {
        let disk =
            rustix::fs::statvfs(&self.folder).map_err(|error| JournalError::Unavailable(error.kind().to_string()))?;
        // What is reserved for the administrator is not free for the gateway.
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < self.free_bytes { Err(JournalError::Full) } else { Ok(()) }
    }
}

/// The last answer of the journal.
#[derive(Debug)]
pub struct Health {
    last: Mutex<Option<(Timestamp, Result<(), JournalError>)>>,
    disk: Option<Disk>,
}

impl Health {
    /// Nothing was asked yet; `disk` is looked at where there is one.
    pub fn new(disk: Option<Disk>) -> Self {
        Self { last: Mutex::default(), disk }
    }

    async fn journal(&self, state: &State) -> Result<(), JournalError> {
        let now = state.clock.now();
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, result)) = last
            && now.duration_since(at).abs() < HOLDS
        {
            return result;
        }
        let result = match self.has_space().await {
            Ok(()) => state.journal.probe(now).await,
            Err(error) => Err(error),
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, result.clone()));
        result
    }

    /// On a thread of its own: a disk that hangs must not hold what serves others.
    async fn has_space(&self) -> Result<(), JournalError> {
        let Some(disk) = self.disk.clone() else { return Ok(()) };
        let failed = |_| JournalError::Unavailable("the disk was not asked".to_owned());
        tokio::task::spawn_blocking(move || disk.check()).await.map_err(failed)?
    }
}

/// `GET /healthz`: the program runs.
pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "alive"}))
}

/// `GET /readyz`: messages can be taken, and there is room for those that come. A destination that is down does not make the
/// gateway unready: its messages wait.
pub(super) async fn ready(state: web::Data<State>) -> HttpResponse {
    let is_stopping = state.is_stopping.load(Ordering::SeqCst);
    let journal = state.health.journal(&state).await;
    let status = if journal.is_ok() && !is_stopping { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(json!({
        "status": if status == StatusCode::OK { "ready" } else { "not-ready" },
        "stopping": is_stopping,
        "journal": journal.map_or_else(|error| error.code().to_string(), |()| "writable".to_owned()),
        // Their tokens are taken with the keys that are known: the gateway is ready.
        "issuersUnreachable": state.access.stale(),
    }))
}

/// `GET /metrics`: the numbers, for Prometheus; what waits is counted when it is asked for.
pub(super) async fn metrics(_permit: Permit<Operate>, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let queue = state.journal.queue().await?;
    let of_status = state.intake.status.destinations.iter().map(|destination| &destination.name);
    for destination in state.intake.destinations.iter().chain(of_status) {
        for delivery_state in [DeliveryState::Due, DeliveryState::Leased, DeliveryState::Dead] {
            let depth = queue.iter().find(|depth| depth.destination == *destination && depth.state == delivery_state);
            let labels = [("destination", destination.clone()), ("state", delivery_state.as_str().to_owned())];
            #[expect(clippy::cast_precision_loss, reason = "a gauge; the numbers are far below 2^53")]
            metrics::gauge!("impress_queue_deliveries", &labels).set(depth.map_or(0, |depth| depth.count) as f64);
            let age = depth.map_or(0.0, |depth| now.duration_since(depth.oldest).as_secs_f64());
            metrics::gauge!("impress_queue_oldest_seconds", &labels).set(age);
        }
    }
    let counts = state.journal.dispositions().await?;
    // Of those in which no message is any more, too: a number that is not set again stays.
    for disposition in Disposition::ALL {
        let count = counts.iter().find(|(word, _)| word == disposition.as_str()).map_or(0, |(_, count)| *count);
        #[expect(clippy::cast_precision_loss, reason = "a gauge; the numbers are far below 2^53")]
        metrics::gauge!("impress_journal_messages", "disposition" => disposition.as_str()).set(count as f64);
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body((state.numbers)()))
}
