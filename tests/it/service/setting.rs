//! `serve` as a process, and a client.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::destination::Destination;
use super::privacy;
use crate::support::{Folder, program};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const TRUST: &str = "trust-secret-trust-secret-trust-secret";
pub(crate) const OTHER: &str = "other-secret-other-secret-other-secret";
pub(crate) const LABORATORY: &str = "laboratory-secret-laboratory-secret";
pub(crate) const TRIAL: &str = "trial-secret-trial-secret-trial-secre";
pub(crate) const OPERATOR: &str = "operator-secret-operator-secret-op";

pub(crate) fn golden(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(path)).unwrap()
}

/// Waits until it is so.
pub(crate) fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    /// Stable code of the first issue.
    pub(crate) fn code(&self) -> String {
        self.json()["issue"][0]["details"]["coding"][0]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn read(stream: impl Read) -> Self {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {line:?}")).parse().unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            // A header that stands twice is a line more.
            let lines: &mut String = headers.entry(name.to_ascii_lowercase()).or_default();
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(value);
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        Self { status, headers, body }
    }
}

/// A running gateway.
pub(crate) struct Gateway {
    pub(crate) folder: Folder,
    process: Option<Child>,
    pub(crate) address: String,
    /// Of the listener for HL7 v2, where there is one.
    pub(crate) mllp: String,
}

impl Gateway {
    /// With destinations under names that routing knows.
    pub(crate) fn start(name: &str, destinations: &[(&str, &Destination)]) -> Self {
        Self::start_with(name, destinations, "")
    }

    /// `server` are further keys of `[server]`, and sections.
    pub(crate) fn start_with(name: &str, destinations: &[(&str, &Destination)], server: &str) -> Self {
        Self::start_in(Folder::new(name), destinations, server)
    }

    /// In a folder that has files already.
    pub(crate) fn start_in(folder: Folder, destinations: &[(&str, &Destination)], server: &str) -> Self {
        let callers = [
            ("forde", "983974732", "trust", TRUST),
            ("ous", "993467049", "trust", OTHER),
            ("inpred", "IPD", "laboratory", LABORATORY),
            ("trial", "trial", "trial", TRIAL),
            ("operator", "operator", "operator", OPERATOR),
        ];
        Self::start_of(folder, &callers, destinations, server)
    }

    /// Without anybody who has a secret.
    pub(crate) fn start_without_callers(folder: Folder, server: &str) -> Self {
        Self::start_of(folder, &[], &[], server)
    }

    fn start_of(
        folder: Folder,
        callers: &[(&str, &str, &str, &str)],
        destinations: &[(&str, &Destination)],
        server: &str,
    ) -> Self {
        folder.write("ids.secret", "a secret of the tests, long enough to be one");
        let mut text = format!(
            "[ids]\nsecret_file = \"ids.secret\"\n[identity]\naccept_synthetic = true\n[journal]\npath = \"journal.sqlite\"\n\
             [server]\nlisten = \"127.0.0.1:0\"\n{server}\n"
        );
        for (name, organisation, role, secret) in callers {
            folder.write(&format!("{name}.secret"), *secret);
            text.push_str(&format!(
                "[[caller]]\nname = \"{name}\"\norganisation = \"{organisation}\"\nrole = \"{role}\"\nsecret_file = \"{name}.secret\"\n"
            ));
        }
        for (name, destination) in destinations {
            let port = destination.port();
            text.push_str(&format!(
                "[[destination]]\nname = \"{name}\"\nurl = \"http://127.0.0.1:{port}/fhir\"\nlongest_retry_seconds = 1\n\
                 timeout_seconds = 2\n"
            ));
        }
        folder.write("gateway.toml", text);
        let mut gateway = Self { folder, process: None, address: String::new(), mllp: String::new() };
        gateway.run();
        gateway
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("gateway.toml")
    }

