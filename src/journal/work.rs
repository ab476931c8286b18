//! What each operation does, in one transaction, the same on every store.

use jiff::Timestamp;

use super::change::{Cancel, CaseWrite, Change, NewMessage, Redisposition, Settlement};
use super::grants::{self, GrantWrite};
use super::lists;
use super::rows::{Attempt, Case, DeliveryRow, DeliveryState, Filter, MessageRow, QueueDepth};
use super::sql::{self, Row, Sql, Value};
use super::{Committed, JournalError, audits, queue, resources, subscriptions};
use crate::domain::trust::Trusts;

/// Writes a change; `trusts` say what subscribers see of it. Whatever is not [`Committed::Stored`] must be rolled back.
pub(super) async fn commit(sql: &impl Sql, change: Change, trusts: Option<&Trusts>) -> Result<Committed, JournalError> {
    let by = change.message.as_ref().map(|message| message.id.clone());
    if let Some(message) = change.message
        && let Some(known) = insert_message(sql, message).await?
    {
        return Ok(Committed::Known(Box::new(known)));
    }
    for notice in change.notices {
        // Whoever made one with this id was quicker.
        if insert_message(sql, notice).await?.is_some() {
            return Ok(Committed::Stale);
        }
    }
    // Everything that two changes can both write is written in one order, so that two nodes never wait for each other.
    let Change { mut cases, mut dispositions, mut resources, mut grants, .. } = change;
    cases.sort_by(|one, other| one.key.cmp(&other.key));
    dispositions.sort_by(|one, other| one.message.cmp(&other.message));
    resources.sort_by(|one, other| (&one.kind, &one.id, &one.owner).cmp(&(&other.kind, &other.id, &other.owner)));
    let is_given = |grant: &GrantWrite| matches!(grant, GrantWrite::Give(_));
    grants.sort_by(|one, other| (one.key(), is_given(one)).cmp(&(other.key(), is_given(other))));
    for case in cases {
        if !write_case(sql, case).await? {
            return Ok(Committed::Stale);
        }
    }
    for disposition in dispositions {
        update_message(sql, disposition).await?;
    }
    let mut written = Vec::with_capacity(resources.len());
    for resource in resources {
        match resources::write(sql, resource, by.as_deref()).await? {
            resources::Outcome::Written(row) => written.push(*row),
            resources::Outcome::Same => {}
            resources::Outcome::Stale => return Ok(Committed::Stale),
        }
    }
    for grant in grants {
        grants::write(sql, grant).await?;
    }
    subscriptions::matched(sql, &written, trusts).await?;
    for cancel in change.cancels {
        let Cancel { case, destination, state, only_dead, at } = cancel;
        let parameters =
            vec![state.as_str().into(), at.into(), case.into(), destination.into(), i64::from(only_dead).into()];
        sql.execute(sql::CANCEL_DELIVERIES, parameters).await?;
    }
    for delivery in change.deliveries {
        queue::insert(sql, delivery).await?;
    }
    for sequence in change.revive {
        sql.execute(sql::REVIVE_DELIVERY, vec![0.into(), sequence.into()]).await?;
    }
    audits::append(sql, change.audits).await?;
    Ok(Committed::Stored)
}

/// The message that has the id or the key already, where there is one.
async fn insert_message(sql: &impl Sql, message: NewMessage) -> Result<Option<MessageRow>, JournalError> {
    let (status, answer_type, answer) = message.answer;
    let parameters: Vec<Value> = vec![
        message.id.clone().into(),
        message.kind.into(),
        message.format.into(),
        message.channel.into(),
        message.sender.clone().into(),
        message.key.clone().into(),
        message.content_hash.into(),
        message.received.into(),
        message.received.into(),
        message.trace.into(),
        message.disposition.as_str().into(),
        message.reason.into(),
        message.patient.into(),
        message.case.into(),
        message.content_type.into(),
        i64::from(status).into(),
        answer_type.into(),
        answer.into(),
        message.issues.into(),
        message.explanation.into(),
    ];
    if sql.execute(sql::INSERT_MESSAGE, parameters).await? == 1 {
        sql.execute(sql::INSERT_ORIGINAL, vec![message.id.into(), message.original.into()]).await?;
        return Ok(None);
    }
    let by_key = match message.key {
        Some(key) => one(sql.query(sql::MESSAGE_BY_KEY, vec![message.sender.into(), key.into()]).await?, message_row)?,
        None => None,
    };
    let known = match by_key {
        Some(row) => Some(row),
        None => self::message(sql, message.id).await?,
    };
    known.map(Some).ok_or_else(|| JournalError::Unavailable("a row was there and is gone".to_owned()))
}

