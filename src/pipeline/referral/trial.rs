//! A referral as the trial may see it: every field is named here, and what is not shown is taken out before a template can
//! write it. Free text, numbers of persons and names never are; a code is where it says nothing but what is published.

use crate::domain::her_id::HerId;
use crate::domain::ids::Identity;
use crate::domain::org_number::OrgNumber;
use crate::domain::personal::Personal;
use crate::domain::referral::{
    Code, Consent, Diagnosis, Medication, Message, Organisation, PerformanceStatus, Person, Referral, Treatment,
};
use crate::domain::trust::{Trust, Trusts};
use crate::fhir::public_code::is_public;

/// States of a consent that is known.
const CONSENT_STATES: [&str; 3] = ["given", "refused", "withdrawn"];
/// FHIR condition-clinical.
const CLINICAL_STATES: [&str; 6] = ["active", "recurrence", "relapse", "inactive", "remission", "resolved"];
/// FHIR condition-ver-status of what is a diagnosis.
const VERIFICATION_STATES: [&str; 4] = ["unconfirmed", "provisional", "differential", "confirmed"];
/// Name of a sender that is no trust: the practice of a single doctor has a number and a name that are the doctor's.
const NO_TRUST: &str = "Not shown: none of the health trusts of the trial";

/// The referral without anything that could say who the patient or a professional is.
///
/// The records are written out in full, so that a field that is added to one of them is decided about here.
pub(super) fn shown(referral: &Referral, trusts: &Trusts) -> Referral {
    Referral {
        identity: referral.identity.clone(),
        status: referral.status.clone(),
        priority: referral.priority.clone(),
        reported_priority: None,
        authored_on: referral.authored_on.clone().filter(|text| is_time(text)),
        document_id: String::new(),
        patient: patient(&referral.patient),
        sender: organisation(&referral.sender, trusts),
        sender_service: None,
        receiver: None,
        receiver_service: None,
        requester: None,
        diagnoses: referral.diagnoses.iter().map(diagnosis).collect(),
        reasons: Vec::new(),
        performance_status: referral.performance_status.as_ref().map(performance_status),
        medications: referral.medications.iter().map(medication).collect(),
        treatments: referral.treatments.iter().map(treatment).collect(),
        clinical_items: Vec::new(),
        precautions: Vec::new(),
        attachments: Vec::new(),
        consent: consent(&referral.consent),
        notes: Vec::new(),
        message: Message::default(),
    }
}

fn patient(person: &Person) -> Person {
    let is_year = |year: &String| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    Person {
        identity: person.identity.clone(),
        identifiers: Vec::new(),
        family_name: Personal::default(),
        given_name: Personal::default(),
        middle_name: None,
        birth_date: None,
        year_of_birth: person.year_of_birth.clone().filter(is_year),
        gender: person.gender.clone(),
        is_deceased: person.is_deceased,
        // The day of a death is that of a person.
        is_deceased_undated: person.is_deceased,
        death_date: None,
        address: None,
        postal_code: None,
        city: None,
        telecoms: Vec::new(),
    }
}

fn diagnosis(diagnosis: &Diagnosis) -> Diagnosis {
    let codes = codes(&diagnosis.codes);
    let pathway = diagnosis.pathway.as_ref().and_then(coding);
    let is_coded = (!codes.is_empty() || pathway.is_some()).then_some(true);
    let of_pathway = |text: &Option<String>| text.clone().filter(|_| pathway.is_some());
    Diagnosis {
        identity: diagnosis.identity.clone(),
        codes,
        tumor_type: of_pathway(&diagnosis.tumor_type),
        pathway_finding: of_pathway(&diagnosis.pathway_finding),
        pathway,
        clinical_status: diagnosis.clinical_status.clone().filter(|code| CLINICAL_STATES.contains(&code.as_str())),
        verification_status: diagnosis
            .verification_status
            .clone()
            .filter(|code| VERIFICATION_STATES.contains(&code.as_str())),
        is_coded,
        text: None,
        recorded: diagnosis.recorded.clone().filter(|text| is_time(text)),
    }
}

