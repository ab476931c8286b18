//! Elements of a resource that was checked against its profile: what is not there is empty.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::domain::referral::Code;
use crate::domain::trial::{Concept, TrialIdentifier};

/// Text of a member.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// Items of a list.
pub(super) fn items<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Extensions whose URL ends so.
pub(super) fn extensions<'v>(value: &'v Value, end: &'static str) -> impl Iterator<Item = &'v Value> {
    items(value, "extension").iter().filter(move |part| {
        let url = text(part, "url").unwrap_or_default();
        url == end || (end.starts_with('/') && url.ends_with(end))
    })
}

/// The first of them.
pub(super) fn extension<'v>(value: &'v Value, end: &'static str) -> Option<&'v Value> {
    extensions(value, end).next()
}

/// A whole number in a part of an extension.
pub(super) fn number(value: &Value, part: &'static str) -> Option<u64> {
    let part = extension(value, part)?;
    part.get("valuePositiveInt").or_else(|| part.get("valueUnsignedInt"))?.as_u64()
}

/// A concept.
pub(super) fn concept(value: &Value) -> Concept {
    let code = |coding: &Value| {
        let code = text(coding, "code")?.to_owned();
        let system = text(coding, "system").map(str::to_owned);
        Some(Code { system, code, display: text(coding, "display").map(str::to_owned) })
    };
    let codes = items(value, "coding").iter().filter_map(code).collect();
    Concept { codes, text: text(value, "text").map(str::to_owned) }
}

/// A concept that says something.
pub(super) fn some_concept(value: Option<&Value>) -> Option<Concept> {
    value.map(concept).filter(|concept| !concept.codes.is_empty() || concept.text.is_some())
}

/// Code of a concept in a system of the gateway.
pub(super) fn code_of<'v>(concept: &'v Value, system: &str) -> Option<&'v str> {
    let coding = items(concept, "coding")
        .iter()
        .find(|coding| text(coding, "system").is_some_and(|found| found.ends_with(system)))?;
    text(coding, "code")
}

/// Identifiers.
pub(super) fn identifiers(value: &Value) -> Vec<TrialIdentifier> {
    let read = |identifier: &Value| {
        let value = text(identifier, "value")?.to_owned();
        Some(TrialIdentifier { system: text(identifier, "system").map(str::to_owned), value })
    };
    items(value, "identifier").iter().filter_map(read).collect()
}

/// Id of what a member refers to, where it is of the type.
pub(super) fn reference(value: &Value, name: &str, kind: &str) -> Option<String> {
    id_of(text(value.get(name)?, "reference")?, kind)
}

/// Id in a reference `Type/id`, relative or absolute.
pub(super) fn id_of(reference: &str, kind: &str) -> Option<String> {
    let mut parts = reference.rsplit('/');
    let (id, found) = (parts.next()?, parts.next()?);
    (found == kind && is_id(id)).then(|| id.to_owned())
}

/// Whether a text is a logical id of FHIR.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

/// SHA-256 of what a resource says: without its narrative and what a server notes about it, whatever the order of its members is.
pub fn fingerprint(resource: &Value) -> String {
    let mut sorted = String::new();
    if let Value::Object(members) = resource {
        let mut said: Map<String, Value> = members.clone();
        said.remove("text");
        said.remove("meta");
        write(&Value::Object(said), &mut sorted);
    }
    Sha256::digest(sorted.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            out.push('{');
            for name in names {
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                write(members.get(name).unwrap_or(&Value::Null), out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write(item, out);
                out.push(',');
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}
