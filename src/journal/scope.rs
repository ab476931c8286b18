//! Whose resources a reader sees, and the conditions of it: they stand in every statement that reads resources.

use jiff::Timestamp;

use super::sql::Value;
use crate::domain::moment::norwegian_day;
use crate::domain::org_number::OrgNumber;
use crate::domain::trust::Trusts;

/// Owner of what the trial named, in its own form.
pub const TRIAL: &str = "trial";

/// Owner of what every trust may see.
pub const PUBLIC: &str = "public";

/// Owner of what no trust may see yet: no scope but that of everything holds it, since it is of no case.
pub const HELD: &str = "held";

/// What a reader may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Resources of these owners; none: everything, for whoever runs the gateway.
    pub owners: Option<Vec<String>>,
    /// The trust whose grants count. It sees what is of [`PUBLIC`] too, and never what is of [`TRIAL`].
    pub trust: Option<String>,
}

impl Scope {
    /// Everything of everybody.
    pub fn everything() -> Self {
        Self { owners: None, trust: None }
    }

    /// What the trial named, in its own form, and nothing else.
    pub fn trial() -> Self {
        Self { owners: Some(vec![TRIAL.to_owned()]), trust: None }
    }

    /// What a trust sees: what is owned by one of its organisation numbers, what is public, and what belongs to a case that
    /// is granted to it.
    pub fn of_trust(trust: &str, owners: Vec<String>) -> Self {
        Self { owners: Some(owners), trust: Some(trust.to_owned()) }
    }

    /// What an organisation sees as a trust at an instant; nothing where its number is no trust's that day: what it had is its
    /// successor's.
    pub fn of_organisation(trusts: &Trusts, organisation: &str, at: Timestamp) -> Self {
        let number = OrgNumber::parse(organisation).ok();
        match number.and_then(|number| trusts.tenancy(&number, norwegian_day(at))) {
            Some(tenancy) => {
                let numbers = tenancy.numbers.iter().map(|number| number.as_str().to_owned());
                Self::of_trust(&tenancy.trust.id, numbers.collect())
            }
            None => Self { owners: Some(Vec::new()), trust: None },
        }
    }

    /// The owners that the scope is of; none for everything.
    pub(super) fn own(&self) -> Option<Vec<&str>> {
        let owners = self.owners.as_ref()?.iter().map(String::as_str);
        let mut own: Vec<&str> = owners.filter(|owner| self.trust.is_none() || *owner != TRIAL).collect();
        own.sort_unstable();
        own.dedup();
        Some(own)
    }

    /// The parts of a scope: together they hold every row that it sees, and no row twice.
    pub(super) fn parts(&self) -> Vec<Part<'_>> {
        let Some(own) = self.own() else { return vec![Part::Everything] };
        let mut parts: Vec<Part<'_>> = own.iter().copied().map(Part::Owner).collect();
        if let Some(trust) = &self.trust {
            if !own.contains(&PUBLIC) {
                parts.push(Part::Owner(PUBLIC));
            }
            parts.push(Part::Granted(trust));
        }
        parts
    }
}

