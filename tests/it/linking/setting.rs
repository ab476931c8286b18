//! The spine of the service on a journal of its own, without the network.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use impress_gateway::clock::{Clock, SystemClock};
use impress_gateway::config::Config;
use impress_gateway::journal::{
    CaseWrite, Change, Committed, DeliveryState, Filter, Grant, GrantWrite, Journal, MessageRow, ResourceRow, Scope,
    Search, Settlement,
};
use impress_gateway::linking::consent::ConsentState;
use impress_gateway::pipeline::intake::{Answer, Arrival, Intake, LinkError, Target, Who};
use impress_gateway::startup::service;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::support::Folder;

/// The trust that the golden referral is of.
const TRUST: &str = "983974732";

pub(super) struct Setting {
    runtime: Runtime,
    intake: Arc<Intake>,
    journal: Arc<dyn Journal>,
    _folder: Folder,
}

fn operator() -> Who {
    Who { organisation: "operator".to_owned(), role: "operator", trace: "0".repeat(32), ..Who::default() }
}

fn golden(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(path)
}

impl Setting {
    pub(super) fn new(name: &str) -> Self {
        Self::with(name, "")
    }

    /// With further sections of the configuration.
    pub(super) fn with(name: &str, sections: &str) -> Self {
        Self::of(Folder::new(name), sections, Arc::new(SystemClock))
    }

    /// In a folder that may have files of its own, at a time of the test's own.
    pub(super) fn of(folder: Folder, sections: &str, clock: Arc<dyn Clock>) -> Self {
        folder.write("secret", "a secret of the tests, long enough to be one");
        let destinations = ["trial-system", "care-chain", "laboratory"]
            .map(|name| format!("[[destination]]\nname = \"{name}\"\nurl = \"http://127.0.0.1:9/{name}\"\n"));
        let text = format!(
            "{sections}[ids]\nsecret_file = \"secret\"\n[identity]\naccept_synthetic = true\n[journal]\npath = \"journal.sqlite\"\n{}",
            destinations.concat()
        );
        let config = Config::load(Some(&folder.write("gateway.toml", text)), Vec::new()).unwrap();
        let runtime = Runtime::new().unwrap();
        let journal = runtime.block_on(service::journal(&config)).unwrap();
        let intake = service::intake(&config, Arc::clone(&journal), clock).unwrap();
        Self { runtime, intake, journal, _folder: folder }
    }

    fn arrival(role: &'static str, organisation: &str, bytes: Vec<u8>) -> Arrival {
        Arrival {
            channel: "http",
            organisation: organisation.to_owned(),
            role,
            bytes,
            content_type: "application/octet-stream".to_owned(),
            trace: uuid::Uuid::new_v4().simple().to_string(),
            ..Arrival::default()
        }
    }

    /// Sends the golden referral without a consent, changed in `requisition` or `id`; the id of its ServiceRequest.
    pub(super) fn send_referral(&self, changes: &[(&str, &str)]) -> String {
        self.send_referral_as(TRUST, changes)
    }

    /// As [`Setting::send_referral`], of another trust.
    pub(super) fn send_referral_as(&self, trust: &str, changes: &[(&str, &str)]) -> String {
        let mut bundle: Value =
            serde_json::from_slice(&std::fs::read(golden("one-patient/ehr-fhir.json")).unwrap()).unwrap();
        for entry in bundle["entry"].as_array_mut().unwrap() {
            let resource = &mut entry["resource"];
            for (name, value) in changes {
                match (*name, resource["resourceType"].as_str().unwrap()) {
                    ("requisition", "ServiceRequest") => resource["requisition"] = serde_json::json!({"value": value}),
                    ("id", "ServiceRequest") => resource["identifier"][0]["value"] = Value::from(*value),
                    ("id", "MessageHeader") => resource["id"] = Value::from(*value),
                    _ => {}
                }
            }
        }
        if let Some((_, id)) = changes.iter().find(|(name, _)| *name == "id") {
            bundle["identifier"]["value"] = Value::from(format!("message-of-{id}"));
        }
        self.referral(&self.send_text(trust, bundle.to_string().replace(TRUST, trust)))
    }

    /// Sends a golden referral with texts replaced; the id of the message.
    pub(super) fn send_golden(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let mut text = std::fs::read_to_string(golden(path)).unwrap();
        for (old, new) in changes {
            assert!(text.contains(old), "{path} has no {old}");
            text = text.replace(old, new);
        }
        self.send_text(TRUST, text)
    }

