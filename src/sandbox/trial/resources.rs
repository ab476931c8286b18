//! What the trial system writes, as the gateway's profiles of the way back have it.

use serde_json::{Value, json};

use crate::fhir::systems::{
    ABSENT_REASONS, CANONICAL_BASE, RESEARCH_SUBJECT_STATUS, STUDY_RECRUITMENT, STUDY_STOPPED, SUBJECT_PROGRESS,
};
use crate::sandbox::catalogue::{BIOMARKERS, TUMOURS};
use crate::sandbox::plan::Basket;
use crate::sandbox::simon::{Cohort, DESIGN, Outcome, Stage};

/// Id of the study that every cohort is part of.
pub(super) const STUDY: &str = "impress";

/// When something happened, and its number among everything that happened at the trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) sequence: u64,
    /// Instant.
    pub(super) occurred: String,
}

/// A patient on a study, with the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) id: String,
    /// Id of the cohort; none: on the parent study.
    pub(super) cohort: Option<String>,
    /// Id of the pseudonymous Patient.
    pub(super) patient: String,
    /// Study subject id.
    pub(super) name: String,
    /// Oldest first.
    pub(super) history: Vec<Step>,
}

/// An entry of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Code of `gateway-subject-state`.
    pub(super) state: &'static str,
    /// Date.
    pub(super) on: String,
    /// Why.
    pub(super) reason: Option<&'static str>,
}

fn profile(name: &str) -> Value {
    json!({"profile": [format!("{CANONICAL_BASE}/StructureDefinition/{name}")]})
}

fn extension(name: &str, kind: &str, value: Value) -> Value {
    json!({"url": format!("{CANONICAL_BASE}/StructureDefinition/{name}"), kind: value})
}

fn order(order: &Order) -> Value {
    let parts = json!([
        {"url": "sequence", "valuePositiveInt": order.sequence},
        {"url": "occurred", "valueInstant": order.occurred},
    ]);
    extension("gateway-event-order", "extension", parts)
}

/// Status of R4 for a state.
fn status(state: &str) -> &'static str {
    match state {
        "referred" => "potential-candidate",
        "screening" => "screening",
        "no-match" => "ineligible",
        "matched" => "candidate",
        "offered" => "eligible",
        "accepted" => "pending-on-study",
        "on-treatment" => "on-study-intervention",
        "follow-up" => "follow-up",
        "off-study" => "off-study",
        "offer-declined" | "withdrawn" => "withdrawn",
        _ => "not-registered",
    }
}

impl Subject {
    pub(super) fn resource(&self, at: &Order) -> Value {
        let state = self.history.last().map_or("referred", |step| step.state);
        let mut extensions = vec![extension("gateway-subject-state", "valueCode", json!(state)), order(at)];
        let ends = self.history.iter().skip(1).map(|next| Some(next.on.as_str())).chain([None]);
        extensions.extend(self.history.iter().zip(ends).map(|(step, end)| progress(step, end)));
        let (name, study) = match &self.cohort {
            None => ("ImpressScreening", STUDY),
            Some(cohort) => ("ImpressEnrolment", cohort.as_str()),
        };
        json!({
            "resourceType": "ResearchSubject",
            "id": self.id,
            "meta": profile(name),
            "extension": extensions,
            "identifier": [{"system": format!("{CANONICAL_BASE}/sid/study-subject"), "value": self.name}],
            "status": status(state),
            "study": {"reference": format!("ResearchStudy/{study}")},
            "individual": {"reference": format!("Patient/{}", self.patient)},
        })
    }
}

fn progress(step: &Step, end: Option<&str>) -> Value {
    let coding = json!([{"system": RESEARCH_SUBJECT_STATUS, "code": status(step.state)}]);
    let mut parts = vec![json!({"url": "subjectState", "valueCodeableConcept": {"coding": coding}})];
    parts.extend(step.reason.map(|reason| json!({"url": "reason", "valueCodeableConcept": {"text": reason}})));
    parts.push(json!({"url": "startDate", "valueDateTime": step.on}));
    parts.extend(end.map(|end| json!({"url": "endDate", "valueDateTime": end})));
    json!({"url": SUBJECT_PROGRESS, "extension": parts})
}

/// Id of a cohort.
pub(super) fn cohort_id(place: usize) -> String {
    format!("cohort-{:03}", place + 1)
}

