//! Expressions, checked: every name is an index, every value has a known kind.

use std::borrow::Cow;
use std::sync::Arc;

use super::context::Context;
use super::date::is_fhir_date;
use super::path::{Path, follow};
use crate::domain::decimal::Decimal;
use crate::domain::record::Field;
use crate::fhir::ids::ResourceId;
use crate::mapping_file::tables::Table;

/// An expression.
#[derive(Debug)]
pub(super) enum Expression {
    Field(Path),
    Literal(Box<str>),
    Lookup { table: Arc<Table>, key: Box<Expression>, column: usize },
    Decimal(Box<Expression>),
    Text(Box<Expression>),
    Date(Box<Expression>),
    Id(ResourceKey),
    Reference(ResourceKey),
    First(Box<[Expression]>),
    Join { list: Path, field: Box<[usize]>, separator: Box<str> },
}

/// What an id is derived from.
#[derive(Debug)]
pub(super) struct ResourceKey {
    pub(super) resource_type: Arc<str>,
    pub(super) record: Path,
    /// Field of the record that holds the business key.
    pub(super) identity: usize,
    pub(super) part: Box<str>,
}

/// The value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Empty,
    Text(Cow<'a, str>),
    /// A number in JSON grammar.
    Number(Cow<'a, str>),
    Integer(u64),
    Boolean(bool),
    Id(ResourceId),
    Reference(ResourceId),
}

impl Value<'_> {
    /// Writes the value as text, without quotes.
    pub(super) fn push_to(&self, out: &mut String) {
        match self {
            Self::Empty => {}
            Self::Text(text) | Self::Number(text) => out.push_str(text),
            Self::Integer(value) => out.push_str(&value.to_string()),
            Self::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Id(id) => id.push_to(out),
            Self::Reference(id) => {
                out.push_str("urn:uuid:");
                id.push_to(out);
            }
        }
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        self.push_to(&mut text);
        text
    }
}

impl Expression {
    /// The value; total, as the expression was checked and functions do not call back.
    pub(super) fn value<'a>(&'a self, context: &mut Context<'a>) -> Value<'a> {
        match self {
            Self::Field(path) => scalar(path.field(&context.variables)),
            Self::Literal(text) => Value::Text(Cow::Borrowed(text)),
            Self::Lookup { table, key, column } => {
                let cell = match key.value(context) {
                    Value::Empty => None,
                    Value::Text(key) => table.cell(&key, *column),
                    other => table.cell(&other.to_text(), *column),
                };
                cell.map_or(Value::Empty, |cell| Value::Text(Cow::Borrowed(cell)))
            }
            Self::Decimal(of) => decimal(of.value(context)),
            Self::Text(of) => match of.value(context) {
                value @ (Value::Empty | Value::Text(_) | Value::Id(_) | Value::Reference(_)) => value,
                other => Value::Text(Cow::Owned(other.to_text())),
            },
            Self::Date(of) => match of.value(context) {
                Value::Text(text) if is_fhir_date(&text) => Value::Text(text),
                _ => Value::Empty,
            },
            Self::Id(key) => context.id(key).map_or(Value::Empty, Value::Id),
            Self::Reference(key) => context.id(key).map_or(Value::Empty, Value::Reference),
            Self::First(options) => {
                let mut values = options.iter().map(|option| option.value(context));
                values.find(|value| *value != Value::Empty).unwrap_or(Value::Empty)
            }
            Self::Join { list, field, separator } => {
                let mut text = String::new();
                for record in list.records(&context.variables) {
                    let value = scalar(follow(record, field));
                    if value != Value::Empty && !text.is_empty() {
                        text.push_str(separator);
                    }
                    value.push_to(&mut text);
                }
                if text.is_empty() { Value::Empty } else { Value::Text(Cow::Owned(text)) }
            }
        }
    }
}

fn scalar(field: Field<'_>) -> Value<'_> {
    match field {
        Field::Text(text) => Value::Text(Cow::Borrowed(text)),
        Field::Integer(value) => Value::Integer(value),
        Field::Decimal(value) => Value::Number(Cow::Borrowed(value.as_str())),
        Field::Boolean(value) => Value::Boolean(value),
        Field::Missing | Field::Identity(_) | Field::Record(_) | Field::List(_) => Value::Empty,
    }
}

fn decimal(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Number(_) | Value::Integer(_) => value,
        Value::Text(text) => match Decimal::parse(&text) {
            Ok(number) => Value::Number(Cow::Owned(number.as_str().to_owned())),
            Err(_) => Value::Empty,
        },
        _ => Value::Empty,
    }
}

/// A `$when`.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) negated: bool,
    pub(super) test: Test,
}

/// What a condition asks.
#[derive(Debug)]
pub(super) enum Test {
    /// The field, of whatever shape, is filled and not false; a list has a record.
    Filled(Path),
    /// The value is not empty and not false.
    True(Expression),
    /// Both are filled and have the same text.
    Equal(Expression, Expression),
    /// Not so: one is empty or their texts differ.
    Differ(Expression, Expression),
}

impl Condition {
    /// Whether the node is there.
    pub(super) fn holds<'a>(&'a self, context: &mut Context<'a>) -> bool {
        let holds = match &self.test {
            Test::Filled(path) => match path.field(&context.variables) {
                Field::Missing | Field::Boolean(false) => false,
                Field::List(list) => !list.is_empty(),
                _ => true,
            },
            Test::True(expression) => !matches!(expression.value(context), Value::Empty | Value::Boolean(false)),
            Test::Equal(left, right) => are_equal(left, right, context),
            Test::Differ(left, right) => !are_equal(left, right, context),
        };
        holds != self.negated
    }
}

fn are_equal<'a>(left: &'a Expression, right: &'a Expression, context: &mut Context<'a>) -> bool {
    let (left, right) = (left.value(context), right.value(context));
    left != Value::Empty && right != Value::Empty && left.to_text() == right.to_text()
}
