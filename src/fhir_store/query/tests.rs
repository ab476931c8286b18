use super::*;
use crate::journal::{Match, Term};

const BASE: &str = "https://gateway.example/fhir";

/// A number of the test population (month + 80).
const NUMBER: &str = "05898597468";

fn pairs(parameters: &[(&str, &str)]) -> Vec<(String, String)> {
    parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn is_personal(text: &str) -> bool {
    text.contains(NUMBER)
}

fn read_as(
    kind: &'static str,
    parameters: &[(&str, &str)],
    (handling, is_body): (Handling, bool),
) -> Result<Asked, Invalid> {
    let id = |number: &NationalId| format!("id-of-{}", &number.expose()[..2]);
    let context = Context {
        base: BASE,
        handling,
        patient_id: if is_body { Some(&id) } else { None },
        sealed: &|value| format!("sealed {value}"),
        is_personal: &is_personal,
    };
    Asked::read(kind, &pairs(parameters), &context)
}

fn read(kind: &'static str, parameters: &[(&str, &str)]) -> Result<Asked, Invalid> {
    read_as(kind, parameters, (Handling::Lenient, false))
}

/// Of a type with a status of its own, which is `on` or `off`, and a text.
fn read_own(parameters: &[(&str, &str)]) -> Result<Asked, Invalid> {
    let context = Context {
        base: BASE,
        handling: Handling::Lenient,
        patient_id: None,
        sealed: &|value| value.to_owned(),
        is_personal: &is_personal,
    };
    let is_status: fn(&str) -> bool = |value| matches!(value, "on" | "off");
    let own = [Own { name: "status", is_value: Some(is_status) }, Own { name: "title", is_value: None }];
    Asked::read_with("Subscription", &own, &pairs(parameters), &context)
}

fn strict(kind: &'static str, parameters: &[(&str, &str)]) -> Result<Asked, Invalid> {
    read_as(kind, parameters, (Handling::Strict, false))
}

fn in_body(kind: &'static str, parameters: &[(&str, &str)]) -> Result<Asked, Invalid> {
    read_as(kind, parameters, (Handling::Lenient, true))
}

fn terms(asked: &Asked) -> Vec<(bool, Vec<Term>)> {
    asked.search.all_of.iter().map(|any| (any.is_not, any.terms.clone())).collect()
}

fn term(name: &str, system: Option<&str>, value: &str) -> Term {
    let matches = Match::Value { system: system.map(str::to_owned), value: value.to_owned() };
    Term { name: name.to_owned(), matches }
}

/// R4 search, sections 3.1.1.3.2 (AND by repetition, OR by comma) and 3.1.1.4.10 (token).
#[test]
fn values_are_any_and_parameters_all() {
    let asked = read(
        "Task",
        &[("status", "ready,completed"), ("status", "ready"), ("identifier", r"urn:x|a\,b"), ("code", "|c,urn:y|")],
    )
    .unwrap();
    let system = |system: &str| Term { name: "code".to_owned(), matches: Match::System(system.to_owned()) };
    assert_eq!(
        terms(&asked),
        [
            (false, vec![term("status", None, "ready"), term("status", None, "completed")]),
            (false, vec![term("status", None, "ready")]),
            (false, vec![term("identifier", Some("urn:x"), "a,b")]),
            (false, vec![term("code", Some(""), "c"), system("urn:y")]),
        ]
    );
}

/// The system of a code is implied by its value set; who names it finds the same.
#[test]
fn the_system_of_a_code_is_implied() {
    let asked = read("Task", &[("status", "http://hl7.org/fhir/task-status|ready")]).unwrap();
    assert_eq!(terms(&asked), [(false, vec![term("status", None, "ready")])]);
}

#[test]
fn a_modifier_changes_what_is_looked_for() {
    let any = |name: &str| Term { name: name.to_owned(), matches: Match::Any };
    for (name, value, expected) in [
        ("status:not", "ready,draft", (true, vec![term("status", None, "ready"), term("status", None, "draft")])),
        ("owner:missing", "true", (true, vec![any("owner")])),
        ("owner:missing", "false", (false, vec![any("owner")])),
        ("subject:Patient", "1", (false, vec![term("subject", None, "Patient/1")])),
    ] {
        assert_eq!(terms(&read("Task", &[(name, value)]).unwrap()), [expected], "{name}");
    }
    for (matches, name) in [
        (Match::Prefix("kohort".to_owned()), "title"),
        (Match::Contains("kohort".to_owned()), "title:contains"),
        (Match::Value { system: None, value: "kohort".to_owned() }, "title:exact"),
    ] {
        let asked = read("ResearchStudy", &[(name, "Kohort")]).unwrap();
        assert_eq!(terms(&asked), [(false, vec![Term { name: "title".to_owned(), matches }])], "{name}");
    }
    // Whether the caller is strict or not: a modifier that is left out would find what is not asked for.
    for (name, value) in [
        ("status:text", "x"),
        ("status:in", "x"),
        ("status:above", "x"),
        ("owner:missing", "yes"),
        ("owner:identifier", "x"),
        ("authored-on:not", "2026"),
        ("patient:Practitioner", "1"),
        ("_id:not", "1"),
        ("_lastUpdated:missing", "true"),
        ("_include:iterate", "Task:focus"),
        ("_revinclude:iterate", "Provenance:target"),
    ] {
        assert!(read("Task", &[(name, value)]).is_err(), "{name}");
    }
}

#[test]
fn references_and_times_are_read() {
    let asked = read("ResearchSubject", &[("patient", "Patient/1,2"), ("study", &format!("{BASE}/ResearchStudy/3"))]);
    assert_eq!(
        terms(&asked.unwrap()),
        [
            (false, vec![term("patient", None, "Patient/1"), term("patient", None, "Patient/2")]),
            (false, vec![term("study", None, "ResearchStudy/3")]),
        ]
    );
    let asked = read("Task", &[("authored-on", "ge2026-05-28")]).unwrap();
    assert!(matches!(
        terms(&asked)[0].1[0].matches,
        Match::Time { comparison: crate::domain::search::Comparison::GreaterOrEqual, .. }
    ));
    for (name, value) in
        [("authored-on", "soon"), ("patient", "Patient/"), ("status", ""), ("status", "a,"), ("code", "a|b|c")]
    {
        assert!(read("Task", &[(name, value)]).is_err(), "{name}={value}");
    }
    // A type that the parameter never leads to finds nothing: none of no terms holds.
    assert_eq!(terms(&read("Task", &[("patient", "Task/1")]).unwrap()), [(false, vec![])]);
}

/// What is no code and no id finds nothing, and could be anything.
#[test]
fn what_is_no_value_of_a_parameter_is_not_kept() {
    for (parameters, text, detail) in [
        (&[("status", "on")][..], "status=on&", "status=on&"),
        (&[("status", "on,Kari Nordmann,off")], "status=on%2Cunknown%2Coff&", "status=on%2Cunknown%2Coff&"),
        (&[("status", "Kari Nordmann"), ("status", "off")], "status=unknown&status=off&", "status=unknown&status=off&"),
        (&[("title", "Kari")], "title=Kari&", "title=...&"),
        (&[("_id", "a,Kari Nordmann,b")], "_id=a%2Cb&", "_id=a%2Cb&"),
        (&[("_id", "Kari Nordmann")], "_id=unknown&", "_id=unknown&"),
    ] {
        let asked = read_own(parameters).unwrap();
        assert_eq!((asked.text.as_str(), asked.detail()), (text, detail), "{parameters:?}");
    }
    let asked = read_own(&[("status", "on,Kari"), ("title", "a,b")]).unwrap();
    assert_eq!(asked.own().unwrap(), [("status", vec!["on", "unknown"]), ("title", vec!["a", "b"])]);
    assert_eq!(read_own(&[("status", NUMBER)]).unwrap_err(), Invalid::Personal);
    let many = ["on"; VALUES + 1].join(",");
    assert!(matches!(read_own(&[("status", &many)]), Err(Invalid::Form(_))));
}

#[test]
fn ids_are_all_that_every_one_names() {
    assert_eq!(read("Task", &[("_id", "a,b")]).unwrap().search.ids, ["a", "b"]);
    let both = read("Task", &[("_id", "a,b"), ("_id", "b,c")]).unwrap();
    assert_eq!((both.search.ids, both.is_nothing), (vec!["b".to_owned()], false));
    for parameters in [
        &[("_id", "a"), ("_id", "b")][..],
        &[("_id", "a/b")],
        &[("_id", "")],
        &[("_id", "a"), ("_id", "b"), ("_id", "a")],
    ] {
        assert!(read("Task", parameters).unwrap().is_nothing, "{parameters:?}");
    }
}

#[test]
fn the_result_is_asked_for_as_fhir_says() {
    let plain = read("Task", &[]).unwrap();
    assert_eq!((plain.count, plain.is_count, plain.has_total), (50, false, false));
    let asked = read("Task", &[("_count", "9999"), ("_total", "accurate"), ("_sort", "_id")]).unwrap();
    assert_eq!((asked.count, asked.is_count, asked.has_total), (500, false, true));
    assert_eq!(asked.search.order, Order { by: OrderBy::Id, is_descending: false });
    for parameters in [("_count", "0"), ("_summary", "count")] {
        assert!(read("Task", &[parameters]).unwrap().is_count, "{parameters:?}");
    }
    for parameters in
        [("_count", "-1"), ("_count", "x"), ("_include", "Task:x"), ("_revinclude", "*"), ("_lastUpdated", "x")]
    {
        assert!(matches!(read("Task", &[parameters]), Err(Invalid::Form(_))), "{parameters:?}");
    }
    assert!(read("Task", &[("_count", "1"), ("_count", "2")]).is_err());
    let includes =
        read("ResearchSubject", &[("_include", "ResearchSubject:study"), ("_revinclude", "Provenance:target")]);
    assert_eq!(includes.unwrap().other_types().into_iter().collect::<Vec<_>>(), ["Provenance", "ResearchStudy"]);
}

/// R4 search, section 3.1.1.5.1: what is not known is not used, and is not in the link `self`; or the search is refused.
#[test]
fn what_is_not_known_is_told_or_refused() {
    for (name, value) in [
        ("foo", "1"),
        ("_elements", "id"),
        ("_summary", "true"),
        ("_sort", "status"),
        ("patient.name", "x"),
        ("_total", "x"),
    ] {
        let asked = read("Task", &[(name, value), ("status", "ready")]).unwrap();
        assert_eq!((asked.text.as_str(), asked.ignored.len()), ("status=ready&", 1), "{name}");
        assert!(asked.ignored[0].starts_with(name), "{name}");
        assert!(
            matches!(strict("Task", &[(name, value)]), Err(Invalid::Form(text)) if text.starts_with(name)),
            "{name}"
        );
    }
    // Only a name is told again.
    let asked = read("Task", &[("Kari Nordmann 1", "x")]).unwrap();
    assert!(asked.ignored[0].starts_with("a parameter is not known"), "{:?}", asked.ignored);
    assert!(strict("Task", &[("status", "ready"), ("_count", "5")]).is_ok());
}

#[test]
fn the_link_has_what_is_used_encoded() {
    let asked =
        read("Task", &[("code", "urn:x|a b"), ("_cursor", "c"), ("_count", "5"), ("subject:Patient", "1")]).unwrap();
    assert_eq!(asked.text, "code=urn:x%7Ca%20b&_count=5&subject:Patient=1&");
    assert_eq!(asked.cursor.as_deref(), Some("c"));
    assert_eq!(asked.detail(), asked.text);
    // Texts may be words of a person.
    assert_eq!(read("ResearchStudy", &[("title", "x")]).unwrap().detail(), "title=...&");
}

#[test]
fn a_patient_is_named_by_a_number_in_a_body_only_and_kept_by_id() {
    let value = format!("urn:oid:2.16.578.1.12.4.1.4.1|{NUMBER}");
    for (kind, name, text) in [
        ("Task", "patient.identifier", "patient=Patient/id-of-05&"),
        ("Task", "subject.identifier", "subject=Patient/id-of-05&"),
        ("Patient", "identifier", "_id=id-of-05&"),
    ] {
        for value in [NUMBER, value.as_str()] {
            let asked = in_body(kind, &[(name, value)]).unwrap();
            assert_eq!((asked.text.as_str(), asked.detail()), (text, text), "{name}");
            assert_eq!(read(kind, &[(name, value)]).unwrap_err(), Invalid::Personal, "{name}");
        }
    }
    assert_eq!(in_body("Patient", &[("identifier", NUMBER)]).unwrap().search.ids, ["id-of-05"]);
    for (name, value) in
        [("patient.identifier", "05898597469"), ("patient.identifier", "x"), ("patient.identifier", "")]
    {
        assert!(matches!(in_body("Task", &[(name, value)]), Err(Invalid::Form(_))), "{name}={value}");
    }
    // Nowhere else, neither as a value nor as a name.
    for (name, value) in [("identifier", NUMBER), ("code", NUMBER), ("_id", NUMBER), ("foo", NUMBER), (NUMBER, "x")] {
        assert_eq!(in_body("Task", &[(name, value)]).unwrap_err(), Invalid::Personal, "{name}={value}");
    }
}

#[test]
fn what_says_who_a_person_is_is_in_no_link() {
    for (name, value) in
        [("family", "Nordmann"), ("birthdate", "1985-09-05"), ("identifier", "urn:x|1"), ("name:contains", "ola")]
    {
        assert!(matches!(read("Patient", &[(name, value)]), Err(Invalid::Form(_))), "{name}");
        let asked = in_body("Patient", &[(name, value), ("gender", "male")]).unwrap();
        assert_eq!(asked.text, "gender=male&", "{name}");
        assert_eq!(asked.detail(), format!("{name}=...&gender=male&"), "{name}");
        assert_eq!((asked.is_personal, asked.count), (true, 500), "{name}");
    }
    let asked = in_body("Patient", &[("identifier", "urn:x|1")]).unwrap();
    assert_eq!(terms(&asked), [(false, vec![term("identifier", Some("urn:x"), "sealed 1")])]);
}

#[test]
fn a_search_has_bounds() {
    let many: Vec<(&str, &str)> = vec![("status", "ready"); 65];
    assert!(matches!(read("Task", &many), Err(Invalid::Form(_))));
    let values = vec!["ready"; 201].join(",");
    assert!(matches!(read("Task", &[("status", &values)]), Err(Invalid::Form(_))));
    assert!(read("Task", &[("status", &vec!["ready"; 200].join(","))]).is_ok());
}

proptest::proptest! {
    #[test]
    fn any_parameters_are_a_search_or_not(
        name in "(_id|_lastUpdated|_include|_sort|status|patient|code|authored-on|[a-z_:.]{0,12})(:[a-zA-Z]{0,8})?|\\PC{0,12}",
        value in "[a-z0-9|,\\\\:/.-]{0,24}|\\PC{0,24}",
        is_body: bool,
    ) {
        let _ = read_as("Task", &[(&name, &value)], (Handling::Lenient, is_body));
        let _ = read_as("Patient", &[(&name, &value)], (Handling::Strict, is_body));
    }
}
