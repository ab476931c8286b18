//! Organisations and professionals.

use super::reader::Reader;
use super::tree::{Node, Part};
use crate::domain::her_id::HerId;
use crate::domain::hpr_number::HprNumber;
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::org_number::OrgNumber;
use crate::domain::personal::Personal;
use crate::domain::referral::{Code, Organisation, Practitioner, Telecom, identity};
use crate::fhir::systems::{HER_ID, HPR_NUMBER, ORGANISATION_NUMBER, RESH_ID};

/// Professions of health personnel (Volven 9060).
const PROFESSIONS: &str = "9060";

/// One end of the referral, as nodes: who, and in which organisation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct End<'d> {
    pub(super) organisation: Option<Node<'d>>,
    /// The service in it.
    pub(super) service: Option<Node<'d>>,
    pub(super) role: Option<Node<'d>>,
    pub(super) person: Option<Node<'d>>,
}

/// What the keys of the message are owned by: organisation number of the sender, otherwise HER-id, otherwise name.
pub(super) fn owner(organisation: &Organisation) -> Option<String> {
    let Organisation { organisation_number, her_id, name, .. } = organisation;
    organisation_number.as_ref().or(her_id.as_ref()).or(name.as_ref()).cloned()
}

impl<'d> Reader<'d> {
    /// What a reference to a professional, a role or an organisation leads to; a service is an organisation with `partOf`.
    pub(super) fn end(&self, reference: Option<Node<'d>>, from: Node<'d>) -> End<'d> {
        let Some(found) = reference.and_then(|reference| self.follow(reference, from)) else { return End::default() };
        let mut end = End::default();
        let organisation = match found.peek("resourceType") {
            Some("PractitionerRole") => {
                end.role = Some(found);
                end.person = found.child("practitioner").and_then(|it| self.follow(it, from));
                found.child("organization").and_then(|it| self.follow(it, from))
            }
            Some("Practitioner") => {
                end.person = Some(found);
                None
            }
            Some("Organization") => Some(found),
            _ => None,
        };
        let outer = organisation.and_then(|it| it.child("partOf")).and_then(|it| self.follow(it, from));
        (end.organisation, end.service) = match outer {
            Some(outer) => (Some(outer), organisation),
            None => (organisation, None),
        };
        end
    }

    /// The resource that a reference leads to; an issue where it leads nowhere in the Bundle.
    pub(super) fn follow(&self, reference: Node<'d>, from: Node<'d>) -> Option<Node<'d>> {
        reference.peek("reference")?;
        let found = self.entries.resolve(reference, from);
        self.document.within(Part::ENVELOPE, || {
            reference.child_text("reference");
            reference.child_text("type");
        });
        if found.is_none() {
            self.issue(IssueCode::EhrFhirReferenceUnresolved, reference, "the reference leads to no resource here");
        }
        found
    }

    pub(super) fn organisation(&self, node: Node<'d>, owner: Option<&str>) -> Organisation {
        let read = || {
            let mut organisation = Organisation { name: node.child_text("name"), ..Organisation::default() };
            for identifier in node.all("identifier") {
                self.organisation_id(&mut organisation, identifier);
            }
            organisation.telecoms = self.telecoms(node);
            // The sender, of whom there is no owner yet.
            if owner.is_none() && !organisation.derive_number(self.context.trusts) {
                let text = "a HER-id alone, which is that of no trust in the table";
                self.issue(IssueCode::SenderNumberMissing, node, text);
            }
            organisation
        };
        let identity = |organisation: &Organisation| {
            let Organisation { organisation_number, her_id, name, .. } = organisation;
            let own = self::owner(organisation).unwrap_or_default();
            let owner = owner.unwrap_or(&own);
            identity::organisation(owner, organisation_number.as_deref(), her_id.as_deref(), name.as_deref())
        };
        let mut organisation = self.holding(read, identity);
        organisation.identity = identity(&organisation);
        organisation
    }

    fn organisation_id(&self, organisation: &mut Organisation, node: Node<'d>) {
        let (Some(system), Some(element)) = (node.peek("system"), node.child("value")) else { return };
        let value = element.value().as_str().unwrap_or_default().trim();
        match system {
            ORGANISATION_NUMBER if organisation.organisation_number.is_none() => match OrgNumber::parse(value) {
                Ok(number) => organisation.organisation_number = Some(number.as_str().to_owned()),
                Err(error) => return self.refuse(error.code(), element, error.to_string()),
            },
            HER_ID if organisation.her_id.is_none() => match self.her_id(element, value) {
                Some(id) => organisation.her_id = Some(id),
                None => return,
            },
            RESH_ID if organisation.resh_id.is_none() => organisation.resh_id = Some(value.to_owned()),
            _ => return,
        }
        node.take();
    }

    fn her_id(&self, element: Node<'d>, value: &str) -> Option<String> {
        match HerId::parse(value) {
            Ok(_) => Some(value.to_owned()),
            Err(error) => {
                self.refuse(error.code(), element, error.to_string());
                None
            }
        }
    }

    pub(super) fn professional(&self, end: End<'d>, owner: &str) -> Option<Practitioner> {
        let node = end.person?;
        let read = || {
            let name = node.all("name").into_iter().next();
            let mut person = Practitioner {
                family_name: name.and_then(|name| name.child_text("family")).map(Personal::new),
                given_name: name.and_then(given).map(Personal::new),
                ..Practitioner::default()
            };
            for identifier in node.all("identifier") {
                self.professional_id(&mut person, identifier);
            }
            person.profession = self.profession(end.role, node);
            person.telecoms = self.telecoms(node);
            if person.telecoms.is_empty() {
                person.telecoms = end.role.map(|role| self.telecoms(role)).unwrap_or_default();
            }
            person
        };
        let mut person = self.holding(read, |person| practitioner_identity(person, owner));
        person.identity = practitioner_identity(&person, owner);
        Some(person)
    }

    /// The profession, by the list of professions where a coding of it is there.
    fn profession(&self, role: Option<Node<'d>>, person: Node<'d>) -> Option<Code> {
        let of_role = role.into_iter().flat_map(|role| role.all("code"));
        let of_person = person.all("qualification").into_iter().filter_map(|it| it.child("code"));
        let mut found: Vec<_> = of_role.chain(of_person).map(|node| self.coded(node)).collect();
        let listed = found.iter_mut().find_map(|coded| coded.take_volven(PROFESSIONS));
        listed.or_else(|| found.into_iter().find_map(|coded| coded.codes.into_iter().next()))
    }

    fn professional_id(&self, person: &mut Practitioner, node: Node<'d>) {
        let (Some(system), Some(element)) = (node.peek("system"), node.child("value")) else { return };
        let value = element.value().as_str().unwrap_or_default().trim();
        match system {
            HPR_NUMBER if person.hpr_number.is_none() => match HprNumber::parse(value) {
                Ok(number) => person.hpr_number = Some(number.expose().to_owned()),
                Err(error) => return self.refuse(error.code(), element, error.to_string()),
            },
            HER_ID if person.her_id.is_none() => match self.her_id(element, value) {
                Some(id) => person.her_id = Some(id),
                None => return,
            },
            // The national number of a professional is nobody's business here.
            _ => return self.document.within(Part::ENVELOPE, || node.take()),
        }
        node.take();
    }

    pub(super) fn telecoms(&self, node: Node<'d>) -> Vec<Telecom> {
        let read = |telecom: Node<'d>| {
            if telecom.peek("use") == Some("old") {
                return None;
            }
            let value = Personal::new(telecom.child_text("value")?);
            let system = telecom.child_text("system").unwrap_or_else(|| "other".to_owned());
            telecom.child_text("use");
            Some(Telecom { system, value })
        };
        node.all("telecom").into_iter().filter_map(read).collect()
    }
}

fn given(name: Node<'_>) -> Option<String> {
    let texts: Vec<String> = name.all("given").into_iter().filter_map(Node::text).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

fn practitioner_identity(person: &Practitioner, owner: &str) -> Identity {
    let names = [&person.family_name, &person.given_name].map(|name| name.as_ref().map(Personal::expose));
    let names: Vec<&str> = names.into_iter().flatten().collect();
    identity::practitioner(owner, person.hpr_number.as_deref(), person.her_id.as_deref(), &names.join(", "))
}
