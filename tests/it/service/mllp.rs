//! HL7 v2 over TCP, as an integration engine sends it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sha2::{Digest, Sha256};

use super::setting::{Gateway, TRUST, golden, until};
use crate::support::Folder;

const MESSAGE: &str = "one-patient/hl7v2.hl7";
pub(super) const SECTION: &str = "[mllp]\nlisten = \"127.0.0.1:0\"\ncaller = \"forde\"\n";

pub(super) fn framed(message: &[u8]) -> Vec<u8> {
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
pub(super) fn reply(stream: &mut impl Read) -> String {
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
pub(super) fn verdict(acknowledgement: &str) -> (String, String) {
    let segment = acknowledgement.split('\r').find(|segment| segment.starts_with("MSA"));
    let segment = segment.unwrap_or_else(|| panic!("{acknowledgement:?}"));
    let mut fields = segment.split('|').skip(1).map(str::to_owned);
    (fields.next().unwrap(), fields.next().unwrap_or_default())
}

pub(super) fn connect(gateway: &Gateway) -> TcpStream {
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

pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate and its key.
    pub(super) fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate, key)
    }
}

pub(super) fn tls(
    gateway: &Gateway,
    roots: &Authority,
    client: Option<&(rcgen::Certificate, KeyPair)>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut store = RootCertStore::empty();
    store.add(CertificateDer::from(roots.issuer.der().to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(store);
    let config = match client {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
            config.with_client_auth_cert(vec![certificate.der().clone()], key).unwrap()
        }
    };
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    StreamOwned::new(connection, connect(gateway))
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
    let digest: String = Sha256::digest(known.0.der()).iter().map(|byte| format!("{byte:02x}")).collect();
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
