//! What is left of a request that was refused.

use actix_web::HttpRequest;

use super::State;
use crate::identity::Caller;

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denial {
    /// Nobody knows who calls.
    Unauthenticated,
    /// The caller may not.
    Forbidden,
}

/// Notes a refusal.
pub(super) async fn note(_request: &HttpRequest, _state: &State, caller: Option<&Caller>, outcome: Denial) {
    let role = caller.map_or("none", |caller| caller.role().as_str());
    tracing::info!(caller.role = role, denial.kind = ?outcome, "a request was refused");
}
