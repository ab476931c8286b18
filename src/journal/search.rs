//! Search: which of the newest versions have the values that are asked for, in an order, a page at a time.

use jiff::Timestamp;

use super::JournalError;
use super::resources::{self, indexed};
use super::rows::ResourceRow;
use super::scope::{Scope, Statement};
use super::sql::{self, Row, Sql};
use crate::domain::search::Comparison;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Resource type.
    pub kind: String,
    /// One of these ids; every one where the list is empty.
    pub ids: Vec<String>,
    /// All of these hold.
    pub all_of: Vec<AnyOf>,
    /// Written at the first time or later, and before the second.
    pub updated: (Option<Timestamp>, Option<Timestamp>),
    /// The order.
    pub order: Order,
    /// After this place in the order; for the next page.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: i64,
}

impl Search {
    /// Every resource of a type, the last written first.
    pub fn of(kind: &str, limit: i64) -> Self {
        Self {
            kind: kind.to_owned(),
            ids: Vec::new(),
            all_of: Vec::new(),
            updated: (None, None),
            order: Order::default(),
            after: None,
            limit,
        }
    }
}

/// One of these terms holds of a resource; with `is_not`, none of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnyOf {
    /// The terms.
    pub terms: Vec<Term>,
    /// Whether none of them may hold (`:not`, `:missing=true`).
    pub is_not: bool,
}

/// That a resource has a value of a search parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Name of the parameter.
    pub name: String,
    /// Which values.
    pub matches: Match,
}

impl Term {
    /// This value, of any system.
    pub fn value(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), matches: Match::Value { system: None, value: value.to_owned() } }
    }

    /// This value of this system; of none where it is empty.
    pub fn of_system(name: &str, system: &str, value: &str) -> Self {
        let matches = Match::Value { system: Some(system.to_owned()), value: value.to_owned() };
        Self { name: name.to_owned(), matches }
    }
}

/// Values of a search parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// This one.
    Value {
        /// Of this system; of any where none is named.
        system: Option<String>,
        /// Code, identifier, `Patient/<id>`, URI, or a whole text (folded).
        value: String,
    },
    /// Any one of a system.
    System(String),
    /// Those that begin with this, of texts (folded) and URIs.
    Prefix(String),
    /// Those that this is a part of.
    Contains(String),
    /// Those that are so compared with a time that is asked for.
    Time {
        /// How.
        comparison: Comparison,
        /// First millisecond of the time that is asked for.
        first: i64,
        /// Last millisecond.
        last: i64,
    },
    /// Any.
    Any,
}

/// By what the results are ordered; those that are alike by their id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Key.
    pub by: OrderBy,
    /// Whether the greatest is first.
    pub is_descending: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self { by: OrderBy::LastUpdated, is_descending: true }
    }
}

/// Keys of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderBy {
    /// When the newest version was written.
    LastUpdated,
    /// The logical id.
    Id,
}

/// A place in an order: that of the last result of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When it was written, in milliseconds since 1970.
    pub updated: i64,
    /// Its id.
    pub id: String,
}

impl Cursor {
    /// The place of a result.
    pub fn of(row: &ResourceRow) -> Self {
        Self { updated: row.updated.as_millisecond(), id: row.id.clone() }
    }
}

/// So few candidates are looked at one by one; more are looked for in the order that is asked for.
const FEW: i64 = 1_000;

/// How the rows are found.
enum Plan {
    /// Among these entries, which have an id that is asked for, or a value that few have.
    Entries(Vec<i64>),
    /// In the order that is asked for, part of the scope by part.
    InOrder,
}

pub(super) async fn page(sql: &impl Sql, scope: Scope, search: Search) -> Result<Vec<ResourceRow>, JournalError> {
    let plan = plan(sql, &search).await?;
    let limit = search.limit.max(0);
    let mut statement = Statement::new("SELECT ");
    statement.push(sql::RESOURCE_COLUMNS);
    let select = |statement: &mut Statement| {
        after(statement, &search);
        order(statement, &search, "n");
        statement.push(" LIMIT ").bind(limit);
    };
    if !found(&mut statement, (&scope, &search, &plan, Wanted::First), "n.sequence, n.updated, n.id", &select) {
        return Ok(Vec::new());
    }
    statement.push(" JOIN resources r ON r.sequence = p.sequence");
    order(&mut statement, &search, "p");
    statement.push(" LIMIT ").bind(limit);
    resources::rows(sql.query_built(statement).await?)
}