/// Whether the case had the revision that was read.
async fn write_case(sql: &impl Sql, case: CaseWrite) -> Result<bool, JournalError> {
    let written = if case.read_revision == 0 {
        sql.execute(sql::INSERT_CASE, vec![case.key.into(), case.state.into()]).await?
    } else {
        sql.execute(sql::UPDATE_CASE, vec![case.state.into(), case.key.into(), case.read_revision.into()]).await?
    };
    Ok(written == 1)
}

async fn update_message(sql: &impl Sql, disposition: Redisposition) -> Result<(), JournalError> {
    let parameters = vec![
        disposition.disposition.as_str().into(),
        disposition.reason.into(),
        disposition.at.into(),
        disposition.case.into(),
        disposition.patient.into(),
        disposition.explanation.into(),
        disposition.message.into(),
    ];
    sql.execute(sql::UPDATE_MESSAGE, parameters).await.map(|_| ())
}

pub(super) async fn cases(sql: &impl Sql, keys: Vec<String>) -> Result<Vec<Case>, JournalError> {
    let mut cases = Vec::with_capacity(keys.len());
    for key in keys {
        let row = sql.query(sql::CASE, vec![key.as_str().into()]).await?.into_iter().next();
        let (revision, state) = match row {
            Some(mut row) => (row.integer()?, row.optional_text()?),
            None => (0, None),
        };
        cases.push(Case { key, revision, state });
    }
    Ok(cases)
}

pub(super) async fn message(sql: &impl Sql, id: String) -> Result<Option<MessageRow>, JournalError> {
    one(sql.query(sql::MESSAGE_BY_ID, vec![id.into()]).await?, message_row)
}

pub(super) async fn messages(sql: &impl Sql, filter: Filter) -> Result<Vec<MessageRow>, JournalError> {
    all(sql.query_built(lists::messages(&filter)).await?, message_row)
}

pub(super) async fn original(sql: &impl Sql, id: String) -> Result<Option<Vec<u8>>, JournalError> {
    one(sql.query(sql::ORIGINAL, vec![id.into()]).await?, |row| row.bytes())
}

pub(super) async fn deliveries(sql: &impl Sql, message: String) -> Result<Vec<DeliveryRow>, JournalError> {
    all(sql.query(sql::DELIVERIES, vec![message.into()]).await?, delivery_row)
}

pub(super) async fn attempts(sql: &impl Sql, delivery: i64) -> Result<Vec<Attempt>, JournalError> {
    all(sql.query(sql::ATTEMPTS, vec![delivery.into()]).await?, |row| {
        Ok(Attempt {
            at: row.instant()?,
            status: row.optional_integer()?.map(status),
            code: row.text()?,
            detail: row.text()?,
        })
    })
}

pub(super) async fn last_attempts(
    sql: &impl Sql,
    messages: Vec<String>,
) -> Result<Vec<(String, String)>, JournalError> {
    all(sql.query_built(lists::last_attempts(&messages)).await?, |row| Ok((row.text()?, row.text()?)))
}

