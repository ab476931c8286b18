//! Records: domain types whose fields a mapping template can name.
//!
//! [`record!`](crate::record!) declares a struct once and yields both the Rust type and its description (field
//! names, types, documentation). Templates are checked against the description when they are loaded, and
//! `docs/mapping.md` lists it.

use super::decimal::Decimal;
use super::ids::Identity;

/// The description of one record type.
#[derive(Debug)]
pub struct RecordType {
    /// Name as used in documentation and error texts.
    pub name: &'static str,
    /// What the record is.
    pub doc: &'static [&'static str],
    /// The fields, in declaration order; a field's index here is the index of [`Record::field`].
    pub fields: &'static [FieldInfo],
}

/// One field of a record type.
#[derive(Debug)]
pub struct FieldInfo {
    /// Name as used in a template path.
    pub name: &'static str,
    /// What the field holds, with unit and source.
    pub doc: &'static [&'static str],
    /// Shape of the value.
    pub shape: Shape,
}

/// Shape of a field's value.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text.
    Text,
    /// Non-negative whole number.
    Integer,
    /// Decimal number, digits kept as written.
    Decimal,
    /// True or false.
    Boolean,
    /// The business key from which resource ids are derived.
    Identity,
    /// A nested record.
    Record(&'static RecordType),
    /// A list of records.
    List(&'static RecordType),
}

/// The value of a field.
#[derive(Clone, Copy)]
pub enum Field<'a> {
    /// The field is not filled.
    Missing,
    /// Text.
    Text(&'a str),
    /// Non-negative whole number.
    Integer(u64),
    /// Decimal number.
    Decimal(&'a Decimal),
    /// True or false.
    Boolean(bool),
    /// Business key.
    Identity(&'a Identity),
    /// A nested record.
    Record(&'a dyn Record),
    /// A list of records.
    List(&'a dyn RecordList),
}

/// A type whose fields can be read by index.
pub trait Record {
    /// The description of this type.
    fn record_type(&self) -> &'static RecordType;
    /// The value of field `index` of [`RecordType::fields`]; `Missing` for an index out of range.
    fn field(&self, index: usize) -> Field<'_>;
}

/// A list of records, seen without its element type.
pub trait RecordList {
    /// Number of records.
    fn len(&self) -> usize;
    /// The record at `index`.
    fn get(&self, index: usize) -> Option<&dyn Record>;
    /// Whether the list has no record.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Record> RecordList for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }
    fn get(&self, index: usize) -> Option<&dyn Record> {
        self.as_slice().get(index).map(|record| record as &dyn Record)
    }
}

/// A type that can be the value of a record's field.
pub trait AsField {
    /// Shape of the value.
    const SHAPE: Shape;
    /// The value.
    fn as_field(&self) -> Field<'_>;
}

/// A type declared by [`record!`](crate::record!).
pub trait Described: Record {
    /// The description.
    const TYPE: &'static RecordType;
}

impl AsField for String {
    const SHAPE: Shape = Shape::Text;
    fn as_field(&self) -> Field<'_> {
        if self.is_empty() { Field::Missing } else { Field::Text(self) }
    }
}

impl AsField for &'static str {
    const SHAPE: Shape = Shape::Text;
    fn as_field(&self) -> Field<'_> {
        if self.is_empty() { Field::Missing } else { Field::Text(self) }
    }
}

impl AsField for u64 {
    const SHAPE: Shape = Shape::Integer;
    fn as_field(&self) -> Field<'_> {
        Field::Integer(*self)
    }
}

impl AsField for bool {
    const SHAPE: Shape = Shape::Boolean;
    fn as_field(&self) -> Field<'_> {
        Field::Boolean(*self)
    }
}

impl AsField for Decimal {
    const SHAPE: Shape = Shape::Decimal;
    fn as_field(&self) -> Field<'_> {
        Field::Decimal(self)
    }
}

impl AsField for Identity {
    const SHAPE: Shape = Shape::Identity;
    fn as_field(&self) -> Field<'_> {
        Field::Identity(self)
    }
}

impl<T: AsField> AsField for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    fn as_field(&self) -> Field<'_> {
        self.as_ref().map_or(Field::Missing, AsField::as_field)
    }
}

impl<T: Described> AsField for Vec<T> {
    const SHAPE: Shape = Shape::List(T::TYPE);
    fn as_field(&self) -> Field<'_> {
        Field::List(self)
    }
}

/// Declares a struct whose fields templates can name.
///
/// Fields after `internal` are ordinary struct fields that no template sees.
#[macro_export]
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $( $(#[doc = $field_doc:literal])* pub $field:ident : $ty:ty, )*
        }
        $(internal {
            $( $(#[doc = $internal_doc:literal])* pub $internal:ident : $internal_ty:ty, )*
        })?
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $ty, )*
            $( $( $(#[doc = $internal_doc])* pub $internal: $internal_ty, )* )?
        }

        impl $crate::domain::record::Described for $name {
            const TYPE: &'static $crate::domain::record::RecordType = &$crate::domain::record::RecordType {
                name: stringify!($name),
                doc: &[$($doc),*],
                fields: &[$(
                    $crate::domain::record::FieldInfo {
                        name: stringify!($field),
                        doc: &[$($field_doc),*],
                        shape: <$ty as $crate::domain::record::AsField>::SHAPE,
                    },
                )*],
            };
        }

        impl $crate::domain::record::Record for $name {
            fn record_type(&self) -> &'static $crate::domain::record::RecordType {
                <$name as $crate::domain::record::Described>::TYPE
            }
            fn field(&self, index: usize) -> $crate::domain::record::Field<'_> {
                let mut remaining = index;
                $(
                    if remaining == 0 {
                        return $crate::domain::record::AsField::as_field(&self.$field);
                    }
                    remaining = remaining.wrapping_sub(1);
                )*
                let _ = remaining;
                $crate::domain::record::Field::Missing
            }
        }

        impl $crate::domain::record::AsField for $name {
            const SHAPE: $crate::domain::record::Shape =
                $crate::domain::record::Shape::Record(<$name as $crate::domain::record::Described>::TYPE);
            fn as_field(&self) -> $crate::domain::record::Field<'_> {
                $crate::domain::record::Field::Record(self)
            }
        }
    };
}
