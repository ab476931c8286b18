//! What a caller may do. Nothing is allowed that no action names; a [`Permit`] is the proof, and handlers take it as an
//! argument.

use std::marker::PhantomData;

use crate::identity::{Caller, Role};

/// Something that a caller does.
pub trait Action: 'static {
    /// Roles that may.
    const ROLES: &'static [Role];
}

/// Sends referrals.
#[derive(Debug)]
pub enum SendReferral {}

impl Action for SendReferral {
    const ROLES: &'static [Role] = &[Role::Trust];
}

/// Sends genomic reports, and says which sample belongs to which request.
#[derive(Debug)]
pub enum SendReport {}

impl Action for SendReport {
    const ROLES: &'static [Role] = &[Role::Laboratory];
}

/// Asks what became of messages: the caller's own; an operator sees all.
#[derive(Debug)]
pub enum ReadMessages {}

impl Action for ReadMessages {
    const ROLES: &'static [Role] = &[Role::Trust, Role::Laboratory, Role::Operator];
}

/// Asks who did what with patients' data: with the caller's own patients; an operator sees all.
#[derive(Debug)]
pub enum ReadAudit {}

impl Action for ReadAudit {
    const ROLES: &'static [Role] = &[Role::Trust, Role::Operator];
}

/// Runs the gateway: numbers, consent, links, dead letters.
#[derive(Debug)]
pub enum Operate {}

impl Action for Operate {
    const ROLES: &'static [Role] = &[Role::Operator];
}

/// The proof that a caller may do `A`. Only [`Permit::of`] makes one.
#[derive(Debug)]
pub struct Permit<A> {
    caller: Caller,
    action: PhantomData<fn() -> A>,
}

impl<A: Action> Permit<A> {
    /// A permit, where the caller's role allows the action.
    pub fn of(caller: &Caller) -> Option<Self> {
        A::ROLES.contains(&caller.role()).then(|| Self { caller: caller.clone(), action: PhantomData })
    }

    /// Who has it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}

impl Permit<ReadMessages> {
    /// Whose messages may be seen: those of one organisation; all where there is none.
    pub fn scope(&self) -> Option<&str> {
        (self.caller.role() != Role::Operator).then(|| self.caller.organisation())
    }
}

impl Permit<ReadAudit> {
    /// Whose patients' events may be seen: those of one organisation; all where there is none.
    pub fn scope(&self) -> Option<&str> {
        (self.caller.role() != Role::Operator).then(|| self.caller.organisation())
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
            assert_eq!(Permit::<SendReferral>::of(&caller).is_some(), referral, "{role:?}");
            assert_eq!(Permit::<SendReport>::of(&caller).is_some(), report, "{role:?}");
            assert_eq!(Permit::<ReadMessages>::of(&caller).is_some(), read, "{role:?}");
            assert_eq!(Permit::<Operate>::of(&caller).is_some(), operate, "{role:?}");
        }
    }

    #[test]
    fn the_audit_trail_is_for_trusts_and_operators() {
        for role in Role::ALL {
            let permit = Permit::<ReadAudit>::of(&caller(role));
            assert_eq!(permit.is_some(), matches!(role, Role::Trust | Role::Operator), "{role:?}");
            assert!(permit.is_none_or(|permit| (permit.scope() == Some("993467049")) == (role == Role::Trust)));
        }
    }

    #[test]
    fn everybody_but_an_operator_sees_the_own_messages() {
        assert_eq!(Permit::<ReadMessages>::of(&caller(Role::Operator)).unwrap().scope(), None);
        assert_eq!(Permit::<ReadMessages>::of(&caller(Role::Trust)).unwrap().scope(), Some("993467049"));
    }
}
