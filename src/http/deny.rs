//! What the audit trail says of requests: who made them, and those that were refused.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};

use super::State;
use super::extract::{network, trace};
use crate::identity::Caller;
use crate::journal::{Audit, Change, Journal};
use crate::pipeline::intake::{Who, audit};

/// Requests of strangers within this time share a row, so that a flood of them does not fill the disk.
const WINDOW: Duration = Duration::from_secs(1);

/// Longest id that is looked up, in characters: that of a UUID.
const ID_CHARS: usize = 36;

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denial {
    /// Nobody knows who it is.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// There is no such thing, or it is another's.
    NotFound,
    /// The request is not of its form, too long or too slow.
    Invalid,
}

/// Who makes a request.
pub(super) fn who(request: &HttpRequest, caller: &Caller) -> Who {
    Who {
        organisation: caller.organisation().to_owned(),
        role: caller.role().as_str(),
        client: caller.name().to_owned(),
        network: network(request),
        trace: trace(request),
    }
}

/// A row that a caller does something, with the address.
pub(super) fn row(request: &HttpRequest, state: &State, caller: &Caller, action: &'static str) -> Audit {
    Audit { detail: Some(route(request)), ..audit(&who(request, caller), action, state.clock.now()) }
}

/// Method and address as the route table has it: nothing that was sent.
pub(super) fn route(request: &HttpRequest) -> String {
    let pattern = request.match_pattern().unwrap_or_default();
    format!("{} {pattern}", request.method())
}

/// The same with the parameters that were asked for, as far as they are kept.
pub(super) fn detail(request: &HttpRequest, parameters: &str) -> String {
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{}{mark}{parameters}", route(request))
}

/// Requests of strangers that are not written yet.
#[derive(Debug, Clone, Default)]
pub struct Strangers(Arc<Mutex<Option<Audit>>>);

impl Strangers {
    /// Counts one; true where somebody has to write it when the window ends.
    fn count(&self, row: Audit) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = waiting.as_mut() else {
            *waiting = Some(row);
            return true;
        };
        known.count = known.count.saturating_add(1);
        // What they do not share is not said.
        if known.network != row.network {
            known.network = None;
        }
        if known.detail != row.detail {
            known.detail = None;
        }
        false
    }

    fn take(&self) -> Option<Audit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Leaves a row that a request was refused. The refusal stands where the row cannot be written.
pub(super) async fn note(request: &HttpRequest, state: &State, caller: Option<&Caller>, outcome: Denial) {
    let mut row = refusal(request, state, caller);
    if outcome == Denial::Unauthenticated {
        if state.strangers.count(row) {
            let (strangers, journal) = (state.strangers.clone(), Arc::clone(&state.journal));
            actix_web::rt::spawn(async move {
                tokio::time::sleep(WINDOW).await;
                if let Some(row) = strangers.take() {
                    write(&journal, row).await;
                }
            });
        }
        return;
    }
    // Whose it is, where it is there: its owner can see who tried.
    let id = request.match_info().get("id").filter(|id| id.len() <= ID_CHARS);
    if let Some(id) = id
        && let Ok(Some(message)) = state.journal.message(id.to_owned()).await
    {
        row.patient = message.patient;
        row.message = Some(message.id);
    }
    write(&state.journal, row).await;
}

/// Whose what was asked for is, where it is there for another.
#[derive(Debug, Default)]
pub(super) struct Whose {
    /// Id of the Patient.
    pub(super) patient: Option<String>,
    /// Organisation number of the trust whose form it is.
    pub(super) tenant: Option<String>,
    /// Id of the message.
    pub(super) message: Option<String>,
}

/// Leaves a row that a resource or an event is not there for the caller, with whose it is.
pub(super) async fn note_absent(request: &HttpRequest, state: &State, caller: &Caller, whose: Whose) {
    let Whose { patient, tenant, message } = whose;
    // A patient beside whom nobody stands whose it is would be shown to who asked: a report that is held is nobody's.
    let patient = patient.filter(|_| tenant.is_some() || message.is_some());
    let row = Audit { patient, tenant, message, ..refusal(request, state, Some(caller)) };
    write(&state.journal, row).await;
}

/// A row that says who was refused what.
fn refusal(request: &HttpRequest, state: &State, caller: Option<&Caller>) -> Audit {
    Audit {
        at: state.clock.now(),
        action: "deny",
        outcome: "refused",
        organisation: caller.map_or("unknown", Caller::organisation).to_owned(),
        role: caller.map_or("unknown", |caller| caller.role().as_str()),
        client: caller.map_or("", Caller::name).to_owned(),
        network: network(request),
        trace: trace(request),
        detail: Some(route(request)),
        ..Audit::default()
    }
}

/// Who was let in. Kept with the request, for what is found wrong with it later.
#[derive(Clone)]
pub(super) struct Admitted(pub(super) Caller);

/// Leaves a row that a known caller was refused for the form, length or time of what it sent. What the intake refuses has a row
/// already, and is no error here.
pub(super) async fn refused<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let response = next.call(request).await?;
    let of_form = [
        StatusCode::BAD_REQUEST,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
    ];
    if of_form.contains(&response.status()) && response.response().error().is_some() {
        let request = response.request();
        let caller = request.extensions().get::<Admitted>().cloned();
        if let (Some(state), Some(Admitted(caller))) = (request.app_data::<web::Data<State>>(), caller) {
            note(request, state, Some(&caller), Denial::Invalid).await;
        }
    }
    Ok(response)
}

async fn write(journal: &Arc<dyn Journal>, row: Audit) {
    if let Err(error) = journal.commit(Change { audits: vec![row], ..Change::default() }).await {
        tracing::warn!(error.code = %error.code(), "a refusal is not in the audit trail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(network: &str, detail: &str) -> Audit {
        Audit { network: Some(network.to_owned()), detail: Some(detail.to_owned()), ..Audit::default() }
    }

    #[test]
    fn strangers_share_a_row_that_says_what_they_share() {
        let strangers = Strangers::default();
        assert!(strangers.count(row("10.0.0.1", "GET /messages")));
        assert!(!strangers.count(row("10.0.0.1", "GET /messages")));
        assert_eq!(strangers.take(), Some(Audit { count: 2, ..row("10.0.0.1", "GET /messages") }));
        assert_eq!(strangers.take(), None);
        assert!(strangers.count(row("10.0.0.1", "GET /messages")));
        assert!(!strangers.count(row("10.0.0.2", "GET /messages")));
        assert!(!strangers.count(row("10.0.0.1", "POST /fhir")));
        assert_eq!(strangers.take(), Some(Audit { count: 3, ..Audit::default() }));
    }
}
