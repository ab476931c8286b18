//! One resource of the trial -> what it says.

use serde_json::{Map, Value, json};

use super::element::{
    code_of, concept, extension, extensions, id_of, identifiers, items, number, reference, some_concept, text,
};
use super::entries::Entry;
use super::{Conformance, Event, PatientTold, TaskTold, Told, fingerprint, is_error, issue};
use crate::domain::cohort::Cohort;
use crate::domain::enrolment::{ProgressEntry, TrialSubject};
use crate::domain::evaluation::{Evaluation, Response};
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::study_subject::StudySubjectId;
use crate::domain::trial::{Link, ParentStudy, TRIAL};

const PROGRESS: &str = "/StructureDefinition/extension-ResearchSubject.progress";
const RECRUITMENT: &str = "/StructureDefinition/extension-ResearchStudy.recruitment";
const RESPONSES: [&str; 4] = ["response-recist", "response-irecist", "response-rano", "response-clinical"];

/// Elements of a Patient that are given back; the profile of the pseudonymous patient allows few others.
const PATIENT: [&str; 6] = ["resourceType", "id", "identifier", "gender", "birthDate", "deceasedBoolean"];

/// What the systems of a Patient's identifiers end with.
const GATEWAY_SUBJECT: &str = "/sid/gateway-subject";
const STUDY_SUBJECT: &str = "/sid/study-subject";

/// The event of an entry; otherwise its number and the issues.
pub(super) fn event(entry: Entry, conformance: Conformance<'_>) -> Result<Event, (usize, Vec<Issue>)> {
    let number = entry.number;
    let failed = |issues: Vec<Issue>| (number, issues);
    let profile = profile_of(&entry).map_err(|issue| failed(vec![issue]))?;
    let issues = conformance(&entry.resource, profile);
    if issues.iter().any(is_error) {
        return Err(failed(issues));
    }
    let resource = &entry.resource;
    let missing = |path: &'static str| {
        let text = "an element that the gateway needs is missing, or of another form";
        failed(vec![issue(IssueCode::TrialValueInvalid, path, text)])
    };
    let told = match profile {
        "ResearchStudy" => Told::Study(Box::new(study(resource, &entry.id))),
        "ImpressCohort" => Told::Cohort(Box::new(cohort(resource, &entry.id).map_err(missing)?)),
        "ImpressScreening" | "ImpressEnrolment" => {
            let is_enrolment = profile == "ImpressEnrolment";
            Told::Subject(Box::new(subject(resource, &entry.id, is_enrolment).map_err(missing)?))
        }
        "ImpressReferralTask" => Told::Task(Box::new(task(resource).map_err(missing)?)),
        "ImpressEvaluation" => Told::Evaluation(Box::new(evaluation(resource, &entry.id).map_err(missing)?)),
        _ => Told::Patient(Box::new(patient(resource, &entry.id).map_err(missing)?)),
    };
    let content = fingerprint(resource);
    Ok(Event { kind: entry.kind, id: entry.id, entry: number, if_match: entry.if_match, content, told })
}

/// The profile that a resource is read by: that which it claims. A study that is part of none and claims none is the parent
/// study.
fn profile_of(entry: &Entry) -> Result<&'static str, Issue> {
    let known: &[&'static str] = match entry.kind {
        "ResearchStudy" => &["ImpressCohort"],
        "ResearchSubject" => &["ImpressScreening", "ImpressEnrolment"],
        "Task" => &["ImpressReferralTask"],
        "Observation" => &["ImpressEvaluation"],
        _ => &["ImpressTrialPatient"],
    };
    let meta = entry.resource.get("meta").unwrap_or(&Value::Null);
    let claimed = |name: &&str| {
        let end = format!("/StructureDefinition/{name}");
        items(meta, "profile").iter().any(|url| url.as_str().is_some_and(|url| url.ends_with(&end)))
    };
    let mut found = known.iter().copied().filter(claimed);
    match (found.next(), found.next()) {
        (Some(profile), None) => Ok(profile),
        (None, _) if entry.kind == "ResearchStudy" && items(&entry.resource, "partOf").is_empty() => {
            Ok("ResearchStudy")
        }
        (None, _) => {
            let text = format!("the resource claims none of {}", known.join(", "));
            Err(issue(IssueCode::TrialProfileMissing, &format!("{}.meta.profile", entry.kind), &text))
        }
        (Some(_), Some(_)) => {
            let text = "the resource claims to be on the parent study and in a cohort";
            Err(issue(IssueCode::TrialProfileMissing, &format!("{}.meta.profile", entry.kind), text))
        }
    }
}

