//! The FHIR API: what is read, as the caller may see it. A [`Reading`] is the proof that the caller's role and token reach a type;
//! it carries the scope that every question to the journal takes.
//!
//! What does not exist and what is another's are answered alike; looking leaves a row for each patient before anything is shown.

mod form;
mod metadata;
mod parameters;
mod search;
mod versions;

use std::collections::BTreeSet;

use actix_web::HttpRequest;

use super::State;
use super::deny::{self, Denial, Whose, who};
use super::error::Problem;
use super::{extract, tenancy};
use crate::authz::{Permit, ReadResources};
use crate::domain::issue::IssueCode;
use crate::fhir::search::types;
use crate::fhir_store::run::Failure;
use crate::fhir_store::{Invalid, Seal};
use crate::identity::{Caller, Role};
use crate::journal::{HELD, PUBLIC, ResourceRow, Scope, TRIAL};

pub(super) use self::form::Form;
pub(super) use self::metadata::metadata;
pub(super) use self::parameters::{Pairs, of_address, of_body};
pub(super) use self::search::{get as search_get, post as search_post};
pub(super) use self::versions::{
    history, history_asked, history_at_hand, history_of_type, read, version_number, versioned, vread,
};

/// What is done with resources of a type, as a SMART scope has a letter for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interaction {
    /// Read of a resource, a version or a history.
    Read,
    /// Search of a type.
    Search,
}

impl Interaction {
    fn letter(self) -> char {
        match self {
            Self::Read => 'r',
            Self::Search => 's',
        }
    }
}

/// A caller who may read resources of a type.
struct Reading<'r> {
    request: &'r HttpRequest,
    permit: &'r Permit<ReadResources>,
    state: &'r State,
    kind: &'static str,
    scope: Scope,
    /// Who a cursor is sealed for.
    caller: String,
}

impl<'r> Reading<'r> {
    /// Of the type that the address names.
    ///
    /// Errors: no such type is served, or the token does not reach it.
    async fn of(
        request: &'r HttpRequest,
        permit: &'r Permit<ReadResources>,
        state: &'r State,
        interaction: Interaction,
    ) -> Result<Self, Problem> {
        let named = request.match_info().get("type").unwrap_or_default();
        let Some(kind) = types().iter().copied().find(|kind| *kind == named) else {
            deny::note(request, state, Some(permit.caller()), Denial::NotFound).await;
            return Err(Problem::not_found());
        };
        let caller = sealed_for(permit.caller());
        let reading = Self { request, permit, state, kind, scope: scope(permit, state), caller };
        reading.reach(kind, interaction).await?;
        Ok(reading)
    }

    /// Whether the token reaches a type, too.
    async fn reach(&self, kind: &str, interaction: Interaction) -> Result<(), Problem> {
        match self.permit.reach(kind, interaction.letter()) {
            Ok(()) => Ok(()),
            Err(refusal) => {
                deny::note(self.request, self.state, Some(self.permit.caller()), Denial::Forbidden).await;
                Err(extract::forbidden(refusal, &self.state.access))
            }
        }
    }

    fn seal(&self) -> Seal<'_> {
        Seal { ids: &self.state.intake.referrals.identified, caller: &self.caller }
    }

    /// Leaves a row for each patient that is shown; without it nothing is.
    async fn saw<'a>(
        &self,
        action: &'static str,
        rows: impl Iterator<Item = &'a ResourceRow>,
        parameters: &str,
    ) -> Result<(), Problem> {
        let mut forms: BTreeSet<(Option<String>, Option<String>)> = rows.map(form_of).collect();
        if forms.len() > 1 {
            // What is of nobody is told with those who are somebody.
            forms.remove(&(None, None));
        }
        let detail = deny::detail(self.request, parameters);
        let who = who(self.request, self.permit.caller());
        Ok(self.state.intake.saw_forms(&who, (action, &detail), None, forms).await?)
    }

    /// The one answer for what is not there and what is another's. Its owner can see who tried. Of what the caller has a form of
    /// itself, a version or whatever else is not there, its own form is named: whether another has one, too, is not said.
    async fn absent(&self, id: &str) -> Problem {
        let read = async |scope: Scope| {
            let found = self.state.journal.read(scope, self.kind.to_owned(), id.to_owned()).await;
            found.ok().flatten().map(|row| form_of(&row))
        };
        let (own, anybodys) = (read(self.scope.clone()).await, read(Scope::everything()).await);
        let (patient, tenant) = own.or(anybodys).unwrap_or_default();
        let whose = Whose { patient, tenant, message: None };
        deny::note_absent(self.request, self.state, self.permit.caller(), whose).await;
        Problem::not_found()
    }

    fn problem(&self, failure: Failure) -> Problem {
        failed(self.request, failure)
    }
}

/// Who a cursor is sealed for.
pub(super) fn sealed_for(caller: &Caller) -> String {
    format!("{}/{}/{}", caller.role().as_str(), caller.organisation(), caller.name())
}

/// Why a search or a history was not done.
pub(super) fn failed(request: &HttpRequest, failure: Failure) -> Problem {
    match failure {
        Failure::Invalid(invalid) => invalid_of(request, &invalid),
        Failure::TooMany => {
            let status = actix_web::http::StatusCode::UNPROCESSABLE_ENTITY;
            Problem::new(status, IssueCode::RequestTooCostly, &Failure::TooMany.to_string())
        }
        Failure::Journal(error) => error.into(),
    }
}

/// The patient whose resource it is, and the trust whose form of the patient.
fn form_of(row: &ResourceRow) -> (Option<String>, Option<String>) {
    let is_trusts = row.patient.is_some() && ![HELD, PUBLIC, TRIAL].contains(&row.owner.as_str());
    (row.patient.clone(), is_trusts.then(|| row.owner.clone()))
}

pub(super) fn invalid_of(request: &HttpRequest, invalid: &Invalid) -> Problem {
    match invalid {
        Invalid::Personal if request.method() == actix_web::http::Method::GET => Problem::personal_in_url(),
        invalid => Problem::invalid(&invalid.to_string()),
    }
}

/// What the caller may see.
fn scope(permit: &Permit<ReadResources>, state: &State) -> Scope {
    match permit.caller().role() {
        Role::Operator => Scope::everything(),
        Role::Trial => Scope::trial(),
        Role::Trust | Role::Laboratory | Role::Registry => tenancy::of_trust(permit.caller(), state),
    }
}

/// A segment of the address.
fn segment<'r>(request: &'r HttpRequest, name: &str) -> &'r str {
    request.match_info().get(name).unwrap_or_default()
}
