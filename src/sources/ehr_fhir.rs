//! FHIR R4 referrals: a Bundle of type transaction, collection or message with a ServiceRequest, its Patient and what is said
//! about the patient.
//!
//! [`read`] is the recipe: the bytes become JSON within limits, genomic content of Genomics Reporting 2.0.0 becomes 3.0.0,
//! the Bundle is checked (by a function that the caller gives: a source knows no profiles), the resources become the referral,
//! and every value gets a row in the accounting. [`outcome()`] answers the sender.

mod accounting;
mod attachment;
mod bundle;
mod clinical;
mod consent;
pub mod genomics;
mod header;
mod outcome;
mod party;
mod patient;
mod reader;
mod referral;
mod scope;
mod tree;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::domain::accounting::{Account, RowId};
use crate::domain::code_table::CodeTables;
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::domain::limits::Limits;
use crate::domain::national_id::SyntheticNumbers;
use crate::domain::referral::Referral;
use crate::domain::trust::Trusts;
use crate::fhir::json::{self, JsonLimits};
use crate::redact::{self, without_quotations};

pub use self::genomics::Genomic;
pub use self::header::Header;
pub use self::outcome::{Outcome, outcome};

use self::bundle::Entries;
use self::reader::Reader;
use self::referral::Key;
use self::scope::Scope;
use self::tree::Document;

/// Bytes that are looked at to know the format.
const SNIFFED: usize = 4096;
/// Types of Bundle that can bring a referral.
const BUNDLE_TYPES: [&str; 3] = ["transaction", "collection", "message"];
/// The other types of FHIR R4.
const OTHER_TYPES: [&str; 6] = ["batch", "batch-response", "document", "history", "searchset", "transaction-response"];

/// Checks a Bundle: the JSON Schema of its resource types and the rules of FHIR R4 and of the profiles that it claims.
pub type Conformance<'a> = &'a (dyn Fn(&Value) -> Vec<Issue> + 'a);

/// What reading needs to know beside the message.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Name of the message in issues and in the accounting.
    pub file: &'a Arc<str>,
    /// Limits on input.
    pub limits: &'a Limits,
    /// What codes mean.
    pub code_tables: &'a CodeTables,
    /// Who sends.
    pub trusts: &'a Trusts,
    /// Whether numbers of test populations identify a patient.
    pub synthetic: SyntheticNumbers,
    /// Whether the Bundle is valid: an error refuses it.
    pub conformance: Conformance<'a>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Context").field("file", self.file).finish_non_exhaustive()
    }
}

/// A message that became a referral.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The referral.
    pub referral: Referral,
    /// For the receipt.
    pub header: Header,
    /// The rows that a resource will hold: that of what has the identity. All others are listed already.
    pub held: Vec<(RowId, Identity)>,
    /// Genomic results that came with the referral, and their specimens.
    pub genomics: Vec<Genomic>,
}

/// A message that became none; the issues say why.
#[derive(Debug, Clone)]
pub struct Refused {
    /// For the receipt; none where the message is no Bundle.
    pub header: Option<Header>,
}

/// Whether a message is one of this source: JSON of a resource, of whatever type. Only its beginning is looked at.
pub fn looks_like(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFFED).unwrap_or(bytes);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    head.starts_with(b"{")
}

/// Reads a message.
///
/// # Errors
/// A message that leaves no referral: at least one issue in `account` is fatal.
pub fn read(bytes: &[u8], context: Context<'_>, account: &mut Account) -> Result<Reading, Refused> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value = open(bytes, context).map_err(|issues| {
        raise(issues, context, account);
        Refused { header: None }
    })?;
    let document = Document::new(&value, bytes);
    let reader = Reader::new(&document, context, Entries::new(document.root()));
    let header = header::header(document.root());
    let read = (supported(&reader, &header) && is_valid(&reader, &value)).then(|| {
        reader.modifiers();
        let converted = converted(&reader);
        let (referral, scope) = reader.referral(&header)?;
        let owner = party::owner(&referral.sender).unwrap_or_default();
        let key = Key { sender: &owner, document_id: &referral.document_id };
        let genomics = reader.genomics(&scope, &referral, key, &converted);
        unread(&reader, &scope);
        Some((referral, genomics))
    });
    reader.close_envelope();
    finish(&document, reader.into_issues(), (read.flatten(), header), context, account)
}

/// The issues and rows of a message, and whether it is refused.
fn finish(
    document: &Document<'_>,
    issues: Vec<Issue>,
    (read, header): (Option<(Referral, Vec<Genomic>)>, Header),
    context: Context<'_>,
    account: &mut Account,
) -> Result<Reading, Refused> {
    let fatal = issues.iter().find(|issue| issue.code.severity() == Severity::Fatal).map(|issue| issue.code);
    raise(issues, context, account);
    match (read, fatal) {
        (Some((referral, genomics)), None) => {
            let held = accounting::close(document, context.file, account);
            Ok(Reading { referral, header, held, genomics })
        }
        (_, fatal) => {
            accounting::refuse(document, fatal.unwrap_or(IssueCode::EhrFhirInvalid), context.file, account);
            Err(Refused { header: Some(header) })
        }
    }
}

