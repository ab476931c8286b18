//! Values and conditions of a binding, looked up in a message.

use std::borrow::Cow;
use std::collections::HashSet;

use super::date_time::{Remark, read_date_time};
use super::scope::{Finder, Scope};
use super::uses::{Use, Uses};
use crate::domain::issue::IssueCode;
use crate::domain::org_number::OrgNumber;
use crate::domain::referral::Code;
use crate::redact;
use crate::sources::hl7v2_ref::binding::{Column, Comparison, Condition, Divided, Expression, Path, Plan, Test};
use crate::sources::hl7v2_ref::er7::{Defect, Part, Place, Value};

/// What an expression gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<'m> {
    /// Nothing is said.
    Nothing,
    /// The sender says that there is no value.
    Null,
    /// A text and the leaves that it is made of.
    Text(Cow<'m, str>, Vec<Place>),
}

impl<'m> Found<'m> {
    fn text(self) -> Option<(Cow<'m, str>, Vec<Place>)> {
        match self {
            Self::Text(text, leaves) => Some((text, leaves)),
            Self::Nothing | Self::Null => None,
        }
    }
}

/// Looks values up.
pub(super) struct Evaluator<'m, 'd> {
    pub(super) finder: Finder<'m>,
    pub(super) plan: &'m Plan,
    pub(super) version: &'m str,
    pub(super) uses: Uses,
    pub(super) defects: &'d mut Vec<Defect>,
    /// Defects that were raised, since two rules may read one field.
    raised: HashSet<(Place, IssueCode)>,
}

impl<'m, 'd> Evaluator<'m, 'd> {
    pub(super) fn new(finder: Finder<'m>, plan: &'m Plan, version: &'m str, defects: &'d mut Vec<Defect>) -> Self {
        Self { finder, plan, version, uses: Uses::default(), defects, raised: HashSet::new() }
    }

