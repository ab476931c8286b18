//! What the trial writes reaches the endpoints of those who subscribe: enrolments that of the patient's trust, cohorts everybody's.

use serde_json::{Value, json};

use super::setting::{FORDE, OSLO, Trial, cohort, enrolment};
use crate::service::setting::{OTHER, TRUST};
use crate::subscriptions::setting::{
    BASE, Hook, assert_valid, focuses, parameter, subscribed, subscription, with_filter,
};

/// A gateway, two endpoints of Førde and one of Oslo; resources go to Førde only.
struct Told {
    trial: Trial,
    whole: Hook,
    filtered: Hook,
    oslo: Hook,
}

impl Told {
    fn start(name: &str) -> Self {
        let (whole, filtered, oslo) = (Hook::start(), Hook::start(), Hook::start());
        let address = |hook: &Hook| format!("\"http://127.0.0.1:{}/hook\"", hook.port);
        let sections = format!(
            "[[subscriptions.organisation]]\nnumber = \"{FORDE}\"\nendpoints = [{}, {}]\nfull_resource = true\n\
             [[subscriptions.organisation]]\nnumber = \"{OSLO}\"\nendpoints = [{}]\n",
            address(&whole),
            address(&filtered),
            address(&oslo)
        );
        Self { trial: Trial::start_with(name, |_| sections), whole, filtered, oslo }
    }

    /// Subscribes to a topic, and waits for the handshake. The address of the subscription.
    fn subscribe(&self, secret: &str, (topic, hook): (&str, &Hook), content: &str, filter: &str) -> String {
        let mut asked = subscription(Some(hook), content);
        asked["criteria"] = json!(format!("{BASE}/SubscriptionTopic/{topic}"));
        if !filter.is_empty() {
            asked = with_filter(asked, filter);
        }
        subscribed(&self.trial.gateway, secret, &asked)
    }

    /// Number of the last event of a subscription.
    fn counted(&self, secret: &str, path: &str) -> String {
        let status = self.trial.gateway.get(&format!("{path}/$status"), secret).json();
        parameter(&status, "events-since-subscription-start", "valueString")
    }
}

/// The last notification, which is about one event: its focus, and the resource where it is there.
fn last(hook: &Hook) -> (String, Value) {
    let last = hook.received().pop().unwrap();
    assert_valid(&last.bundle);
    assert_eq!(last.occasion(), "event-notification");
    let focuses = focuses(&last.bundle);
    assert_eq!(focuses.len(), 1, "{}", last.bundle);
    let entry = &last.bundle["entry"][1];
    assert_eq!(entry["fullUrl"].as_str(), focuses[0].as_deref());
    (focuses[0].clone().unwrap(), entry["resource"].clone())
}

/// All that came to an endpoint.
fn text(hook: &Hook) -> String {
    hook.received().iter().map(|one| one.bundle.to_string()).collect()
}