/// The study that cohorts are part of.
pub(super) fn study() -> Value {
    json!({
        "resourceType": "ResearchStudy",
        "id": STUDY,
        "identifier": [{"system": format!("{CANONICAL_BASE}/sid/study"), "value": "IMPRESS-DEMO"}],
        "title": "Demonstration study, synthetic",
        "status": "active",
    })
}

/// A cohort as the trial sees it.
pub(super) fn cohort(place: usize, basket: Basket, now: &Cohort, at: &Order) -> Option<Value> {
    let (tumour, biomarker) = (TUMOURS.get(basket.tumour)?, BIOMARKERS.get(basket.biomarker)?);
    let mut parts = vec![
        json!({"url": "stage", "valueCode": now.stage.code()}),
        json!({"url": "n1", "valuePositiveInt": DESIGN.n1}),
        json!({"url": "r1", "valueUnsignedInt": DESIGN.r1}),
        json!({"url": "n", "valuePositiveInt": DESIGN.n}),
        json!({"url": "r", "valueUnsignedInt": DESIGN.r}),
        json!({"url": "evaluable", "valueUnsignedInt": now.evaluable}),
        json!({"url": "benefit", "valueUnsignedInt": now.benefit}),
    ];
    let (status, stopped, decision) = standing(now.stage);
    parts.extend(decision.map(|decision| json!({"url": "decision", "valueCode": decision})));
    let recruitment = json!([
        {"url": "targetNumber", "valueUnsignedInt": DESIGN.n},
        {"url": "actualNumber", "valueUnsignedInt": now.started},
    ]);
    let mut resource = json!({
        "resourceType": "ResearchStudy",
        "id": cohort_id(place),
        "meta": profile("ImpressCohort"),
        "extension": [
            extension("gateway-two-stage", "extension", Value::Array(parts)),
            extension("gateway-slots-open", "valueBoolean", json!(now.is_open())),
            order(at),
            extension("gateway-cohort-biomarker", "valueCodeableConcept", json!({"text": biomarker.name})),
            {"url": STUDY_RECRUITMENT, "extension": recruitment},
        ],
        "identifier": [{
            "system": format!("{CANONICAL_BASE}/sid/cohort"),
            "value": format!("{}/{}/{}", biomarker.name, tumour.english, biomarker.drug),
        }],
        "title": format!("{}, {}, {}", biomarker.name, tumour.english, biomarker.drug),
        "partOf": [{"reference": format!("ResearchStudy/{STUDY}")}],
        "status": status,
        "focus": [{"text": biomarker.drug}],
        "condition": [{"text": tumour.english}],
    });
    if let (Some(members), Some(reason)) = (resource.as_object_mut(), stopped) {
        members.insert("reasonStopped".to_owned(), json!({"coding": [{"system": STUDY_STOPPED, "code": reason}]}));
    }
    Some(resource)
}

/// Status of R4, why no patients are taken, and the decision that led there.
fn standing(stage: Stage) -> (&'static str, Option<&'static str>, Option<&'static str>) {
    match stage {
        Stage::OpenStage1 => ("active", None, None),
        Stage::InterimHold => ("temporarily-closed-to-accrual", Some("temporarily-closed-per-study-design"), None),
        Stage::OpenStage2 => ("active", None, Some("continue")),
        Stage::ClosedFutility => ("closed-to-accrual", Some("closed-due-to-lack-of-study-progress"), Some("stop")),
        Stage::Complete => ("closed-to-accrual", Some("accrual-goal-met"), Some("continue")),
        Stage::Expansion => ("active", None, Some("expand")),
        Stage::ClosedNoSignal => ("closed-to-accrual", Some("closed-due-to-lack-of-study-progress"), Some("no-signal")),
    }
}

