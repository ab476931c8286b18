//! What a sender over MLLP is told, in the words of HL7 table 0008, and when.

use std::io::Write;

use sha2::{Digest, Sha256};

use super::certificates::Authority;
use super::mllp::{SECTION, connect, framed, is_closed, numbered, reply, tls, verdict};
use super::setting::{Gateway, TRUST, until};
use crate::support::Folder;

/// The message of a number with MSH-15 and MSH-16: when an accept and when an application acknowledgement is wanted.
fn wanting(number: u32, accept: &str, application: &str) -> Vec<u8> {
    let text = String::from_utf8(numbered(number)).unwrap();
    assert!(text.contains("|2.5.1||||||"));
    text.replace("|2.5.1||||||", &format!("|2.5.1|||{accept}|{application}||")).into_bytes()
}

fn said(code: &str, number: u32) -> (String, String) {
    (code.to_owned(), format!("G{number:04}"))
}

fn count(gateway: &Gateway) -> usize {
    gateway.get("/messages", TRUST).json()["messages"].as_array().unwrap().len()
}

#[test]
fn in_the_enhanced_mode_each_acknowledgement_is_a_block_and_never_means_none() {
    let gateway = Gateway::start_with("ack-enhanced", &[], SECTION);
    let mut stream = connect(&gateway);
    stream.write_all(&framed(&wanting(1, "AL", "AL"))).unwrap();
    assert_eq!(verdict(&reply(&mut stream)), said("CA", 1));
    assert_eq!(verdict(&reply(&mut stream)), said("AA", 1));
    for (number, message) in [(2, wanting(2, "NE", "NE")), (3, wanting(3, "ER", "NE"))] {
        stream.write_all(&framed(&message)).unwrap();
        stream.write_all(&framed(&numbered(number + 10))).unwrap();
        assert_eq!(verdict(&reply(&mut stream)), said("AA", number + 10));
    }
    assert_eq!(count(&gateway), 5);
}

#[test]
fn while_the_journal_takes_nothing_the_sender_is_told_to_send_again() {
    let gateway = Gateway::start_with("ack-journal", &[], SECTION);
    gateway.break_journal();
    let mut stream = connect(&gateway);
    for (message, code) in [
        (numbered(1), "AE"),
        (wanting(1, "AL", "AL"), "CE"),
        (wanting(1, "ER", "NE"), "CE"),
        // Only the application's acknowledgement is wanted, so that one has to say it.
        (wanting(1, "NE", "AL"), "AE"),
    ] {
        stream.write_all(&framed(&message)).unwrap();
        let told = reply(&mut stream);
        assert_eq!(verdict(&told), said(code, 1));
        assert!(told.contains("journal."), "{told}");
    }
    // No acknowledgement may say it: silence on an open connection would look like success.
    let mut silent = connect(&gateway);
    silent.write_all(&framed(&wanting(1, "NE", "NE"))).unwrap();
    assert!(is_closed(silent));
    gateway.mend_journal();
    stream.write_all(&framed(&numbered(1))).unwrap();
    assert_eq!(verdict(&reply(&mut stream)), said("AA", 1));
    assert_eq!(count(&gateway), 1);
}

#[test]
fn an_id_with_other_content_is_rejected() {
    let gateway = Gateway::start_with("ack-reused", &[], SECTION);
    let mut stream = connect(&gateway);
    stream.write_all(&framed(&numbered(1))).unwrap();
    assert_eq!(verdict(&reply(&mut stream)), said("AA", 1));
    let other = |message: Vec<u8>| {
        let text = String::from_utf8(message).unwrap();
        assert!(text.contains("Øvregata 1"));
        framed(text.replace("Øvregata 1", "Øvregata 2").as_bytes())
    };
    for (message, code) in [(numbered(1), "AR"), (wanting(1, "AL", "AL"), "CR")] {
        stream.write_all(&other(message)).unwrap();
        let told = reply(&mut stream);
        assert_eq!(verdict(&told), said(code, 1));
        assert!(told.contains("intake.id-reused"), "{told}");
    }
    // What came first stays what it was.
    stream.write_all(&framed(&numbered(1))).unwrap();
    assert_eq!(verdict(&reply(&mut stream)), said("AA", 1));
}

#[test]
fn a_message_over_the_limit_ends_the_connection_before_it_is_all_there() {
    // 64 MiB: limits on input.
    const LIMIT: usize = 64 << 20;
    let gateway = Gateway::start_with("ack-long", &[], SECTION);
    let mut stream = connect(&gateway);
    stream.write_all(b"\x0bMSH|^~\\&|A|B\rNTE|1||").unwrap();
    let piece = vec![b'x'; 1 << 20];
    let mut sent = 0;
    while stream.write_all(&piece).is_ok() {
        sent += piece.len();
        assert!(sent < 2 * LIMIT, "nobody ends it");
    }
    assert!(sent >= LIMIT - (8 << 20), "ended after {sent} bytes");
    until("hl7v2.too-large", || gateway.log().contains("hl7v2.too-large").then_some(()));
    let mut again = connect(&gateway);
    again.write_all(&framed(&numbered(1))).unwrap();
    assert_eq!(verdict(&reply(&mut again)), said("AA", 1));
}

#[test]
fn a_message_in_work_is_answered_when_the_service_is_stopped_and_no_other_is_taken() {
    let mut gateway = Gateway::start_with("ack-stop", &[], SECTION);
    let mut stream = connect(&gateway);
    let mut idle = connect(&gateway);
    idle.write_all(&framed(&numbered(7))).unwrap();
    assert_eq!(verdict(&reply(&mut idle)), said("AA", 7));
    // The commit waits for a lock that the test holds.
    let journal = gateway.open_journal();
    journal.execute_batch("BEGIN IMMEDIATE").unwrap();
    stream.write_all(&[framed(&numbered(1)), framed(&numbered(2))].concat()).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    gateway.tell_to_stop();
    until("it is stopping", || gateway.log().contains("being stopped").then_some(()));
    assert!(is_closed(idle));
    journal.execute_batch("ROLLBACK").unwrap();
    drop(journal);
    assert_eq!(verdict(&reply(&mut stream)), said("AA", 1));
    assert!(is_closed(stream));
    assert_eq!(gateway.wait(), Some(0));
    gateway.run();
    assert_eq!(count(&gateway), 2);
}

#[test]
fn a_certificate_of_another_role_sends_no_referrals() {
    let authority = Authority::new();
    let (server, laboratory) = (authority.issue("localhost"), authority.issue("laboratory"));
    let folder = Folder::new("ack-role");
    folder.write("server.pem", server.0.pem());
    folder.write("server.key", server.1.serialize_pem());
    folder.write("clients.pem", authority.pem());
    let digest: String = Sha256::digest(laboratory.0.der()).iter().map(|byte| format!("{byte:02x}")).collect();
    let sections = format!(
        "[mllp]\nlisten = \"127.0.0.1:0\"\n[mllp.tls]\ncertificate_file = \"server.pem\"\nkey_file = \"server.key\"\n\
         client_ca_file = \"clients.pem\"\n[[caller]]\nname = \"engine\"\norganisation = \"IPD\"\nrole = \"laboratory\"\n\
         certificate_sha256 = \"{digest}\"\n"
    );
    let gateway = Gateway::start_in(folder, &[], &sections);
    let mut stream = tls(&gateway, &authority, Some(&laboratory));
    let sent = stream.write_all(&framed(&numbered(1)));
    assert!(sent.is_err() || is_closed(stream));
    until("request.forbidden", || gateway.log().contains("request.forbidden").then_some(()));
    assert_eq!(count(&gateway), 0);
}
