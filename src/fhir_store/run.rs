//! A search, done: the page, what is shown with it, and how many there are.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use super::cursor::Seal;
use super::query::{Asked, Invalid, refers_to};
use crate::fhir::search;
use crate::journal::{Cursor, Journal, JournalError, Order, OrderBy, ResourceRow, Scope, Search};

/// Resources that are shown beside those of a page at most: whoever asks for more is told so, since an answer that lacks some
/// would look whole.
pub const INCLUDED: usize = 5_000;

/// Ids that one question to the journal names at most.
const IDS_AT_ONCE: usize = 500;

/// Why a search has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The cursor.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// More would be included than an answer can hold.
    #[error("more than {INCLUDED} resources would be included")]
    TooMany,
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The answer.
#[derive(Debug, Default)]
pub struct Page {
    /// What was searched for.
    pub matches: Vec<ResourceRow>,
    /// What is shown with it.
    pub included: Vec<ResourceRow>,
    /// How many there are, where that was asked for.
    pub total: Option<i64>,
    /// Where the next page begins, where there is one.
    pub next: Option<String>,
}

impl Page {
    /// Every resource of it.
    pub fn rows(&self) -> impl Iterator<Item = &ResourceRow> {
        self.matches.iter().chain(&self.included)
    }
}

/// Searches what the scope shows.
///
/// # Errors
/// See [`Failure`].
pub async fn search(journal: &dyn Journal, scope: &Scope, asked: &Asked, seal: &Seal<'_>) -> Result<Page, Failure> {
    let question = question(asked);
    let after = asked.cursor.as_deref().map(|cursor| seal.open(&question, cursor)).transpose()?;
    let mut page = Page::default();
    if asked.is_count || asked.has_total {
        page.total = Some(total(journal, scope, asked).await?);
    }
    if asked.is_count {
        return Ok(page);
    }
    page.matches = matches(journal, scope, asked, after).await?;
    if page.matches.len() > asked.count {
        if asked.is_personal {
            return Err(Failure::Invalid(too_wide()));
        }
        page.matches.truncate(asked.count);
        page.next = page.matches.last().map(|last| seal.close(&question, last));
    }
    page.included = included(journal, scope, asked, &page.matches).await?;
    Ok(page)
}

/// Searches what is all at hand: of a type whose resources are few, those that the caller sees.
///
/// # Errors
/// The cursor.
pub fn search_of(mut rows: Vec<ResourceRow>, asked: &Asked, seal: &Seal<'_>) -> Result<Page, Failure> {
    let question = question(asked);
    let after = asked.cursor.as_deref().map(|cursor| seal.open(&question, cursor)).transpose()?;
    let order = asked.search.order;
    let times = asked.times.ranges();
    let is_at = |at: Timestamp| {
        times.iter().any(|(from, to)| from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to))
    };
    let ids = &asked.search.ids;
    rows.retain(|row| !asked.is_nothing && (ids.is_empty() || ids.contains(&row.id)) && is_at(row.updated));
    let mut page = Page::default();
    if asked.is_count || asked.has_total {
        page.total = Some(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    }
    if asked.is_count {
        return Ok(page);
    }
    if let Some(after) = after {
        let place = key(order, after.updated, &after.id);
        rows.retain(|row| {
            let here = key_of(order, row);
            if order.is_descending { here < place } else { here > place }
        });
    }
    sort(&mut rows, order);
    let has_next = rows.len() > asked.count;
    rows.truncate(asked.count);
    page.next = rows.last().filter(|_| has_next).map(|last| seal.close(&question, last));
    page.matches = rows;
    Ok(page)
}

/// The link to a next page would hold what says who a person is.
fn too_wide() -> Invalid {
    let text = "more are found by what says who a person is than one answer holds; ask more precisely";
    Invalid::Form(text.to_owned())
}

fn question(asked: &Asked) -> String {
    format!("{}?{}", asked.search.kind, asked.text)
}

async fn total(journal: &dyn Journal, scope: &Scope, asked: &Asked) -> Result<i64, JournalError> {
    let mut total = 0;
    for search in searches(asked, None, 0) {
        total += journal.count(scope.clone(), search).await?;
    }
    Ok(total)
}

