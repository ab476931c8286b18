//! A gateway with a trial that writes to it. What is stored is read from the journal's file.

use serde_json::{Value, json};

use crate::service::referral::Referral;
use crate::service::setting::{Gateway, OTHER, Response, TRIAL, TRUST};
use crate::support::Folder;

/// Førde, which the golden referral is of, and Oslo.
pub(super) const FORDE: &str = "983974732";
pub(super) const OSLO: &str = "993467049";

const BASE: &str = "https://impress-gateway.example/fhir";

/// A referral, as the trial knows it and as the trust does.
#[derive(Debug, Clone)]
pub(super) struct Referred {
    /// Ids in the pseudonymous face.
    pub(super) patient: String,
    pub(super) request: String,
    /// The case, and the Patient in the identified face.
    pub(super) case: String,
    pub(super) own_patient: String,
}

pub(super) struct Trial {
    pub(super) gateway: Gateway,
}

impl Trial {
    pub(super) fn start(name: &str) -> Self {
        Self { gateway: Gateway::start(name, &[]) }
    }

    /// With further sections, and the files that they name.
    pub(super) fn start_with(name: &str, sections: impl FnOnce(&Folder) -> String) -> Self {
        let folder = Folder::new(name);
        let sections = sections(&folder);
        Self { gateway: Gateway::start_in(folder, &[], &sections) }
    }

    /// A referral of Førde, with a consent.
    pub(super) fn referred(&self, number: usize) -> Referred {
        self.refer(TRUST, &Referral::consented(number).fhir())
    }

    /// A referral of Oslo, with a consent.
    pub(super) fn referred_by_oslo(&self, number: usize) -> Referred {
        let text = String::from_utf8(Referral::consented(number).fhir()).unwrap();
        self.refer(OTHER, text.replace(FORDE, OSLO).as_bytes())
    }

    pub(super) fn refer(&self, secret: &str, body: &[u8]) -> Referred {
        self.refer_to("/fhir", secret, body)
    }

    pub(super) fn refer_to(&self, path: &str, secret: &str, body: &[u8]) -> Referred {
        let answer = self.gateway.request("POST", path, secret, "", body);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let case = self.gateway.case(answer.header("x-message-id"));
        let state = self.state(&case);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Referred {
            patient: text(&state["subject"]),
            request: text(&state["trial"]["request"]),
            own_patient: text(&state["patient"]),
            case,
        }
    }

    /// The state of a case.
    pub(super) fn state(&self, key: &str) -> Value {
        let journal = self.gateway.open_journal();
        let state: String =
            journal.query_row("SELECT state FROM cases WHERE case_key = ?1", [key], |row| row.get(0)).unwrap();
        serde_json::from_str(&state).unwrap()
    }

    pub(super) fn put(&self, resource: &Value) -> Response {
        self.put_with(resource, "")
    }

    pub(super) fn put_with(&self, resource: &Value, headers: &str) -> Response {
        let path = format!("/fhir/{}", address(resource));
        self.gateway.request("PUT", &path, TRIAL, headers, resource.to_string().as_bytes())
    }

    /// A resource that must be taken.
    pub(super) fn tell(&self, resource: &Value) -> Response {
        let answer = self.put(resource);
        assert!(answer.status < 300, "{} {}", answer.status, String::from_utf8_lossy(&answer.body));
        answer
    }

    pub(super) fn transaction(&self, resources: &[Value]) -> Response {
        let entry =
            |resource: &Value| json!({"resource": resource, "request": {"method": "PUT", "url": address(resource)}});
        let entries: Vec<Value> = resources.iter().map(entry).collect();
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        self.gateway.request("POST", "/fhir", TRIAL, "", bundle.to_string().as_bytes())
    }

    /// Versions of the resources of a type and owner, oldest first.
    pub(super) fn versions(&self, kind: &str, owner: &str) -> Vec<Value> {
        let journal = self.gateway.open_journal();
        let mut query = journal
            .prepare("SELECT json FROM resources WHERE kind = ?1 AND owner = ?2 AND json IS NOT NULL ORDER BY sequence")
            .unwrap();
        let rows = query.query_map([kind, owner], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|row| serde_json::from_str(&row.unwrap()).unwrap()).collect()
    }

    /// The newest of them.
    pub(super) fn newest(&self, kind: &str, owner: &str) -> Value {
        self.versions(kind, owner).pop().unwrap_or_else(|| panic!("{owner} has no {kind}"))
    }

