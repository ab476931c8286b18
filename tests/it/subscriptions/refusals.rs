//! What is not supported is refused, and it is said which.

use serde_json::json;

use super::setting::{Scene, subscription, with_filter};
use crate::service::setting::{OTHER, TRUST};

#[test]
fn what_cannot_be_kept_is_refused_by_its_code() {
    let scene = Scene::start("subscription-refused");
    let whole = || subscription(Some(&scene.forde), "id-only");
    let with = |pointer: &str, value: serde_json::Value| {
        let mut changed = whole();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    let endpoint = json!(format!("http://127.0.0.1:{}/hook/a", scene.oslo.port));
    let personal = json!(format!("http://127.0.0.1:{}/hook/05898597468", scene.forde.port));
    for (asked, code) in [
        (with("/status", json!("active")), "subscription.invalid"),
        (
            with("/criteria", json!("https://other.example/SubscriptionTopic/admission")),
            "subscription.topic-unsupported",
        ),
        (with_filter(whole(), "Task?owner=Organization/a"), "subscription.filter-unsupported"),
        (with("/channel/type", json!("email")), "subscription.channel-unsupported"),
        (with("/channel/_payload", json!({})), "subscription.payload-unsupported"),
        (with("/channel/endpoint", endpoint), "subscription.endpoint-refused"),
        (with("/channel/endpoint", personal), "subscription.invalid"),
        (with("/reason", json!("Pasient 05898597468")), "subscription.invalid"),
    ] {
        let answer = scene.post(TRUST, &asked);
        assert_eq!((answer.status, answer.code().as_str()), (422, code), "{asked}");
    }
    let full = scene.post(OTHER, &subscription(None, "full-resource"));
    assert_eq!((full.status, full.code().as_str()), (422, "subscription.payload-unsupported"));
    let broken = scene.gateway.request("POST", "/fhir/Subscription", TRUST, "", b"{");
    assert_eq!((broken.status, broken.code().as_str()), (400, "request.invalid"));
    for _ in 0..3 {
        scene.subscribe(TRUST, &subscription(None, "id-only"));
    }
    let many = scene.post(TRUST, &subscription(None, "id-only"));
    assert_eq!((many.status, many.code().as_str()), (422, "subscription.too-many"));
    // Another's are not counted.
    scene.subscribe(OTHER, &subscription(None, "id-only"));
}
