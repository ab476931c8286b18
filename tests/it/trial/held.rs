//! A defect of the mapping: what it makes is given to nobody.

use std::path::Path;

use super::setting::{FORDE, Trial, cohort, enrolment};
use crate::service::referral::Referral;
use crate::service::setting::TRUST;
use crate::support::Folder;

/// The project's mapping with one text of a template replaced.
fn with_defect(folder: &Folder, file: &str, (old, new): (&str, &str)) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    for kind in ["fhir", "fhir/referral", "fhir/trial", "tables"] {
        let entries = std::fs::read_dir(source.join(kind)).unwrap().map(|entry| entry.unwrap().path());
        for path in entries.filter(|path| path.is_file()) {
            let name = format!("{kind}/{}", path.file_name().unwrap().to_str().unwrap());
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(name != file || text.contains(old), "{text}");
            let text = if name == file { text.replace(old, new) } else { text };
            folder.write(&format!("mappings/{name}"), text);
        }
    }
    "[mappings]\ndirectory = \"mappings\"\n".to_owned()
}

#[test]
fn a_write_of_the_trial_that_our_mapping_spoils_takes_no_effect() {
    let defect = ("status: \"{{ subject.status }}\"", "status: nonsense");
    let trial = Trial::start_with("trial-held", |folder| with_defect(folder, "fhir/trial/enrolment.yaml", defect));
    let referred = trial.referred(1);
    let answer = trial
        .transaction(&[cohort("c1", "open-stage1", 1, true), enrolment("e1", "matched", 1, &referred.patient, "c1")]);
    assert_eq!((answer.status, answer.code().as_str()), (503, "mapping.profile-failed"));
    assert_eq!(answer.header("x-disposition"), "held-mapping-defect");
    assert!(
        trial.versions("ResearchStudy", "public").is_empty() && trial.versions("ResearchSubject", FORDE).is_empty()
    );
    assert_eq!(trial.stand(&referred, FORDE), "referred");
}

#[test]
fn a_referral_whose_task_our_mapping_spoils_is_held() {
    let defect = ("intent: order", "intent: nonsense");
    let trial = Trial::start_with("trial-held-task", |folder| with_defect(folder, "fhir/trial/task.yaml", defect));
    let answer = trial.gateway.request("POST", "/fhir", TRUST, "", &Referral::consented(1).fhir());
    assert_eq!((answer.status, answer.header("x-disposition")), (200, "held-mapping-defect"));
    assert!(trial.versions("Task", FORDE).is_empty() && trial.versions("ServiceRequest", FORDE).is_empty());
}