fn identity(kind: &'static str, id: &str) -> Identity {
    Identity::new(TRIAL, kind, &[id])
}

fn owned(value: &Value, name: &str) -> Option<String> {
    text(value, name).map(str::to_owned)
}

fn study(resource: &Value, id: &str) -> ParentStudy {
    ParentStudy {
        identity: identity("cohort", id),
        identifiers: identifiers(resource),
        title: owned(resource, "title"),
        status: owned(resource, "status").unwrap_or_default(),
    }
}

/// Number and time of the event.
fn order(resource: &Value) -> Option<(u64, String)> {
    let order = extension(resource, "/StructureDefinition/gateway-event-order")?;
    let sequence = number(order, "sequence")?;
    let occurred = owned(extension(order, "occurred")?, "valueInstant")?;
    occurred.parse::<jiff::Timestamp>().ok()?;
    Some((sequence, occurred))
}

fn cohort(resource: &Value, id: &str) -> Result<Cohort, &'static str> {
    let design = extension(resource, "/StructureDefinition/gateway-two-stage").ok_or("ResearchStudy.extension")?;
    let count = |part| number(design, part).ok_or("ResearchStudy.extension");
    let code = |part| extension(design, part).and_then(|part| owned(part, "valueCode"));
    let (sequence, occurred) = order(resource).ok_or("ResearchStudy.extension")?;
    let slots = extension(resource, "/StructureDefinition/gateway-slots-open");
    let slots_open = slots.and_then(|part| part.get("valueBoolean")).and_then(Value::as_bool);
    let recruitment = extension(resource, RECRUITMENT);
    let parent = items(resource, "partOf").first().and_then(|parent| text(parent, "reference"));
    let name = identifiers(resource)
        .into_iter()
        .find(|identifier| identifier.system.as_deref().is_some_and(|system| system.ends_with("/sid/cohort")));
    let concepts = |name| items(resource, name).iter().map(concept).collect();
    let biomarkers = extensions(resource, "/StructureDefinition/gateway-cohort-biomarker");
    let period = resource.get("period").unwrap_or(&Value::Null);
    let site = |site: &Value| Link {
        reference: text(site, "reference").and_then(|reference| id_of(reference, "Location")),
        display: owned(site, "display"),
    };
    Ok(Cohort {
        identity: identity("cohort", id),
        name: name.ok_or("ResearchStudy.identifier")?.value,
        title: owned(resource, "title"),
        status: owned(resource, "status").ok_or("ResearchStudy.status")?,
        stage: code("stage").ok_or("ResearchStudy.extension")?,
        n1: count("n1")?,
        r1: count("r1")?,
        n: count("n")?,
        r: count("r")?,
        evaluable: number(design, "evaluable"),
        benefit: number(design, "benefit"),
        decision: code("decision"),
        slots_open: slots_open.ok_or("ResearchStudy.extension")?,
        sequence,
        occurred,
        biomarkers: biomarkers.filter_map(|part| some_concept(part.get("valueCodeableConcept"))).collect(),
        drugs: concepts("focus"),
        tumor_types: concepts("condition"),
        parent: String::new(),
        sites: items(resource, "site").iter().map(site).collect(),
        reason: some_concept(resource.get("reasonStopped")),
        target: recruitment.and_then(|part| number(part, "targetNumber")),
        actual: recruitment.and_then(|part| number(part, "actualNumber")),
        start: owned(period, "start"),
        end: owned(period, "end"),
        trial_id: id.to_owned(),
        parent_id: parent.and_then(|parent| id_of(parent, "ResearchStudy")).ok_or("ResearchStudy.partOf")?,
    })
}

fn subject(resource: &Value, id: &str, is_enrolment: bool) -> Result<TrialSubject, &'static str> {
    let (sequence, occurred) = order(resource).ok_or("ResearchSubject.extension")?;
    let state = extension(resource, "/StructureDefinition/gateway-subject-state");
    let period = resource.get("period").unwrap_or(&Value::Null);
    let entry = |entry: &Value| {
        let concept_of = |part| extension(entry, part).and_then(|part| part.get("valueCodeableConcept"));
        let when = |part| extension(entry, part).and_then(|part| owned(part, "valueDateTime"));
        let status = concept_of("subjectState").and_then(|state| code_of(state, "/research-subject-status"))?;
        Some(ProgressEntry {
            status: status.to_owned(),
            reason: some_concept(concept_of("reason")),
            start: when("startDate"),
            end: when("endDate"),
        })
    };
    Ok(TrialSubject {
        identity: identity("subject", id),
        identifiers: identifiers(resource),
        status: owned(resource, "status").ok_or("ResearchSubject.status")?,
        state: state.and_then(|state| owned(state, "valueCode")).ok_or("ResearchSubject.extension")?,
        sequence,
        occurred,
        study: String::new(),
        patient: String::new(),
        progress: extensions(resource, PROGRESS).filter_map(entry).collect(),
        start: owned(period, "start"),
        end: owned(period, "end"),
        assigned_arm: owned(resource, "assignedArm"),
        actual_arm: owned(resource, "actualArm"),
        trial_id: id.to_owned(),
        study_id: reference(resource, "study", "ResearchStudy").ok_or("ResearchSubject.study")?,
        patient_id: reference(resource, "individual", "Patient").ok_or("ResearchSubject.individual")?,
        is_enrolment,
    })
}

