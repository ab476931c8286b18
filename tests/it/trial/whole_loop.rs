//! The whole loop, from the referral of a trust to what the trust learns, once for each format of a referral. By the ports, but for the
//! consent, which an operator records by the command: nothing is read from the journal.

use std::io::Write;
use std::path::Path;

use serde_json::Value;

use super::setting::{FORDE, Trial, cohort, enrolment, evaluation, screening};
use crate::service::destination::Destination;
use crate::service::mllp;
use crate::service::referral::NATIONAL;
use crate::service::setting::{Gateway, LABORATORY, OTHER, TRIAL, TRUST, golden, until};
use crate::status::setting::{STATUS, destinations, text_of};
use crate::status::wire::{Server, acknowledged, block, http, request};
use crate::subscriptions::setting::{BASE, Hook, parameter, subscribed, subscription};
use crate::support::Folder;

/// The run folder of the patient's sample.
const RUN: &str = "tests/golden/tso500/localapp-dna-rna/input";
const SAMPLE: &str = "IPD9001-D01-P01-A15";

/// What the trial decides after the screening, one after the other.
const DECISIONS: [&str; 5] = ["matched", "offered", "accepted", "on-treatment", "off-study"];

struct Loop {
    trial: Trial,
    /// The trial system, as far as it is sent something.
    system: Destination,
}

impl Loop {
    fn start(name: &str, sections: &str) -> Self {
        let system = Destination::start();
        let sections = format!("{}{STATUS}[release]\nreports = \"preliminary\"\n{sections}", mllp::SECTION);
        let gateway = Gateway::start_in(Folder::new(name), &[("trial-system", &system)], &sections);
        Self { trial: Trial { gateway }, system }
    }

    /// The resources that somebody finds.
    fn found(&self, secret: &str, path: &str) -> Vec<Value> {
        let answer = self.trial.gateway.get(&format!("/fhir/{path}"), secret);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let entries = answer.json()["entry"].as_array().cloned().unwrap_or_default();
        entries.into_iter().map(|entry| entry["resource"].clone()).collect()
    }

    fn one(&self, secret: &str, path: &str) -> Value {
        let mut found = self.found(secret, path);
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        found.remove(0)
    }

    /// Waits until the trial system was sent something of this type, without who it is.
    fn sent(&self, kind: &str) {
        let is_there = format!("\"resourceType\":\"{kind}\"");
        let sent = until(kind, || self.system.stored().into_iter().find(|one| one.body.contains(&is_there)));
        assert!(!sent.body.contains(NATIONAL));
    }

    /// From the accepted referral to the end of the study; the patient, as the trust knows it.
    fn go(&self) -> String {
        let request = self.one(TRUST, "ServiceRequest");
        let request = request["id"].as_str().unwrap();
        assert!(self.found(OTHER, "ServiceRequest").is_empty());
        self.trial.gateway.printed(&["consent", "record", &format!("referral/{request}")]);
        self.sent("ServiceRequest");
        // The laboratory says whose the sample is, and sends what it found.
        let specimen = format!(
            r#"{{"resourceType":"Specimen","identifier":[{{"value":"{SAMPLE}"}}],"request":[{{"reference":"ServiceRequest/{request}"}}]}}"#
        );
        let gateway = &self.trial.gateway;
        assert_eq!(gateway.request("POST", "/fhir/Specimen", LABORATORY, "", specimen.as_bytes()).status, 200);
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_dir_all("", Path::new(env!("CARGO_MANIFEST_DIR")).join(RUN)).unwrap();
        let answer = gateway.request("POST", "/intake/reports", LABORATORY, "", &archive.into_inner().unwrap());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        self.sent("DiagnosticReport");
        // The trial knows the patient by the Task of the referral.
        let task = self.one(TRIAL, "Task");
        let patient = task["for"]["reference"].as_str().unwrap().strip_prefix("Patient/").unwrap().to_owned();
        self.trial.tell(&cohort("c1", "open-stage1", 1, true));
        self.trial.tell(&screening("p1", "screening", 1, &patient));
        for (sequence, state) in (2..).zip(DECISIONS) {
            if state == "off-study" {
                self.trial.tell(&evaluation("w16", Some(true), "partial-response", "2026-07-28T10:00:00Z", &patient));
            }
            self.trial.tell(&enrolment("e1", state, sequence, &patient, "c1"));
        }
        self.seen_by_the_trust(request, &patient)
    }

    /// What the trust finds in the end: all of it about its own patient, nothing by the ids of the trial.
    fn seen_by_the_trust(&self, request: &str, of_trial: &str) -> String {
        let own = self.one(TRUST, "Patient")["id"].as_str().unwrap().to_owned();
        assert_ne!(own, of_trial);
        let task = self.one(TRUST, &format!("Task?focus=ServiceRequest/{request}"));
        assert_eq!(task["businessStatus"]["coding"][0]["code"], "off-study");
        let subjects = self.found(TRUST, &format!("ResearchSubject?patient={own}"));
        let mut statuses: Vec<&str> = subjects.iter().map(|subject| subject["status"].as_str().unwrap()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, ["off-study", "screening"]);
        assert_eq!(self.found(TRUST, &format!("DiagnosticReport?patient={own}")).len(), 1);
        let evaluated = format!("Observation?patient={own}&code=week-16-disease-control");
        assert_eq!(self.one(TRUST, &evaluated)["valueBoolean"], true);
        assert_eq!(self.found(TRUST, "ResearchStudy").len(), 1);
        for kind in ["Task", "ResearchSubject", "DiagnosticReport", "Observation", "Patient"] {
            let text = serde_json::to_string(&self.found(TRUST, kind)).unwrap();
            assert!(!text.contains(of_trial), "{kind} has an id of the trial's");
            assert!(self.found(OTHER, kind).is_empty(), "{kind} is not of the other trust");
        }
        own
    }
}

