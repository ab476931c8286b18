//! A gateway whose journal holds resources of two trusts, of the trial and of everybody.

use std::sync::Arc;

use impress_gateway::fhir::search::tokens;
use impress_gateway::journal::sqlite::{Options, SqliteJournal};
use impress_gateway::journal::{AuditKey, Change, Committed, Grant, GrantWrite, Journal, NewResource};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) use crate::service::setting::TRIAL;
use crate::service::setting::{Gateway, Response};
use crate::support::Folder;

/// Organisation numbers of the callers `forde` and `ous` of every gateway of the tests.
pub(super) const FORDE: &str = "983974732";
pub(super) const OUS: &str = "993467049";

/// A resource with its owner, case and patient.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) resource: Value,
    pub(super) owner: &'static str,
    pub(super) case: Option<&'static str>,
    pub(super) patient: Option<&'static str>,
    pub(super) updated: &'static str,
    pub(super) is_deleted: bool,
}

impl Row {
    pub(super) fn new(owner: &'static str, resource: Value) -> Self {
        Self { resource, owner, case: None, patient: None, updated: "2026-03-01T10:00:00Z", is_deleted: false }
    }

    pub(super) fn of(self, patient: &'static str) -> Self {
        Self { patient: Some(patient), ..self }
    }

    pub(super) fn case(self, case: &'static str) -> Self {
        Self { case: Some(case), ..self }
    }

    pub(super) fn at(self, updated: &'static str) -> Self {
        Self { updated, ..self }
    }

    pub(super) fn deleted(self) -> Self {
        Self { is_deleted: true, ..self }
    }

    /// As it is kept.
    fn written(&self) -> NewResource {
        let text = |name: &str| self.resource[name].as_str().unwrap().to_owned();
        NewResource {
            kind: text("resourceType"),
            id: text("id"),
            owner: self.owner.to_owned(),
            case: self.case.map(str::to_owned),
            patient: self.patient.map(str::to_owned),
            updated: self.updated.parse().unwrap(),
            json: (!self.is_deleted).then(|| self.resource.to_string()),
            tokens: tokens(&self.resource, &|_, value| format!("sealed {value}")),
        }
    }
}

pub(super) fn subject(id: &str, patient: &str, study: &str, status: &str) -> Value {
    json!({
        "resourceType": "ResearchSubject",
        "id": id,
        "status": status,
        "study": {"reference": format!("ResearchStudy/{study}")},
        "individual": {"reference": format!("Patient/{patient}")},
    })
}

pub(super) fn task(id: &str, patient: &str, status: &str) -> Value {
    json!({
        "resourceType": "Task",
        "id": id,
        "identifier": [{"system": "urn:tasks", "value": format!("T,{id}")}],
        "status": status,
        "intent": "order",
        "for": {"reference": format!("Patient/{patient}")},
        "authoredOn": "2026-03-01T10:00:00+01:00",
    })
}

/// Two trusts with a patient each, a public study that both have a subject of, and the trial's own forms.
pub(super) fn rows() -> Vec<Row> {
    let patient = |id: &str| json!({"resourceType": "Patient", "id": id, "gender": "female"});
    let request = |id: &str, patient: &str| {
        json!({"resourceType": "ServiceRequest", "id": id, "status": "active", "intent": "order",
            "subject": {"reference": format!("Patient/{patient}")}})
    };
    let study = |id: &str| json!({"resourceType": "ResearchStudy", "id": id, "title": "Kohort Å", "status": "active"});
    vec![
        Row::new(FORDE, patient("fp")).of("fp").case("referral/f"),
        Row::new(OUS, patient("op")).of("op").case("referral/o"),
        Row::new(FORDE, request("fr", "fp")).of("fp").case("referral/f"),
        Row::new(OUS, request("or", "op")).of("op").case("referral/o"),
        Row::new("public", study("study")),
        Row::new("trial", study("trial-study")),
        Row::new("trial", subject("trial-subject", "pseudonym", "trial-study", "candidate")),
        Row::new(FORDE, subject("fs", "fp", "study", "candidate")).of("fp").case("referral/f"),
        Row::new(OUS, subject("os", "op", "study", "off-study")).of("op").case("referral/o"),
        Row::new(FORDE, task("ft", "fp", "ready")).of("fp").case("referral/f").at("2026-03-02T10:00:00Z"),
        Row::new(FORDE, task("ft", "fp", "completed")).of("fp").case("referral/f").at("2026-03-03T10:00:00Z"),
        Row::new(OUS, task("ot", "op", "ready")).of("op").case("referral/o").at("2026-03-04T10:00:00Z"),
        Row::new(FORDE, task("gone", "fp", "draft")).of("fp").at("2026-03-02T10:00:00Z"),
        Row::new(FORDE, task("gone", "fp", "draft")).of("fp").at("2026-03-05T10:00:00Z").deleted(),
    ]
}

