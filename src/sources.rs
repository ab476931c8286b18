//! Inbound formats. A source detects its files, parses them and normalises them into the domain.

pub mod henvisning;
pub mod tso500;
pub mod xml;
