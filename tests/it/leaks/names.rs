//! What the program prints and writes names neither the file, which can be called after the patient, nor a sender by name.

use std::path::Path;
use std::process::Command;

use super::one_patient;
use crate::support::Folder;

const FILE: &str = "Danser, Ola 90000001.txt";

/// Everything that is written about a message in a file of that name, but for the Bundle: standard error, issues,
/// accounting, receipt.
fn told(message: Option<&str>) -> String {
    let folder = Folder::new("names");
    let file = folder.path().join(FILE);
    if let Some(message) = message {
        folder.write(FILE, message);
    }
    let path = |name: &str| folder.path().join(name);
    let written = ["receipt", "accounting.json", "issues.json"].map(path);
    let [receipt, accounting, issues] = &written;
    let output = Command::new(env!("CARGO_BIN_EXE_impress-gateway"))
        .args(["translate", "referral", "--face", "pseudonymous"])
        .args([Path::new("--receipt"), receipt, Path::new("--accounting"), accounting, Path::new("--issues"), issues])
        .arg(&file)
        .env("IMPRESS_GATEWAY__IDENTITY__ACCEPT_SYNTHETIC", "true")
        .output()
        .unwrap();
    let mut told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(message.is_some(), issues.exists());
    for path in &written {
        told.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()));
    }
    told
}

#[test]
fn no_name_of_a_file_is_told() {
    let hl7v2 = one_patient("hl7v2.hl7");
    // Refused, so that the receipt of HL7 v2 has ERR-7 and ERR-8.
    let refused = super::with(&hl7v2, "^FNR&2.16.578.1.12.4.1.4.1&ISO^FNR||", "||").replace("19850905", "x");
    let refused = super::with(&refused, "05898597468^^", "");
    assert!(told(Some(&refused)).contains("ERR|"));
    let messages = [hl7v2, refused, one_patient("henvisning.xml"), one_patient("ehr-fhir.json"), "hello".to_owned()];
    for message in messages {
        let told = told(Some(&message));
        assert!(!told.contains("Danser") && !told.contains("90000001"), "{told}");
    }
    let told = told(None);
    assert!(told.contains("folder.entry-unreadable") && !told.contains("Danser"), "{told}");
}

#[test]
fn a_sender_without_a_number_is_not_named() {
    let message = one_patient("hl7v2.hl7").replace("Helse Førde HF^983974732^ENH", "Lege Kari Danser");
    let told = told(Some(&message));
    assert!(told.contains("codes of sender without a number without counterpart in the tables: 1"), "{told}");
    assert!(!told.split("MSH|").next().unwrap().contains("Danser"), "{told}");
}
