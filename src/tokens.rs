//! The resource server: access tokens of OAuth 2 (RFC 9068) and proofs of possession (RFC 9449).
//!
//! What a token says is believed after its signature was verified with a key of its own issuer, and not before: what is read
//! until then, and what is believed, are different types.

pub mod access;
pub mod dpop;
pub mod jwk;
mod jws;
pub mod keys;
pub mod provider;
mod server;

pub use jws::Defect;
pub use server::{Client, Refusal, ResourceServer, Scheme};

#[cfg(test)]
mod tests;
