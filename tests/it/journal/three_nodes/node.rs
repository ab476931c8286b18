//! A gateway in a process of its own, and requests to it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

/// A process that is killed when the test ends.
pub(super) struct Node {
    child: Child,
    /// Where it listens.
    pub(super) address: String,
}

impl Node {
    pub(super) fn start(config: &Path, log: &Path) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_impress-gateway"))
            .arg("serve")
            .arg("--config")
            .arg(config)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening http ").unwrap_or_else(|| panic!("not started: {line}"));
        Self { address: address.to_owned(), child }
    }

    /// Ends it between two instructions.
    pub(super) fn kill(&mut self) {
        // SIGKILL, on every Unix.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A node that is there, or is away until it is started again.
pub(super) type Place = Mutex<Option<Node>>;

/// The answer to a request; none where the node is away, or goes away meanwhile.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

pub(super) fn request(place: &Place, method: &str, path: &str, secret: &str, body: &[u8]) -> Option<Answer> {
    let address = place.lock().unwrap().as_ref()?.address.clone();
    let mut stream = TcpStream::connect(&address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {secret}\r\n\
         Content-Type: application/fhir+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let (start, headers, body) = read_message(&mut BufReader::new(stream))?;
    let status = start.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, headers, body })
}

/// Start line, headers in small letters, and body of an HTTP message with a length; none where it ends before.
pub(super) fn read_message(reader: &mut impl BufRead) -> Option<(String, BTreeMap<String, String>, Vec<u8>)> {
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        Some(line.trim_end().to_owned())
    };
    let start = line()?;
    let mut headers = BTreeMap::new();
    loop {
        let header = line()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((start, headers, body))
}
