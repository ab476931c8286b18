//! `impress-gateway`.

fn main() {}
