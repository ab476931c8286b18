//! Scopes of access tokens: what an action asks for, and what a token grants.

use std::collections::BTreeSet;

/// What an action asks of a token: the word of HelseID behind the prefix of the API (`<prefix>referral`), or the resource and
/// letters of SMART (`system/ServiceRequest.c`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    word: &'static str,
    /// Resource and interactions; none: no scope of SMART gives it.
    smart: Option<(&'static str, &'static str)>,
}

/// In place of a resource: any, and one of the letters is enough.
const ANY: &str = "";

impl Scope {
    /// Sends referrals.
    pub const REFERRAL: Self = Self { word: "referral", smart: Some(("ServiceRequest", "c")) };
    /// Sends reports, and links samples.
    pub const REPORT: Self = Self { word: "report", smart: Some(("DiagnosticReport", "c")) };
    /// Asks what became of messages.
    pub const MESSAGES: Self = Self { word: "messages", smart: Some(("Communication", "rs")) };
    /// Asks for the status of referrals.
    pub const STATUS: Self = Self { word: "status", smart: Some(("Task", "rs")) };
    /// Reads resources: of SMART any scope to read or search some type.
    pub const RESOURCES: Self = Self { word: "status", smart: Some((ANY, "rs")) };
    /// Reads the audit.
    pub const AUDIT: Self = Self { word: "audit", smart: Some(("AuditEvent", "rs")) };
    /// Subscribes.
    pub const SUBSCRIBE: Self = Self { word: "status", smart: Some(("Subscription", "cud")) };
    /// Looks at subscriptions, and asks for their events.
    pub const SUBSCRIPTIONS: Self = Self { word: "status", smart: Some(("Subscription", "rs")) };
    /// Runs the gateway.
    pub const OPERATE: Self = Self { word: "operate", smart: None };

    /// Writes cohorts.
    pub const TRIAL_STUDY: Self = Self::of_trial("ResearchStudy");
    /// Writes patients on a study.
    pub const TRIAL_SUBJECT: Self = Self::of_trial("ResearchSubject");
    /// Writes Tasks of referrals.
    pub const TRIAL_TASK: Self = Self::of_trial("Task");
    /// Writes evaluations.
    pub const TRIAL_OBSERVATION: Self = Self::of_trial("Observation");
    /// Writes study subject ids.
    pub const TRIAL_PATIENT: Self = Self::of_trial("Patient");

    /// Every scope.
    pub const ALL: [Self; 13] = [
        Self::SUBSCRIBE,
        Self::SUBSCRIPTIONS,
        Self::REFERRAL,
        Self::REPORT,
        Self::MESSAGES,
        Self::STATUS,
        Self::AUDIT,
        Self::OPERATE,
        Self::TRIAL_STUDY,
        Self::TRIAL_SUBJECT,
        Self::TRIAL_TASK,
        Self::TRIAL_OBSERVATION,
        Self::TRIAL_PATIENT,
    ];

    const fn of_trial(resource: &'static str) -> Self {
        Self { word: "trial", smart: Some((resource, "u")) }
    }
}

/// What a token grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scopes {
    /// Words behind the prefix of the API.
    Words(BTreeSet<String>),
    /// Scopes of SMART, version 2.
    Smart(Vec<SmartScope>),
}

/// `system/<resource>.<letters>`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmartScope {
    resource: String,
    letters: String,
}

