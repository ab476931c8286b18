//! The statements, once for both stores, and what carries them.
//!
//! Parameters are `$1`, `$2`, ... in the order of their first appearance: that is how PostgreSQL numbers them and how SQLite
//! numbers what it takes for names.

use super::JournalError;
use super::chain::AuditKey;
use super::scope::Statement;

/// A value of a parameter or a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// NULL
    Null,
    /// TEXT
    Text(String),
    /// BIGINT
    Integer(i64),
    /// BYTEA or BLOB
    Bytes(Vec<u8>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A NUL is no character of a text in PostgreSQL: a row with one, such as what a destination answered, could never be
/// written.
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text })
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<jiff::Timestamp> for Value {
    fn from(instant: jiff::Timestamp) -> Self {
        Self::Integer(instant.as_millisecond())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row; cells are taken in the order in which the statement names them.
#[derive(Debug)]
pub(super) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(super) fn new(cells: Vec<Value>) -> Self {
        Self(cells.into_iter())
    }

    fn next(&mut self) -> Result<Value, JournalError> {
        self.0.next().ok_or_else(|| JournalError::Damaged("a row has too few columns".to_owned()))
    }

    /// The cells that are left.
    pub(super) fn rest(&mut self) -> Vec<Value> {
        self.0.by_ref().collect()
    }

    pub(super) fn text(&mut self) -> Result<String, JournalError> {
        self.optional_text()?.ok_or_else(|| JournalError::Damaged("a text is missing".to_owned()))
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, JournalError> {
        match self.next()? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            _ => Err(JournalError::Damaged("a text has another type".to_owned())),
        }
    }

    pub(super) fn integer(&mut self) -> Result<i64, JournalError> {
        self.optional_integer()?.ok_or_else(|| JournalError::Damaged("a number is missing".to_owned()))
    }

    pub(super) fn optional_integer(&mut self) -> Result<Option<i64>, JournalError> {
        match self.next()? {
            Value::Integer(number) => Ok(Some(number)),
            Value::Null => Ok(None),
            _ => Err(JournalError::Damaged("a number has another type".to_owned())),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, JournalError> {
        match self.next()? {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(JournalError::Damaged("bytes have another type".to_owned())),
        }
    }

    pub(super) fn instant(&mut self) -> Result<jiff::Timestamp, JournalError> {
        instant(self.integer()?)
    }

    pub(super) fn optional_instant(&mut self) -> Result<Option<jiff::Timestamp>, JournalError> {
        self.optional_integer()?.map(instant).transpose()
    }
}

fn instant(milliseconds: i64) -> Result<jiff::Timestamp, JournalError> {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map_err(|_| JournalError::Damaged("a time is out of range".to_owned()))
}

/// A connection, or a transaction of one.
pub(super) trait Sql {
    /// Runs a statement; how many rows it wrote.
    fn execute(
        &self,
        statement: &'static str,
        parameters: Vec<Value>,
    ) -> impl Future<Output = Result<u64, JournalError>>;

    /// Runs a query; all of its rows.
    fn query(
        &self,
        statement: &'static str,
        parameters: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<Row>, JournalError>>;

    /// Runs a statement that was put together, planned for its parameters.
    fn query_built(&self, statement: Statement) -> impl Future<Output = Result<Vec<Row>, JournalError>>;

    /// Runs a statement that was put together, of which there are few forms.
    fn execute_built(&self, statement: Statement) -> impl Future<Output = Result<u64, JournalError>>;

    /// What locks the rows that are claimed against other nodes; nothing where there is one writer.
    const CLAIM: &'static str;

    /// Takes the head of a chain of the audit trail that no other transaction has.
    const FREE_HEAD: &'static str;

    /// How many chains the audit trail has: so many transactions append at once.
    const CHAINS: i64;

    /// What heads are signed with.
    fn key(&self) -> &AuditKey;
}

macro_rules! message_columns {
    () => {
        "sequence, id, kind, format, channel, sender, content_hash, received, updated, trace, disposition, reason, \
         patient, case_key, content_type, answer_status, answer_type, answer, issues, explanation"
    };
}

macro_rules! delivery_columns {
    () => {
        "sequence, message, destination, patient, case_key, kind, state, attempts, due, created, settled"
    };
}

/// Nothing is written where the id or the key is taken.
pub(super) const INSERT_MESSAGE: &str = "INSERT INTO messages (id, kind, format, channel, sender, message_key, \
    content_hash, received, updated, trace, disposition, reason, patient, case_key, content_type, answer_status, \
    answer_type, answer, issues, explanation) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) \
    ON CONFLICT DO NOTHING";
pub(super) const INSERT_ORIGINAL: &str = "INSERT INTO originals (message, content) VALUES ($1, $2)";
pub(super) const MESSAGE_BY_ID: &str = concat!("SELECT ", message_columns!(), " FROM messages WHERE id = $1");
pub(super) const MESSAGE_BY_KEY: &str =
    concat!("SELECT ", message_columns!(), " FROM messages WHERE sender = $1 AND message_key = $2");
/// A NULL lets every row through; an empty text none, since it is the name of nobody.
pub(super) const MESSAGE_COLUMNS: &str = message_columns!();
pub(super) const ORIGINAL: &str = "SELECT content FROM originals WHERE message = $1";
pub(super) const UPDATE_MESSAGE: &str = "UPDATE messages SET disposition = $1, reason = $2, updated = $3, \
    case_key = COALESCE($4, case_key), patient = COALESCE($5, patient), explanation = COALESCE($6, explanation) \
    WHERE id = $7";

pub(super) const CASE: &str = "SELECT revision, state FROM cases WHERE case_key = $1";
pub(super) const INSERT_CASE: &str =
    "INSERT INTO cases (case_key, revision, state) VALUES ($1, 1, $2) ON CONFLICT DO NOTHING";
pub(super) const UPDATE_CASE: &str =
    "UPDATE cases SET revision = revision + 1, state = $1 WHERE case_key = $2 AND revision = $3";

/// Of the version `r`.
pub(super) const RESOURCE_COLUMNS: &str =
    "r.sequence, r.kind, r.id, r.version, r.owner, r.case_key, r.patient, r.updated, r.json";
pub(super) const NEWEST: &str = "SELECT n.entry, n.version, n.tokens_hash, r.json FROM newest n \
    JOIN resources r ON r.sequence = n.sequence WHERE n.kind = $1 AND n.id = $2 AND n.owner = $3";
pub(super) const INSERT_RESOURCE: &str = "INSERT INTO resources \
    (kind, id, version, owner, case_key, patient, updated, json) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
    ON CONFLICT DO NOTHING RETURNING sequence";
pub(super) const INSERT_NEWEST: &str = "INSERT INTO newest \
    (kind, id, owner, version, sequence, updated, is_deleted, tokens_hash) VALUES ($1, $2, $3, 1, $4, $5, $6, $7) \
    ON CONFLICT DO NOTHING RETURNING entry";
pub(super) const UPDATE_NEWEST: &str = "UPDATE newest SET version = $1, sequence = $2, updated = $3, is_deleted = $4, \
    tokens_hash = $5 WHERE entry = $6 AND version = $7";
pub(super) const HASH_TOKENS: &str = "UPDATE newest SET tokens_hash = $1 WHERE entry = $2";
pub(super) const DELETE_TOKENS: &str = "DELETE FROM search_tokens WHERE entry = $1";
pub(super) const INSERT_RESOURCE_CASE: &str =
    "INSERT INTO resource_cases (entry, case_key) VALUES ($1, $2) ON CONFLICT DO NOTHING";

pub(super) const INSERT_GRANT: &str = "INSERT INTO grants (case_key, trust, reason, since, until) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
pub(super) const END_GRANTS: &str = "UPDATE grants SET until = $1 WHERE case_key = $2 AND trust = $3 \
    AND until IS NULL AND (CAST($4 AS TEXT) IS NULL OR reason = $4)";
pub(super) const GRANTS_OF_CASE: &str =
    "SELECT case_key, trust, reason, since, until FROM grants WHERE case_key = $1 ORDER BY sequence";
pub(super) const GRANTS_OF_TRUST: &str = "SELECT case_key, trust, reason, since, until FROM grants \
    WHERE trust = $1 AND until IS NULL ORDER BY sequence";

pub(super) const INSERT_DELIVERY: &str = "INSERT INTO deliveries (message, destination, patient, case_key, kind, state, \
    attempts, due, lease_until, created, body, content_hash) VALUES ($1, $2, $3, $4, $5, 'due', 0, $6, 0, $7, $8, $9)";
/// A delivery that is being sent is let finish: whether it arrived is not known.
pub(super) const CANCEL_DELIVERIES: &str = "UPDATE deliveries SET state = $1, settled = $2 WHERE case_key = $3 \
    AND (CAST($4 AS TEXT) IS NULL OR destination = $4) AND (state = 'dead' OR (state = 'due' AND $5 = 0))";
/// Attempts are counted anew: with those before, the first failure would end it again.
pub(super) const REVIVE_DELIVERY: &str = "UPDATE deliveries SET state = 'due', attempts = 0, due = $1, settled = NULL \
    WHERE sequence = $2 AND state = 'dead'";
pub(super) const DELIVERIES: &str =
    concat!("SELECT ", delivery_columns!(), " FROM deliveries WHERE message = $1 ORDER BY sequence");
pub(super) const DEAD_LETTERS: &str = concat!(
    "SELECT ",
    delivery_columns!(),
    " FROM deliveries WHERE state = 'dead' AND (CAST($1 AS TEXT) IS NULL OR destination = $1) \
     ORDER BY sequence LIMIT $2"
);

/// What may be sent now: due, or leased by somebody whose lease has run out; with nothing unfinished of the same patient
/// and destination before it. A stop waits for what is on the way and for its own case: a dead letter, and what that holds of
/// the patient's other cases, must not keep a withdrawal from arriving.
///
/// With `OFFSET` PostgreSQL looks for what stands before each candidate by the index of the patient. Without, it may join the
/// whole table with itself, and does so where it has not counted the table yet.
pub(super) const CLAIMABLE: &str = "SELECT sequence FROM deliveries d WHERE destination = $1 \
    AND state IN ('due', 'leased') AND due <= $2 AND lease_until <= $2 \
    AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.destination = d.destination AND e.patient = d.patient \
    AND e.sequence < d.sequence AND e.state IN ('due', 'leased', 'dead') \
    AND (d.kind <> 'stop' OR e.state = 'leased' OR (e.state = 'due' AND e.case_key = d.case_key)) LIMIT 1 OFFSET 0) \
    ORDER BY due, sequence LIMIT $3";
/// As [`CLAIMABLE`], with the rows locked and those that another node has locked left out.
pub(super) const CLAIMABLE_LOCKED: &str = "SELECT sequence FROM deliveries d WHERE destination = $1 \
    AND state IN ('due', 'leased') AND due <= $2 AND lease_until <= $2 \
    AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.destination = d.destination AND e.patient = d.patient \
    AND e.sequence < d.sequence AND e.state IN ('due', 'leased', 'dead') \
    AND (d.kind <> 'stop' OR e.state = 'leased' OR (e.state = 'due' AND e.case_key = d.case_key)) LIMIT 1 OFFSET 0) \
    ORDER BY due, sequence LIMIT $3 FOR UPDATE SKIP LOCKED";
/// The condition stands here again: between two nodes the row may have been taken and given back.
pub(super) const LEASE: &str = concat!(
    "UPDATE deliveries SET state = 'leased', lease = $1, lease_until = $2, attempts = attempts + 1 \
     WHERE sequence = $3 AND state IN ('due', 'leased') AND lease_until <= $4 RETURNING body, content_hash, ",
    delivery_columns!()
);
pub(super) const SETTLE: &str = "UPDATE deliveries SET state = $1, due = $2, lease = NULL, lease_until = 0, settled = $3 \
    WHERE sequence = $4 AND lease = $5 AND state = 'leased'";
/// A delivery of which not even the columns can be read.
pub(super) const BURY: &str =
    "UPDATE deliveries SET state = 'dead', due = $1, lease = NULL, lease_until = 0, settled = $1 WHERE sequence = $2";
/// Nothing is due, or leased, later than can have been meant; what was never tried is due at once.
pub(super) const BRING_FORWARD: &str = "UPDATE deliveries SET due = CASE \
    WHEN attempts = 0 AND due > CAST($1 AS BIGINT) THEN CAST($1 AS BIGINT) \
    WHEN due > CAST($2 AS BIGINT) THEN CAST($2 AS BIGINT) ELSE due END, \
    lease_until = CASE WHEN lease_until > CAST($3 AS BIGINT) THEN CAST($3 AS BIGINT) ELSE lease_until END \
    WHERE destination = $4 AND state IN ('due', 'leased') \
    AND (due > $2 OR lease_until > $3 OR (attempts = 0 AND due > $1))";
pub(super) const INSERT_ATTEMPT: &str =
    "INSERT INTO attempts (delivery, at, status, code, detail) VALUES ($1, $2, $3, $4, $5)";
pub(super) const ATTEMPTS: &str = "SELECT at, status, code, detail FROM attempts WHERE delivery = $1 ORDER BY sequence";
pub(super) const QUEUE: &str = "SELECT destination, state, COUNT(*), MIN(created) FROM deliveries \
    WHERE state IN ('due', 'leased', 'dead') GROUP BY destination, state ORDER BY destination, state";
pub(super) const DISPOSITIONS: &str =
    "SELECT disposition, COUNT(*) FROM messages GROUP BY disposition ORDER BY disposition";

macro_rules! audit_cells {
    () => {
        audit_cells!("message", "patient", "tenant")
    };
    ($message:literal, $patient:literal, $tenant:literal) => {
        concat!(
            "at, action, outcome, organisation, role, client, network, ",
            $message,
            ", ",
            $patient,
            ", trace, detail, purpose, count, ",
            $tenant
        )
    };
}

pub(super) const INSERT_AUDIT: &str = concat!(
    "INSERT INTO audit (chain, number, previous, hash, ",
    audit_cells!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
);
/// As a row is put into the first chain by the migration that makes the chains: columns that came later are not there yet.
pub(super) const ADOPT_AUDIT: &str = "INSERT INTO audit (chain, number, previous, hash, at, action, outcome, organisation, role, \
    client, network, message, patient, trace, detail, purpose, count) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
pub(super) const AUDITS: &str =
    concat!("SELECT sequence, chain, number, ", audit_cells!(), " FROM audit WHERE message = $1 ORDER BY sequence");
pub(super) const SEARCH_AUDITS: &str = concat!("SELECT sequence, chain, number, ", audit_cells!());
/// The same of rows that say whether they are of what is the reader's: others do not say whose they are.
pub(super) const SEARCH_OWN_AUDITS: &str = concat!(
    "SELECT sequence, chain, number, ",
    audit_cells!(
        "CASE WHEN is_own = 1 THEN message END",
        "CASE WHEN is_own = 1 THEN patient END",
        "CASE WHEN is_own = 1 THEN tenant END"
    )
);

/// The one chain of a store with one writer.
pub(super) const HEAD: &str = "SELECT chain, number, hash, signature FROM audit_heads WHERE chain = 1";
/// Whichever chain is free.
pub(super) const HEAD_FREE: &str =
    "SELECT chain, number, hash, signature FROM audit_heads LIMIT 1 FOR UPDATE SKIP LOCKED";
pub(super) const HEAD_LOCKED: &str =
    "SELECT chain, number, hash, signature FROM audit_heads WHERE chain = $1 FOR UPDATE";
pub(super) const HEADS: &str = "SELECT chain, number, hash, signature FROM audit_heads ORDER BY chain";
pub(super) const INSERT_HEAD: &str = "INSERT INTO audit_heads (chain, number, hash, signature) VALUES ($1, $2, $3, $4)";
pub(super) const PUT_HEAD: &str = "UPDATE audit_heads SET number = $1, hash = $2, signature = $3 WHERE chain = $4";
pub(super) const LINKS: &str = concat!(
    "SELECT number, previous, hash, ",
    audit_cells!(),
    " FROM audit WHERE chain = $1 AND number > $2 ORDER BY number LIMIT $3"
);
pub(super) const STRAY: &str =
    "SELECT chain, number FROM audit WHERE chain < 1 OR chain > $1 ORDER BY chain, number LIMIT 1";
pub(super) const AUDITS_BEFORE: &str = "SELECT sequence, at, action, outcome, organisation, role, message, patient, trace \
    FROM audit_before WHERE sequence > $1 ORDER BY sequence LIMIT $2";
pub(super) const DROP_AUDITS_BEFORE: &str = "DROP TABLE audit_before";

/// Messages that nothing waits for and nothing is open of, now and since then; an archive is kept as long as a report in it
/// waits.
pub(super) const PURGEABLE: &str = "SELECT m.id FROM messages m JOIN originals o ON o.message = m.id WHERE m.updated < $1 \
    AND m.disposition NOT IN ('parked', 'awaiting-referral', 'awaiting-consent', 'quarantined', 'held-mapping-defect', \
    'awaiting-receipt') AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message = m.id \
    AND (d.state IN ('due', 'leased', 'dead') OR d.settled >= $1)) \
    AND NOT EXISTS (SELECT 1 FROM messages r WHERE r.trace = m.trace AND r.kind = 'report' \
    AND r.disposition IN ('awaiting-referral', 'awaiting-consent', 'quarantined', 'held-mapping-defect')) \
    ORDER BY m.sequence LIMIT $2";
pub(super) const PURGE_ORIGINAL: &str = "DELETE FROM originals WHERE message = $1";
pub(super) const PURGE_ATTEMPTS: &str =
    "DELETE FROM attempts WHERE delivery IN (SELECT sequence FROM deliveries WHERE message = $1)";
/// The condition stands here again: another node may have decided to send something of the message meanwhile.
pub(super) const PURGE_BODIES: &str = "UPDATE deliveries SET body = '' WHERE message = $1 \
    AND state NOT IN ('due', 'leased', 'dead')";

pub(super) const PROBE: &str =
    "INSERT INTO probe (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at";

pub(super) const INSERT_PROOF: &str =
    "INSERT INTO proofs (proof, expires) VALUES ($1, $2) ON CONFLICT (proof) DO NOTHING";

pub(super) const DELETE_PROOFS: &str = "DELETE FROM proofs WHERE expires < $1";
