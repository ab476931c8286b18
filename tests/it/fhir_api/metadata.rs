//! The CapabilityStatement: valid, and true.

use impress_gateway::domain::issue::{IssueCode, Severity};
use impress_gateway::fhir::search;
use impress_gateway::http::ROUTES;
use impress_gateway::profiles::walk::Validator;
use serde_json::Value;

use super::scene::{gateway, get, rows};
use crate::service::setting::TRUST;

/// Errors of a resource; what it refers to need not be in it.
pub(super) fn errors(validator: &Validator, resource: &Value) -> Vec<String> {
    let issues = validator.validate(resource, &[]).into_iter();
    let wrong =
        issues.filter(|issue| issue.code.severity() >= Severity::Error && issue.code != IssueCode::ReferenceUnresolved);
    wrong.map(|issue| issue.to_string()).collect()
}

#[test]
fn the_statement_is_valid_and_open() {
    let gateway = gateway("fhir-metadata", &[]);
    let statement = get(&gateway, "/fhir/metadata", "").json();
    assert_eq!(errors(&Validator::embedded().unwrap(), &statement), [""; 0]);
    assert_eq!(
        (statement["resourceType"].as_str(), statement["fhirVersion"].as_str()),
        (Some("CapabilityStatement"), Some("4.0.1"))
    );
    let task = statement["rest"][0]["resource"].as_array().unwrap().iter().find(|one| one["type"] == "Task").unwrap();
    let profile = "https://impress-gateway.example/fhir/StructureDefinition/ImpressReferralTask";
    assert!(task["supportedProfile"].as_array().unwrap().iter().any(|url| url == profile));
    // What it says without anybody's name is the same for everybody.
    assert_eq!(get(&gateway, "/fhir/metadata", TRUST).json(), statement);
}

#[test]
fn what_the_statement_says_is_served() {
    let gateway = gateway("fhir-metadata-served", &rows());
    let statement = get(&gateway, "/fhir/metadata", "").json();
    let mut asked = 0;
    for resource in statement["rest"][0]["resource"].as_array().unwrap() {
        let kind = resource["type"].as_str().unwrap();
        for interaction in resource["interaction"].as_array().unwrap() {
            let (path, status) = match interaction["code"].as_str().unwrap() {
                "search-type" => (format!("/fhir/{kind}"), 200),
                "history-type" => (format!("/fhir/{kind}/_history"), 200),
                "read" => (format!("/fhir/{kind}/absent"), 404),
                "history-instance" => (format!("/fhir/{kind}/absent/_history"), 404),
                "vread" => (format!("/fhir/{kind}/absent/_history/1"), 404),
                // What is written is tested where it is taken.
                "create" | "update" | "delete" => continue,
                other => panic!("{kind}: {other}"),
            };
            let answer = gateway.get(&path, TRUST);
            assert_eq!(answer.status, status, "{path}");
            assert!(status == 200 || answer.code() == "request.not-found", "{path}");
            asked += 1;
        }
        for parameter in resource["searchParam"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let value = match parameter["type"].as_str().unwrap() {
                "date" => "2026-03-01",
                "reference" if kind == "AuditEvent" && name != "agent" => "11111111-1111-8111-8111-111111111111",
                "token" if name == "action" => "R",
                "token" if name == "outcome" => "0",
                _ => "x",
            };
            let is_personal = parameter["documentation"].as_str().is_some_and(|text| text.contains("body"));
            let strict = "Prefer: handling=strict\r\n";
            let answer = match is_personal {
                true => {
                    let body = format!("{name}={value}");
                    gateway.request("POST", &format!("/fhir/{kind}/_search"), TRUST, strict, body.as_bytes())
                }
                false => gateway.request("GET", &format!("/fhir/{kind}?{name}={value}"), TRUST, strict, b""),
            };
            assert_eq!(answer.status, 200, "{kind}?{name}: {}", String::from_utf8_lossy(&answer.body));
            asked += 1;
        }
        for (member, parameter) in [("searchInclude", "_include"), ("searchRevInclude", "_revinclude")] {
            for include in resource[member].as_array().into_iter().flatten() {
                let query = format!("{kind}?{parameter}={}", include.as_str().unwrap());
                let _ = get(&gateway, &format!("/fhir/{query}"), TRUST);
                asked += 1;
            }
        }
    }
    assert!(asked > 300, "{asked}");
}

/// Every route under the base is in the statement: of the types of the table, or by the name of its type.
#[test]
fn what_is_served_is_said() {
    let gateway = gateway("fhir-metadata-routes", &[]);
    let statement = get(&gateway, "/fhir/metadata", "").json();
    let said = |kind: &str, code: &str| {
        let resources = statement["rest"][0]["resource"].as_array().unwrap();
        let resource = resources.iter().find(|one| one["type"] == kind).unwrap_or_else(|| panic!("{kind}"));
        let name = code.trim_start_matches('$');
        let list = if code.starts_with('$') { "operation" } else { "interaction" };
        resource[list].as_array().into_iter().flatten().any(|one| one["code"] == name || one["name"] == name)
    };
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/fhir/")) {
        let segments: Vec<&str> = route.path.trim_start_matches("/fhir/").split('/').collect();
        let code = match (route.method, segments.as_slice()) {
            (_, [""] | ["metadata"] | ["$process-message"]) => continue,
            (_, [.., last]) if last.starts_with('$') => last,
            ("GET", [_]) | ("POST", [_, "_search"]) => "search-type",
            ("POST", [_]) => "create",
            ("GET", [_, "_history"]) => "history-type",
            ("GET", [_, "{id}"]) => "read",
            ("PUT", [_, "{id}"]) => "update",
            ("DELETE", [_, "{id}"]) => "delete",
            ("GET", [_, "{id}", "_history"]) => "history-instance",
            ("GET", [_, "{id}", "_history", "{version}"]) => "vread",
            other => panic!("{other:?}"),
        };
        let kinds = if segments[0] == "{type}" { search::types().to_vec() } else { vec![segments[0]] };
        for kind in kinds {
            assert!(said(kind, code), "{} {} of {kind}", route.method, route.path);
        }
    }
    assert_eq!(statement["rest"][0]["interaction"][0]["code"], "transaction");
    assert_eq!(statement["rest"][0]["operation"][0]["name"], "process-message");
}

/// docs/fhir-api.md lists every parameter of the table, and no other.
#[test]
fn the_documentation_lists_the_parameters() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fhir-api.md");
    let text = std::fs::read_to_string(path).unwrap();
    for kind in search::types().iter().filter(|kind| !search::parameters(kind).is_empty()) {
        let row =
            text.lines().find(|line| line.starts_with(&format!("| {kind} |"))).unwrap_or_else(|| panic!("{kind}"));
        let mut listed: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        let mut known: Vec<&str> = search::parameters(kind).iter().map(|parameter| parameter.name).collect();
        listed.sort_unstable();
        known.sort_unstable();
        assert_eq!(listed, known, "{kind}");
    }
}

#[test]
fn what_the_templates_write_is_served() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/fhir");
    let mut written = std::collections::BTreeSet::new();
    for file in walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|file| file.file_type().is_file())
    {
        let text = std::fs::read_to_string(file.path()).unwrap();
        let kinds = text.lines().filter_map(|line| line.trim().strip_prefix("resourceType: "));
        written.extend(kinds.map(str::to_owned));
    }
    assert!(written.len() > 10);
    written.retain(|kind| !search::types().contains(&kind.as_str()));
    assert!(written.is_empty(), "{written:?}");
    assert!(search::types().is_sorted());
}
