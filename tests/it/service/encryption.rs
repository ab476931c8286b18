//! Originals that are encrypted at rest.

use super::destination::Destination;
use super::referral::{NATIONAL, Referral};
use super::setting::{Gateway, OPERATOR, TRUST, golden};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn encrypted(name: &str, destinations: &[(&str, &Destination)]) -> Gateway {
    let mut gateway = Gateway::start(name, destinations);
    assert_eq!(gateway.terminate(), Some(0));
    gateway.folder.write("journal.key", KEY);
    gateway.edit("path = \"journal.sqlite\"", "path = \"journal.sqlite\"\nencryption_key_file = \"journal.key\"");
    gateway.run();
    gateway
}

/// The stored originals.
fn originals(gateway: &Gateway) -> Vec<Vec<u8>> {
    let journal = rusqlite::Connection::open(gateway.folder.path().join("journal.sqlite")).unwrap();
    let mut statement = journal.prepare("SELECT content FROM originals").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn with_a_key_no_original_can_be_read_in_the_journal() {
    let body = golden("henvisning/videre-new/input.xml");
    let plain = Gateway::start("encryption-none", &[]);
    let message = plain.send(&body);
    assert!(originals(&plain).iter().any(|original| holds(original, NATIONAL) && holds(original, "Ærlig")));
    assert_eq!(plain.get(&format!("/messages/{message}/original"), TRUST).body, body);
    let trial = Destination::start();
    let gateway = encrypted("encryption-key", &[("trial-system", &trial)]);
    let message = gateway.send(&body);
    let stored = originals(&gateway);
    assert_eq!(stored.len(), 1);
    for personal in [NATIONAL, "Ærlig", "Øvregata", "MsgHead"] {
        assert!(!holds(&stored[0], personal), "{personal}");
    }
    assert_eq!(gateway.get(&format!("/messages/{message}/original"), TRUST).body, body);
    // What waits is read again from it.
    gateway.printed(&["consent", "record", &gateway.case(&message)]);
    assert!(trial.until_stored(1)[0].key.starts_with(&message));
}

#[test]
fn another_key_or_none_is_told_before_anything_is_written() {
    let mut gateway = encrypted("encryption-other", &[]);
    let message = gateway.send(&Referral::new(1).fhir());
    let case = gateway.case(&message);
    assert_eq!(gateway.terminate(), Some(0));
    let refused = |gateway: &Gateway, what: &str, text: &str| {
        for arguments in [&["serve"][..], &["consent", "record", &case]] {
            let output = gateway.command(arguments);
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{what}: {stderr}");
            assert!(
                stderr.contains("config.invalid") && stderr.contains("journal.encryption_key_file"),
                "{what}: {stderr}"
            );
            assert!(stderr.contains(text) && !stderr.contains(KEY), "{what}: {stderr}");
        }
    };
    gateway.folder.write("journal.key", KEY.replace('0', "f"));
    refused(&gateway, "another key", "another key");
    gateway.folder.write("journal.key", &KEY[1..]);
    refused(&gateway, "a short key", "64 hexadecimal digits");
    gateway.edit("encryption_key_file = \"journal.key\"", "");
    refused(&gateway, "no key", "there is no key");
    gateway.folder.write("journal.key", KEY);
    gateway.edit("path = \"journal.sqlite\"", "path = \"journal.sqlite\"\nencryption_key_file = \"journal.key\"");
    gateway.run();
    let original = gateway.get(&format!("/messages/{message}/original"), TRUST);
    assert_eq!(original.body, Referral::new(1).fhir());
}

#[test]
fn an_original_that_was_damaged_is_told_as_such() {
    let gateway = encrypted("encryption-damaged", &[]);
    let message = gateway.send(&Referral::new(1).fhir());
    let journal = rusqlite::Connection::open(gateway.folder.path().join("journal.sqlite")).unwrap();
    journal.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    let mut original = originals(&gateway).remove(0);
    *original.last_mut().unwrap() ^= 1;
    journal.execute("UPDATE originals SET content = ?1", [original]).unwrap();
    for secret in [TRUST, OPERATOR] {
        let answer = gateway.get(&format!("/messages/{message}/original"), secret);
        assert_eq!((answer.status, answer.code().as_str()), (503, "journal.damaged"));
    }
}
