//! Who the patient is.

use super::reader::Reader;
use super::referral::Key;
use super::tree::Node;
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::national_id::{NationalId, NationalIdKind};
use crate::domain::personal::Personal;
use crate::domain::referral::{Person, PersonIdentifier, identity};
use crate::fhir::systems::{
    BIRTH_NUMBER, COMMON_HELP_NUMBER, D_NUMBER, DUF_NUMBER, LOCAL_HELP_NUMBER, national_id_system,
};

/// Middle name of the Norwegian base profiles.
const MIDDLE_NAME: &str = "http://hl7.no/fhir/StructureDefinition/no-basis-middlename";
/// Uses of a name (FHIR R4, name-use), that by law first; an empty one where nothing is said.
const NAMES: [&str; 7] = ["official", "usual", "", "temp", "nickname", "anonymous", "maiden"];
/// Uses of an address (FHIR R4, address-use), home first.
const ADDRESSES: [&str; 5] = ["home", "", "work", "temp", "billing"];
/// Length of a date that names a day.
const DAY: usize = 10;

#[derive(Debug, Clone, PartialEq)]
enum Number {
    National(PersonIdentifier),
    Local(PersonIdentifier),
}

impl<'d> Reader<'d> {
    /// The patient; `None` where nobody can tell who it is (an issue says so). `assigner` is who gave a local number of which
    /// the Bundle says no more.
    pub(super) fn patient(&self, node: Node<'d>, key: Key<'_>, assigner: Option<&str>) -> Option<Person> {
        let read = || self.person(node, assigner);
        let identity = |(person, numbers): &(Person, Vec<Number>)| identity_of(person, numbers, key);
        let (mut person, numbers) = self.holding(read, identity);
        person.identity = identity_of(&person, &numbers, key);
        let is_identifiable = self.is_identifiable(node, &person, &numbers);
        person.identifiers = numbers
            .into_iter()
            .map(|(Number::National(id) | Number::Local(id))| id.in_namespace_of(key.sender))
            .collect();
        is_identifiable.then_some(person)
    }

    fn person(&self, node: Node<'d>, assigner: Option<&str>) -> (Person, Vec<Number>) {
        let mut numbers = Vec::new();
        for identifier in node.all("identifier") {
            match self.number(identifier, assigner) {
                // The same number twice is one number.
                Some(number) if numbers.contains(&number) => {}
                Some(number) => numbers.push(number),
                None => {}
            }
        }
        let name = preferred(&node.all("name"), &NAMES);
        let address = preferred(&node.all("address"), &ADDRESSES);
        let birth_date = node.child_text("birthDate");
        let personal = |text: Option<String>| text.map(Personal::new);
        let part = |name: &str| personal(address.and_then(|address| address.child_text(name)));
        let person = Person {
            family_name: personal(name.and_then(|name| name.child_text("family"))).unwrap_or_default(),
            given_name: personal(name.and_then(|name| joined(name, "given", " "))).unwrap_or_default(),
            middle_name: personal(name.and_then(middle_name)),
            year_of_birth: birth_date.as_deref().and_then(|date| date.get(..4)).map(str::to_owned),
            birth_date: birth_date.map(Personal::new),
            gender: node.child_text("gender"),
            address: personal(address.and_then(|address| joined(address, "line", ", "))),
            postal_code: part("postalCode"),
            city: part("city"),
            telecoms: self.telecoms(node),
            ..Person::default()
        };
        let is_deceased = node.child("deceasedBoolean").and_then(|it| it.value().as_bool());
        (person.with_death(is_deceased, node.child_text("deceasedDateTime")), numbers)
    }

    /// A number of the patient. One of a national system must be a national number.
    fn number(&self, node: Node<'d>, owner: Option<&str>) -> Option<Number> {
        let element = node.child("value")?;
        let value = element.value().as_str()?.trim();
        let (system, kind) = (node.peek("system"), kind_of(node));
        let sent = self.assigner(node);
        let assigner = sent.as_deref().or(owner);
        let claimed = system.and_then(claimed).or_else(|| kind.and_then(NationalIdKind::from_code));
        let is_old = node.peek("use") == Some("old");
        if is_old || value.is_empty() {
            return None;
        }
        let read = || {
            node.take();
            Personal::new(value)
        };
        if claimed.is_none() && system.is_some() {
            let system = system.map(str::to_owned);
            let assigner = sent.clone();
            let is_local = system.as_deref() != Some(DUF_NUMBER);
            let assigner = assigner.filter(|_| is_local);
            return Some(Number::Local(PersonIdentifier { system, value: read(), assigner, ..Default::default() }));
        }
        match NationalId::parse(value, assigner, self.context.synthetic) {
            Ok(number) => {
                let place = self.place(node);
                if let Some(issue) = claimed.and_then(|claimed| number.kind_issue(claimed, &place)) {
                    self.raise(issue);
                }
                read();
                Some(known(&number))
            }
            Err(error) if claimed.is_some() => {
                self.refuse(error.code(), element, error.to_string());
                None
            }
            Err(_) => {
                let assigner = assigner.map(str::to_owned);
                Some(Number::Local(PersonIdentifier { value: read(), assigner, ..Default::default() }))
            }
        }
    }

