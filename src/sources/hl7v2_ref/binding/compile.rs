//! A binding file, or one with an overlay laid over it, compiled.

mod expression;
pub(super) mod header;

use std::sync::Arc;

use super::dictionary::Dictionary;
use super::path::Path;
use super::plan::{Alternative, Condition, Expression, Group, Plan, Rule};
use super::syntax::SyntaxError;
use super::target::{Holds, Target};
use crate::domain::code_table::CodeTables;
use crate::domain::issue::IssueCode;
use crate::mapping_file::yaml::{Entry, Node, Text, Value};
use crate::mapping_file::{MappingError, Position};
use crate::redact::quote;

/// The field that holds one record, the newest of those that the message has.
const NEWEST: &str = "performance_status";

/// Compiles a binding.
///
/// # Errors
/// Every defect.
pub(super) fn compile(
    file: &Node,
    organisation: Option<&str>,
    tables: &Arc<CodeTables>,
    dictionary: &Dictionary,
) -> Result<Plan, Vec<MappingError>> {
    let mut compiler = Compiler { tables, dictionary, versions: Vec::new(), errors: Vec::new() };
    let plan = compiler.file(file, organisation);
    match plan {
        Some(plan) if compiler.errors.is_empty() => Ok(plan),
        _ => Err(compiler.errors),
    }
}

struct Compiler<'a> {
    tables: &'a Arc<CodeTables>,
    dictionary: &'a Dictionary,
    versions: Vec<String>,
    errors: Vec<MappingError>,
}

/// Whether an expression is a text or codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Codes,
}

