//! Parser and translation on generated input: `cargo bench`.
fn main() {}
