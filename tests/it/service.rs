//! The service over real sockets, as a process.

mod delivery;
mod requests;
mod setting;
mod start;
