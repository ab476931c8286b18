//! Statements in a transaction of a remote connection.

use deadpool_postgres::{ClientWrapper, Transaction};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::journal::scope::Statement;
use crate::journal::sql::{self, Row, Sql, Value};
use crate::journal::{AuditKey, JournalError, audits, migrate};

/// A transaction.
pub(super) struct Remote<'t, 'c>(pub(super) &'t Transaction<'c>, pub(super) &'t AuditKey);

impl Sql for Remote<'_, '_> {
    const CLAIM: &'static str = sql::CLAIMABLE_LOCKED;
    const FREE_HEAD: &'static str = sql::HEAD_FREE;
    /// More than a node has connections, so that there is a free one for every commit at once of a few nodes.
    const CHAINS: i64 = 64;

    fn key(&self) -> &AuditKey {
        self.1
    }

    async fn execute(&self, statement: &'static str, parameters: Vec<Value>) -> Result<u64, JournalError> {
        self.run(statement, &parameters).await
    }

    async fn query(&self, statement: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>, JournalError> {
        let prepared = self.0.prepare_cached(statement).await.map_err(|error| failure(&error))?;
        self.rows(&prepared, &parameters).await
    }

    /// PostgreSQL plans the first runs of a prepared statement one by one, and this is its only run.
    async fn query_built(&self, statement: Statement) -> Result<Vec<Row>, JournalError> {
        let prepared = self.0.prepare(&statement.text).await.map_err(|error| failure(&error))?;
        self.rows(&prepared, &statement.parameters).await
    }

    async fn execute_built(&self, statement: Statement) -> Result<u64, JournalError> {
        self.run(&statement.text, &statement.parameters).await
    }
}

impl Remote<'_, '_> {
    async fn run(&self, statement: &str, parameters: &[Value]) -> Result<u64, JournalError> {
        let prepared = self.0.prepare_cached(statement).await.map_err(|error| failure(&error))?;
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|value| value as _).collect();
        self.0.execute(&prepared, &parameters).await.map_err(|error| failure(&error))
    }

    async fn rows(&self, prepared: &tokio_postgres::Statement, parameters: &[Value]) -> Result<Vec<Row>, JournalError> {
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|value| value as _).collect();
        let rows = self.0.query(prepared, &parameters).await.map_err(|error| failure(&error))?;
        rows.iter().map(row).collect()
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row, JournalError> {
    let cells = row.columns().iter().enumerate().map(|(at, column)| match *column.type_() {
        Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<String>>(at).map(Value::from),
        Type::INT8 => row.try_get::<_, Option<i64>>(at).map(Value::from),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at).map(Value::from),
        _ => Ok(Value::Null),
    });
    cells.collect::<Result<_, _>>().map(Row::new).map_err(|error| failure(&error))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Text(text) => text.to_sql(kind, out),
            // A literal beside a parameter can make it a shorter integer.
            Self::Integer(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Integer(number) => number.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::TEXT | Type::VARCHAR | Type::INT4 | Type::INT8 | Type::BYTEA)
    }

    to_sql_checked!();
}

/// Brings the tables up to date. The table of migrations is locked by a row, so that of several nodes one does it; with tables
/// that are up to date nothing is made, so that the gateway needs no right to.
pub(super) async fn migrate(client: &mut ClientWrapper, key: &AuditKey) -> Result<(), JournalError> {
    loop {
        let rows = match client.query("SELECT version, checksum FROM migrations ORDER BY version", &[]).await {
            Ok(rows) => rows,
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => {
                make_migrations(client).await?;
                continue;
            }
            Err(error) => return Err(failure(&error)),
        };
        let done = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let done: Result<Vec<(i64, String)>, tokio_postgres::Error> = done.collect();
        let foreign = |_| JournalError::Unusable("the table of migrations is that of another program".to_owned());
        let done = done.map_err(foreign)?;
        let missing = migrate::missing(migrate::POSTGRES, &done).map_err(JournalError::Unusable)?;
        let Some(next) = missing.first() else { return Ok(()) };
        let transaction = client.transaction().await.map_err(|error| failure(&error))?;
        // The key holds off every other node until this transaction ends; whoever waited sees it taken and looks again.
        let marked = transaction
            .execute(
                "INSERT INTO migrations (version, checksum) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                &[&next.version, &next.checksum()],
            )
            .await
            .map_err(|error| failure(&error))?;
        if marked == 1 {
            transaction.batch_execute(next.sql).await.map_err(|error| failure(&error))?;
            if next.makes_chains {
                audits::adopt(&Remote(&transaction, key)).await?;
            }
        }
        transaction.commit().await.map_err(|error| failure(&error))?;
    }
}

async fn make_migrations(client: &ClientWrapper) -> Result<(), JournalError> {
    let made = "CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY, checksum TEXT NOT NULL)";
    // Of two nodes that make it at the same moment, one is told in one of these words that it is there: the table, its type,
    // or the row of the catalogue.
    let is_there = |error: &tokio_postgres::Error| {
        let code = error.code();
        [&SqlState::DUPLICATE_TABLE, &SqlState::DUPLICATE_OBJECT, &SqlState::UNIQUE_VIOLATION]
            .into_iter()
            .any(|word| code == Some(word))
    };
    match client.batch_execute(made).await {
        Err(error) if !is_there(&error) => Err(failure(&error)),
        _ => Ok(()),
    }
}

/// The error without the statement and without values.
pub(super) fn failure(error: &tokio_postgres::Error) -> JournalError {
    match error.code() {
        Some(&SqlState::DISK_FULL) => JournalError::Full,
        Some(
            &SqlState::T_R_DEADLOCK_DETECTED
            | &SqlState::T_R_SERIALIZATION_FAILURE
            | &SqlState::LOCK_NOT_AVAILABLE
            | &SqlState::QUERY_CANCELED
            | &SqlState::TOO_MANY_CONNECTIONS,
        ) => JournalError::Busy,
        Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED) => {
            JournalError::Damaged("PostgreSQL finds its data damaged".to_owned())
        }
        Some(&SqlState::UNDEFINED_TABLE | &SqlState::UNDEFINED_COLUMN | &SqlState::INSUFFICIENT_PRIVILEGE) => {
            JournalError::Unusable(format!("PostgreSQL: {}", code(error)))
        }
        // Data exceptions and violated constraints: of this change alone.
        Some(code) if code.code().starts_with("22") || code.code().starts_with("23") => {
            JournalError::Damaged("a row does not fit the tables".to_owned())
        }
        Some(_) => JournalError::Unavailable(format!("PostgreSQL: {}", code(error))),
        None => JournalError::Unavailable("the connection to PostgreSQL failed".to_owned()),
    }
}

/// Why there is no connection: nothing of a row is in it, and an operator needs to know, e.g. which certificate is missing.
pub(super) fn no_connection(error: &tokio_postgres::Error) -> JournalError {
    if error.code().is_some() {
        return failure(error);
    }
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    JournalError::Unavailable(format!("no connection to PostgreSQL: {error}{cause}"))
}

fn code(error: &tokio_postgres::Error) -> String {
    error.code().map(|code| code.code().to_owned()).unwrap_or_default()
}
