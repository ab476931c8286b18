//! A store of the test's own, on which several nodes can be opened, and what is written to it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use impress_gateway::domain::disposition::Disposition;
use impress_gateway::journal::postgres::{self, PostgresJournal};
use impress_gateway::journal::sqlite::{self, SqliteJournal};
use impress_gateway::journal::{
    Audit, AuditKey, CaseWrite, Change, Claimed, DeliveryKind, DeliveryState, Journal, NewDelivery, NewMessage,
    NewResource, ResourceRow, Scope, Settlement,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

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
            Self::Sqlite(_) => {
                let options = sqlite::Options { key: key(), ..sqlite::Options::new(&self.file()) };
                Arc::new(SqliteJournal::open(options).unwrap())
            }
            Self::Postgres(connection) => {
                let options = postgres::Options { connections: 6, key: key(), ..postgres::Options::new(connection) };
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

    /// Bytes that a query finds.
    pub(super) async fn bytes(&self, query: &str) -> Vec<u8> {
        match self {
            Self::Sqlite(_) => {
                rusqlite::Connection::open(self.file()).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
            }
            Self::Postgres(connection) => session(connection).await.query_one(query, &[]).await.unwrap().get(0),
        }
    }

    /// Bytes in a statement.
    pub(super) fn literal(&self, bytes: &[u8]) -> String {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sqlite(_) => format!("X'{digits}'"),
            Self::Postgres(_) => format!("'\\x{digits}'::bytea"),
        }
    }

    /// Runs statements beside the journal; the error's text.
    pub(super) async fn try_execute(&self, statements: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(_) => rusqlite::Connection::open(self.file())
                .unwrap()
                .execute_batch(statements)
                .map_err(|error| error.to_string()),
            Self::Postgres(connection) => session(connection)
                .await
                .batch_execute(statements)
                .await
                .map_err(|error| error.as_db_error().unwrap().message().to_owned()),
        }
    }

    pub(super) async fn execute(&self, statements: &str) {
        self.try_execute(statements).await.unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// Takes away what keeps the audit trail from being changed, as its owner can.
    pub(super) async fn disarm(&self) {
        match self {
            Self::Sqlite(_) => {
                let statements =
                    "DROP TRIGGER audit_keeps_rows; DROP TRIGGER audit_keeps_values; DROP TRIGGER audit_keeps_heads";
                self.execute(statements).await;
            }
            Self::Postgres(_) => {
                self.execute("ALTER TABLE audit DISABLE TRIGGER USER; ALTER TABLE audit_heads DISABLE TRIGGER USER")
                    .await;
            }
        }
    }

    /// The tables of the first version, with so many rows in the audit trail.
    pub(super) async fn before_chains(&self, rows: i64) {
        let (tables, kind) = match self {
            Self::Sqlite(_) => (include_str!("../../../migrations/sqlite/0001_journal.sql"), "INTEGER"),
            Self::Postgres(_) => (include_str!("../../../migrations/postgres/0001_journal.sql"), "BIGINT"),
        };
        let checksum: String = Sha256::digest(tables.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        if let Self::Sqlite(_) = self {
            // The mark of a journal.
            self.execute("PRAGMA application_id = 1229803591").await;
        }
        self.execute(&format!(
            "{tables}; CREATE TABLE migrations (version {kind} PRIMARY KEY, checksum TEXT NOT NULL); \
             INSERT INTO migrations (version, checksum) VALUES (1, '{checksum}'); \
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) \
             INSERT INTO audit (at, action, outcome, organisation, role, message, patient, trace) \
             SELECT n, 'create', 'success', 'trust', 'role', 'm1', 'p1', 'trace' FROM numbers"
        ))
        .await;
    }

    /// Holds every chain of the audit trail but one until it is dropped; nothing where there is one chain.
    pub(super) async fn take_other_chains(&self, chain: i64) -> Option<tokio_postgres::Client> {
        let Self::Postgres(connection) = self else { return None };
        let session = session(connection).await;
        let taken = format!("BEGIN; SELECT chain FROM audit_heads WHERE chain <> {chain} FOR UPDATE");
        session.batch_execute(&taken).await.unwrap();
        Some(session)
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

/// The key of every node.
fn key() -> AuditKey {
    AuditKey::new(b"a secret of the tests, long enough to be one")
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
        case: None,
        tokens: Vec::new(),
    }
}

/// The newest version of a Patient, whoever owns it.
pub(super) async fn patient(journal: &Arc<dyn Journal>, id: &str) -> Option<ResourceRow> {
    journal.read(Scope::everything(), "Patient".to_owned(), id.to_owned()).await.unwrap()
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
        ..Audit::default()
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
