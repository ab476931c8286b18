//! The care chain: a trust that a referral is granted to sees what belongs to it, and nothing else; a trust that another one
//! became part of sees what that one left.

use serde_json::Value;

use super::referral::{Referral, national_number};
use super::setting::{Gateway, OTHER, Response, TRUST};
use crate::support::Folder;

const HOST: &str = "oslo";

fn listed(answer: &Response) -> Vec<String> {
    let rows = answer.json()["messages"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// Events about a patient that are shown, with their details.
fn events(gateway: &Gateway, secret: &str, patient: usize) -> Vec<Value> {
    let body = format!("patient.identifier={}", national_number(patient));
    let answer = gateway.request("POST", "/fhir/AuditEvent/_search", secret, "", body.as_bytes());
    assert_eq!(answer.status, 200);
    answer.json()["entry"].as_array().cloned().unwrap_or_default()
}

fn sees(gateway: &Gateway, message: &str) -> [u16; 2] {
    ["", "/original"].map(|suffix| gateway.get(&format!("/messages/{message}{suffix}"), OTHER).status)
}

#[test]
fn a_grant_shows_what_belongs_to_its_referral_until_it_is_ended() {
    let gateway = Gateway::start("grants", &[]);
    let granted = gateway.send(&Referral::new(1).fhir());
    // Another referral of the same patient is another matter.
    let same_patient = gateway.send(&Referral::new(2).of_patient(1).fhir());
    let case = gateway.case(&granted);
    assert_eq!((sees(&gateway, &granted), listed(&gateway.get("/messages", OTHER))), ([404; 2], Vec::new()));
    assert!(events(&gateway, OTHER, 1).is_empty());

    gateway.printed(&["grants", "add", &case, HOST, "--reason", "second-opinion"]);
    assert_eq!((sees(&gateway, &granted), sees(&gateway, &same_patient)), ([200; 2], [404; 2]));
    assert_eq!(listed(&gateway.get("/messages", OTHER)), std::slice::from_ref(&granted));
    assert_eq!(listed(&gateway.get("/messages?sender=983974732", OTHER)), std::slice::from_ref(&granted));
    assert!(!events(&gateway, OTHER, 1).is_empty());
    // What is seen is read only, and the trust whose referral it is can see who looked, and why that was let.
    let replay = gateway.request("POST", &format!("/messages/{granted}/replay"), OTHER, "", b"");
    assert_eq!((replay.status, replay.code().as_str()), (403, "request.forbidden"));
    let seen = events(&gateway, TRUST, 1);
    let of_host: Vec<&Value> = seen
        .iter()
        .map(|entry| &entry["resource"])
        .filter(|event| event["agent"][0]["who"]["identifier"]["value"] == "993467049" && event["outcome"] == "0")
        .collect();
    assert!(!of_host.is_empty(), "{seen:?}");
    let list = gateway.printed(&["grants", "list", &case]);
    assert!(list.starts_with("oslo\tsecond-opinion\t") && list.trim_end().ends_with("\tholds"), "{list}");

    gateway.printed(&["grants", "end", &case, HOST]);
    assert_eq!((sees(&gateway, &granted), listed(&gateway.get("/messages", OTHER))), ([404; 2], Vec::new()));
    assert!(gateway.printed(&["grants", "list", &case]).contains("\tended "));
    let details: Vec<(String, Option<String>)> = gateway
        .open_journal()
        .prepare("SELECT action, detail FROM audit WHERE action LIKE 'grant%' ORDER BY sequence")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let row = |action: &str, detail: &str| (action.to_owned(), Some(detail.to_owned()));
    assert_eq!(details, [row("grant", "oslo: second-opinion"), row("grant-end", "oslo: every reason")]);
}

#[test]
fn what_cannot_be_granted_is_refused() {
    let gateway = Gateway::start("grants-refused", &[]);
    let case = gateway.case(&gateway.send(&Referral::new(1).fhir()));
    let absent = "referral/00000000-0000-8000-8000-000000000000";
    for (arguments, text) in [
        (vec!["grants", "add", absent, HOST], "no referral has this id"),
        (vec!["grants", "add", &case, "nowhere"], "no trust has this id"),
        (vec!["grants", "add", &case, "forde"], "the referral is the trust's own"),
        (vec!["grants", "add", &case, HOST, "--reason", "Ola Nordmann"], "a reason is a word"),
        (vec!["grants", "end", &case, HOST], "the trust has no grant"),
        (vec!["grants", "list", "requisition/x"], "no referral has this id"),
    ] {
        let ended = gateway.command(&arguments);
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(
            !ended.status.success() && told.contains("link.invalid") && told.contains(text),
            "{arguments:?}: {told}"
        );
    }
}

#[test]
fn a_referral_brings_a_grant_for_its_receiver_where_the_deployment_says_so() {
    let gateway = Gateway::start_with("grants-receiver", &[], "[care_chain]\nreceivers = true\n");
    let message = gateway.send(&Referral::new(1).fhir());
    assert_eq!(sees(&gateway, &message), [200; 2]);
    // A change that names another receiver ends it.
    let change = String::from_utf8(Referral::new(1).changed(2, "2026-03-02T10:00:00+01:00").fhir()).unwrap();
    let changed = gateway.send(change.replace("993467049", "983971636").as_bytes());
    assert_eq!((sees(&gateway, &message), sees(&gateway, &changed)), ([404; 2], [404; 2]));
    let list = gateway.printed(&["grants", "list", &gateway.case(&message)]);
    let holds: Vec<&str> = list.lines().filter(|line| line.ends_with("holds")).collect();
    assert!(holds.len() == 1 && holds[0].starts_with("akershus\treceiver\t"), "{list}");
}

/// A copy of the mappings in which a trust became part of another one.
fn merged(folder: &Folder, from: &str, to: &str) {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    copy(&source, &folder.path().join("mappings"));
    let path = folder.path().join("mappings/trusts.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let row = format!("{{ number = \"{from}\" }}");
    assert!(text.contains(&row), "{from}");
    let ended = format!("{{ number = \"{from}\", valid_to = 2026-01-31, successor = \"{to}\" }}");
    std::fs::write(&path, text.replace(&row, &ended)).unwrap();
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place)
        } else {
            assert!(std::fs::copy(entry.path(), place).is_ok());
        }
    }
}

#[test]
fn a_trust_sees_what_a_trust_that_became_part_of_it_left() {
    let mut gateway = Gateway::start("grants-merger", &[]);
    let left = gateway.send(&Referral::new(1).fhir());
    assert_eq!(sees(&gateway, &left), [404; 2]);
    gateway.terminate();
    // The secret of a number that has ended opens nothing any more.
    merged(&gateway.folder, "983974732", "993467049");
    gateway.edit("[identity]", "[mappings]\ndirectory = \"mappings\"\n[identity]");
    // Nobody calls for a number that no longer counts.
    gateway.edit("organisation = \"983974732\"", "organisation = \"983971636\"");
    gateway.run();
    assert_eq!(sees(&gateway, &left), [200; 2]);
    assert_eq!(listed(&gateway.get("/messages", OTHER)), std::slice::from_ref(&left));
    assert!(!events(&gateway, OTHER, 1).is_empty());
    let other = gateway.get(&format!("/messages/{left}"), TRUST);
    assert_eq!((other.status, other.code().as_str()), (404, "request.not-found"), "a third trust");
    assert_eq!(events(&gateway, TRUST, 1), Vec::<Value>::new());
}
