//! Patient, organisations, professionals.

use super::{Assembler, Holder};
use crate::domain::her_id::HerId;
use crate::domain::hpr_number::HprNumber;
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::national_id::{NationalId, NationalIdKind};
use crate::domain::org_number::OrgNumber;
use crate::domain::personal::Personal;
use crate::domain::referral::{Organisation, Person, PersonIdentifier, Practitioner, Telecom, identity};
use crate::fhir::systems::NATIONAL_NUMBER_PREFIX;
use crate::sources::hl7v2_ref::bind::{Draft, Drafted};
use crate::sources::hl7v2_ref::er7::{Defect, Place};

/// What the binding calls a number that is a national one, whichever.
const NATIONAL: &str = "national";

/// A number that is read, and what it says about who the patient is.
#[derive(Debug, Clone, PartialEq)]
enum Number {
    National(PersonIdentifier),
    Local(PersonIdentifier),
}

impl Assembler<'_> {
    /// `None` where nobody can tell who the patient is.
    pub(super) fn patient(&mut self, draft: Option<Draft>) -> Option<Person> {
        let Some(segment) = self.message.first("PID") else {
            self.required(Place::header(), "no PID: a referral has a patient");
            return None;
        };
        let mut draft = draft.unwrap_or_default();
        let mut numbers = Vec::new();
        for mut identifier in draft.records("identifiers") {
            match self.number(&mut identifier) {
                // The same number in two fields is one number.
                Some(number) if numbers.contains(&number) => {}
                Some(number) => numbers.push(number),
                None => self.drop_record(identifier.number, IssueCode::NationalNumberInvalid),
            }
        }
        let personal = |text: Option<String>| text.map(Personal::new);
        let mut person = Person {
            family_name: draft.text("family_name").map(Personal::new).unwrap_or_default(),
            given_name: draft.text("given_name").map(Personal::new).unwrap_or_default(),
            middle_name: personal(draft.text("middle_name")),
            gender: draft.text("gender"),
            address: personal(draft.text("address")),
            postal_code: personal(draft.text("postal_code")),
            city: personal(draft.text("city")),
            telecoms: telecoms(&mut draft),
            ..Person::default()
        };
        // The day is what is known; a time of birth says nothing more about who it is.
        let birth_date = draft.text("birth_date").map(|text| text.split('T').next().unwrap_or_default().to_owned());
        person.year_of_birth = birth_date.as_deref().and_then(|date| date.get(..4)).map(str::to_owned);
        person.birth_date = birth_date.map(Personal::new);
        let is_deceased = draft.text("is_deceased").and_then(|text| text.parse().ok());
        let mut person = person.with_death(is_deceased, draft.text("death_date"));
        if !self.is_identifiable(&person, &numbers, segment.place()) {
            return None;
        }
        person.identity = self.identity_of(&person, &numbers);
        person.identifiers = numbers
            .into_iter()
            .map(|(Number::National(id) | Number::Local(id))| id.in_namespace_of(&self.sender))
            .collect();
        self.hold(draft.number, &person.identity);
        Some(person)
    }

    /// Name and national number, or name, date of birth and sex: the sets that HIS 80415 accepts.
    fn is_identifiable(&mut self, person: &Person, numbers: &[Number], at: Place) -> bool {
        let has_name = !person.family_name.is_empty() && !person.given_name.is_empty();
        let has_number = numbers.iter().any(|number| matches!(number, Number::National(_)));
        let has_birth = person.birth_date.as_ref().is_some_and(|date| date.expose().len() == 10);
        let is_identifiable = has_name && (has_number || (has_birth && person.has_known_sex()));
        if !is_identifiable {
            let said = |there: bool, what: &'static str| if there { None } else { Some(what) };
            let missing = [
                said(has_name, "family and given name (PID-5)"),
                said(has_number, "national number (PID-3)"),
                said(has_birth, "date of birth (PID-7)"),
                said(person.has_known_sex(), "sex (PID-8)"),
            ];
            let missing: Vec<&str> = missing.into_iter().flatten().collect();
            let text = format!("the patient is not identifiable; missing or not usable: {}", missing.join(", "));
            self.defects.push(Defect::at(at, IssueCode::ReferralPatientUnidentifiable, text));
        }
        is_identifiable
    }

    fn identity_of(&self, person: &Person, numbers: &[Number]) -> Identity {
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
            Some(identity::local_patient(&self.sender, assigner, id.value.expose()))
        };
        national.or_else(local).unwrap_or_else(|| {
            let birth_date = person.birth_date.as_ref().map_or("", |date| date.expose());
            let (family_name, given_name) = (person.family_name.expose(), person.given_name.expose());
            identity::unnumbered_patient(&self.sender, family_name, given_name, birth_date)
        })
    }

    /// A number of the patient. One that is called a national number must be one; one of no known type is looked at.
    fn number(&mut self, draft: &mut Draft) -> Option<Number> {
        let value = draft.drafted("value")?;
        let (kind, system, assigner) = (draft.text("kind"), draft.text("system"), draft.text("assigner"));
        let claimed = kind.as_deref().and_then(NationalIdKind::from_code);
        let is_national = claimed.is_some() || kind.as_deref() == Some(NATIONAL);
        let is_typed = kind.is_some() || system.is_some();
        match NationalId::parse(&value.text, assigner.as_deref(), self.synthetic) {
            Ok(number) if is_national || !is_typed => {
                if let Some(issue) = claimed.and_then(|claimed| number.kind_issue(claimed, &Location::default())) {
                    self.report(&value, issue.code, issue.text);
                }
                Some(national(&number))
            }
            Err(error) if is_national => {
                self.rejected(&value, error.code(), error.to_string());
                None
            }
            _ => {
                let value = Personal::new(value.text);
                Some(Number::Local(PersonIdentifier { system, value, assigner, ..PersonIdentifier::default() }))
            }
        }
    }

    /// The organisation that refers, and what its keys are owned by.
    pub(super) fn sender(&mut self, draft: Option<Draft>) -> (Organisation, String) {
        let mut draft = draft.unwrap_or_default();
        let number = draft.number;
        let mut organisation = self.organisation_fields(&mut draft);
        if let Some(number) = &self.plan.organisation {
            organisation.organisation_number = Some(number.clone());
        }
        let is_derived = self.trusts.is_none_or(|trusts| organisation.derive_number(trusts));
        if !is_derived {
            let text = "a HER-id alone, which is that of no trust in the table";
            self.defects.push(Defect::at(Place::header().field(4), IssueCode::SenderNumberMissing, text));
        }
        let owner = organisation.organisation_number.clone().or_else(|| organisation.her_id.clone());
        if owner.is_none() {
            let text = "nothing says which organisation sends: an overlay that names MSH-3 and MSH-4 would";
            self.defects.push(Defect::at(Place::header().field(4), IssueCode::Hl7SenderUnknown, text));
        }
        let owner = owner.or_else(|| organisation.name.clone()).unwrap_or_else(|| "unassigned".to_owned());
        organisation.identity = identity_of(&owner, &organisation);
        self.hold(number, &organisation.identity);
        (organisation, owner)
    }

    pub(super) fn organisation(&mut self, mut draft: Draft) -> Organisation {
        let mut organisation = self.organisation_fields(&mut draft);
        organisation.identity = identity_of(&self.sender, &organisation);
        self.hold(draft.number, &organisation.identity);
        organisation
    }

    fn organisation_fields(&mut self, draft: &mut Draft) -> Organisation {
        let number = draft.drafted("organisation_number").and_then(|number| match OrgNumber::parse(&number.text) {
            Ok(read) => Some(read.as_str().to_owned()),
            Err(error) => {
                self.rejected(&number, error.code(), error.to_string());
                None
            }
        });
        Organisation {
            organisation_number: number,
            her_id: self.her_id(draft),
            resh_id: draft.text("resh_id"),
            name: draft.text("name"),
            telecoms: telecoms(draft),
            ..Organisation::default()
        }
    }

    fn her_id(&mut self, draft: &mut Draft) -> Option<String> {
        let number = draft.drafted("her_id")?;
        match HerId::parse(&number.text) {
            Ok(read) => Some(read.to_string()),
            Err(error) => {
                self.rejected(&number, error.code(), error.to_string());
                None
            }
        }
    }

    pub(super) fn practitioner(&mut self, mut draft: Draft) -> Practitioner {
        let hpr_number = draft.drafted("hpr_number").and_then(|number: Drafted| match HprNumber::parse(&number.text) {
            Ok(read) => Some(read.expose().to_owned()),
            Err(error) => {
                self.rejected(&number, error.code(), error.to_string());
                None
            }
        });
        let her_id = self.her_id(&mut draft);
        let (family_name, given_name) = (draft.text("family_name"), draft.text("given_name"));
        let names: Vec<&str> = [family_name.as_deref(), given_name.as_deref()].into_iter().flatten().collect();
        let identity =
            identity::practitioner(&self.sender, hpr_number.as_deref(), her_id.as_deref(), &names.join(", "));
        self.holders.insert(draft.number, Holder::Identity(identity.clone()));
        Practitioner {
            identity,
            hpr_number,
            her_id,
            family_name: family_name.map(Personal::new),
            given_name: given_name.map(Personal::new),
            profession: draft.codes("profession").into_iter().next(),
            telecoms: telecoms(&mut draft),
        }
    }
}

