//! The versions of a resource, or of all of a type.

use jiff::Timestamp;

use super::cursor::Seal;
use super::date;
use super::query::{COUNT, Handling, Invalid};
use super::run::Failure;
use super::value::encoded;
use crate::domain::search::Comparison;
use crate::journal::{HistoryQuery, Journal, ResourceRow, Scope};

/// A history that is asked for.
#[derive(Debug, Clone)]
pub struct HistoryAsked {
    kind: &'static str,
    id: Option<String>,
    since: Option<Timestamp>,
    count: usize,
    pub(super) cursor: Option<String>,
    /// The parameters that are used, without that of the place; each ends in `&`.
    pub(super) text: String,
}

/// A page of it.
#[derive(Debug, Default)]
pub struct Versions {
    /// The newest first.
    pub rows: Vec<ResourceRow>,
    /// Where the next page begins, where there is one.
    pub next: Option<String>,
}

impl HistoryAsked {
    /// Reads the parameters of a history.
    ///
    /// # Errors
    /// What is not of its form; what is not known, where that is refused.
    pub fn read(
        (kind, id): (&'static str, Option<&str>),
        pairs: &[(String, String)],
        handling: Handling,
    ) -> Result<Self, Invalid> {
        let mut asked =
            Self { kind, id: id.map(str::to_owned), since: None, count: COUNT.0, cursor: None, text: String::new() };
        for (at, (name, value)) in pairs.iter().enumerate() {
            if pairs.iter().take(at).any(|(other, _)| other == name) {
                return Err(Invalid::Form("a parameter stands twice".to_owned()));
            }
            asked.parameter(name, value, handling)?;
        }
        Ok(asked)
    }

    fn parameter(&mut self, name: &str, value: &str, handling: Handling) -> Result<(), Invalid> {
        match name {
            "_count" => {
                let count: usize = value.parse().map_err(|_| Invalid::Form("_count is no number".to_owned()))?;
                self.count = count.clamp(1, COUNT.1);
            }
            "_since" => {
                let since = date::wanted(value).filter(|(comparison, _)| *comparison == Comparison::Equal);
                let since = since.and_then(|(_, (first, _))| Timestamp::from_millisecond(first).ok());
                self.since = Some(since.ok_or_else(|| Invalid::Form("_since is no instant".to_owned()))?);
            }
            "_cursor" => {
                self.cursor = Some(value.to_owned());
                return Ok(());
            }
            "_format" | "_pretty" => {}
            _ => {
                // The entries of a history are versions: there is no place in it to tell what was not used.
                return match handling {
                    Handling::Strict => Err(Invalid::Form("a parameter is not known for a history".to_owned())),
                    Handling::Lenient => Ok(()),
                };
            }
        }
        self.text.push_str(&format!("{name}={}&", encoded(value)));
        Ok(())
    }

    /// `Type/_history`, or that of one resource.
    pub(super) fn path(&self) -> String {
        match &self.id {
            Some(id) => format!("{}/{id}/_history", self.kind),
            None => format!("{}/_history", self.kind),
        }
    }

    /// The parameters for the audit trail.
    pub fn detail(&self) -> &str {
        &self.text
    }
}

/// Reads a page of a history, of what the scope shows.
///
/// # Errors
/// The cursor, the journal.
pub async fn history(
    journal: &dyn Journal,
    scope: &Scope,
    asked: &HistoryAsked,
    seal: &Seal<'_>,
) -> Result<Versions, Failure> {
    let question = format!("{}?{}", asked.path(), asked.text);
    let before = asked.cursor.as_deref().map(|cursor| seal.open_sequence(&question, cursor)).transpose()?;
    let query = HistoryQuery {
        kind: asked.kind.to_owned(),
        id: asked.id.clone(),
        since: asked.since,
        before,
        limit: i64::try_from(asked.count.saturating_add(1)).unwrap_or(i64::MAX),
    };
    let rows = journal.history(scope.clone(), query).await?;
    Ok(page(rows, asked, &question, seal))
}

/// A page of versions that are all at hand, the newest first.
///
/// # Errors
/// The cursor.
pub fn history_of(mut rows: Vec<ResourceRow>, asked: &HistoryAsked, seal: &Seal<'_>) -> Result<Versions, Failure> {
    let question = format!("{}?{}", asked.path(), asked.text);
    let before = asked.cursor.as_deref().map(|cursor| seal.open_sequence(&question, cursor)).transpose()?;
    let is_since = |row: &ResourceRow| asked.since.is_none_or(|since| row.updated >= since);
    rows.retain(|row| is_since(row) && before.is_none_or(|before| row.sequence < before));
    Ok(page(rows, asked, &question, seal))
}

fn page(mut rows: Vec<ResourceRow>, asked: &HistoryAsked, question: &str, seal: &Seal<'_>) -> Versions {
    let has_next = rows.len() > asked.count;
    rows.truncate(asked.count);
    let next = rows.last().filter(|_| has_next).map(|last| seal.close_sequence(question, last.sequence));
    Versions { rows, next }
}