    pub(super) fn send_golden_as(&self, trust: &str, path: &str) -> String {
        self.send_text(trust, std::fs::read_to_string(golden(path)).unwrap())
    }

    pub(super) fn send_text(&self, trust: &str, text: String) -> String {
        let arrival = Self::arrival("trust", trust, text.into_bytes());
        let answer = self.runtime.block_on(self.intake.receive_referral(arrival));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.message.unwrap()
    }

    /// The text of an element of a golden referral.
    pub(super) fn text_of(&self, path: &str, element: &str) -> String {
        let text = std::fs::read_to_string(golden(path)).unwrap();
        let (_, rest) = text.split_once(&format!("<{element}>")).unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    }

    /// Id of the referral that a message belongs to.
    pub(super) fn referral(&self, message: &str) -> String {
        self.case(message).strip_prefix("referral/").unwrap().to_owned()
    }

    /// Changes a case in the journal, past the service.
    pub(super) fn amend(&self, key: &str, change: impl FnOnce(&mut Value)) {
        let case = self.runtime.block_on(self.journal.cases(vec![key.to_owned()])).unwrap().pop().unwrap();
        let mut state: Value = serde_json::from_str(&case.state.unwrap_or_else(|| "{}".to_owned())).unwrap();
        change(&mut state);
        let write = CaseWrite { key: key.to_owned(), read_revision: case.revision, state: state.to_string() };
        let change = Change { cases: vec![write], ..Change::default() };
        assert_eq!(self.runtime.block_on(self.journal.commit(change)).unwrap(), Committed::Stored);
    }

    pub(super) fn sweep(&self) {
        self.runtime.block_on(self.intake.sweep()).unwrap();
    }

    /// What a scope shows of a type.
    pub(super) fn search(&self, scope: &Scope, kind: &str) -> Vec<ResourceRow> {
        self.runtime.block_on(self.journal.search(scope.clone(), Search::of(kind, 1_000))).unwrap()
    }

    /// Gives a trust what belongs to a referral.
    pub(super) fn grant(&self, referral: &str, trust: &str) {
        let (case, trust, reason) = (format!("referral/{referral}"), trust.to_owned(), "operator".to_owned());
        let grant = GrantWrite::Give(Grant { case, trust, reason, from: self.intake.clock.now(), to: None });
        let change = Change { grants: vec![grant], ..Change::default() };
        assert_eq!(self.runtime.block_on(self.journal.commit(change)).unwrap(), Committed::Stored);
    }

    pub(super) fn send_archive(&self, folder: &str) -> Answer {
        self.receive("IPD", archive(&golden(&format!("tso500/{folder}/input")), None))
    }

    /// Sends a folder of one patient as another laboratory.
    pub(super) fn send_folder_as(&self, laboratory: &str, folder: &str) -> String {
        let answer = self.receive(laboratory, archive(&golden(&format!("tso500/{folder}/input")), None));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        self.reports().pop().unwrap()
    }

    fn receive(&self, laboratory: &str, bytes: Vec<u8>) -> Answer {
        let arrival = Self::arrival("laboratory", laboratory, bytes);
        self.runtime.block_on(self.intake.receive_report(arrival))
    }

    /// Ids of the messages of the patients in a folder, sorted.
    pub(super) fn send_folders(&self, folder: &str) -> Vec<String> {
        let answer = self.send_archive(folder);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        self.reports()
    }

    /// Id of the message of the only patient in a folder.
    pub(super) fn send_folder(&self, folder: &str) -> String {
        self.send_folders(folder).pop().unwrap()
    }

    /// As [`Setting::send_folder`], with another value in its files; the message that is new.
    pub(super) fn send_changed(&self, folder: &str, edit: (&str, &str)) -> String {
        let before = self.reports();
        let answer = self.send_edited(folder, edit);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        self.reports().into_iter().find(|report| !before.contains(report)).unwrap()
    }

    pub(super) fn send_edited(&self, folder: &str, edit: (&str, &str)) -> Answer {
        self.receive("IPD", archive(&golden(&format!("tso500/{folder}/input")), Some(edit)))
    }