pub(super) async fn count(sql: &impl Sql, scope: Scope, search: Search) -> Result<i64, JournalError> {
    let plan = plan(sql, &search).await?;
    let mut statement = Statement::new("SELECT COUNT(*)");
    if !found(&mut statement, (&scope, &search, &plan, Wanted::All), "n.entry", &|_| ()) {
        return Ok(0);
    }
    let row = sql.query_built(statement).await?.into_iter().next();
    row.map_or(Ok(0), |mut row| row.integer())
}

/// How many of the rows are wanted: it decides how values are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The first ones of an order: each row is looked at until there are enough.
    First,
    /// Every one: all that have a value are looked for at once.
    All,
}

/// Looks whether one of the values that must be there is that of few resources.
async fn plan(sql: &impl Sql, search: &Search) -> Result<Plan, JournalError> {
    if !search.ids.is_empty() {
        // Not in the query of the page: with an order, SQLite would go through all of the kind in that order.
        let mut statement = Statement::new("SELECT n.entry FROM newest n WHERE n.kind = ");
        statement.bind_text(&search.kind).push(" AND n.id IN ").bind_all(search.ids.iter().map(String::as_str));
        return entries(sql.query_built(statement).await?).map(Plan::Entries);
    }
    for any in search.all_of.iter().filter(|any| any.is_indexed()) {
        let mut statement = Statement::new("SELECT t.entry FROM search_tokens t WHERE ");
        indexed_terms(&mut statement, &search.kind, any);
        statement.push(" LIMIT ").bind(FEW + 1);
        let rows = sql.query_built(statement).await?;
        if i64::try_from(rows.len()).is_ok_and(|count| count <= FEW) {
            return entries(rows).map(Plan::Entries);
        }
    }
    Ok(Plan::InOrder)
}

fn entries(rows: Vec<Row>) -> Result<Vec<i64>, JournalError> {
    rows.into_iter().map(|mut row| row.integer()).collect()
}

impl AnyOf {
    /// Whether an index leads to all that it can hold of.
    fn is_indexed(&self) -> bool {
        let is_indexed = |term: &Term| matches!(term.matches, Match::Value { .. } | Match::Prefix(_));
        !self.is_not && !self.terms.is_empty() && self.terms.iter().all(is_indexed)
    }
}

/// `FROM (...) p`: what the scope sees of what is looked for; false where that can be nothing.
fn found(
    statement: &mut Statement,
    (scope, search, plan, wanted): (&Scope, &Search, &Plan, Wanted),
    columns: &str,
    end: &dyn Fn(&mut Statement),
) -> bool {
    match plan {
        Plan::InOrder => statement.each_part(scope, |statement, part| {
            statement.push(&format!("SELECT {columns} FROM ")).newest_of(scope, part, false);
            statement.push(" AND n.kind = ").bind_text(&search.kind);
            conditions(statement, search, wanted);
            statement.push(" AND ").foremost_of(scope, part);
            end(statement);
        }),
        // The entries are of the kind. Said again, an index of all of the kind might be taken.
        Plan::Entries(entries) => {
            let numbers: Vec<String> = entries.iter().map(i64::to_string).collect();
            let numbers = if numbers.is_empty() { "NULL".to_owned() } else { numbers.join(", ") };
            statement.push(&format!(" FROM (SELECT {columns} FROM newest n WHERE n.entry IN ({numbers}) AND "));
            statement.visible(scope, "n");
            conditions(statement, search, Wanted::First);
            statement.push(" AND ").foremost(scope);
            end(statement);
            statement.push(") p");
            true
        }
    }
}

/// What must hold of a row beside its kind and that the scope sees it.
fn conditions(statement: &mut Statement, search: &Search, wanted: Wanted) {
    statement.push(" AND n.is_deleted = 0");
    if let Some(from) = search.updated.0 {
        statement.push(" AND n.updated >= ").bind(from);
    }
    if let Some(to) = search.updated.1 {
        statement.push(" AND n.updated < ").bind(to);
    }
    for any in &search.all_of {
        if wanted == Wanted::All && any.is_indexed() {
            statement.push(" AND n.entry IN (SELECT t.entry FROM search_tokens t WHERE ");
            indexed_terms(statement, &search.kind, any);
            statement.push(")");
            continue;
        }
        statement.push(if any.is_not { " AND NOT EXISTS (" } else { " AND EXISTS (" });
        statement.push("SELECT 1 FROM search_tokens t WHERE t.entry = n.entry AND (");
        for (number, term) in any.terms.iter().enumerate() {
            statement.push(if number == 0 { "(" } else { " OR (" });
            holds(statement, term);
            statement.push(")");
        }
        // Of no terms none holds.
        statement.push(if any.terms.is_empty() { "1 = 0" } else { "" });
        // With `OFFSET` PostgreSQL looks at the tokens of each row, and does not join the tables.
        statement.push(") LIMIT 1 OFFSET 0)");
    }
}

