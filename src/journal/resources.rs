//! Resources: how a version is written with what it is found by, and how versions are read.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::JournalError;
use super::change::NewResource;
use super::rows::ResourceRow;
use super::scope::{Scope, Statement};
use super::sql::{self, Row, Sql};
use super::work::at_most;
use crate::domain::search::Token;

/// A row that a commit wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Resource type.
    pub kind: String,
    /// Logical id.
    pub id: String,
    /// Owner.
    pub owner: String,
    /// Case that wrote it.
    pub case: Option<String>,
    /// Id of the patient's resource in the identified face.
    pub patient: Option<String>,
    /// Version.
    pub version: i64,
    /// Place in the order of changes.
    pub sequence: i64,
    /// When.
    pub updated: Timestamp,
    /// Whether it is a deletion.
    pub is_deleted: bool,
    /// What it is found by.
    pub tokens: Vec<Token>,
    /// Message that it comes from.
    pub message: Option<String>,
}

/// Which versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Resource type.
    pub kind: String,
    /// Of this resource; of every one of the type where none is named.
    pub id: Option<String>,
    /// Written at this time or later.
    pub since: Option<Timestamp>,
    /// Older than this place; for the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Tokens that one statement inserts.
const TOKENS_AT_ONCE: usize = 32;

/// Bytes of a system or value that fit in an index; a longer one is kept as its hash.
const INDEXED: usize = 512;

/// What is known of the newest version.
struct Newest {
    entry: i64,
    version: i64,
    tokens_hash: String,
    json: Option<String>,
}

/// What came of writing a resource.
pub(super) enum Outcome {
    /// It is a new version.
    Written(Box<Written>),
    /// It is the newest version already.
    Same,
    /// Another node wrote a version in between.
    Stale,
}

pub(super) async fn write(
    sql: &impl Sql,
    mut resource: NewResource,
    message: Option<&str>,
) -> Result<Outcome, JournalError> {
    let mut tokens = std::mem::take(&mut resource.tokens);
    if resource.json.is_none() {
        tokens.clear();
    }
    tokens.sort();
    tokens.dedup();
    let hash = hash(&tokens);
    let newest = newest(sql, &resource).await?;
    let is_same = newest.as_ref().is_some_and(|newest| newest.json == resource.json);
    let (entry, version) = match &newest {
        Some(newest) if is_same => (newest.entry, None),
        Some(newest) => match append(sql, &resource, Some(newest), &hash).await? {
            Some(version) => (newest.entry, Some(version)),
            None => return Ok(Outcome::Stale),
        },
        None => match begin(sql, &resource, &hash).await? {
            Some((entry, version)) => (entry, Some(version)),
            None => return Ok(Outcome::Stale),
        },
    };
    // The same text can be found by other values: the program that wrote it before knew other parameters.
    let known_hash = newest.as_ref().map_or("", |newest| newest.tokens_hash.as_str());
    if known_hash != hash {
        if is_same {
            sql.execute(sql::HASH_TOKENS, vec![hash.into(), entry.into()]).await?;
        }
        if newest.is_some() {
            sql.execute(sql::DELETE_TOKENS, vec![entry.into()]).await?;
        }
        insert_tokens(sql, entry, &resource.kind, &tokens).await?;
    }
    if let Some(case) = &resource.case {
        sql.execute(sql::INSERT_RESOURCE_CASE, vec![entry.into(), case.as_str().into()]).await?;
    }
    let Some((version, sequence)) = version else { return Ok(Outcome::Same) };
    Ok(Outcome::Written(Box::new(Written {
        kind: resource.kind,
        id: resource.id,
        owner: resource.owner,
        case: resource.case,
        patient: resource.patient,
        version,
        sequence,
        updated: resource.updated,
        is_deleted: resource.json.is_none(),
        tokens,
        message: message.map(str::to_owned),
    })))
}

async fn newest(sql: &impl Sql, resource: &NewResource) -> Result<Option<Newest>, JournalError> {
    let key = [&resource.kind, &resource.id, &resource.owner].map(|part| part.as_str().into());
    let row = sql.query(sql::NEWEST, key.to_vec()).await?.into_iter().next();
    let read = |mut row: Row| {
        Ok(Newest {
            entry: row.integer()?,
            version: row.integer()?,
            tokens_hash: row.text()?,
            json: row.optional_text()?,
        })
    };
    row.map(read).transpose()
}

/// The first version; its entry, version and place. None where another node was faster.
async fn begin(sql: &impl Sql, resource: &NewResource, hash: &str) -> Result<Option<(i64, (i64, i64))>, JournalError> {
    let Some(sequence) = insert(sql, resource, 1).await? else { return Ok(None) };
    let parameters = vec![
        resource.kind.as_str().into(),
        resource.id.as_str().into(),
        resource.owner.as_str().into(),
        sequence.into(),
        resource.updated.into(),
        i64::from(resource.json.is_none()).into(),
        hash.into(),
    ];
    let row = sql.query(sql::INSERT_NEWEST, parameters).await?.into_iter().next();
    row.map(|mut row| Ok((row.integer()?, (1, sequence)))).transpose()
}

/// A further version, and its place; none where another node was faster.
async fn append(
    sql: &impl Sql,
    resource: &NewResource,
    newest: Option<&Newest>,
    hash: &str,
) -> Result<Option<(i64, i64)>, JournalError> {
    let Some(newest) = newest else { return Ok(None) };
    let version = newest.version + 1;
    let Some(sequence) = insert(sql, resource, version).await? else { return Ok(None) };
    let parameters = vec![
        version.into(),
        sequence.into(),
        resource.updated.into(),
        i64::from(resource.json.is_none()).into(),
        hash.into(),
        newest.entry.into(),
        newest.version.into(),
    ];
    let is_written = sql.execute(sql::UPDATE_NEWEST, parameters).await? == 1;
    Ok(is_written.then_some((version, sequence)))
}

