//! What is said about the patient's health.

mod items;

use super::reader::{Coded, Reader};
use super::referral::Key;
use super::scope::Scope;
use super::tree::{Fate, Node};
use crate::domain::issue::IssueCode;
use crate::domain::personal::Personal;
use crate::domain::referral::{Code, Diagnosis, Medication, Passage, Referral, Treatment};

/// Pathway codes (Volven 8480) whose columns say what they mean.
const PATHWAYS: &str = "volven-8480";
/// Verification that makes a diagnosis more than a suspicion.
const CONFIRMED: &str = "confirmed";
/// Statuses of a Procedure (FHIR R4, event-status) of which none says that it was done.
const PROCEDURE_STATUSES: [&str; 6] = ["preparation", "in-progress", "on-hold", "stopped", "not-done", "unknown"];
/// The one that does.
const COMPLETED: &str = "completed";
/// Verifications of what holds or may hold (FHIR R4, condition-ver-status); others are left out before.
const VERIFICATIONS: [&str; 4] = ["unconfirmed", "provisional", "differential", CONFIRMED];

impl<'d> Reader<'d> {
    pub(super) fn clinical(&self, referral: &mut Referral, scope: &Scope<'d>, key: Key<'_>) {
        for resource in self.usable("Condition", scope) {
            let identity = key.nth("diagnosis", referral.diagnoses.len());
            let part = self.document.part();
            let diagnosis = self.document.within(part, || self.condition(resource));
            if diagnosis.codes.is_empty() && diagnosis.pathway.is_none() && diagnosis.text.is_none() {
                // R4 demands no code; a diagnosis of nothing is none.
                let code = IssueCode::EhrFhirResourceUnread;
                self.document.decide(part, Fate::Listed(code));
                self.leave_out(code, resource, "the Condition does not say which one it is");
                continue;
            }
            self.document.decide(part, Fate::Held(identity.clone()));
            referral.diagnoses.push(Diagnosis { identity, ..diagnosis });
        }
        self.reasons(referral, scope, key);
        self.observations(referral, scope, key);
        for (index, resource) in self.usable("MedicationStatement", scope).into_iter().enumerate() {
            let identity = key.nth("medication", index);
            let read = || Medication { identity: identity.clone(), ..self.medication(resource) };
            referral.medications.push(self.held(&identity, read));
        }
        for (index, resource) in self.usable("Procedure", scope).into_iter().enumerate() {
            let identity = key.nth("treatment", index);
            let read = || Treatment { identity: identity.clone(), ..self.treatment(resource) };
            referral.treatments.push(self.held(&identity, read));
        }
        self.precautions(referral, scope, key);
    }

    /// `reasonCode`: texts are reasons, codes are diagnoses behind those that are resources of their own.
    fn reasons(&self, referral: &mut Referral, scope: &Scope<'d>, key: Key<'_>) {
        for node in scope.request.all("reasonCode") {
            if let Some(passage) = self.of_referral(|| self.reason(node)) {
                referral.reasons.push(passage);
                continue;
            }
            let identity = key.nth("diagnosis", referral.diagnoses.len());
            let read = || diagnosis(self, self.coded(node)).with_clinical_status(true);
            let read = || Diagnosis { identity: identity.clone(), ..read() };
            referral.diagnoses.push(self.held(&identity, read));
        }
        // A referral without a coded diagnosis has one in words, as in the other formats.
        let is_diagnosis = |passage: &&Passage| passage.heading.as_ref().is_some_and(|heading| heading.code == "DIAG");
        let passage = referral.reasons.iter().find(is_diagnosis);
        if let Some(passage) = passage.filter(|_| referral.diagnoses.is_empty()) {
            let (identity, text) = (key.nth("diagnosis", 0), Some(passage.text.expose().to_owned()));
            let diagnosis = Diagnosis { identity, text, ..Diagnosis::default() };
            referral.diagnoses.push(diagnosis.with_clinical_status(true));
        }
    }

    fn condition(&self, node: Node<'d>) -> Diagnosis {
        let mut diagnosis = diagnosis(self, self.child_coded(node, "code"));
        let status = |name: &str| {
            let codings = node.child(name).into_iter().flat_map(|it| it.all("coding"));
            codings.filter_map(|coding| coding.child_text("code")).next()
        };
        let (clinical, verification) = (status("clinicalStatus"), status("verificationStatus"));
        let is_confirmed = verification.as_deref().is_none_or(|code| code == CONFIRMED);
        diagnosis.verification_status = verification.clone().filter(|code| VERIFICATIONS.contains(&code.as_str()));
        let is_stated = is_confirmed && diagnosis.codes.iter().any(|code| code.system.is_some());
        diagnosis = diagnosis.with_clinical_status(is_stated);
        if is_confirmed && clinical.is_some() && !diagnosis.is_doubted() {
            diagnosis.clinical_status = clinical;
        }
        diagnosis.recorded = node.child_text("recordedDate");
        let names = [
            ("severity", "Severity"),
            ("bodySite", "Body site"),
            ("stage", "Stage"),
            ("onsetDateTime", "Onset"),
            ("onsetString", "Onset"),
            ("abatementDateTime", "Until"),
            ("abatementString", "Until"),
            ("note", ""),
        ];
        let mut texts: Vec<String> = diagnosis.text.take().into_iter().collect();
        texts.extend(verification.filter(|_| !is_confirmed).map(|code| format!("Verification: {code}")));
        texts.extend(node.all("stage").into_iter().filter_map(|it| self.stage(it)));
        let names = names.iter().filter(|(name, _)| *name != "stage").copied().collect::<Vec<_>>();
        texts.extend(self.labelled(node, &names));
        node.all("category").into_iter().chain(node.child("subject")).for_each(Node::take);
        diagnosis.text = (!texts.is_empty()).then(|| texts.join("; "));
        diagnosis
    }

