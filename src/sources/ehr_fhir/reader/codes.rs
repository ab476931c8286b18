//! Codes: the coding as sent, with the canonical URI of its system.

use super::Reader;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::referral::Code;
use crate::redact;
use crate::sources::ehr_fhir::tree::Node;

/// Start of the OIDs of the Volven code lists.
const VOLVEN: &str = "2.16.578.1.12.4.1.1.";
/// Starts of the URIs of Volven code lists: the number of the list is all that follows.
const VOLVEN_URIS: [&str; 2] =
    ["http://helsedir.no/fhir/CodeSystem/no-kodeverk-", "http://ehelse.no/fhir/CodeSystem/no-kodeverk-"];
const CODE_SYSTEMS: &str = "code-systems";

/// A CodeableConcept that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::sources::ehr_fhir) struct Coded {
    /// Its codings, each with its system.
    pub(in crate::sources::ehr_fhir) codes: Vec<Code>,
    /// Its text, otherwise that of its first coding.
    pub(in crate::sources::ehr_fhir) text: Option<String>,
    /// Whether a system is one with a table or a known URI.
    pub(in crate::sources::ehr_fhir) is_known: bool,
}

impl Coded {
    /// Takes the coding of a Volven list out.
    pub(in crate::sources::ehr_fhir) fn take_volven(&mut self, number: &str) -> Option<Code> {
        let at = self.codes.iter().position(|code| is_volven(code, number))?;
        Some(self.codes.remove(at))
    }
}

fn is_volven(code: &Code, number: &str) -> bool {
    let oid = code.system.as_deref().and_then(oid_of);
    oid.as_deref().and_then(|oid| oid.strip_prefix(VOLVEN)) == Some(number)
}

impl<'d> Reader<'d> {
    /// Reads a CodeableConcept. A code is never a reason to refuse a message: one of no known system keeps its coding.
    pub(in crate::sources::ehr_fhir) fn coded(&self, node: Node<'d>) -> Coded {
        let mut coded = Coded::default();
        for coding in node.all("coding") {
            let (code, is_known) = self.coding(coding);
            coded.is_known |= is_known;
            coded.codes.extend(code);
        }
        let first = || coded.codes.first().and_then(|code| code.display.clone());
        coded.text = node.child_text("text").or_else(first);
        coded
    }

    pub(in crate::sources::ehr_fhir) fn child_coded(&self, node: Node<'d>, name: &str) -> Coded {
        node.child(name).map(|node| self.coded(node)).unwrap_or_default()
    }

    /// A Coding, and whether its system is known.
    pub(in crate::sources::ehr_fhir) fn coding(&self, node: Node<'d>) -> (Option<Code>, bool) {
        let (system, display) = (node.child_text("system"), node.child_text("display"));
        node.child_text("version");
        node.child_text("userSelected");
        let Some(code) = node.child_text("code") else {
            let only_text = display.map(|display| Code { code: display.clone(), display: Some(display), system: None });
            return (only_text, false);
        };
        let tables = self.context.code_tables;
        let oid = system.as_deref().and_then(oid_of);
        let known = oid.as_deref().and_then(|oid| tables.lookup(CODE_SYSTEMS, oid)?.property("system"));
        let table = oid.as_deref().and_then(|oid| tables.table_of_oid(oid));
        let uri = known.or_else(|| table.and_then(|(_, table)| table.head().system.as_deref()));
        let is_known = uri.is_some() || system.as_deref().is_some_and(|system| self.is_system(system));
        let from_table = || table.and_then(|(_, table)| Some(table.entry(&code)?.display().to_owned()));
        let display = display.or_else(from_table);
        if table.is_some_and(|(_, table)| table.entry(&code).is_none()) || !is_known {
            self.unmapped(node, &code, is_known);
        }
        let system = uri.map(str::to_owned).or(system);
        (Some(Code { system, code, display }), is_known)
    }

    fn unmapped(&self, node: Node<'d>, code: &str, is_known: bool) {
        let why = if is_known { "is no code of its list" } else { "is of no code system that is known" };
        self.raise(Issue::new(IssueCode::CodeUnmapped, self.place(node), format!("{} {why}", redact::code(code))));
    }

    fn is_system(&self, uri: &str) -> bool {
        let tables = self.context.code_tables;
        let systems = tables.table(CODE_SYSTEMS);
        let mut known = systems.into_iter().flat_map(|table| table.codes().filter_map(|code| table.entry(code)));
        known.any(|entry| entry.property("system") == Some(uri))
            || tables.iter().any(|(_, table)| table.head().system.as_deref() == Some(uri))
            || tables.iter().any(|(_, table)| table.head().target_system.as_deref() == Some(uri))
    }
}

/// The OID that a system is, or that its URI stands for.
fn oid_of(system: &str) -> Option<String> {
    let volven = VOLVEN_URIS.iter().find_map(|base| system.strip_prefix(base));
    let volven = volven.filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    system.strip_prefix("urn:oid:").map(str::to_owned).or_else(|| volven.map(|number| format!("{VOLVEN}{number}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volven_list_is_known_by_each_of_its_uris() {
        for system in [
            "urn:oid:2.16.578.1.12.4.1.1.8480",
            "http://helsedir.no/fhir/CodeSystem/no-kodeverk-8480",
            "http://ehelse.no/fhir/CodeSystem/no-kodeverk-8480",
        ] {
            assert_eq!(oid_of(system).as_deref(), Some("2.16.578.1.12.4.1.1.8480"), "{system}");
            assert!(is_volven(&Code { system: Some(system.to_owned()), ..Code::default() }, "8480"));
        }
        for system in ["http://helsedir.no/fhir/CodeSystem/no-kodeverk-x", "http://example.no/no-kodeverk-8480"] {
            assert_eq!(oid_of(system), None, "{system}");
        }
    }
}
