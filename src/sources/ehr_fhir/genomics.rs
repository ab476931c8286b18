//! Genomic results that come with a referral: content of Genomics Reporting 2.0.0 becomes 3.0.0, content of 3.0.0 stays.
//!
//! [`convert()`] is a pure function of one resource; what changes stands in the tables `genomics-2-*` and
//! `genomics-3-categories` (the breaking changes between the two releases). What has no counterpart is named, never guessed.

mod carry;
mod convert;
mod faces;

use serde_json::Value;

use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::fhir::systems::{GENETICS_CATEGORY, GENOMICS_REPORTING};

pub use convert::convert;
pub use faces::{identified, pseudonymous};

/// A resource after conversion.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    /// The resource under 3.0.0; none where it has no counterpart there.
    pub resource: Option<Value>,
    /// What was converted, and what could not be: code, FHIRPath inside the resource, text.
    pub remarks: Vec<Remark>,
}

/// What happened to an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// `ehr-fhir.genomics-converted` or `ehr-fhir.genomics-not-converted`.
    pub code: IssueCode,
    /// Place inside the resource, e.g. `component[2].code`; empty: the resource.
    pub path: String,
    /// In words, with names of codes and profiles only.
    pub text: String,
}

/// A genomic resource, or a specimen of one, that the referral brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Genomic {
    /// Business key: the referral, and the resource's own identifier or its place.
    pub identity: Identity,
    /// Resource type.
    pub kind: String,
    /// The resource under 3.0.0, with references as sent.
    pub resource: Value,
    /// What its references lead to, by their text: resource type and identity. Others are not carried.
    pub links: Vec<(String, String, Identity)>,
}

/// Whether a resource is a genomic result: it claims a profile of Genomics Reporting, or is of category genetics.
pub fn is_genomic(resource: &Value) -> bool {
    let profiles = resource.pointer("/meta/profile").and_then(Value::as_array).into_iter().flatten();
    let has_profile = profiles.filter_map(Value::as_str).any(|profile| profile.starts_with(GENOMICS_REPORTING));
    let is_result =
        matches!(resource.get("resourceType").and_then(Value::as_str), Some("Observation" | "DiagnosticReport"));
    let categories = resource.get("category").and_then(Value::as_array).into_iter().flatten();
    let mut codings = categories.filter_map(|it| it.get("coding")?.as_array()).flatten();
    has_profile || (is_result && codings.any(|coding| coding_is(coding, GENETICS_CATEGORY)))
}

fn coding_is(coding: &Value, (system, code): (&str, &str)) -> bool {
    let text = |name: &str| coding.get(name).and_then(Value::as_str);
    text("system") == Some(system) && text("code") == Some(code)
}
