//! Everybody around the gateway, for demonstrations: an issuer of access tokens, three health trusts, two laboratories and a
//! trial system that speaks FHIR over HTTP. It knows the gateway by its documented interfaces only.
//!
//! Nothing in it is about anybody: persons, findings and outcomes are drawn from a seed ([`plan`]), conditioned on published
//! totals ([`funnel`]).

pub mod catalogue;
pub mod client;
pub mod count;
pub mod funnel;
pub mod issuer;
pub mod keys;
pub mod laboratories;
pub mod persons;
pub mod plan;
pub mod random;
pub mod referrals;
pub mod reports;
pub mod scene;
pub mod server;
pub mod simon;
pub mod statuses;
pub mod subscriptions;
pub mod trial;
pub mod trusts;
