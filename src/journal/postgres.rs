//! The store of many nodes: PostgreSQL, or what speaks its protocol and SQL.
//!
//! Every operation is one transaction. Between nodes only row locks, unique keys and leases decide; there are no advisory
//! locks and nothing depends on notifications, so that distributed engines with the protocol of PostgreSQL can stand in.

mod connection;
mod tls;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType};
use jiff::Timestamp;
use tokio_postgres::NoTls;

use super::chain::{AuditKey, Head, Link};
use super::change::{Change, Settlement};
use super::grants::{self, Grant};
use super::resources::{self, HistoryQuery};
use super::rows::{
    Attempt, AuditFilter, AuditRow, Case, Claimed, DeliveryRow, Filter, MessageRow, QueueDepth, ResourceRow,
};
use super::scope::Scope;
use super::search::{self, Search};
use super::sql::Sql;
use super::{Committed, Journal, JournalError, Pending, audits, queue, work};
use crate::domain::trust::Trusts;

use self::connection::{Remote, failure, migrate, no_connection};

/// What is said of one that cannot be read: it can hold a password, so nothing of it.
const CONNECTION_STRING: &str = "the connection string cannot be read; of sslmode it knows disable, prefer and require, and \
    a server's certificate is always verified";

/// How the store is reached.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connection string of libpq; it can hold a password and is never printed.
    pub connection: String,
    /// Issuers of the server's certificate, PEM; none: those of the system.
    pub ca: Option<Vec<u8>>,
    /// Connections at most.
    pub connections: usize,
    /// How long to wait for a connection.
    pub wait: Duration,
    /// What the audit trail is signed with.
    pub key: AuditKey,
}

impl Options {
    /// The store of a connection string, with the limits of a deployment.
    pub fn new(connection: &str) -> Self {
        Self {
            connection: connection.to_owned(),
            ca: None,
            connections: 16,
            wait: Duration::from_secs(5),
            key: AuditKey::default(),
        }
    }
}

/// PostgreSQL.
pub struct PostgresJournal {
    pool: Pool,
    key: AuditKey,
    trusts: OnceLock<Arc<Trusts>>,
}

impl std::fmt::Debug for PostgresJournal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PostgresJournal")
    }
}

impl PostgresJournal {
    /// Connects, and brings the tables up to date. Several nodes can do so at once.
    ///
    /// Errors: `Unusable` for a connection string of no known form, certificates that cannot be read, or tables of another
    /// program; `Unavailable`.
    pub async fn open(options: Options) -> Result<Self, JournalError> {
        let mut config: tokio_postgres::Config =
            options.connection.parse().map_err(|_| JournalError::Unusable(CONNECTION_STRING.to_owned()))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(JournalError::Unusable("the connection string names no host".to_owned()));
        }
        // A commit that has not reached the disk is not answered, whatever the server's default is.
        let own = "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed -c lock_timeout=10s \
                   -c statement_timeout=30s";
        // After those of the connection string, so that they hold.
        let all = config.get_options().map_or_else(|| own.to_owned(), |given| format!("{given} {own}"));
        config.options(all);
        config.application_name("impress-gateway");
        config.connect_timeout(options.wait);
        let pooled = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match tls::connector(&mut config, options.ca.as_deref())? {
            Some(tls) => Manager::from_config(config, tls, pooled),
            None => Manager::from_config(config, NoTls, pooled),
        };
        let pool = Pool::builder(manager)
            .max_size(options.connections)
            .wait_timeout(Some(options.wait))
            .create_timeout(Some(options.wait))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_| JournalError::Unusable("the pool of connections".to_owned()))?;
        // Why there is no connection is for whoever starts the gateway, not for those who send to it.
        let mut client = pool.get().await.map_err(|error| match &error {
            PoolError::Backend(error) => no_connection(error),
            _ => unreachable_now(&error),
        })?;
        migrate(&mut client, &options.key).await?;
        drop(client);
        Ok(Self { pool, key: options.key, trusts: OnceLock::new() })
    }

    async fn client(&self) -> Result<deadpool_postgres::Object, JournalError> {
        self.pool.get().await.map_err(|error| unreachable_now(&error))
    }
}

fn unreachable_now(error: &PoolError) -> JournalError {
    match error {
        // Every connection is at work: the server is there.
        PoolError::Timeout(TimeoutType::Wait) => JournalError::Busy,
        _ => JournalError::Unavailable("no connection to PostgreSQL".to_owned()),
    }
}

/// Runs `$work` in a transaction, which is committed where `$keep` of its result.
macro_rules! transaction {
    ($self:ident, |$sql:ident| $work:expr, $keep:expr) => {
        Box::pin(async move {
            let mut client = $self.client().await?;
            let transaction = client.transaction().await.map_err(|error| failure(&error))?;
            let $sql = Remote(&transaction, &$self.key);
            let result = $work.await?;
            let keep: fn(&_) -> bool = $keep;
            let ended = if keep(&result) { transaction.commit().await } else { transaction.rollback().await };
            ended.map_err(|error| failure(&error)).map(|()| result)
        })
    };
}

// After the macro, which it uses.
mod subscriptions;

