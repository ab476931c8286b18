//! Names of a template looked up, kinds of values checked.

mod call;
mod header;
mod node;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::expression::{Condition, Expression, Test};
use super::path::{Path, find_field};
use super::syntax::{self, ConditionSyntax, Kind as SyntaxKind, Syntax, SyntaxError, Word};
use crate::domain::issue::IssueCode;
use crate::domain::record::{RecordType, Shape};
use crate::mapping_file::tables::Tables;
use crate::mapping_file::yaml::{Node as Yaml, Text, Value as YamlValue};
use crate::mapping_file::{MappingError, Position};
use crate::redact::quote;

/// What a template can name, and what is wrong with it so far.
pub(super) struct Compiler<'a> {
    tables: &'a Tables,
    variables: Vec<(String, &'static RecordType)>,
    /// Of the resource being compiled; `id()` is about it.
    resource_type: Arc<str>,
    /// Names that nodes of the template have, for overlays.
    node_names: BTreeSet<String>,
    errors: &'a mut Vec<MappingError>,
}

/// Kind of an expression's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Boolean,
    /// One kind or another: enough to ask whether it is filled, not to be written.
    Mixed,
}

/// An expression and the kind of its value.
type Typed = (Expression, Kind);

/// The text that an expression stands in.
struct Place<'a> {
    node: &'a Position,
    first: Option<&'a Position>,
}

impl Place<'_> {
    /// The place `offset` characters into the text; the node's own where the file writes the text in another way.
    fn at(&self, offset: usize) -> Position {
        let Some(first) = self.first else { return self.node.clone() };
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        Position { column: first.column.saturating_add(offset), ..first.clone() }
    }
}

impl<'a> Compiler<'a> {
    /// A compiler that knows the root record by `root_name`.
    pub(super) fn new(
        tables: &'a Tables,
        root: &'static RecordType,
        root_name: &str,
        errors: &'a mut Vec<MappingError>,
    ) -> Self {
        let variables = vec![(root_name.to_owned(), root)];
        Self { tables, variables, resource_type: "".into(), node_names: BTreeSet::new(), errors }
    }

    fn error<T>(&mut self, code: IssueCode, at: &Position, text: impl Into<String>) -> Option<T> {
        self.errors.push(MappingError::new(code, at, text));
        None
    }

    fn invalid<T>(&mut self, at: &Position, text: impl Into<String>) -> Option<T> {
        self.error(IssueCode::MappingTemplateInvalid, at, text)
    }

    fn parsed<T>(&mut self, place: &Place<'_>, result: Result<T, SyntaxError>) -> Option<T> {
        match result {
            Ok(parsed) => Some(parsed),
            Err(error) => self.error(IssueCode::MappingSyntax, &place.at(error.offset), error.text),
        }
    }

