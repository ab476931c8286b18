//! What of the journal a caller may see.

use super::State;
use crate::authz::{Action, Permit};
use crate::domain::moment::norwegian_day;
use crate::domain::org_number::OrgNumber;
use crate::identity::{Caller, Role};
use crate::journal::{JournalError, MessageRow, Scope};

/// What the caller may see: the data of its trust and what is granted to it; of another organisation what it sent; everything
/// where there is none, for whoever runs the gateway.
pub(super) fn scope<A: Action>(permit: &Permit<A>, state: &State) -> Option<Scope> {
    match permit.caller().role() {
        Role::Operator => None,
        Role::Trust => Some(of_trust(permit.caller(), state)),
        Role::Laboratory | Role::Trial | Role::Registry => Some(own(permit.caller())),
    }
}

/// What a trust sees. Who is in no table has what it sent itself.
pub(super) fn of_trust(caller: &Caller, state: &State) -> Scope {
    let number = OrgNumber::parse(caller.organisation()).ok();
    let tenancy =
        number.and_then(|number| state.intake.referrals.trusts.tenancy(&number, norwegian_day(state.clock.now())));
    tenancy.map_or_else(
        || own(caller),
        |tenancy| {
            let numbers = tenancy.numbers.iter().map(|number| number.as_str().to_owned());
            Scope::of_trust(&tenancy.trust.id, numbers.collect())
        },
    )
}

fn own(caller: &Caller) -> Scope {
    Scope { owners: Some(vec![caller.organisation().to_owned()]), trust: None }
}

/// Why a message is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// The caller's trust or laboratory sent it, or the caller runs the gateway.
    Own,
    /// Its case is granted to the caller's trust.
    Granted,
}

/// Whether and why a message is seen.
///
/// # Errors
/// The journal.
pub(super) async fn sight(
    state: &State,
    scope: Option<&Scope>,
    row: Option<&MessageRow>,
) -> Result<Option<Sight>, JournalError> {
    let is_own = |row: &MessageRow, scope: &Scope| scope.owners.as_ref().is_none_or(|own| own.contains(&row.sender));
    let Some(scope) = scope else { return Ok(row.map(|_| Sight::Own)) };
    if row.is_some_and(|row| is_own(row, scope)) {
        return Ok(Some(Sight::Own));
    }
    // The same is asked for where there is no message or no case: what is absent takes as long as what is another's.
    let case = row.and_then(|row| row.case.clone()).unwrap_or_default();
    let grants = state.journal.grants(case).await?;
    let holds = grants.iter().any(|grant| scope.trust.as_ref() == Some(&grant.trust) && grant.to.is_none());
    Ok(row.filter(|_| holds).map(|_| Sight::Granted))
}
