//! Resources as the journal keeps them: whose they are, what they refer to, and what they are found by.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::fhir::ids::ResourceIds;
use crate::fhir::search::tokens;
use crate::fhir::transaction::{parts, relate};
use crate::journal::NewResource;

/// Whose resources are.
#[derive(Clone, Copy)]
pub(crate) struct Belongs<'a> {
    /// Organisation whose system sent the referral, the trial, or everybody.
    pub(crate) owner: &'a str,
    /// Key of the case.
    pub(crate) case: Option<&'a str>,
    /// Id of the Patient in the identified face.
    pub(crate) patient: Option<&'a str>,
    /// What seals identifiers of persons: the ids of the identified face.
    pub(crate) ids: &'a ResourceIds,
    /// When.
    pub(crate) now: Timestamp,
}

/// The rows of a Bundle's resources. What they refer to within the Bundle becomes `Type/id`, as it is read later.
pub(crate) fn resources(bundle: &str, belongs: Belongs<'_>) -> Vec<NewResource> {
    let mut parts = parts(bundle);
    let kinds: HashMap<String, String> = parts.iter().map(|part| (part.id.clone(), part.kind.clone())).collect();
    let relative = |id: &str| kinds.get(id).map(|kind| format!("{kind}/{id}"));
    for part in &mut parts {
        relate(&mut part.resource, &relative);
    }
    parts.into_iter().map(|part| resource((part.kind, part.id), &part.resource, belongs)).collect()
}

/// The row of a resource.
pub(crate) fn resource((kind, id): (String, String), resource: &Value, belongs: Belongs<'_>) -> NewResource {
    NewResource {
        kind,
        id,
        owner: belongs.owner.to_owned(),
        case: belongs.case.map(str::to_owned),
        patient: belongs.patient.map(str::to_owned),
        updated: belongs.now,
        json: Some(resource.to_string()),
        tokens: tokens(resource, &|_, value| belongs.ids.seal(value)),
    }
}
