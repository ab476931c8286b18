//! What is told to those who subscribe to changes of resources.
//!
//! An event gets its number in the transaction that writes the resource, under the lock of the subscription's row: no number is
//! left out or given twice, and on every node events are numbered in the order in which they become visible. The event is the
//! outbox entry: it is sent when all before it are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::change::Audit;
use super::resources::Written;
use super::scope::{Scope, Statement};
use super::sql::{Row, Sql, Value};
use super::work::at_most;
use super::{JournalError, Pending, audits};
use crate::domain::subscription::{Filters, Status, Topic, fits};
use crate::domain::trust::Trusts;

mod rows;
mod statements;

pub use self::rows::{Changed, ClaimTimes, ClaimedSubscription, EventRow, NewSubscription, Notified, SubscriptionRow};

/// A store of subscriptions.
pub trait Subscriptions: Send + Sync {
    /// Keeps a new one; false where its owner has `most` already.
    fn subscribe(&self, new: NewSubscription, most: i64, audits: Vec<Audit>) -> Pending<'_, bool>;

    /// Replaces one of the same id and owner, where it has the `version` that is named. Numbers go on. What was not sent when it
    /// failed or was off is not sent any more: it can be asked for.
    fn resubscribe(&self, new: NewSubscription, version: Option<i64>, audits: Vec<Audit>) -> Pending<'_, Changed>;

    /// Deletes one of an owner, with its events and versions, where it has the `version` that is named.
    fn unsubscribe(&self, owner: String, id: String, version: Option<i64>, audits: Vec<Audit>) -> Pending<'_, Changed>;

    /// One of an owner.
    fn subscription(&self, owner: String, id: String) -> Pending<'_, Option<SubscriptionRow>>;

    /// The versions of one of an owner that are kept, newest first; none where there is none.
    fn subscription_versions(&self, owner: String, id: String) -> Pending<'_, Vec<SubscriptionRow>>;

    /// Those of an owner, oldest first.
    fn subscriptions(&self, owner: String) -> Pending<'_, Vec<SubscriptionRow>>;

    /// Events of a subscription from the first number to the second, in order; at most `limit`.
    fn events(&self, id: String, numbers: (i64, i64), limit: i64) -> Pending<'_, Vec<EventRow>>;

    /// Takes up to `limit` subscriptions whose endpoint is to be called now, and leases them. Ends those whose time is over.
    fn claim_subscriptions(&self, limit: i64, times: ClaimTimes) -> Pending<'_, Vec<ClaimedSubscription>>;

    /// Writes what came of it; false where the lease had run out, or the subscription was changed meanwhile.
    fn notified(&self, notified: Notified) -> Pending<'_, bool>;

    /// The table by which a commit decides what a subscriber sees: trusts merge on a day, and numbers end. The first one stays;
    /// without one it is what each saw when it subscribed.
    fn see_by(&self, trusts: Arc<Trusts>);

    /// Deletes events before `before` that nothing waits to send. Returns how many.
    fn purge_events(&self, before: Timestamp) -> Pending<'_, u64>;
}

/// Called with what a commit writes, in its transaction.
pub(super) async fn matched(sql: &impl Sql, written: &[Written], trusts: Option<&Trusts>) -> Result<(), JournalError> {
    let Some(at) = written.iter().map(|row| row.updated).max() else { return Ok(()) };
    let today = trusts.map(|trusts| (trusts, at));
    let kinds: BTreeSet<&str> = written.iter().map(|row| row.kind.as_str()).collect();
    // By subscription, since rows are locked in one order, so that two nodes never wait for each other.
    let mut events: BTreeMap<String, Vec<&Written>> = BTreeMap::new();
    for kind in kinds.into_iter().filter(|kind| Topic::of_type(kind).is_some()) {
        for (scope, listening) in listening(sql, kind, today).await? {
            for one in written.iter().filter(|one| one.kind == kind) {
                let fitting: Vec<&Listening> = listening.iter().filter(|listening| listening.fits(one)).collect();
                // Subscribers that see the same are asked for once.
                if !fitting.is_empty() && is_visible(sql, &scope, one).await? {
                    for listening in fitting {
                        events.entry(listening.id.clone()).or_default().push(one);
                    }
                }
            }
        }
    }
    for (id, rows) in events {
        append(sql, &id, &rows).await?;
    }
    Ok(())
}

struct Listening {
    id: String,
    filters: Filters,
    ends: Timestamp,
}

impl Listening {
    fn fits(&self, row: &Written) -> bool {
        row.updated < self.ends && fits(&self.filters, &row.id, &row.tokens)
    }
}

