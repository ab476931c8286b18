//! The ledger: every row that was read, and what became of it.
//!
//! Parts of a translation run on several threads. Each has a ledger of its own that can read the rows of the common one and
//! notes what it decides about them; the decisions take effect when the part is absorbed.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{Outcome, Row};
use crate::domain::issue::{IssueCode, Severity};

/// Handle of a row in a [`Ledger`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    /// Number of the ledger that registered it: 0 for the common one.
    ledger: u32,
    index: u32,
}

/// All rows of one translation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    number: u32,
    rows: Vec<Row>,
    /// The entry that stands for all counted rows of a file and code.
    counted: HashMap<(Arc<str>, IssueCode), RowId>,
    /// The entry that stands for all tallied lines of a file, code and text.
    tallied: HashMap<(Arc<str>, IssueCode, Cow<'static, str>), RowId>,
    base: Option<Arc<Ledger>>,
    /// What a part decided about rows of `base`.
    decisions: Vec<Decision>,
    /// Rows of this ledger that a part listed because its resources were not given out.
    withdrawn: HashSet<RowId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Decision {
    row: RowId,
    outcome: Outcome,
    /// Whether it replaces an outcome that is there.
    replaces: bool,
    /// Whether it took a resource back that was not given out: the resource of another part can still hold the row.
    is_withdrawn: bool,
}

impl Ledger {
    /// A ledger for a part of the work; `number` is not 0 and no other part's.
    pub fn part(base: &Arc<Ledger>, number: u32) -> Self {
        Self { number, base: Some(Arc::clone(base)), ..Self::default() }
    }

    /// Takes over the rows of a part and what it decided about rows of this ledger; a row already decided keeps its outcome,
    /// unless a part only withdrew it and a resource of this one holds it.
    pub fn absorb(&mut self, part: Self) {
        for Decision { row: id, outcome, replaces, is_withdrawn } in part.decisions {
            let is_held = matches!(outcome, Outcome::Represented(_));
            let was_withdrawn = self.withdrawn.contains(&id);
            let Some(row) = self.own_mut(id) else { continue };
            if !(replaces || row.outcome == Outcome::Open || (was_withdrawn && is_held)) {
                continue;
            }
            row.outcome = outcome;
            if is_withdrawn {
                self.withdrawn.insert(id);
            } else {
                self.withdrawn.remove(&id);
            }
        }
        self.rows.extend(part.rows);
    }

    /// Lets go of the common ledger, so that its owner can change it again.
    pub fn detach(&mut self) {
        self.base = None;
    }

    /// Registers a row as it is read.
    pub fn open(&mut self, file: &Arc<str>, section: Option<&Arc<str>>, line: u32) -> RowId {
        let (file, section) = (Arc::clone(file), section.map(Arc::clone));
        self.push(Row { file, section, line, count: 1, outcome: Outcome::Open })
    }

    /// Lists a row with the reason why no resource holds it; a row already decided keeps its outcome.
    pub fn list(&mut self, row: RowId, code: IssueCode, text: impl Into<Cow<'static, str>>) {
        self.decide(row, Outcome::Listed { code, text: text.into() });
    }

    /// Lists a row that is counted, not shown one by one: rows of the same file and code become one entry.
    pub fn count(&mut self, row: RowId, code: IssueCode) {
        let Some(file) = self.row(row).map(|row| Arc::clone(&row.file)) else { return };
        match self.counted.get(&(file.clone(), code)).copied() {
            Some(first) => {
                if let Some(entry) = self.own_mut(first) {
                    entry.count = entry.count.saturating_add(1);
                }
                if let Some(entry) = self.own_mut(row) {
                    entry.count = 0;
                    entry.outcome = Outcome::Listed { code, text: Cow::Borrowed("") };
                }
            }
            None => {
                self.counted.insert((file, code), row);
                self.list(row, code, code.meaning());
            }
        }
    }

    /// Counts a line that is no finding without registering a row of its own: a genome VCF has millions of reference
    /// lines. Lines of the same file, code and text (the reason, e.g. the value of FILTER) become one entry, at the first.
    pub fn tally(&mut self, file: &Arc<str>, line: u32, code: IssueCode, text: impl Into<Cow<'static, str>>) {
        let key = (Arc::clone(file), code, text.into());
        if let Some(entry) = self.tallied.get(&key).copied().and_then(|first| self.own_mut(first)) {
            entry.count = entry.count.saturating_add(1);
            return;
        }
        let outcome = Outcome::Listed { code, text: key.2.clone() };
        let entry = self.push(Row { file: Arc::clone(file), section: None, line, count: 1, outcome });
        self.tallied.insert(key, entry);
    }

    /// Names the resource that holds a row; a row already decided keeps its outcome.
    pub fn represent(&mut self, row: RowId, resource: impl Into<String>) {
        self.decide(row, Outcome::Represented(resource.into()));
    }

    /// Lists every open row of a file that is not used.
    pub fn list_file(&mut self, file: &Arc<str>, code: IssueCode, text: &str) {
        for row in self.rows.iter_mut().filter(|row| row.file == *file && row.outcome == Outcome::Open) {
            row.outcome = Outcome::Listed { code, text: text.to_owned().into() };
        }
    }

    /// How many rows of each section of `file` could not be read; the empty section where the file has none.
    pub fn unreadable(&self, file: &Arc<str>) -> BTreeMap<Arc<str>, u32> {
        let mut counts = BTreeMap::new();
        for (_, row) in self.visible().filter(|(_, row)| row.file == *file) {
            if matches!(&row.outcome, Outcome::Listed { code, .. } if code.severity() == Severity::Error) {
                let section = row.section.as_ref().map(Arc::clone).unwrap_or_default();
                *counts.entry(section).or_default() += row.count;
            }
        }
        counts
    }

    /// Gives the rows of `file` that are listed with `from` in one of `sections` another reason.
    pub fn relist(&mut self, file: &Arc<str>, sections: &[&str], from: IssueCode, code: IssueCode, text: &str) {
        let is_meant = |row: &Row| {
            let is_in = row.section.as_deref().is_some_and(|section| sections.contains(&section));
            row.file == *file && is_in && matches!(&row.outcome, Outcome::Listed { code, .. } if *code == from)
        };
        let rows: Vec<RowId> = self.visible().filter(|(_, row)| is_meant(row)).map(|(id, _)| id).collect();
        for row in rows {
            let outcome = Outcome::Listed { code, text: text.to_owned().into() };
            match self.own_mut(row) {
                Some(row) => row.outcome = outcome,
                None => self.decisions.push(Decision { row, outcome, replaces: true, is_withdrawn: false }),
            }
        }
    }

    /// Lists every represented row instead: the resources they name are not given out.
    pub fn withdraw(&mut self, code: IssueCode, text: &str) {
        let listed = || Outcome::Listed { code, text: text.to_owned().into() };
        let is_held = |outcome: &Outcome| matches!(outcome, Outcome::Represented(_));
        for row in self.rows.iter_mut().filter(|row| is_held(&row.outcome)) {
            row.outcome = listed();
        }
        for decision in self.decisions.iter_mut().filter(|decision| is_held(&decision.outcome)) {
            decision.outcome = listed();
            decision.is_withdrawn = true;
        }
    }

    /// Number of rows registered, those of the common ledger included.
    pub fn len(&self) -> usize {
        self.rows.len() + self.base.as_ref().map_or(0, |base| base.len())
    }

    /// Whether no row is registered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row behind a handle.
    pub fn row(&self, row: RowId) -> Option<&Row> {
        if row.ledger != self.number {
            return self.base.as_ref()?.row(row);
        }
        self.rows.get(row.index as usize)
    }

    /// Every row of this ledger still without an outcome.
    pub fn open_rows(&self) -> Vec<RowId> {
        let open = |(_, row): &(RowId, &Row)| row.outcome == Outcome::Open;
        self.own().filter(open).map(|(id, _)| id).collect()
    }

    /// The entries, in reading order, without those merged into a counted entry.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.count > 0)
    }

    fn push(&mut self, row: Row) -> RowId {
        // More rows than a handle can tell apart are beyond every limit; the last handle then names no row.
        let index = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rows.push(row);
        RowId { ledger: self.number, index }
    }

    fn decide(&mut self, row: RowId, outcome: Outcome) {
        if row.ledger != self.number {
            self.decisions.push(Decision { row, outcome, replaces: false, is_withdrawn: false });
        } else if let Some(row) = self.own_mut(row)
            && row.outcome == Outcome::Open
        {
            row.outcome = outcome;
        }
    }

    fn own_mut(&mut self, row: RowId) -> Option<&mut Row> {
        if row.ledger == self.number { self.rows.get_mut(row.index as usize) } else { None }
    }

    fn own(&self) -> impl Iterator<Item = (RowId, &Row)> {
        let ledger = self.number;
        self.rows.iter().zip(0..).map(move |(row, index)| (RowId { ledger, index }, row))
    }

    fn visible(&self) -> impl Iterator<Item = (RowId, &Row)> {
        self.base.iter().flat_map(|base| base.own()).chain(self.own())
    }
}

#[cfg(test)]
mod tests;
