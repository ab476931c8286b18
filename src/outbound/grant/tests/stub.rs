//! A server on this host that answers as a test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that came.
#[derive(Debug, Clone)]
pub(super) struct Received {
    path: String,
    head: String,
    pub(super) body: String,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// Status, further headers, body.
type Answer = (u16, &'static str, String);

pub(super) struct Stub {
    port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Stub {
    /// `answer` gets the path, how many requests have come, and the request.
    pub(super) fn start(answer: impl Fn(&str, usize, &Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let (of_thread, answer) = (Arc::clone(&received), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (received, answer) = (Arc::clone(&of_thread), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let request = read(&stream)?;
                    let count = {
                        let mut received = received.lock().unwrap();
                        received.push(request.clone());
                        received.len()
                    };
                    let (status, headers, body) = answer(&request.path, count, &request);
                    let head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}");
                    let text = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
                    (&stream).write_all(text.as_bytes()).ok()
                });
            }
        });
        Self { port, received }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What came for a path.
    pub(super) fn at(&self, path: &str) -> Vec<Received> {
        let received = self.received.lock().unwrap();
        received.iter().filter(|received| received.path == path).cloned().collect()
    }
}

fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.split('?').next()?.to_owned();
    let mut received = Received { path, head, body: String::new() };
    let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    received.body = String::from_utf8(body).unwrap();
    Some(received)
}
