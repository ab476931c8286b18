//! The audit trail: appended to in the transaction of the effect, read, searched.

use super::JournalError;
use super::chain::{self, BEGINNING, Head, Link};
use super::change::Audit;
use super::lists;
use super::rows::{AuditFilter, AuditRow};
use super::sql::{self, Row, Sql, Value};

/// Why nothing is appended.
const OTHER_KEY: &str = "the audit trail is signed with another secret than this one";

/// Rows that are put into a chain at once when the tables are brought up to date.
const ADOPTED: i64 = 1_000;

/// Appends rows to a chain that no other transaction appends to.
///
/// The head is taken last of everything that a transaction locks, and one transaction takes one: nobody who holds it waits
/// for anybody.
pub(super) async fn append<S: Sql>(sql: &S, audits: Vec<Audit>) -> Result<(), JournalError> {
    if audits.is_empty() {
        return Ok(());
    }
    let mut head = take_head(sql).await?;
    for audit in audits {
        append_cells(sql, sql::INSERT_AUDIT, &mut head, cells(audit)).await?;
    }
    put_head(sql, &head).await
}

async fn take_head<S: Sql>(sql: &S) -> Result<Head, JournalError> {
    let mut rows = sql.query(S::FREE_HEAD, Vec::new()).await?;
    if rows.is_empty() && S::CHAINS > 1 {
        // All are taken: wait for one of them, each time another one.
        let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
        let chain = i64::from((high >> 32) as u32) % S::CHAINS + 1;
        rows = sql.query(sql::HEAD_LOCKED, vec![chain.into()]).await?;
    }
    let missing = || JournalError::Damaged("the head of an audit chain is missing".to_owned());
    let head = chain::head(rows.first_mut().ok_or_else(missing)?, sql.key())?;
    // With another key nothing would fit any more, for ever.
    if head.is_others { Err(JournalError::Unusable(OTHER_KEY.to_owned())) } else { Ok(head) }
}

/// A head that was not signed as it must be is never signed again: what somebody without the key has put there must not become
/// right by what is appended.
async fn put_head(sql: &impl Sql, head: &Head) -> Result<(), JournalError> {
    let signature = if head.is_signed { sql.key().sign(head) } else { Vec::new() };
    let parameters = vec![head.number.into(), head.hash.clone().into(), signature.into(), head.chain.into()];
    sql.execute(sql::PUT_HEAD, parameters).await.map(|_| ())
}

async fn append_cells(
    sql: &impl Sql,
    statement: &'static str,
    head: &mut Head,
    cells: Vec<Value>,
) -> Result<(), JournalError> {
    let number = head.number + 1;
    let hash = chain::hash(head.chain, number, &head.hash, chain::covered(&cells)).to_vec();
    let previous = std::mem::replace(&mut head.hash, hash.clone());
    head.number = number;
    let mut parameters = vec![head.chain.into(), number.into(), previous.into(), hash.into()];
    parameters.extend(cells);
    sql.execute(statement, parameters).await.map(|_| ())
}

/// What a row says, in the order of the columns: what its hash covers.
fn cells(audit: Audit) -> Vec<Value> {
    vec![
        audit.at.into(),
        audit.action.into(),
        audit.outcome.into(),
        audit.organisation.into(),
        audit.role.into(),
        audit.client.into(),
        audit.network.into(),
        audit.message.into(),
        audit.patient.into(),
        audit.trace.into(),
        audit.detail.into(),
        audit.purpose.or_else(|| purpose(audit.role).map(str::to_owned)).into(),
        audit.count.into(),
        audit.tenant.into(),
    ]
}

/// What a caller of a role has data for, where it says nothing itself (HL7 v3 ActReason, PurposeOfUse). What the registry has them
/// for is not settled, and the gateway itself has none.
fn purpose(role: &str) -> Option<&'static str> {
    match role {
        "trust" | "laboratory" => Some("TREAT"),
        "trial" => Some("HRESCH"),
        "operator" => Some("HOPERAT"),
        _ => None,
    }
}

