//! Receipts of statuses: positive, negative, none in time, late, foreign, of nothing.

use impress_gateway::pipeline::intake::Answer;
use serde_json::Value;

use super::setting::{OK, OTHER, REJECTED, Setting, TRUST, app_rec};

const HENVISNING: &str = "one-patient/henvisning.xml";

/// A referral whose trust was told one status; the id of the status.
fn told(name: &str) -> (Setting, String) {
    let setting = Setting::new(name);
    let referral = setting.send(HENVISNING, &[]);
    let id = setting.tell(&referral, "offered", None).unwrap();
    (setting, id)
}

fn code(answer: &Answer) -> String {
    let outcome: Value = serde_json::from_slice(&answer.body).unwrap();
    outcome["issue"][0]["details"]["coding"][0]["code"].as_str().unwrap_or_default().to_owned()
}

fn disposition(answer: &Answer) -> &'static str {
    answer.disposition.unwrap().as_str()
}

#[test]
fn a_positive_receipt_ends_the_wait() {
    let (setting, id) = told("receipt-positive");
    let answer = setting.receipt(TRUST, &app_rec("r1", &id, OK));
    assert_eq!((answer.status, code(&answer).as_str(), disposition(&answer)), (200, "receipt.positive", "routed"));
    assert_eq!(setting.row(&id).disposition, "receipted");
    let receipt = setting.row(answer.message.as_deref().unwrap());
    assert_eq!(
        (receipt.kind.as_str(), receipt.format.as_str(), &receipt.case),
        ("receipt", "apprec", &setting.row(&id).case)
    );
    assert_eq!(receipt.patient, setting.row(&id).patient);
    assert_eq!(setting.audits(&id), ["create success gateway", "update success trust"]);
    // No alarm comes after it.
    setting.pass(1_000);
    setting.look();
    assert_eq!(setting.row(&id).disposition, "receipted");
}

#[test]
fn a_negative_receipt_is_an_alarm_that_names_nobody() {
    let (setting, id) = told("receipt-negative");
    let answer = setting.receipt(TRUST, &app_rec("r1", &id, REJECTED));
    assert_eq!((answer.status, disposition(&answer)), (200, "routed"));
    let row = setting.row(&id);
    assert_eq!(
        (row.disposition.as_str(), row.reason.as_str()),
        ("receipt-negative", "receipt.negative: it was rejected with E35")
    );
    assert_eq!(setting.audits(&id), ["create success gateway", "update failed trust"]);
    let receipt = setting.row(answer.message.as_deref().unwrap());
    assert!(receipt.issues.contains("receipt.negative") && !receipt.issues.contains("Line"), "{}", receipt.issues);
    // The receipt itself is kept as it came.
    assert!(setting.original(&receipt.id).contains("OT=\"Line Ås\""));
}

#[test]
fn none_within_96_hours_is_an_alarm_that_a_late_one_ends() {
    let (setting, id) = told("receipt-late");
    setting.pass(95);
    setting.look();
    assert_eq!(setting.row(&id).disposition, "awaiting-receipt");
    setting.pass(1);
    setting.look();
    let row = setting.row(&id);
    assert_eq!(
        (row.disposition.as_str(), row.reason.as_str()),
        ("receipt-overdue", "receipt.overdue: no receipt came within 96 hours")
    );
    assert_eq!(setting.audits(&id), ["create success gateway", "update failed gateway"]);
    // One alarm, however often it is looked at.
    setting.look();
    assert_eq!(setting.audits(&id).len(), 2);
    setting.pass(24);
    assert_eq!(setting.receipt(TRUST, &app_rec("r1", &id, OK)).status, 200);
    assert_eq!(setting.row(&id).disposition, "receipted");
}

#[test]
fn a_late_rejection_stays_an_alarm() {
    let (setting, id) = told("receipt-late-negative");
    setting.pass(97);
    setting.look();
    assert_eq!(setting.receipt(TRUST, &app_rec("r1", &id, REJECTED)).status, 200);
    assert_eq!(setting.row(&id).disposition, "receipt-negative");
}

