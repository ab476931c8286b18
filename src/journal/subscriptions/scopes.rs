//! What subscribers see: kept with each subscription, since a commit decides by it what is an event.

use super::{json, statements, text};
use crate::journal::sql::{Row, Sql};
use crate::journal::{JournalError, Scope};

/// What the subscriber of one subscription sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionScope {
    /// Logical id.
    pub id: String,
    /// Organisation that it belongs to.
    pub owner: String,
    /// What it sees.
    pub scope: Scope,
}

pub(in crate::journal) async fn scopes(sql: &impl Sql) -> Result<Vec<SubscriptionScope>, JournalError> {
    let read = |mut row: Row| {
        let (id, owner) = (row.text()?, row.text()?);
        Ok(SubscriptionScope { id, owner, scope: scope(row.optional_text()?, &row.text()?)? })
    };
    sql.query(statements::SCOPES, Vec::new()).await?.into_iter().map(read).collect()
}

/// One row in a transaction of its own: whoever numbers events locks several, in the order of their ids.
pub(in crate::journal) async fn rescope(sql: &impl Sql, of: SubscriptionScope) -> Result<bool, JournalError> {
    let owners = text(&of.scope.owners.unwrap_or_default())?;
    let parameters = vec![of.scope.trust.into(), owners.into(), of.id.into(), of.owner.into()];
    Ok(sql.execute(statements::RESCOPE, parameters).await? == 1)
}

pub(super) fn scope(trust: Option<String>, owners: &str) -> Result<Scope, JournalError> {
    Ok(Scope { trust, owners: Some(json(owners)?) })
}