/// Makes the chains, and puts what was written before there were any into the first one.
pub(super) async fn adopt<S: Sql>(sql: &S) -> Result<(), JournalError> {
    for chain in 1..=S::CHAINS {
        let head = Head { chain, number: 0, hash: BEGINNING.to_vec(), is_signed: true, is_others: false };
        let parameters = vec![chain.into(), head.number.into(), head.hash.clone().into(), sql.key().sign(&head).into()];
        sql.execute(sql::INSERT_HEAD, parameters).await?;
    }
    let mut head = Head { chain: 1, number: 0, hash: BEGINNING.to_vec(), is_signed: true, is_others: false };
    let mut after = i64::MIN;
    loop {
        let rows = sql.query(sql::AUDITS_BEFORE, vec![after.into(), ADOPTED.into()]).await?;
        if rows.is_empty() {
            break;
        }
        for mut row in rows {
            after = row.integer()?;
            let mut cells: Vec<Value> = row.rest();
            // Trace is the last of the old columns; where the new ones stand is their order in `cells`.
            let (trace, patient, message) = (cells.pop(), cells.pop(), cells.pop());
            cells.extend([Value::from(""), Value::Null]);
            cells.extend([message, patient, trace].into_iter().map(|cell| cell.unwrap_or(Value::Null)));
            cells.extend([Value::Null, Value::Null, Value::from(1)]);
            append_cells(sql, sql::ADOPT_AUDIT, &mut head, cells).await?;
        }
    }
    put_head(sql, &head).await?;
    sql.execute(sql::DROP_AUDITS_BEFORE, Vec::new()).await.map(|_| ())
}

pub(super) async fn of_message(sql: &impl Sql, message: String) -> Result<Vec<AuditRow>, JournalError> {
    sql.query(sql::AUDITS, vec![message.into()]).await?.into_iter().map(audit_row).collect()
}

pub(super) async fn search(sql: &impl Sql, filter: AuditFilter) -> Result<Vec<AuditRow>, JournalError> {
    sql.query_built(lists::audits(&filter)).await?.into_iter().map(audit_row).collect()
}

pub(super) async fn count(sql: &impl Sql, filter: AuditFilter) -> Result<i64, JournalError> {
    match sql.query_built(lists::audits_count(&filter)).await?.first_mut() {
        Some(row) => row.integer(),
        None => Err(JournalError::Damaged("nothing was counted".to_owned())),
    }
}

pub(super) async fn heads(sql: &impl Sql) -> Result<Vec<Head>, JournalError> {
    let rows = sql.query(sql::HEADS, Vec::new()).await?;
    rows.into_iter().map(|mut row| chain::head(&mut row, sql.key())).collect()
}

pub(super) async fn links(sql: &impl Sql, chain: i64, after: i64, limit: i64) -> Result<Vec<Link>, JournalError> {
    let rows = sql.query(sql::LINKS, vec![chain.into(), after.into(), limit.max(0).into()]).await?;
    rows.into_iter()
        .map(|mut row| {
            let (number, previous, hash) = (row.integer()?, row.bytes()?, row.bytes()?);
            let computed = chain::hash(chain, number, &previous, chain::covered(&row.rest()));
            Ok(Link { number, previous, hash, computed })
        })
        .collect()
}

/// Chain and number of a row that belongs to no chain.
pub(super) async fn stray<S: Sql>(sql: &S) -> Result<Option<(i64, i64)>, JournalError> {
    let rows = sql.query(sql::STRAY, vec![S::CHAINS.into()]).await?;
    rows.into_iter().next().map(|mut row| Ok((row.integer()?, row.integer()?))).transpose()
}

fn audit_row(mut row: Row) -> Result<AuditRow, JournalError> {
    Ok(AuditRow {
        sequence: row.integer()?,
        chain: row.integer()?,
        number: row.integer()?,
        at: row.instant()?,
        action: row.text()?,
        outcome: row.text()?,
        organisation: row.text()?,
        role: row.text()?,
        client: row.text()?,
        network: row.optional_text()?,
        message: row.optional_text()?,
        patient: row.optional_text()?,
        trace: row.text()?,
        detail: row.optional_text()?,
        purpose: row.optional_text()?,
        count: row.integer()?,
        tenant: row.optional_text()?,
    })
}
