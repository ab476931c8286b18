//! Inbound formats. A source detects its files, parses them and normalises them into the domain.

pub mod tso500;