impl Compiler<'_> {
    fn error<T>(&mut self, code: IssueCode, at: &Position, text: impl Into<String>) -> Option<T> {
        self.errors.push(MappingError::new(code, at, text));
        None
    }

    fn invalid<T>(&mut self, at: &Position, text: impl Into<String>) -> Option<T> {
        self.error(IssueCode::MappingBindingInvalid, at, text)
    }

    fn parsed<T>(&mut self, at: &At<'_>, result: Result<T, SyntaxError>) -> Option<T> {
        match result {
            Ok(parsed) => Some(parsed),
            Err(error) => self.error(IssueCode::MappingSyntax, &at.offset(error.offset), error.text),
        }
    }

    /// A path that a message of these versions can have.
    fn known(&mut self, path: Path, at: &Position) -> Option<Path> {
        match self.dictionary.defect(&path, &self.versions) {
            Some(text) => self.error(IssueCode::MappingPathUnknown, at, text),
            None => {
                let divided = self.dictionary.divided(&path);
                Some(Path { divided, ..path })
            }
        }
    }

    /// A text that is one path.
    fn path(&mut self, node: &Node) -> Option<Path> {
        let text = self.text(node, "a path such as PID-5.1")?;
        match Path::parse(&text.text) {
            Some(path) => self.known(path, &node.at),
            None => self.error(IssueCode::MappingSyntax, &node.at, format!("{} is no path", quote(&text.text))),
        }
    }

    fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Text> {
        match &node.value {
            Value::Text(text) => Some(text),
            _ => self.invalid(&node.at, format!("expected {what}")),
        }
    }

    fn texts(&mut self, node: &Node, what: &str) -> Option<Vec<String>> {
        let Value::List(elements) = &node.value else {
            return self.invalid(&node.at, format!("expected a list of {what}"));
        };
        elements.iter().map(|element| self.text(element, what).map(|text| text.text.clone())).collect()
    }

    fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Entry]> {
        match &node.value {
            Value::Object(entries) => Some(entries),
            _ => self.invalid(&node.at, format!("expected {what}")),
        }
    }

    /// The fields of a record, in the order of the file.
    fn fields<'n>(&mut self, entries: impl Iterator<Item = &'n Entry>, target: Target) -> Vec<(&'static str, Rule)> {
        let mut fields = Vec::new();
        for entry in entries {
            let Some((name, holds)) = target.field(&entry.key) else {
                let known: Vec<&str> = target.fields().iter().map(|(name, _)| *name).collect();
                let text = format!("no field {} to fill (known: {})", quote(&entry.key), known.join(", "));
                self.error::<()>(IssueCode::MappingFieldUnknown, &entry.at, text);
                continue;
            };
            let rule = match holds {
                Holds::Text => self.alternatives(&entry.node, Kind::Text).map(Rule::Text),
                Holds::Codes { many } => {
                    self.alternatives(&entry.node, Kind::Codes).map(|alternatives| Rule::Codes { alternatives, many })
                }
                Holds::Records { target, many } => {
                    let many = many || name == NEWEST;
                    self.groups(&entry.node, target).map(|groups| Rule::Records { groups, many })
                }
            };
            fields.extend(rule.map(|rule| (name, rule)));
        }
        fields
    }

    fn alternatives(&mut self, node: &Node, kind: Kind) -> Option<Vec<Alternative>> {
        let nodes = match &node.value {
            Value::List(elements) => elements.as_slice(),
            _ => std::slice::from_ref(node),
        };
        nodes.iter().map(|node| self.alternative(node, kind)).collect()
    }

    fn alternative(&mut self, node: &Node, kind: Kind) -> Option<Alternative> {
        let Value::Object(entries) = &node.value else {
            return Some(Alternative { when: Vec::new(), value: self.expression(node, kind)? });
        };
        if !entries.iter().any(|entry| entry.key == "$value") {
            return self.invalid(&node.at, "no `$value`");
        }
        let (mut when, mut value) = (Some(Vec::new()), None);
        for entry in entries {
            match entry.key.as_str() {
                "$when" => when = self.conditions(&entry.node),
                "$value" => value = self.expression(&entry.node, kind),
                key => return self.invalid(&entry.at, format!("{} is neither `$when` nor `$value`", quote(key))),
            }
        }
        Some(Alternative { when: when?, value: value? })
    }

    fn groups(&mut self, node: &Node, target: Target) -> Option<Vec<Group>> {
        let nodes = match &node.value {
            Value::List(elements) => elements.as_slice(),
            _ => std::slice::from_ref(node),
        };
        nodes.iter().map(|node| self.group(node, target)).collect()
    }

    fn group(&mut self, node: &Node, target: Target) -> Option<Group> {
        let entries = self.entries(node, "the fields of a record")?;
        let mut group = Group { each: None, when: Vec::new(), ignore: None, fields: Vec::new() };
        for entry in entries.iter().filter(|entry| entry.key.starts_with('$')) {
            match entry.key.as_str() {
                "$each" => group.each = Some(self.path(&entry.node)?),
                "$when" => group.when = self.conditions(&entry.node)?,
                "$ignore" => group.ignore = Some(self.text(&entry.node, "the reason")?.text.as_str().into()),
                key => {
                    let text = format!("{} is none of `$each`, `$when` and `$ignore`", quote(key));
                    return self.invalid(&entry.at, text);
                }
            }
        }
        if group.ignore.is_some() && (group.each.is_none() || entries.iter().any(|entry| !entry.key.starts_with('$'))) {
            return self.invalid(&node.at, "`$ignore` goes with `$each` and without fields");
        }
        group.fields = self.fields(entries.iter().filter(|entry| !entry.key.starts_with('$')), target);
        Some(group)
    }

    /// One condition, or a list of which all must hold.
    fn conditions(&mut self, node: &Node) -> Option<Vec<Condition>> {
        let nodes = match &node.value {
            Value::List(elements) => elements.as_slice(),
            _ => std::slice::from_ref(node),
        };
        nodes.iter().map(|node| self.condition(node)).collect()
    }

    fn expression(&mut self, node: &Node, kind: Kind) -> Option<Expression> {
        let text = self.text(node, "a value such as PID-5.1")?;
        let at = At { node: &node.at, first: text.first.as_ref() };
        let syntax = super::syntax::expression(&text.text);
        let syntax = self.parsed(&at, syntax)?;
        match (self.looked_up(&syntax, &at)?, kind) {
            ((expression, found), wanted) if found == wanted => Some(expression),
            (_, Kind::Text) => self.invalid(&node.at, "codes where a text is wanted"),
            (_, Kind::Codes) => {
                self.invalid(&node.at, "a text where codes are wanted: `code(path)` or `coding(system, code)`")
            }
        }
    }
}

/// The text that an expression stands in.
struct At<'a> {
    node: &'a Position,
    first: Option<&'a Position>,
}

impl At<'_> {
    /// The place `offset` characters into the text; the node's own where the file writes the text in another way.
    fn offset(&self, offset: usize) -> Position {
        let Some(first) = self.first else { return self.node.clone() };
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        Position { column: first.column.saturating_add(offset), ..first.clone() }
    }
}