/// Who listens to a type, by what they see: what their organisations see today, else what they saw when they subscribed.
async fn listening(
    sql: &impl Sql,
    kind: &str,
    today: Option<(&Trusts, Timestamp)>,
) -> Result<Vec<(Scope, Vec<Listening>)>, JournalError> {
    let mut of_owners: BTreeMap<String, Scope> = BTreeMap::new();
    let mut by_scope: Vec<(Scope, Vec<Listening>)> = Vec::new();
    for mut row in sql.query(statements::LISTENING, vec![kind.into()]).await? {
        let (id, owner) = (row.text()?, row.text()?);
        let (trust, owners) = (row.optional_text()?, row.text()?);
        let listening = Listening { id, filters: json(&row.text()?)?, ends: row.instant()? };
        let scope = match today {
            Some((trusts, at)) => {
                let scope = |owner: &String| Scope::of_organisation(trusts, owner, at);
                of_owners.entry(owner).or_insert_with_key(scope).clone()
            }
            None => Scope { trust, owners: Some(json(&owners)?) },
        };
        match by_scope.iter_mut().find(|(known, _)| *known == scope) {
            Some((_, all)) => all.push(listening),
            None => by_scope.push((scope, vec![listening])),
        }
    }
    Ok(by_scope)
}

/// The condition is that of every reader: of several forms of a resource the one that is read is told, and no other.
async fn is_visible(sql: &impl Sql, scope: &Scope, row: &Written) -> Result<bool, JournalError> {
    let mut statement = Statement::new("SELECT n.entry FROM newest n WHERE n.kind = ");
    statement.bind(row.kind.as_str()).push(" AND n.id = ").bind(row.id.as_str());
    statement.push(" AND n.owner = ").bind(row.owner.as_str()).push(" AND ").visible(scope, "n");
    statement.push(" AND ").foremost(scope);
    Ok(!sql.query_built(statement).await?.is_empty())
}

async fn append(sql: &impl Sql, id: &str, rows: &[&Written]) -> Result<(), JournalError> {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let Some(kind) = rows.first().map(|row| row.kind.as_str()) else { return Ok(()) };
    let parameters = vec![count.into(), id.into(), kind.into()];
    // Nobody has it where it was deleted, turned off or given another topic meanwhile.
    let Some(mut counted) = sql.query(statements::COUNT_EVENTS, parameters).await?.pop() else { return Ok(()) };
    let last = counted.integer()?;
    for (number, row) in (last - count + 1..).zip(rows) {
        let parameters = vec![
            id.into(),
            number.into(),
            row.kind.as_str().into(),
            row.id.as_str().into(),
            row.owner.as_str().into(),
            row.version.into(),
            row.patient.clone().into(),
            row.updated.into(),
        ];
        sql.execute(statements::INSERT_EVENT, parameters).await?;
    }
    Ok(())
}

pub(super) async fn subscribe(
    sql: &impl Sql,
    new: NewSubscription,
    most: i64,
    audits: Vec<Audit>,
) -> Result<bool, JournalError> {
    let (id, owner) = (new.id.clone(), new.owner.clone());
    let mut parameters: Vec<Value> = vec![id.into(), owner.into()];
    parameters.extend(values(new)?);
    parameters.push(most.into());
    let is_new = sql.execute(statements::INSERT, parameters).await? == 1;
    if is_new {
        audits::append(sql, audits).await?;
    }
    Ok(is_new)
}

pub(super) async fn resubscribe(
    sql: &impl Sql,
    new: NewSubscription,
    version: Option<i64>,
    audits: Vec<Audit>,
) -> Result<Changed, JournalError> {
    let (id, owner) = (new.id.clone(), new.owner.clone());
    let mut parameters = values(new)?;
    parameters.extend([id.as_str().into(), owner.as_str().into(), version.into()]);
    if sql.execute(statements::REPLACE, parameters).await? == 0 {
        return unchanged(sql, owner, id).await;
    }
    audits::append(sql, audits).await?;
    Ok(Changed::Done)
}

/// Why nothing was changed.
async fn unchanged(sql: &impl Sql, owner: String, id: String) -> Result<Changed, JournalError> {
    let found = subscription(sql, owner, id).await?;
    Ok(if found.is_some() { Changed::OtherVersion } else { Changed::Absent })
}

/// What a new one and a changed one have in common, in the order of both statements.
fn values(new: NewSubscription) -> Result<Vec<Value>, JournalError> {
    Ok(vec![
        new.scope.trust.into(),
        text(&new.scope.owners.unwrap_or_default())?.into(),
        new.topic.resource_type().into(),
        text(&new.filters)?.into(),
        new.status.as_str().into(),
        i64::from(new.is_pushed).into(),
        new.definition.into(),
        new.secrets.into(),
        new.at.into(),
        new.ends.into(),
        new.batch.into(),
        new.heartbeat.into(),
        new.patience.into(),
    ])
}

pub(super) async fn unsubscribe(
    sql: &impl Sql,
    (owner, id): (String, String),
    version: Option<i64>,
    audits: Vec<Audit>,
) -> Result<Changed, JournalError> {
    let parameters = vec![id.as_str().into(), owner.as_str().into(), version.into()];
    if sql.execute(statements::DELETE, parameters).await? == 0 {
        return unchanged(sql, owner, id).await;
    }
    sql.execute(statements::DELETE_EVENTS, vec![id.into()]).await?;
    audits::append(sql, audits).await?;
    Ok(Changed::Done)
}

