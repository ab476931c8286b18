//! Versions of a referral, stored: workflows 3 and 4 of the design, with the messages of the national standard.

use super::setting::Setting;
use super::{DNA, FOLDER};
use impress_gateway::pipeline::intake::Target;

const NEW: &str = "henvisning/videre-new/input.xml";
const CHANGE: &str = "henvisning/videre-change/input.xml";
const CANCEL: &str = "henvisning/videre-cancel/input.xml";

#[test]
fn workflow_3_a_change_that_comes_first_waits_for_its_new_message() {
    let setting = Setting::new("versions-parked");
    let change = setting.send_golden(CHANGE, &[]);
    assert_eq!(setting.disposition(&change), "parked");
    let new = setting.send_golden(NEW, &[]);
    // The new message takes effect, then the change that waited for it.
    assert_eq!(setting.disposition(&change), "awaiting-consent");
    setting.sweep();
    assert_eq!(setting.disposition(&new), "outdated");
    assert_eq!(setting.case(&new), setting.case(&change));
}

#[test]
fn an_older_change_never_overwrites() {
    let setting = Setting::new("versions-older");
    setting.send_golden(NEW, &[]);
    let change = setting.send_golden(CHANGE, &[]);
    assert_eq!(setting.disposition(&change), "awaiting-consent");
    let generated = setting.text_of(CHANGE, "GenDate");
    let message = setting.text_of(CHANGE, "MsgId");
    // An hour before the new message was made.
    let older = setting.send_golden(
        CHANGE,
        &[(&generated, "2026-01-01T00:00:00+01:00"), (&message, "0f000001-0000-4000-8000-0000000000aa")],
    );
    assert_eq!(setting.disposition(&older), "outdated");
}

#[test]
fn workflow_4_a_cancel_stops_what_was_sent() {
    let setting = Setting::new("versions-cancel");
    let new = setting.send_golden(NEW, &[]);
    let referral = setting.referral(&new);
    setting.consent(&referral);
    assert_eq!(setting.deliveries("trial-system").len(), 1);
    let cancel = setting.send_golden(CANCEL, &[]);
    assert_eq!(setting.disposition(&cancel), "routed");
    let bodies = setting.deliveries("trial-system");
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains("\"status\":\"revoked\""), "FHIR R4 request-status: revoked");
}

#[test]
fn workflow_4_a_cancel_after_sequencing_is_for_a_person() {
    let setting = Setting::new("versions-sequenced");
    let new = setting.send_golden(NEW, &[]);
    let referral = setting.referral(&new);
    setting.link(DNA, &Target::Referral(referral)).unwrap();
    let report = setting.send_folder(FOLDER);
    assert_eq!(setting.disposition(&report), "awaiting-consent");
    let cancel = setting.send_golden(CANCEL, &[]);
    assert_eq!(setting.disposition(&cancel), "quarantined");
    assert!(setting.reason(&cancel).starts_with("version.review"), "{}", setting.reason(&cancel));
    assert_eq!(setting.disposition(&report), "awaiting-consent", "nothing else changes");
}

#[test]
fn a_change_to_another_patient_is_for_a_person() {
    let setting = Setting::new("versions-patient");
    setting.send_golden(NEW, &[]);
    // Synthetic numbers: month + 80, both with valid check digits.
    let other = setting.send_golden(CHANGE, &[("05898597468", "53898597454"), ("V=\"FNR\"", "V=\"DNR\"")]);
    assert_eq!(setting.disposition(&other), "quarantined");
    assert!(setting.reason(&other).starts_with("link.patient-changed"), "{}", setting.reason(&other));
}

#[test]
fn a_message_of_another_trust_than_the_callers_is_for_a_person() {
    let setting = Setting::new("versions-foreign");
    let message = setting.send_golden_as("993467049", NEW);
    assert_eq!(setting.disposition(&message), "quarantined");
    assert!(setting.reason(&message).starts_with("intake.sender-foreign"), "{}", setting.reason(&message));
    assert!(setting.deliveries("laboratory").is_empty());
}
