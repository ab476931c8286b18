//! Statuses on the wire: an endpoint for XML and a receiver of HL7 v2, both of the test.

use std::sync::Arc;
use std::time::{Duration, Instant};

use impress_gateway::journal::DeliveryState;
use impress_gateway::startup::outbound;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::setting::{OK, REJECTED, Setting, app_rec, destinations, text_of, with_receiver};
use super::wire::{Server, acknowledged, block, http, request};
use crate::service::certificates::{Authority, Issued};

const HENVISNING: &str = "one-patient/henvisning.xml";
const HL7V2: &str = "one-patient/hl7v2.hl7";

/// Statuses by real workers until the delivery of a message has ended so.
fn until(setting: &Setting, message: &str, state: DeliveryState) {
    work(setting, message, &|| setting.deliveries(message)[0].state == state);
}

/// The same until it was tried.
fn attempt(setting: &Setting, message: &str) {
    work(setting, message, &|| !codes(setting, message).is_empty());
}

fn work(setting: &Setting, message: &str, is_done: &dyn Fn() -> bool) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let policy = outbound::policy(&setting.config).unwrap();
    let workers = outbound::workers(&setting.config, &setting.intake, &policy).unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let _entered = setting.runtime.enter();
    let running: Vec<_> = workers.into_iter().map(|worker| tokio::spawn(worker.run(stopped.clone()))).collect();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_done() {
        assert!(Instant::now() < deadline, "{:?}", setting.deliveries(message));
        std::thread::sleep(Duration::from_millis(20));
        // What is to be tried again is due by this clock.
        setting.pass_seconds(5);
    }
    stop.send(true).unwrap();
    for one in running {
        setting.runtime.block_on(one).unwrap();
    }
}

fn codes(setting: &Setting, message: &str) -> Vec<String> {
    let number = setting.deliveries(message)[0].sequence;
    setting
        .runtime
        .block_on(setting.journal.attempts(number))
        .unwrap()
        .into_iter()
        .map(|attempt| attempt.code)
        .collect()
}

#[test]
fn a_retry_gives_the_same_bytes_and_a_receipt_in_the_answer_counts() {
    let endpoint = Server::start(request);
    endpoint.will(|_| http(503, ""));
    endpoint.will(|message| {
        let id = text_of(std::str::from_utf8(message).unwrap(), "MsgId").to_owned();
        http(200, &app_rec("r1", &id, OK))
    });
    let setting = Setting::with("status-wire", &destinations(endpoint.port, 9));
    let referral = setting.send(HENVISNING, &[]);
    let id = setting.tell(&referral, "offered", None).unwrap();
    until(&setting, &id, DeliveryState::Delivered);
    assert_eq!(codes(&setting, &id), ["delivery.throttled", "receipt.positive"]);
    let received = endpoint.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0], received[1]);
    let request = String::from_utf8(received[0].clone()).unwrap();
    assert!(request.starts_with("POST /in HTTP/1.1\r\ncontent-type: application/xml; charset=utf-8\r\n"), "{request}");
    assert!(request.ends_with(&format!("\r\n\r\n{}", setting.original(&id))), "{request}");
    setting.look();
    assert_eq!(setting.row(&id).disposition, "receipted");
    assert_eq!(
        setting.audits(&id),
        ["create success gateway", "deliver success destination", "update success gateway"]
    );
}

#[test]
fn a_rejection_in_the_answer_is_a_dead_letter_and_an_alarm() {
    let endpoint = Server::start(request);
    endpoint.will(|message| {
        let id = text_of(std::str::from_utf8(message).unwrap(), "MsgId").to_owned();
        http(200, &app_rec("r1", &id, REJECTED))
    });
    let setting = Setting::with("status-rejected", &destinations(endpoint.port, 9));
    let referral = setting.send(HENVISNING, &[]);
    let id = setting.tell(&referral, "offered", None).unwrap();
    until(&setting, &id, DeliveryState::Dead);
    assert_eq!(codes(&setting, &id), ["receipt.negative"]);
    setting.look();
    assert_eq!(setting.row(&id).disposition, "receipt-negative");
}

#[test]
fn without_a_receipt_in_the_answer_one_is_waited_for() {
    let endpoint = Server::start(request);
    endpoint.will(|_| http(202, ""));
    let setting = Setting::with("status-accepted", &destinations(endpoint.port, 9));
    let referral = setting.send(HENVISNING, &[]);
    let id = setting.tell(&referral, "offered", None).unwrap();
    until(&setting, &id, DeliveryState::Delivered);
    setting.look();
    assert_eq!(setting.row(&id).disposition, "awaiting-receipt");
    setting.pass(97);
    setting.look();
    assert_eq!(setting.row(&id).disposition, "receipt-overdue");
}

