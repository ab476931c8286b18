//! Who the patient is.

use super::header::Format;
use super::party::Name;
use super::reader::{List, Reader};
use super::tree::{Node, Part};
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::national_id::{NationalId, NationalIdKind};
use crate::domain::personal::Personal;
use crate::domain::referral::{Person, PersonIdentifier, identity};
use crate::fhir::systems::{DUF_NUMBER, national_id_system};

/// Who sends, for what is unique with the sender only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    /// Owner of the keys.
    pub(super) key: &'a str,
    /// The id or name that says who gave a local number.
    pub(super) assigner: Option<&'a str>,
    /// The referral, which identifies a patient of whom nothing else is known.
    pub(super) document_id: &'a str,
}

#[derive(Debug, Clone, PartialEq)]
enum Number {
    National(PersonIdentifier),
    Local(PersonIdentifier),
}

impl<'d> Reader<'d> {
    /// The patient; `None` where nobody can tell who it is (an issue says so). In an emergency there always is one.
    pub(super) fn patient(
        &self,
        node: Node<'d>,
        format: Format,
        owner: Owner<'_>,
        is_emergency: bool,
    ) -> Option<Person> {
        let read = || self.person(node, format, owner);
        let identity = |(person, numbers): &(Person, Vec<Number>)| identity_of(person, numbers, owner);
        let (mut person, numbers) = self.holding(read, identity);
        person.identity = identity_of(&person, &numbers, owner);
        let is_identifiable = self.is_identifiable(node, &person, &numbers);
        person.identifiers = numbers
            .into_iter()
            .map(|(Number::National(id) | Number::Local(id))| id.in_namespace_of(owner.key))
            .collect();
        (is_identifiable || is_emergency).then_some(person)
    }

    /// A message without a patient, which in an emergency is one about somebody unknown.
    pub(super) fn no_patient(&self, info: Node<'d>, owner: Owner<'_>, is_emergency: bool) -> Option<Person> {
        self.issue(IssueCode::ReferralPatientUnidentifiable, info, "the message says nothing about the patient");
        let identity = identity_of(&Person::default(), &[], owner);
        is_emergency.then(|| Person { identity, ..Person::default() })
    }

    fn person(&self, node: Node<'d>, format: Format, owner: Owner<'_>) -> (Person, Vec<Number>) {
        let mut numbers = Vec::new();
        for (element, kind) in ids(node, format) {
            let kind = kind.and_then(|kind| self.id_kind(kind));
            match self.number(element, kind, owner) {
                // The same number twice is one number.
                Some(number) if numbers.contains(&number) => {}
                Some(number) => numbers.push(number),
                None => {}
            }
        }
        let name = match format {
            Format::Version2_0 => {
                let value = |name| node.child_value(name).map(str::to_owned);
                Name { family: value("FamilyName"), given: value("GivenName"), middle: value("MiddleName") }
            }
            Format::Version1_1 | Format::Version1_0 => {
                node.child("Name").map(|name| self.name(name)).unwrap_or_default()
            }
        };
        let birth_date = self.child_date(node, "DateOfBirth");
        let address = node.child("Address");
        let personal = |name| address.and_then(|address| address.child_value(name)).map(Personal::new);
        if let Some(kind) = address.and_then(|address| address.child("Type")) {
            let _ = (kind.attribute("V"), kind.attribute("DN"));
        }
        let person = Person {
            family_name: name.family.map(Personal::new).unwrap_or_default(),
            given_name: name.given.map(Personal::new).unwrap_or_default(),
            middle_name: name.middle.map(Personal::new),
            year_of_birth: birth_date.as_deref().and_then(|date| date.get(..4)).map(str::to_owned),
            birth_date: birth_date.map(Personal::new),
            gender: self.child_code(node, "Sex", List::Volven("3101")).target,
            address: personal("StreetAdr").or_else(|| personal("Postbox")),
            postal_code: personal("PostalCode"),
            city: personal("City"),
            telecoms: self.telecoms(node),
            ..Person::default()
        };
        // Version 1.x alone has a date of death; 2.0 took it out.
        (person.with_death(None, self.child_moment(node, "DateOfDeath")), numbers)
    }

