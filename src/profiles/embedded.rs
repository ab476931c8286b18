//! The compiled form that the program carries.

use super::form::Form;
use super::package::{gunzip, gzip};
use crate::fhir::systems::CANONICAL_BASE;

/// `profiles/compiled/form.json.gz`, made by `profiles compile`.
const COMPILED: &[u8] = include_bytes!("../../profiles/compiled/form.json.gz");

/// The form of the embedded packages; the error says why it cannot be read, which a test excludes.
pub fn form() -> Result<Form, String> {
    decode(COMPILED)
}

/// What the program itself writes, so that it keeps the example base in every deployment (ADR 4).
const CONSTANT: &[&str] = &["/StructureDefinition/gateway-issue-", "/CodeSystem/gateway-issue"];

/// The form of the embedded packages with `base` in place of the example base of our own canonical URIs (ADR 4): profiles,
/// code systems, value sets and identifier systems.
pub fn form_at(base: &str) -> Result<Form, String> {
    let text = String::from_utf8(gunzip(COMPILED)?).map_err(|error| error.to_string())?;
    let quoted = serde_json::to_string(base).map_err(|error| error.to_string())?;
    let base = quoted.trim_matches('"');
    let mut text = text.replace(CANONICAL_BASE, base);
    for path in CONSTANT {
        text = text.replace(&format!("{base}{path}"), &format!("{CANONICAL_BASE}{path}"));
    }
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// A form as the bytes of the compiled file: the same for the same form on every machine.
pub fn encode(form: &Form) -> Result<Vec<u8>, String> {
    gzip(&serde_json::to_vec(form).map_err(|error| error.to_string())?)
}

/// Reads what [`encode`] wrote.
pub fn decode(bytes: &[u8]) -> Result<Form, String> {
    serde_json::from_slice(&gunzip(bytes)?).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_base_moves_what_a_deployment_names_and_no_more() {
        let (example, moved) = (form().unwrap(), form_at("https://fhir.hospital.example/x").unwrap());
        let own = |form: &Form, base: &str| -> Vec<String> {
            let urls = form.profiles.keys().filter_map(|url| url.strip_prefix(base));
            urls.map(str::to_owned).collect()
        };
        let (all, left) = (own(&example, CANONICAL_BASE), own(&moved, CANONICAL_BASE));
        let issue = |path: &&String| path.starts_with("/StructureDefinition/gateway-issue-");
        assert_eq!(left, all.iter().filter(issue).cloned().collect::<Vec<_>>());
        let others: Vec<String> = all.iter().filter(|path| !issue(path)).cloned().collect();
        assert_eq!(own(&moved, "https://fhir.hospital.example/x"), others);
        assert_eq!(form_at(CANONICAL_BASE).unwrap(), example);
    }
}
