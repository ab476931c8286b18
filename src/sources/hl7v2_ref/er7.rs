//! The delimited encoding of HL7 v2 ("ER7"; HL7 v2.5.1 chapter 2, sections 2.5 to 2.7): bytes to a view, and back.
//!
//! [`open`] takes the frame off and reads the delimiters; [`Opened::decode`] turns the bytes into text and finds the segments.
//! Fields are split only where somebody looks. Nothing here knows what a field means.

mod character_set;
mod defect;
mod delimiters;
mod escape;
mod frame;
mod message;
mod part;
mod place;
mod segments;
mod write;

pub use character_set::CharacterSet;
pub use defect::Defect;
pub use delimiters::Delimiters;
pub use frame::{Opened, looks_like, open};
pub use message::{Message, Segment};
pub use part::{Part, Value};
pub use place::{Place, SegmentName};
pub use write::{Content, Writer};

#[cfg(test)]
mod tests;
