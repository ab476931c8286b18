//! The compiled form that the program carries.

use super::form::Form;
use super::package::{gunzip, gzip};

/// `profiles/compiled/form.json.gz`, made by `profiles compile`.
const COMPILED: &[u8] = include_bytes!("../../profiles/compiled/form.json.gz");

/// The form of the embedded packages; the error says why it cannot be read, which a test excludes.
pub fn form() -> Result<Form, String> {
    decode(COMPILED)
}

/// A form as the bytes of the compiled file: the same for the same form on every machine.
pub fn encode(form: &Form) -> Result<Vec<u8>, String> {
    gzip(&serde_json::to_vec(form).map_err(|error| error.to_string())?)
}

/// Reads what [`encode`] wrote.
pub fn decode(bytes: &[u8]) -> Result<Form, String> {
    serde_json::from_slice(&gunzip(bytes)?).map_err(|error| error.to_string())
}
