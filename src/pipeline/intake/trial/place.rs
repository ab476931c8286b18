//! How far the trial system has been read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::{Intake, damaged};
use crate::journal::{Case, CaseWrite, Change, JournalError};

/// How far one type has been read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PollPlace {
    /// Time of the newest version that was seen, in milliseconds since 1970.
    pub newest: Option<i64>,
    /// Versions that were seen in the margin before it, with their times.
    pub versions: BTreeMap<String, i64>,
    /// Whether the server has given them in another order than was asked for.
    pub is_unordered: bool,
}

impl Intake {
    /// How far a type has been read.
    ///
    /// Errors: the journal.
    pub async fn poll_place(&self, kind: &str) -> Result<PollPlace, JournalError> {
        self.place(kind).await.map(|(_, place)| place)
    }

    /// Keeps how far a type has been read. Where another node has kept its own meanwhile, that stands: what comes twice changes
    /// nothing.
    ///
    /// Errors: the journal.
    pub async fn keep_poll_place(&self, kind: &str, place: &PollPlace) -> Result<(), JournalError> {
        let (case, _) = self.place(kind).await?;
        let state = serde_json::to_string(place).map_err(|_| damaged(&case.key))?;
        let case = CaseWrite { key: case.key, read_revision: case.revision, state };
        self.journal.commit(Change { cases: vec![case], ..Change::default() }).await.map(|_| ())
    }

    async fn place(&self, kind: &str) -> Result<(Case, PollPlace), JournalError> {
        let key = format!("poll/{kind}");
        let case = self.journal.cases(vec![key.clone()]).await?.pop().ok_or_else(|| damaged(&key))?;
        let place = match &case.state {
            None => PollPlace::default(),
            Some(state) => serde_json::from_str(state).map_err(|_| damaged(&key))?,
        };
        Ok((case, place))
    }
}
