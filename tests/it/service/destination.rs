//! A destination that writes down what it gets, and answers as it is told.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::setting::until;

/// How a destination answers one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    Status(u16),
    /// 503 with this `Retry-After`.
    ComeBack(&'static str),
    Close,
    /// Longer than the gateway waits.
    Stall,
    /// 200, with this status of the first entry.
    Entry(&'static str),
    /// 200, with an entry too few.
    EntryMissing,
}

const STORED: Behaviour = Behaviour::Status(200);

/// A request that a destination got.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// Idempotency-Key.
    pub(super) key: String,
    /// X-Request-Id.
    pub(super) request: String,
    pub(crate) body: String,
    /// Whether it was answered as stored.
    pub(super) stored: bool,
    pub(super) at: Instant,
}

#[derive(Default)]
struct Plan {
    /// The next answers.
    next: VecDeque<Behaviour>,
    /// Once those are used up: the answer to every request that has the text in its key or body; the first that fits.
    rules: Vec<(String, Behaviour)>,
}

/// A destination; what nothing else is planned for is stored.
pub(crate) struct Destination {
    port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    plan: Arc<Mutex<Plan>>,
}

impl Destination {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (received, plan) = (Arc::<Mutex<Vec<Received>>>::default(), Arc::<Mutex<Plan>>::default());
        let of_thread = (Arc::clone(&received), Arc::clone(&plan));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (received, plan) = of_thread.clone();
                std::thread::spawn(move || serve(stream, &received, &plan));
            }
        });
        Self { port, received, plan }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The next answers.
    pub(super) fn will(&self, behaviours: &[Behaviour]) {
        self.plan.lock().unwrap().next.extend(behaviours);
    }

    /// From now on, in place of what was planned: an answer for what has a text in its key or body.
    pub(super) fn always(&self, rules: &[(&str, Behaviour)]) {
        let rules = rules.iter().map(|(text, behaviour)| ((*text).to_owned(), *behaviour)).collect();
        *self.plan.lock().unwrap() = Plan { next: VecDeque::new(), rules };
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn stored(&self) -> Vec<Received> {
        self.received().into_iter().filter(|received| received.stored).collect()
    }

    /// Waits until so many were stored.
    pub(crate) fn until_stored(&self, count: usize) -> Vec<Received> {
        until(&format!("{count} deliveries"), || Some(self.stored()).filter(|stored| stored.len() >= count))
    }

    /// Waits until something of a message came.
    pub(super) fn until_received(&self, message: &str) -> Received {
        until(&format!("an attempt of {message}"), || {
            self.received().into_iter().find(|it| it.key.starts_with(message))
        })
    }
}

/// The head of a request: length of the body, key and request id; none at the end of the connection.
fn head(reader: &mut impl BufRead) -> Option<(usize, String, String)> {
    let (mut length, mut key, mut request, mut line) = (0, String::new(), String::new(), String::new());
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "idempotency-key" => key = value.to_owned(),
                "x-request-id" => request = value.to_owned(),
                _ => {}
            }
        }
        line.clear();
    }
    (length > 0).then_some((length, key, request))
}

fn serve(stream: TcpStream, log: &Mutex<Vec<Received>>, plan: &Mutex<Plan>) {
    let mut reader = BufReader::new(stream);
    while let Some((length, key, request)) = head(&mut reader) {
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        let count = serde_json::from_str::<Value>(&body).unwrap()["entry"].as_array().unwrap().len();
        let behaviour = {
            let mut plan = plan.lock().unwrap();
            let fits = |text: &String| key.contains(text) || body.contains(text);
            let rule = plan.rules.iter().find(|(text, _)| fits(text)).map(|(_, behaviour)| *behaviour);
            plan.next.pop_front().or(rule).unwrap_or(STORED)
        };
        let stored = behaviour == STORED;
        log.lock().unwrap().push(Received { key, request, body, stored, at: Instant::now() });
        let Some(answer) = answer(behaviour, count) else { return };
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// None: the connection ends without one.
fn answer(behaviour: Behaviour, count: usize) -> Option<String> {
    let (mut status, mut headers, mut statuses) = (200, String::new(), vec!["201 Created"; count]);
    match behaviour {
        Behaviour::Close => return None,
        Behaviour::Stall => {
            std::thread::sleep(Duration::from_secs(3));
            return None;
        }
        Behaviour::Status(other) => status = other,
        Behaviour::ComeBack(after) => (status, headers) = (503, format!("Retry-After: {after}\r\n")),
        Behaviour::Entry(of_entry) => statuses[0] = of_entry,
        Behaviour::EntryMissing => drop(statuses.pop()),
    }
    let entries: Vec<Value> = statuses.iter().map(|status| json!({"response": {"status": status}})).collect();
    let text = json!({"resourceType": "Bundle", "type": "transaction-response", "entry": entries}).to_string();
    Some(format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n{text}", text.len()))
}
