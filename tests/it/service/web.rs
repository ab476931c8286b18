//! An HTTP server on this host that answers as a test says, over TLS where the test wants it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) path: String,
    head: String,
    pub(crate) body: String,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// Status, further headers, body.
pub(crate) type Said = (u16, String, String);

pub(crate) struct Web {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Web {
    pub(crate) fn start(answer: impl Fn(&Heard) -> Said + Send + Sync + 'static) -> Self {
        Self::start_over(|stream| stream, answer)
    }

    /// Over what `wrap` makes of a connection.
    pub(crate) fn start_over<S: Read + Write>(
        wrap: impl Fn(TcpStream) -> S + Send + Sync + 'static,
        answer: impl Fn(&Heard) -> Said + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        let (of_thread, both) = (Arc::clone(&heard), Arc::new((wrap, answer)));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (heard, both) = (Arc::clone(&of_thread), Arc::clone(&both));
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(both.0(stream));
                    let request = read(&mut stream)?;
                    heard.lock().unwrap().push(request.clone());
                    let (status, headers, body) = both.1(&request);
                    let head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}");
                    let text = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
                    stream.get_mut().write_all(text.as_bytes()).ok()?;
                    stream.get_mut().flush().ok()
                });
            }
        });
        Self { port, heard }
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

fn read(reader: &mut impl BufRead) -> Option<Heard> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.to_owned();
    let mut heard = Heard { path, head, body: String::new() };
    let length = heard.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    heard.body = String::from_utf8(body).unwrap();
    Some(heard)
}
