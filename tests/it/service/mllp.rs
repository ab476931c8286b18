//! HL7 v2 over TCP, as an integration engine sends it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustls::{ClientConnection, StreamOwned};

use super::certificates::{Authority, Issued, fingerprint};
use super::setting::{Gateway, TRUST, golden, until};
use crate::support::Folder;

const MESSAGE: &str = "one-patient/hl7v2.hl7";
pub(crate) const SECTION: &str = "[mllp]\nlisten = \"127.0.0.1:0\"\ncaller = \"forde\"\n";

pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    [&[0x0b], message, &[0x1c, b'\r']].concat()
}

/// The message with another control id, so that it is another message.
pub(super) fn numbered(number: u32) -> Vec<u8> {
    let text = String::from_utf8(golden(MESSAGE)).unwrap();
    assert!(text.contains("|G0100|"));
    text.replace("|G0100|", &format!("|G{number:04}|"))
        .replace("B0005CB0-0000-4000-8000-000000000001", &format!("B0005CB0-0000-4000-8000-{number:012}"))
        .into_bytes()
}

/// The next acknowledgement.
pub(crate) fn reply(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(&[0x1c, b'\r']) {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "the connection ended");
        bytes.push(byte[0]);
    }
    assert_eq!(bytes.remove(0), 0x0b);
    String::from_utf8(bytes).unwrap()
}

/// MSA-1 and MSA-2.
pub(crate) fn verdict(acknowledgement: &str) -> (String, String) {
    let segment = acknowledgement.split('\r').find(|segment| segment.starts_with("MSA"));
    let segment = segment.unwrap_or_else(|| panic!("{acknowledgement:?}"));
    let mut fields = segment.split('|').skip(1).map(str::to_owned);
    (fields.next().unwrap(), fields.next().unwrap_or_default())
}

