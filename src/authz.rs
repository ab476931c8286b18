//! What a caller may do. Nothing is allowed that no action names; a [`Permit`] is the proof, and handlers take it as an
//! argument.

use std::marker::PhantomData;

use crate::identity::{Caller, Role};
use crate::operators::OperatorRole;

/// Something that a caller does.
pub trait Action: 'static {
    /// Roles that may.
    const ROLES: &'static [Role];

    /// Which of the persons who run the gateway may, where operators may.
    const OPERATORS: &'static [OperatorRole] = &[OperatorRole::Operator];
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
    const OPERATORS: &'static [OperatorRole] = &OperatorRole::ALL;
}

/// Reads messages as they came: the caller's own; an operator who has to decide reads all.
#[derive(Debug)]
pub enum ReadOriginals {}

impl Action for ReadOriginals {
    const ROLES: &'static [Role] = ReadMessages::ROLES;
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
        let may = A::ROLES.contains(&caller.role())
            && caller.operator_role().is_none_or(|person| A::OPERATORS.contains(&person));
        may.then(|| Self { caller: caller.clone(), action: PhantomData })
    }

    /// Who has it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whose messages may be seen: those of one organisation; all where there is none.
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
    fn a_person_may_do_what_the_role_at_the_gateway_allows() {
        for (role, [read, originals, operate]) in [
            (OperatorRole::Viewer, [true, false, false]),
            (OperatorRole::Operator, [true, true, true]),
            (OperatorRole::Security, [true, false, false]),
        ] {
            let caller = Caller::person(&crate::operators::Person::example(role));
            assert_eq!(Permit::<ReadMessages>::of(&caller).is_some(), read, "{role:?}");
            assert_eq!(Permit::<ReadOriginals>::of(&caller).is_some(), originals, "{role:?}");
            assert_eq!(Permit::<Operate>::of(&caller).is_some(), operate, "{role:?}");
            assert!(Permit::<SendReferral>::of(&caller).is_none() && Permit::<SendReport>::of(&caller).is_none());
        }
    }

    #[test]
    fn everybody_but_an_operator_sees_the_own_messages() {
        assert_eq!(Permit::<ReadMessages>::of(&caller(Role::Operator)).unwrap().scope(), None);
        assert_eq!(Permit::<ReadMessages>::of(&caller(Role::Trust)).unwrap().scope(), Some("993467049"));
    }
}
