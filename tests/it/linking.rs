//! Reports and referrals meet: what waits, what goes on, what a person must settle, and what each destination gets.

mod held;
mod merger;
mod release;
mod requisition;
mod setting;
mod versions;

use impress_gateway::pipeline::intake::Target;

use setting::Setting;

/// The LocalApp folder of one patient with a DNA and an RNA sample.
const FOLDER: &str = "localapp-dna-rna";
const DNA: &str = "IPD9001-D01-P01-A15";

#[test]
fn a_report_waits_for_its_referral_and_goes_on_when_the_laboratory_links_the_sample() {
    let setting = Setting::new("link-later");
    let report = setting.send_folder(FOLDER);
    assert_eq!(setting.disposition(&report), "awaiting-referral");
    assert!(setting.deliveries("care-chain").is_empty());
    let referral = setting.send_referral(&[]);
    assert_eq!(setting.disposition(&report), "awaiting-referral");
    let answer = setting.send_specimen(DNA, &format!(r#"{{"reference":"ServiceRequest/{referral}"}}"#));
    assert_eq!(answer.status, 200);
    // The care chain has it; the trial waits for the patient.
    assert_eq!(setting.disposition(&report), "awaiting-consent");
    assert_eq!(setting.deliveries("care-chain").len(), 1);
    assert!(setting.deliveries("trial-system").is_empty());
    setting.consent(&referral);
    assert_eq!(setting.disposition(&report), "routed");
    let kinds: Vec<usize> =
        setting.deliveries("trial-system").iter().map(|body| body.matches("\"DiagnosticReport\"").count()).collect();
    assert_eq!(kinds.iter().filter(|count| **count > 0).count(), 1, "one report in {kinds:?}");
    assert!(setting.deliveries("care-chain").is_empty(), "what was sent is not sent again");
}

#[test]
fn two_referrals_for_one_sample_are_for_a_person() {
    let setting = Setting::new("link-two");
    let first = setting.send_referral(&[]);
    let second = setting.send_referral(&[("id", "another-referral")]);
    assert_ne!(first, second);
    for referral in [&first, &second] {
        setting.link(DNA, &Target::Referral(referral.clone())).unwrap();
    }
    let report = setting.send_folder(FOLDER);
    assert_eq!(setting.disposition(&report), "quarantined");
    assert!(setting.reason(&report).starts_with("link.ambiguous"), "{}", setting.reason(&report));
    setting.resolve(&report, &second).unwrap();
    assert_eq!(setting.disposition(&report), "awaiting-consent");
    assert_eq!(setting.case(&report), format!("referral/{second}"));
}

#[test]
fn a_sample_that_moves_to_another_referral_is_for_a_person() {
    let setting = Setting::new("link-moved");
    let first = setting.send_referral(&[("requisition", "R-4711")]);
    assert_eq!(setting.send_requisition(DNA, "R-4711", "983974732").status, 200);
    let before = setting.send_folder(FOLDER);
    assert_eq!(setting.case(&before), format!("referral/{first}"));
    let second = setting.send_referral(&[("id", "another-referral")]);
    setting.link(DNA, &Target::Referral(second.clone())).unwrap();
    let after = setting.send_changed(FOLDER, ("Total TMB\t7.1", "Total TMB\t7.2"));
    assert_eq!(setting.disposition(&after), "quarantined");
    assert!(setting.reason(&after).starts_with("link.patient-changed"), "{}", setting.reason(&after));
    assert!(setting.deliveries("care-chain").iter().all(|body| !body.contains("7.2")));
    setting.resolve(&after, &second).unwrap();
    assert_eq!(
        (setting.disposition(&after), setting.case(&after)),
        ("awaiting-consent".to_owned(), format!("referral/{second}"))
    );
}

#[test]
fn a_corrected_report_of_the_same_samples_is_sent_too() {
    let setting = Setting::new("link-corrected");
    let referral = setting.send_referral(&[]);
    setting.consent(&referral);
    setting.link(DNA, &Target::Referral(referral)).unwrap();
    setting.send_folder(FOLDER);
    let corrected = setting.send_changed(FOLDER, ("Total TMB\t7.1", "Total TMB\t7.2"));
    assert_eq!(setting.disposition(&corrected), "routed");
    let values: Vec<bool> = setting
        .deliveries("trial-system")
        .iter()
        .filter(|body| body.contains("\"DiagnosticReport\""))
        .map(|body| body.contains("\"value\":7.2"))
        .collect();
    assert_eq!(values, [false, true], "in the order in which they came");
}

#[test]
fn a_site_letter_of_no_site_is_for_a_person() {
    let setting = Setting::new("link-site");
    let reports = setting.send_folders("tsoppi");
    let states: Vec<(String, String)> =
        reports.iter().map(|report| (setting.disposition(report), setting.reason(report))).collect();
    // IMPR.X-0999: no inclusion site has the letter X. The other patient is not in the trial and waits for a referral.
    let unknown = states.iter().filter(|(state, why)| state == "quarantined" && why.starts_with("link.site-unknown"));
    assert_eq!(unknown.count(), 1, "{states:?}");
    assert_eq!(states.iter().filter(|(state, _)| state == "awaiting-referral").count(), 1, "{states:?}");
}

#[test]
fn a_site_of_another_trust_than_the_one_that_refers_is_a_warning() {
    let setting = Setting::new("link-other-site");
    let referral = setting.send_referral(&[]);
    // The golden referral is of Førde, with the letter F; H is Haukeland.
    for (letter, warning) in [("F", serde_json::Value::Null), ("H", "link.site-differs".into())] {
        let subject = format!("IMPR.{letter}-0999");
        setting.link(&subject, &Target::Referral(referral.clone())).unwrap();
        let answer = setting.send_edited("tsoppi", ("IMPR.X-0999", &subject));
        assert_eq!(answer.status, 200);
        let report = setting.newest("awaiting-consent");
        let explanation: serde_json::Value = serde_json::from_str(&setting.row(&report).explanation).unwrap();
        assert_eq!(explanation["siteWarning"], warning, "{letter}");
    }
}

#[test]
fn samples_that_are_not_clinical_or_not_of_the_network_are_quarantined() {
    for (folder, why) in [
        ("validation-sample", "link.not-clinical: a validation sample is never clinical"),
        ("foreign-id", "link.sample-foreign: a sample id is not an InPreD sample id"),
    ] {
        let setting = Setting::new(folder);
        let reports = setting.send_folders(folder);
        assert!(!reports.is_empty());
        assert!(
            reports.iter().any(|report| setting.disposition(report) == "quarantined" && setting.reason(report) == why),
            "{folder}: {:?}",
            reports.iter().map(|report| setting.reason(report)).collect::<Vec<_>>()
        );
    }
}

#[test]
fn every_patient_of_an_archive_is_a_message_and_the_archive_can_come_again() {
    let setting = Setting::new("link-run");
    let first = setting.send_folders("two-patients");
    assert_eq!(first.len(), 2);
    let answer = setting.send_archive("two-patients");
    assert!(answer.is_repeat && answer.status == 200);
    assert_eq!(setting.send_folders("two-patients"), first);
}

#[test]
fn a_laboratory_speaks_of_its_own_samples_only() {
    let setting = Setting::new("link-foreign-laboratory");
    let referral = setting.send_referral(&[]);
    let request = format!(r#"{{"reference":"ServiceRequest/{referral}"}}"#);
    let answer = setting.send_specimen("IPH9001-D01-P01-A15", &request);
    assert_eq!(answer.status, 422);
    assert!(String::from_utf8(answer.body).unwrap().contains("link.invalid"));
    let report = setting.send_folder_as("IPH", FOLDER);
    assert_eq!(setting.disposition(&report), "quarantined");
    assert!(setting.reason(&report).starts_with("intake.sender-foreign"), "{}", setting.reason(&report));
}

#[test]
fn links_that_lead_nowhere_are_refused() {
    let setting = Setting::new("link-wrong");
    let nowhere = setting.link(DNA, &Target::Referral("no-such-referral".to_owned())).unwrap_err();
    assert_eq!(nowhere.issue().code.as_str(), "link.invalid");
    let number = |number: &str, requester: Option<&str>| Target::Requisition {
        number: number.to_owned(),
        requester: requester.map(str::to_owned),
    };
    for (sample, target, text) in [
        ("", number("R-1", None), "sample id"),
        (DNA, number("", None), "requisition number"),
        (DNA, number("R-1", Some("983974733")), "requester"),
    ] {
        let issue = setting.link(sample, &target).unwrap_err().issue();
        assert_eq!(issue.code.as_str(), "link.invalid");
        assert!(issue.text.contains(text), "{} does not say {text}", issue.text);
    }
    let no_report = setting.resolve("no-such-message", "no-such-referral").unwrap_err();
    assert_eq!(no_report.issue().code.as_str(), "link.invalid");
    let answer = setting.send_specimen(DNA, r#"{"reference":"ServiceRequest/no-such-referral"}"#);
    assert_eq!(answer.status, 422);
    assert!(String::from_utf8(answer.body).unwrap().contains("link.invalid"));
}

#[test]
fn a_withdrawal_stops_the_reports_of_the_referral_too() {
    let setting = Setting::new("link-withdrawn");
    let referral = setting.send_referral(&[]);
    setting.link(DNA, &Target::Referral(referral.clone())).unwrap();
    setting.consent(&referral);
    let report = setting.send_folder(FOLDER);
    assert_eq!(setting.disposition(&report), "routed");
    setting.withdraw(&referral);
    let bodies = setting.deliveries("trial-system");
    assert!(bodies.iter().all(|body| !body.contains("\"DiagnosticReport\"")), "the report was not sent");
    assert!(bodies.iter().any(|body| body.contains("\"revoked\"")), "the stop was");
}
