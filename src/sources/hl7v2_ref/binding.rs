//! Bindings: which part of a message is which field of the referral, as reviewed data (`mappings/referral/`).
//!
//! The base binding holds what the standard says; an overlay per organisation holds what its system does otherwise. Both are
//! compiled when they are loaded: an unknown field, path, table or function is an error with file, line and column.

mod check;
mod compile;
mod dictionary;
mod overlay;
mod path;
mod plan;
mod set;
mod syntax;
mod target;

pub use check::{Coverage, Report, Unread, check, value_at};
pub use path::{Divided, Path};
pub use plan::{Alternative, CharacterSets, Column, Condition, Expression, Group, Plan, Preference, Rule, Test};
pub use set::{Bindings, FOLDER};
pub use syntax::Comparison;

#[cfg(test)]
pub(in crate::sources::hl7v2_ref) mod tests;