/// A number that is unique in the country, or a local help number of its assigner.
fn national(number: &NationalId) -> Number {
    let value = Personal::new(number.expose());
    let last = match number.kind() {
        NationalIdKind::BirthNumber => "1",
        NationalIdKind::DNumber => "2",
        NationalIdKind::CommonHelpNumber => "3",
        NationalIdKind::LocalHelpNumber => {
            let code = number.kind().code().to_owned();
            let assigner = number.assigner().map(str::to_owned);
            return Number::Local(PersonIdentifier {
                system: Some(code.clone()),
                value,
                kind: Some(code),
                assigner,
                ..PersonIdentifier::default()
            });
        }
    };
    let system = Some(format!("{NATIONAL_NUMBER_PREFIX}{last}"));
    Number::National(PersonIdentifier { system, value, ..PersonIdentifier::default() })
}

fn identity_of(sender: &str, organisation: &Organisation) -> Identity {
    let Organisation { organisation_number, her_id, name, .. } = organisation;
    identity::organisation(sender, organisation_number.as_deref(), her_id.as_deref(), name.as_deref())
}

fn telecoms(draft: &mut Draft) -> Vec<Telecom> {
    let read = |mut telecom: Draft| {
        let system = telecom.text("system").unwrap_or_else(|| "phone".to_owned());
        Some(Telecom { system, value: Personal::new(telecom.text("value")?) })
    };
    draft.records("telecoms").into_iter().filter_map(read).collect()
}
