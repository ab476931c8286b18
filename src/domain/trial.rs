//! What the trial system tells: the parts that its resources share, and the root of the templates.

use super::cohort::Cohort;
use super::enrolment::TrialSubject;
use super::evaluation::Evaluation;
use super::ids::Identity;
use super::referral::Code;
use crate::record;

/// Owner of the business keys of what the trial names.
pub const TRIAL: &str = "trial";

record! {
    /// What one write of the trial, or one step of a referral, is about: one of them is filled.
    pub struct TrialUpdate {
        /// A cohort, as the trial sees it.
        pub cohort: Option<Cohort>,
        /// The same as everybody sees it.
        pub public_cohort: Option<Cohort>,
        /// The parent study.
        pub study: Option<ParentStudy>,
        /// A patient on the parent study.
        pub screening: Option<TrialSubject>,
        /// A patient in a cohort.
        pub enrolment: Option<TrialSubject>,
        /// How far a referral is.
        pub task: Option<ReferralTask>,
        /// An evaluation in week 16.
        pub evaluation: Option<Evaluation>,
    }
}

record! {
    /// A concept: codes, a text, or both.
    pub struct Concept {
        /// Codes.
        pub codes: Vec<Code>,
        /// Text.
        pub text: Option<String>,
    }
}

impl Concept {
    /// A concept of a text alone.
    pub fn of_text(text: &str) -> Self {
        Self { codes: Vec::new(), text: Some(text.to_owned()) }
    }

    /// What a person reads.
    pub fn words(&self) -> &str {
        let display = || self.codes.iter().find_map(|code| code.display.as_deref());
        let code = || self.codes.first().map(|code| code.code.as_str());
        self.text.as_deref().or_else(display).or_else(code).unwrap_or_default()
    }
}

record! {
    /// An identifier.
    pub struct TrialIdentifier {
        /// Identifier system.
        pub system: Option<String>,
        /// Value.
        pub value: String,
    }
}

record! {
    /// A reference to something that is not rendered here.
    pub struct Link {
        /// `Type/id` in the face that is rendered.
        pub reference: Option<String>,
        /// Name for a person.
        pub display: Option<String>,
    }
}

record! {
    /// The study that cohorts are part of.
    pub struct ParentStudy {
        /// Business key: the trial's id.
        pub identity: Identity,
        /// Identifiers, e.g. of a registry of trials.
        pub identifiers: Vec<TrialIdentifier>,
        /// Title.
        pub title: Option<String>,
        /// FHIR research-study-status.
        pub status: String,
    }
}

record! {
    /// How far a referral is, as the Task of it says.
    pub struct ReferralTask {
        /// Business key: the case of the referral.
        pub identity: Identity,
        /// State: code of `gateway-referral-status`.
        pub state: String,
        /// Why, in the trial's words.
        pub reason: Option<Concept>,
        /// The referral, `ServiceRequest/id`.
        pub referral: String,
        /// The patient, `Patient/id`.
        pub patient: String,
        /// The organisation that refers, `Organization/id`.
        pub requester: String,
        /// When the referral was taken.
        pub authored: String,
        /// When the state was reached.
        pub modified: String,
        /// Where the patient stands: `ResearchSubject/id`.
        pub subject: Option<String>,
    }
}
