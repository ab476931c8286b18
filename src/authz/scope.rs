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

impl Scope {
    /// Sends referrals.
    pub const REFERRAL: Self = Self { word: "referral", smart: Some(("ServiceRequest", "c")) };
    /// Sends reports, and links samples.
    pub const REPORT: Self = Self { word: "report", smart: Some(("DiagnosticReport", "c")) };
    /// Asks what became of messages.
    pub const MESSAGES: Self = Self { word: "messages", smart: Some(("Communication", "rs")) };
    /// Asks for the status of referrals.
    pub const STATUS: Self = Self { word: "status", smart: Some(("Task", "rs")) };
    /// Reads the audit.
    pub const AUDIT: Self = Self { word: "audit", smart: Some(("AuditEvent", "rs")) };
    /// Subscribes.
    pub const SUBSCRIBE: Self = Self { word: "status", smart: Some(("Subscription", "cud")) };
    /// Looks at subscriptions, and asks for their events.
    pub const SUBSCRIPTIONS: Self = Self { word: "status", smart: Some(("Subscription", "rs")) };
    /// Runs the gateway.
    pub const OPERATE: Self = Self { word: "operate", smart: None };

    /// Every scope.
    pub const ALL: [Self; 6] = [Self::REFERRAL, Self::REPORT, Self::MESSAGES, Self::STATUS, Self::AUDIT, Self::OPERATE];
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
            (Self::Smart(scopes), Some((resource, letters))) => letters.chars().all(|letter| {
                scopes.iter().any(|scope| {
                    (scope.resource == "*" || scope.resource == resource) && scope.letters.contains(letter)
                })
            }),
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
            (&["system/*.rs"], &[Scope::MESSAGES, Scope::STATUS, Scope::AUDIT]),
            (&["system/*.cruds"], &[Scope::REFERRAL, Scope::REPORT, Scope::MESSAGES, Scope::STATUS, Scope::AUDIT]),
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
