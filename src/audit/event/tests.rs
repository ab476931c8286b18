//! Expected from IHE ITI BALP (`input/fsh/PatientCreate`, `PatientRead`, `PatientUpdate`, `PatientQuery`, `Disclose`) and the
//! R4 definition of AuditEvent.

use serde_json::Value;

use super::*;

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";

fn row(action: &str) -> AuditRow {
    AuditRow {
        sequence: 9,
        chain: 3,
        number: 17,
        at: jiff::Timestamp::from_second(1_780_000_000).unwrap(),
        action: action.to_owned(),
        outcome: "success".to_owned(),
        organisation: "983974732".to_owned(),
        role: "trust".to_owned(),
        client: "forde".to_owned(),
        network: Some("10.0.0.1".to_owned()),
        message: Some("11111111-1111-8111-8111-111111111111".to_owned()),
        patient: Some("22222222-2222-8222-8222-222222222222".to_owned()),
        trace: "0123456789abcdef0123456789abcdef".to_owned(),
        detail: Some("GET /messages".to_owned()),
        purpose: None,
        count: 1,
        tenant: None,
    }
}

/// Codes of `system|code` of an agent's type.
fn agent<'e>(event: &'e Value, code: &str) -> Vec<&'e Value> {
    let agents = event["agent"].as_array().unwrap();
    let is_it =
        |agent: &&Value| agent["type"]["coding"][0]["system"] == DCM && agent["type"]["coding"][0]["code"] == code;
    agents.iter().filter(is_it).collect()
}

fn entity<'e>(event: &'e Value, (kind, role): (&str, &str)) -> Vec<&'e Value> {
    let is_it = |entity: &&Value| {
        entity["type"]["system"] == "http://terminology.hl7.org/CodeSystem/audit-entity-type"
            && entity["type"]["code"] == kind
            && entity["role"]["system"] == "http://terminology.hl7.org/CodeSystem/object-role"
            && entity["role"]["code"] == role
    };
    event["entity"].as_array().unwrap().iter().filter(is_it).collect()
}

#[test]
fn each_action_is_an_event_of_its_profile() {
    const REST: (&str, &str) = ("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest");
    const INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
    // Role of the client, then of the server: 110153 sends, 110152 receives.
    for (action, kind, subtype, code, [client, server], profile) in [
        ("create", REST, (INTERACTION, "create"), "C", ["110153", "110152"], "PatientCreate"),
        ("read", REST, (INTERACTION, "read"), "R", ["110152", "110153"], "PatientRead"),
        ("repeat", REST, (INTERACTION, "read"), "R", ["110152", "110153"], "PatientRead"),
        ("update", REST, (INTERACTION, "update"), "U", ["110153", "110152"], "PatientUpdate"),
        ("consent", REST, (INTERACTION, "update"), "U", ["110153", "110152"], "PatientUpdate"),
        ("link", REST, (INTERACTION, "update"), "U", ["110153", "110152"], "PatientUpdate"),
        ("search", REST, (INTERACTION, "search"), "E", ["110153", "110152"], "PatientQuery"),
        (
            "deliver",
            (DCM, "110106"),
            ("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose"),
            "R",
            ["110152", "110153"],
            "PrivacyDisclosure.Source",
        ),
    ] {
        let event = event(&row(action));
        assert_eq!((event["type"]["system"].as_str(), event["type"]["code"].as_str()), (Some(kind.0), Some(kind.1)));
        assert_eq!(event["subtype"][0]["system"], subtype.0, "{action}");
        assert_eq!(event["subtype"][0]["code"], subtype.1, "{action}");
        assert_eq!((event["action"].as_str(), event["outcome"].as_str()), (Some(code), Some("0")), "{action}");
        assert_eq!(event["recorded"], "2026-05-28T20:26:40Z");
        let named = format!("https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.{profile}");
        assert_eq!(event["meta"]["profile"], serde_json::json!([named]), "{action}");
        // Exactly one of each, with who and network.
        for (role, other) in [(client, "10.0.0.1"), (server, "impress-gateway")] {
            let agents = agent(&event, role);
            assert_eq!(agents.len(), 1, "{action} {role}");
            assert_eq!(agents[0]["network"]["address"], other, "{action} {role}");
            assert!(agents[0]["who"].is_object() && agents[0]["requestor"].is_boolean(), "{action} {role}");
        }
        let client = agent(&event, client)[0];
        assert_eq!(client["who"]["identifier"]["system"], "urn:oid:2.16.578.1.12.4.1.4.101");
        assert_eq!(client["who"]["identifier"]["value"], "983974732");
        // val-audit-source: the gateway is the observer.
        assert_eq!(agent(&event, server)[0]["who"], event["source"]["observer"], "{action}");
        let patient = entity(&event, ("1", "1"));
        assert_eq!(patient.len(), 1, "{action}");
        assert_eq!(patient[0]["what"]["reference"], "Patient/22222222-2222-8222-8222-222222222222");
        let (data, query) = (entity(&event, ("2", "4")), entity(&event, ("2", "24")));
        match action {
            // `GET /messages` in base64.
            "search" => assert_eq!((data.len(), query[0]["query"].as_str()), (0, Some("R0VUIC9tZXNzYWdlcw=="))),
            _ => {
                assert_eq!((data.len(), query.len()), (1, 0), "{action}");
                assert_eq!(data[0]["what"]["reference"], "MessageHeader/11111111-1111-8111-8111-111111111111");
            }
        }
        let transaction = event["entity"].as_array().unwrap().last().unwrap();
        assert_eq!(transaction["type"]["code"], "XrequestId");
        assert_eq!(transaction["what"]["identifier"]["value"], "0123456789abcdef0123456789abcdef");
    }
}

