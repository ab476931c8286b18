//! Two trusts: another's event never comes, another's subscription is as none.

use serde_json::Value;

use super::setting::{FORDE, OSLO, Scene, focuses, subscription};
use crate::service::setting::{LABORATORY, OTHER, TRUST};

fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn anothers_events_never_come() {
    let scene = Scene::start("subscription-trusts");
    let forde = scene.subscribe(TRUST, &subscription(Some(&scene.forde), "full-resource"));
    scene.subscribe(OTHER, &subscription(Some(&scene.oslo), "id-only"));
    for number in 1..=2 {
        scene.refer(number);
        scene.refer_of_oslo(10 + number);
    }
    scene.refer(3);
    scene.forde.until_taken(&[1, 2, 3]);
    scene.oslo.until_taken(&[1, 2]);
    let journal = scene.gateway.open_journal();
    let owner = |reference: &str| -> String {
        let id = reference.rsplit('/').next().unwrap();
        journal.query_row("SELECT owner FROM newest WHERE kind = 'Task' AND id = ?1", [id], |row| row.get(0)).unwrap()
    };
    for (hook, own) in [(&scene.forde, FORDE), (&scene.oslo, OSLO)] {
        let told: Vec<String> = hook.received().iter().flat_map(|one| focuses(&one.bundle)).flatten().collect();
        assert!(told.len() >= 2);
        assert!(told.iter().all(|reference| owner(reference) == own), "{own}");
    }
    assert_eq!(scene.status(&forde).1, "3");
}

#[test]
fn anothers_subscription_is_as_one_that_does_not_exist() {
    let scene = Scene::start("subscription-foreign");
    let own = scene.subscribe(TRUST, &subscription(None, "id-only"));
    let foreign = scene.subscribe(OTHER, &subscription(None, "id-only"));
    let absent = "00000000-0000-4000-8000-000000000000";
    let body = subscription(None, "id-only").to_string();
    for (method, path) in [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("GET", "/$status"),
        ("POST", "/$status"),
        ("GET", "/$events"),
        ("POST", "/$events"),
    ] {
        let ask = |id: &str| {
            let body = if method == "PUT" { body.as_bytes() } else { b"" };
            let answer = scene.gateway.request(method, &format!("/fhir/Subscription/{id}{path}"), TRUST, "", body);
            (answer.status, answer.code(), answer.body)
        };
        assert_eq!(ask(&foreign), ask(absent), "{method} {path}");
        assert_eq!(ask(&foreign).0, 404, "{method} {path}");
        let refused = scene.gateway.request(method, &format!("/fhir/Subscription/{own}{path}"), LABORATORY, "", b"");
        assert_eq!((refused.status, refused.code().as_str()), (403, "request.forbidden"), "{method} {path}");
    }
    let get = |path: &str| scene.gateway.get(path, TRUST).json();
    assert_eq!(ids(&get("/fhir/Subscription")), std::slice::from_ref(&own));
    assert_eq!(ids(&get(&format!("/fhir/Subscription?_id={foreign}"))), Vec::<String>::new());
    assert_eq!(ids(&get("/fhir/Subscription?status=error")), Vec::<String>::new());
    assert_eq!(get("/fhir/Subscription/$status")["entry"].as_array().unwrap().len(), 1);
    assert_eq!(get(&format!("/fhir/Subscription/$status?id={foreign}"))["entry"], Value::Null);
    let posted = r#"{"resourceType":"Parameters","parameter":[{"name":"status","valueCode":"active"}]}"#;
    let posted = scene.gateway.request("POST", "/fhir/Subscription/$status", TRUST, "", posted.as_bytes()).json();
    assert_eq!(posted["entry"].as_array().unwrap().len(), 1);
    // Its owner deletes it, and then it is gone.
    let path = format!("/fhir/Subscription/{own}");
    assert_eq!(scene.gateway.request("DELETE", &path, TRUST, "", b"").status, 204);
    assert_eq!(scene.gateway.get(&path, TRUST).status, 404);
}