/// A part of what a scope sees, with an index of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'s> {
    Everything,
    Owner(&'s str),
    /// What is granted and of none of the other parts.
    Granted(&'s str),
}

/// A statement that is put together, with its parameters: each gets the next number, so that both stores number them alike.
#[derive(Debug, Default)]
pub(super) struct Statement {
    pub(super) text: String,
    pub(super) parameters: Vec<Value>,
}

impl Statement {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), parameters: Vec::new() }
    }

    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.parameters.push(value.into());
        let number = self.parameters.len();
        self.text.push_str(&format!("${number}"));
        self
    }

    /// A text that may stand in the statement more than once, as one parameter.
    pub(super) fn bind_text(&mut self, text: &str) -> &mut Self {
        let value = Value::from(text);
        match self.parameters.iter().position(|parameter| *parameter == value) {
            Some(known) => {
                let number = known + 1;
                self.push(&format!("${number}"))
            }
            None => self.bind(value),
        }
    }

    /// `($1, $2)`; `(NULL)`, in which nothing is, where there are none.
    pub(super) fn bind_all<'v>(&mut self, values: impl IntoIterator<Item = &'v str>) -> &mut Self {
        self.push("(");
        let mut is_first = true;
        for value in values {
            self.push(if is_first { "" } else { ", " }).bind_text(value);
            is_first = false;
        }
        self.push(if is_first { "NULL)" } else { ")" })
    }

    /// The condition that the scope sees the row `alias` of the table `newest`.
    pub(super) fn visible(&mut self, scope: &Scope, alias: &str) -> &mut Self {
        let Some(own) = scope.own() else { return self.push("1 = 1") };
        self.push(&format!("({alias}.owner IN ")).bind_all(own);
        if let Some(trust) = &scope.trust {
            self.push(&format!(" OR {alias}.owner = '{PUBLIC}' OR ({alias}.owner <> '{TRIAL}' AND EXISTS (")).push(
                "SELECT 1 FROM resource_cases vc CROSS JOIN grants vg \
                 WHERE vg.case_key = vc.case_key AND vg.until IS NULL AND vg.trust = ",
            );
            self.bind_text(trust).push(&format!(" AND vc.entry = {alias}.entry LIMIT 1 OFFSET 0))"));
        }
        self.push(")")
    }

    /// What goes first where a scope sees several resources of one id: its own, then the newest. A trust that refers a person
    /// has its own form of the Patient, and may be granted another trust's.
    pub(super) fn rank(&mut self, scope: &Scope, alias: &str) -> &mut Self {
        match scope.own() {
            // A bare number would be the place of a column.
            None => self.push("(1 - 1)"),
            Some(own) => self.push(&format!("CASE WHEN {alias}.owner IN ")).bind_all(own).push(" THEN 1 ELSE 0 END"),
        }
    }

    /// The condition that the row `n` of `newest` is the one that the scope sees of its id.
    ///
    /// With `OFFSET` PostgreSQL looks for the others of each id by the key, and does not join the table with itself.
    pub(super) fn foremost(&mut self, scope: &Scope) -> &mut Self {
        self.push(
            "NOT EXISTS (SELECT 1 FROM newest w WHERE w.kind = n.kind AND w.id = n.id AND w.entry <> n.entry AND ",
        );
        self.visible(scope, "w").push(" AND (").rank(scope, "w").push(", w.sequence) > (");
        self.rank(scope, "n").push(", n.sequence) LIMIT 1 OFFSET 0)")
    }

    /// The same for the rows `n` of a part of the scope. Where a scope has one number, nothing goes before what is of it.
    pub(super) fn foremost_of(&mut self, scope: &Scope, part: Part<'_>) -> &mut Self {
        match (part, scope.own().as_deref()) {
            (Part::Owner(owner), Some([only])) if owner == *only => self.push("1 = 1"),
            _ => self.foremost(scope),
        }
    }

    /// What follows `FROM` for the rows `n` of `newest` that are in a part of a scope, with their versions `r` or without. Both
    /// stores take the tables in this order: what is limited is found by the index of its order.
    pub(super) fn newest_of(&mut self, scope: &Scope, part: Part<'_>, with_versions: bool) -> &mut Self {
        let versions_first = with_versions && !matches!(part, Part::Granted(_));
        self.push(if versions_first { "resources r CROSS JOIN " } else { "" });
        if let Part::Granted(trust) = part {
            self.push(
                "(SELECT DISTINCT c.entry FROM grants g CROSS JOIN resource_cases c \
                 WHERE c.case_key = g.case_key AND g.until IS NULL AND g.trust = ",
            );
            self.bind_text(trust).push(") v CROSS JOIN ");
        }
        self.push("newest n");
        self.push(if with_versions && !versions_first { " CROSS JOIN resources r" } else { "" });
        match part {
            Part::Everything => {
                self.push(" WHERE 1 = 1");
            }
            Part::Owner(owner) => {
                self.push(" WHERE n.owner = ").bind_text(owner);
                if with_versions {
                    self.push(" AND r.owner = ").bind_text(owner);
                }
            }
            Part::Granted(_) => {
                let own = scope.own().unwrap_or_default();
                self.push(" WHERE n.entry = v.entry AND n.owner NOT IN ");
                self.bind_all(own.into_iter().chain([PUBLIC, TRIAL]));
            }
        }
        let same = " AND r.kind = n.kind AND r.id = n.id AND r.owner = n.owner";
        self.push(if with_versions { same } else { "" })
    }

    /// `FROM` all parts of a scope, each a query that `select` writes; false where the scope has no part.
    pub(super) fn each_part(&mut self, scope: &Scope, select: impl Fn(&mut Self, Part<'_>)) -> bool {
        let parts = scope.parts();
        let is_any = !parts.is_empty();
        self.push(" FROM (");
        for (number, part) in parts.into_iter().enumerate() {
            self.push(if number == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
            select(self, part);
            self.push(&format!(") p{number}"));
        }
        self.push(") p");
        is_any
    }
}
