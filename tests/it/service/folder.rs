//! The watched folder, for those who can copy files and nothing else.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::setting::{Gateway, LABORATORY, TRUST, golden, until};
use crate::support::Folder;

/// A gateway that watches `inbox`.
fn watching(name: &str, caller: &str, quiet: u32) -> (Gateway, PathBuf) {
    let folder = Folder::new(name);
    let inbox = folder.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let section =
        format!("[folder]\npath = \"inbox\"\ncaller = \"{caller}\"\nquiet_seconds = {quiet}\npoll_seconds = 1\n");
    (Gateway::start_in(folder, &[], &section), inbox)
}

/// Puts a file there as a careful sender does: whole, under its name.
fn put(inbox: &Path, name: &str, content: &[u8]) {
    let unfinished = inbox.join(format!("{name}.part"));
    std::fs::write(&unfinished, content).unwrap();
    std::fs::rename(unfinished, inbox.join(name)).unwrap();
}

fn until_there(path: &Path) {
    until(&path.display().to_string(), || path.exists().then_some(()));
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn messages(gateway: &Gateway, secret: &str) -> Vec<Value> {
    gateway.get("/messages", secret).json()["messages"].as_array().unwrap().clone()
}

#[test]
fn a_referral_is_taken_when_it_is_quiet_and_moved_to_done() {
    let (gateway, inbox) = watching("folder-referral", "forde", 0);
    put(&inbox, "Nordmann.xml", &golden("henvisning/videre-new/input.xml"));
    until_there(&inbox.join("done/Nordmann.xml"));
    assert!(!inbox.join("Nordmann.xml").exists());
    let listed = messages(&gateway, TRUST);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["channel"], "folder");
    // The same again, as after a crash before the move: no second message, and the place in done is another one.
    put(&inbox, "Nordmann.xml", &golden("henvisning/videre-new/input.xml"));
    until_there(&inbox.join("done/Nordmann.xml.2"));
    assert_eq!(messages(&gateway, TRUST).len(), 1);
    // A file may have the name of a person.
    assert!(!gateway.log().contains("Nordmann"));
}

#[test]
fn what_is_refused_is_moved_to_failed_with_its_outcome() {
    let (gateway, inbox) = watching("folder-failed", "forde", 0);
    put(&inbox, "garbage.txt", b"neither XML nor HL7 nor JSON");
    put(&inbox, "refused.xml", &golden("henvisning/refused-patient/input.xml"));
    std::fs::create_dir(inbox.join("a-folder")).unwrap();
    for (name, code) in [
        ("garbage.txt", "referral.format-unknown"),
        ("refused.xml", "referral.patient-unidentifiable"),
        ("a-folder", "request.unsupported"),
    ] {
        let outcome = inbox.join("failed").join(format!("{name}.outcome.json"));
        until_there(&inbox.join("failed").join(name));
        let outcome: Value = serde_json::from_slice(&std::fs::read(&outcome).unwrap()).unwrap();
        assert_eq!(outcome["resourceType"], "OperationOutcome", "{name}");
        assert!(outcome.to_string().contains(code), "{name}: {outcome}");
    }
    assert!(!inbox.join("done/refused.xml").exists());
    drop(gateway);
}

#[test]
fn unfinished_files_and_links_stay_where_they_are() {
    let (gateway, inbox) = watching("folder-left", "forde", 0);
    let outside = gateway.folder.write("outside.xml", golden("henvisning/videre-new/input.xml"));
    std::os::unix::fs::symlink(&outside, inbox.join("link.xml")).unwrap();
    std::fs::write(inbox.join("a.xml.part"), golden("henvisning/videre-new/input.xml")).unwrap();
    std::fs::write(inbox.join(".hidden.xml"), golden("henvisning/videre-new/input.xml")).unwrap();
    // What comes later is taken, so they have been looked at.
    put(&inbox, "good.hl7", &golden("one-patient/hl7v2.hl7"));
    until_there(&inbox.join("done/good.hl7"));
    for name in ["link.xml", "a.xml.part", ".hidden.xml"] {
        assert!(std::fs::symlink_metadata(inbox.join(name)).is_ok(), "{name}");
    }
    assert_eq!(messages(&gateway, TRUST).len(), 1);
}

