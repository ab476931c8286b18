//! Tokens, proofs and keys that must be taken, and those that must not.

mod access;
mod dpop;
mod keys;
mod setting;
mod signing;
mod vectors;