    /// Where a referral stands, as its trust sees it.
    pub(super) fn stand(&self, referred: &Referred, owner: &str) -> String {
        let id = referred.case.strip_prefix("referral/").unwrap();
        let focus = format!("ServiceRequest/{id}");
        let tasks = self.versions("Task", owner);
        let task = tasks.iter().rev().find(|task| task["focus"]["reference"] == focus.as_str()).unwrap();
        task["businessStatus"]["coding"][0]["code"].as_str().unwrap().to_owned()
    }
}

fn address(resource: &Value) -> String {
    format!("{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap())
}

fn order(sequence: u64) -> Value {
    json!({"url": format!("{BASE}/StructureDefinition/gateway-event-order"), "extension": [
        {"url": "sequence", "valuePositiveInt": sequence},
        {"url": "occurred", "valueInstant": occurred(sequence)},
    ]})
}

/// Event 7 happened on the seventh.
pub(super) fn occurred(sequence: u64) -> String {
    format!("2097-05-{:02}T10:00:00Z", sequence % 28 + 1)
}

fn status_of_stage(stage: &str) -> &str {
    match stage {
        "planned" => "approved",
        "open-stage1" | "open-stage2" | "expansion" => "active",
        "interim-hold" | "suspended" => "temporarily-closed-to-accrual",
        _ => "closed-to-accrual",
    }
}

/// A cohort with counts.
pub(super) fn cohort(id: &str, stage: &str, sequence: u64, has_slots: bool) -> Value {
    let status = status_of_stage(stage);
    let mut study = json!({
        "resourceType": "ResearchStudy", "id": id,
        "meta": {"profile": [format!("{BASE}/StructureDefinition/ImpressCohort")]},
        "extension": [
            {"url": format!("{BASE}/StructureDefinition/gateway-two-stage"), "extension": [
                {"url": "stage", "valueCode": stage},
                {"url": "n1", "valuePositiveInt": 8}, {"url": "r1", "valueUnsignedInt": 0},
                {"url": "n", "valuePositiveInt": 24}, {"url": "r", "valueUnsignedInt": 4},
                {"url": "evaluable", "valueUnsignedInt": 17}, {"url": "benefit", "valueUnsignedInt": 3},
            ]},
            {"url": format!("{BASE}/StructureDefinition/gateway-slots-open"), "valueBoolean": has_slots},
            order(sequence),
            {"url": format!("{BASE}/StructureDefinition/gateway-cohort-biomarker"),
             "valueCodeableConcept": {"text": "BRAF V600E"}},
            {"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchStudy.recruitment", "extension": [
                {"url": "targetNumber", "valueUnsignedInt": 24}, {"url": "actualNumber", "valueUnsignedInt": 19},
            ]},
        ],
        "identifier": [{"system": format!("{BASE}/sid/cohort"), "value": "BRAF-V600/Biliary tract/Drug A"}],
        "title": "BRAF V600E, biliary tract cancer, drug A",
        "partOf": [{"reference": "ResearchStudy/impress"}],
        "status": status,
        "focus": [{"text": "Drug A"}], "condition": [{"text": "Biliary tract cancer"}],
        "site": [{"reference": "Location/site-1", "display": "Haukeland"}],
    });
    if status.contains("closed") {
        study["reasonStopped"] = json!({"text": "by design"});
    }
    study
}

/// R4 status of a state, and the statuses that the history has before and with it.
fn path_of(state: &str) -> Vec<&'static str> {
    match state {
        "referred" => vec!["potential-candidate"],
        "screening" => vec!["screening"],
        "no-match" => vec!["screening", "ineligible"],
        "not-prioritised" => vec!["screening", "not-registered"],
        "not-consented" => vec!["not-registered"],
        "matched" => vec!["candidate"],
        "offered" => vec!["candidate", "eligible"],
        "offer-declined" => vec!["candidate", "eligible", "withdrawn"],
        "offer-expired" => vec!["candidate", "eligible", "not-registered"],
        "accepted" => vec!["candidate", "eligible", "pending-on-study"],
        "withdrawn" => vec!["candidate", "eligible", "pending-on-study", "withdrawn"],
        "on-treatment" => vec!["candidate", "eligible", "pending-on-study", "on-study-intervention"],
        "follow-up" => vec!["candidate", "eligible", "pending-on-study", "on-study-intervention", "follow-up"],
        _ => vec!["candidate", "eligible", "pending-on-study", "on-study-intervention", "off-study"],
    }
}

