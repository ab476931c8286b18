//! Which genomic resources of the Bundle are carried, and what their references lead to.

use serde_json::Value;

use super::{Genomic, is_genomic};
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::referral::Referral;
use crate::sources::ehr_fhir::bundle::Entry;
use crate::sources::ehr_fhir::reader::Reader;
use crate::sources::ehr_fhir::referral::Key;
use crate::sources::ehr_fhir::scope::Scope;
use crate::sources::ehr_fhir::tree::Node;

impl<'d> Reader<'d> {
    pub(in crate::sources::ehr_fhir) fn is_genomic(&self, resource: Node<'d>) -> bool {
        is_genomic(resource.value())
    }

    /// Genomic resources about the patient and the specimens that they name; `converted` has the entries after conversion,
    /// none where one has no counterpart.
    pub(in crate::sources::ehr_fhir) fn genomics(
        &self,
        scope: &Scope<'d>,
        referral: &Referral,
        key: Key<'_>,
        converted: &[Option<Value>],
    ) -> Vec<Genomic> {
        let mut chosen: Vec<(Entry<'d>, &Value)> = Vec::new();
        for entry in self.entries.iter().filter(|entry| self.is_genomic(entry.resource)) {
            match converted.get(entry.index).and_then(Option::as_ref) {
                Some(value) if self.is_about_patient(entry.resource, scope) => chosen.push((entry, value)),
                Some(_) => {}
                None => {
                    let text = "the resource has no counterpart in Genomics Reporting 3.0.0";
                    self.leave_out(IssueCode::EhrFhirGenomicsNotConverted, entry.resource, text);
                }
            }
        }
        for entry in self.specimens(&chosen).into_iter().filter(|it| self.is_about_patient(it.resource, scope)) {
            chosen.push((entry, entry.resource.value()));
        }
        let identities: Vec<(Node<'d>, &str, Identity)> = chosen
            .iter()
            .enumerate()
            .map(|(place, (entry, _))| (entry.resource, entry.kind, key.element("genomics", &own_key(*entry, place))))
            .collect();
        let patient = (scope.patient, "Patient", referral.patient.identity.clone());
        let targets: Vec<_> = identities.iter().cloned().chain([patient]).collect();
        let carried = chosen.iter().zip(&identities);
        carried.map(|((entry, value), (_, _, identity))| self.carried(*entry, value, identity, &targets)).collect()
    }

    fn carried(
        &self,
        entry: Entry<'d>,
        value: &Value,
        identity: &Identity,
        targets: &[(Node<'d>, &str, Identity)],
    ) -> Genomic {
        self.close(entry);
        self.held(identity, || entry.resource.take());
        let mut links = Vec::new();
        for reference in references(entry.resource) {
            let Some(text) = reference.peek("reference").filter(|text| !text.starts_with('#')) else { continue };
            let found = self.entries.resolve_text(text, entry.resource);
            let target = targets.iter().find(|(node, _, _)| Some(*node) == found);
            match target {
                Some((_, kind, identity)) => links.push((text.to_owned(), (*kind).to_owned(), identity.clone())),
                None => {
                    let text = "what the reference leads to is not carried over";
                    self.issue(IssueCode::EhrFhirReferenceUnresolved, reference, text);
                }
            }
        }
        Genomic { identity: identity.clone(), kind: entry.kind.to_owned(), resource: value.clone(), links }
    }

    fn specimens(&self, chosen: &[(Entry<'d>, &Value)]) -> Vec<Entry<'d>> {
        let named: Vec<Node<'d>> = chosen
            .iter()
            .flat_map(|(entry, _)| entry.resource.all("specimen").into_iter().map(|it| (it, entry.resource)))
            .filter_map(|(reference, resource)| self.entries.resolve(reference, resource))
            .collect();
        self.entries.of("Specimen").filter(|entry| named.contains(&entry.resource)).collect()
    }
}

/// The resource's own identifier, otherwise its type and place.
fn own_key(entry: Entry<'_>, place: usize) -> String {
    let identifier = entry.resource.all("identifier").into_iter().find(|it| it.peek("value").is_some());
    let text = |name: &str| identifier.and_then(|it| it.peek(name)).unwrap_or_default();
    match identifier {
        Some(_) => format!("{}|{}|{}", entry.kind, text("system"), text("value")),
        None => format!("{}|{}", entry.kind, place.saturating_add(1)),
    }
}

/// Every Reference in a resource.
fn references(resource: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![resource];
    while let Some(node) = open.pop() {
        if node.peek("reference").is_some() {
            found.push(node);
        }
        open.extend(node.inner());
    }
    found.sort_by_key(|node| node.number());
    found
}
