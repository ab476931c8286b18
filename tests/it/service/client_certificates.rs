//! Client certificates on both listeners: every one that is refused here is configured as that of a caller, so that only the
//! check of TLS can refuse it.

use std::io::Write;

use rcgen::{ExtendedKeyUsagePurpose, SerialNumber, date_time_ymd};

use super::certificates::{Authority, Issued, fingerprint};
use super::mllp::{framed, numbered, reply, tls, verdict};
use super::setting::{Gateway, until};
use super::tls::{ask, write_server};
use crate::support::Folder;

const REVOKED: u64 = 77;

/// A gateway with both listeners, for which every certificate is a caller's.
fn start(name: &str, server: &Authority, (clients, revocations): (&str, &str), known: &[&Issued]) -> Gateway {
    let folder = Folder::new(name);
    write_server(&folder, server, "localhost");
    folder.write("clients.pem", clients);
    folder.write("revoked.pem", revocations);
    let files = "certificate_file = \"server.pem\"\nkey_file = \"server.key\"\nclient_ca_file = \"clients.pem\"\n\
                 client_crl_file = \"revoked.pem\"\n";
    let mut sections = format!("[server.tls]\n{files}[mllp]\nlisten = \"127.0.0.1:0\"\n[mllp.tls]\n{files}");
    for (number, known) in known.iter().enumerate() {
        sections.push_str(&format!(
            "[[caller]]\nname = \"engine{number}\"\norganisation = \"983974732\"\nrole = \"trust\"\n\
             certificate_sha256 = \"{}\"\n",
            fingerprint(known)
        ));
    }
    Gateway::start_in(folder, &[], &sections)
}

/// What HTTP answers to a certificate; none where the handshake fails.
fn http(gateway: &Gateway, server: &Authority, client: Option<&Issued>) -> Option<u16> {
    ask(gateway, server, client, ("GET", "/messages"), "", b"").map(|answer| answer.status)
}

/// Whether a message over MLLP is taken.
fn is_taken(gateway: &Gateway, server: &Authority, client: Option<&Issued>) -> bool {
    let mut stream = tls(gateway, server, client);
    if stream.write_all(&framed(&numbered(1))).is_err() || stream.flush().is_err() {
        return false;
    }
    let mut first = [0];
    if std::io::Read::read_exact(&mut stream, &mut first).is_err() {
        return false;
    }
    let answer = reply(&mut std::io::Read::chain(&first[..], stream));
    assert_eq!(verdict(&answer).0, "AA");
    true
}

