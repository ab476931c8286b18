//! Keys of an issuer: discovery, rotation, outage, and how often they are fetched.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::setting::{Documents, NOW, http_client};
use super::signing::{Signer, base64url};
use crate::clock::{Clock, ManualClock};
use crate::tokens::keys::{KeySet, NoKey, Source, address};

struct Issuer {
    keys: KeySet,
    clock: Arc<ManualClock>,
    documents: Documents,
}

impl Issuer {
    async fn with_keys(headers: &str, keys: Value) -> Self {
        let documents = Documents::start().await;
        documents.put("/jwks", headers, &json!({"keys": keys}));
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
        let source = Source::Url(documents.url("/jwks").parse().unwrap());
        Self {
            keys: KeySet::new("https://issuer.example", source, http_client(&[&documents.url("/jwks")]), clock.clone()),
            clock,
            documents,
        }
    }

    fn later(&self, seconds: i64) {
        self.clock.set(self.clock.now() + SignedDuration::from_secs(seconds));
    }

    async fn has(&self, kid: &str) -> Result<usize, NoKey> {
        self.keys.find(Some(kid), Algorithm::ES256).await.map(|keys| keys.len())
    }
}

/// A discovery document with what it must have.
fn discovery(issuer: &str, jwks: &str) -> Value {
    json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "jwks_uri": jwks,
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

#[tokio::test]
async fn keys_are_found_by_discovery_where_the_issuer_is_the_same_to_the_letter() {
    let documents = Documents::start().await;
    let (issuer, jwks) = (documents.url("/tenant"), documents.url("/jwks"));
    documents.put("/jwks", "", &json!({"keys": [Signer::p256().named("k1")]}));
    let path = "/tenant/.well-known/openid-configuration";
    let find = || async {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
        let keys = KeySet::new(&issuer, Source::Discovery, http_client(&[&issuer]), clock);
        keys.find(Some("k1"), Algorithm::ES256).await.map(|keys| keys.len())
    };
    for (named, expected) in [
        (issuer.clone(), Ok(1)),
        (format!("{issuer}/"), Err(NoKey::Unavailable)),
        (issuer.replace("127.0.0.1", "localhost"), Err(NoKey::Unavailable)),
        ("https://evil.example".to_owned(), Err(NoKey::Unavailable)),
    ] {
        documents.put(path, "", &discovery(&named, &jwks));
        assert_eq!(find().await, expected, "{named}");
    }
    // Keys are fetched from nowhere that others can change.
    documents.put(path, "", &discovery(&issuer, "http://keys.example/jwks"));
    assert_eq!(find().await, Err(NoKey::Unavailable));
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_the_old_one_serves_beside_it() {
    let (old, new) = (Signer::p256(), Signer::p256());
    let issuer = Issuer::with_keys("", json!([old.named("old")])).await;
    assert_eq!((issuer.has("old").await, issuer.documents.count()), (Ok(1), 1));
    issuer.documents.put("/jwks", "", &json!({"keys": [old.named("old"), new.named("new")]}));
    issuer.later(31);
    let (one, two, three) = tokio::join!(issuer.has("new"), issuer.has("new"), issuer.has("old"));
    assert_eq!((one, two, three, issuer.documents.count()), (Ok(1), Ok(1), Ok(1), 2));
    // One that the issuer has taken back is no key any more, from the next time on.
    issuer.documents.put("/jwks", "", &json!({"keys": [new.named("new")]}));
    issuer.later(601);
    assert_eq!((issuer.has("old").await, issuer.documents.count()), (Err(NoKey::Unknown), 3));
}

#[tokio::test]
async fn a_flood_of_unknown_names_fetches_once_in_thirty_seconds() {
    let issuer = Issuer::with_keys("", json!([Signer::p256().named("k1")])).await;
    for (seconds, fetches) in [(0, 1), (29, 1), (2, 2), (29, 2), (2, 3)] {
        issuer.later(seconds);
        for flood in 0..200 {
            assert_eq!(issuer.has(&format!("../{flood}")).await, Err(NoKey::Unknown));
        }
        assert_eq!(issuer.documents.count(), fetches);
    }
    assert_eq!(issuer.has("k1").await, Ok(1));
}

#[tokio::test]
async fn known_keys_serve_on_while_the_issuer_is_down_but_not_for_ever() {
    let issuer = Issuer::with_keys("", json!([Signer::p256().named("k1")])).await;
    assert!(issuer.keys.is_stale());
    assert_eq!(issuer.has("k1").await, Ok(1));
    assert!(!issuer.keys.is_stale());
    issuer.documents.is_down.store(true, Ordering::SeqCst);
    issuer.later(3_600);
    assert_eq!((issuer.has("k1").await, issuer.keys.is_stale()), (Ok(1), true));
    assert_eq!(issuer.has("k2").await, Err(NoKey::Unknown));
    issuer.later(22 * 3_600);
    assert_eq!(issuer.has("k1").await, Ok(1));
    issuer.later(3_601);
    assert_eq!(issuer.has("k1").await, Err(NoKey::Unavailable));
    issuer.documents.is_down.store(false, Ordering::SeqCst);
    issuer.later(31);
    assert_eq!((issuer.has("k1").await, issuer.keys.is_stale()), (Ok(1), false));
}

#[tokio::test]
async fn an_issuer_that_was_never_reached_is_asked_again() {
    let issuer = Issuer::with_keys("", json!([Signer::p256().named("k1")])).await;
    issuer.documents.is_down.store(true, Ordering::SeqCst);
    assert_eq!(issuer.has("k1").await, Err(NoKey::Unavailable));
    issuer.documents.is_down.store(false, Ordering::SeqCst);
    assert_eq!(issuer.has("k1").await, Err(NoKey::Unavailable));
    issuer.later(2);
    assert_eq!(issuer.has("k1").await, Ok(1));
}

#[tokio::test]
async fn a_set_is_kept_as_long_as_its_issuer_says_within_bounds() {
    for (headers, fresh) in [
        ("", 600),
        ("Cache-Control: public, max-age=120\r\n", 120),
        ("Cache-Control: max-age=0\r\n", 30),
        ("Cache-Control: no-store\r\n", 30),
        ("Cache-Control: max-age=999999\r\n", 3_600),
    ] {
        let issuer = Issuer::with_keys(headers, json!([Signer::p256().named("k1")])).await;
        for (seconds, fetches) in [(0, 1), (fresh - 1, 1), (1, 2)] {
            issuer.later(seconds);
            assert_eq!((issuer.has("k1").await, issuer.documents.count()), (Ok(1), fetches), "{headers} {seconds}");
        }
    }
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_not_in_the_set() {
    let good = Signer::p256();
    let mut encryption = good.named("encryption");
    encryption["use"] = json!("enc");
    let mut operations = good.named("operations");
    operations["key_ops"] = json!(["encrypt"]);
    let mut private = good.named("private");
    private["d"] = json!(base64url([1; 32]));
    let short = json!({"kty": "RSA", "kid": "short", "n": base64url([0xff; 128]), "e": "AQAB"});
    let shared = json!({"kty": "oct", "kid": "shared", "k": "AAAA"});
    let (twin, other) = (good.named("twin"), Signer::p256().named("twin"));
    let set = json!([encryption, operations, short, shared, twin, other, good.named("good"), 7, {"kid": "none"}]);
    let issuer = Issuer::with_keys("", set).await;
    for kid in ["encryption", "operations", "short", "shared", "twin", "none"] {
        assert_eq!(issuer.has(kid).await, Err(NoKey::Unknown), "{kid}");
    }
    assert_eq!(issuer.keys.find(None, Algorithm::ES256).await.unwrap().len(), 1);
    assert_eq!(issuer.keys.find(Some("good"), Algorithm::RS256).await.unwrap_err(), NoKey::Unknown);
}

#[tokio::test]
async fn an_answer_that_is_no_set_of_keys_is_not_taken() {
    for (headers, body) in
        [("", json!({"keys": "none"})), ("", json!({"keys": [], "filler": "x".repeat(1 << 20)})), ("", json!([]))]
    {
        let issuer = Issuer::with_keys(headers, json!([])).await;
        issuer.documents.put("/jwks", headers, &body);
        assert_eq!(issuer.has("k1").await, Err(NoKey::Unavailable));
    }
    // Whoever sends somewhere else is not followed.
    let issuer = Issuer::with_keys("", json!([])).await;
    issuer.documents.documents.lock().unwrap().clear();
    assert_eq!(issuer.has("k1").await, Err(NoKey::Unavailable));
}

#[test]
fn addresses_are_of_https_or_of_this_host() {
    for good in ["https://issuer.example", "http://127.0.0.1:1", "http://localhost/a", "http://[::1]:8080/"] {
        assert!(address(good).is_some(), "{good}");
    }
    for bad in [
        "http://issuer.example",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "file:///etc",
        "x",
        "",
    ] {
        assert!(address(bad).is_none(), "{bad}");
    }
}