pub(super) async fn subscription(
    sql: &impl Sql,
    owner: String,
    id: String,
) -> Result<Option<SubscriptionRow>, JournalError> {
    let row = sql.query(statements::ONE, vec![id.into(), owner.into()]).await?.into_iter().next();
    row.map(read).transpose()
}

pub(super) async fn versions(sql: &impl Sql, owner: String, id: String) -> Result<Vec<SubscriptionRow>, JournalError> {
    sql.query(statements::VERSIONS, vec![id.into(), owner.into()]).await?.into_iter().map(read).collect()
}

pub(super) async fn of_owner(sql: &impl Sql, owner: String) -> Result<Vec<SubscriptionRow>, JournalError> {
    sql.query(statements::OF_OWNER, vec![owner.into()]).await?.into_iter().map(read).collect()
}

pub(super) async fn events(
    sql: &impl Sql,
    id: String,
    (first, last): (i64, i64),
    limit: i64,
) -> Result<Vec<EventRow>, JournalError> {
    let parameters = vec![id.into(), first.into(), last.into(), at_most(limit)];
    sql.query(statements::EVENTS, parameters).await?.into_iter().map(event).collect()
}

/// `lease` is new for every claim.
pub(super) async fn claim(
    sql: &impl Sql,
    limit: i64,
    times: ClaimTimes,
    lease: String,
) -> Result<Vec<ClaimedSubscription>, JournalError> {
    let ClaimTimes { now, until, horizon } = times;
    sql.execute(statements::END, vec![now.into()]).await?;
    let parameters = vec![now.into(), horizon.into(), until.into(), at_most(limit)];
    let mut claimed = Vec::new();
    for mut row in sql.query(statements::CALLABLE, parameters).await? {
        let id = row.text()?;
        let parameters = vec![lease.as_str().into(), now.into(), id.as_str().into(), horizon.into(), until.into()];
        let Some(mut row) = sql.query(statements::LEASE, parameters).await?.into_iter().next() else { continue };
        let batch = row.integer()?;
        let row = read(row)?;
        let events = match row.status {
            Status::Active => events(sql, id, (row.sent + 1, i64::MAX), batch).await?,
            _ => Vec::new(),
        };
        claimed.push(ClaimedSubscription { row, lease: lease.clone(), events });
    }
    Ok(claimed)
}

pub(super) async fn notified(sql: &impl Sql, notified: Notified) -> Result<bool, JournalError> {
    let parameters = vec![
        notified.status.as_str().into(),
        notified.at.into(),
        notified.sent.into(),
        notified.attempts.into(),
        notified.due.into(),
        notified.beat.into(),
        notified.error.into(),
        notified.id.into(),
        notified.lease.into(),
    ];
    let held = sql.execute(statements::SETTLE, parameters).await? == 1;
    audits::append(sql, notified.audits).await?;
    Ok(held)
}

pub(super) async fn purge(sql: &impl Sql, before: Timestamp) -> Result<u64, JournalError> {
    let mut purged = 0;
    for mut row in sql.query(statements::PURGEABLE, vec![before.into()]).await? {
        let (id, last) = (row.text()?, row.integer()?);
        if sql.execute(statements::PURGE, vec![last.into(), id.as_str().into()]).await? == 1 {
            purged += sql.execute(statements::PURGE_EVENTS, vec![id.into(), last.into()]).await?;
        }
    }
    Ok(purged)
}

fn read(mut row: Row) -> Result<SubscriptionRow, JournalError> {
    let unknown = |what: &str| JournalError::Damaged(format!("a subscription has no known {what}"));
    Ok(SubscriptionRow {
        id: row.text()?,
        owner: row.text()?,
        topic: Topic::of_type(&row.text()?).ok_or_else(|| unknown("type"))?,
        status: Status::parse(&row.text()?).ok_or_else(|| unknown("status"))?,
        is_pushed: row.integer()? == 1,
        definition: row.text()?,
        secrets: row.bytes()?,
        version: row.integer()?,
        updated: row.instant()?,
        events: row.integer()?,
        sent: row.integer()?,
        purged: row.integer()?,
        attempts: row.integer()?,
        heartbeat: row.integer()?,
        error: row.text()?,
    })
}

fn event(mut row: Row) -> Result<EventRow, JournalError> {
    Ok(EventRow {
        number: row.integer()?,
        kind: row.text()?,
        id: row.text()?,
        patient: row.optional_text()?,
        at: row.instant()?,
    })
}

fn text(value: &impl serde::Serialize) -> Result<String, JournalError> {
    serde_json::to_string(value).map_err(|_| JournalError::Damaged("a subscription cannot be written".to_owned()))
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, JournalError> {
    serde_json::from_str(text).map_err(|_| JournalError::Damaged("a subscription is not as it was written".to_owned()))
}