/// Bytes to a resource.
fn open(bytes: &[u8], context: Context<'_>) -> Result<Value, Vec<Issue>> {
    let limits = context.limits;
    let limits = JsonLimits {
        bytes: limits.message_bytes,
        depth: limits.json_depth,
        values: limits.message_values,
        ..JsonLimits::default()
    };
    let unreadable = |location: Location, text: &str| Issue::new(IssueCode::EhrFhirUnreadable, location, text);
    let value = json::read(bytes, &limits).map_err(|mut issues| {
        issues.iter_mut().for_each(silence);
        let location = issues.first().map(|issue| issue.location.clone()).unwrap_or_default();
        issues.push(unreadable(location, "the message cannot be read as JSON"));
        issues
    })?;
    match value.get("resourceType").and_then(Value::as_str) {
        Some("Bundle") => Ok(value),
        Some(_) => {
            let text = "a referral comes as a Bundle";
            Err(vec![Issue::new(IssueCode::EhrFhirResourceUnsupported, Location::path("resourceType"), text)])
        }
        None => Err(vec![unreadable(Location::default(), "the message is no resource of FHIR")]),
    }
}

/// Takes out of an issue of the JSON reader what the sender wrote.
fn silence(issue: &mut Issue) {
    issue.text = without_quotations(&issue.text, &|_| false);
    let step = |step: &str| {
        let (name, index) = step.split_at(step.find('[').unwrap_or(step.len()));
        let is_index = index.bytes().all(|byte| byte.is_ascii_digit() || b"[]".contains(&byte));
        if is_index { format!("{}{index}", redact::property(name)) } else { "?".to_owned() }
    };
    let path = issue.location.path.take();
    issue.location.path = path.map(|path| {
        let steps = path.split('.').skip(1).map(step);
        std::iter::once("Bundle".to_owned()).chain(steps).collect::<Vec<_>>().join(".").into()
    });
}

fn raise(issues: Vec<Issue>, context: Context<'_>, account: &mut Account) {
    for issue in issues {
        let file = issue.location.file.clone().unwrap_or_else(|| Arc::clone(context.file));
        account.issue(issue.code, Location { file: Some(file), ..issue.location }, issue.text);
    }
}

/// Whether the Bundle is of a type that brings a referral.
fn supported(reader: &Reader<'_>, header: &Header) -> bool {
    let is_known = BUNDLE_TYPES.contains(&header.bundle_type.as_str());
    if !is_known {
        let root = reader.document.root();
        let text = format!("a Bundle of type {} brings no referral", redact::word(&header.bundle_type, &OTHER_TYPES));
        reader.issue(IssueCode::EhrFhirBundleTypeUnsupported, root.child("type").unwrap_or(root), text);
    }
    is_known
}

/// Whether the Bundle meets the rules, with its genomic content under 3.0.0; what has no counterpart there is left out.
fn is_valid(reader: &Reader<'_>, value: &Value) -> bool {
    let mut bundle = value.clone();
    let entries = bundle.get_mut("entry").and_then(Value::as_array_mut);
    for resource in entries.into_iter().flatten().filter_map(|entry| entry.get_mut("resource")) {
        if genomics::is_genomic(resource) {
            match genomics::convert(resource, reader.context.code_tables).resource {
                Some(converted) => *resource = converted,
                None => without_profiles(resource),
            }
        }
    }
    let issues = (reader.context.conformance)(&bundle);
    let is_valid = !issues.iter().any(|issue| issue.code.severity() >= Severity::Error);
    issues.into_iter().for_each(|issue| reader.raise(issue));
    if !is_valid {
        let text = "the Bundle breaks rules of FHIR R4 or of a profile that it claims";
        reader.issue(IssueCode::EhrFhirInvalid, reader.document.root(), text);
    }
    is_valid
}

/// What has no counterpart in 3.0.0 must meet FHIR R4 all the same.
fn without_profiles(resource: &mut Value) {
    if let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut) {
        meta.shift_remove("profile");
    }
    if let Some(object) = resource.as_object_mut()
        && object.get("meta").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty)
    {
        object.shift_remove("meta");
    }
}

/// The genomic resources of each entry after conversion, with an issue for each change.
fn converted(reader: &Reader<'_>) -> Vec<Option<Value>> {
    let mut found = Vec::new();
    for entry in reader.entries.iter().filter(|entry| genomics::is_genomic(entry.resource.value())) {
        let converted = genomics::convert(entry.resource.value(), reader.context.code_tables);
        for remark in converted.remarks {
            let dot = if remark.path.is_empty() { "" } else { "." };
            let path = format!("{}{dot}{}", entry.resource.path(), remark.path);
            let place = Location { path: Some(path.into()), ..reader.place(entry.resource) };
            reader.raise(Issue::new(remark.code, place, remark.text));
        }
        found.resize(entry.index, None);
        found.push(converted.resource);
    }
    found
}

/// Types whose resources are read, or reached from those that are.
const READ: [&str; 18] = [
    "ServiceRequest",
    "Patient",
    "Condition",
    "Observation",
    "MedicationStatement",
    "Medication",
    "Procedure",
    "AllergyIntolerance",
    "Flag",
    "DocumentReference",
    "Binary",
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Consent",
    "Communication",
    "MessageHeader",
    "Specimen",
];

/// Resources of other types, and other patients: each is named once.
fn unread<'d>(reader: &Reader<'d>, scope: &Scope<'d>) {
    for entry in reader.entries.iter() {
        let resource = entry.resource;
        if entry.kind == "Patient" && resource != scope.patient {
            reader.leave_out(IssueCode::EhrFhirPatientOther, resource, "a patient whom the referral is not about");
        }
        if !READ.contains(&entry.kind) && !reader.is_genomic(resource) {
            let text = format!("a resource of type {} was not read", redact::quote(entry.kind));
            reader.leave_out(IssueCode::EhrFhirResourceUnread, resource, text);
        }
    }
}
