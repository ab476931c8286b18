use std::sync::LazyLock;

use super::*;
use crate::domain::issue::Location;
use crate::fhir::json::{self, JsonLimits};
use crate::profiles::embedded;
use crate::profiles::walk::Validator as Walker;

static WALKER: LazyLock<Walker> = LazyLock::new(|| Walker::new(embedded::form().unwrap()));

fn read(text: &str) -> Value {
    json::read(text.as_bytes(), &JsonLimits::default()).unwrap()
}

/// Code and path of each issue of the gate.
fn check(text: &str) -> Vec<(&'static str, String)> {
    let gate = Gate::new(WALKER.form());
    let value = read(text);
    let issues = gate.check(&value);
    assert_eq!(gate.admits(&value), issues.is_empty(), "{text}: {issues:?}");
    let place = |issue: &Issue| (issue.code.as_str(), issue.location.path.as_deref().unwrap().to_owned());
    issues.iter().map(place).collect()
}

/// Whether gate and walker both accept (`true`) or both refuse (`false`).
fn verdict(text: &str) -> bool {
    let value = read(text);
    let errors = WALKER.validate(&value, &[]).iter().any(|issue| issue.code.severity() >= Severity::Error);
    let is_admitted = Gate::new(WALKER.form()).admits(&value);
    assert_eq!(is_admitted, !errors, "gate and walker differ: {text}");
    is_admitted
}