    /// A number of the patient. One that is called a national number must be one.
    fn number(&self, node: Node<'d>, kind: Option<&str>, owner: Owner<'_>) -> Option<Number> {
        let value = node.value()?;
        let claimed = kind.and_then(NationalIdKind::from_code);
        let local = |system: Option<&str>, assigner: Option<&str>| {
            let (system, assigner) = (system.map(str::to_owned), assigner.map(str::to_owned));
            let value = Personal::new(value);
            Some(Number::Local(PersonIdentifier { system, value, assigner, ..PersonIdentifier::default() }))
        };
        if claimed.is_none() && kind.is_some() {
            return match kind {
                Some("DUF") => local(Some(DUF_NUMBER), None),
                // Numbers of professionals and of other countries do not say who the patient is to anybody here.
                Some("HPR" | "HER") => {
                    node.assign(Part::ENVELOPE);
                    None
                }
                _ => local(None, owner.assigner),
            };
        }
        match NationalId::parse(value, owner.assigner, self.context.synthetic) {
            Ok(number) => {
                if let Some(issue) = claimed.and_then(|claimed| number.kind_issue(claimed, &self.place(node))) {
                    self.raise(issue);
                }
                Some(known(&number))
            }
            Err(error) if claimed.is_some() => {
                self.refuse(error.code(), node, error.to_string());
                None
            }
            // Neither says what it is nor has the form of a national number.
            Err(_) => local(None, owner.assigner),
        }
    }

    /// Name and national number, or name, date of birth and sex: the sets that HIS 80415, section 3.3.4, accepts.
    fn is_identifiable(&self, node: Node<'d>, person: &Person, numbers: &[Number]) -> bool {
        let has_name = !person.family_name.is_empty() && !person.given_name.is_empty();
        let has_number = numbers.iter().any(|number| matches!(number, Number::National(_)));
        let has_birth = person.birth_date.as_ref().is_some_and(|date| date.expose().len() == 10);
        let has_sex = person.has_known_sex();
        let is_identifiable = has_name && (has_number || (has_birth && has_sex));
        if !is_identifiable {
            let missing = [
                (has_name, "family and given name"),
                (has_number, "national number"),
                (has_birth, "date of birth"),
                (has_sex, "sex"),
            ];
            let missing: Vec<&str> = missing.into_iter().filter(|(has, _)| !has).map(|(_, what)| what).collect();
            let text = format!("the patient is not identifiable; missing or not usable: {}", missing.join(", "));
            self.issue(IssueCode::ReferralPatientUnidentifiable, node, text);
        }
        is_identifiable
    }
}

/// The ids of the patient, each with the element that says what it is.
fn ids(node: Node<'_>, format: Format) -> Vec<(Node<'_>, Option<Node<'_>>)> {
    match format {
        Format::Version2_0 => {
            let idents = node.all("Ident");
            idents.filter_map(|ident| Some((ident.child("Id")?, ident.child("TypeId")))).collect()
        }
        Format::Version1_1 | Format::Version1_0 => {
            let official = node.child("OffId").map(|id| (id, node.child("TypeOffId")));
            let additional = node.all("AdditionalId");
            let additional = additional.filter_map(|id| Some((id.child("Id")?, id.child("Type"))));
            let own = node.child("IdByRequester").map(|id| (id, None));
            official.into_iter().chain(additional).chain(own).collect()
        }
    }
}

/// A number that is unique in the country, or a local help number of its assigner.
fn known(number: &NationalId) -> Number {
    let value = Personal::new(number.expose());
    let system = Some(national_id_system(number.kind()).to_owned());
    match number.kind() {
        NationalIdKind::LocalHelpNumber => {
            let kind = Some(number.kind().code().to_owned());
            let assigner = number.assigner().map(str::to_owned);
            Number::Local(PersonIdentifier { system, value, kind, assigner, ..PersonIdentifier::default() })
        }
        _ => Number::National(PersonIdentifier { system, value, ..PersonIdentifier::default() }),
    }
}

fn identity_of(person: &Person, numbers: &[Number], owner: Owner<'_>) -> Identity {
    let national = numbers.iter().filter_map(|number| match number {
        Number::National(id) => Some(id),
        Number::Local(_) => None,
    });
    let national = identity::leading(national).map(|id| identity::patient(id.value.expose()));
    let local = || {
        let local = numbers.iter().filter_map(|number| match number {
            Number::Local(id) => Some(id),
            Number::National(_) => None,
        });
        let id = identity::leading_local(local)?;
        let assigner = id.assigner.as_deref().unwrap_or_default();
        Some(identity::local_patient(owner.key, assigner, id.value.expose()))
    };
    national.or_else(local).unwrap_or_else(|| {
        let birth_date = person.birth_date.as_ref().map_or("", Personal::expose);
        let (family_name, given_name) = (person.family_name.expose(), person.given_name.expose());
        if family_name.is_empty() || birth_date.is_empty() {
            // Two patients of whom nothing is known are two patients.
            return identity::part(owner.key, "patient", owner.document_id);
        }
        identity::unnumbered_patient(owner.key, family_name, given_name, birth_date)
    })
}
