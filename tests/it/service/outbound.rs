//! How the gateway says to a destination who it is: client certificate, access tokens.

use std::io::Read;
use std::net::ToSocketAddrs;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use super::certificates::{Authority, Issued};
use super::referral::Referral;
use super::setting::{Gateway, until};
use super::web::{Heard, Web};
use crate::support::Folder;

fn stored(heard: &Heard) -> String {
    let sent: Value = serde_json::from_str(&heard.body).unwrap();
    let entries: Vec<Value> =
        sent["entry"].as_array().unwrap().iter().map(|_| json!({"response": {"status": "201"}})).collect();
    json!({"resourceType": "Bundle", "type": "transaction-response", "entry": entries}).to_string()
}

/// A configuration whose one destination has further keys.
fn destination(url: &str, keys: &str) -> String {
    format!(
        "[[destination]]\nname = \"trial-system\"\nurl = \"{url}\"\nlongest_retry_seconds = 1\ntimeout_seconds = 2\n{keys}"
    )
}

/// A TLS server that takes clients of an issuer only.
fn mutual(server: &Issued, clients: &Authority) -> Arc<ServerConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(clients.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(server.1.serialize_der()).unwrap();
    let config = config.with_client_cert_verifier(verifier);
    Arc::new(config.with_single_cert(vec![server.0.der().clone()], key).unwrap())
}

#[test]
fn a_destination_with_mutual_tls_gets_the_certificate_that_is_configured_for_it() {
    let (authority, clients, stranger) = (Authority::new(), Authority::new(), Authority::new());
    let (ours, foreign) = (clients.issue("gateway"), stranger.issue("gateway"));
    let server = authority.issue("localhost");
    let config = mutual(&server, &clients);
    let trial = Web::start_over(
        move |stream| StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream),
        |heard| (200, String::new(), stored(heard)),
    );
    let identity = |issued: &Issued| format!("{}{}", issued.0.pem(), issued.1.serialize_pem());
    let folder = Folder::new("outbound-mutual");
    folder.write("trial-ca.pem", authority.pem());
    folder.write("identity.pem", identity(&foreign));
    let url = format!("https://localhost:{}/fhir", trial.port);
    let section = destination(&url, "ca_file = \"trial-ca.pem\"\nclient_identity_file = \"identity.pem\"\n");
    let mut gateway = Gateway::start_in(folder, &[], &section);
    let message = gateway.send(&Referral::consented(1).fhir());
    // A certificate of another issuer: no word of the message goes out.
    until("an attempt", || (!gateway.deliveries(&message).1.is_empty()).then_some(()));
    assert_eq!(gateway.deliveries(&message).1[0], "delivery.unreachable");
    assert!(trial.heard().is_empty());
    gateway.kill();
    gateway.folder.write("identity.pem", identity(&ours));
    gateway.run();
    until("it is delivered", || (gateway.deliveries(&message).0 == ["delivered"]).then_some(()));
    assert_eq!(trial.heard().len(), 1);
    // A server that another issuer vouches for is not told anything.
    gateway.kill();
    gateway.folder.write("trial-ca.pem", stranger.pem());
    gateway.run();
    let next = gateway.send(&Referral::consented(2).fhir());
    until("an attempt", || (!gateway.deliveries(&next).1.is_empty()).then_some(()));
    assert_eq!(gateway.deliveries(&next).1[0], "delivery.unreachable");
    assert_eq!(trial.heard().len(), 1);
}

