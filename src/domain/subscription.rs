//! What can be subscribed to: topics, what each may be filtered by, and which changes fit a filter.

use serde::{Deserialize, Serialize};

use super::search::Token;

/// A topic: changes of the resources of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The state of a patient on a study or cohort.
    Enrolment,
    /// The state of a cohort.
    Cohort,
    /// A genomic report that is released, and each change of it.
    Report,
    /// The state of a referral.
    Referral,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 4] = [Self::Enrolment, Self::Cohort, Self::Report, Self::Referral];

    /// Last segment of its canonical.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enrolment => "enrolment-changed",
            Self::Cohort => "cohort-status-changed",
            Self::Report => "report-available",
            Self::Referral => "referral-status-changed",
        }
    }

    /// Type of the resources that it is about.
    pub fn resource_type(self) -> &'static str {
        match self {
            Self::Enrolment => "ResearchSubject",
            Self::Cohort => "ResearchStudy",
            Self::Report => "DiagnosticReport",
            Self::Referral => "Task",
        }
    }

    /// Search parameters that it may be filtered by.
    pub fn filters(self) -> &'static [&'static str] {
        match self {
            Self::Enrolment => &["_id", "patient", "study", "status"],
            Self::Cohort => &["_id", "identifier", "partof", "status"],
            Self::Report => &["_id", "patient", "based-on", "code", "status"],
            Self::Referral => &["_id", "patient", "focus", "code", "status", "business-status"],
        }
    }

    /// The topic of a canonical, which begins with the canonical base of the deployment.
    pub fn of_canonical(canonical: &str, base: &str) -> Option<Self> {
        let name = canonical.strip_prefix(base)?.strip_prefix("/SubscriptionTopic/")?;
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }

    /// Its canonical.
    pub fn canonical(self, base: &str) -> String {
        format!("{base}/SubscriptionTopic/{}", self.name())
    }

    /// The topic of resources of a type.
    pub fn of_type(resource_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.resource_type() == resource_type)
    }
}

/// That a resource has a value of a search parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Name of the parameter.
    pub name: String,
    /// System; of any where none is named.
    pub system: Option<String>,
    /// Value, as a token has it.
    pub value: String,
}

/// What a subscription is filtered by: one of each list must hold.
pub type Filters = Vec<Vec<Wanted>>;

/// Whether a resource that is found by these tokens fits.
pub fn fits(filters: &Filters, id: &str, tokens: &[Token]) -> bool {
    let holds = |wanted: &Wanted| match wanted.name.as_str() {
        "_id" => wanted.value == id,
        name => tokens.iter().any(|token| {
            token.name == name
                && token.period.is_none()
                && token.value == wanted.value
                && wanted.system.as_ref().is_none_or(|system| *system == token.system)
        }),
    };
    filters.iter().all(|any| any.iter().any(holds))
}

/// How far a subscription is (value set subscription-status of R4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The endpoint is to be asked whether it listens.
    Requested,
    /// Notifications are sent.
    Active,
    /// The endpoint does not take them: events are counted and kept, nothing is sent until it is requested again.
    Error,
    /// Nothing is counted.
    Off,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Requested, Self::Active, Self::Error, Self::Off];

    /// Its code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Active => "active",
            Self::Error => "error",
            Self::Off => "off",
        }
    }

    /// Reads the code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str, system: Option<&str>, value: &str) -> Wanted {
        Wanted { name: name.to_owned(), system: system.map(str::to_owned), value: value.to_owned() }
    }

    #[test]
    fn a_topic_is_known_by_its_canonical_below_the_base_only() {
        for topic in Topic::ALL {
            assert_eq!(Topic::of_canonical(&topic.canonical("https://a.example"), "https://a.example"), Some(topic));
            assert_eq!(Topic::of_type(topic.resource_type()), Some(topic));
        }
        for canonical in [
            "https://b.example/SubscriptionTopic/enrolment-changed",
            "https://a.example/SubscriptionTopic/other",
            "https://a.example/SubscriptionTopic/enrolment-changed/x",
            "enrolment-changed",
            "",
        ] {
            assert_eq!(Topic::of_canonical(canonical, "https://a.example"), None, "{canonical}");
        }
    }

    #[test]
    fn each_list_must_have_one_that_holds() {
        let tokens = [
            Token::new("status", "", "on-study"),
            Token::new("business-status", "https://a.example", "screening"),
            Token::new("patient", "", "Patient/1"),
            Token::time("date", 0, 1),
        ];
        let one = |wanted| vec![vec![wanted]];
        for (filters, expected) in [
            (Vec::new(), true),
            (one(wanted("status", None, "on-study")), true),
            (one(wanted("status", None, "off-study")), false),
            (one(wanted("business-status", Some("https://a.example"), "screening")), true),
            (one(wanted("business-status", Some("https://b.example"), "screening")), false),
            (one(wanted("business-status", Some(""), "screening")), false),
            (one(wanted("patient", None, "Patient/2")), false),
            (one(wanted("date", None, "")), false),
            (one(wanted("_id", None, "7")), true),
            (one(wanted("_id", None, "8")), false),
            (vec![vec![wanted("_id", None, "8"), wanted("_id", None, "7")]], true),
            (vec![vec![wanted("_id", None, "7")], vec![wanted("status", None, "off-study")]], false),
            (vec![Vec::new()], false),
        ] {
            assert_eq!(fits(&filters, "7", &tokens), expected, "{filters:?}");
        }
    }
}
