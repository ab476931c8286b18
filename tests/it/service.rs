//! The service over real sockets, as a process.

mod acknowledgements;
mod certificates;
mod consent;
mod delivery;
mod destination;
mod encryption;
mod folder;
mod health;
mod limits;
mod looking;
mod mllp;
mod operators;
mod order;
mod provider;
mod referral;
mod requests;
mod session;
mod setting;
mod start;
mod tls;