    /// The text of an expression.
    pub(super) fn text(&mut self, expression: &Expression, scope: Option<Scope<'m>>) -> Found<'m> {
        match expression {
            Expression::Literal(text) => Found::Text(Cow::Owned(text.clone()), Vec::new()),
            Expression::Path(path) => self.first_at(path, scope),
            Expression::All(path) => self.all_at(path, scope),
            Expression::First(parts) => {
                let mut found = parts.iter().map(|part| self.text(part, scope));
                found.find(|found| *found != Found::Nothing).unwrap_or(Found::Nothing)
            }
            Expression::Lookup { table, column, key, is_strict } => {
                self.lookup((table, column), key, *is_strict, scope)
            }
            Expression::Join(separator, parts) => self.join(separator, parts, scope),
            Expression::Labelled(label, value) => match self.text(value, scope) {
                Found::Text(text, leaves) => Found::Text(Cow::Owned(format!("{label}{text}")), leaves),
                other => other,
            },
            Expression::OrganisationNumber(parts) => {
                let texts = parts.iter().filter_map(|part| self.text(part, scope).text());
                let mut numbers = texts.filter_map(|(text, leaves)| Some((OrgNumber::parse(&text).ok()?, leaves)));
                match numbers.next() {
                    Some((number, leaves)) => Found::Text(Cow::Owned(number.as_str().to_owned()), leaves),
                    None => Found::Nothing,
                }
            }
            Expression::Date(value) => self.date(value, scope),
            // The compiler lets codes stand only where codes are wanted.
            Expression::Code(_) | Expression::Coding(..) => Found::Nothing,
        }
    }

    fn first_at(&mut self, path: &Path, scope: Option<Scope<'m>>) -> Found<'m> {
        let parts: Vec<Part<'m>> = self.finder.parts(scope, path).collect();
        let mut said = parts.into_iter().map(|part| self.said(part, path));
        said.find(|said| *said != Found::Nothing).unwrap_or(Found::Nothing)
    }

    fn all_at(&mut self, path: &Path, scope: Option<Scope<'m>>) -> Found<'m> {
        let (mut texts, mut leaves) = (Vec::new(), Vec::new());
        let parts: Vec<Part<'m>> = self.finder.parts(scope, path).collect();
        for part in parts {
            if let Some((text, found)) = self.said(part, path).text() {
                texts.push(text);
                leaves.extend(found);
            }
        }
        if leaves.is_empty() { Found::Nothing } else { Found::Text(Cow::Owned(texts.join("\n")), leaves) }
    }

    /// What a part says: its first leaf, or all of it where it is one text.
    fn said(&mut self, part: Part<'m>, path: &Path) -> Found<'m> {
        let leaves: Vec<Place> = part.leaves().map(|leaf| leaf.place()).collect();
        let is_text = leaves.len() > 1
            && match path.divided {
                Divided::Yes => false,
                Divided::No => true,
                Divided::ByValueType => self.is_text_result(part),
            };
        let (value, leaves) = match leaves.first().filter(|_| is_text) {
            Some(first) => {
                let text = "a delimiter in the text is not escaped";
                self.raise(*first, IssueCode::Hl7DelimiterUnescaped, text.to_owned());
                (part.undivided(), leaves)
            }
            None => (part.value(), vec![leaf(part)]),
        };
        match value {
            Value::Absent => Found::Nothing,
            Value::Null => Found::Null,
            Value::Text(text) => Found::Text(text, leaves),
        }
    }

    /// Whether OBX-2 of the segment of a part says text.
    fn is_text_result(&self, part: Part<'m>) -> bool {
        let index = usize::try_from(part.place().number).unwrap_or(usize::MAX).saturating_sub(1);
        let value_type = self.finder.message.segment(index).and_then(|segment| segment.field(2)?.value().text());
        value_type.is_some_and(|name| matches!(name.as_ref(), "ST" | "TX" | "FT" | "NM" | "IS" | "ID"))
    }

    fn join(&mut self, separator: &str, parts: &[Expression], scope: Option<Scope<'m>>) -> Found<'m> {
        let (mut texts, mut leaves) = (Vec::new(), Vec::new());
        for part in parts {
            if let Some((text, found)) = self.text(part, scope).text() {
                texts.push(text);
                leaves.extend(found);
            }
        }
        if leaves.is_empty() { Found::Nothing } else { Found::Text(Cow::Owned(texts.join(separator)), leaves) }
    }

    fn lookup(
        &mut self,
        (table, column): (&str, &Column),
        key: &Expression,
        is_strict: bool,
        scope: Option<Scope<'m>>,
    ) -> Found<'m> {
        let (text, leaves) = match self.text(key, scope) {
            Found::Text(text, leaves) => (text, leaves),
            other => return other,
        };
        if let Some(cell) = self.plan.code_tables.lookup(table, &text).and_then(|row| column.of(row)) {
            return Found::Text(Cow::Owned(cell.to_owned()), leaves);
        }
        if is_strict {
            self.unusable(
                &leaves,
                IssueCode::CodeUnmapped,
                format!("table {table} has nothing for the code {}", redact::code(&text)),
            );
        }
        Found::Nothing
    }

    fn date(&mut self, value: &Expression, scope: Option<Scope<'m>>) -> Found<'m> {
        let (text, leaves) = match self.text(value, scope) {
            Found::Text(text, leaves) => (text, leaves),
            other => return other,
        };
        match read_date_time(&text) {
            Ok(date) => {
                let remark = date.remark.map(|remark| match remark {
                    Remark::Ambiguous => (IssueCode::Hl7TimeAmbiguous, "occurs twice on this day"),
                    Remark::HourOnly => (IssueCode::Hl7TimeImprecise, "has an hour without minutes"),
                });
                if let (Some((code, words)), Some(place)) = (remark, leaves.first()) {
                    self.raise(*place, code, format!("the time {words}"));
                }
                Found::Text(Cow::Owned(date.text), leaves)
            }
            Err(error) => {
                self.unusable(&leaves, IssueCode::Hl7DateInvalid, format!("{}: {error}", redact::length(&text)));
                Found::Nothing
            }
        }
    }

    /// Raises an issue about a value that is not taken for what it should be; the text is kept as a note.
    fn unusable(&mut self, leaves: &[Place], code: IssueCode, text: String) {
        let Some(place) = leaves.first() else { return };
        self.raise(*place, code, text);
        for leaf in leaves {
            self.uses.note(*leaf, Use::Kept(code));
        }
    }

    fn raise(&mut self, place: Place, code: IssueCode, text: String) {
        if self.raised.insert((place, code)) {
            self.defects.push(Defect::at(place, code, text));
        }
    }

    /// The codes of an expression with the leaves that each is made of.
    pub(super) fn codes(&mut self, expression: &Expression, scope: Option<Scope<'m>>) -> Vec<(Code, Vec<Place>)> {
        match expression {
            Expression::First(parts) => {
                let mut found = parts.iter().map(|part| self.codes(part, scope));
                found.find(|codes| !codes.is_empty()).unwrap_or_default()
            }
            Expression::Code(path) => {
                let parts: Vec<Part<'m>> = self.finder.parts(scope, path).collect();
                parts.into_iter().flat_map(|part| self.coded(part)).collect()
            }
            Expression::Coding(system, code, display) => {
                let Some((code, mut leaves)) = self.text(code, scope).text() else { return Vec::new() };
                let display = display.as_ref().and_then(|display| self.text(display, scope).text());
                let display = display.map(|(text, places)| {
                    leaves.extend(places);
                    text.into_owned()
                });
                let system = (!system.is_empty()).then(|| system.clone());
                vec![(Code { system, code: code.into_owned(), display }, leaves)]
            }
            _ => Vec::new(),
        }
    }

    /// The code and the alternate code of a CE or CWE.
    fn coded(&mut self, part: Part<'m>) -> Vec<(Code, Vec<Place>)> {
        let triplets = [[1, 2, 3], [4, 5, 6]];
        triplets.into_iter().filter_map(|[code, display, system]| self.triplet(part, code, display, system)).collect()
    }

    fn triplet(&mut self, part: Part<'m>, code: u32, display: u32, system: u32) -> Option<(Code, Vec<Place>)> {
        let component = |number| part.component(number).and_then(|part| Some((part.value().text()?, leaf(part))));
        let (code, code_leaf) = component(code)?;
        let mut leaves = vec![code_leaf];
        let display = component(display).map(|(text, leaf)| {
            leaves.push(leaf);
            text.into_owned()
        });
        let system = component(system).and_then(|(name, leaf)| match self.coding_system(&name) {
            Some(uri) => {
                leaves.push(leaf);
                Some(uri)
            }
            None => {
                let text = format!("no coding system {} is known", redact::code(&name));
                self.unusable(&[leaf], IssueCode::CodeUnmapped, text);
                None
            }
        });
        Some((Code { system, code: code.into_owned(), display }, leaves))
    }

    /// The URI of a coding system: by its name or OID in the table of systems, or as the OID of a code table.
    fn coding_system(&self, name: &str) -> Option<String> {
        let tables = &self.plan.code_tables;
        let named = tables.lookup(&self.plan.coding_systems, name).and_then(|row| row.property("system"));
        let of_list = || tables.table_of_oid(name).and_then(|(_, table)| table.head().system.as_deref());
        named.or_else(of_list).map(str::to_owned)
    }

    /// Whether all conditions hold, and the leaves that they looked at.
    pub(super) fn all_hold(&mut self, conditions: &[Condition], scope: Option<Scope<'m>>) -> Option<Vec<Place>> {
        let mut leaves = Vec::new();
        for condition in conditions {
            let (holds, places) = self.test(&condition.test, scope);
            if holds == condition.negated {
                return None;
            }
            leaves.extend(places);
        }
        Some(leaves)
    }

    fn test(&mut self, test: &Test, scope: Option<Scope<'m>>) -> (bool, Vec<Place>) {
        match test {
            Test::Filled(value) => {
                self.text(value, scope).text().map_or((false, Vec::new()), |(_, leaves)| (true, leaves))
            }
            Test::OneOf(value, texts) => self.is_one_of(value, texts, scope),
            Test::Equal(value, Expression::Literal(text)) => self.is_one_of(value, std::slice::from_ref(text), scope),
            Test::Equal(left, right) => {
                let (left, right) = (self.text(left, scope).text(), self.text(right, scope).text());
                let text =
                    |found: &Option<(Cow<'_, str>, Vec<Place>)>| found.as_ref().map(|(text, _)| text.to_string());
                let is_equal = text(&left) == text(&right);
                (is_equal, left.into_iter().chain(right).flat_map(|(_, leaves)| leaves).collect())
            }
            Test::Unread(path) => {
                let is_held = |part: Part<'_>| part.leaves().any(|leaf| self.uses.is_held(leaf.place()));
                (!self.finder.parts(scope, path).any(is_held), Vec::new())
            }
            Test::Version(comparison, version) => {
                let is_below = numbers(self.version) < numbers(version);
                (is_below == (*comparison == Comparison::Below), Vec::new())
            }
        }
    }
}

impl<'m> Evaluator<'m, '_> {
    /// Whether a value is one of some texts: of a field that repeats, whether any repetition is.
    fn is_one_of(&mut self, value: &Expression, texts: &[String], scope: Option<Scope<'m>>) -> (bool, Vec<Place>) {
        let found = match value {
            Expression::Path(path) => {
                let parts: Vec<Part<'m>> = self.finder.parts(scope, path).collect();
                parts.into_iter().filter_map(|part| self.said(part, path).text()).collect()
            }
            other => self.text(other, scope).text().into_iter().collect::<Vec<_>>(),
        };
        let wanted = found.iter().find(|(text, _)| texts.iter().any(|other| *other == *text));
        match wanted.or(found.first()) {
            Some((_, leaves)) => (wanted.is_some(), leaves.clone()),
            None => (false, Vec::new()),
        }
    }
}

/// The place of the leaf that the value of a part is that of.
fn leaf(part: Part<'_>) -> Place {
    part.first_leaf().place()
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|number| number.parse().ok()).collect()
}
