//! Tokens, proofs and keys that must be taken, and those that must not.

mod signing;
mod vectors;
