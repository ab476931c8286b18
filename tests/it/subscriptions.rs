//! Topic subscriptions over HTTP: what is promised to a trust that asks to be told.

mod delivery;
mod events;
mod isolation;
mod reading;
mod refusals;
pub(crate) mod setting;
