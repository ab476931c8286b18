//! Lists of messages and of the audit trail: what of them a reader may see stands in the statement itself.

use jiff::Timestamp;

use super::rows::{AuditFilter, Filter};
use super::scope::{Part, Scope, Statement};
use super::sql;

/// The messages that a filter lets through, newest first. Each part of a scope is read by its own index, no longer than a page.
pub(super) fn messages(filter: &Filter) -> Statement {
    let everything = Scope::everything();
    let scope = filter.scope.as_ref().unwrap_or(&everything);
    // The fault that the matrix of trusts must find.
    #[cfg(feature = "planted-faults")]
    let scope = if crate::planted::is_planted("no-scope") { &everything } else { scope };
    let limit = filter.limit.max(0);
    let mut statement = Statement::new(&format!("SELECT {}", sql::MESSAGE_COLUMNS));
    let is_any = statement.each_part(scope, |statement, part| {
        statement.push(&format!("SELECT {} FROM ", sql::MESSAGE_COLUMNS));
        messages_of(statement, scope, part);
        narrow(statement, filter);
        statement.push(" ORDER BY sequence DESC LIMIT ").bind(limit);
    });
    if !is_any {
        statement = Statement::new(&format!("SELECT {} FROM messages m WHERE 1 = 0", sql::MESSAGE_COLUMNS));
    }
    statement.push(" ORDER BY sequence DESC LIMIT ").bind(limit);
    statement
}

/// Message and code of the last attempt for each delivery of messages, oldest delivery first.
pub(super) fn last_attempts(messages: &[String]) -> Statement {
    let mut statement = Statement::new("SELECT d.message, a.code FROM deliveries d");
    statement.push(" JOIN attempts a ON a.delivery = d.sequence WHERE d.message IN ");
    statement.bind_all(messages.iter().map(String::as_str));
    statement.push(" AND a.sequence = (SELECT MAX(l.sequence) FROM attempts l WHERE l.delivery = d.sequence)");
    statement.push(" ORDER BY d.sequence");
    statement
}

fn messages_of(statement: &mut Statement, scope: &Scope, part: Part<'_>) {
    match part {
        Part::Everything => statement.push("messages m WHERE 1 = 1"),
        Part::Owner(owner) => statement.push("messages m WHERE m.sender = ").bind_text(owner),
        Part::Granted(trust) => {
            statement.push("(SELECT DISTINCT case_key AS granted FROM grants WHERE until IS NULL AND trust = ");
            statement.bind_text(trust).push(
                ") g CROSS JOIN messages m WHERE m.case_key = g.granted \
                 AND m.kind = 'referral' AND m.sender NOT IN ",
            );
            statement.bind_all(scope.own().unwrap_or_default())
        }
    };
}

fn narrow(statement: &mut Statement, filter: &Filter) {
    let equal = [
        ("sender", &filter.sender),
        ("disposition", &filter.disposition),
        ("kind", &filter.kind),
        ("case_key", &filter.case),
    ];
    for (column, value) in equal {
        if let Some(value) = value {
            statement.push(&format!(" AND m.{column} = ")).bind_text(value);
        }
    }
    statement.push(" AND m.sequence < ").bind(filter.before.unwrap_or(i64::MAX));
    if let Some(from) = filter.from {
        statement.push(" AND m.received >= ").bind(from.as_millisecond());
    }
    if let Some(to) = filter.to {
        statement.push(" AND m.received < ").bind(to.as_millisecond());
    }
}

/// The rows of the audit trail that a filter lets through.
///
/// What is granted are the messages of the referral: a report is the laboratory's, and the trust that referred does not see it
/// as a message either.
///
/// A trust sees what was done with its own messages and its own forms of resources, with messages of cases that are granted to
/// it, and what it did itself: that another trust refers the same patient is not its matter. What it did to what is another's, or was
/// refused, says to it only that: whose it was, and whether anybody's, is said to the owner.
pub(super) fn audits(filter: &AuditFilter) -> Statement {
    let is_scoped = filter.scope.as_ref().is_some_and(|scope| scope.own().is_some());
    let mut statement = Statement::new(if is_scoped { sql::SEARCH_OWN_AUDITS } else { sql::SEARCH_AUDITS });
    which(&mut statement, filter);
    let order = if filter.is_oldest_first { "ASC" } else { "DESC" };
    statement.push(&format!(" ORDER BY a.sequence {order} LIMIT ")).bind(filter.limit.max(0));
    statement
}

