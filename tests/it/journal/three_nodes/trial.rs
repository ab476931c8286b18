//! A trial system that notes what it gets.

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::node::read_message;

/// What came, in the order in which it did.
#[derive(Default)]
pub(super) struct Noted {
    /// Id of the delivery, the body, and whether it was stored.
    pub(super) requests: Vec<(String, Vec<u8>, bool)>,
}

impl Noted {
    /// Ids of the deliveries in the order of their effects: what has come before has none.
    pub(super) fn effects(&self) -> Vec<String> {
        let mut effects: Vec<String> = Vec::new();
        for (id, _, is_stored) in &self.requests {
            if *is_stored && !effects.contains(id) {
                effects.push(id.clone());
            }
        }
        effects
    }
}

/// The address of a trial system, and what it notes. It is busy every seventh time.
pub(super) fn start() -> (u16, Arc<Mutex<Noted>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let noted = Arc::new(Mutex::new(Noted::default()));
    let notes = Arc::clone(&noted);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, noted) = (stream.unwrap(), Arc::clone(&notes));
            std::thread::spawn(move || serve(stream, &noted));
        }
    });
    (port, noted)
}

fn serve(mut stream: TcpStream, noted: &Mutex<Noted>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        // A sender that was killed leaves half a request: nothing came of it.
        let (start, headers, body) = read_message(&mut reader)?;
        let answer = answer(&start, &headers, body, noted);
        let (status, body) = answer.map_or(("503 Busy", String::new()), |body| ("200 OK", body));
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    }
}

fn answer(start: &str, headers: &BTreeMap<String, String>, body: Vec<u8>, noted: &Mutex<Noted>) -> Option<String> {
    assert!(start.starts_with("POST /fhir "), "{start}");
    let id = headers["x-request-id"].clone();
    assert_eq!(headers["idempotency-key"], id);
    let bundle: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(bundle["type"], "transaction");
    let entries: Vec<Value> =
        bundle["entry"].as_array().unwrap().iter().map(|_| json!({"response": {"status": "200 OK"}})).collect();
    let mut noted = noted.lock().unwrap();
    let is_stored = noted.requests.len() % 7 != 6;
    noted.requests.push((id, body, is_stored));
    let response = json!({"resourceType": "Bundle", "type": "transaction-response", "entry": entries});
    is_stored.then(|| response.to_string())
}
