//! The functions of the template language.

use std::sync::Arc;

use super::{Compiler, Kind, Place, Typed};
use crate::domain::issue::IssueCode;
use crate::domain::record::Shape;
use crate::mapping::expression::{Expression, ResourceKey};
use crate::mapping::path::identity_field;
use crate::mapping::syntax::{Kind as SyntaxKind, Syntax, Word};
use crate::redact::quote;

/// Every function with its arguments, as error texts and documents show it.
const SIGNATURES: &[(&str, &str)] = &[
    ("lookup", "lookup(table, key, column)"),
    ("decimal", "decimal(value)"),
    ("text", "text(value)"),
    ("date", "date(text)"),
    ("id", "id(record [, 'part'])"),
    ("reference", "reference(ResourceType, record [, 'part'])"),
    ("first", "first(value, value, ...)"),
    ("join", "join(list, field, 'separator')"),
];

impl Compiler<'_> {
    /// A call with its arguments checked.
    pub(super) fn call(&mut self, name: &str, arguments: &[Syntax], offset: usize, place: &Place<'_>) -> Option<Typed> {
        match (name, arguments) {
            ("lookup", [table, key, column]) => self.lookup(table, key, column, place),
            ("decimal", [value]) => {
                let value = self.argument(value, &[Kind::Text, Kind::Number], "text or number", place)?;
                Some((Expression::Decimal(Box::new(value)), Kind::Number))
            }
            ("text", [value]) => Some((Expression::Text(Box::new(self.scalar(value, place)?.0)), Kind::Text)),
            ("date", [value]) => {
                let value = self.argument(value, &[Kind::Text], "text", place)?;
                Some((Expression::Date(Box::new(value)), Kind::Text))
            }
            ("id", [_] | [_, _]) => Some((Expression::Id(self.own_id(arguments, place)?), Kind::Text)),
            ("reference", [resource_type, key @ ..]) if matches!(key.len(), 1 | 2) => {
                let resource_type = self.resource_type(resource_type, place)?;
                Some((Expression::Reference(self.resource_key(&resource_type, key, place)?), Kind::Text))
            }
            ("first", [_, _, ..]) => self.first(arguments, place),
            ("join", [list, field, separator]) => self.join(list, field, separator, place),
            _ => self.wrong_call(name, offset, place),
        }
    }

    /// The key of an `id()` with these arguments.
    pub(super) fn own_id(&mut self, arguments: &[Syntax], place: &Place<'_>) -> Option<ResourceKey> {
        let resource_type = self.resource_type.clone();
        self.resource_key(&resource_type, arguments, place)
    }

    fn wrong_call(&mut self, name: &str, offset: usize, place: &Place<'_>) -> Option<Typed> {
        let at = place.at(offset);
        if let Some((_, signature)) = SIGNATURES.iter().find(|(known, _)| *known == name) {
            let text = format!("wrong number of arguments, expected {signature}");
            return self.error(IssueCode::MappingArgumentInvalid, &at, text);
        }
        let known: Vec<&str> = SIGNATURES.iter().map(|(known, _)| *known).collect();
        let text = format!("no function {} (known: {})", quote(name), known.join(", "));
        self.error(IssueCode::MappingFunctionUnknown, &at, text)
    }

    fn wrong_argument<T>(&mut self, argument: &Syntax, expected: &str, place: &Place<'_>) -> Option<T> {
        let text = format!("expected {expected}");
        self.error(IssueCode::MappingArgumentInvalid, &place.at(argument.offset), text)
    }

    fn argument(&mut self, argument: &Syntax, kinds: &[Kind], expected: &str, place: &Place<'_>) -> Option<Expression> {
        let (expression, kind) = self.scalar(argument, place)?;
        if kinds.contains(&kind) { Some(expression) } else { self.wrong_argument(argument, expected, place) }
    }

    fn word<'s>(&mut self, argument: &'s Syntax, expected: &str, place: &Place<'_>) -> Option<&'s Word> {
        match &argument.kind {
            SyntaxKind::Path(words) if words.len() == 1 => words.first(),
            _ => self.wrong_argument(argument, expected, place),
        }
    }

    fn literal<'s>(&mut self, argument: &'s Syntax, place: &Place<'_>) -> Option<&'s str> {
        match &argument.kind {
            SyntaxKind::Literal(text) => Some(text),
            _ => self.wrong_argument(argument, "a literal in `'`", place),
        }
    }

    fn path_words<'s>(&mut self, argument: &'s Syntax, expected: &str, place: &Place<'_>) -> Option<&'s [Word]> {
        match &argument.kind {
            SyntaxKind::Path(words) => Some(words),
            _ => self.wrong_argument(argument, expected, place),
        }
    }

    fn lookup(&mut self, table: &Syntax, key: &Syntax, column: &Syntax, place: &Place<'_>) -> Option<Typed> {
        let key = self.argument(key, &[Kind::Text, Kind::Number], "text or number as key", place);
        let name = self.word(table, "the name of a table", place)?;
        let Some(found) = self.tables.get(&name.text) else {
            let known: Vec<&str> = self.tables.names().collect();
            let text = format!("no table {} (known: {})", quote(&name.text), known.join(", "));
            return self.error(IssueCode::MappingTableUnknown, &place.at(name.offset), text);
        };
        let column = self.word(column, "the name of a column", place)?;
        let Some(index) = found.columns().iter().position(|known| *known == column.text) else {
            let known = found.columns().join(", ");
            let text = format!("table {} has no column {} (known: {known})", name.text, quote(&column.text));
            return self.error(IssueCode::MappingTableUnknown, &place.at(column.offset), text);
        };
        Some((Expression::Lookup { table: found.clone(), key: Box::new(key?), column: index }, Kind::Text))
    }

    fn resource_type(&mut self, argument: &Syntax, place: &Place<'_>) -> Option<Arc<str>> {
        let word = self.word(argument, "a resource type", place)?;
        if is_resource_type(&word.text) {
            Some(word.text.as_str().into())
        } else {
            self.wrong_argument(argument, "a resource type", place)
        }
    }

    fn resource_key(
        &mut self,
        resource_type: &Arc<str>,
        arguments: &[Syntax],
        place: &Place<'_>,
    ) -> Option<ResourceKey> {
        const EXPECTED: &str = "a record with a business key";
        let (record, part) = arguments.split_first()?;
        let words = self.path_words(record, EXPECTED, place)?;
        let (path, shape) = self.path(words, place)?;
        let identity = match shape {
            Shape::Record(record) => identity_field(record),
            _ => None,
        };
        let Some(identity) = identity else { return self.wrong_argument(record, EXPECTED, place) };
        let part = match part.first() {
            Some(part) => self.literal(part, place)?,
            None => "",
        };
        Some(ResourceKey { resource_type: resource_type.clone(), record: path, identity, part: part.into() })
    }

    fn first(&mut self, arguments: &[Syntax], place: &Place<'_>) -> Option<Typed> {
        let options: Vec<_> = arguments.iter().map(|argument| self.scalar(argument, place)).collect();
        let options = options.into_iter().collect::<Option<Vec<Typed>>>()?;
        let kind = options.first()?.1;
        for ((_, other), argument) in options.iter().zip(arguments) {
            if *other != kind {
                return self.wrong_argument(argument, "a value of the same kind as the first", place);
            }
        }
        Some((Expression::First(options.into_iter().map(|(option, _)| option).collect()), kind))
    }

    fn join(&mut self, list: &Syntax, field: &Syntax, separator: &Syntax, place: &Place<'_>) -> Option<Typed> {
        let words = self.path_words(list, "a list", place)?;
        let (path, shape) = self.path(words, place)?;
        let Shape::List(record) = shape else { return self.wrong_argument(list, "a list", place) };
        let words = self.path_words(field, "a field", place)?;
        let (fields, shape) = self.fields(record, words, place)?;
        self.scalar_kind(shape, &place.at(field.offset))?;
        let separator = self.literal(separator, place)?;
        Some((Expression::Join { list: path, field: fields, separator: separator.into() }, Kind::Text))
    }
}

/// Whether `name` has the form of a FHIR resource type.
pub(super) fn is_resource_type(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase()) && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}
