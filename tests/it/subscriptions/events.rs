//! `$events`: catching up, waiting, what is no longer kept or visible; filters.

use serde_json::json;

use super::setting::{Scene, assert_valid, focuses, numbers, parameter, subscription, with_filter};
use crate::service::referral::Referral;
use crate::service::setting::{OTHER, TRUST, until};

#[test]
fn without_an_endpoint_events_are_waited_for() {
    let scene = Scene::start("subscription-wait");
    let id = scene.subscribe(TRUST, &subscription(None, "id-only"));
    assert_eq!(scene.status(&id), ("active".to_owned(), "0".to_owned()));
    let bundle = std::thread::scope(|scope| {
        let path = format!("/fhir/Subscription/{id}/$events?eventsSinceNumber=1");
        let gateway = &scene.gateway;
        let waiting = scope.spawn(move || gateway.request("GET", &path, TRUST, "Prefer: wait=25\r\n", b"").json());
        scene.gateway.send(&Referral::new(1).fhir());
        waiting.join().unwrap()
    });
    assert_valid(&bundle);
    assert_eq!((numbers(&bundle), parameter(&bundle, "type", "valueCode")), (vec![1], "query-event".to_owned()));
    // Nothing has come since: answered when the time is over.
    let path = format!("/fhir/Subscription/{id}/$events?eventsSinceNumber=2");
    let none = scene.gateway.request("GET", &path, TRUST, "Prefer: respond-async, wait=1\r\n", b"");
    assert_eq!(none.header("preference-applied"), "wait=1");
    let none = none.json();
    assert_eq!(
        (numbers(&none), parameter(&none, "events-since-subscription-start", "valueString")),
        (vec![], "1".to_owned())
    );
}

#[test]
fn who_finds_no_place_is_answered_at_once_with_what_there_is() {
    let scene = Scene::start_with("subscription-no-place", "most_waiting = 0\n");
    let id = scene.subscribe(TRUST, &subscription(None, "id-only"));
    let ask = |since: u32| {
        let path = format!("/fhir/Subscription/{id}/$events?eventsSinceNumber={since}");
        let answer = scene.gateway.request("GET", &path, TRUST, "Prefer: wait=25\r\n", b"");
        assert_eq!(answer.header("preference-applied"), "", "it did not wait");
        numbers(&answer.json())
    };
    assert_eq!(ask(1), Vec::<i64>::new());
    scene.refer(1);
    until("it is counted", || (scene.status(&id).1 == "1").then_some(()));
    assert_eq!((ask(1), ask(2)), (vec![1], vec![]));
}

#[test]
fn events_are_asked_for_by_number_and_content() {
    let scene = Scene::start("subscription-events");
    let id = scene.subscribe(TRUST, &subscription(None, "empty"));
    for number in 1..=4 {
        scene.refer(number);
    }
    until("they are counted", || (scene.status(&id).1 == "4").then_some(()));
    assert_eq!(numbers(&scene.events(&id, "?eventsSinceNumber=2&eventsUntilNumber=3")), [2, 3]);
    assert_eq!(focuses(&scene.events(&id, "")), [None, None, None, None]);
    assert!(focuses(&scene.events(&id, "?content=id-only"))[0].as_ref().unwrap().contains("/fhir/Task/"));
    let full = scene.events(&id, "?content=full-resource");
    assert_valid(&full);
    assert_eq!(full["entry"][4]["resource"]["resourceType"], "Task");
    let parameters = json!({"resourceType": "Parameters", "parameter": [
        {"name": "eventsSinceNumber", "valueString": "4"}, {"name": "content", "valueCode": "id-only"}]});
    let path = format!("/fhir/Subscription/{id}/$events");
    let posted = scene.gateway.request("POST", &path, TRUST, "", parameters.to_string().as_bytes()).json();
    assert_eq!(numbers(&posted), [4]);
    for query in ["?eventsSinceNumber=x", "?eventsSinceNumber=-1", "?content=all", "?other=1"] {
        let answer = scene.gateway.get(&format!("{path}{query}"), TRUST);
        assert_eq!((answer.status, answer.code().as_str()), (400, "request.invalid"), "{query}");
    }
    // Those past their time are not there, and it is said.
    let journal = scene.gateway.open_journal();
    journal.execute("UPDATE subscriptions SET purged = 2", []).unwrap();
    journal.execute("DELETE FROM subscription_events WHERE number <= 2", []).unwrap();
    let gone = scene.gateway.get(&format!("{path}?eventsSinceNumber=2"), TRUST);
    assert_eq!((gone.status, gone.code().as_str()), (410, "subscription.events-purged"));
    assert_eq!(gone.json()["issue"][0]["details"]["text"], "the first event that is kept is 3");
    assert_eq!(numbers(&scene.events(&id, "")), [3, 4]);
    // What is no longer the subscriber's keeps its number and shows nothing else.
    journal.execute("UPDATE newest SET owner = '993467049' WHERE kind = 'Task' AND owner = '983974732'", []).unwrap();
    journal
        .execute("UPDATE resources SET owner = '993467049' WHERE kind = 'Task' AND owner = '983974732'", [])
        .unwrap();
    let hidden = scene.events(&id, "?content=full-resource");
    assert_valid(&hidden);
    assert_eq!(
        (numbers(&hidden), focuses(&hidden), hidden["entry"].as_array().unwrap().len()),
        (vec![3, 4], vec![None, None], 1)
    );
}