impl Scopes {
    /// Those of the scopes that begin with the prefix.
    pub fn words<'s>(prefix: &str, scopes: impl IntoIterator<Item = &'s str>) -> Self {
        let words = scopes.into_iter().filter_map(|scope| scope.strip_prefix(prefix));
        Self::Words(words.map(str::to_owned).collect())
    }

    /// Those of the scopes that have the form of SMART, version 2, for a system; of another form none is granted: not one for a
    /// user or patient, and not one with a search (`?category=..`), whose narrowing would not be kept.
    pub fn smart<'s>(scopes: impl IntoIterator<Item = &'s str>) -> Self {
        Self::Smart(scopes.into_iter().filter_map(SmartScope::parse).collect())
    }

    /// Whether they cover what an action asks for.
    pub fn cover(&self, asked: Scope) -> bool {
        match (self, asked.smart) {
            (Self::Words(words), _) => words.contains(asked.word),
            (Self::Smart(_), None) => false,
            (Self::Smart(scopes), Some((ANY, letters))) => {
                scopes.iter().any(|scope| letters.chars().any(|letter| scope.letters.contains(letter)))
            }
            (Self::Smart(_), Some((resource, letters))) => letters.chars().all(|letter| self.reach(resource, letter)),
        }
    }

    /// Whether they reach a type with an interaction; a word has no types, and reaches what its action does.
    pub fn reach(&self, resource: &str, letter: char) -> bool {
        match self {
            Self::Words(_) => true,
            Self::Smart(scopes) => scopes
                .iter()
                .any(|scope| (scope.resource == "*" || scope.resource == resource) && scope.letters.contains(letter)),
        }
    }
}

impl SmartScope {
    fn parse(scope: &str) -> Option<Self> {
        let (resource, letters) = scope.strip_prefix("system/")?.split_once('.')?;
        let is_resource = resource == "*" || resource.bytes().all(|byte| byte.is_ascii_alphabetic());
        // Some of them, in this order (SMART App Launch 2, "Scopes for requesting FHIR resources").
        let mut rest = "cruds".chars();
        let in_order = letters.chars().all(|letter| rest.any(|next| next == letter));
        let is_scope = is_resource && !resource.is_empty() && !letters.is_empty() && in_order;
        is_scope.then(|| Self { resource: resource.to_owned(), letters: letters.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_behind_its_own_prefix_only() {
        let granted =
            Scopes::words("impress:gateway/", ["impress:gateway/referral", "other/report", "messages", "openid"]);
        for scope in Scope::ALL {
            assert_eq!(granted.cover(scope), scope == Scope::REFERRAL, "{scope:?}");
        }
    }

    #[test]
    fn a_scope_of_smart_covers_its_resource_and_letters() {
        for (scopes, covered) in [
            (&["system/ServiceRequest.c"][..], &[Scope::REFERRAL][..]),
            (&["system/ServiceRequest.cruds"], &[Scope::REFERRAL]),
            (&["system/*.rs"], &[Scope::MESSAGES, Scope::STATUS, Scope::AUDIT, Scope::SUBSCRIPTIONS]),
            (&["system/Subscription.crs"], &[Scope::SUBSCRIPTIONS]),
            (&["system/Subscription.cruds"], &[Scope::SUBSCRIBE, Scope::SUBSCRIPTIONS]),
            (
                &["system/*.cruds"],
                &[
                    Scope::REFERRAL,
                    Scope::REPORT,
                    Scope::MESSAGES,
                    Scope::STATUS,
                    Scope::AUDIT,
                    Scope::TRIAL_STUDY,
                    Scope::TRIAL_SUBJECT,
                    Scope::TRIAL_TASK,
                    Scope::TRIAL_OBSERVATION,
                    Scope::TRIAL_PATIENT,
                    Scope::SUBSCRIBE,
                    Scope::SUBSCRIPTIONS,
                ],
            ),
            (&["system/Task.u", "system/Patient.c"], &[Scope::TRIAL_TASK]),
            (&["system/Communication.r", "system/*.s"], &[Scope::MESSAGES]),
            (&["system/Communication.r"], &[]),
            (&["system/ServiceRequest.rc", "system/ServiceRequest.", "system/.c", "system/*.cc"], &[]),
            (&["user/ServiceRequest.c", "patient/ServiceRequest.c", "ServiceRequest.c"], &[]),
            (&["system/ServiceRequest.c?category=x", "system/ServiceRequest.write", "system/*.*"], &[]),
        ] {
            let granted = Scopes::smart(scopes.iter().copied());
            for scope in Scope::ALL {
                assert_eq!(granted.cover(scope), covered.contains(&scope), "{scopes:?} {scope:?}");
            }
        }
    }
}
