//! Deliveries as they are put into the queue and taken from it.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::JournalError;
use super::change::NewDelivery;
use super::rows::Claimed;
use super::sql::{self, Row, Sql};
use super::work::{at_most, delivery_row};
use crate::domain::issue::IssueCode;

pub(super) async fn insert(sql: &impl Sql, delivery: NewDelivery) -> Result<(), JournalError> {
    let kind = delivery.kind.as_str();
    let hash =
        hash([&delivery.message, &delivery.destination, &delivery.patient, &delivery.case, kind, &delivery.body]);
    let parameters = vec![
        delivery.message.into(),
        delivery.destination.into(),
        delivery.patient.into(),
        delivery.case.into(),
        kind.into(),
        delivery.at.into(),
        delivery.at.into(),
        delivery.body.into(),
        hash.into(),
    ];
    sql.execute(sql::INSERT_DELIVERY, parameters).await.map(|_| ())
}

/// `lease` is new for every claim.
pub(super) async fn claim<S: Sql>(
    sql: &S,
    (destination, limit): (String, i64),
    (now, until): (Timestamp, Timestamp),
    lease: String,
) -> Result<Vec<Claimed>, JournalError> {
    let parameters = vec![destination.into(), now.into(), at_most(limit)];
    let mut claimed = Vec::new();
    for mut row in sql.query(S::CLAIM, parameters).await? {
        let sequence = row.integer()?;
        let parameters = vec![lease.as_str().into(), until.into(), sequence.into(), now.into()];
        let Some(row) = sql.query(sql::LEASE, parameters).await?.into_iter().next() else { continue };
        match read(row, &lease) {
            Ok(delivery) => claimed.push(delivery),
            // One that cannot be read must not keep the others of its destination from being sent.
            Err(_) => bury(sql, sequence, now).await?,
        }
    }
    Ok(claimed)
}

fn read(mut row: Row, lease: &str) -> Result<Claimed, JournalError> {
    let (body, stored) = (row.text()?, row.optional_text()?);
    let delivery = delivery_row(&mut row)?;
    let found =
        hash([&delivery.message, &delivery.destination, &delivery.patient, &delivery.case, &delivery.kind, &body]);
    let is_whole = stored.is_none_or(|stored| stored == found);
    #[cfg(feature = "planted-faults")]
    let is_whole = is_whole || crate::planted::is_planted("no-body-hash");
    Ok(Claimed { body, is_whole, delivery, lease: lease.to_owned() })
}

async fn bury(sql: &impl Sql, sequence: i64, now: Timestamp) -> Result<(), JournalError> {
    sql.execute(sql::BURY, vec![now.into(), sequence.into()]).await?;
    let code = IssueCode::JournalDamaged.as_str();
    let parameters = vec![sequence.into(), now.into(), None::<i64>.into(), code.into(), "".into()];
    sql.execute(sql::INSERT_ATTEMPT, parameters).await.map(|_| ())
}

pub(super) async fn bring_forward(
    sql: &impl Sql,
    destination: String,
    (now, due, lease): (Timestamp, Timestamp, Timestamp),
) -> Result<u64, JournalError> {
    sql.execute(sql::BRING_FORWARD, vec![now.into(), due.into(), lease.into(), destination.into()]).await
}

/// SHA-256, hexadecimal, of texts in an order; no two lists have the same.
fn hash(texts: [&str; 6]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
