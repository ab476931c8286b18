//! References as they are asked for: `id`, `Type/id` or an address of this server.

/// The references that a value can mean, as they are found in the journal (`Type/id`); none that is of no such form. A type that
/// the parameter never refers to gives an empty list: nothing can be found.
pub(super) fn references(text: &str, targets: &[&str], base: &str) -> Option<Vec<String>> {
    let own = text.strip_prefix(base).and_then(|rest| rest.strip_prefix('/'));
    let text = own.unwrap_or(text);
    if let Some((kind, id)) = text.split_once('/').filter(|(kind, _)| is_type(kind)) {
        let reference = format!("{kind}/{id}");
        return is_id(id).then(|| if targets.contains(&kind) { vec![reference] } else { Vec::new() });
    }
    if is_id(text) {
        return Some(targets.iter().map(|kind| format!("{kind}/{text}")).collect());
    }
    // An address of another server is kept as it is.
    (own.is_none() && text.contains(':') && !text.contains(char::is_whitespace)).then(|| vec![text.to_owned()])
}

/// A logical id (R4 datatypes: `[A-Za-z0-9\-\.]{1,64}`).
pub(super) fn is_id(text: &str) -> bool {
    let is_form = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(is_form)
}

fn is_type(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://gateway.example/fhir";

    #[test]
    fn a_reference_is_an_id_a_type_and_id_or_an_address() {
        let targets = ["Patient", "Group"];
        let found = |text: &str| references(text, &targets, BASE);
        let some = |list: &[&str]| Some(list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(found("1-a.B"), some(&["Patient/1-a.B", "Group/1-a.B"]));
        assert_eq!(found("Patient/1"), some(&["Patient/1"]));
        assert_eq!(found("https://gateway.example/fhir/Patient/1"), some(&["Patient/1"]));
        assert_eq!(found("https://other.example/fhir/Patient/1"), some(&["https://other.example/fhir/Patient/1"]));
        assert_eq!(
            found("https://gateway.example/fhirx/Patient/1"),
            some(&["https://gateway.example/fhirx/Patient/1"])
        );
        assert_eq!(found("urn:uuid:1"), some(&["urn:uuid:1"]));
        assert_eq!(found("Task/1"), some(&[]));
        for wrong in ["", "Patient/", "Patient/1/_history/1", "a b", "a_b", "https://gateway.example/fhir/x y"] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
    }
}
