//! The whole way back to a trust without FHIR: its referral, what the trial writes, what it is told, its receipt. Workflow 16.

use super::setting::{FORDE, Trial, enrolment, screening};
use crate::service::setting::{OTHER, TRUST, until};
use crate::status::setting::{OK, STATUS, app_rec, destinations, golden, text_of};
use crate::status::wire::{Server, acknowledged, block, http, request};

const HENVISNING: &str = "one-patient/henvisning.xml";
const HL7V2: &str = "one-patient/hl7v2.hl7";

/// Waits until a server has so many messages.
fn received(server: &Server, count: usize) -> Vec<String> {
    let messages = until("statuses", || Some(server.received()).filter(|all| all.len() >= count));
    messages.into_iter().map(|message| String::from_utf8(message).unwrap()).collect()
}

#[test]
fn a_trust_of_xml_is_told_what_the_trial_decides_and_confirms_it() {
    let endpoint = Server::start(request);
    (0..3).for_each(|_| endpoint.will(|_| http(202, "")));
    let trial = Trial::start_with("told-xml", |_| format!("{STATUS}{}", destinations(endpoint.port, 9)));
    let referred = trial.refer(TRUST, &std::fs::read(golden(HENVISNING)).unwrap());
    trial.tell(&screening("p1", "screening", 1, &referred.patient));
    trial.tell(&enrolment("e1", "matched", 2, &referred.patient, "c1"));
    trial.tell(&enrolment("e1", "offered", 3, &referred.patient, "c1"));
    // An older event changes nothing, and nothing is told.
    trial.tell(&screening("p1", "screening", 1, &referred.patient));
    assert_eq!(trial.stand(&referred, FORDE), "offered");
    let told = received(&endpoint, 3);
    let ids: Vec<&str> = told.iter().map(|message| text_of(message, "MsgId")).collect();
    let parents: Vec<&str> = told.iter().map(|message| text_of(message, "RefToParent")).collect();
    assert_eq!(parents, ["0f000001-0000-4000-8000-000000000001", ids[0], ids[1]]);
    assert!(told[2].contains("<TemaKodet V=\"1\""), "{}", told[2]);
    let receipts =
        |secret: &str, text: &str| trial.gateway.request("POST", "/intake/receipts", secret, "", text.as_bytes());
    let foreign = receipts(OTHER, &app_rec("r0", ids[2], OK));
    assert_eq!((foreign.status, foreign.code().as_str()), (404, "receipt.message-unknown"));
    let answer = receipts(TRUST, &app_rec("r1", ids[2], OK));
    assert_eq!(
        (answer.status, answer.code().as_str(), answer.header("x-disposition")),
        (200, "receipt.positive", "routed")
    );
    // The trust sees what it was told; another does not.
    let path = format!("/messages/{}", ids[2]);
    let seen = trial.gateway.get(&path, TRUST).json();
    assert_eq!((seen["kind"].as_str(), seen["disposition"].as_str()), (Some("status"), Some("receipted")));
    assert_eq!(
        (seen["explanation"]["status"]["state"].as_str(), seen["deliveries"][0]["state"].as_str()),
        (Some("offered"), Some("delivered"))
    );
    assert_eq!(trial.gateway.get(&path, OTHER).status, 404);
    assert_eq!(trial.gateway.message(ids[0])["disposition"], "awaiting-receipt");
}

#[test]
fn a_trust_of_hl7_v2_is_told_what_the_trial_decides() {
    let receiver = Server::start(block);
    (0..2).for_each(|_| receiver.will(|message| acknowledged(message, "CA")));
    let trial = Trial::start_with("told-hl7", |_| format!("{STATUS}{}", destinations(9, receiver.port)));
    let referred = trial.refer(TRUST, &std::fs::read(golden(HL7V2)).unwrap());
    trial.tell(&screening("p1", "screening", 1, &referred.patient));
    trial.tell(&screening("p1", "no-match", 2, &referred.patient));
    let told = received(&receiver, 2);
    assert!(told[0].contains("\rRF1|P^Pending^HL70283|"), "{}", told[0]);
    assert!(told[1].contains("\rRF1|R^Rejected^HL70283|"), "{}", told[1]);
    assert!(told.iter().all(|message| message.contains("\rMSA|AA|G0100\r")));
}

#[test]
fn a_trust_that_reads_fhir_has_its_task_and_no_message() {
    let trial = Trial::start_with("told-fhir", |_| format!("{STATUS}{}", destinations(9, 9)));
    let referred = trial.referred(1);
    trial.tell(&screening("p1", "screening", 1, &referred.patient));
    assert_eq!(trial.stand(&referred, FORDE), "screening");
    let listed = trial.gateway.get("/messages?kind=status", TRUST).json();
    assert_eq!(listed["messages"].as_array().unwrap().len(), 0);
}