pub(super) async fn dead_letters(
    sql: &impl Sql,
    destination: Option<String>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, JournalError> {
    let parameters = vec![destination.into(), at_most(limit)];
    all(sql.query(sql::DEAD_LETTERS, parameters).await?, delivery_row)
}

pub(super) async fn settle(sql: &impl Sql, settlement: Settlement) -> Result<bool, JournalError> {
    let ended = !matches!(settlement.state, DeliveryState::Due);
    let parameters = vec![
        settlement.state.as_str().into(),
        settlement.due.into(),
        ended.then_some(settlement.at).into(),
        settlement.delivery.into(),
        settlement.lease.into(),
    ];
    let held = sql.execute(sql::SETTLE, parameters).await? == 1;
    // The attempt was made whether or not the lease held.
    if let Some(attempt) = settlement.attempt {
        let parameters = vec![
            settlement.delivery.into(),
            settlement.at.into(),
            attempt.status.map(i64::from).into(),
            attempt.code.into(),
            attempt.detail.into(),
        ];
        sql.execute(sql::INSERT_ATTEMPT, parameters).await?;
    }
    audits::append(sql, settlement.audits).await?;
    Ok(held)
}

pub(super) async fn queue(sql: &impl Sql) -> Result<Vec<QueueDepth>, JournalError> {
    all(sql.query(sql::QUEUE, Vec::new()).await?, |row| {
        Ok(QueueDepth {
            destination: row.text()?,
            state: state(&row.text()?)?,
            count: row.integer()?,
            oldest: row.instant()?,
        })
    })
}

pub(super) async fn dispositions(sql: &impl Sql) -> Result<Vec<(String, i64)>, JournalError> {
    all(sql.query(sql::DISPOSITIONS, Vec::new()).await?, |row| Ok((row.text()?, row.integer()?)))
}

pub(super) async fn purge(sql: &impl Sql, before: Timestamp, limit: i64) -> Result<u64, JournalError> {
    let mut purged = 0;
    for mut row in sql.query(sql::PURGEABLE, vec![before.into(), at_most(limit)]).await? {
        let id = row.text()?;
        for statement in [sql::PURGE_ATTEMPTS, sql::PURGE_BODIES, sql::PURGE_ORIGINAL] {
            sql.execute(statement, vec![id.as_str().into()]).await?;
        }
        purged += 1;
    }
    Ok(purged)
}

/// Whether the proof was not used before.
pub(super) async fn remember_proof(sql: &impl Sql, proof: String, expires: Timestamp) -> Result<bool, JournalError> {
    Ok(sql.execute(sql::INSERT_PROOF, vec![proof.into(), expires.into()]).await? == 1)
}

/// How many proofs were forgotten.
pub(super) async fn forget_proofs(sql: &impl Sql, now: Timestamp) -> Result<u64, JournalError> {
    sql.execute(sql::DELETE_PROOFS, vec![now.into()]).await
}

pub(super) async fn probe(sql: &impl Sql, now: Timestamp) -> Result<(), JournalError> {
    sql.execute(sql::PROBE, vec![now.into()]).await.map(|_| ())
}

/// A limit below nothing is no limit in SQLite and an error in PostgreSQL.
pub(super) fn at_most(limit: i64) -> Value {
    limit.max(0).into()
}

fn all<T>(rows: Vec<Row>, read: impl Fn(&mut Row) -> Result<T, JournalError>) -> Result<Vec<T>, JournalError> {
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

fn one<T>(rows: Vec<Row>, read: impl Fn(&mut Row) -> Result<T, JournalError>) -> Result<Option<T>, JournalError> {
    rows.into_iter().next().map(|mut row| read(&mut row)).transpose()
}

fn status(number: i64) -> u16 {
    u16::try_from(number).unwrap_or_default()
}

fn state(word: &str) -> Result<DeliveryState, JournalError> {
    DeliveryState::parse(word).ok_or_else(|| JournalError::Damaged("a delivery has no known state".to_owned()))
}

fn message_row(row: &mut Row) -> Result<MessageRow, JournalError> {
    Ok(MessageRow {
        sequence: row.integer()?,
        id: row.text()?,
        kind: row.text()?,
        format: row.text()?,
        channel: row.text()?,
        sender: row.text()?,
        content_hash: row.text()?,
        received: row.instant()?,
        updated: row.instant()?,
        trace: row.text()?,
        disposition: row.text()?,
        reason: row.text()?,
        patient: row.optional_text()?,
        case: row.optional_text()?,
        content_type: row.text()?,
        answer_status: status(row.integer()?),
        answer_type: row.text()?,
        answer: row.bytes()?,
        issues: row.text()?,
        explanation: row.text()?,
    })
}

pub(super) fn delivery_row(row: &mut Row) -> Result<DeliveryRow, JournalError> {
    Ok(DeliveryRow {
        sequence: row.integer()?,
        message: row.text()?,
        destination: row.text()?,
        patient: row.text()?,
        case: row.text()?,
        kind: row.text()?,
        state: state(&row.text()?)?,
        attempts: row.integer()?,
        due: row.instant()?,
        created: row.instant()?,
        settled: row.optional_instant()?,
    })
}