/// The page, and one more where there is a next one.
async fn matches(
    journal: &dyn Journal,
    scope: &Scope,
    asked: &Asked,
    after: Option<Cursor>,
) -> Result<Vec<ResourceRow>, JournalError> {
    let limit = asked.count.saturating_add(1);
    let mut found = Vec::new();
    for search in searches(asked, after, limit) {
        found.extend(journal.search(scope.clone(), search).await?);
    }
    sort(&mut found, asked.search.order);
    found.truncate(limit);
    Ok(found)
}

fn sort(rows: &mut [ResourceRow], order: Order) {
    let key = |row: &ResourceRow| key_of(order, row);
    rows.sort_by(|a, b| if order.is_descending { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) });
}

/// The place of a row. The journal orders by whole milliseconds, as the cursor does.
fn key_of(order: Order, row: &ResourceRow) -> (i64, String) {
    key(order, row.updated.as_millisecond(), &row.id)
}

fn key(order: Order, updated: i64, id: &str) -> (i64, String) {
    match order.by {
        OrderBy::LastUpdated => (updated, id.to_owned()),
        OrderBy::Id => (0, id.to_owned()),
    }
}

/// A question to the journal for each range of time.
fn searches(asked: &Asked, after: Option<Cursor>, limit: usize) -> Vec<Search> {
    if asked.is_nothing {
        return Vec::new();
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let of = |updated| Search { updated, after: after.clone(), limit, ..asked.search.clone() };
    asked.times.ranges().into_iter().map(of).collect()
}

/// What the results refer to and what refers to them, each once and none that is a result; in an order of its own.
async fn included(
    journal: &dyn Journal,
    scope: &Scope,
    asked: &Asked,
    matches: &[ResourceRow],
) -> Result<Vec<ResourceRow>, Failure> {
    let mut found: BTreeMap<(String, String), ResourceRow> = BTreeMap::new();
    let ids: HashSet<&str> = matches.iter().map(|row| row.id.as_str()).collect();
    let is_match = |row: &ResourceRow| row.kind == asked.search.kind && ids.contains(row.id.as_str());
    for (kind, ids) in referred_to(asked, matches) {
        let ids: Vec<String> = ids.into_iter().collect();
        for some in ids.chunks(IDS_AT_ONCE) {
            let limit = i64::try_from(some.len()).unwrap_or(i64::MAX);
            let search = Search { ids: some.to_vec(), ..Search::of(kind, limit) };
            keep(&mut found, journal.search(scope.clone(), search).await?, &is_match)?;
        }
    }
    for include in asked.reverse_includes.iter().filter(|_| !matches.is_empty()) {
        for some in matches.chunks(IDS_AT_ONCE) {
            let references = some.iter().map(|row| format!("{}/{}", row.kind, row.id));
            let mut search = Search::of(include.source, i64::try_from(INCLUDED + 1).unwrap_or(i64::MAX));
            search.all_of.push(refers_to(include.parameter, references));
            keep(&mut found, journal.search(scope.clone(), search).await?, &is_match)?;
        }
    }
    Ok(found.into_values().collect())
}

fn keep(
    found: &mut BTreeMap<(String, String), ResourceRow>,
    rows: Vec<ResourceRow>,
    is_match: &impl Fn(&ResourceRow) -> bool,
) -> Result<(), Failure> {
    let new = rows.into_iter().filter(|row| !is_match(row));
    found.extend(new.map(|row| ((row.kind.clone(), row.id.clone()), row)));
    if found.len() > INCLUDED { Err(Failure::TooMany) } else { Ok(()) }
}

/// The ids that the results refer to by what is included, by type.
fn referred_to(asked: &Asked, matches: &[ResourceRow]) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut ids: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    if asked.includes.is_empty() {
        return ids;
    }
    for row in matches {
        let resource: Option<Value> = row.json.as_deref().and_then(|json| serde_json::from_str(json).ok());
        // What is sealed is no reference.
        let unsealed = |_: &str, _: &str| String::new();
        for token in resource.iter().flat_map(|resource| search::tokens(resource, &unsealed)) {
            let Some((kind, id)) = token.value.split_once('/') else { continue };
            for include in asked.includes.iter().filter(|include| include.parameter == token.name) {
                if let Some(kind) = include.targets().into_iter().find(|target| *target == kind) {
                    ids.entry(kind).or_default().insert(id.to_owned());
                }
            }
        }
    }
    ids
}
