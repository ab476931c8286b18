//! Which Consent is one to the trial.

use serde_json::{Value, json};

use super::{golden, translate};

const SCOPES: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const POLICIES: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// State of the consent, and codes of the issues about consents, after an element of the Consent was replaced.
fn state(name: &str, to: &Value) -> (String, Vec<&'static str>) {
    state_of(&[(name, to.clone())])
}

fn state_of(elements: &[(&str, Value)]) -> (String, Vec<&'static str>) {
    let mut bundle: Value = serde_json::from_slice(&golden("message-new")).unwrap();
    let entries = bundle["entry"].as_array_mut().unwrap();
    let consent = entries.iter_mut().find(|it| it["resource"]["resourceType"] == "Consent").unwrap();
    for (name, to) in elements {
        consent["resource"][*name] = to.clone();
    }
    let (result, account) = translate(bundle.to_string().as_bytes());
    let issues = account.issues.iter().map(|issue| issue.code.as_str());
    let about_consent = issues.filter(|code| matches!(*code, "ehr-fhir.consent-unclear" | "ehr-fhir.resource-unread"));
    (result.unwrap().referral.consent.state, about_consent.collect())
}

fn concept(codings: &[(&str, &str)]) -> Value {
    let codings: Vec<Value> = codings.iter().map(|(system, code)| json!({"system": system, "code": code})).collect();
    json!({"coding": codings})
}

/// FHIR R4, Consent: the scope says what the consent is about, the category what kind it is, the policy which rules hold.
#[test]
fn a_consent_to_something_else_is_none_to_the_trial() {
    let given = ("given".to_owned(), vec![]);
    let unclear = ("unknown".to_owned(), vec!["ehr-fhir.consent-unclear"]);
    let unread = ("unknown".to_owned(), vec!["ehr-fhir.resource-unread"]);
    let research = (SCOPES, "research");
    assert_eq!(state("scope", &concept(&[research])), given);
    // Another scope, a scope of somebody's own of the same name, and one among several.
    for (scope, expected) in [
        (&[(SCOPES, "patient-privacy")][..], &unread),
        (&[(SCOPES, "treatment")], &unread),
        (&[("https://fo.example/scope", "research")], &unread),
        (&[research, (SCOPES, "treatment")], &unclear),
        (&[research, ("https://fo.example/scope", "biobank")], &unclear),
    ] {
        assert_eq!(state("scope", &concept(scope)), *expected, "{scope:?}");
    }
    assert_eq!(state("scope", &json!({"text": "research"})), unread);
    let document = ("http://loinc.org", "59284-0");
    assert_eq!(state("category", &json!([concept(&[document])])), given);
    let categories = "http://terminology.hl7.org/CodeSystem/consentcategorycodes";
    for category in [
        json!([concept(&[("http://loinc.org", "57016-8")])]),
        json!([concept(&[(categories, "npp")])]),
        json!([concept(&[("https://fo.example", "59284-0")])]),
        json!([concept(&[document]), concept(&[(categories, "dnr")])]),
        json!([concept(&[document]), {"text": "Biobank"}]),
        json!([{"text": "Samtykke"}]),
    ] {
        assert_eq!(state("category", &category), unclear, "{category}");
    }
    assert_eq!(state("policyRule", &concept(&[(POLICIES, "OPTIN")])), given);
    for policy in [(POLICIES, "OPTINR"), (POLICIES, "RESEARCH"), ("https://fo.example", "OPTIN")] {
        assert_eq!(state("policyRule", &concept(&[policy])), unclear, "{policy:?}");
    }
    assert_eq!(state("policyRule", &concept(&[(POLICIES, "OPTOUT")])).0, "refused");
    for provision in [
        json!({"type": "permit", "class": [{"system": "http://hl7.org/fhir/resource-types", "code": "ImagingStudy"}]}),
        json!({"type": "permit", "code": [{"text": "Biobank"}]}),
        json!({"type": "permit", "dataPeriod": {"end": "2020-01-01"}}),
    ] {
        assert_eq!(state("provision", &provision), unclear, "{provision}");
    }
}

/// In doubt nothing is sent: what takes a consent back counts in whatever form it comes.
#[test]
fn a_refusal_needs_no_form() {
    let category = ("category", json!([{"text": "Samtykke"}]));
    for (status, state) in [("rejected", "refused"), ("inactive", "withdrawn")] {
        assert_eq!(state_of(&[("status", json!(status)), category.clone()]), (state.to_owned(), vec![]));
    }
}
