//! The FHIR API over the journal: what is asked for in the words of FHIR -> what the journal is asked for, and its rows -> Bundles.
//!
//! Nothing here decides who sees what: every question to the journal carries a [`Scope`](crate::journal::Scope), for what is
//! included as for what is searched.

pub mod bundle;
pub mod capability;
mod condition;
mod cursor;
mod date;
mod history;
mod include;
mod parameters;
pub mod query;
mod reference;
mod resource;
pub mod run;
mod value;

pub use cursor::Seal;
pub use history::{HistoryAsked, Versions, history, history_of};
pub use query::{Asked, Context, Handling, Invalid, Own};
pub use resource::{at_hand, shown};

pub use crate::fhir::etag::{Named, etag};
