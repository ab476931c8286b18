//! A binding applied to a message: drafts of records, and what each part of the message was used for.

mod date_time;
mod draft;
mod evaluate;
mod records;
mod scope;
mod tree;
mod uses;

pub use date_time::{DateTime, DateTimeError, read_date_time};
pub use draft::{Draft, Drafted};
pub use uses::{Use, Uses};

use self::records::Binder;
use super::binding::Plan;
use super::er7::{Defect, Message};

/// What a binding makes of a message.
#[derive(Debug)]
pub struct Bound {
    /// The fields of the referral.
    pub referral: Draft,
    /// What each part was used for.
    pub uses: Uses,
    /// The record that each record is part of, by number; the referral is number 0.
    pub parents: Vec<u32>,
}

/// Applies a binding. `version` is that of the message.
pub fn bind(message: &Message<'_>, plan: &Plan, version: &str, defects: &mut Vec<Defect>) -> Bound {
    let mut binder = Binder::new(message, plan, version, defects);
    let referral = binder.referral();
    let (uses, parents) = binder.finish();
    Bound { referral, uses, parents }
}