/// The condition that the token `t` is one that an index leads to.
fn indexed_terms(statement: &mut Statement, kind: &str, any: &AnyOf) {
    for (number, term) in any.terms.iter().enumerate() {
        statement.push(if number == 0 { "(t.kind = " } else { " OR (t.kind = " });
        statement.bind_text(kind).push(" AND t.earliest IS NULL AND ");
        holds(statement, term);
        statement.push(")");
    }
}

/// The condition that the token `t` is one of a term's.
fn holds(statement: &mut Statement, term: &Term) {
    statement.push("t.name = ").bind_text(&term.name);
    match &term.matches {
        Match::Value { system, value } => {
            statement.push(" AND t.value = ").bind(indexed(value));
            if let Some(system) = system {
                statement.push(" AND t.system = ").bind(indexed(system));
            }
        }
        Match::System(system) => {
            statement.push(" AND t.system = ").bind(indexed(system));
        }
        // Texts are ordered by their bytes.
        Match::Prefix(prefix) => {
            statement.push(" AND t.value >= ").bind(prefix.as_str());
            statement.push(" AND t.value < ").bind(format!("{prefix}\u{10ffff}"));
        }
        Match::Contains(part) => {
            let part = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            statement.push(" AND t.value LIKE ").bind(format!("%{part}%")).push(" ESCAPE '\\'");
        }
        Match::Time { comparison, first, last } => {
            statement.push(" AND t.earliest IS NOT NULL AND ");
            compares(statement, *comparison, (*first, *last));
        }
        Match::Any => {}
    }
}

fn compares(statement: &mut Statement, comparison: Comparison, (first, last): (i64, i64)) {
    let greater = |statement: &mut Statement| {
        statement.push("t.latest > ").bind(last);
    };
    let less = |statement: &mut Statement| {
        statement.push("t.earliest < ").bind(first);
    };
    let within = |statement: &mut Statement| {
        statement.push("(t.earliest >= ").bind(first).push(" AND t.latest <= ").bind(last).push(")");
    };
    match comparison {
        Comparison::Equal => within(statement),
        Comparison::NotEqual => {
            statement.push("NOT ");
            within(statement);
        }
        Comparison::Greater => greater(statement),
        Comparison::Less => less(statement),
        Comparison::GreaterOrEqual => {
            statement.push("(");
            greater(statement);
            statement.push(" OR ");
            within(statement);
            statement.push(")");
        }
        Comparison::LessOrEqual => {
            statement.push("(");
            less(statement);
            statement.push(" OR ");
            within(statement);
            statement.push(")");
        }
        Comparison::StartsAfter => {
            statement.push("t.earliest > ").bind(last);
        }
        Comparison::EndsBefore => {
            statement.push("t.latest < ").bind(first);
        }
        Comparison::Overlaps => {
            statement.push("t.earliest <= ").bind(last).push(" AND t.latest >= ").bind(first);
        }
    }
}

/// The condition that a row comes after the cursor.
fn after(statement: &mut Statement, search: &Search) {
    let Some(cursor) = &search.after else { return };
    let beyond = if search.order.is_descending { "<" } else { ">" };
    match search.order.by {
        OrderBy::LastUpdated => {
            statement.push(&format!(" AND (n.updated, n.id) {beyond} (")).bind(cursor.updated);
            statement.push(", ").bind(cursor.id.as_str()).push(")");
        }
        OrderBy::Id => {
            statement.push(&format!(" AND n.id {beyond} ")).bind(cursor.id.as_str());
        }
    }
}

fn order(statement: &mut Statement, search: &Search, alias: &str) {
    let direction = if search.order.is_descending { "DESC" } else { "ASC" };
    let time = match search.order.by {
        OrderBy::LastUpdated => format!("{alias}.updated {direction}, "),
        OrderBy::Id => String::new(),
    };
    statement.push(&format!(" ORDER BY {time}{alias}.id {direction}"));
}
