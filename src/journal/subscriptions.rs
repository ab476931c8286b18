//! What is told to those who subscribe to changes of resources.

use super::JournalError;
use super::resources::Written;
use super::sql::Sql;

/// Called with what a commit writes, in its transaction.
pub(super) async fn matched(_sql: &impl Sql, _written: &[Written]) -> Result<(), JournalError> {
    Ok(())
}
