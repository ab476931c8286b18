//! When a trust sees a report of its patient.

use std::collections::BTreeSet;

use impress_gateway::journal::{ResourceRow, Scope};
use impress_gateway::pipeline::intake::Target;

use super::setting::Setting;

/// The trust that the golden referral is of, and another one.
const OWNER: &str = "983974732";
const OTHER: &str = "ous";

/// A file that the golden folder has anyway: with it every sample of the folder is signed.
const SIGNED: &str = "[sign_off]\nevidence_file = \"251116_NB501999_0042_AHGOLDENX1_LocalApp_individual_files.md5\"\n";

/// A referral and the report of its patient; what the referral alone was found to be.
fn setting(name: &str, sections: &str) -> (Setting, String, BTreeSet<String>) {
    let setting = Setting::with(name, sections);
    let referral = setting.send_referral(&[]);
    let before = ids(&setting, &own());
    setting.link("IPD9001-D01-P01-A15", &Target::Referral(referral.clone())).unwrap();
    setting.send_folder("localapp-dna-rna");
    (setting, referral, before)
}

fn own() -> Scope {
    Scope::of_trust("forde", vec![OWNER.to_owned()])
}

const KINDS: [&str; 5] = ["DiagnosticReport", "Observation", "Procedure", "Specimen", "Device"];

fn rows(setting: &Setting, scope: &Scope) -> Vec<ResourceRow> {
    KINDS.iter().flat_map(|kind| setting.search(scope, kind)).collect()
}

fn ids(setting: &Setting, scope: &Scope) -> BTreeSet<String> {
    rows(setting, scope).into_iter().map(|row| format!("{}/{}", row.kind, row.id)).collect()
}

fn reports(setting: &Setting, scope: &Scope) -> usize {
    setting.search(scope, "DiagnosticReport").len()
}

#[test]
fn a_report_that_is_not_signed_is_held_with_everything_of_it() {
    let (setting, referral, before) = setting("held", "");
    assert_eq!(reports(&setting, &Scope::everything()), 1);
    assert_eq!(ids(&setting, &own()), before);
    let held = rows(&setting, &Scope::everything()).into_iter().filter(|row| row.owner == "held").count();
    assert!(held > 10, "{held}");
    // Not by a grant either: what is held is of no case.
    setting.grant(&referral, OTHER);
    let granted = Scope::of_trust(OTHER, vec!["993467049".to_owned()]);
    assert_eq!(ids(&setting, &granted), before);
    for scope in [Scope::trial(), Scope { owners: Some(vec!["IPD".to_owned()]), trust: None }] {
        assert_eq!(ids(&setting, &scope), BTreeSet::new());
    }
}

#[test]
fn a_signed_report_is_shown_with_everything_of_it() {
    let (setting, referral, before) = setting("held-signed", SIGNED);
    assert_eq!(reports(&setting, &own()), 1);
    let shown = ids(&setting, &own());
    assert!(shown.len() > before.len() + 10, "{} {}", shown.len(), before.len());
    assert!(rows(&setting, &Scope::everything()).iter().all(|row| row.owner == OWNER));
    setting.grant(&referral, OTHER);
    assert_eq!(ids(&setting, &Scope::of_trust(OTHER, vec!["993467049".to_owned()])), shown);
}

#[test]
fn a_deployment_may_show_reports_as_they_come() {
    let (setting, _, _) = setting("held-preliminary", "[release]\nreports = \"preliminary\"\n");
    assert_eq!(reports(&setting, &own()), 1);
    assert!(rows(&setting, &Scope::everything()).iter().all(|row| row.owner == OWNER));
}

/// What refers to something within a message is kept as it is read: by type and id.
#[test]
fn what_is_kept_refers_by_type_and_id() {
    let (setting, _, _) = setting("held-references", SIGNED);
    for kind in impress_gateway::fhir::search::types() {
        for row in setting.search(&Scope::everything(), kind) {
            let json = row.json.unwrap();
            assert!(!json.contains("\"urn:uuid:"), "{kind}: {json}");
        }
    }
}