/// How many those are, as far as the filter has them.
pub(super) fn audits_count(filter: &AuditFilter) -> Statement {
    let mut statement = Statement::new("SELECT COUNT(*) FROM (SELECT 1");
    which(&mut statement, filter);
    statement.push(" LIMIT ").bind(filter.limit.max(0)).push(") counted");
    statement
}

fn which(statement: &mut Statement, filter: &AuditFilter) {
    let own = filter.scope.as_ref().and_then(|scope| Some((scope, scope.own()?)));
    statement.push(" FROM ");
    match &own {
        None => statement.push("audit a WHERE 1 = 1"),
        Some((scope, own)) => {
            statement.push("(SELECT o.*, CASE WHEN ");
            concerns(statement, scope, own);
            statement.push(" THEN 1 ELSE 0 END AS is_own FROM audit o) a WHERE (a.is_own = 1");
            // Asked for by whose it is, what is not its own would say so.
            if filter.patient.is_none() && filter.message.is_none() {
                statement.push(" OR a.organisation IN ").bind_all(own.iter().copied());
            }
            statement.push(")")
        }
    };
    for (at, (chain, number)) in filter.ids.iter().enumerate() {
        statement.push(if at == 0 { " AND (" } else { " OR " });
        statement.push("(a.chain = ").bind(*chain).push(" AND a.number = ").bind(*number).push(")");
    }
    if !filter.ids.is_empty() {
        statement.push(")");
    }
    for (column, value) in [("patient", &filter.patient), ("message", &filter.message)] {
        if let Some(value) = value {
            statement.push(&format!(" AND a.{column} = ")).bind_text(value);
        }
    }
    if let Some(agent) = &filter.agent {
        statement.push(" AND (a.organisation = ").bind_text(agent).push(" OR a.client = ").bind_text(agent);
        // A client that a supplier runs has its number behind the name.
        let with_supplier = format!("{agent} via ");
        let length = with_supplier.chars().count();
        statement.push(&format!(" OR substr(a.client, 1, {length}) = ")).bind_text(&with_supplier).push(")");
    }
    for (column, words) in [("action", &filter.actions), ("outcome", &filter.outcomes)] {
        if !words.is_empty() {
            statement.push(&format!(" AND a.{column} IN ")).bind_all(words.iter().copied());
        }
    }
    match filter.is_oldest_first {
        true => statement.push(" AND a.sequence > ").bind(filter.before.unwrap_or(i64::MIN)),
        false => statement.push(" AND a.sequence < ").bind(filter.before.unwrap_or(i64::MAX)),
    };
    statement.push(" AND a.at >= ").bind(filter.from.map_or(i64::MIN, Timestamp::as_millisecond));
    statement.push(" AND a.at < ").bind(filter.to.map_or(i64::MAX, Timestamp::as_millisecond));
}

/// The condition that the row `o` is of what is the scope's: of its forms or messages or those granted to it, or of nobody's and
/// done by itself.
fn concerns(statement: &mut Statement, scope: &Scope, own: &[&str]) {
    let of_message = "EXISTS (SELECT 1 FROM messages m WHERE m.id = o.message AND m.sender IN ";
    statement.push("(o.tenant IN ").bind_all(own.iter().copied());
    statement.push(" OR (o.tenant IS NULL AND ").push(of_message).bind_all(own.iter().copied()).push("))");
    // What it did itself, but not to whose patient where that is another's.
    statement
        .push(" OR (o.tenant IS NULL AND o.message IS NULL AND (o.action <> 'deny' OR o.patient IS NULL) AND o.organisation IN ")
        .bind_all(own.iter().copied())
        .push(")");
    if let Some(trust) = &scope.trust {
        statement.push(
            " OR EXISTS (SELECT 1 FROM messages m CROSS JOIN grants g WHERE m.id = o.message \
             AND m.kind = 'referral' AND g.case_key = m.case_key AND g.until IS NULL AND g.trust = ",
        );
        statement.bind_text(trust).push(")");
    }
    statement.push(")");
}