fn medication(medication: &Medication) -> Medication {
    let codes = codes(&medication.codes);
    Medication {
        identity: medication.identity.clone(),
        is_coded: (!codes.is_empty()).then_some(true),
        codes,
        text: None,
        status: medication.status.clone(),
        dosage: None,
        start: medication.start.clone().filter(|text| is_time(text)),
        end: medication.end.clone().filter(|text| is_time(text)),
    }
}

fn treatment(treatment: &Treatment) -> Treatment {
    let codes = codes(&treatment.codes);
    Treatment {
        identity: treatment.identity.clone(),
        is_coded: (!codes.is_empty()).then_some(true),
        codes,
        text: None,
        status: treatment.status.clone(),
        performed: treatment.performed.clone().filter(|text| is_time(text)),
    }
}

fn performance_status(status: &PerformanceStatus) -> PerformanceStatus {
    PerformanceStatus {
        identity: status.identity.clone(),
        grade: status.grade,
        assessed: status.assessed.clone().filter(|text| is_time(text)),
    }
}

fn consent(consent: &Consent) -> Consent {
    if !CONSENT_STATES.contains(&consent.state.as_str()) {
        return Consent::unknown(consent.identity.clone());
    }
    Consent {
        identity: consent.identity.clone(),
        state: consent.state.clone(),
        status: consent.status.clone(),
        date: consent.date.clone().filter(|text| is_time(text)),
        remark: None,
    }
}

fn codes(codes: &[Code]) -> Vec<Code> {
    codes.iter().filter_map(coding).collect()
}

/// The coding without its text, where it is public.
fn coding(code: &Code) -> Option<Code> {
    let system = code.system.as_deref()?;
    let shown = || Code { system: code.system.clone(), code: code.code.clone(), display: None };
    is_public(system, &code.code).then(shown)
}

/// A trust by what the table says of it; of every other organisation, that it is none.
fn organisation(organisation: &Organisation, trusts: &Trusts) -> Organisation {
    let of_trust = |identity: &Identity, trust: &Trust| {
        let sent = organisation.organisation_number.as_deref();
        let mut numbers = trust.organisation_numbers.iter().map(|row| row.number.as_str());
        let own = numbers.clone().find(|number| Some(*number) == sent).or_else(|| numbers.next_back());
        let her_id =
            organisation.her_id.as_ref().filter(|her_id| trust.her_ids.iter().any(|own| own.to_string() == **her_id));
        Organisation {
            identity: identity.clone(),
            organisation_number: own.map(str::to_owned),
            her_id: her_id.cloned(),
            name: Some(trust.name.clone()),
            ..Organisation::default()
        }
    };
    let identity = &organisation.identity;
    let none =
        || Organisation { identity: identity.clone(), name: Some(NO_TRUST.to_owned()), ..Organisation::default() };
    trust_of(organisation, trusts).map_or_else(none, |trust| of_trust(identity, trust))
}

/// The trust that the organisation number has belonged to on any day; without a number, that of the HER-id.
fn trust_of<'t>(organisation: &Organisation, trusts: &'t Trusts) -> Option<&'t Trust> {
    match &organisation.organisation_number {
        Some(number) => trusts.ever(&OrgNumber::parse(number).ok()?),
        None => trusts.by_her_id(HerId::parse(organisation.her_id.as_deref()?).ok()?),
    }
}

/// A date, or an instant: nothing but digits and what stands between them.
fn is_time(text: &str) -> bool {
    const LONGEST: usize = 35;
    let has_year = text.get(..4).is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
    let is_part = |byte: u8| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte);
    has_year
        && text.len() <= LONGEST
        && text.bytes().all(is_part)
        && matches!(text.as_bytes().get(4), None | Some(b'-'))
}
