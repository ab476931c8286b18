use serde_json::json;

use super::*;

macro_rules! example {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../../profiles/examples/", $name))).unwrap()
    };
}

fn valid(_: &Value, _: &str) -> Vec<Issue> {
    Vec::new()
}

fn read_one(resource: &Value, address: (&str, &str)) -> Result<Event, Vec<String>> {
    let limits = Limits::default();
    let context = Context { limits: &limits, conformance: &valid };
    match read(resource.to_string().as_bytes(), Some(address), context) {
        Ok(mut events) => Ok(events.remove(0)),
        Err(issues) => Err(issues.iter().map(|issue| issue.code.to_string()).collect()),
    }
}

fn read_bundle(entries: &Value) -> Result<Vec<Event>, Vec<Issue>> {
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
    let limits = Limits::default();
    read(bundle.to_string().as_bytes(), None, Context { limits: &limits, conformance: &valid })
}

fn put(resource: &Value) -> Value {
    let url = format!("{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
    json!({"fullUrl": format!("urn:x:{url}"), "resource": resource, "request": {"method": "PUT", "url": url}})
}

#[test]
fn a_cohort_is_read() {
    let event = read_one(&example!("ImpressCohort/valid-1.json"), ("ResearchStudy", "cohort-1")).unwrap();
    let Told::Cohort(cohort) = event.told else { panic!("no cohort") };
    assert_eq!((cohort.stage.as_str(), cohort.status.as_str(), cohort.slots_open), ("open-stage2", "active", true));
    assert_eq!((cohort.n1, cohort.r1, cohort.n, cohort.r), (8, 0, 24, 4));
    assert_eq!((cohort.evaluable, cohort.benefit, cohort.decision.as_deref()), (Some(8), Some(3), Some("continue")));
    assert_eq!((cohort.target, cohort.actual), (Some(24), Some(9)));
    assert_eq!((cohort.sequence, cohort.occurred.as_str()), (12, "2026-03-20T12:00:00+01:00"));
    assert_eq!(cohort.name, "BRAF-V600/Biliary tract/Drug A");
    let words = |concepts: &[Concept]| concepts.iter().map(|one| one.words().to_owned()).collect::<Vec<_>>();
    assert_eq!(words(&cohort.biomarkers), ["BRAF V600E"]);
    assert_eq!(words(&cohort.drugs), ["Drug A"]);
    assert_eq!(words(&cohort.tumor_types), ["Biliary tract cancer"]);
    assert_eq!((cohort.parent_id.as_str(), cohort.trial_id.as_str()), ("impress", "cohort-1"));
    assert_eq!(cohort.sites[0].reference.as_deref(), Some("hospital-1"));
}

#[test]
fn a_subject_is_read_with_its_history() {
    let event = read_one(&example!("ImpressEnrolment/valid-1.json"), ("ResearchSubject", "subject-1")).unwrap();
    let Told::Subject(subject) = event.told else { panic!("no subject") };
    assert_eq!((subject.state.as_str(), subject.status.as_str()), ("on-treatment", "on-study-intervention"));
    assert!(subject.is_enrolment);
    let statuses: Vec<&str> = subject.progress.iter().map(|entry| entry.status.as_str()).collect();
    assert_eq!(statuses, ["candidate", "eligible", "pending-on-study", "on-study-intervention"]);
    assert_eq!((subject.study_id.as_str(), subject.patient_id.as_str()), ("cohort-1", "patient-1"));
    let event = read_one(&example!("ImpressScreening/valid-2.json"), ("ResearchSubject", "subject-1")).unwrap();
    let Told::Subject(subject) = event.told else { panic!("no subject") };
    assert!(!subject.is_enrolment);
    assert_eq!(subject.reason().map(Concept::words), Some("Not prioritised by the molecular board"));
}

#[test]
fn a_task_and_an_evaluation_are_read() {
    let event = read_one(&example!("ImpressReferralTask/valid-3.json"), ("Task", "task-1")).unwrap();
    let Told::Task(task) = event.told else { panic!("no task") };
    assert_eq!((task.state.as_str(), task.referral_id.as_str()), ("rejected", "referral-1"));
    assert_eq!(task.reason.as_ref().map(Concept::words), Some("Not an advanced cancer"));
    let event = read_one(&example!("ImpressEvaluation/valid-3.json"), ("Observation", "evaluation-1")).unwrap();
    let Told::Evaluation(evaluation) = event.told else { panic!("no evaluation") };
    assert_eq!((evaluation.control, evaluation.evaluable, evaluation.disagree), (Some(false), true, Some(true)));
    let codes: Vec<&str> = evaluation.responses.iter().map(|response| response.code.as_str()).collect();
    assert_eq!(codes, ["progressive-disease", "stable-disease"]);
    let mut missing = example!("ImpressEvaluation/valid-1.json");
    missing.as_object_mut().unwrap().remove("valueBoolean");
    let event = read_one(&missing, ("Observation", "evaluation-1")).unwrap();
    let Told::Evaluation(evaluation) = event.told else { panic!("no evaluation") };
    assert_eq!(evaluation.control, None, "missing is not no");
}

#[test]
fn of_a_patient_only_the_study_subject_id_is_taken() {
    let patient = json!({
        "resourceType": "Patient", "id": "p1",
        "meta": {"profile": ["https://impress-gateway.example/fhir/StructureDefinition/ImpressTrialPatient"]},
        "identifier": [
            {"system": "https://impress-gateway.example/fhir/sid/gateway-subject", "value": "p1"},
            {"system": "https://impress-gateway.example/fhir/sid/study-subject", "value": "IMPR.F-0999"},
        ],
        "gender": "female", "birthDate": "1969", "name": [{"text": "words"}],
    });
    let Told::Patient(told) = read_one(&patient, ("Patient", "p1")).unwrap().told else { panic!("no patient") };
    assert_eq!(told.subject.as_ref().map(StudySubjectId::as_str), Some("IMPR.F-0999"));
    assert!(!told.resource.to_string().contains("words"));
    for (place, value) in [(1, "IMP-01-001"), (0, "p2")] {
        let mut wrong = patient.clone();
        wrong["identifier"][place]["value"] = json!(value);
        assert_eq!(read_one(&wrong, ("Patient", "p1")), Err(vec!["trial.value-invalid".to_owned()]), "{value}");
    }
}

#[test]
fn a_transaction_is_read_in_the_order_in_which_it_takes_effect() {
    let mut subject = example!("ImpressEnrolment/valid-1.json");
    subject["study"]["reference"] = json!("urn:x:ResearchStudy/cohort-1");
    let entries = json!([
        put(&example!("ImpressReferralTask/valid-1.json")),
        put(&subject),
        put(&example!("ImpressCohort/valid-1.json")),
    ]);
    let events = read_bundle(&entries).unwrap();
    let kinds: Vec<(&str, usize)> = events.iter().map(|event| (event.kind, event.entry)).collect();
    assert_eq!(kinds, [("ResearchStudy", 2), ("ResearchSubject", 1), ("Task", 0)]);
    let Told::Subject(subject) = &events[1].told else { panic!("no subject") };
    assert_eq!(subject.study_id, "cohort-1");
}

#[test]
fn what_the_trial_does_not_write_is_refused() {
    let cohort = example!("ImpressCohort/valid-1.json");
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut entry = put(&cohort);
        change(&mut entry);
        let code = read_bundle(&json!([entry])).map(|_| ()).unwrap_err()[0].code;
        code.as_str()
    };
    assert_eq!(changed(&|entry| entry["request"]["method"] = json!("POST")), "trial.unreadable");
    assert_eq!(changed(&|entry| entry["request"]["url"] = json!("Group/cohort-1")), "trial.unreadable");
    assert_eq!(changed(&|entry| entry["request"]["url"] = json!("ResearchStudy/other")), "trial.unreadable");
    assert_eq!(changed(&|entry| entry["resource"]["meta"] = json!({})), "trial.profile-missing");
    assert_eq!(changed(&|entry| entry["resource"]["extension"] = json!([])), "trial.value-invalid");
    let twice = read_bundle(&json!([put(&cohort), put(&cohort)])).unwrap_err();
    assert_eq!(twice[0].code.as_str(), "trial.unreadable");
    let limits = Limits::default();
    let context = Context { limits: &limits, conformance: &valid };
    for bytes in ["", "[]", "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[]}", "{\"a\":1,\"a\":2}"] {
        let issues = read(bytes.as_bytes(), None, context).unwrap_err();
        assert_eq!(issues.last().unwrap().code.as_str(), "trial.unreadable", "{bytes}");
    }
    assert_eq!(read_one(&cohort, ("ResearchStudy", "other")), Err(vec!["trial.unreadable".to_owned()]));
    assert_eq!(read_one(&cohort, ("Task", "cohort-1")), Err(vec!["trial.unreadable".to_owned()]));
}

#[test]
fn an_issue_stands_at_its_entry() {
    let refuse = |_: &Value, _: &str| vec![issue(IssueCode::TrialValueInvalid, "ResearchStudy.status", "wrong")];
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [put(&example!("ImpressCohort/valid-1.json"))]});
    let limits = Limits::default();
    let context = Context { limits: &limits, conformance: &refuse };
    let issues = read(bundle.to_string().as_bytes(), None, context).unwrap_err();
    assert_eq!(issues[0].location.path.as_deref(), Some("Bundle.entry[0].resource.status"));
}

#[test]
fn the_content_is_the_same_whatever_a_server_notes_about_it() {
    let one = json!({"resourceType": "Task", "id": "t", "status": "requested", "meta": {"versionId": "1"}});
    let same =
        json!({"id": "t", "meta": {"versionId": "2"}, "status": "requested", "resourceType": "Task", "text": {}});
    let other = json!({"resourceType": "Task", "id": "t", "status": "completed"});
    assert_eq!(fingerprint(&one), fingerprint(&same));
    assert_ne!(fingerprint(&one), fingerprint(&other));
}