fn task(resource: &Value) -> Result<TaskTold, &'static str> {
    let state =
        resource.get("businessStatus").and_then(|status| code_of(status, "/CodeSystem/gateway-referral-status"));
    let modified = owned(resource, "lastModified").filter(|time| time.parse::<jiff::Timestamp>().is_ok());
    Ok(TaskTold {
        referral_id: reference(resource, "focus", "ServiceRequest").ok_or("Task.focus")?,
        patient_id: reference(resource, "for", "Patient").ok_or("Task.for")?,
        state: state.ok_or("Task.businessStatus")?.to_owned(),
        reason: some_concept(resource.get("statusReason")),
        modified: modified.ok_or("Task.lastModified")?,
    })
}

fn evaluation(resource: &Value, id: &str) -> Result<Evaluation, &'static str> {
    let code = |component: &Value| {
        let code = component.get("code").and_then(|code| code_of(code, "/CodeSystem/gateway-evaluation"));
        code.unwrap_or_default().to_owned()
    };
    let components = items(resource, "component");
    let says = |name: &str| {
        let component = components.iter().find(|component| code(component) == name)?;
        component.get("valueBoolean")?.as_bool()
    };
    let response = |component: &Value| {
        let criteria = code(component);
        let value = component.get("valueCodeableConcept")?;
        let code = code_of(value, "/CodeSystem/gateway-response")?.to_owned();
        RESPONSES.contains(&criteria.as_str()).then_some(Response { criteria, code })
    };
    let focus = items(resource, "focus").first().and_then(|focus| text(focus, "reference"));
    let disagree = says("criteria-disagree");
    Ok(Evaluation {
        identity: identity("evaluation", id),
        status: owned(resource, "status").ok_or("Observation.status")?,
        patient: String::new(),
        cohort: String::new(),
        effective: owned(resource, "effectiveDateTime").ok_or("Observation.effective")?,
        issued: owned(resource, "issued"),
        control: resource.get("valueBoolean").and_then(Value::as_bool),
        absent: some_concept(resource.get("dataAbsentReason")),
        evaluable: says("evaluable").ok_or("Observation.component")?,
        responses: components.iter().filter_map(response).collect(),
        disagree,
        has_statement: disagree.is_some(),
        trial_id: id.to_owned(),
        cohort_id: focus.and_then(|focus| id_of(focus, "ResearchStudy")).ok_or("Observation.focus")?,
        patient_id: reference(resource, "subject", "Patient").ok_or("Observation.subject")?,
    })
}

/// Whether a Patient that the gateway gave has a study subject id: the others of a trial system tell the gateway nothing.
pub fn names_study_subject(patient: &Value) -> bool {
    [GATEWAY_SUBJECT, STUDY_SUBJECT].iter().all(|system| numbered(patient, system).is_some())
}

/// The identifier of a Patient whose system ends so.
fn numbered(patient: &Value, end: &str) -> Option<String> {
    let is_of = |system: &str| system.ends_with(end);
    let found = identifiers(patient).into_iter().find(|one| one.system.as_deref().is_some_and(is_of));
    found.map(|identifier| identifier.value)
}

fn patient(resource: &Value, id: &str) -> Result<PatientTold, &'static str> {
    // The gateway gave it: it is that of the address.
    if numbered(resource, GATEWAY_SUBJECT).as_deref() != Some(id) {
        return Err("Patient.identifier");
    }
    let subject = numbered(resource, STUDY_SUBJECT).map(|subject| StudySubjectId::parse(&subject)).transpose();
    let mut shown: Map<String, Value> = Map::new();
    for name in PATIENT {
        if let Some(value) = resource.get(name) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    let profile = items(resource.get("meta").unwrap_or(&Value::Null), "profile");
    shown.insert("meta".to_owned(), json!({ "profile": profile }));
    Ok(PatientTold { subject: subject.map_err(|_| "Patient.identifier")?, resource: Value::Object(shown) })
}