fn claims(jws: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(jws.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// A token endpoint and a destination that want what HelseID and its servers want: a proof with a nonce of theirs.
fn issuer_and_trial() -> Web {
    Web::start(|heard| {
        let proof = claims(heard.header("dpop").unwrap());
        let has_nonce = proof["nonce"] == "nonce-1";
        let nonce = "DPoP-Nonce: nonce-1\r\n".to_owned();
        match heard.path.as_str() {
            "/connect/token" if !has_nonce => (400, nonce, json!({"error": "use_dpop_nonce"}).to_string()),
            "/connect/token" if heard.body.contains("client_id=stranger&") => {
                (400, nonce, json!({"error": "invalid_client"}).to_string())
            }
            "/connect/token" => {
                let token = json!({"access_token": "synthetic-token", "token_type": "DPoP", "expires_in": 300});
                (200, nonce, token.to_string())
            }
            "/fhir" if !has_nonce => {
                (401, format!("{nonce}WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\n"), String::new())
            }
            "/fhir" if heard.header("authorization") == Some("DPoP synthetic-token") => {
                (200, String::new(), stored(heard))
            }
            other => panic!("{other}"),
        }
    })
}

#[test]
fn a_message_waits_for_an_access_token_and_is_delivered_with_it() {
    let web = issuer_and_trial();
    let folder = Folder::new("outbound-token");
    folder.write("client.pem", rcgen::KeyPair::generate().unwrap().serialize_pem());
    let oauth = format!(
        "[destination.oauth]\ntoken_url = \"http://127.0.0.1:{}/connect/token\"\nclient_id = \"stranger\"\n\
         key_file = \"client.pem\"\nalgorithm = \"ES256\"\ndpop = true\n",
        web.port
    );
    let section = destination(&format!("http://127.0.0.1:{}/fhir", web.port), &oauth);
    let mut gateway = Gateway::start_in(folder, &[], &section);
    let message = gateway.send(&Referral::consented(1).fhir());
    // More often than what a destination itself may answer with an error: it is not lost for that.
    let refused = until("three attempts", || {
        let (states, codes) = gateway.deliveries(&message);
        (codes.len() >= 3).then_some((states, codes))
    });
    assert_eq!(refused.0, ["due"]);
    assert!(refused.1.iter().all(|code| code == "delivery.token-refused"), "{:?}", refused.1);
    assert!(web.heard().iter().all(|heard| heard.path == "/connect/token"));
    // A person puts it right.
    gateway.kill();
    gateway.edit("\"stranger\"", "\"gateway\"");
    gateway.run();
    until("it is delivered", || (gateway.deliveries(&message).0 == ["delivered"]).then_some(()));
    let other = gateway.send(&Referral::consented(2).fhir());
    until("it is delivered", || (gateway.deliveries(&other).0 == ["delivered"]).then_some(()));
    let sent: Vec<Heard> = web.heard().into_iter().filter(|heard| heard.path == "/fhir").collect();
    // Without a nonce, with it, and the next message with it at once.
    assert_eq!(sent.len(), 3);
    let url = format!("http://127.0.0.1:{}/fhir", web.port);
    assert!(sent.iter().all(|heard| claims(heard.header("dpop").unwrap())["htu"] == url));
    assert_eq!(sent[0].body, sent[1].body);
    let log = gateway.log();
    assert!(!log.contains("synthetic-token") && !log.contains("PRIVATE"));
    assert!(!gateway.message(&message).to_string().contains("synthetic-token"));
}

#[test]
fn a_token_endpoint_that_is_down_is_asked_again() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = Folder::new("outbound-token-down");
    folder.write("client.pem", rcgen::KeyPair::generate().unwrap().serialize_pem());
    let oauth = format!(
        "[destination.oauth]\nissuer = \"http://127.0.0.1:{closed}\"\nclient_id = \"gateway\"\nkey_file = \"client.pem\"\n\
         algorithm = \"ES256\"\n"
    );
    let gateway = Gateway::start_in(folder, &[], &destination("http://127.0.0.1:9/fhir", &oauth));
    let message = gateway.send(&Referral::consented(1).fhir());
    until("two attempts", || {
        let (states, codes) = gateway.deliveries(&message);
        (states == ["due"] && codes.len() >= 2 && codes.iter().all(|code| code == "delivery.token-unreachable"))
            .then_some(())
    });
}

#[test]
fn a_name_that_leads_inside_is_not_followed() {
    // The host's own name is not the one by which a configuration names it.
    let mut own = String::new();
    std::fs::File::open("/etc/hostname").and_then(|mut file| file.read_to_string(&mut own)).unwrap();
    let own = own.trim();
    let is_inside = |address: std::net::SocketAddr| match address.ip() {
        std::net::IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        std::net::IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local(),
    };
    if !(own, 0).to_socket_addrs().is_ok_and(|mut found| found.all(is_inside)) {
        // Not so on this host; the resolver's own tests cover it.
        return;
    }
    let listener = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let section = destination(&format!("https://{own}:{port}/fhir"), "");
    let gateway = Gateway::start_with("outbound-inside", &[], &section);
    let message = gateway.send(&Referral::consented(1).fhir());
    until("an attempt", || (!gateway.deliveries(&message).1.is_empty()).then_some(()));
    assert_eq!(gateway.deliveries(&message).1[0], "delivery.address-refused");
    assert!(listener.accept().is_err(), "it was connected to");
}
