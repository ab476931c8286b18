//! References between tables: a column whose cells are codes of another one.

use std::collections::BTreeMap;

use super::{CodeTable, CodeTableError};
use crate::redact::quote;

/// Every reference to a table, column or code that does not exist.
pub(super) fn check(tables: &BTreeMap<String, CodeTable>, errors: &mut Vec<CodeTableError>) {
    for table in tables.values() {
        for (column, target) in &table.head.references {
            let mut refuse = |line, text| errors.push(CodeTableError { file: table.file.clone(), line, text });
            let Some(index) = table.properties.iter().position(|property| property == column) else {
                refuse(0, format!("references: no column {}", quote(column)));
                continue;
            };
            let Some(target_table) = tables.get(target) else {
                refuse(0, format!("references: no table {}", quote(target)));
                continue;
            };
            let mut dangling: Vec<(u32, &str)> = table
                .rows
                .values()
                .filter_map(|row| Some((row.line, row.properties.get(index)?.as_str())))
                .filter(|(_, cell)| !cell.is_empty() && target_table.entry(cell).is_none())
                .collect();
            dangling.sort_unstable();
            for (line, cell) in dangling {
                refuse(line, format!("{column}: {} is no code of {target}", quote(cell)));
            }
        }
    }
}
