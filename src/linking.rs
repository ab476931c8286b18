//! What belongs together: pure decisions, with what is known so far as arguments.

pub mod case;
pub mod consent;
pub mod reply;
pub mod trial;
pub mod versions;
