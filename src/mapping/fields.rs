//! The fields that templates can name, as documentation.

use std::fmt::Write;

use crate::domain::record::{FieldInfo, RecordType, Shape};

/// The record types, and those they hold, each once: a heading, what it is, and a table of its fields.
pub fn markdown(types: &[&'static RecordType]) -> String {
    let mut out = String::new();
    for record in with_nested(types) {
        // Writing to a String cannot fail.
        let _ =
            write!(out, "## {}\n\n{}\n\n| field | holds | meaning |\n|---|---|---|\n", record.name, prose(record.doc));
        for field in record.fields {
            let _ = writeln!(out, "| `{}` | {} | {} |", field.name, holds(field), prose(field.doc).replace('|', "\\|"));
        }
        out.push('\n');
    }
    out
}

/// The types in order of first mention.
fn with_nested(types: &[&'static RecordType]) -> Vec<&'static RecordType> {
    let mut found: Vec<&'static RecordType> = Vec::new();
    let mut waiting: Vec<&'static RecordType> = types.iter().rev().copied().collect();
    while let Some(record) = waiting.pop() {
        if found.iter().any(|known| known.name == record.name) {
            continue;
        }
        found.push(record);
        let nested = record.fields.iter().rev().filter_map(|field| match field.shape {
            Shape::Record(nested) | Shape::List(nested) => Some(nested),
            _ => None,
        });
        waiting.extend(nested);
    }
    found
}

fn holds(field: &FieldInfo) -> String {
    let link = |record: &RecordType| format!("[{}](#{})", record.name, record.name.to_lowercase());
    match field.shape {
        Shape::Text => "text".to_owned(),
        Shape::Integer => "whole number".to_owned(),
        Shape::Decimal => "decimal number".to_owned(),
        Shape::Boolean => "true or false".to_owned(),
        Shape::Identity => "business key, for `id` and `reference`".to_owned(),
        Shape::Record(record) => link(record),
        Shape::List(record) => format!("list of {}", link(record)),
    }
}

fn prose(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "record! declares public types")]
mod tests {
    use super::*;
    use crate::domain::record::Described;
    use crate::record;

    record! {
        /// A leaf.
        pub struct Leaf {
            /// Colour, `red|green`.
            pub colour: String,
        }
    }

    record! {
        /// A tree,
        /// with leaves.
        pub struct Tree {
            /// Largest leaf.
            pub largest: Leaf,
            /// All leaves.
            pub leaves: Vec<Leaf>,
            /// Height, metres.
            pub height: Option<crate::domain::decimal::Decimal>,
        }
        internal {
            /// Not for templates.
            pub hidden: u8,
        }
    }

    #[test]
    fn every_type_is_listed_once_with_its_fields() {
        let expected = "## Tree\n\nA tree, with leaves.\n\n| field | holds | meaning |\n|---|---|---|\n\
            | `largest` | [Leaf](#leaf) | Largest leaf. |\n\
            | `leaves` | list of [Leaf](#leaf) | All leaves. |\n\
            | `height` | decimal number | Height, metres. |\n\n\
            ## Leaf\n\nA leaf.\n\n| field | holds | meaning |\n|---|---|---|\n\
            | `colour` | text | Colour, `red\\|green`. |\n\n";
        assert_eq!(markdown(&[Tree::TYPE, Leaf::TYPE]), expected);
    }
}
