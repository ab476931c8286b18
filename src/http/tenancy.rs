//! What of the journal a caller may see.

use super::State;
use crate::authz::{Action, Permit};
use crate::identity::{Caller, Role};
use crate::journal::{Grant, JournalError, MessageRow, Scope};

/// What the caller may see: the data of its trust and what is granted to it; of another organisation what it sent; everything
/// where there is none, for whoever runs the gateway.
pub(super) fn scope<A: Action>(permit: &Permit<A>, state: &State) -> Option<Scope> {
    match permit.caller().role() {
        Role::Operator => None,
        Role::Trust => Some(of_trust(permit.caller(), state)),
        Role::Laboratory | Role::Trial | Role::Registry => Some(own(permit.caller())),
    }
}

/// What a trust sees; nothing where its number does not count today.
pub(super) fn of_trust(caller: &Caller, state: &State) -> Scope {
    Scope::of_organisation(&state.intake.referrals.trusts, caller.organisation(), state.clock.now())
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
    // A report is the laboratory's message, whomever it is about: a grant shows the referral's.
    let granted = |row: &MessageRow| row.case.clone().filter(|_| row.kind == "referral");
    let case = row.and_then(granted);
    let row = row.map(|row| (row.sender.as_str(), case.as_deref()));
    judge(async |case| state.journal.grants(case).await, scope, row).await
}

/// As [`sight`] of the sender and the case of a message, with what asks the journal for the grants of a case.
async fn judge(
    grants: impl AsyncFnOnce(String) -> Result<Vec<Grant>, JournalError>,
    scope: Option<&Scope>,
    row: Option<(&str, Option<&str>)>,
) -> Result<Option<Sight>, JournalError> {
    let Some(scope) = scope else { return Ok(row.map(|_| Sight::Own)) };
    let is_own = |sender: &str| scope.owners.as_ref().is_none_or(|own| own.iter().any(|own| own == sender));
    if row.is_some_and(|(sender, _)| is_own(sender)) {
        return Ok(Some(Sight::Own));
    }
    // The same is asked for where there is no message or no case: what is absent takes as long as what is another's.
    let case = row.and_then(|(_, case)| case).unwrap_or_default();
    let grants = grants(case.to_owned()).await?;
    let holds = grants.iter().any(|grant| scope.trust.as_ref() == Some(&grant.trust) && grant.to.is_none());
    Ok(row.filter(|_| holds).map(|_| Sight::Granted))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use jiff::Timestamp;

    use super::*;

    fn grant(trust: &str, is_ended: bool) -> Grant {
        let to = is_ended.then_some(Timestamp::UNIX_EPOCH);
        let from = Timestamp::UNIX_EPOCH;
        Grant { case: "referral/1".to_owned(), trust: trust.to_owned(), reason: "receiver".to_owned(), from, to }
    }

    #[tokio::test]
    async fn what_is_forbidden_costs_as_many_questions_as_what_is_absent() {
        let scope = Scope::of_trust("oslo", vec!["993467049".to_owned()]);
        let (own, other) = (("993467049", None), ("983974732", Some("referral/1")));
        let new = ("983974732", None);
        for (name, row, grants, expected, questions) in [
            ("absent", None, vec![], None, 1),
            ("of another trust", Some(other), vec![], None, 1),
            ("of another trust, without a case", Some(new), vec![], None, 1),
            ("granted to a third trust", Some(other), vec![grant("bergen", false)], None, 1),
            ("no longer granted", Some(other), vec![grant("oslo", true)], None, 1),
            ("granted", Some(other), vec![grant("oslo", false)], Some(Sight::Granted), 1),
            ("its own", Some(own), vec![], Some(Sight::Own), 0),
        ] {
            let asked = Cell::new(0);
            let ask = async |_| {
                asked.set(asked.get() + 1);
                Ok(grants)
            };
            let seen = judge(ask, Some(&scope), row).await.unwrap();
            assert_eq!((seen, asked.get()), (expected, questions), "{name}");
        }
    }
}
