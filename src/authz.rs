//! What a caller may do. Nothing is allowed that no action names; a [`Permit`] is the proof, and handlers take it as an
//! argument.
//!
//! The role decides, and of who comes with an access token its scopes, too: a secret or certificate has every scope of its role.

mod scope;
mod trial;

use std::marker::PhantomData;

use crate::identity::{Caller, Role, Token};
use crate::operators::OperatorRole;

pub use scope::{Scope, Scopes};
pub use trial::{Submission, WriteObservation, WritePatient, WriteStudy, WriteSubject, WriteTask};

/// Something that a caller does.
pub trait Action: 'static {
    /// Roles that may.
    const ROLES: &'static [Role];
    /// What a token must grant.
    const SCOPE: Scope;

    /// Which of the persons who run the gateway may, where operators may.
    const OPERATORS: &'static [OperatorRole] = &[OperatorRole::Operator];
}

/// Why a caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its role does not allow it.
    Forbidden,
    /// Its role does, and its token does not.
    InsufficientScope,
}

/// Sends referrals.
#[derive(Debug)]
pub enum SendReferral {}

impl Action for SendReferral {
    const ROLES: &'static [Role] = &[Role::Trust];
    const SCOPE: Scope = Scope::REFERRAL;
}

/// Sends genomic reports, and says which sample belongs to which request.
#[derive(Debug)]
pub enum SendReport {}

impl Action for SendReport {
    const ROLES: &'static [Role] = &[Role::Laboratory];
    const SCOPE: Scope = Scope::REPORT;
}

/// Asks what became of messages: the caller's own; an operator sees all.
#[derive(Debug)]
pub enum ReadMessages {}

impl Action for ReadMessages {
    const ROLES: &'static [Role] = &[Role::Trust, Role::Laboratory, Role::Operator];
    const SCOPE: Scope = Scope::MESSAGES;
    const OPERATORS: &'static [OperatorRole] = &OperatorRole::ALL;
}

/// Reads messages as they came: the caller's own; an operator who has to decide reads all.
#[derive(Debug)]
pub enum ReadOriginals {}

impl Action for ReadOriginals {
    const ROLES: &'static [Role] = ReadMessages::ROLES;
    const SCOPE: Scope = Scope::MESSAGES;
}

/// Asks who did what with patients' data: with the caller's own patients; the security officer sees all.
#[derive(Debug)]
pub enum ReadAudit {}

impl Action for ReadAudit {
    const ROLES: &'static [Role] = &[Role::Trust, Role::Operator];
    const SCOPE: Scope = Scope::AUDIT;
    const OPERATORS: &'static [OperatorRole] = &[OperatorRole::Security];
}

/// Makes, changes and deletes the caller's own subscriptions.
#[derive(Debug)]
pub enum Subscribe {}

impl Action for Subscribe {
    const ROLES: &'static [Role] = &[Role::Trust];
    const SCOPE: Scope = Scope::SUBSCRIBE;
}

/// Looks at the caller's own subscriptions, and asks for their events.
#[derive(Debug)]
pub enum ReadSubscriptions {}

impl Action for ReadSubscriptions {
    const ROLES: &'static [Role] = Subscribe::ROLES;
    const SCOPE: Scope = Scope::SUBSCRIPTIONS;
}

/// Reads resources of the FHIR API: what the caller may see of them is its scope. A token of SMART must reach each type as well
/// ([`Permit::reach`]).
#[derive(Debug)]
pub enum ReadResources {}

impl Action for ReadResources {
    const ROLES: &'static [Role] = &[Role::Trust, Role::Trial, Role::Operator];
    const SCOPE: Scope = Scope::RESOURCES;
    const OPERATORS: &'static [OperatorRole] = &[OperatorRole::Operator, OperatorRole::Security];
}

impl Permit<ReadResources> {
    /// Whether the caller's token reaches a type with an interaction (`r` or `s`).
    ///
    /// # Errors
    /// It does not.
    pub fn reach(&self, resource: &str, letter: char) -> Result<(), Refusal> {
        let reaches = |token: &Token| token.scopes.reach(resource, letter);
        if self.caller.token().is_none_or(reaches) { Ok(()) } else { Err(Refusal::InsufficientScope) }
    }
}

/// Runs the gateway: numbers, consent, links, dead letters.
#[derive(Debug)]
pub enum Operate {}

impl Action for Operate {
    const ROLES: &'static [Role] = &[Role::Operator];
    const SCOPE: Scope = Scope::OPERATE;
}

/// The proof that a caller may do `A`. Only [`Permit::of`] makes one.
#[derive(Debug)]
pub struct Permit<A> {
    caller: Caller,
    action: PhantomData<fn() -> A>,
}

impl<A: Action> Permit<A> {
    /// A permit.
    ///
    /// # Errors
    /// The caller's role does not allow the action, or its token does not.
    pub fn of(caller: &Caller) -> Result<Self, Refusal> {
        let may = A::ROLES.contains(&caller.role())
            && caller.operator_role().is_none_or(|person| A::OPERATORS.contains(&person));
        if !may {
            return Err(Refusal::Forbidden);
        }
        if caller.token().is_some_and(|token| !token.scopes.cover(A::SCOPE)) {
            return Err(Refusal::InsufficientScope);
        }
        Ok(Self { caller: caller.clone(), action: PhantomData })
    }

