//! `If-Match` and `If-None-Match` are read in one way, whatever they stand before.

use serde_json::{Value, json};

use super::setting::Trial;
use crate::service::setting::{Response, TRIAL, TRUST};
use crate::subscriptions::setting::subscription;

/// Fields of one name, `{}` being the version that there is, and whether they name it: RFC 9110, sections 5.3, 8.8.3 and 13.1.1, with
/// the weak tags of R4 http, section 3.1.0.5.
const FIELDS: &[(&[&str], bool)] = &[
    (&["W/\"{}\""], true),
    (&["\"{}\""], true),
    (&["W/\"0\", W/\"{}\""], true),
    (&["W/\"0\"", "\"7\", \"{}\""], true),
    (&["", "\"{}\""], true),
    (&["*"], true),
    (&["\"0\""], false),
    (&["{}"], false),
    (&["W/{}"], false),
    (&["\"{}"], false),
    (&[""], false),
    (&["\"*\""], false),
    (&["\"0,{}\""], false),
    (&["{}, \"{}\""], false),
    (&["*, \"{}\""], false),
    (&["*", "\"{}\""], false),
    (&["\"{}\"", "*"], false),
    (&["*", "\"0\""], false),
    (&["\"0\"", "*"], false),
    (&["*", "*"], false),
];

fn lines(name: &str, fields: &[&str], version: i64) -> String {
    fields.iter().map(|field| format!("{name}: {}\r\n", field.replace("{}", &version.to_string()))).collect()
}

fn version(response: &Response) -> i64 {
    response.header("etag").trim_start_matches("W/").trim_matches('"').parse().unwrap()
}

fn study(title: usize) -> Value {
    json!({"resourceType": "ResearchStudy", "id": "impress", "status": "active", "title": format!("IMPRESS {title}")})
}

#[test]
fn every_route_reads_entity_tags_alike() {
    let trial = Trial::start("trial-conditions");
    let gateway = &trial.gateway;
    trial.tell(&study(0));
    let asked = subscription(None, "id-only").to_string();
    let made = gateway.request("POST", "/fhir/Subscription", TRUST, "", asked.as_bytes());
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    let subscription = format!("/fhir/Subscription/{}", made.json()["id"].as_str().unwrap());
    let study_path = "/fhir/ResearchStudy/impress";
    let (mut of_study, mut of_subscription) = (1, version(&made));
    for (number, (fields, is_named)) in FIELDS.iter().enumerate() {
        let expected = if *is_named { (200, "") } else { (412, "request.version-conflict") };
        let told =
            |answer: &Response| (answer.status, if answer.status == 412 { answer.code() } else { String::new() });
        let put = trial.put_with(&study(number + 1), &lines("If-Match", fields, of_study));
        assert_eq!(told(&put), (expected.0, expected.1.to_owned()), "{fields:?} of a study");
        let headers = lines("If-Match", fields, of_subscription);
        let changed = gateway.request("PUT", &subscription, TRUST, &headers, asked.as_bytes());
        assert_eq!(told(&changed), (expected.0, expected.1.to_owned()), "{fields:?} of a subscription");
        of_study += i64::from(*is_named);
        of_subscription += i64::from(*is_named);
        for (path, secret, there) in [(study_path, TRIAL, of_study), (&subscription, TRUST, of_subscription)] {
            let read = gateway.request("GET", path, secret, &lines("If-None-Match", fields, there), b"");
            assert_eq!((read.status, version(&read)), (if *is_named { 304 } else { 200 }, there), "{fields:?} {path}");
        }
    }
    let absent = "/fhir/Subscription/00000000-0000-4000-8000-000000000000";
    assert_eq!(gateway.request("DELETE", absent, TRUST, "If-Match: *\r\n", b"").status, 404);
    let refused = gateway.request("DELETE", &subscription, TRUST, "If-Match: *\r\nIf-Match: \"0\"\r\n", b"");
    assert_eq!(refused.status, 412);
    assert_eq!(gateway.request("DELETE", &subscription, TRUST, "If-Match: *\r\n", b"").status, 204);
}
