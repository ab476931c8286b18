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
use crate::journal::{DeliveryState, JournalError};

/// How long an answer about readiness holds: everybody may ask, and asking writes to the journal.
const HOLDS: SignedDuration = SignedDuration::from_secs(1);

/// Free bytes under which no message should be sent any more: a large one, with what is written beside it, needs so many.
const LEAST_SPACE: u64 = 16 << 20;

/// The last answer of the journal, and where it lies.
#[derive(Debug, Default)]
pub struct Health {
    last: Mutex<Option<(Timestamp, Result<(), JournalError>)>>,
    file: Option<PathBuf>,
}

impl Health {
    /// Of a journal in this file; of one elsewhere where none is named.
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { last: Mutex::default(), file }
    }

    /// Free bytes of the journal's file system; none where it is elsewhere or cannot be asked.
    fn space(&self) -> Option<u64> {
        let system = rustix::fs::statvfs(self.file.as_deref()?).ok()?;
        Some(system.f_bavail.saturating_mul(system.f_frsize))
    }

    async fn journal(&self, state: &State) -> Result<(), JournalError> {
        let now = state.clock.now();
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, result)) = last
            && now.duration_since(at).abs() < HOLDS
        {
            return result;
        }
        let result = state.journal.probe(now).await;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, result.clone()));
        result
    }
}

/// `GET /healthz`: the program runs.
pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "alive"}))
}

/// `GET /readyz`: messages can be taken. A destination that is down does not make the gateway unready: its messages wait.
pub(super) async fn ready(state: web::Data<State>) -> HttpResponse {
    let is_stopping = state.is_stopping.load(Ordering::SeqCst);
    let journal = state.health.journal(&state).await;
    let space = state.health.space();
    let has_space = space.is_none_or(|space| space >= LEAST_SPACE);
    let is_ready = journal.is_ok() && has_space && !is_stopping;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(json!({
        "status": if status == StatusCode::OK { "ready" } else { "not-ready" },
        "stopping": is_stopping,
        "freeBytes": space,
        "journal": journal.map_or_else(|error| error.code().to_string(), |()| "writable".to_owned()),
    }))
}

/// `GET /metrics`: the numbers, for Prometheus; what waits is counted when it is asked for.
pub(super) async fn metrics(_permit: Permit<Operate>, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let now = state.clock.now();
    let queue = state.journal.queue().await?;
    for destination in &state.intake.destinations {
        for delivery_state in [DeliveryState::Due, DeliveryState::Leased, DeliveryState::Dead] {
            let depth = queue.iter().find(|depth| depth.destination == *destination && depth.state == delivery_state);
            let labels = [("destination", destination.clone()), ("state", delivery_state.as_str().to_owned())];
            #[expect(clippy::cast_precision_loss, reason = "a gauge; the numbers are far below 2^53")]
            metrics::gauge!("impress_queue_deliveries", &labels).set(depth.map_or(0, |depth| depth.count) as f64);
            let age = depth.map_or(0.0, |depth| now.duration_since(depth.oldest).as_secs_f64());
            metrics::gauge!("impress_queue_oldest_seconds", &labels).set(age);
        }
    }
    for (disposition, count) in state.journal.dispositions().await? {
        #[expect(clippy::cast_precision_loss, reason = "a gauge; the numbers are far below 2^53")]
        metrics::gauge!("impress_journal_messages", "disposition" => disposition).set(count as f64);
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body((state.numbers)()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_space_is_that_of_the_file_system_of_the_journal() {
        let here = Health::new(Some(std::env::temp_dir())).space().unwrap();
        assert!(here > 0);
        assert_eq!(Health::new(Some("/no/such/place".into())).space(), None);
        assert_eq!(Health::new(None).space(), None);
    }
}