    /// Who has it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Callers, Credential};

    fn caller(role: Role) -> Caller {
        let mut callers = Callers::default();
        let secret = Some(Credential::Secret("x".repeat(32)));
        callers.add(("a", "993467049", role), secret).unwrap();
        callers.by_name("a").unwrap().clone()
    }

    #[test]
    fn a_role_may_do_what_its_actions_name_and_nothing_else() {
        for (role, [referral, report, read, operate]) in [
            (Role::Trust, [true, false, true, false]),
            (Role::Laboratory, [false, true, true, false]),
            (Role::Trial, [false; 4]),
            (Role::Registry, [false; 4]),
            (Role::Operator, [false, false, true, true]),
        ] {
            let caller = caller(role);
            assert_eq!(Permit::<SendReferral>::of(&caller).is_ok(), referral, "{role:?}");
            assert_eq!(Permit::<SendReport>::of(&caller).is_ok(), report, "{role:?}");
            assert_eq!(Permit::<ReadMessages>::of(&caller).is_ok(), read, "{role:?}");
            assert_eq!(Permit::<Operate>::of(&caller).is_ok(), operate, "{role:?}");
        }
    }

    #[test]
    fn a_token_must_grant_what_the_role_allows() {
        let token = |role, scopes: &[&str]| {
            let scopes = Scopes::words("gateway/", scopes.iter().copied());
            let token = Token { client: "client".to_owned(), scopes, ..Token::of_issuer("issuer") };
            Caller::with_token("983974732", role, token)
        };
        let trust = token(Role::Trust, &["gateway/referral", "gateway/report"]);
        assert!(Permit::<SendReferral>::of(&trust).is_ok());
        assert_eq!(Permit::<ReadMessages>::of(&trust).unwrap_err(), Refusal::InsufficientScope);
        // A scope gives nothing that the role does not have.
        assert_eq!(Permit::<SendReport>::of(&trust).unwrap_err(), Refusal::Forbidden);
        assert_eq!(Permit::<Operate>::of(&token(Role::Operator, &[])).unwrap_err(), Refusal::InsufficientScope);
    }

    #[test]
    fn the_audit_trail_is_for_trusts_and_operators() {
        for role in Role::ALL {
            let permit = Permit::<ReadAudit>::of(&caller(role));
            assert_eq!(permit.is_ok(), matches!(role, Role::Trust | Role::Operator), "{role:?}");
        }
    }

    #[test]
    fn resources_are_read_by_trusts_the_trial_and_those_who_run_the_gateway() {
        for role in Role::ALL {
            let may = matches!(role, Role::Trust | Role::Trial | Role::Operator);
            assert_eq!(Permit::<ReadResources>::of(&caller(role)).is_ok(), may, "{role:?}");
        }
        for role in OperatorRole::ALL {
            let permit = Permit::<ReadResources>::of(&Caller::person(&crate::operators::Person::example(role)));
            assert_eq!(permit.is_ok(), role != OperatorRole::Viewer, "{role:?}");
        }
    }

    #[test]
    fn a_token_of_smart_reaches_the_types_that_it_names() {
        let permit = |scopes: Scopes| {
            let token = Token { client: "client".to_owned(), scopes, ..Token::of_issuer("issuer") };
            Permit::<ReadResources>::of(&Caller::with_token("983974732", Role::Trust, token))
        };
        let smart = |scopes: &[&str]| permit(Scopes::smart(scopes.iter().copied()));
        let task = smart(&["system/Task.r", "system/Patient.cud"]).unwrap();
        assert_eq!(task.reach("Task", 'r'), Ok(()));
        for (kind, letter) in [("Task", 's'), ("Patient", 'r'), ("Observation", 'r')] {
            assert_eq!(task.reach(kind, letter), Err(Refusal::InsufficientScope), "{kind}.{letter}");
        }
        let all = smart(&["system/*.rs"]).unwrap();
        assert!(all.reach("Observation", 'r').is_ok() && all.reach("Task", 's').is_ok());
        for nothing in [&["system/Task.cud"][..], &["user/Task.rs"], &[]] {
            assert_eq!(smart(nothing).unwrap_err(), Refusal::InsufficientScope, "{nothing:?}");
        }
        // The word of HelseID has no types.
        let status = permit(Scopes::words("gateway/", ["gateway/status"])).unwrap();
        assert!(status.reach("Observation", 's').is_ok());
        assert!(permit(Scopes::words("gateway/", ["gateway/referral"])).is_err());
    }

    #[test]
    fn a_person_may_do_what_the_role_at_the_gateway_allows() {
        for (role, [read, originals, operate]) in [
            (OperatorRole::Viewer, [true, false, false]),
            (OperatorRole::Operator, [true, true, true]),
            (OperatorRole::Security, [true, false, false]),
        ] {
            let caller = Caller::person(&crate::operators::Person::example(role));
            assert_eq!(Permit::<ReadMessages>::of(&caller).is_ok(), read, "{role:?}");
            assert_eq!(Permit::<ReadOriginals>::of(&caller).is_ok(), originals, "{role:?}");
            assert_eq!(Permit::<Operate>::of(&caller).is_ok(), operate, "{role:?}");
            assert!(Permit::<SendReferral>::of(&caller).is_err() && Permit::<SendReport>::of(&caller).is_err());
        }
    }
}