fn journal(folder: &Folder) -> Arc<dyn Journal> {
    let secret = b"a secret of the tests, long enough to be one";
    let path = folder.path().join("journal.sqlite");
    let options = Options { key: AuditKey::new(secret), ..Options::new(&path) };
    Arc::new(SqliteJournal::open(options).unwrap())
}

/// A gateway over these rows, each written by a commit of its own.
pub(super) fn gateway(name: &str, rows: &[Row]) -> Gateway {
    gateway_with(name, rows, &[], "")
}

/// With grants, and sections of the configuration.
pub(super) fn gateway_with(name: &str, rows: &[Row], grants: &[(&str, &str)], sections: &str) -> Gateway {
    let folder = Folder::new(name);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let journal = journal(&folder);
    let commit = |change: Change| assert_eq!(runtime.block_on(journal.commit(change)).unwrap(), Committed::Stored);
    // Of many none is written twice.
    let at_once = if rows.len() > 1_000 { rows.len() } else { 1 };
    for some in rows.chunks(at_once) {
        commit(Change { resources: some.iter().map(Row::written).collect(), ..Change::default() });
    }
    let from: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
    for (case, trust) in grants {
        let (case, trust, reason) = ((*case).to_owned(), (*trust).to_owned(), "operator".to_owned());
        let grant = GrantWrite::Give(Grant { case, trust, reason, from, to: None });
        commit(Change { grants: vec![grant], ..Change::default() });
    }
    drop(journal);
    Gateway::start_in(folder, &[], sections)
}

/// A GET that must be answered.
pub(super) fn get(gateway: &Gateway, path: &str, secret: &str) -> Response {
    let answer = gateway.get(path, secret);
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("content-type"), "application/fhir+json; charset=utf-8", "{path}");
    answer
}

/// `mode id` of each entry of a searchset.
pub(super) fn entries(bundle: &Value) -> Vec<String> {
    assert_eq!((bundle["resourceType"].as_str(), bundle["type"].as_str()), (Some("Bundle"), Some("searchset")));
    let entries = bundle["entry"].as_array().into_iter().flatten();
    let line = |entry: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!("{} {}", text(&entry["search"]["mode"]), text(&entry["resource"]["id"]))
    };
    entries.map(line).collect()
}

/// Ids of what a search finds.
pub(super) fn found(gateway: &Gateway, query: &str, secret: &str) -> Vec<String> {
    let bundle = get(gateway, &format!("/fhir/{query}"), secret).json();
    let matches = entries(&bundle).into_iter().filter_map(|entry| entry.strip_prefix("match ").map(str::to_owned));
    matches.collect()
}

/// The address of a link, as a path.
pub(super) fn link(bundle: &Value, relation: &str) -> Option<String> {
    let link = bundle["link"].as_array()?.iter().find(|link| link["relation"] == relation)?;
    let url = link["url"].as_str()?;
    let (_, rest) = url.split_once("://").unwrap_or_else(|| panic!("{url} is not absolute"));
    rest.find('/').map(|at| rest[at..].to_owned())
}

/// What an answer says, without what is another in each: the trace and the date.
pub(super) fn told(answer: &Response) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| !["date", "x-trace-id"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
    (answer.status, headers, String::from_utf8_lossy(&answer.body).into_owned())
}