#[test]
fn a_filter_lets_through_what_it_names() {
    let scene = Scene::start("subscription-filter");
    let business = "https://impress-gateway.example/fhir/CodeSystem/gateway-referral-status";
    let wanted = with_filter(subscription(None, "id-only"), &format!("Task?business-status={business}|referred"));
    let wanted = scene.subscribe(TRUST, &wanted);
    let unwanted =
        scene.subscribe(TRUST, &with_filter(subscription(None, "id-only"), "Task?business-status=rejected,offered"));
    scene.refer(1);
    until("it is counted", || (scene.status(&wanted).1 == "1").then_some(()));
    assert_eq!(scene.status(&unwanted).1, "0");
    let shown = scene.gateway.get(&format!("/fhir/Subscription/{wanted}"), TRUST).json();
    assert_eq!(shown["_criteria"]["extension"][0]["valueString"], format!("Task?business-status={business}|referred"));
    // Full resources are for whom they are configured.
    let other = scene.subscribe(OTHER, &subscription(None, "id-only"));
    scene.refer_of_oslo(2);
    let path = format!("/fhir/Subscription/{other}/$events?content=full-resource");
    let told = scene.gateway.get(&path, OTHER).json();
    assert_eq!((numbers(&told), &told["entry"][1]["resource"]), (vec![1], &serde_json::Value::Null));
}

#[test]
fn answers_have_the_form_that_is_asked_for() {
    let scene = Scene::start("subscription-form");
    let gateway = &scene.gateway;
    let body = subscription(None, "id-only").to_string();
    let send = |method: &str, path: &str, headers: &str| {
        let headers = format!("Content-Type: application/fhir+json\r\n{headers}");
        gateway.request(method, path, TRUST, &headers, body.as_bytes())
    };
    let minimal = send("POST", "/fhir/Subscription", "Prefer: return=minimal\r\n");
    assert_eq!((minimal.status, minimal.body.len(), minimal.header("etag")), (201, 0, "W/\"1\""));
    assert_eq!(minimal.header("preference-applied"), "return=minimal");
    let id = minimal.header("location").rsplit('/').next().unwrap().to_owned();
    let path = format!("/fhir/Subscription/{id}");
    let whole = send("PUT", &path, "Prefer: return=representation\r\n");
    assert_eq!((whole.status, whole.json()["id"].as_str()), (200, Some(id.as_str())));
    assert_eq!(send("PUT", &path, "Prefer: return=minimal\r\n").body.len(), 0);
    // What cannot be answered is refused before anything is changed.
    let before = gateway.get(&path, TRUST).header("etag").to_owned();
    for (method, path) in [("POST", "/fhir/Subscription"), ("PUT", path.as_str())] {
        let refused = send(method, path, "Accept: application/fhir+xml\r\n");
        assert_eq!((refused.status, refused.code().as_str()), (406, "request.not-acceptable"), "{method}");
    }
    assert_eq!(gateway.get(&path, TRUST).header("etag"), before);
    assert_eq!(gateway.get("/fhir/Subscription?_summary=count", TRUST).json()["total"], 1);
    for number in 1..=4 {
        scene.refer(number);
    }
    until("they are counted", || (scene.status(&id).1 == "4").then_some(()));
    for operation in ["$status", "$events"] {
        let path = format!("{path}/{operation}");
        let plain = gateway.get(&path, TRUST);
        let indented = gateway.get(&format!("{path}?_pretty=true"), TRUST);
        assert!(String::from_utf8_lossy(&indented.body).contains("\n  "), "{operation}");
        let xml = gateway.get(&format!("{path}?_format=xml"), TRUST);
        assert_eq!((xml.status, xml.code().as_str()), (406, "request.not-acceptable"), "{operation}");
        let packed = gateway.request("GET", &path, TRUST, "Accept-Encoding: gzip\r\n", b"");
        // Short answers are not packed.
        let encoding = if plain.body.len() < 1_024 { "" } else { "gzip" };
        assert_eq!((packed.status, packed.header("content-encoding")), (200, encoding), "{operation}");
    }
}