/// Codes of 9148 of the six decisions: taken up twice, then called in, and has been (profiles/README.md).
const CODES: [&str; 6] = ["2", "2", "1", "1", "1", "1"];

#[test]
fn the_whole_loop_of_a_henvisning() {
    let endpoint = Server::start(request);
    CODES.iter().for_each(|_| endpoint.will(|_| http(202, "")));
    let whole = Loop::start("loop-henvisning", &destinations(endpoint.port, 9));
    let answer = whole.trial.gateway.request(
        "POST",
        "/intake/referrals",
        TRUST,
        "Content-Type: application/xml\r\n",
        &golden("one-patient/henvisning.xml"),
    );
    assert!(String::from_utf8(answer.body).unwrap().contains("<Status V=\"1\""));
    whole.go();
    let told = until("statuses", || Some(endpoint.received()).filter(|all| all.len() == CODES.len()));
    let told: Vec<String> = told.into_iter().map(|message| String::from_utf8(message).unwrap()).collect();
    let codes: Vec<&str> = told.iter().map(|message| message.split("<TemaKodet V=\"").nth(1).unwrap()).collect();
    let codes: Vec<&str> = codes.into_iter().map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(codes, CODES);
    // Each answers the one before it, the first the referral; all are of one conversation.
    let ids: Vec<&str> = told.iter().map(|message| text_of(message, "MsgId")).collect();
    let parents: Vec<&str> = told.iter().map(|message| text_of(message, "RefToParent")).collect();
    let expected = [&["0f000001-0000-4000-8000-000000000001"], &ids[..5]].concat();
    assert_eq!(parents, expected);
}

#[test]
fn the_whole_loop_of_an_hl7_v2_referral() {
    let receiver = Server::start(block);
    CODES.iter().for_each(|_| receiver.will(|message| acknowledged(message, "CA")));
    let whole = Loop::start("loop-hl7v2", &destinations(9, receiver.port));
    let mut stream = mllp::connect(&whole.trial.gateway);
    stream.write_all(&mllp::framed(&golden("one-patient/hl7v2.hl7"))).unwrap();
    assert_eq!(mllp::verdict(&mllp::reply(&mut stream)), ("AA".to_owned(), "G0100".to_owned()));
    whole.go();
    let told = until("statuses", || Some(receiver.received()).filter(|all| all.len() == CODES.len()));
    let told: Vec<String> = told.into_iter().map(|message| String::from_utf8(message).unwrap()).collect();
    let status = |message: &String| message.split("\rRF1|").nth(1).unwrap().split('^').next().unwrap().to_owned();
    let statuses: Vec<String> = told.iter().map(status).collect();
    // Table 0283: 2 is pending, 1 is accepted.
    assert_eq!(statuses, ["P", "P", "A", "A", "A", "A"]);
    assert!(told.iter().all(|message| message.contains("|RRI^I12^RRI_I12|") && message.contains("\rMSA|AA|G0100\r")));
}

#[test]
fn the_whole_loop_of_a_fhir_referral() {
    let hook = Hook::start();
    let sections = format!(
        "[[subscriptions.organisation]]\nnumber = \"{FORDE}\"\nendpoints = [\"http://127.0.0.1:{}/hook\"]\nfull_resource = true\n",
        hook.port
    );
    let whole = Loop::start("loop-fhir", &sections);
    let gateway = &whole.trial.gateway;
    let path = subscribed(gateway, TRUST, &subscription(Some(&hook), "full-resource"));
    let answer = gateway.request("POST", "/fhir", TRUST, "", &golden("one-patient/ehr-fhir.json"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let own = whole.go();
    let states = [&["referred", "screening"], &DECISIONS[..]].concat();
    hook.until_taken(&(1..=i64::try_from(states.len()).unwrap()).collect::<Vec<_>>());
    let status = gateway.get(&format!("{path}/$status"), TRUST).json();
    assert_eq!(parameter(&status, "events-since-subscription-start", "valueString"), states.len().to_string());
    let tasks: Vec<Value> = hook
        .received()
        .iter()
        .flat_map(|one| one.bundle["entry"].as_array().unwrap()[1..].to_vec())
        .map(|entry| entry["resource"].clone())
        .collect();
    // A Task is shown as it is when it is told: it may have gone on since its event.
    assert!(tasks.iter().all(|task| task["for"]["reference"] == format!("Patient/{own}").as_str()));
    assert_eq!(tasks.last().unwrap()["businessStatus"]["coding"][0]["code"], "off-study");
    assert!(gateway.get("/messages?kind=status", TRUST).json()["messages"].as_array().unwrap().is_empty());
    assert_eq!(tasks[0]["meta"]["profile"][0], format!("{BASE}/StructureDefinition/ImpressReferralTask"));
}