    /// Who gave a number: the organisation number or name of `Identifier.assigner`.
    fn assigner(&self, node: Node<'d>) -> Option<String> {
        let assigner = node.child("assigner")?;
        let number = assigner.at(&["identifier", "value"]).and_then(Node::text);
        number.or_else(|| assigner.child_text("display"))
    }

    /// Name and national number, or name, date of birth and sex: the sets that HIS 80415 accepts of the other formats.
    fn is_identifiable(&self, node: Node<'d>, person: &Person, numbers: &[Number]) -> bool {
        let has_name = !person.family_name.is_empty() && !person.given_name.is_empty();
        let has_number = numbers.iter().any(|number| matches!(number, Number::National(_)));
        let has_birth = person.birth_date.as_ref().is_some_and(|date| date.expose().len() == DAY);
        let has_sex = person.has_known_sex();
        let is_identifiable = has_name && (has_number || (has_birth && has_sex));
        if !is_identifiable {
            let said = [
                (has_name, "family and given name"),
                (has_number, "national number"),
                (has_birth, "date of birth"),
                (has_sex, "sex"),
            ];
            let missing: Vec<&str> = said.into_iter().filter(|(has, _)| !has).map(|(_, what)| what).collect();
            let text = format!("the patient is not identifiable; missing or not usable: {}", missing.join(", "));
            self.issue(IssueCode::ReferralPatientUnidentifiable, node, text);
        }
        is_identifiable
    }

    /// What else is said of the patient that a receiver must know: kept as text.
    pub(super) fn patient_notes(&self, node: Node<'d>) -> Vec<String> {
        self.kept(|| {
            let mut texts = Vec::new();
            if node.child("active").is_some_and(|it| it.value().as_bool() == Some(false)) {
                node.child("active").into_iter().for_each(Node::take);
                texts.push("The sender no longer uses this record of the patient".to_owned());
            }
            if let Some(link) = node.child("link") {
                link.take();
                texts.push("The sender has another record of the patient".to_owned());
            }
            texts
        })
    }
}

/// The element of the use that is named first; what has ended comes after what holds, and what is of old is never taken.
fn preferred<'d>(nodes: &[Node<'d>], uses: &[&str]) -> Option<Node<'d>> {
    let rank = |node: &&Node<'d>| {
        let named = node.peek("use").unwrap_or_default();
        let has_ended = node.at(&["period", "end"]).is_some();
        (has_ended, uses.iter().position(|known| *known == named).unwrap_or(uses.len()))
    };
    let found = nodes.iter().filter(|node| node.peek("use") != Some("old")).min_by_key(rank).copied()?;
    found.child_text("use");
    Some(found)
}

fn joined(node: Node<'_>, name: &str, separator: &str) -> Option<String> {
    let texts: Vec<String> = node.all(name).into_iter().filter_map(Node::text).collect();
    (!texts.is_empty()).then(|| texts.join(separator))
}

fn middle_name(name: Node<'_>) -> Option<String> {
    let extension = name.all("extension").into_iter().find(|it| it.peek("url") == Some(MIDDLE_NAME))?;
    extension.child_text("url");
    extension.child_text("valueString")
}

/// The code of Volven 8327 that says what the number is.
fn kind_of(node: Node<'_>) -> Option<&str> {
    node.child("type").into_iter().flat_map(|kind| kind.all("coding")).find_map(|coding| coding.peek("code"))
}

fn claimed(system: &str) -> Option<NationalIdKind> {
    let code = match system {
        BIRTH_NUMBER => "FNR",
        D_NUMBER => "DNR",
        COMMON_HELP_NUMBER => "FHN",
        LOCAL_HELP_NUMBER => "HNR",
        _ => return None,
    };
    NationalIdKind::from_code(code)
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

fn identity_of(person: &Person, numbers: &[Number], key: Key<'_>) -> Identity {
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
        Some(identity::local_patient(key.sender, assigner, id.value.expose()))
    };
    national.or_else(local).unwrap_or_else(|| {
        let birth_date = person.birth_date.as_ref().map_or("", Personal::expose);
        let (family_name, given_name) = (person.family_name.expose(), person.given_name.expose());
        if family_name.is_empty() || birth_date.is_empty() {
            // Two patients of whom nothing is known are two patients.
            return key.part("patient");
        }
        identity::unnumbered_patient(key.sender, family_name, given_name, birth_date)
    })
}