    /// The text of a directive.
    fn directive<'y>(&mut self, name: &str, node: &'y Yaml) -> Option<(&'y Text, Place<'y>)> {
        match &node.value {
            YamlValue::Text(text) => Some((text, Place { node: &node.at, first: text.first.as_ref() })),
            _ => self.invalid(&node.at, format!("`{name}` is not a text")),
        }
    }

    /// A `$when`.
    fn condition(&mut self, node: &Yaml) -> Option<Condition> {
        let (text, place) = self.directive("$when", node)?;
        let ConditionSyntax { negated, left, comparison } = self.parsed(&place, syntax::condition(&text.text))?;
        let test = match (&left.kind, comparison) {
            (SyntaxKind::Path(words), None) => Test::Filled(self.path(words, &place)?.0),
            (_, None) => Test::True(self.scalar(&left, &place)?.0),
            (_, Some((equal, right))) => {
                let (left, right) = (self.scalar(&left, &place), self.scalar(&right, &place));
                if equal { Test::Equal(left?.0, right?.0) } else { Test::Differ(left?.0, right?.0) }
            }
        };
        Some(Condition { negated, test })
    }

    /// An `each` with its `as`: the path, the name of the variable and the type of the records.
    fn each(&mut self, each: &Yaml, name: &Yaml) -> Option<(Path, String, &'static RecordType)> {
        let (text, place) = self.directive("each", each)?;
        let syntax = self.parsed(&place, syntax::expression(&text.text))?;
        let SyntaxKind::Path(words) = &syntax.kind else {
            return self.error(IssueCode::MappingArgumentInvalid, &place.at(syntax.offset), "`each` takes a path");
        };
        let (path, shape) = self.path(words, &place)?;
        let (Shape::List(record) | Shape::Record(record)) = shape else {
            let text = format!("`{}` is {}, not a list or record", text.text, shape_name(shape));
            return self.error(IssueCode::MappingArgumentInvalid, &place.at(syntax.offset), text);
        };
        let (name_text, name_place) = self.directive("as", name)?;
        let variable = self.variable_name(&name_text.text, &name_place)?;
        Some((path, variable, record))
    }

    fn variable_name(&mut self, name: &str, place: &Place<'_>) -> Option<String> {
        let is_name = syntax::expression(name)
            .is_ok_and(|syntax| matches!(syntax.kind, SyntaxKind::Path(words) if words.len() == 1));
        if !is_name {
            return self.invalid(&place.at(0), format!("{} is not a name", quote(name)));
        }
        if self.variables.iter().any(|(known, _)| known == name) {
            return self.invalid(&place.at(0), format!("the name {} is taken", quote(name)));
        }
        Some(name.to_owned())
    }

    /// Looks a path up: where it leads and the shape of the value there.
    fn path(&mut self, words: &[Word], place: &Place<'_>) -> Option<(Path, Shape)> {
        let (first, rest) = words.split_first()?;
        let Some(slot) = self.variables.iter().position(|(name, _)| *name == first.text) else {
            let known: Vec<&str> = self.variables.iter().map(|(name, _)| name.as_str()).collect();
            let text = format!("no name {} here (known: {})", quote(&first.text), known.join(", "));
            return self.error(IssueCode::MappingFieldUnknown, &place.at(first.offset), text);
        };
        let record = self.variables.get(slot)?.1;
        let (fields, shape) = self.fields(record, rest, place)?;
        Some((Path { slot, fields }, shape))
    }

    /// Looks names of fields up, from `record` on.
    fn fields(
        &mut self,
        record: &'static RecordType,
        words: &[Word],
        place: &Place<'_>,
    ) -> Option<(Box<[usize]>, Shape)> {
        let mut shape = Shape::Record(record);
        let mut fields = Vec::with_capacity(words.len());
        let mut before = "it";
        for word in words {
            let at = place.at(word.offset);
            let Shape::Record(record) = shape else {
                let advice = if matches!(shape, Shape::List(_)) { "; use `$each` or `join`" } else { "" };
                let text = format!("`{before}` is {}, it has no field{advice}", shape_name(shape));
                return self.error(IssueCode::MappingFieldUnknown, &at, text);
            };
            let Some((index, field_shape)) = find_field(record, &word.text) else {
                let known: Vec<&str> = record.fields.iter().map(|field| field.name).collect();
                let text = format!("{} has no field {} (known: {})", record.name, quote(&word.text), known.join(", "));
                return self.error(IssueCode::MappingFieldUnknown, &at, text);
            };
            fields.push(index);
            shape = field_shape;
            before = &word.text;
        }
        Some((fields.into(), shape))
    }

    /// An expression that has a scalar value.
    fn scalar(&mut self, syntax: &Syntax, place: &Place<'_>) -> Option<Typed> {
        match &syntax.kind {
            SyntaxKind::Literal(text) if text.is_empty() => {
                self.error(IssueCode::MappingArgumentInvalid, &place.at(syntax.offset), "an empty literal")
            }
            SyntaxKind::Literal(text) => Some((Expression::Literal(text.as_str().into()), Kind::Text)),
            SyntaxKind::Path(words) => {
                let (path, shape) = self.path(words, place)?;
                let kind = self.scalar_kind(shape, &place.at(syntax.offset))?;
                Some((Expression::Field(path), kind))
            }
            SyntaxKind::Call(name, arguments) => self.call(name, arguments, syntax.offset, place),
        }
    }

    /// An expression whose value can be written.
    fn hole(&mut self, syntax: &Syntax, place: &Place<'_>) -> Option<Expression> {
        match self.scalar(syntax, place)? {
            (_, Kind::Mixed) => {
                let text = "the value can be of several kinds; use `text` on it";
                self.error(IssueCode::MappingArgumentInvalid, &place.at(syntax.offset), text)
            }
            (expression, _) => Some(expression),
        }
    }

    fn scalar_kind(&mut self, shape: Shape, at: &Position) -> Option<Kind> {
        match shape {
            Shape::Text => Some(Kind::Text),
            Shape::Integer | Shape::Decimal => Some(Kind::Number),
            Shape::Boolean => Some(Kind::Boolean),
            Shape::Identity | Shape::Record(_) | Shape::List(_) => {
                let text = format!("{} is no value that can be written", shape_name(shape));
                self.error(IssueCode::MappingArgumentInvalid, at, text)
            }
        }
    }
}

fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "a text",
        Shape::Integer | Shape::Decimal => "a number",
        Shape::Boolean => "a truth value",
        Shape::Identity => "a business key",
        Shape::Record(_) => "a record",
        Shape::List(_) => "a list",
    }
}
