//! The service over real sockets, as a process.

mod acknowledgements;
mod audit;
mod certificates;
mod client_certificates;
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
mod outbound;
mod privacy;
mod provider;
mod referral;
mod requests;
mod session;
mod setting;
mod start;
mod tls;
mod web;
