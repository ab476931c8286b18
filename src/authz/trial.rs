//! What the trial system may: write, one type at a time or all of them in a transaction.

use super::{Action, Permit, Refusal, Scope, SendReferral};
use crate::identity::{Caller, Role};

macro_rules! writes {
    ($($(#[doc = $doc:literal])* $name:ident, $scope:ident;)*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl Action for $name {
                const ROLES: &'static [Role] = &[Role::Trial];
                const SCOPE: Scope = Scope::$scope;
            }
        )*
    };
}

writes! {
    /// Writes cohorts.
    WriteStudy, TRIAL_STUDY;
    /// Writes patients on a study.
    WriteSubject, TRIAL_SUBJECT;
    /// Writes Tasks of referrals.
    WriteTask, TRIAL_TASK;
    /// Writes evaluations.
    WriteObservation, TRIAL_OBSERVATION;
    /// Writes study subject ids.
    WritePatient, TRIAL_PATIENT;
}

/// Who may hand over a Bundle: a trust a referral, the trial a transaction.
#[derive(Debug)]
pub enum Submission {
    /// A referral.
    Referral(Permit<SendReferral>),
    /// A transaction; the caller may write every type of it.
    Trial(Caller),
}

impl Submission {
    /// Roles that may.
    pub const ROLES: &'static [Role] = &[Role::Trust, Role::Trial];

    /// The permit of a caller.
    ///
    /// # Errors
    /// As [`Permit::of`].
    pub fn of(caller: &Caller) -> Result<Self, Refusal> {
        if caller.role() != Role::Trial {
            return Permit::of(caller).map(Self::Referral);
        }
        Permit::<WriteStudy>::of(caller)?;
        Permit::<WriteSubject>::of(caller)?;
        Permit::<WriteTask>::of(caller)?;
        Permit::<WriteObservation>::of(caller)?;
        Permit::<WritePatient>::of(caller)?;
        Ok(Self::Trial(caller.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authz::Scopes;
    use crate::identity::Token;

    fn caller(role: Role, scopes: &[&str]) -> Caller {
        let scopes = Scopes::smart(scopes.iter().copied());
        Caller::with_token("983974732", role, Token { scopes, ..Token::of_issuer("issuer") })
    }

    #[test]
    fn each_type_needs_its_own_scope_and_a_transaction_all_of_them() {
        let one = caller(Role::Trial, &["system/ResearchSubject.u"]);
        assert!(Permit::<WriteSubject>::of(&one).is_ok());
        assert_eq!(Permit::<WriteStudy>::of(&one).unwrap_err(), Refusal::InsufficientScope);
        assert_eq!(Permit::<WriteTask>::of(&one).unwrap_err(), Refusal::InsufficientScope);
        assert_eq!(Submission::of(&one).unwrap_err(), Refusal::InsufficientScope);
        let all = caller(Role::Trial, &["system/*.u"]);
        assert!(matches!(Submission::of(&all), Ok(Submission::Trial(_))));
    }

    #[test]
    fn a_bundle_of_a_trust_is_a_referral_and_nobody_else_hands_one_over() {
        let trust = caller(Role::Trust, &["system/*.cruds"]);
        assert!(matches!(Submission::of(&trust), Ok(Submission::Referral(_))));
        assert_eq!(Permit::<WriteSubject>::of(&trust).unwrap_err(), Refusal::Forbidden);
        for role in [Role::Laboratory, Role::Registry, Role::Operator] {
            assert_eq!(Submission::of(&caller(role, &["system/*.cruds"])).unwrap_err(), Refusal::Forbidden, "{role:?}");
        }
    }
}