async fn insert(sql: &impl Sql, resource: &NewResource, version: i64) -> Result<Option<i64>, JournalError> {
    let parameters = vec![
        resource.kind.as_str().into(),
        resource.id.as_str().into(),
        version.into(),
        resource.owner.as_str().into(),
        resource.case.clone().into(),
        resource.patient.clone().into(),
        resource.updated.into(),
        resource.json.clone().into(),
    ];
    let row = sql.query(sql::INSERT_RESOURCE, parameters).await?.into_iter().next();
    row.map(|mut row| row.integer()).transpose()
}

async fn insert_tokens(sql: &impl Sql, entry: i64, kind: &str, tokens: &[Token]) -> Result<(), JournalError> {
    for some in tokens.chunks(TOKENS_AT_ONCE) {
        let mut statement =
            Statement::new("INSERT INTO search_tokens (entry, kind, name, system, value, earliest, latest) VALUES ");
        for (number, token) in some.iter().enumerate() {
            statement.push(if number == 0 { "(" } else { ", (" });
            statement.bind(entry).push(", ").bind(kind).push(", ").bind(token.name).push(", ");
            statement.bind(indexed(&token.system)).push(", ").bind(indexed(&token.value)).push(", ");
            statement.bind(token.period.map(|(first, _)| first)).push(", ");
            statement.bind(token.period.map(|(_, last)| last)).push(")");
        }
        sql.execute_built(statement).await?;
    }
    Ok(())
}

/// A system or value as it stands in the index.
pub(super) fn indexed(text: &str) -> String {
    if text.len() <= INDEXED {
        return text.to_owned();
    }
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// SHA-256 of tokens in an order, hexadecimal.
fn hash(tokens: &[Token]) -> String {
    let mut hasher = Sha256::new();
    let mut field = |text: &str| {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    };
    for token in tokens {
        field(token.name);
        field(&token.system);
        field(&token.value);
        field(&token.period.map(|(first, last)| format!("{first} {last}")).unwrap_or_default());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) async fn read(
    sql: &impl Sql,
    scope: Scope,
    kind: String,
    id: String,
) -> Result<Option<ResourceRow>, JournalError> {
    let mut statement = Statement::new("SELECT ");
    statement.push(sql::RESOURCE_COLUMNS).push(" FROM newest n JOIN resources r ON r.sequence = n.sequence");
    statement.push(" WHERE n.kind = ").bind(kind).push(" AND n.id = ").bind(id).push(" AND ").visible(&scope, "n");
    statement.push(" ORDER BY ").rank(&scope, "n").push(" DESC, n.sequence DESC LIMIT 1");
    Ok(rows(sql.query_built(statement).await?)?.pop())
}

pub(super) async fn version(
    sql: &impl Sql,
    scope: Scope,
    (kind, id): (String, String),
    version: i64,
) -> Result<Option<ResourceRow>, JournalError> {
    let mut statement = Statement::new("SELECT ");
    statement.push(sql::RESOURCE_COLUMNS).push(" FROM newest n JOIN resources r ON r.kind = n.kind AND r.id = n.id");
    statement.push(" AND r.owner = n.owner WHERE n.kind = ").bind(kind).push(" AND n.id = ").bind(id);
    statement.push(" AND r.version = ").bind(version).push(" AND ").visible(&scope, "n").push(" AND ");
    statement.foremost(&scope);
    Ok(rows(sql.query_built(statement).await?)?.pop())
}

pub(super) async fn history(
    sql: &impl Sql,
    scope: Scope,
    query: HistoryQuery,
) -> Result<Vec<ResourceRow>, JournalError> {
    let mut statement = Statement::new("SELECT ");
    statement.push(sql::RESOURCE_COLUMNS);
    // The versions of one resource are few: with the plus they are found by its id and then sorted. Without, the index of the
    // order would be walked past everybody else's.
    let sequence = if query.id.is_some() { "+r.sequence" } else { "r.sequence" };
    let is_any = statement.each_part(&scope, |statement, part| {
        statement.push("SELECT r.sequence FROM ").newest_of(&scope, part, true);
        statement.push(" AND r.kind = ").bind(query.kind.as_str());
        if let Some(id) = &query.id {
            statement.push(" AND r.id = ").bind(id.as_str());
        }
        if let Some(since) = query.since {
            statement.push(" AND r.updated >= ").bind(since);
        }
        statement.push(&format!(" AND {sequence} < ")).bind(query.before.unwrap_or(i64::MAX));
        statement.push(" AND ").foremost(&scope);
        statement.push(&format!(" ORDER BY {sequence} DESC LIMIT ")).bind(at_most(query.limit));
    });
    if !is_any {
        return Ok(Vec::new());
    }
    statement.push(" JOIN resources r ON r.sequence = p.sequence ORDER BY r.sequence DESC LIMIT ");
    statement.bind(at_most(query.limit));
    rows(sql.query_built(statement).await?)
}

pub(super) fn rows(rows: Vec<Row>) -> Result<Vec<ResourceRow>, JournalError> {
    let read = |mut row: Row| {
        Ok(ResourceRow {
            sequence: row.integer()?,
            kind: row.text()?,
            id: row.text()?,
            version: row.integer()?,
            owner: row.text()?,
            case: row.optional_text()?,
            patient: row.optional_text()?,
            updated: row.instant()?,
            json: row.optional_text()?,
        })
    };
    rows.into_iter().map(read).collect()
}
