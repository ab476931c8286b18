//! A requisition number leads to the referral of who requested, and alone to none.

use impress_gateway::pipeline::intake::Target;
use serde_json::Value;

use super::setting::Setting;
use super::{DNA, FOLDER};

/// Helse Førde, of which the golden referral is; Helse Bergen, and its unit Haukeland (`mappings/trusts.toml`).
const FORDE: &str = "983974732";
const BERGEN: &str = "983974724";
const HAUKELAND: &str = "974557746";

/// The other sample of the folder.
const RNA: &str = "IPD9001-R03-P01-A15";

const ALONE: &str = r#"{"identifier":{"value":"R-4711"}}"#;

fn codes(answer: &[u8]) -> Vec<String> {
    let outcome: Value = serde_json::from_slice(answer).unwrap();
    let issues = outcome["issue"].as_array().unwrap();
    issues.iter().map(|issue| issue["details"]["coding"][0]["code"].as_str().unwrap().to_owned()).collect()
}

fn waits_unconfirmed(setting: &Setting, report: &str) {
    assert_eq!(setting.disposition(report), "awaiting-referral");
    assert!(setting.reason(report).starts_with("link.requisition-unconfirmed"), "{}", setting.reason(report));
    assert!(setting.deliveries("care-chain").is_empty());
}

#[test]
fn a_requisition_number_with_its_requester_links_before_the_referral_comes() {
    let setting = Setting::new("requisition-first");
    let answer = setting.send_requisition(DNA, "R-4711", FORDE);
    assert_eq!((answer.status, codes(&answer.body)), (200, vec!["link.done".to_owned()]));
    let report = setting.send_folder(FOLDER);
    assert_eq!(setting.disposition(&report), "awaiting-referral");
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    assert_eq!(setting.disposition(&report), "awaiting-consent");
    assert_eq!(setting.case(&report), format!("referral/{referral}"));
}

#[test]
fn a_hospital_of_the_trust_is_a_requester_too() {
    let setting = Setting::new("requisition-unit");
    let referral = setting.send_referral_as(BERGEN, &[("requisition", "R-4711")]);
    assert_eq!(setting.send_requisition(DNA, "r-47 11", HAUKELAND).status, 200);
    assert_eq!(setting.case(&setting.send_folder(FOLDER)), format!("referral/{referral}"));
}

#[test]
fn a_requisition_number_alone_waits_until_the_laboratory_names_the_requester() {
    let setting = Setting::new("requisition-alone");
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    let answer = setting.send_specimen(DNA, ALONE);
    assert_eq!(codes(&answer.body), ["link.done", "link.requisition-unconfirmed"]);
    let report = setting.send_folder(FOLDER);
    waits_unconfirmed(&setting, &report);
    setting.sweep();
    waits_unconfirmed(&setting, &report);
    setting.send_requisition(DNA, "R-4711", FORDE);
    assert_eq!(setting.disposition(&report), "awaiting-consent");
    assert_eq!(setting.case(&report), format!("referral/{referral}"));
}

#[test]
fn a_report_that_waits_is_not_given_to_who_names_its_number_first() {
    let setting = Setting::new("requisition-another");
    setting.send_requisition(DNA, "R-4711", FORDE);
    let report = setting.send_folder(FOLDER);
    for id in ["a-referral-of-bergen", "the-next-of-bergen"] {
        setting.send_referral_as(BERGEN, &[("requisition", "R-4711"), ("id", id)]);
        assert_eq!(setting.disposition(&report), "awaiting-referral");
        assert!(setting.deliveries("care-chain").is_empty());
    }
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    assert_eq!(setting.disposition(&report), "awaiting-consent");
    assert_eq!(setting.case(&report), format!("referral/{referral}"));
    // Nor is it held up by who names the number afterwards.
    setting.send_referral_as(BERGEN, &[("requisition", "R-4711"), ("id", "another-one-of-bergen")]);
    let corrected = setting.send_changed(FOLDER, ("Total TMB\t7.1", "Total TMB\t7.2"));
    assert_eq!(setting.case(&corrected), format!("referral/{referral}"));
}

#[test]
fn two_referrals_of_the_requester_with_the_number_are_for_a_person() {
    let setting = Setting::new("requisition-two");
    setting.send_referral(&[("requisition", "R-4711")]);
    setting.send_referral(&[("requisition", "R-4711"), ("id", "another-referral")]);
    setting.send_requisition(DNA, "R-4711", FORDE);
    let report = setting.send_folder(FOLDER);
    assert_eq!(setting.disposition(&report), "quarantined");
    assert!(setting.reason(&report).starts_with("link.ambiguous"), "{}", setting.reason(&report));
}

