//! A store of the test's own, on which several nodes can be opened, and what is written to it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use impress_gateway::domain::disposition::Disposition;
use impress_gateway::journal::postgres::{self, PostgresJournal};
use impress_gateway::journal::sqlite::{self, SqliteJournal};
use impress_gateway::journal::{
    Audit, CaseWrite, Change, Claimed, DeliveryKind, DeliveryState, Journal, NewDelivery, NewMessage, NewResource,
    Settlement,
};
use jiff::Timestamp;

use crate::support::Folder;

/// Tables of a journal that a change writes to.
pub(super) const TABLES: [&str; 7] = ["messages", "originals", "cases", "resources", "deliveries", "attempts", "audit"];

pub(super) enum Store {
    Sqlite(Folder),
    /// Connection string, within a schema.
    Postgres(String),
}

impl Store {
    pub(super) fn sqlite() -> Self {
        Self::Sqlite(Folder::new("journal"))
    }

    /// A schema of the server's database; none where there is no server.
    #[expect(clippy::print_stdout, reason = "a skipped test says so")]
    pub(super) async fn postgres() -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let Ok(server) = std::env::var("IMPRESS_POSTGRES") else {
            println!("SKIPPED journal-postgres: IMPRESS_POSTGRES is not set");
            return None;
        };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("journal_{}_{number}", std::process::id());
        let made = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
        session(&server).await.batch_execute(&made).await.unwrap();
        Some(Self::Postgres(format!("{server} options='-c search_path={schema}'")))
    }

    /// Another node on the same store.
    pub(super) async fn node(&self) -> Arc<dyn Journal> {
        match self {
            Self::Sqlite(_) => Arc::new(SqliteJournal::open(sqlite::Options::new(&self.file())).unwrap()),
            Self::Postgres(connection) => {
                let options = postgres::Options { connections: 6, ..postgres::Options::new(connection) };
                Arc::new(PostgresJournal::open(options).await.unwrap())
            }
        }
    }

    /// The file of the SQLite store.
    pub(super) fn file(&self) -> std::path::PathBuf {
        match self {
            Self::Sqlite(folder) => folder.path().join("journal.sqlite"),
            Self::Postgres(_) => panic!("not a file"),
        }
    }

    /// What a query finds, beside the journal.
    pub(super) async fn number(&self, query: &str) -> i64 {
        match self {
            Self::Sqlite(_) => {
                rusqlite::Connection::open(self.file()).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
            }
            Self::Postgres(connection) => session(connection).await.query_one(query, &[]).await.unwrap().get(0),
        }
    }

    /// Rows of each of [`TABLES`].
    pub(super) async fn counts(&self) -> [i64; TABLES.len()] {
        let mut counts = [0; TABLES.len()];
        for (count, table) in counts.iter_mut().zip(TABLES) {
            *count = self.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        }
        counts
    }

    pub(super) async fn remove(&self) {
        if let Self::Postgres(connection) = self {
            let schema = connection.rsplit('=').next().unwrap().trim_end_matches('\'');
            session(connection).await.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).await.unwrap();
        }
    }
}

/// A connection to PostgreSQL that is not the journal's.
pub(super) async fn session(connection: &str) -> tokio_postgres::Client {
    let (client, work) = tokio_postgres::connect(connection, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(work);
    client
}

pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

pub(super) fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Arc<Store>) -> F) {
    block_on(test(Arc::new(Store::sqlite())));
}

pub(super) fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Arc<Store>) -> F) {
    block_on(async {
        if let Some(store) = Store::postgres().await {
            let store = Arc::new(store);
            test(Arc::clone(&store)).await;
            store.remove().await;
        }
    });
}

/// Looks until something is so.
pub(super) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(tokio::time::Instant::now() < deadline, "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

/// A message of the sender `trust`, whose key is its id.
pub(super) fn message(id: &str) -> NewMessage {
    NewMessage {
        id: id.to_owned(),
        kind: "referral",
        format: "fhir",
        channel: "http",
        sender: "trust".to_owned(),
        key: Some(format!("key-{id}")),
        content_hash: "00".repeat(32),
        received: at(0),
        trace: "trace".to_owned(),
        disposition: Disposition::Routed,
        reason: "it took effect".to_owned(),
        patient: Some("patient".to_owned()),
        case: Some("referral/1".to_owned()),
        content_type: "application/fhir+json".to_owned(),
        original: format!("original of {id}").into_bytes(),
        answer: (200, "application/fhir+json".to_owned(), b"receipt".to_vec()),
        issues: "{}".to_owned(),
        explanation: "{\"routes\":[]}".to_owned(),
    }
}

pub(super) fn case(key: &str, read_revision: i64) -> CaseWrite {
    CaseWrite { key: key.to_owned(), read_revision, state: format!("{{\"read\":{read_revision}}}") }
}

pub(super) fn resource(id: &str, json: Option<&str>) -> NewResource {
    NewResource {
        kind: "Patient".to_owned(),
        id: id.to_owned(),
        owner: "trust".to_owned(),
        patient: Some(id.to_owned()),
        updated: at(0),
        json: json.map(str::to_owned),
    }
}

/// A delivery to `trial` of the case `referral/<patient>`.
pub(super) fn delivery(message: &str, patient: &str) -> NewDelivery {
    NewDelivery {
        message: message.to_owned(),
        destination: "trial".to_owned(),
        patient: patient.to_owned(),
        case: format!("referral/{patient}"),
        kind: DeliveryKind::Send,
        body: format!("body of {message}"),
        at: at(0),
    }
}

pub(super) fn audit(message: &str, action: &'static str) -> Audit {
    Audit {
        at: at(0),
        action,
        outcome: "success",
        organisation: "trust".to_owned(),
        role: "trust",
        message: Some(message.to_owned()),
        patient: Some("patient".to_owned()),
        trace: "trace".to_owned(),
    }
}

/// A message with a row in every table: case, resource, delivery, audit.
pub(super) fn arrival(id: &str) -> Change {
    Change {
        message: Some(message(id)),
        cases: vec![case(&format!("referral/{id}"), 0)],
        resources: vec![resource(id, Some("{}"))],
        deliveries: vec![delivery(id, id)],
        audits: vec![audit(id, "create")],
        ..Change::default()
    }
}

/// A message with deliveries of these patients, and nothing else.
pub(super) fn sending(id: &str, patients: &[&str]) -> Change {
    Change {
        message: Some(message(id)),
        deliveries: patients.iter().map(|patient| delivery(id, patient)).collect(),
        ..Change::default()
    }
}

/// How a delivery that was claimed ends.
pub(super) fn settlement(claimed: &Claimed, state: DeliveryState, due: Timestamp) -> Settlement {
    Settlement {
        delivery: claimed.delivery.sequence,
        lease: claimed.lease.clone(),
        state,
        due,
        attempt: None,
        audits: Vec::new(),
        at: at(0),
    }
}

/// Claims up to ten for `trial` for a minute.
pub(super) async fn claim(journal: &Arc<dyn Journal>, now: i64) -> Vec<Claimed> {
    journal.claim("trial".to_owned(), 10, at(now), at(now + 60)).await.unwrap()
}

pub(super) fn messages_of(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|claimed| claimed.delivery.message.as_str()).collect()
}