#[test]
fn a_client_certificate_that_is_not_right_in_every_way_is_refused() {
    let (server, clients, stranger) = (Authority::new(), Authority::new(), Authority::new());
    let right = clients.issue_with("forde", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    // Purposes that are not named are all allowed (RFC 5280, section 4.2.1.12).
    let unnamed = clients.issue("forde");
    let expired = clients.issue_with("forde", |params| params.not_after = date_time_ymd(2020, 1, 2));
    let early = clients.issue_with("forde", |params| params.not_before = date_time_ymd(4000, 1, 1));
    let purpose = clients.issue_with("forde", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    let revoked = clients.issue_with("forde", |params| params.serial_number = Some(SerialNumber::from(REVOKED)));
    let foreign = stranger.issue("forde");
    let all = [&right, &unnamed, &expired, &early, &purpose, &revoked, &foreign];
    let gateway = start("certificates", &server, (&clients.pem(), &clients.revoked(&[REVOKED], 4000)), &all);
    for (name, client) in [("right", &right), ("purposes not named", &unnamed)] {
        assert_eq!(http(&gateway, &server, Some(client)), Some(200), "{name}");
        assert!(is_taken(&gateway, &server, Some(client)), "{name}");
    }
    for (name, client) in [
        ("expired", &expired),
        ("not yet valid", &early),
        ("of another purpose", &purpose),
        ("revoked", &revoked),
        ("of another issuer", &foreign),
    ] {
        assert_eq!(http(&gateway, &server, Some(client)), None, "{name}");
        assert!(!is_taken(&gateway, &server, Some(client)), "{name}");
    }
    // Without a certificate HTTP asks for something else, and MLLP has nothing else.
    assert_eq!(http(&gateway, &server, None), Some(401));
    assert!(!is_taken(&gateway, &server, None));
}

#[test]
fn a_certificate_that_is_revoked_while_it_serves_is_refused_and_a_bad_list_keeps_the_old_one() {
    let (server, clients) = (Authority::new(), Authority::new());
    let serial = |serial: u64| {
        move |params: &mut rcgen::CertificateParams| {
            params.serial_number = Some(SerialNumber::from(serial));
        }
    };
    let (first, second) = (clients.issue_with("forde", serial(1)), clients.issue_with("forde", serial(2)));
    let lists = (clients.pem(), clients.revoked(&[], 4000));
    let gateway = start("certificates-revoked", &server, (&lists.0, &lists.1), &[&first, &second]);
    let both = || (http(&gateway, &server, Some(&first)), http(&gateway, &server, Some(&second)));
    assert_eq!(both(), (Some(200), Some(200)));
    gateway.folder.write("revoked.pem", clients.revoked(&[1], 4000));
    until("the first is refused", || (both() == (None, Some(200))).then_some(()));
    until("also over MLLP", || (!is_taken(&gateway, &server, Some(&first))).then_some(()));
    assert!(is_taken(&gateway, &server, Some(&second)));
    // No list at all would let everybody in.
    gateway.folder.write("revoked.pem", "no list");
    until("the log says so", || (gateway.log().matches("the old one holds").count() >= 2).then_some(()));
    assert_eq!(both(), (None, Some(200)));
}

#[test]
fn a_list_that_says_nothing_of_today_or_of_these_certificates_lets_nobody_in() {
    let (server, clients, stranger) = (Authority::new(), Authority::new(), Authority::new());
    let client = clients.issue("forde");
    let start = |name: &str, list: &str| start(name, &server, (&clients.pem(), list), &[&client]);
    for (name, list, answer) in [
        ("certificates-list", clients.revoked(&[REVOKED], 4000), Some(200)),
        ("certificates-expired", clients.revoked(&[REVOKED], 2021), None),
        ("certificates-foreign", stranger.revoked(&[REVOKED], 4000), None),
    ] {
        let gateway = start(name, &list);
        assert_eq!(http(&gateway, &server, Some(&client)), answer, "{name}");
        assert_eq!(is_taken(&gateway, &server, Some(&client)), answer.is_some(), "{name}");
    }
}

#[test]
fn a_renewed_certificate_is_known_by_its_name_on_both_listeners() {
    let (server, clients, stranger) = (Authority::new(), Authority::new(), Authority::new());
    let first = clients.issue("engine.forde.example");
    let lists = (clients.pem(), clients.revoked(&[REVOKED], 4000));
    let mut gateway = start("certificates-name", &server, (&lists.0, &lists.1), &[&first]);
    gateway.kill();
    let section = "[[caller]]\nname = \"engine\"\norganisation = \"983974732\"\nrole = \"trust\"\n";
    gateway.edit(
        "[[caller]]\nname = \"forde\"",
        &format!("{section}certificate_name = \"engine.forde.example\"\n[[caller]]\nname = \"forde\""),
    );
    gateway.run();
    for _ in 0..2 {
        let issued = clients.issue("engine.forde.example");
        assert_eq!(http(&gateway, &server, Some(&issued)), Some(200));
        assert!(is_taken(&gateway, &server, Some(&issued)));
    }
    for (name, issued, answer) in [
        ("another name", clients.issue("engine.ous.example"), Some(401)),
        ("a wildcard", clients.issue("*.forde.example"), Some(401)),
        ("another issuer", stranger.issue("engine.forde.example"), None),
    ] {
        assert_eq!(http(&gateway, &server, Some(&issued)), answer, "{name}");
        assert!(!is_taken(&gateway, &server, Some(&issued)), "{name}");
    }
}
