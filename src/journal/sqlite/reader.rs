//! Connections that read, beside the writer.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::connection::{Local, open_to_read};
use crate::journal::{AuditKey, JournalError};

/// Connections that are free. More than `keep` at once are opened and closed as they are needed.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    keep: usize,
    key: AuditKey,
    free: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, keep: usize, key: AuditKey) -> Self {
        Self { path, keep, key, free: Mutex::new(Vec::new()) }
    }

    /// Runs a query; what it sees is committed.
    pub(super) fn with<T>(&self, run: impl FnOnce(&Local<'_>) -> Result<T, JournalError>) -> Result<T, JournalError> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match free {
            Some(connection) => connection,
            None => open_to_read(&self.path)?,
        };
        let result = run(&Local(&connection, &self.key));
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        // A connection that failed is not kept.
        if result.is_ok() && free.len() < self.keep {
            free.push(connection);
        }
        result
    }
}