#[test]
fn each_kind_of_fault_has_its_code_and_its_place() {
    for (text, code, path) in [
        (r#"{"resourceType":"Patient","colour":1}"#, "profile.element-unknown", "Patient.colour"),
        (r#"{"resourceType":"Patient","name":[{"famly":"x"}]}"#, "profile.element-unknown", "Patient.name[0].famly"),
        (r#"{"resourceType":"Patient","gender":"m"}"#, "profile.code-not-in-value-set", "Patient.gender"),
        (r#"{"resourceType":"Patient","birthDate":"1.2.1990"}"#, "profile.primitive-invalid", "Patient.birthDate"),
        (r#"{"resourceType":"Patient","active":"true"}"#, "profile.type-wrong", "Patient.active"),
        (r#"{"resourceType":"Patient","active":null}"#, "profile.element-empty", "Patient.active"),
        (r#"{"resourceType":"Patient","name":[]}"#, "profile.element-empty", "Patient.name"),
        (r#"{"resourceType":"Patient","name":[{}]}"#, "profile.element-empty", "Patient.name[0]"),
        (r#"{"resourceType":"Patient","name":{"family":"x"}}"#, "profile.type-wrong", "Patient.name"),
        (
            r#"{"resourceType":"Patient","_active":{"extension":[{"url":"http://x.org"}]}}"#,
            "profile.extension-invalid",
            "Patient.active.extension[0]",
        ),
        (
            r#"{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}"#,
            "profile.choice-repeated",
            "Patient",
        ),
        (r#"{"resourceType":"Patient","multipleBirthInteger":1.5}"#, "profile.type-wrong", "Patient.multipleBirth"),
        (r#"{"resourceType":"Observation","code":{"text":"x"}}"#, "profile.cardinality-min", "Observation.status"),
        (r#"{"resourceType":"Observation","status":"final"}"#, "profile.cardinality-min", "Observation.code"),
        (r#"{"resourceType":"Basic2"}"#, "profile.resource-type-unknown", "Resource"),
        (r#"{"x":1}"#, "profile.resource-type-unknown", "Resource"),
        (r#"[1]"#, "profile.resource-type-unknown", "Resource"),
        (
            r#"{"resourceType":"Patient","contained":[{"id":"a"}]}"#,
            "profile.resource-type-unknown",
            "Patient.contained[0].resourceType",
        ),
        (
            r#"{"resourceType":"Patient","contained":[{"resourceType":"Device","id":"a","status":"x"}]}"#,
            "profile.code-not-in-value-set",
            "Patient.contained[0].status",
        ),
        (
            r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","name":[{"given":[1]}]}}]}"#,
            "profile.type-wrong",
            "Bundle.entry[0].resource.name[0].given[0]",
        ),
        (
            r#"{"resourceType":"Parameters","parameter":[{"name":"p","part":[{"name":"q","resource":{"resourceType":"Patient","gender":"m"}}]}]}"#,
            "profile.code-not-in-value-set",
            "Parameters.parameter[0].part[0].resource.gender",
        ),
    ] {
        let found = check(text);
        assert!(found.contains(&(code, path.to_owned())), "{text}: {found:?}");
        assert!(!verdict(text));
    }
}

/// R4, 2.6.2.2: a primitive may have an id or extensions beside its value, or instead of it; in arrays null holds the place.
#[test]
fn siblings_of_primitives_may_stand_for_a_value() {
    let absent =
        r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#;
    let name = |inside: &str| format!(r#"{{"resourceType":"Patient","name":[{{{inside}}}]}}"#);
    for text in [
        format!(r#"{{"resourceType":"Observation","code":{{"text":"x"}},"_status":{absent}}}"#),
        format!(r#"{{"resourceType":"Patient","birthDate":"2000","_birthDate":{absent}}}"#),
        name(&format!(r#""given":[null,"b"],"_given":[{absent},null]"#)),
        name(&format!(r#""_given":[{absent}]"#)),
        name(r#""given":["a"],"_given":[{"id":"x"}]"#),
    ] {
        assert!(verdict(&text), "{text}");
    }
    for text in [
        name(r#""given":[null]"#),
        name(r#""given":["a",null]"#),
        name(r#""_given":[null]"#),
        name(r#""_given":[]"#),
        name(r#""given":[]"#),
        name(r#""given":"a""#),
        name(r#""given":["a"],"_given":{"id":"x"}"#),
        r#"{"resourceType":"Patient","birthDate":null,"_birthDate":{"id":"x"}}"#.to_owned(),
        r#"{"resourceType":"Patient","_birthDate":null}"#.to_owned(),
        r#"{"resourceType":"Patient","_birthDate":{}}"#.to_owned(),
        r#"{"resourceType":"Patient","_birthDate":[{"id":"x"}]}"#.to_owned(),
        r#"{"resourceType":"Patient","_name":[{"id":"x"}]}"#.to_owned(),
    ] {
        assert!(!verdict(&text), "{text}");
    }
}

/// The numbers keep their digits (serde_json with arbitrary precision), also where no float could hold them.
#[test]
fn numbers_of_any_size_and_precision_are_numbers() {
    let risk = |number: &str| {
        format!(
            r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},"valueQuantity":{{"value":{number}}}}}"#
        )
    };
    for number in
        ["0", "-0", "1.50", "0.000000000000000000000000001", "123456789012345678901234567890.5", "1e400", "-1E-400"]
    {
        assert!(verdict(&risk(number)), "{number}");
    }
    assert!(!verdict(&risk("\"1.5\"")));
    let birth = |number: &str| format!(r#"{{"resourceType":"Patient","multipleBirthInteger":{number}}}"#);
    for number in ["0", "3", "-3", "2147483647", "-2147483648"] {
        assert!(verdict(&birth(number)), "{number}");
    }
    for number in ["2147483648", "-2147483649", "1e30", "1e400", "1.5", "0.1", "99999999999999999999999999999999"] {
        assert!(!verdict(&birth(number)), "{number}");
    }
    // JSON Schema knows no other integer than one without a fraction; the list of what is weaker says so.
    for number in ["1.0", "1e0", "-0"] {
        assert!(Gate::new(WALKER.form()).admits(&read(&birth(number))), "{number}");
    }
}

#[test]
fn the_number_of_issues_is_limited_and_no_issue_tells_a_national_number() {
    let unknown: String = (0..150).map(|number| format!(",\"unknown{number}\":1")).collect();
    assert_eq!(check(&format!("{{\"resourceType\":\"Patient\"{unknown}}}")).len(), 100);
    let entry = r#"{"resource":{"resourceType":"Patient","gender":"m"}},"#.repeat(250);
    let bundle =
        format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entry.trim_end_matches(','));
    assert_eq!(check(&bundle).len(), 100);
    // More values than are gathered: the first fault is told.
    let many = format!(r#"{{"resourceType":"Patient","name":[{}1]}}"#, "1,".repeat(60_000));
    assert_eq!(check(&many), [("profile.type-wrong", "Patient.name[0]".to_owned())]);
    let person = "13097248022";
    for text in [
        format!(r#"{{"resourceType":"Patient","birthDate":"{person}"}}"#),
        format!(r#"{{"resourceType":"Patient","{person}":"x"}}"#),
        format!(r#"{{"resourceType":"Patient","gender":"{person}"}}"#),
        format!(r#"{{"resourceType":"Patient","multipleBirthInteger":{person}}}"#),
        format!(r#"{{"resourceType":"{person}"}}"#),
    ] {
        for issue in Gate::new(WALKER.form()).check(&read(&text)) {
            assert!(!issue.to_string().contains(person), "{issue}");
        }
    }
}

#[test]
fn nesting_beyond_the_reader_is_refused_and_does_not_end_the_program() {
    let mut value = Value::Bool(true);
    for _ in 0..2_000 {
        value = serde_json::json!({ "a": value });
    }
    let gate = Gate::new(WALKER.form());
    let patient = serde_json::json!({ "resourceType": "Patient", "name": [value] });
    assert!(!gate.admits(&patient));
    assert!(!gate.check(&patient).is_empty());
}

#[test]
fn only_what_the_walker_does_not_say_is_left() {
    let issue = |code, path: &str| Issue::new(code, Location::path(path), "x");
    let walker = [
        issue(IssueCode::TypeWrong, "Patient.name[0].given[0]"),
        issue(IssueCode::ExtensionInvalid, "Patient.extension[0]"),
        issue(IssueCode::ChoiceRepeated, "Patient.deceased"),
        issue(IssueCode::ExtensionUnknown, "Patient.photo[0]"),
    ];
    let gate = |paths: &[&str]| paths.iter().map(|path| issue(IssueCode::TypeWrong, path)).collect::<Vec<_>>();
    let known = ["Patient.name[0].given[0]", "Patient.name[0].given", "Patient.extension[0].url", "Patient"];
    assert!(unexplained(&walker, gate(&known)).is_empty());
    let left = unexplained(&walker, gate(&["Patient.name[0].family", "Patient.name[0].given[1]", "Patient.photo[0]"]));
    assert_eq!(left.len(), 3);
    assert!(left.iter().all(|issue| issue.code == IssueCode::TypeWrong && issue.text.contains("JSON Schema")));
    let truncated = [issue(IssueCode::ProfileIssuesTruncated, "Patient")];
    assert!(unexplained(&truncated, gate(&["Patient.photo[0]"])).is_empty());
}
