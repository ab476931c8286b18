//! Whether the file is whole: a bit that a disk has changed in an index or a page head can hide a delivery, and nothing else
//! would tell.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::connection::{failure, open_to_read};
use crate::domain::issue::IssueCode;
use crate::journal::JournalError;

/// Deliveries that no statement finds: of no state, or not in the index of what is to be sent. `integrity_check` does not
/// tell of a row that the condition of its index leaves out.
const HIDDEN: &str = "SELECT (SELECT COUNT(*) FROM deliveries NOT INDEXED \
    WHERE state NOT IN ('due', 'leased', 'delivered', 'dead', 'cancelled', 'superseded')) \
    + ABS((SELECT COUNT(*) FROM deliveries NOT INDEXED WHERE state IN ('due', 'leased')) \
    - (SELECT COUNT(*) FROM deliveries INDEXED BY deliveries_open WHERE state IN ('due', 'leased')))";

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Check(Arc<AtomicBool>);

impl Check {
    /// Reads all of the file on a thread of its own, beside those that use it.
    pub(super) fn start(&self, path: PathBuf) {
        let is_damaged = Arc::clone(&self.0);
        let look = move || {
            let found = open_to_read(&path).and_then(|connection| {
                let check = || -> rusqlite::Result<String> {
                    let text = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
                    let hidden: i64 = connection.query_row(HIDDEN, [], |row| row.get(0))?;
                    Ok(if hidden == 0 { text } else { format!("{hidden} deliveries are hidden; {text}") })
                };
                check().map_err(|error| failure(&error))
            });
            match found {
                Ok(text) if text == "ok" => {}
                Ok(text) => tell(&is_damaged, &text),
                Err(error @ JournalError::Damaged(_)) => tell(&is_damaged, &error.to_string()),
                Err(error) => tracing::warn!(error.code = %error.code(), "the journal could not be checked for damage"),
            }
        };
        if std::thread::Builder::new().name("journal-check".to_owned()).spawn(look).is_err() {
            tracing::warn!("the journal is not checked for damage: no thread");
        }
    }

    /// Errors: `Damaged` where the file was found to be.
    pub(super) fn verdict(&self) -> Result<(), JournalError> {
        if self.0.load(Ordering::Relaxed) {
            return Err(JournalError::Damaged("its tables and indexes do not agree".to_owned()));
        }
        Ok(())
    }
}

/// SQLite names pages, tables and row numbers, and no value.
fn tell(is_damaged: &AtomicBool, text: &str) {
    is_damaged.store(true, Ordering::Relaxed);
    tracing::error!(
        error.code = %IssueCode::JournalDamaged, detail = %text,
        "the journal is damaged: messages may be hidden; take a backup, and the gateway out of service"
    );
}