#[test]
fn a_person_chooses_for_a_number_alone() {
    let setting = Setting::new("requisition-person");
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    setting.send_specimen(DNA, ALONE);
    let report = setting.send_folder(FOLDER);
    waits_unconfirmed(&setting, &report);
    setting.resolve(&report, &referral).unwrap();
    assert_eq!(setting.case(&report), format!("referral/{referral}"));
}

#[test]
fn a_study_subject_id_that_leads_to_the_same_referral_confirms_the_number() {
    let setting = Setting::new("requisition-subject");
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    setting.link("IMPR.F-0999", &Target::Referral(referral.clone())).unwrap();
    setting.send_specimen("IPD9013-R03-P01-A24", ALONE);
    assert_eq!(setting.send_edited("tsoppi", ("IMPR.X-0999", "IMPR.F-0999")).status, 200);
    assert_eq!(setting.case(&setting.newest("awaiting-consent")), format!("referral/{referral}"));
}

#[test]
fn a_number_alone_waits_on_while_others_carry_it_too() {
    let setting = Setting::new("requisition-others");
    setting.send_specimen(DNA, ALONE);
    let report = setting.send_folder(FOLDER);
    for id in ["a-referral-of-bergen", "the-next-of-bergen"] {
        setting.send_referral_as(BERGEN, &[("requisition", "R-4711"), ("id", id)]);
        waits_unconfirmed(&setting, &report);
    }
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    waits_unconfirmed(&setting, &report);
    setting.send_requisition(DNA, "R-4711", FORDE);
    assert_eq!(setting.case(&report), format!("referral/{referral}"));
}

#[test]
fn another_number_of_the_patient_that_others_carry_holds_up_no_correction() {
    let setting = Setting::new("requisition-second");
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    setting.send_requisition(DNA, "R-4711", FORDE);
    setting.send_requisition(RNA, "S-2", FORDE);
    let report = setting.send_folder(FOLDER);
    assert_eq!(setting.case(&report), format!("referral/{referral}"));
    setting.send_referral_as(BERGEN, &[("requisition", "S-2"), ("id", "a-referral-of-bergen")]);
    let corrected = setting.send_changed(FOLDER, ("Total TMB\t7.1", "Total TMB\t7.2"));
    assert_eq!(setting.case(&corrected), format!("referral/{referral}"));
}

#[test]
fn the_laboratory_can_take_back_a_wrong_requester() {
    let setting = Setting::new("requisition-wrong");
    setting.send_referral_as(BERGEN, &[("requisition", "R-4711"), ("id", "a-referral-of-bergen")]);
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    setting.send_requisition(DNA, "R-4711", BERGEN);
    setting.send_requisition(DNA, "R-4711", FORDE);
    assert_eq!(setting.case(&setting.send_folder(FOLDER)), format!("referral/{referral}"));
}

#[test]
fn samples_of_one_patient_that_name_two_requesters_are_for_a_person() {
    let setting = Setting::new("requisition-disagree");
    setting.send_referral(&[("requisition", "R-4711")]);
    setting.send_requisition(DNA, "R-4711", FORDE);
    setting.send_requisition(RNA, "R-4711", BERGEN);
    waits_unconfirmed(&setting, &setting.send_folder(FOLDER));
}

#[test]
fn a_correction_belongs_where_the_report_did() {
    let setting = Setting::new("requisition-before");
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    setting.send_requisition(DNA, "R-4711", FORDE);
    setting.send_folder(FOLDER);
    setting.send_referral(&[("requisition", "R-4711"), ("id", "another-referral")]);
    let corrected = setting.send_changed(FOLDER, ("Total TMB\t7.1", "Total TMB\t7.2"));
    assert_eq!(setting.case(&corrected), format!("referral/{referral}"));
}

#[test]
fn a_sweep_finds_what_was_linked_while_nobody_was_woken() {
    let setting = Setting::new("requisition-sweep");
    let referral = setting.send_referral(&[("requisition", "R-4711")]);
    setting.send_specimen(DNA, ALONE);
    let report = setting.send_folder(FOLDER);
    waits_unconfirmed(&setting, &report);
    // As the link of the requester leaves it, where the program is stopped before it wakes the report.
    let explanation: Value = serde_json::from_str(&setting.row(&report).explanation).unwrap();
    let keys = explanation["waitsFor"].as_array().unwrap().iter().map(|key| key.as_str().unwrap());
    for key in keys {
        setting.amend(key, |link| {
            let named = link["requisitions"][0].as_str().map(str::to_owned);
            if let Some(requisition) = named {
                link["requesters"][requisition] = FORDE.into();
            }
        });
    }
    setting.sweep();
    assert_eq!(setting.case(&report), format!("referral/{referral}"));
}
