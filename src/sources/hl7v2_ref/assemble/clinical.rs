//! What is said about the patient's health.

use super::{Assembler, Key};
use crate::domain::decimal::Decimal;
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::personal::Personal;
use crate::domain::referral::{
    ClinicalItem, Code, Diagnosis, Medication, Passage, PerformanceStatus, Referral, Treatment,
};
use crate::redact;
use crate::sources::hl7v2_ref::bind::{Draft, Drafted};

/// Highest grade of the ECOG performance status.
const ECOG_MAX: u64 = 5;

impl Assembler<'_> {
    pub(super) fn clinical(&mut self, draft: &mut Draft, referral: &mut Referral, key: Key<'_>) {
        for (index, draft) in draft.records("diagnoses").into_iter().enumerate() {
            let identity = self.element(&draft, key.element("diagnosis", index));
            referral.diagnoses.push(diagnosis(draft, identity));
        }
        referral.reasons = draft.records("reasons").into_iter().filter_map(passage).collect();
        referral.performance_status =
            draft.record("performance_status").and_then(|draft| self.performance_status(draft, key));
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
        for (index, draft) in draft.records("precautions").into_iter().enumerate() {
            let identity = self.element(&draft, key.element("precaution", index));
            let item = self.item(draft, identity);
            referral.precautions.push(item);
        }
    }

    fn element(&mut self, draft: &Draft, identity: Identity) -> Identity {
        self.hold(draft.number, &identity);
        identity
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
        let identity = self.element(&draft, key.part("performance-status"));
        Some(PerformanceStatus { identity, grade: number, assessed: draft.text("assessed") })
    }

    fn item(&mut self, mut draft: Draft, identity: Identity) -> ClinicalItem {
        let value = draft.drafted("value").and_then(|value| self.decimal(&value));
        ClinicalItem {
            identity,
            kind: draft.codes("kind").into_iter().next(),
            codes: draft.codes("codes"),
            text: draft.text("text").map(Personal::new),
            value,
            unit: draft.text("unit"),
            date: draft.text("date"),
        }
    }

    fn decimal(&mut self, value: &Drafted) -> Option<Decimal> {
        // HL7 v2 lets a number begin with a plus sign (2.A.47 NM).
        let digits = value.text.strip_prefix('+').unwrap_or(&value.text);
        match Decimal::parse(digits) {
            Ok(decimal) => Some(decimal),
            Err(_) => {
                self.unusable(
                    value,
                    IssueCode::Hl7NumberInvalid,
                    format!("{} is no number", redact::length(&value.text)),
                );
                None
            }
        }
    }
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
        performed: draft.text("performed"),
    }
}