    /// The newest report that ended so.
    pub(super) fn newest(&self, disposition: &str) -> String {
        let filter = Filter { disposition: Some(disposition.to_owned()), limit: 100, ..Filter::default() };
        let rows = self.runtime.block_on(self.journal.messages(filter)).unwrap();
        rows.into_iter().find(|row| row.kind == "report").unwrap().id
    }

    fn reports(&self) -> Vec<String> {
        let filter = Filter { limit: 100, ..Filter::default() };
        let rows = self.runtime.block_on(self.journal.messages(filter)).unwrap();
        let mut ids: Vec<String> = rows.into_iter().filter(|row| row.kind == "report").map(|row| row.id).collect();
        ids.sort();
        ids
    }

    pub(super) fn send_specimen(&self, sample: &str, request: &str) -> Answer {
        let text =
            format!(r#"{{"resourceType":"Specimen","identifier":[{{"value":"{sample}"}}],"request":[{request}]}}"#);
        let arrival = Self::arrival("laboratory", "IPD", text.into_bytes());
        self.runtime.block_on(self.intake.receive_specimen(arrival))
    }

    /// The laboratory names the requisition number of a sample and who requested.
    pub(super) fn send_requisition(&self, sample: &str, number: &str, requester: &str) -> Answer {
        let assigner = format!(r#"{{"identifier":{{"value":"{requester}"}}}}"#);
        self.send_specimen(sample, &format!(r#"{{"identifier":{{"value":"{number}","assigner":{assigner}}}}}"#))
    }

    pub(super) fn link(&self, sample: &str, target: &Target) -> Result<(), LinkError> {
        self.runtime.block_on(self.intake.link(&[sample.to_owned()], target, &operator()))
    }

    pub(super) fn resolve(&self, report: &str, referral: &str) -> Result<(), LinkError> {
        self.runtime.block_on(self.intake.resolve(report, referral, &operator()))
    }

    pub(super) fn consent(&self, referral: &str) {
        self.state(referral, ConsentState::Given);
    }

    pub(super) fn withdraw(&self, referral: &str) {
        self.state(referral, ConsentState::Withdrawn);
    }

    fn state(&self, referral: &str, state: ConsentState) {
        let key = format!("referral/{referral}");
        self.runtime.block_on(self.intake.record_consent(&key, state, &operator())).unwrap();
    }

    pub(super) fn row(&self, message: &str) -> MessageRow {
        self.runtime.block_on(self.journal.message(message.to_owned())).unwrap().unwrap()
    }

    pub(super) fn disposition(&self, message: &str) -> String {
        self.row(message).disposition
    }

    pub(super) fn reason(&self, message: &str) -> String {
        self.row(message).reason
    }

    pub(super) fn case(&self, message: &str) -> String {
        self.row(message).case.unwrap()
    }

    /// Takes everything that is due for a destination, as delivered.
    pub(super) fn deliveries(&self, destination: &str) -> Vec<String> {
        let mut bodies = Vec::new();
        loop {
            let now = self.intake.clock.now();
            let until = now.checked_add(jiff::SignedDuration::from_secs(60)).unwrap();
            let claimed = self.runtime.block_on(self.journal.claim(destination.to_owned(), 100, now, until)).unwrap();
            if claimed.is_empty() {
                return bodies;
            }
            for one in claimed {
                let settlement = Settlement {
                    delivery: one.delivery.sequence,
                    lease: one.lease,
                    state: DeliveryState::Delivered,
                    due: now,
                    attempt: None,
                    audits: Vec::new(),
                    at: now,
                };
                assert!(self.runtime.block_on(self.journal.settle(settlement)).unwrap());
                bodies.push(one.body);
            }
        }
    }
}

/// A folder as a tar archive; with `edit`, another value in its files and no list of checksums.
fn archive(folder: &Path, edit: Option<(&str, &str)>) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.unwrap();
        let name = entry.path().strip_prefix(folder).unwrap().to_owned();
        if entry.file_type().is_dir() || (edit.is_some() && name.extension().is_some_and(|end| end == "md5")) {
            continue;
        }
        let mut content = std::fs::read(entry.path()).unwrap();
        if let Some((old, new)) = edit {
            content = replaced(&content, old.as_bytes(), new.as_bytes());
        }
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, name, content.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}

/// Not every file is UTF-8.
fn replaced(content: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = rest.windows(old.len()).position(|window| window == old) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(new);
        rest = &rest[at + old.len()..];
    }
    result.extend_from_slice(rest);
    result
}