#[test]
fn an_enrolment_is_told_to_the_trust_of_its_patient_and_to_no_other() {
    let told = Told::start("notified-enrolment");
    let topic = "enrolment-changed";
    told.subscribe(TRUST, (topic, &told.whole), "full-resource", "");
    let filtered = told.subscribe(TRUST, (topic, &told.filtered), "id-only", "ResearchSubject?status=eligible");
    let oslo = told.subscribe(OTHER, (topic, &told.oslo), "id-only", "");
    let referred = told.trial.referred(1);
    let mut subject = String::new();
    for (number, state, status) in
        [(1, "matched", "candidate"), (2, "offered", "eligible"), (3, "accepted", "pending-on-study")]
    {
        let sequence = number.try_into().unwrap();
        told.trial.tell(&enrolment("e1", state, sequence, &referred.patient, "c1"));
        told.whole.until_taken(&(1..=number).collect::<Vec<i64>>());
        let (focus, resource) = last(&told.whole);
        assert!(focus.contains("/fhir/ResearchSubject/"), "{focus}");
        assert_eq!(
            (resource["resourceType"].as_str(), resource["status"].as_str()),
            (Some("ResearchSubject"), Some(status))
        );
        assert_eq!(resource["individual"]["reference"], format!("Patient/{}", referred.own_patient));
        assert_eq!(resource["meta"]["versionId"], number.to_string());
        subject = focus;
    }
    // One of three has the status that is asked for.
    told.filtered.until_taken(&[1]);
    assert_eq!(last(&told.filtered), (subject.clone(), Value::Null));
    assert_eq!(told.counted(TRUST, &filtered), "1");
    // Nothing of it was Oslo's: its own is the first that it is told.
    assert_eq!(told.counted(OTHER, &oslo), "0");
    let others = told.trial.referred_by_oslo(2);
    told.trial.tell(&enrolment("e2", "matched", 4, &others.patient, "c1"));
    told.oslo.until_taken(&[1]);
    let (focus, resource) = last(&told.oslo);
    assert_ne!(focus, subject);
    assert_eq!(resource, Value::Null);
    assert!(!text(&told.oslo).contains(subject.rsplit('/').next().unwrap()));
    let ids = [referred.patient.as_str(), &others.patient, "\"e1\"", "\"e2\"", "\"c1\""];
    for hook in [&told.whole, &told.filtered, &told.oslo] {
        let text = text(hook);
        assert!(ids.iter().all(|id| !text.contains(id)), "an id of the trial's: {text}");
    }
    // What it is told, it reads; another does not.
    let path = focus.split_once("/fhir/").map(|(_, path)| format!("/fhir/{path}")).unwrap();
    assert_eq!(told.trial.gateway.get(&path, OTHER).json()["status"], "candidate");
    assert_eq!(told.trial.gateway.get(&path, TRUST).status, 404);
    assert_eq!(told.whole.taken(), [1, 2, 3]);
}

#[test]
fn a_cohort_is_told_to_every_trust_without_its_counts() {
    let told = Told::start("notified-cohort");
    let topic = "cohort-status-changed";
    let active = told.subscribe(TRUST, (topic, &told.whole), "full-resource", "ResearchStudy?status=active");
    told.subscribe(OTHER, (topic, &told.oslo), "id-only", "");
    let tell = |stage: &str, sequence: u64| told.trial.tell(&cohort("c1", stage, sequence, stage.starts_with("open")));
    tell("open-stage1", 1);
    told.whole.until_taken(&[1]);
    told.oslo.until_taken(&[1]);
    let (focus, study) = last(&told.whole);
    assert!(focus.contains("/fhir/ResearchStudy/"), "{focus}");
    assert_eq!((study["resourceType"].as_str(), study["status"].as_str()), (Some("ResearchStudy"), Some("active")));
    assert_eq!(study["focus"][0]["text"], "Drug A");
    assert_eq!(last(&told.oslo), (focus.clone(), Value::Null));
    tell("suspended", 2);
    told.oslo.until_taken(&[1, 2]);
    assert_eq!(told.counted(TRUST, &active), "1");
    tell("open-stage1", 3);
    told.whole.until_taken(&[1, 2]);
    told.oslo.until_taken(&[1, 2, 3]);
    assert_eq!(last(&told.whole).0, focus);
    // Patients are counted: that is no event for anybody.
    let mut counted = cohort("c1", "open-stage1", 4, true);
    counted["extension"][0]["extension"][5]["valueUnsignedInt"] = json!(18);
    told.trial.tell(&counted);
    tell("interim-hold", 5);
    told.oslo.until_taken(&[1, 2, 3, 4]);
    assert_eq!(told.counted(TRUST, &active), "2");
    for hook in [&told.whole, &told.oslo] {
        let text = text(hook);
        for word in ["evaluable", "benefit", "actualNumber", "\"c1\""] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}
