//! Paths to fields of records.

use crate::domain::ids::Identity;
use crate::domain::record::{Field, Record, RecordList, RecordType, Shape};

/// A path, resolved to the variable it starts at and field indices.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    /// Which variable: 0 is the root, then the loops from outside in.
    pub(super) slot: usize,
    pub(super) fields: Box<[usize]>,
}

/// Index and description of field `name`.
pub(super) fn find_field(record: &RecordType, name: &str) -> Option<(usize, Shape)> {
    let index = record.fields.iter().position(|field| field.name == name)?;
    Some((index, record.fields.get(index)?.shape))
}

/// Index of the field that holds the business key of a record.
pub(super) fn identity_field(record: &RecordType) -> Option<usize> {
    record.fields.iter().position(|field| matches!(field.shape, Shape::Identity))
}

impl Path {
    /// The value the path leads to.
    pub(super) fn field<'a>(&self, variables: &[&'a dyn Record]) -> Field<'a> {
        let Some(&record) = variables.get(self.slot) else { return Field::Missing };
        follow(record, &self.fields)
    }

    /// The record the path leads to.
    pub(super) fn record<'a>(&self, variables: &[&'a dyn Record]) -> Option<&'a dyn Record> {
        match self.field(variables) {
            Field::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The list, or the single record, the path leads to.
    pub(super) fn records<'a>(&self, variables: &[&'a dyn Record]) -> Records<'a> {
        match self.field(variables) {
            Field::List(list) => Records::List(list, 0),
            Field::Record(record) => Records::One(Some(record)),
            _ => Records::One(None),
        }
    }
}

/// Follows field indices from `record`.
pub(super) fn follow<'a>(record: &'a dyn Record, fields: &[usize]) -> Field<'a> {
    let mut value = Field::Record(record);
    for &index in fields {
        let Field::Record(record) = value else { return Field::Missing };
        value = record.field(index);
    }
    value
}

/// The business key in field `index` of `record`.
pub(super) fn identity(record: &dyn Record, index: usize) -> Option<&Identity> {
    match record.field(index) {
        Field::Identity(identity) => Some(identity),
        _ => None,
    }
}

/// Iterates over the records a path leads to.
pub(super) enum Records<'a> {
    One(Option<&'a dyn Record>),
    List(&'a dyn RecordList, usize),
}

impl<'a> Iterator for Records<'a> {
    type Item = &'a dyn Record;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::One(record) => record.take(),
            Self::List(list, next) => {
                let record = list.get(*next);
                *next += 1;
                record
            }
        }
    }
}
