//! The service over real sockets, as a process.

mod acknowledgements;
mod audit;
mod audit_search;
pub(crate) mod certificates;
mod client_certificates;
mod consent;
mod delivery;
pub(crate) mod destination;
mod encryption;
mod folder;
mod grants;
mod health;
mod limits;
mod links;
mod looking;
pub(crate) mod mllp;
mod operators;
mod order;
mod outbound;
mod privacy;
mod provider;
pub(crate) mod referral;
mod refused;
mod requests;
mod session;
pub(crate) mod setting;
#[path = "../../src/tokens/tests/signing.rs"]
pub(crate) mod signing;
mod start;
mod tls;
pub(crate) mod tokens;
pub(crate) mod web;
