//! The service over real sockets, as a process.

mod acknowledgements;
mod delivery;
mod folder;
mod mllp;
mod requests;
mod setting;
mod start;
