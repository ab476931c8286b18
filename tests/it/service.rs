//! The service over real sockets, as a process.

mod acknowledgements;
mod certificates;
mod consent;
mod delivery;
mod destination;
mod encryption;
mod folder;
mod health;
mod looking;
mod mllp;
mod order;
mod referral;
mod requests;
mod setting;
#[path = "../../src/tokens/tests/signing.rs"]
mod signing;
mod start;
mod tls;
mod tokens;
