//! What is said about the patient's health.

use super::{Assembler, Key};
use crate::domain::decimal::Decimal;
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::moment::Moment;
use crate::domain::personal::Personal;
use crate::domain::referral::allergy::NO_KNOWN_ALLERGIES;
use crate::domain::referral::{
    ClinicalItem, Code, Diagnosis, Medication, Passage, PerformanceStatus, Referral, Remark, Treatment, verification,
};
use crate::fhir::systems::PERFORMANCE_STATUS;
use crate::redact;
use crate::sources::hl7v2_ref::bind::{Draft, Drafted};
use crate::sources::hl7v2_ref::er7::Defect;

/// Highest grade of the ECOG performance status.
const ECOG_MAX: u64 = 5;
/// Comparators as sent and as FHIR has them (quantity-comparator), the longer ones first.
const COMPARATORS: [(&str, &str); 8] =
    [("<=", "<="), (">=", ">="), ("=<", "<="), ("=>", ">="), ("≤", "<="), ("≥", ">="), ("<", "<"), (">", ">")];
/// What is said of a diagnosis that the sender denies.
const REFUTED: &str = "the sender refutes the diagnosis: it stands as a note";

impl Assembler<'_> {
    pub(super) fn clinical(&mut self, draft: &mut Draft, referral: &mut Referral, key: Key<'_>) {
        for draft in draft.records("diagnoses") {
            self.diagnosis(draft, referral, key);
        }
        referral.reasons = draft.records("reasons").into_iter().filter_map(passage).collect();
        let statuses = draft.records("performance_status");
        for (index, draft) in draft.records("medications").into_iter().enumerate() {
            let identity = self.element(&draft, key.element("medication", index));
            referral.medications.push(medication(draft, identity));
        }
        for (index, draft) in draft.records("treatments").into_iter().enumerate() {
            let identity = self.element(&draft, key.element("treatment", index));
            referral.treatments.push(treatment(draft, identity));
        }
        for (index, draft) in draft.records("clinical_items").into_iter().enumerate() {
            let identity = self.element(&draft, key.element("clinical-item", index));
            let item = self.item(draft, identity);
            referral.clinical_items.push(item);
        }
        self.performance_statuses(statuses, referral, key);
        for draft in draft.records("precautions") {
            let number = draft.number;
            let mut item = self.item(draft, key.element("precaution", referral.precautions.len()));
            let is_code = |code: &str| self.plan.code_tables.lookup(NO_KNOWN_ALLERGIES, code).is_some();
            let denies = item.denies_allergies(is_code);
            if denies {
                item.identity = key.element("clinical-item", referral.clinical_items.len());
            }
            self.hold(number, &item.identity);
            if denies { &mut referral.clinical_items } else { &mut referral.precautions }.push(item);
        }
    }

    /// A diagnosis that the sender denies is none of the referral: it stands as a note.
    fn diagnosis(&mut self, draft: Draft, referral: &mut Referral, key: Key<'_>) {
        let (number, place) = (draft.number, draft.place);
        let identity = key.element("diagnosis", referral.diagnoses.len());
        let diagnosis = diagnosis(draft, identity.clone());
        if diagnosis.verification_status.as_deref().is_some_and(verification::is_withdrawn) {
            self.defects.push(Defect { place, ..Defect::whole(IssueCode::ReferralDiagnosisRefuted, REFUTED) });
            self.hold(number, &referral.identity);
            referral.notes.push(Remark::new(format!("Refuted diagnosis: {}", diagnosis.words())));
        } else {
            self.hold(number, &identity);
            referral.diagnoses.push(diagnosis);
        }
    }

    fn element(&mut self, draft: &Draft, identity: Identity) -> Identity {
        self.hold(draft.number, &identity);
        identity
    }

    /// The newest assessment of the performance status is that of the referral; older ones are findings.
    fn performance_statuses(&mut self, drafts: Vec<Draft>, referral: &mut Referral, key: Key<'_>) {
        let mut found: Vec<(u32, PerformanceStatus)> = Vec::new();
        for draft in drafts {
            let number = draft.number;
            found.extend(self.performance_status(draft, key).map(|status| (number, status)));
        }
        let when = |status: &PerformanceStatus| status.assessed.as_deref().and_then(Moment::parse);
        let newest =
            found.iter().rev().max_by_key(|(_, status)| when(status).map(|moment| (moment.last, moment.first)));
        let newest = newest.map(|(number, _)| *number);
        for (number, status) in found {
            if Some(number) == newest {
                self.hold(number, &status.identity);
                referral.performance_status = Some(status);
                continue;
            }
            let identity = key.element("clinical-item", referral.clinical_items.len());
            self.hold(number, &identity);
            let (system, code) = (Some(PERFORMANCE_STATUS.0.to_owned()), PERFORMANCE_STATUS.1.to_owned());
            referral.clinical_items.push(ClinicalItem {
                identity,
                codes: vec![Code { system, code, ..Code::default() }],
                text: Some(Personal::new(format!("ECOG performance status = {}", status.grade))),
                value: Decimal::parse(&status.grade.to_string()).ok(),
                date: status.assessed,
                ..ClinicalItem::default()
            });
        }
    }

    fn performance_status(&mut self, mut draft: Draft, key: Key<'_>) -> Option<PerformanceStatus> {
        let grade = draft.drafted("grade")?;
        let number = grade.text.parse().ok().filter(|number| *number <= ECOG_MAX);
        let Some(number) = number else {
            let text =
                format!("{} is no grade of the ECOG performance status, 0 to {ECOG_MAX}", redact::length(&grade.text));
            self.drop_record(draft.number, IssueCode::Hl7NumberInvalid);
            self.unusable(&grade, IssueCode::Hl7NumberInvalid, text);
            return None;
        };
        let identity = key.part("performance-status");
        Some(PerformanceStatus { identity, grade: number, assessed: draft.text("assessed") })
    }

    fn item(&mut self, mut draft: Draft, identity: Identity) -> ClinicalItem {
        let sent = draft.drafted("value");
        let value = sent.as_ref().and_then(|value| self.quantity(value));
        let mut text = draft.text("text");
        if let (Some(sent), Some((_, value))) = (&sent, &value)
            && sent.text.contains(',')
            && !value.as_str().contains(',')
        {
            // Whoever reads 1,250 as more than a thousand must see what was sent.
            text = Some(text.map_or_else(String::new, |text| format!("{text}; ")) + "As sent - " + &sent.text);
        }
        let (own, value) = value.unzip();
        let said = draft.text("comparator").filter(|said| COMPARATORS.iter().any(|(_, known)| known == said));
        ClinicalItem {
            identity,
            kind: draft.codes("kind").into_iter().next(),
            codes: draft.codes("codes"),
            text: text.map(Personal::new),
            comparator: own.flatten().map(str::to_owned).or(said).filter(|_| value.is_some()),
            value,
            unit: draft.text("unit"),
            date: draft.text("date"),
        }
    }

    /// A number and what stands before it. The standard has neither comparator nor decimal comma in a number (2.A.47 NM);
    /// Norwegian systems send both.
    fn quantity(&mut self, value: &Drafted) -> Option<(Option<&'static str>, Decimal)> {
        let number = numeric(&value.text);
        if number.is_none() {
            let text = format!("{} is no number", redact::length(&value.text));
            self.unusable(value, IssueCode::Hl7NumberInvalid, text);
        }
        number
    }
}

