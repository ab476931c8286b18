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
mod looking;
mod mllp;
mod order;
mod outbound;
mod privacy;
mod referral;
mod requests;
mod setting;
mod start;
mod tls;
mod web;
