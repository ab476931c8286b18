//! Mapping templates: domain records to FHIR resources, as reviewed data (ADR 5).
//!
//! A template file looks like the resource it makes: constants as they are, holes (`{{ variant.position }}`) for fields
//! of a record. [`Templates::load`] compiles all files once and names every defect with file, line and column;
//! [`Templates::render`] then writes JSON text and cannot fail.

mod compile;
mod context;
mod date;
mod embedded;
mod expression;
mod json;
mod overlay;
mod path;
mod render;
mod syntax;
mod template;
mod templates;

pub mod fields;
pub mod source;

pub use self::templates::{Planned, Rendered, Rendering, Templates};
pub use crate::mapping_file::tables::Tables;
pub use crate::mapping_file::{MappingError, MappingFile};