/// What week 16 says of a patient in a cohort. Missing is never no.
pub(super) fn evaluation(id: &str, patient: &str, cohort: &str, outcome: Outcome, on: &str) -> Value {
    let code = |code: &str| json!({"coding": [{"system": format!("{CANONICAL_BASE}/CodeSystem/gateway-evaluation"), "code": code}]});
    let is_evaluable = outcome != Outcome::NotEvaluable;
    let mut components = vec![json!({"code": code("evaluable"), "valueBoolean": is_evaluable})];
    let response = match outcome {
        Outcome::Control => Some("stable-disease"),
        Outcome::NoControl => Some("progressive-disease"),
        Outcome::NotEvaluable => None,
    };
    components.extend(response.map(|response| {
        let coding = json!([{"system": format!("{CANONICAL_BASE}/CodeSystem/gateway-response"), "code": response}]);
        json!({"code": code("response-recist"), "valueCodeableConcept": {"coding": coding}})
    }));
    let mut resource = json!({
        "resourceType": "Observation",
        "id": id,
        "meta": profile("ImpressEvaluation"),
        "status": "final",
        "code": code("week-16-disease-control"),
        "subject": {"reference": format!("Patient/{patient}")},
        "focus": [{"reference": format!("ResearchStudy/{cohort}")}],
        "effectiveDateTime": on,
        "component": components,
    });
    if let Some(members) = resource.as_object_mut() {
        if is_evaluable {
            members.insert("valueBoolean".to_owned(), json!(outcome == Outcome::Control));
        } else {
            let reason = json!({"coding": [{"system": ABSENT_REASONS, "code": "not-performed"}]});
            members.insert("dataAbsentReason".to_owned(), reason);
        }
    }
    resource
}

/// The Patient as the gateway sent it, with the study subject id.
pub(super) fn patient(sent: &Value, name: &str) -> Value {
    let mut patient = sent.clone();
    if let Some(members) = patient.as_object_mut() {
        members.insert("meta".to_owned(), profile("ImpressTrialPatient"));
        let identifier = json!({"system": format!("{CANONICAL_BASE}/sid/study-subject"), "value": name});
        if let Some(Value::Array(identifiers)) = members.get_mut("identifier") {
            identifiers.push(identifier);
        }
    }
    patient
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::issue::Severity;
    use crate::profiles::walk::Validator;

    const AT: &str = "2026-03-20T12:00:00+01:00";

    fn at() -> Order {
        Order { sequence: 3, occurred: AT.to_owned() }
    }

    fn subject(cohort: Option<&str>, states: &[&'static str]) -> Value {
        let step = |state: &&'static str| {
            let reason = (*state == "off-study").then_some("Withdrawn by the patient after registration");
            Step { state, on: "2026-03-20".to_owned(), reason }
        };
        let history = states.iter().map(step).collect();
        let (id, patient, name) = ("s-1".to_owned(), "p-1".to_owned(), "IMPR.R-0001".to_owned());
        Subject { id, cohort: cohort.map(str::to_owned), patient, name, history }.resource(&at())
    }

    /// Everything that is written holds its profile, in every state.
    #[test]
    fn what_is_written_holds_its_profile() {
        let mut all = vec![study()];
        for stage in [
            Stage::OpenStage1,
            Stage::InterimHold,
            Stage::OpenStage2,
            Stage::ClosedFutility,
            Stage::Complete,
            Stage::Expansion,
            Stage::ClosedNoSignal,
        ] {
            let now = Cohort { stage, taken: 8, started: 8, evaluable: 8, benefit: 3 };
            all.extend(cohort(0, Basket { tumour: 0, biomarker: 0 }, &now, &at()));
        }
        for states in [&["screening"][..], &["screening", "no-match"], &["screening", "not-prioritised"]] {
            all.push(subject(None, states));
        }
        for states in [
            &["matched"][..],
            &["matched", "offered"],
            &["matched", "offered", "offer-declined"],
            &["matched", "offered", "offer-expired"],
            &["matched", "offered", "withdrawn"],
            &["matched", "offered", "accepted"],
            &["matched", "offered", "accepted", "on-treatment"],
            &["matched", "offered", "accepted", "on-treatment", "follow-up"],
            &["matched", "offered", "accepted", "on-treatment", "off-study"],
        ] {
            all.push(subject(Some("cohort-001"), states));
        }
        for outcome in [Outcome::Control, Outcome::NoControl, Outcome::NotEvaluable] {
            all.push(evaluation("e-1", "p-1", "cohort-001", outcome, "2026-07-10"));
        }
        let sent = json!({"resourceType": "Patient", "id": "p-1", "identifier": [
            {"system": format!("{CANONICAL_BASE}/sid/gateway-subject"), "value": "p-1"}], "birthDate": "1970"});
        all.push(patient(&sent, "IMPR.R-0001"));
        let validator = Validator::embedded().unwrap();
        assert_eq!(all.len(), 24);
        for resource in all {
            let mut issues = validator.validate(&resource, &[]);
            issues.retain(|issue| issue.code.severity() >= Severity::Error);
            assert!(issues.is_empty(), "{resource:#}\n{issues:?}");
        }
    }
}