    fn stage(&self, node: Node<'d>) -> Option<String> {
        let words = |name: &str| node.child(name).and_then(|it| self.words(it));
        let texts: Vec<String> = [words("type"), words("summary")].into_iter().flatten().collect();
        (!texts.is_empty()).then(|| format!("Stage: {}", texts.join(" ")))
    }

    fn medication(&self, node: Node<'d>) -> Medication {
        let by_reference = node.child("medicationReference").and_then(|it| self.follow(it, node));
        let concept = node.child("medicationCodeableConcept").or_else(|| by_reference?.child("code"));
        let coded = concept.map(|concept| self.coded(concept)).unwrap_or_default();
        let dosage = node
            .all("dosage")
            .into_iter()
            .flat_map(|it| self.labelled(it, &[("text", ""), ("patientInstruction", "")]));
        let names = [("statusReason", "Reason"), ("reasonCode", "For"), ("category", "Category"), ("note", "")];
        let texts: Vec<String> = dosage.chain(self.labelled(node, &names)).collect();
        let period = node.child("effectivePeriod");
        let of_period = |name: &str| period.and_then(|period| period.child_text(name));
        node.child("subject").into_iter().for_each(Node::take);
        Medication {
            is_coded: coded.is_known.then_some(true),
            text: coded.text.or_else(|| coded.codes.first().map(|code| code.code.clone())),
            codes: coded.codes,
            status: node.child_text("status").unwrap_or_else(|| "unknown".to_owned()),
            dosage: (!texts.is_empty()).then(|| Personal::new(texts.join("; "))),
            start: of_period("start").or_else(|| node.child_text("effectiveDateTime")),
            end: of_period("end"),
            ..Medication::default()
        }
    }

    fn treatment(&self, node: Node<'d>) -> Treatment {
        let coded = self.child_coded(node, "code");
        let period = node.child("performedPeriod");
        let of_period = |name: &str| period.and_then(|period| period.child_text(name));
        let (start, end) = (of_period("start"), of_period("end"));
        let sent = node.child_text("status").unwrap_or_default();
        let is_known = sent == COMPLETED || PROCEDURE_STATUSES.contains(&sent.as_str());
        let known = if is_known { sent.clone() } else { "unknown".to_owned() };
        let status = Some(sent).filter(|status| status != COMPLETED);
        let until = end.filter(|end| Some(end) != start.as_ref()).map(|end| format!("(til {end})"));
        let texts = [coded.text.clone(), status.map(|status| format!("({status})")), until];
        let mut texts: Vec<String> = vec![texts.into_iter().flatten().collect::<Vec<_>>().join(" ")];
        let names = [
            ("performedString", "When"),
            ("bodySite", "Body site"),
            ("outcome", "Outcome"),
            ("complication", "Complication"),
            ("reasonCode", "For"),
            ("note", ""),
        ];
        texts.extend(self.labelled(node, &names));
        texts.retain(|text| !text.is_empty());
        node.child("subject").into_iter().for_each(Node::take);
        Treatment {
            is_coded: coded.is_known.then_some(true),
            text: (!texts.is_empty()).then(|| Personal::new(texts.join("; "))),
            codes: coded.codes,
            status: known,
            performed: start.or_else(|| node.child_text("performedDateTime")),
            ..Treatment::default()
        }
    }
}

/// A diagnosis, with the pathway that stands among its codes.
fn diagnosis(reader: &Reader<'_>, mut coded: Coded) -> Diagnosis {
    let pathway = coded.take_volven("8480");
    let entry = pathway.as_ref().and_then(|code| reader.context.code_tables.lookup(PATHWAYS, &code.code));
    let property = |name| entry.and_then(|entry| entry.property(name)).map(str::to_owned);
    // A code that nothing gives a system to means nothing to a receiver of resources: it is said in words.
    let (codes, bare): (Vec<Code>, Vec<Code>) = coded.codes.into_iter().partition(|code| code.system.is_some());
    let bare =
        bare.into_iter().map(|code| code.display.map_or(code.code.clone(), |text| format!("{text} ({})", code.code)));
    let of_pathway = || pathway.as_ref().map(|code| code.display.clone().unwrap_or_else(|| code.code.clone()));
    let texts: Vec<String> = coded.text.or_else(of_pathway).into_iter().chain(bare).collect();
    Diagnosis {
        tumor_type: property("tumor_type"),
        pathway_finding: property("finding"),
        is_coded: (coded.is_known || pathway.is_some()).then_some(true),
        text: (!texts.is_empty()).then(|| texts.join("; ")),
        pathway,
        codes,
        ..Diagnosis::default()
    }
}