    /// Changes the configuration, for the next start.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.config()).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(self.config(), text.replace(from, to)).unwrap();
    }

    /// Starts the process (again).
    pub(crate) fn run(&mut self) {
        self.search_log();
        let mut process = Command::new(program())
            .args(["serve", "--config"])
            .arg(self.config())
            .env("RUST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(self.folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let has_mllp = std::fs::read_to_string(self.config()).unwrap().contains("[mllp]");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        self.process = Some(process);
        let mut address = |of: &str| {
            let line = lines.next().unwrap_or_else(|| panic!("{}", self.log())).unwrap();
            line.strip_prefix(of).unwrap_or_else(|| panic!("{line}")).to_owned()
        };
        let has_tls = std::fs::read_to_string(self.config()).unwrap().contains("[server.tls]");
        let http = address(if has_tls { "listening https " } else { "listening http " });
        let mllp = if has_mllp { address("listening mllp ") } else { String::new() };
        (self.address, self.mllp) = (http, mllp);
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Nothing of a person may be in what was logged so far.
    fn search_log(&self) {
        if let Ok(text) = std::fs::read_to_string(self.folder.path().join("log")) {
            privacy::search("the log", &text);
        }
    }

    /// The journal's file, opened beside the gateway.
    pub(crate) fn open_journal(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("journal.sqlite")).unwrap()
    }

    /// Makes every commit fail until the name is given back.
    pub(crate) fn break_journal(&self) {
        self.open_journal().execute_batch("ALTER TABLE messages RENAME TO messages_gone").unwrap();
    }

    pub(crate) fn mend_journal(&self) {
        self.open_journal().execute_batch("ALTER TABLE messages_gone RENAME TO messages").unwrap();
    }

    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// SIGTERM; the exit status.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        self.tell_to_stop();
        self.wait()
    }

    /// SIGTERM.
    pub(crate) fn tell_to_stop(&self) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
    }

    /// The exit status of a process that was told to stop.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.process.take().unwrap().wait().unwrap().code()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn request(&self, method: &str, path: &str, secret: &str, kind: &str, body: &[u8]) -> Response {
        let mut stream = self.connect();
        let authorization =
            if secret.is_empty() { String::new() } else { format!("Authorization: Bearer {secret}\r\n") };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{authorization}{kind}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A refusal may come before all of the body was taken.
        let _ = stream.write_all(body);
        let response = Response::read(stream);
        let head: String = response.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        privacy::search("the head of an answer", &head);
        // What says no, or counts, is read by others than the sender.
        if response.status >= 400 || path == "/metrics" {
            privacy::search_answer(&response.body);
        }
        response
    }

    /// A referral that must be taken; the id of its message.
    pub(crate) fn send(&self, body: &[u8]) -> String {
        let answer = self.referral(body);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.header("x-message-id").to_owned()
    }

    pub(crate) fn get(&self, path: &str, secret: &str) -> Response {
        self.request("GET", path, secret, "", b"")
    }

    pub(crate) fn referral(&self, body: &[u8]) -> Response {
        self.request("POST", "/intake/referrals", TRUST, "", body)
    }

    /// `GET /messages/{id}` as an operator.
    pub(crate) fn message(&self, id: &str) -> Value {
        self.get(&format!("/messages/{id}"), OPERATOR).json()
    }

    /// States of the deliveries of a message, and codes of the attempts of its first one, oldest first.
    pub(crate) fn deliveries(&self, id: &str) -> (Vec<String>, Vec<String>) {
        let message = self.message(id);
        let texts = |list: &Value, name: &str| -> Vec<String> {
            list.as_array().unwrap().iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
        };
        (texts(&message["deliveries"], "state"), texts(&message["deliveries"][0]["attempts"], "code"))
    }

    /// The referral of a message, as the commands on consent name it.
    pub(crate) fn case(&self, id: &str) -> String {
        self.message(id)["case"].as_str().unwrap().to_owned()
    }

    /// Waits until a message has ended so.
    pub(crate) fn until_disposition(&self, id: &str, disposition: &str) {
        until(&format!("{id} is {disposition}"), || (self.message(id)["disposition"] == disposition).then_some(()));
    }

    /// A command on the journal.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        Command::new(program()).args(arguments).arg("--config").arg(self.config()).output().unwrap()
    }

    /// What a command prints.
    pub(crate) fn printed(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
        if !std::thread::panicking() {
            self.search_log();
        }
    }
}