impl Journal for PostgresJournal {
    fn commit(&self, change: Change) -> Pending<'_, Committed> {
        let trusts = self.trusts.get().map(Arc::as_ref);
        transaction!(self, |sql| work::commit(&sql, change, trusts), |committed| *committed == Committed::Stored)
    }

    fn cases(&self, keys: Vec<String>) -> Pending<'_, Vec<Case>> {
        transaction!(self, |sql| work::cases(&sql, keys), |_| true)
    }

    fn message(&self, id: String) -> Pending<'_, Option<MessageRow>> {
        transaction!(self, |sql| work::message(&sql, id), |_| true)
    }

    fn messages(&self, filter: Filter) -> Pending<'_, Vec<MessageRow>> {
        transaction!(self, |sql| work::messages(&sql, filter), |_| true)
    }

    fn original(&self, id: String) -> Pending<'_, Option<Vec<u8>>> {
        transaction!(self, |sql| work::original(&sql, id), |_| true)
    }

    fn deliveries(&self, message: String) -> Pending<'_, Vec<DeliveryRow>> {
        transaction!(self, |sql| work::deliveries(&sql, message), |_| true)
    }

    fn attempts(&self, delivery: i64) -> Pending<'_, Vec<Attempt>> {
        transaction!(self, |sql| work::attempts(&sql, delivery), |_| true)
    }

    fn last_attempts(&self, messages: Vec<String>) -> Pending<'_, Vec<(String, String)>> {
        transaction!(self, |sql| work::last_attempts(&sql, messages), |_| true)
    }

    fn dead_letters(&self, destination: Option<String>, limit: i64) -> Pending<'_, Vec<DeliveryRow>> {
        transaction!(self, |sql| work::dead_letters(&sql, destination, limit), |_| true)
    }

    fn claim(&self, destination: String, limit: i64, at: Timestamp, until: Timestamp) -> Pending<'_, Vec<Claimed>> {
        let lease = uuid::Uuid::new_v4().to_string();
        transaction!(self, |sql| queue::claim(&sql, (destination, limit), (at, until), lease), |_| true)
    }

    fn bring_forward(&self, destination: String, at: Timestamp, due: Timestamp, lease: Timestamp) -> Pending<'_, u64> {
        transaction!(self, |sql| queue::bring_forward(&sql, destination, (at, due, lease)), |_| true)
    }

    fn settle(&self, settlement: Settlement) -> Pending<'_, bool> {
        transaction!(self, |sql| work::settle(&sql, settlement), |_| true)
    }

    fn queue(&self) -> Pending<'_, Vec<QueueDepth>> {
        transaction!(self, |sql| work::queue(&sql), |_| true)
    }

    fn dispositions(&self) -> Pending<'_, Vec<(String, i64)>> {
        transaction!(self, |sql| work::dispositions(&sql), |_| true)
    }

    fn read(&self, scope: Scope, kind: String, id: String) -> Pending<'_, Option<ResourceRow>> {
        transaction!(self, |sql| resources::read(&sql, scope, kind, id), |_| true)
    }

    fn version(&self, scope: Scope, kind: String, id: String, version: i64) -> Pending<'_, Option<ResourceRow>> {
        transaction!(self, |sql| resources::version(&sql, scope, (kind, id), version), |_| true)
    }

    fn history(&self, scope: Scope, query: HistoryQuery) -> Pending<'_, Vec<ResourceRow>> {
        transaction!(self, |sql| resources::history(&sql, scope, query), |_| true)
    }

    fn search(&self, scope: Scope, search: Search) -> Pending<'_, Vec<ResourceRow>> {
        transaction!(self, |sql| search::page(&sql, scope, search), |_| true)
    }

    fn count(&self, scope: Scope, search: Search) -> Pending<'_, i64> {
        transaction!(self, |sql| search::count(&sql, scope, search), |_| true)
    }

    fn grants(&self, case: String) -> Pending<'_, Vec<Grant>> {
        transaction!(self, |sql| grants::of_case(&sql, case), |_| true)
    }

    fn granted(&self, trust: String) -> Pending<'_, Vec<Grant>> {
        transaction!(self, |sql| grants::of_trust(&sql, trust), |_| true)
    }

    fn audits(&self, message: String) -> Pending<'_, Vec<AuditRow>> {
        transaction!(self, |sql| audits::of_message(&sql, message), |_| true)
    }

    fn search_audits(&self, filter: AuditFilter) -> Pending<'_, Vec<AuditRow>> {
        transaction!(self, |sql| audits::search(&sql, filter), |_| true)
    }

    fn count_audits(&self, filter: AuditFilter) -> Pending<'_, i64> {
        transaction!(self, |sql| audits::count(&sql, filter), |_| true)
    }

    fn audit_chains(&self) -> i64 {
        <Remote<'_, '_> as Sql>::CHAINS
    }

    fn audit_heads(&self) -> Pending<'_, Vec<Head>> {
        transaction!(self, |sql| audits::heads(&sql), |_| true)
    }

    fn audit_links(&self, chain: i64, after: i64, limit: i64) -> Pending<'_, Vec<Link>> {
        transaction!(self, |sql| audits::links(&sql, chain, after, limit), |_| true)
    }

    fn stray_audit(&self) -> Pending<'_, Option<(i64, i64)>> {
        transaction!(self, |sql| audits::stray(&sql), |_| true)
    }

    fn purge(&self, before: Timestamp, limit: i64) -> Pending<'_, u64> {
        transaction!(self, |sql| work::purge(&sql, before, limit), |_| true)
    }

    fn probe(&self, at: Timestamp) -> Pending<'_, ()> {
        transaction!(self, |sql| work::probe(&sql, at), |()| true)
    }

    fn remember_proof(&self, proof: String, expires: Timestamp) -> Pending<'_, bool> {
        transaction!(self, |sql| work::remember_proof(&sql, proof, expires), |is_new| *is_new)
    }

    fn forget_proofs(&self, now: Timestamp) -> Pending<'_, u64> {
        transaction!(self, |sql| work::forget_proofs(&sql, now), |_| true)
    }
}