#[test]
fn another_trust_is_told_what_is_told_of_what_does_not_exist() {
    let (setting, id) = told("receipt-foreign");
    let foreign = setting.receipt(OTHER, &app_rec("r1", &id, REJECTED));
    let absent = setting.receipt(OTHER, &app_rec("r2", "0f000001-0000-4000-8000-0000000000ff", REJECTED));
    assert_eq!((foreign.status, &foreign.body), (404, &absent.body));
    assert_eq!(
        (absent.status, code(&absent).as_str(), disposition(&absent)),
        (404, "receipt.message-unknown", "rejected")
    );
    assert_eq!(setting.row(&id).disposition, "awaiting-receipt");
    let kept = setting.row(foreign.message.as_deref().unwrap());
    assert_eq!((kept.case, kept.patient), (None, None));
    assert_eq!(setting.audits(&kept.id), ["create refused trust"]);
}

#[test]
fn a_receipt_of_what_is_no_status_answers_nothing() {
    let setting = Setting::new("receipt-other");
    // The referral's own id, as the gateway knows it, and as the trust does.
    let referral = setting.send(HENVISNING, &[]);
    for original in [referral.as_str(), "0f000001-0000-4000-8000-000000000001"] {
        let answer = setting.receipt(TRUST, &app_rec(original, original, OK));
        assert_eq!((answer.status, code(&answer).as_str()), (404, "receipt.message-unknown"));
    }
    // The receipt of HL7 v2 is another one.
    let hl7 = Setting::new("receipt-hl7");
    let referral = hl7.send("one-patient/hl7v2.hl7", &[]);
    let id = hl7.tell(&referral, "offered", None).unwrap();
    assert_eq!(hl7.receipt(TRUST, &app_rec("r1", &id, OK)).status, 404);
    assert_eq!(hl7.row(&id).disposition, "routed");
}

#[test]
fn the_same_receipt_again_gets_the_same_answer() {
    let (setting, id) = told("receipt-again");
    let first = setting.receipt(TRUST, &app_rec("r1", &id, OK));
    let again = setting.receipt(TRUST, &app_rec("r1", &id, OK));
    assert_eq!((again.status, &again.body, &again.message, again.is_repeat), (200, &first.body, &first.message, true));
    assert_eq!(setting.audits(&id).len(), 2);
    // Another receipt that says the same changes nothing, and is kept.
    let second = setting.receipt(TRUST, &app_rec("r2", &id, OK));
    assert_eq!((second.status, disposition(&second)), (200, "outdated"));
    // Another one under the same id is none.
    let reused = setting.receipt(TRUST, &app_rec("r1", &id, REJECTED));
    assert_eq!((reused.status, code(&reused).as_str(), disposition(&reused)), (409, "intake.id-reused", "id-reused"));
    assert_eq!(setting.row(&id).disposition, "receipted");
}

#[test]
fn of_two_that_contradict_the_first_holds_and_a_person_decides() {
    let (setting, id) = told("receipt-contradiction");
    assert_eq!(setting.receipt(TRUST, &app_rec("r1", &id, OK)).status, 200);
    let second = setting.receipt(TRUST, &app_rec("r2", &id, REJECTED));
    assert_eq!(
        (second.status, code(&second).as_str(), disposition(&second)),
        (200, "receipt.contradicts", "quarantined")
    );
    assert_eq!(setting.row(&id).disposition, "receipted");
}

#[test]
fn what_is_no_receipt_is_refused_and_kept() {
    let setting = Setting::new("receipt-none");
    for (text, xml) in [("x", true), ("<MsgHead/>", false), ("<!DOCTYPE a><AppRec/>", true)] {
        let answer = setting.receipt(TRUST, text);
        assert_eq!(
            (answer.status, code(&answer).as_str(), disposition(&answer)),
            (400, "receipt.unreadable", "rejected")
        );
        let outcome: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(outcome["issue"].as_array().unwrap().len(), 1 + usize::from(xml), "{text}");
        assert_eq!(setting.original(answer.message.as_deref().unwrap()), text);
    }
}

#[test]
fn each_status_has_its_own_receipt() {
    let setting = Setting::new("receipt-each");
    let referral = setting.send(HENVISNING, &[]);
    let one = setting.tell(&referral, "screening", None).unwrap();
    setting.pass(48);
    let two = setting.tell(&referral, "offered", None).unwrap();
    assert_eq!(setting.receipt(TRUST, &app_rec("r2", &two, OK)).status, 200);
    setting.pass(48);
    setting.look();
    assert_eq!(setting.row(&one).disposition, "receipt-overdue");
    assert_eq!(setting.row(&two).disposition, "receipted");
}