fn subject(profile: &str, id: &str, state: &str, sequence: u64, patient: &str, study: &str) -> Value {
    let path = path_of(state);
    let status = path[path.len() - 1];
    // Only what is now: what came before was told before.
    let mut entry = json!({"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress",
        "extension": [{"url": "subjectState", "valueCodeableConcept": {"coding": [
            {"system": "http://hl7.org/fhir/research-subject-status", "code": status}]}}]});
    if status == "off-study" {
        let reason = json!({"url": "reason", "valueCodeableConcept": {"text": "progression"}});
        entry["extension"].as_array_mut().unwrap().push(reason);
    }
    json!({
        "resourceType": "ResearchSubject", "id": id,
        "meta": {"profile": [format!("{BASE}/StructureDefinition/{profile}")]},
        "extension": [
            {"url": format!("{BASE}/StructureDefinition/gateway-subject-state"), "valueCode": state},
            order(sequence), entry,
        ],
        "status": status,
        "study": {"reference": format!("ResearchStudy/{study}")},
        "individual": {"reference": format!("Patient/{patient}")},
    })
}

/// A patient in a cohort.
pub(super) fn enrolment(id: &str, state: &str, sequence: u64, patient: &str, cohort: &str) -> Value {
    subject("ImpressEnrolment", id, state, sequence, patient, cohort)
}

/// A patient on the parent study.
pub(super) fn screening(id: &str, state: &str, sequence: u64, patient: &str) -> Value {
    subject("ImpressScreening", id, state, sequence, patient, "impress")
}

/// The same with a history.
pub(super) fn with_history(mut subject: Value) -> Value {
    let state = subject["extension"][0]["valueCode"].as_str().unwrap().to_owned();
    let entry = subject["extension"][2].clone();
    let extensions = subject["extension"].as_array_mut().unwrap();
    extensions.truncate(2);
    let path = path_of(&state);
    for (at, status) in path.iter().enumerate() {
        let mut one = entry.clone();
        one["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] = json!(status);
        if at + 1 < path.len() {
            one["extension"].as_array_mut().unwrap().truncate(1);
        }
        extensions.push(one);
    }
    subject
}

/// A Task of the trial.
pub(super) fn task(id: &str, state: &str, modified: &str, referred: &Referred) -> Value {
    let status = if state == "rejected" { "rejected" } else { "in-progress" };
    json!({
        "resourceType": "Task", "id": id,
        "meta": {"profile": [format!("{BASE}/StructureDefinition/ImpressReferralTask")]},
        "status": status, "statusReason": {"text": "Not an advanced cancer"},
        "businessStatus": {"coding": [{"system": format!("{BASE}/CodeSystem/gateway-referral-status"), "code": state}]},
        "intent": "order",
        "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
        "focus": {"reference": format!("ServiceRequest/{}", referred.request)},
        "for": {"reference": format!("Patient/{}", referred.patient)},
        "authoredOn": "2026-02-27T10:00:00+01:00", "lastModified": modified,
        "requester": {"display": "trust"}, "owner": {"display": "trial"},
    })
}

/// An evaluation; `control` none: missing.
pub(super) fn evaluation(id: &str, control: Option<bool>, response: &str, issued: &str, patient: &str) -> Value {
    let code =
        |code: &str| json!({"coding": [{"system": format!("{BASE}/CodeSystem/gateway-evaluation"), "code": code}]});
    let mut observation = json!({
        "resourceType": "Observation", "id": id,
        "meta": {"profile": [format!("{BASE}/StructureDefinition/ImpressEvaluation")]},
        "status": "final", "code": code("week-16-disease-control"),
        "subject": {"reference": format!("Patient/{patient}")},
        "focus": [{"reference": "ResearchStudy/c1"}],
        "effectiveDateTime": "2026-07-28", "issued": issued,
        "component": [
            {"code": code("evaluable"), "valueBoolean": control.is_some()},
            {"code": code("response-recist"), "valueCodeableConcept": {"coding": [
                {"system": format!("{BASE}/CodeSystem/gateway-response"), "code": response}]}},
        ],
    });
    match control {
        Some(control) => observation["valueBoolean"] = json!(control),
        None => observation["dataAbsentReason"] = json!({"text": "not evaluated"}),
    }
    observation
}

/// The study subject id of a patient.
pub(super) fn named(patient: &str, subject: &str) -> Value {
    json!({
        "resourceType": "Patient", "id": patient,
        "meta": {"profile": [format!("{BASE}/StructureDefinition/ImpressTrialPatient")]},
        "identifier": [
            {"system": format!("{BASE}/sid/gateway-subject"), "value": patient},
            {"system": format!("{BASE}/sid/study-subject"), "value": subject},
        ],
        "gender": "female", "birthDate": "1985",
    })
}