pub(crate) fn connect(gateway: &Gateway) -> TcpStream {
    let stream = TcpStream::connect(&gateway.mllp).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// Whether the gateway closes the connection without a further word.
pub(super) fn is_closed(mut stream: impl Read) -> bool {
    !matches!(stream.read(&mut [0; 16]), Ok(1..))
}

#[test]
fn many_messages_on_one_connection_are_answered_in_order() {
    let gateway = Gateway::start_with("mllp-many", &[], SECTION);
    let mut stream = connect(&gateway);
    // Two at once, one byte after byte, one twice.
    stream.write_all(&[framed(&numbered(1)), framed(&numbered(2))].concat()).unwrap();
    assert_eq!(verdict(&reply(&mut stream)), ("AA".to_owned(), "G0001".to_owned()));
    assert_eq!(verdict(&reply(&mut stream)), ("AA".to_owned(), "G0002".to_owned()));
    stream.set_nodelay(true).unwrap();
    for byte in framed(&numbered(3)) {
        stream.write_all(&[byte]).unwrap();
    }
    assert_eq!(verdict(&reply(&mut stream)), ("AA".to_owned(), "G0003".to_owned()));
    stream.write_all(&framed(&numbered(3))).unwrap();
    assert_eq!(verdict(&reply(&mut stream)), ("AA".to_owned(), "G0003".to_owned()));
    let listed = gateway.get("/messages", TRUST).json();
    let messages = listed["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 3);
    assert!(messages.iter().all(|message| message["channel"] == "mllp" && message["sender"] == "983974732"));
}

#[test]
fn what_is_no_referral_in_hl7_is_refused_and_the_connection_goes_on() {
    let gateway = Gateway::start_with("mllp-refused", &[], SECTION);
    let mut stream = connect(&gateway);
    for (message, id) in [
        ("MSH|^~\\&|A|B|C|D|20260301||ADT^A01|X1|P|2.5.1\rPID|1\r".as_bytes().to_vec(), "X1"),
        (golden("henvisning/videre-new/input.xml"), ""),
        (b"not HL7".to_vec(), ""),
    ] {
        stream.write_all(&framed(&message)).unwrap();
        let (code, control) = verdict(&reply(&mut stream));
        // HL7 table 0008: AR, application reject.
        assert_eq!((code.as_str(), control.as_str()), ("AR", id));
    }
    stream.write_all(&framed(&numbered(1))).unwrap();
    assert_eq!(verdict(&reply(&mut stream)).0, "AA");
}

#[test]
fn bytes_that_are_no_frame_end_the_connection() {
    let gateway = Gateway::start_with("mllp-frames", &[], &format!("{SECTION}message_seconds = 1\n"));
    for (name, bytes) in [
        ("outside of a frame", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("a start inside", [&[0x0b], b"MSH|".as_slice(), &[0x0b], b"MSH|"].concat()),
        ("an end without carriage return", [&[0x0b], b"MSH|".as_slice(), &[0x1c, b'x']].concat()),
        ("half a message, and then nothing", [&[0x0b], b"MSH|^~\\&|half".as_slice()].concat()),
    ] {
        let mut stream = connect(&gateway);
        stream.write_all(&bytes).unwrap();
        assert!(is_closed(stream), "{name}");
    }
    for code in ["hl7v2.frame-incomplete", "request.too-slow"] {
        until(code, || gateway.log().contains(code).then_some(()));
    }
    assert!(!gateway.log().contains("half"));
}

#[test]
fn connections_have_a_limit_and_none_is_held_for_ever() {
    let gateway = Gateway::start_with("mllp-limit", &[], &format!("{SECTION}connections = 2\nidle_seconds = 1\n"));
    let (first, second) = (connect(&gateway), connect(&gateway));
    let third = connect(&gateway);
    assert!(is_closed(third));
    // Nothing comes on the first two: a sender that is gone holds no place.
    assert!(is_closed(first) && is_closed(second));
    let answered = until("a place", || {
        let mut again = connect(&gateway);
        again.write_all(&framed(&numbered(1))).ok()?;
        let mut start = [0];
        again.read_exact(&mut start).ok()?;
        Some(start)
    });
    assert_eq!(answered, [0x0b]);
}

#[test]
fn a_message_in_work_is_answered_when_the_service_is_stopped() {
    let mut gateway = Gateway::start_with("mllp-stop", &[], SECTION);
    let mut stream = connect(&gateway);
    stream.write_all(&framed(&numbered(1))).unwrap();
    assert_eq!(verdict(&reply(&mut stream)).0, "AA");
    gateway.tell_to_stop();
    assert!(is_closed(stream));
    assert_eq!(gateway.wait(), Some(0));
    gateway.run();
    assert_eq!(gateway.get("/messages", TRUST).json()["messages"].as_array().unwrap().len(), 1);
}

pub(super) fn tls(
    gateway: &Gateway,
    roots: &Authority,
    client: Option<&Issued>,
) -> StreamOwned<ClientConnection, TcpStream> {
    roots.client(connect(gateway), client)
}

#[test]
fn with_tls_a_connection_is_known_by_its_client_certificate() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = authority.issue("localhost");
    let known = authority.issue("forde");
    let unknown = authority.issue("nobody");
    let foreign = stranger.issue("forde");
    let folder = Folder::new("mllp-tls");
    folder.write("server.pem", server.0.pem());
    folder.write("server.key", server.1.serialize_pem());
    folder.write("clients.pem", authority.pem());
    let digest = fingerprint(&known);
    let sections = format!(
        "[mllp]\nlisten = \"127.0.0.1:0\"\n[mllp.tls]\ncertificate_file = \"server.pem\"\nkey_file = \"server.key\"\n\
         client_ca_file = \"clients.pem\"\n[[caller]]\nname = \"engine\"\norganisation = \"983974732\"\nrole = \"trust\"\n\
         certificate_sha256 = \"{digest}\"\n"
    );
    let gateway = Gateway::start_in(folder, &[], &sections);
    let mut stream = tls(&gateway, &authority, Some(&known));
    stream.write_all(&framed(&numbered(1))).unwrap();
    assert_eq!(verdict(&reply(&mut stream)).0, "AA");
    for (name, client) in [("none", None), ("of no caller", Some(&unknown)), ("of another issuer", Some(&foreign))] {
        let mut stream = tls(&gateway, &authority, client);
        // The handshake of TLS 1.3 can end for the client before the server has seen the certificate.
        let sent = stream.write_all(&framed(&numbered(2)));
        assert!(sent.is_err() || is_closed(stream), "{name}");
    }
    assert_eq!(gateway.get("/messages", TRUST).json()["messages"].as_array().unwrap().len(), 1);
    until("the log says so", || gateway.log().contains("request.unauthenticated").then_some(()));
}