#[test]
fn a_run_folder_is_taken_when_its_checksums_are_complete() {
    // Quiet for an hour would not come within the test.
    let (gateway, inbox) = watching("folder-run", "inpred", 3_600);
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tso500/localapp-dna-rna/input");
    let target = inbox.join("251116_NB501999_0042_AHGOLDENX1");
    copy(&run, &target);
    until_there(&inbox.join("done/251116_NB501999_0042_AHGOLDENX1"));
    let kinds: Vec<String> =
        messages(&gateway, LABORATORY).iter().map(|row| row["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["report", "run"]);
}

#[test]
fn an_entry_waits_while_the_journal_takes_nothing() {
    let (gateway, inbox) = watching("folder-waits", "forde", 0);
    gateway.break_journal();
    put(&inbox, "later.xml", &golden("henvisning/videre-new/input.xml"));
    until("it was tried twice", || (gateway.log().matches("nothing was taken").count() >= 2).then_some(()));
    assert!(inbox.join("later.xml").exists());
    assert!(!inbox.join("failed/later.xml.outcome.json").exists());
    gateway.mend_journal();
    until_there(&inbox.join("done/later.xml"));
    assert_eq!(messages(&gateway, TRUST).len(), 1);
}

#[test]
fn an_entry_that_grows_is_not_taken_before_it_is_whole() {
    let (gateway, inbox) = watching("folder-grows", "forde", 2);
    let whole = golden("henvisning/videre-new/input.xml");
    let path = inbox.join("slow.xml");
    for end in (1..=4).map(|part| whole.len() * part / 4) {
        // Each part is there for longer than a look, and shorter than the quiet.
        std::fs::write(&path, &whole[..end]).unwrap();
        assert!(path.exists());
        std::thread::sleep(std::time::Duration::from_millis(1_200));
    }
    until_there(&inbox.join("done/slow.xml"));
    let listed = messages(&gateway, TRUST);
    assert_eq!(listed.len(), 1);
    assert_ne!(listed[0]["disposition"], "rejected");
}

#[test]
fn a_laboratory_gives_archives_and_nothing_that_leads_elsewhere() {
    let (gateway, inbox) = watching("folder-laboratory", "inpred", 0);
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tso500/localapp-dna-rna/input");
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all("", &run).unwrap();
    put(&inbox, "run.tar", &archive.into_inner().unwrap());
    put(&inbox, "words.tar.gz", b"words");
    let linked = gateway.folder.path().join("linked");
    copy(&run, &linked);
    std::os::unix::fs::symlink("/etc/hostname", linked.join("S1_CombinedVariantOutput.tsv")).unwrap();
    std::fs::rename(&linked, inbox.join("linked")).unwrap();
    until_there(&inbox.join("done/run.tar"));
    for (name, code) in [("words.tar.gz", "intake.archive-invalid"), ("linked", "intake.archive-entry")] {
        until_there(&inbox.join("failed").join(name));
        let outcome = std::fs::read_to_string(inbox.join("failed").join(format!("{name}.outcome.json"))).unwrap();
        assert!(outcome.contains(code), "{name}: {outcome}");
    }
    let kinds: Vec<(String, String)> = messages(&gateway, LABORATORY)
        .iter()
        .map(|row| (row["kind"].as_str().unwrap().to_owned(), row["disposition"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(kinds.iter().filter(|(kind, _)| kind == "report").count(), 1, "{kinds:?}");
    assert!(kinds.contains(&("run".to_owned(), "rejected".to_owned())), "{kinds:?}");
}
