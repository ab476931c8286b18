//! Which resources are about the patient of the referral, and which of them hold.

use std::collections::HashMap;

use super::bundle::Entry;
use super::reader::Reader;
use super::tree::{Node, Part};
use crate::domain::issue::IssueCode;

/// Elements of a resource that say whom it is about.
const SUBJECTS: [&str; 2] = ["subject", "patient"];

/// The referral and its patient.
#[derive(Debug)]
pub(super) struct Scope<'d> {
    pub(super) request: Node<'d>,
    pub(super) patient: Node<'d>,
    /// Resources that the referral itself names -> their place in its order.
    named: HashMap<usize, usize>,
}

impl<'d> Scope<'d> {
    pub(super) fn new(reader: &Reader<'d>, request: Node<'d>, patient: Node<'d>) -> Self {
        let lists = ["reasonReference", "supportingInfo"].into_iter().flat_map(|name| request.all(name));
        let mut named = HashMap::new();
        for resource in lists.filter_map(|reference| reader.follow(reference, request)) {
            let place = named.len();
            named.entry(resource.number()).or_insert(place);
        }
        Self { request, patient, named }
    }

    fn is_named(&self, resource: Node<'d>) -> bool {
        self.named.contains_key(&resource.number())
    }

    fn rank(&self, resource: Node<'d>) -> usize {
        self.named.get(&resource.number()).copied().unwrap_or(self.named.len())
    }
}

impl<'d> Reader<'d> {
    /// The resources of a type that are about the patient and in force: those that the referral names first, in its order,
    /// then the others in that of the Bundle. All others are listed, each with its code.
    pub(super) fn usable(&self, kind: &'static str, scope: &Scope<'d>) -> Vec<Node<'d>> {
        let mut found: Vec<Node<'d>> = self.entries.of(kind).map(|entry| entry.resource).collect();
        found.extend(
            scope.request.all("contained").into_iter().filter(|inner| inner.peek("resourceType") == Some(kind)),
        );
        found.retain(|resource| !self.is_genomic(*resource) && self.is_about_patient(*resource, scope));
        found.retain(|resource| self.is_in_force(*resource));
        found.sort_by_key(|resource| scope.rank(*resource));
        found
    }

    /// A resource about somebody else is never used; one that does not say whom it is about only where the referral names it.
    pub(super) fn is_about_patient(&self, resource: Node<'d>, scope: &Scope<'d>) -> bool {
        let Some(subject) = SUBJECTS.into_iter().find_map(|name| resource.child(name)) else {
            let is_named = scope.is_named(resource);
            if !is_named {
                let text = "the resource does not say whom it is about, and the referral does not name it";
                self.leave_out(IssueCode::EhrFhirSubjectMissing, resource, text);
            }
            return is_named;
        };
        let is_patient = match self.entries.resolve(subject, resource) {
            Some(found) => found == scope.patient,
            None => is_identified(subject, scope.patient),
        };
        if !is_patient {
            let text = "the resource is about somebody else than the patient of the referral";
            self.leave_out(IssueCode::EhrFhirPatientOther, resource, text);
        }
        is_patient
    }

    /// What was entered in error, refuted, not done or cancelled is never told as a fact.
    fn is_in_force(&self, resource: Node<'d>) -> bool {
        let verification = resource.child("verificationStatus").into_iter().flat_map(|it| it.all("coding"));
        let codes = verification
            .filter_map(|coding| coding.peek("code"))
            .chain(resource.peek("status"))
            .chain(resource.peek("docStatus"));
        let mut withdrawn = codes.filter(|code| {
            matches!(*code, "entered-in-error" | "refuted" | "not-done" | "cancelled" | "superseded" | "abandoned")
        });
        let Some(status) = withdrawn.next() else { return true };
        let text = format!("the resource says of itself that it does not hold: {status}");
        self.leave_out(IssueCode::EhrFhirResourceNotInForce, resource, text);
        false
    }

    /// What every resource has beside its content, after it was read.
    pub(super) fn close(&self, entry: Entry<'d>) {
        self.document.within(Part::ENVELOPE, || {
            ["fullUrl", "request", "link", "search"]
                .into_iter()
                .flat_map(|name| entry.entry.child(name))
                .for_each(Node::take);
        });
        self.frame(entry.resource);
    }

    fn frame(&self, resource: Node<'d>) {
        self.document.within(Part::ENVELOPE, || {
            let frame = ["resourceType", "id", "meta", "language", "implicitRules"];
            frame.into_iter().filter_map(|name| resource.child(name)).for_each(Node::take);
        });
        self.document.within(Part::NARRATIVE, || resource.all("text").into_iter().for_each(Node::take));
        resource.all("contained").into_iter().for_each(|inner| self.frame(inner));
    }

    /// Elements that can turn the meaning of a resource into another (FHIR R4, extensibility): without understanding them,
    /// the resource must not be processed.
    pub(super) fn modifiers(&self) {
        for entry in self.entries.iter().filter(|entry| !self.is_genomic(entry.resource)) {
            let resources = [entry.resource].into_iter().chain(entry.resource.all("contained"));
            for name in ["modifierExtension", "implicitRules"] {
                for found in resources.clone().filter_map(|resource| resource.child(name)) {
                    self.issue(IssueCode::EhrFhirModifierUnknown, found, format!("{name} is not understood"));
                }
            }
        }
    }
}

/// Whether a logical reference names a number of the patient.
fn is_identified(subject: Node<'_>, patient: Node<'_>) -> bool {
    let Some(identifier) = subject.child("identifier") else { return false };
    let of = |node: Node<'_>| Some((node.peek("system")?.to_owned(), node.peek("value")?.trim().to_owned()));
    let wanted = of(identifier);
    wanted.is_some() && patient.all("identifier").into_iter().any(|identifier| of(identifier) == wanted)
}