#[test]
fn hl7_v2_goes_over_mllp_in_its_character_set_and_in_order() {
    let receiver = Server::start(block);
    receiver.will(|message| acknowledged(message, "CE"));
    receiver.will(|message| acknowledged(message, "CA"));
    receiver.will(|message| acknowledged(message, "AA"));
    let setting = Setting::with("status-mllp", &destinations(9, receiver.port));
    let text = std::fs::read_to_string(super::setting::golden(HL7V2)).unwrap().replace("UNICODE UTF-8", "8859/1");
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let referral = setting.send_bytes(bytes);
    let told = setting.tell_all(&referral, &[("screening", None), ("offered", None)]);
    until(&setting, &told[1], DeliveryState::Delivered);
    assert_eq!(codes(&setting, &told[0]), ["delivery.failed", "delivery.done"]);
    assert_eq!(codes(&setting, &told[1]), ["delivery.done"]);
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    assert_eq!(received[0], received[1]);
    for (bytes, id) in received[1..].iter().zip(&told) {
        // One byte for each character: ISO 8859-1.
        let text: String = bytes.iter().copied().map(char::from).collect();
        assert_eq!(text, setting.original(id));
    }
}

#[test]
fn a_refusal_over_mllp_is_dead_and_an_answer_to_another_message_is_none() {
    let receiver = Server::start(block);
    receiver.will(|message| {
        let other = String::from_utf8_lossy(&acknowledged(message, "AA")).replace("MSA|AA|", "MSA|AA|x");
        other.into_bytes()
    });
    receiver.will(|message| acknowledged(message, "AR"));
    let setting = Setting::with("status-mllp-refused", &destinations(9, receiver.port));
    let referral = setting.send(HL7V2, &[]);
    let id = setting.tell(&referral, "offered", None).unwrap();
    until(&setting, &id, DeliveryState::Dead);
    assert_eq!(codes(&setting, &id), ["delivery.response-invalid", "delivery.refused"]);
}

#[test]
fn a_receiver_that_hangs_up_is_asked_again() {
    let receiver = Server::start(block);
    let setting = Setting::with("status-mllp-cut", &destinations(9, receiver.port));
    let referral = setting.send(HL7V2, &[]);
    let id = setting.tell(&referral, "offered", None).unwrap();
    let answers = Arc::clone(&receiver.answers);
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        answers.lock().unwrap().push_back(Box::new(|message| acknowledged(message, "AA")));
    });
    until(&setting, &id, DeliveryState::Delivered);
    assert_eq!(codes(&setting, &id)[0], "delivery.unreachable");
}

#[test]
fn a_newer_status_takes_the_place_of_a_dead_letter() {
    let endpoint = Server::start(request);
    endpoint.will(|_| http(400, ""));
    endpoint.will(|_| http(202, ""));
    let setting = Setting::with("status-superseded", &destinations(endpoint.port, 9));
    let referral = setting.send(HENVISNING, &[]);
    let one = setting.tell(&referral, "screening", None).unwrap();
    until(&setting, &one, DeliveryState::Dead);
    let two = setting.tell(&referral, "offered", None).unwrap();
    assert_eq!(setting.deliveries(&one)[0].state, DeliveryState::Superseded);
    until(&setting, &two, DeliveryState::Delivered);
    // That the first was never confirmed is an alarm all the same.
    setting.pass(97);
    setting.look();
    assert_eq!(setting.row(&one).disposition, "receipt-overdue");
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

/// Sends a status to a receiver with mutual TLS; the code of the first attempt, and how many messages came.
fn over_tls(
    name: &str,
    trusted: &Authority,
    shown: &Authority,
    (server, clients): (&Issued, &Authority),
) -> (String, usize) {
    let config = mutual(server, clients);
    let receiver = Server::start_over(block, move |stream| {
        Box::new(StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream))
    });
    receiver.will(|message| acknowledged(message, "CA"));
    let client = shown.issue("gateway");
    let files = crate::support::Folder::new(name);
    let ca = files.write("ca.pem", trusted.pem());
    let identity = files.write("identity.pem", format!("{}{}", client.0.pem(), client.1.serialize_pem()));
    let keys = format!("ca_file = {ca:?}\nclient_identity_file = {identity:?}\n");
    let setting = Setting::with(name, &with_receiver(9, &format!("mllps://localhost:{}", receiver.port), &keys));
    let referral = setting.send(HL7V2, &[]);
    let id = setting.tell(&referral, "offered", None).unwrap();
    attempt(&setting, &id);
    (codes(&setting, &id).remove(0), receiver.received().len())
}

#[test]
fn over_tls_each_side_must_be_who_it_is_configured_to_be() {
    let (authority, clients, stranger) = (Authority::new(), Authority::new(), Authority::new());
    let server = authority.issue("localhost");
    let sides = (&server, &clients);
    assert_eq!(over_tls("mllps", &authority, &clients, sides), ("delivery.done".to_owned(), 1));
    // A server that another issuer vouches for, and a client that does, are not spoken to.
    assert_eq!(over_tls("mllps-server", &stranger, &clients, sides), ("delivery.unreachable".to_owned(), 0));
    assert_eq!(over_tls("mllps-client", &authority, &stranger, sides), ("delivery.unreachable".to_owned(), 0));
    // Nor is one of another name.
    let other = authority.issue("ehr.example");
    assert_eq!(
        over_tls("mllps-name", &authority, &clients, (&other, &clients)),
        ("delivery.unreachable".to_owned(), 0)
    );
}
