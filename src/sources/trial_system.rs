//! What the trial system writes: ResearchStudy, ResearchSubject, Task, Observation and Patient, alone or in a transaction Bundle.
//!
//! [`read`] makes events of it: each resource claims a profile of the gateway and meets it (checked by a function that the caller
//! gives: a source knows no profiles). What an event does is decided elsewhere.

mod element;
mod entries;
mod resource;

use std::fmt;

use serde_json::Value;

use crate::domain::cohort::Cohort;
use crate::domain::enrolment::TrialSubject;
use crate::domain::evaluation::Evaluation;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::domain::limits::Limits;
use crate::domain::study_subject::StudySubjectId;
use crate::domain::trial::{Concept, ParentStudy};
use crate::fhir::etag::Named;
use crate::fhir::json::{self, JsonLimits};

pub use self::element::fingerprint;
use self::entries::Entry;
pub use self::resource::names_study_subject;

/// Types that the trial writes, in the order in which they take effect: what refers comes after what it refers to.
pub const TYPES: [&str; 5] = ["ResearchStudy", "Patient", "ResearchSubject", "Observation", "Task"];

/// Resources of one transaction.
const MOST_ENTRIES: usize = 1_000;

/// Checks a resource against a profile of the gateway, named by the end of its URL.
pub type Conformance<'a> = &'a (dyn Fn(&Value, &str) -> Vec<Issue> + 'a);

/// What reading needs to know beside the bytes.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Limits on input.
    pub limits: &'a Limits,
    /// Whether a resource is valid: an error refuses it.
    pub conformance: Conformance<'a>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Context").finish_non_exhaustive()
    }
}

/// One resource, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Type.
    pub kind: &'static str,
    /// Id at the trial.
    pub id: String,
    /// Place in the transaction.
    pub entry: usize,
    /// The version that the trial wants to replace.
    pub if_match: Option<Named>,
    /// What is the same where the content is.
    pub content: String,
    /// What it says.
    pub told: Told,
}

/// What a resource says.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// The parent study.
    Study(Box<ParentStudy>),
    /// A cohort.
    Cohort(Box<Cohort>),
    /// A patient on the parent study or in a cohort.
    Subject(Box<TrialSubject>),
    /// A statement about a referral.
    Task(Box<TaskTold>),
    /// An evaluation.
    Evaluation(Box<Evaluation>),
    /// The study subject id of a patient.
    Patient(Box<PatientTold>),
}

/// A statement about a referral.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskTold {
    /// Id of the pseudonymous ServiceRequest.
    pub referral_id: String,
    /// Id of the pseudonymous Patient.
    pub patient_id: String,
    /// Code of `gateway-referral-status`.
    pub state: String,
    /// Why.
    pub reason: Option<Concept>,
    /// When it was said: instant.
    pub modified: String,
}

/// What the trial says of a patient.
#[derive(Debug, Clone, PartialEq)]
pub struct PatientTold {
    /// The study subject id, where there is one.
    pub subject: Option<StudySubjectId>,
    /// The resource as it may be given back: what the profile names, and nothing else.
    pub resource: Value,
}

/// Whether the bytes begin as JSON does.
pub fn looks_like(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{")
}

/// Reads a transaction Bundle, or one resource that is to have `address` (type and id).
///
/// # Errors
/// The issues: at least one of them is an error.
pub fn read(bytes: &[u8], address: Option<(&str, &str)>, context: Context<'_>) -> Result<Vec<Event>, Vec<Issue>> {
    let limits = context.limits;
    let limits = JsonLimits {
        bytes: limits.message_bytes,
        depth: limits.json_depth,
        values: limits.message_values,
        ..JsonLimits::default()
    };
    let value = json::read(bytes, &limits).map_err(|mut issues| {
        // The words of the reader quote what was sent.
        issues.iter_mut().for_each(|issue| issue.text = issue.code.meaning().to_owned());
        issues.push(issue(IssueCode::TrialUnreadable, "", "the body cannot be read as JSON"));
        issues
    })?;
    let entries = match address {
        Some((kind, id)) => vec![Entry::of_address(value, kind, id)?],
        None => entries::of_bundle(value, MOST_ENTRIES)?,
    };
    let is_single = address.is_some();
    let mut events = Vec::with_capacity(entries.len());
    let mut issues = Vec::new();
    for entry in entries {
        match resource::event(entry, context.conformance) {
            Ok(event) => events.push(event),
            Err((entry, found)) => issues.extend(found.into_iter().map(|issue| placed(issue, entry, is_single))),
        }
    }
    if issues.is_empty() {
        events.sort_by_key(|event: &Event| (TYPES.iter().position(|kind| *kind == event.kind), event.entry));
        return Ok(events);
    }
    Err(issues)
}

/// The issue at its place in the Bundle.
fn placed(mut issue: Issue, entry: usize, is_single: bool) -> Issue {
    if !is_single {
        let inner = issue.location.path.as_deref().unwrap_or_default();
        let rest = inner.split_once('.').map_or_else(String::new, |(_, rest)| format!(".{rest}"));
        issue.location.path = Some(format!("Bundle.entry[{entry}].resource{rest}").into());
    }
    issue
}

fn issue(code: IssueCode, path: &str, text: &str) -> Issue {
    let location = if path.is_empty() { Location::default() } else { Location::path(path) };
    Issue::new(code, location, text)
}

fn is_error(issue: &Issue) -> bool {
    issue.code.severity() >= Severity::Error
}

#[cfg(test)]
mod tests;