/// IHE BALP 1.1: each profile of a RESTful interaction without a patient (`IHE.BasicAudit.Create`, `Read`, `Update`, `Query`) has an
/// entity for the data (type 2, role 4, `what`), that of a query one with the query (type 2, role 24, `query`), one agent of either
/// role with `who` and `network`, and an observer that is one of the agents (`val-audit-source`); none for a patient is asked for.
#[test]
fn an_event_of_nobody_claims_the_profile_without_a_patient() {
    for (action, profile) in [
        ("create", Some("Create")),
        ("read", Some("Read")),
        ("repeat", Some("Read")),
        ("search", Some("Query")),
        ("update", Some("Update")),
        ("grant", Some("Update")),
        ("grant-end", Some("Update")),
        // A disclosure is one of a patient; of what else the gateway does the guide has no profile.
        ("deliver", None),
        ("replay", None),
        ("login", None),
        ("logout", None),
    ] {
        let event = event(&AuditRow { patient: None, ..row(action) });
        let named = profile.map(|profile| {
            serde_json::json!([format!(
                "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.{profile}"
            )])
        });
        assert_eq!(event["meta"].get("profile"), named.as_ref(), "{action}");
        assert!(entity(&event, ("1", "1")).is_empty(), "{action}");
        let agents = event["agent"].as_array().unwrap();
        assert_eq!((agents.len(), agent(&event, "110153").len(), agent(&event, "110152").len()), (2, 1, 1), "{action}");
        assert!(agents.iter().all(|agent| agent["who"].is_object() && agent["network"].is_object()), "{action}");
        assert!(agents.iter().any(|agent| agent["who"] == event["source"]["observer"]), "{action}");
        assert_eq!(agents.iter().filter(|agent| agent["requestor"] == true).count(), 1, "{action}");
        let (data, query) = (entity(&event, ("2", "4")), entity(&event, ("2", "24")));
        match action {
            "search" => assert!(data.is_empty() && query.len() == 1 && query[0]["query"].is_string()),
            _ => assert!(data.len() == 1 && query.is_empty() && data[0]["what"].is_object(), "{action}"),
        }
    }
}

#[test]
fn what_was_refused_or_failed_says_so_and_claims_no_profile() {
    for (outcome, code) in [("refused", "4"), ("failed", "8")] {
        let event = event(&AuditRow { outcome: outcome.to_owned(), ..row("create") });
        assert_eq!((event["outcome"].as_str(), event["meta"].get("profile")), (Some(code), None));
        // What is in the trail never changes: there is one version, of the moment that it tells of.
        assert_eq!((&event["meta"]["versionId"], &event["meta"]["lastUpdated"]), (&"1".into(), &event["recorded"]));
    }
    for (route, interaction, action) in [
        ("GET /messages/{id}", "read", "R"),
        ("POST /fhir/AuditEvent/_search", "search", "E"),
        ("POST /intake/referrals", "create", "C"),
    ] {
        let denied = AuditRow { outcome: "refused".to_owned(), detail: Some(route.to_owned()), ..row("deny") };
        let event = event(&denied);
        assert_eq!((event["subtype"][0]["code"].as_str(), event["action"].as_str()), (Some(interaction), Some(action)));
    }
}

#[test]
fn strangers_are_a_login_that_failed_with_their_count() {
    let row = AuditRow {
        outcome: "refused".to_owned(),
        organisation: "unknown".to_owned(),
        role: "unknown".to_owned(),
        client: String::new(),
        network: None,
        message: None,
        patient: None,
        count: 250,
        ..row("deny")
    };
    let event = event(&row);
    // DCM 110114: User Authentication; 110122: Login.
    assert_eq!((event["type"]["system"].as_str(), event["type"]["code"].as_str()), (Some(DCM), Some("110114")));
    assert_eq!(event["subtype"][0]["code"], "110122");
    assert_eq!(event["entity"][0]["detail"][0]["valueString"], "250");
    assert_eq!(event["agent"][0]["network"]["extension"][0]["valueCode"], "not-applicable");
}

#[test]
fn a_purpose_of_use_stands_at_who_had_it() {
    let event = event(&AuditRow { purpose: Some("TREAT".to_owned()), ..row("read") });
    let purpose = &event["agent"][0]["purposeOfUse"][0]["coding"][0];
    assert_eq!(purpose["system"], "http://terminology.hl7.org/CodeSystem/v3-ActReason");
    assert_eq!(purpose["code"], "TREAT");
}

#[test]
fn who_runs_a_client_for_another_is_an_agent() {
    let event = event(&AuditRow { client: "helseid:c-1 via 994598759".to_owned(), ..row("read") });
    let agents = event["agent"].as_array().unwrap();
    assert_eq!((agents.len(), agents[0]["name"].as_str()), (3, Some("helseid:c-1")));
    assert_eq!(agents[2]["who"]["identifier"]["system"], "urn:oid:2.16.578.1.12.4.1.4.101");
    assert_eq!(agents[2]["who"]["identifier"]["value"], "994598759");
    // The profile wants one agent of each role that it names: this one has none of them.
    assert_eq!((agents[2].get("type"), agents[2]["requestor"].as_bool()), (None, Some(false)));
}

#[test]
fn codes_of_a_search_are_words_of_the_trail() {
    assert_eq!(actions("R"), ["repeat", "read", "deliver"]);
    assert_eq!(actions("U"), ["update", "consent", "link", "grant", "grant-end"]);
    assert_eq!(actions("D"), ["delete"]);
    assert_eq!(
        [outcome("0"), outcome("4"), outcome("8"), outcome("1")],
        [Some("success"), Some("refused"), Some("failed"), None]
    );
}
