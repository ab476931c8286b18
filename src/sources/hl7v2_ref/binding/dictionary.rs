//! What the standard knows: which fields segments have, and how far they are divided.

use std::sync::Arc;

use super::path::{Divided, Path};
use crate::mapping_file::tables::{Table, Tables};

/// Names of the tables.
const FIELDS: &str = "hl7v2-fields";
const TYPES: &str = "hl7v2-types";

/// Columns of the fields before those of the versions: `PID-5`, `Patient name`.
const NAME: usize = 1;
const FIRST_VERSION: usize = 2;

/// The data type of a value whose type the message tells (OBX-5).
const VARIES: &str = "varies";

/// The fields of HL7 v2.
#[derive(Debug, Clone)]
pub(super) struct Dictionary {
    fields: Arc<Table>,
    types: Arc<Table>,
}

impl Dictionary {
    /// The dictionary in the tables of a mapping; `None` where it has none.
    pub(super) fn of(tables: &Tables) -> Option<Self> {
        Some(Self { fields: Arc::clone(tables.get(FIELDS)?), types: Arc::clone(tables.get(TYPES)?) })
    }

    /// Name of a field: `Patient name`.
    pub(super) fn field_name(&self, field: &str) -> Option<&str> {
        self.fields.cell(field, NAME)
    }

    /// Whether the value at a path has parts, in whatever version.
    pub(super) fn divided(&self, path: &Path) -> Divided {
        let name = path.field_name();
        let columns = FIRST_VERSION..self.fields.columns().len();
        let types: Vec<&str> = columns.filter_map(|column| self.fields.cell(&name, column)).collect();
        match types.as_slice() {
            _ if path.component > 0 => Divided::Yes,
            [] => Divided::Yes,
            [VARIES, ..] => Divided::ByValueType,
            types if types.iter().any(|name| self.types.cell(name, 1).is_some()) => Divided::Yes,
            _ => Divided::No,
        }
    }

    /// Why no message of `versions` can have anything at `path`.
    pub(super) fn defect(&self, path: &Path, versions: &[String]) -> Option<String> {
        for segment in &path.segments {
            if !segment.is_local() && self.fields.cell(&format!("{segment}-1"), NAME).is_none() {
                return Some(format!("no segment {segment} in a referral"));
            }
        }
        // A site says itself what its own segments hold.
        if path.field == 0 || path.segment().is_some_and(|segment| segment.is_local()) {
            return None;
        }
        let name = path.field_name();
        let columns = self.fields.columns().iter().enumerate().skip(FIRST_VERSION);
        let columns = columns.filter(|(_, version)| versions.contains(version));
        let types: Vec<&str> = columns.filter_map(|(column, _)| self.fields.cell(&name, column)).collect();
        if types.is_empty() {
            return Some(format!("no field {name} in {}", versions.join(", ")));
        }
        let fits = |data_type: &&str| *data_type == VARIES || self.has_part(data_type, path);
        if types.iter().any(fits) {
            return None;
        }
        let parts = [path.component, path.subcomponent].into_iter().filter(|number| *number > 0);
        let parts: Vec<String> = parts.map(|number| number.to_string()).collect();
        Some(format!("{name} ({}) has no part {}", types.join(", "), parts.join(".")))
    }

    /// Whether a data type has the component and subcomponent of a path. Every part has a first part.
    fn has_part(&self, data_type: &str, path: &Path) -> bool {
        let counts: Vec<u32> = self
            .types
            .cell(data_type, 1)
            .map(|counts| counts.split(' ').filter_map(|count| count.parse().ok()).collect())
            .unwrap_or_default();
        let component = path.component.max(1);
        let subcomponents = match counts.get(component as usize - 1) {
            Some(count) => *count,
            None if component == 1 => 1,
            None => return false,
        };
        path.subcomponent <= subcomponents
    }
}