/// `>12,50` as a comparator and 12.50.
fn numeric(text: &str) -> Option<(Option<&'static str>, Decimal)> {
    let text = text.trim();
    let found = COMPARATORS.iter().find_map(|(sent, known)| Some((*known, text.strip_prefix(sent)?)));
    let (comparator, digits) = found.map_or((None, text), |(known, rest)| (Some(known), rest.trim_start()));
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let is_comma = digits.matches(',').count() == 1 && !digits.contains('.');
    let digits = if is_comma { digits.replace(',', ".") } else { digits.to_owned() };
    Decimal::parse(&digits).ok().map(|number| (comparator, number))
}

fn is_coded(codes: &[Code]) -> Option<bool> {
    codes.iter().any(|code| code.system.is_some()).then_some(true)
}

fn diagnosis(mut draft: Draft, identity: Identity) -> Diagnosis {
    let codes = draft.codes("codes");
    let pathway = draft.codes("pathway").into_iter().next();
    let text = draft.text("text");
    let is_stated = !codes.is_empty() || text.is_some();
    let diagnosis = Diagnosis {
        identity,
        is_coded: is_coded(&codes).or(pathway.as_ref().map(|_| true)),
        codes,
        pathway,
        tumor_type: draft.text("tumor_type"),
        pathway_finding: draft.text("pathway_finding"),
        text,
        verification_status: draft.text("verification_status"),
        recorded: draft.text("recorded"),
        ..Diagnosis::default()
    };
    diagnosis.with_clinical_status(is_stated)
}

fn passage(mut draft: Draft) -> Option<Passage> {
    let text = Personal::new(draft.text("text")?);
    Some(Passage { heading: draft.codes("heading").into_iter().next(), text })
}

fn medication(mut draft: Draft, identity: Identity) -> Medication {
    let codes = draft.codes("codes");
    Medication {
        identity,
        is_coded: is_coded(&codes),
        codes,
        text: draft.text("text"),
        status: draft.text("status").unwrap_or_else(|| "unknown".to_owned()),
        dosage: draft.text("dosage").map(Personal::new),
        start: draft.text("start"),
        end: draft.text("end"),
    }
}

fn treatment(mut draft: Draft, identity: Identity) -> Treatment {
    let codes = draft.codes("codes");
    Treatment {
        identity,
        is_coded: is_coded(&codes),
        codes,
        text: draft.text("text").map(Personal::new),
        status: draft.text("status").unwrap_or_default(),
        performed: draft.text("performed"),
    }
}
