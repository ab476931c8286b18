//! Further trusts that see what belongs to a case.

use jiff::Timestamp;

use super::JournalError;
use super::sql::{self, Row, Sql};

/// That a trust sees what belongs to a case. Its rows stay: an end is written into them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Case.
    pub case: String,
    /// Id of the trust.
    pub trust: String,
    /// `forwarded`, `including-site`, `operator`.
    pub reason: String,
    /// When it was given.
    pub from: Timestamp,
    /// When it was ended; none while it holds. An ended grant shows nothing, whenever that was.
    pub to: Option<Timestamp>,
}

/// What is done with grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantWrite {
    /// Gives one; nothing where the same one holds already.
    Give(Grant),
    /// Ends those that the trust has of the case, for this reason or for every one.
    End {
        /// Case.
        case: String,
        /// Id of the trust.
        trust: String,
        /// Reason; every one where none is named.
        reason: Option<String>,
        /// When.
        at: Timestamp,
    },
}

impl GrantWrite {
    /// What both stores write them in the order of.
    pub(super) fn key(&self) -> (&str, &str) {
        match self {
            Self::Give(grant) => (&grant.case, &grant.trust),
            Self::End { case, trust, .. } => (case, trust),
        }
    }
}

pub(super) async fn write(sql: &impl Sql, grant: GrantWrite) -> Result<(), JournalError> {
    match grant {
        GrantWrite::Give(Grant { case, trust, reason, from, to }) => {
            let parameters = vec![case.into(), trust.into(), reason.into(), from.into(), to.into()];
            sql.execute(sql::INSERT_GRANT, parameters).await
        }
        GrantWrite::End { case, trust, reason, at } => {
            let parameters = vec![at.into(), case.into(), trust.into(), reason.into()];
            sql.execute(sql::END_GRANTS, parameters).await
        }
    }
    .map(|_| ())
}

pub(super) async fn of_case(sql: &impl Sql, case: String) -> Result<Vec<Grant>, JournalError> {
    sql.query(sql::GRANTS_OF_CASE, vec![case.into()]).await?.into_iter().map(read).collect()
}

pub(super) async fn of_trust(sql: &impl Sql, trust: String) -> Result<Vec<Grant>, JournalError> {
    sql.query(sql::GRANTS_OF_TRUST, vec![trust.into()]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Grant, JournalError> {
    Ok(Grant {
        case: row.text()?,
        trust: row.text()?,
        reason: row.text()?,
        from: row.instant()?,
        to: row.optional_instant()?,
    })
}
