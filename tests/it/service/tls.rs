//! HTTP with TLS: callers by certificate, and files that are replaced while it serves.

use std::io::Write;

use super::certificates::{Authority, Issued, fingerprint};
use super::setting::{Gateway, Response, TRUST, golden, until};
use crate::support::Folder;

/// A gateway with a certificate of `server`, which takes client certificates of `clients`; the caller with `known` is a
/// trust.
fn start(name: &str, server: &Authority, clients: &Authority, known: &[&Issued]) -> Gateway {
    let folder = Folder::new(name);
    write_server(&folder, server, "localhost");
    folder.write("clients.pem", clients.pem());
    let mut sections = "[server.tls]\ncertificate_file = \"server.pem\"\nkey_file = \"server.key\"\n\
         client_ca_file = \"clients.pem\"\n"
        .to_owned();
    for (number, known) in known.iter().enumerate() {
        sections.push_str(&format!(
            "[[caller]]\nname = \"engine{number}\"\norganisation = \"983974732\"\nrole = \"trust\"\n\
             certificate_sha256 = \"{}\"\n",
            fingerprint(known)
        ));
    }
    Gateway::start_in(folder, &[], &sections)
}

pub(super) fn write_server(folder: &Folder, authority: &Authority, name: &str) -> Issued {
    let issued = authority.issue(name);
    folder.write("server.key", issued.1.serialize_pem());
    folder.write("server.pem", issued.0.pem());
    issued
}

/// The answer to a request; none where the connection was refused.
pub(super) fn ask(
    gateway: &Gateway,
    roots: &Authority,
    client: Option<&Issued>,
    (method, path): (&str, &str),
    headers: &str,
    body: &[u8],
) -> Option<Response> {
    let mut stream = roots.client(gateway.connect(), client);
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
    stream.flush().ok()?;
    let mut first = [0];
    std::io::Read::read_exact(&mut stream, &mut first).ok()?;
    Some(Response::read(std::io::Read::chain(&first[..], stream)))
}

#[test]
fn a_caller_is_known_by_its_client_certificate() {
    let (server, clients, stranger) = (Authority::new(), Authority::new(), Authority::new());
    let (known, unknown) = (clients.issue("forde"), clients.issue("nobody"));
    let foreign = stranger.issue("forde");
    let gateway = start("tls-callers", &server, &clients, &[&known, &foreign]);
    let post = ("POST", "/fhir");
    let body = golden("one-patient/ehr-fhir.json");
    let taken = ask(&gateway, &server, Some(&known), post, "", &body).unwrap();
    assert_eq!((taken.status, taken.header("x-disposition")), (200, "routed"));
    // A certificate of a trusted issuer is not yet a caller, and none is none.
    for client in [Some(&unknown), None] {
        let refused = ask(&gateway, &server, client, post, "", &body).unwrap();
        assert_eq!((refused.status, refused.code().as_str()), (401, "request.unauthenticated"));
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
    // The configuration names the certificate, but nobody trusted has issued it: the handshake fails.
    assert!(ask(&gateway, &server, Some(&foreign), post, "", &body).is_none());
    // A secret works without a certificate, and a wrong one is not made good by a right certificate.
    let bearer = |secret: &str| format!("Authorization: Bearer {secret}\r\n");
    assert_eq!(ask(&gateway, &server, None, ("GET", "/messages"), &bearer(TRUST), b"").unwrap().status, 200);
    assert_eq!(ask(&gateway, &server, Some(&known), ("GET", "/messages"), &bearer("wrong"), b"").unwrap().status, 401);
}

#[test]
fn plain_http_is_not_answered_on_a_listener_with_tls() {
    let server = Authority::new();
    let gateway = start("tls-plain", &server, &server, &[]);
    let mut stream = gateway.connect();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
    assert!(!answer.starts_with(b"HTTP/"));
}

#[test]
fn files_that_are_replaced_hold_without_a_restart() {
    let (server, renewed, clients, other) = (Authority::new(), Authority::new(), Authority::new(), Authority::new());
    let (before, after) = (clients.issue("forde"), other.issue("forde"));
    let gateway = start("tls-replaced", &server, &clients, &[&before, &after]);
    let list = ("GET", "/messages");
    let status = |roots: &Authority, client: &Issued| {
        ask(&gateway, roots, Some(client), list, "", b"").map(|answer| answer.status)
    };
    assert_eq!((status(&server, &before), status(&server, &after)), (Some(200), None));
    // What cannot be used keeps what is there, and says so.
    gateway.folder.write("server.pem", "no certificate");
    gateway.folder.write("clients.pem", "no certificate");
    until("the log says so", || (gateway.log().matches("the new file cannot be used").count() >= 2).then_some(()));
    assert_eq!(status(&server, &before), Some(200));
    // A certificate of another issuer, and other issuers of clients.
    write_server(&gateway.folder, &renewed, "localhost");
    gateway.folder.write("clients.pem", other.pem());
    until("the new certificate is shown", || (status(&renewed, &after) == Some(200)).then_some(()));
    assert_eq!((status(&renewed, &before), status(&server, &after)), (None, None));
}
