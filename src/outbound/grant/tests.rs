use std::sync::atomic::AtomicUsize;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use rcgen::KeyPair;
use reqwest::Method;
use serde_json::{Value, json};

use self::stub::Stub;
use super::*;
use crate::clock::ManualClock;
use crate::outbound::signing::Algorithm;
use crate::outbound::{self, Policy};

mod stub;

/// 2026-03-01T12:00:00Z.
const NOW: i64 = 1_772_366_400;

/// A grant, what its time is, and the key file, which goes when the test ends.
struct Setting {
    grant: Grant,
    client: Client,
    clock: Arc<ManualClock>,
    key: std::path::PathBuf,
}

impl Drop for Setting {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.key);
    }
}

fn new_id() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("id-{}", COUNT.fetch_add(1, Ordering::SeqCst))
}

fn setting(source: Source, allowed: &[&str], is_bound: bool) -> Setting {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = std::env::temp_dir().join(format!("impress-grant-{}.pem", uuid::Uuid::new_v4().simple()));
    std::fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let mut policy = Policy::default();
    for url in allowed {
        policy.allow(&Url::parse(url).unwrap()).unwrap();
    }
    let options = outbound::Options { timeout: Duration::from_secs(5), ..outbound::Options::default() };
    let client = Client::new(&options, Arc::new(policy)).unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
    let options = Options {
        source,
        client_id: "gateway".to_owned(),
        key: KeyFile::open(key.clone(), Algorithm::Es256).unwrap(),
        key_id: None,
        scope: Some("system/ResearchSubject.c api/scope".to_owned()),
        audience: "https://issuer.example".to_owned(),
        bound_to: is_bound.then(|| SigningKey::generate().unwrap()),
    };
    let outside = Outside { clock: Arc::clone(&clock) as Arc<dyn Clock>, new_id };
    Setting { grant: Grant::new(options, client.clone(), outside), client, clock, key }
}

/// A grant whose token endpoint and server are a stub.
fn of_stub(stub: &Stub, is_bound: bool) -> Setting {
    let token = stub.url("/token");
    setting(Source::TokenUrl(Url::parse(&token).unwrap()), &[&token], is_bound)
}

async fn post(setting: &Setting, stub: &Stub) -> Result<Answer, GrantedError> {
    let url = Url::parse(&stub.url("/fhir?page=1#top")).unwrap();
    setting.grant.send(&setting.client, &|| Request::new(Method::POST, url.clone()), 1_000).await
}

fn token(kind: &str, life: i64) -> String {
    json!({"access_token": "synthetic-token", "token_type": kind, "expires_in": life}).to_string()
}

/// Header and claims of a JWS.
fn jws(text: &str) -> (Value, Value) {
    let part = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    let mut parts = text.split('.');
    (part(parts.next().unwrap()), part(parts.next().unwrap()))
}

/// The assertion of a request for a token.
fn assertion(form: &str) -> (Value, Value) {
    jws(form.split('&').find_map(|pair| pair.strip_prefix("client_assertion=")).unwrap())
}

#[tokio::test]
async fn the_client_says_who_it_is_with_an_assertion_that_is_used_once() {
    let stub = Stub::start(
        |path, _, _| if path == "/token" { (200, "", token("bearer", 300)) } else { (200, "", String::new()) },
    );
    let setting = of_stub(&stub, false);
    assert_eq!(post(&setting, &stub).await.unwrap().status, 200);
    setting.clock.set(Timestamp::from_second(NOW + 300).unwrap());
    assert_eq!(post(&setting, &stub).await.unwrap().status, 200);
    let (first, second) = (&stub.at("/token")[0], &stub.at("/token")[1]);
    assert_eq!(first.header("content-type").unwrap(), "application/x-www-form-urlencoded");
    assert!(first.body.contains("grant_type=client_credentials&client_id=gateway&"), "{}", first.body);
    // RFC 7523, section 2.2.
    let kind = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&";
    assert!(first.body.contains(kind) && first.body.ends_with("scope=system%2FResearchSubject.c%20api%2Fscope"));
    let (header, claims) = assertion(&first.body);
    let thumbprint = setting.grant.options.key.current().thumbprint().to_owned();
    assert_eq!(header, json!({"typ": "JWT", "kid": thumbprint, "alg": "ES256"}));
    for (name, value) in [("iss", "gateway"), ("sub", "gateway"), ("aud", "https://issuer.example")] {
        assert_eq!(claims[name], value);
    }
    let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert!(claims["iat"] == NOW && (1..=60).contains(&life), "{claims}");
    assert_ne!(claims["jti"], assertion(&second.body).1["jti"]);
    assert_eq!(stub.at("/fhir")[0].header("authorization").unwrap(), "Bearer synthetic-token");
    assert_eq!(stub.at("/fhir")[0].header("dpop"), None);
    // Neither the token nor a key is printed.
    let printed = format!("{:?}", setting.grant);
    assert!(printed.contains("**REDACTED**") && !printed.contains("synthetic-token"), "{printed}");
}

#[tokio::test]
async fn many_deliveries_wait_for_one_request_and_share_what_comes_of_it() {
    let slow = |answer: (u16, &'static str, String)| {
        std::thread::sleep(Duration::from_millis(100));
        answer
    };
    let stub =
        Stub::start(
            move |path, _, _| {
                if path == "/token" { slow((200, "", token("Bearer", 300))) } else { (200, "", String::new()) }
            },
        );
    let setting = of_stub(&stub, false);
    let sent = join_all((0..20).map(|_| post(&setting, &stub))).await;
    assert!(sent.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 200)));
    assert_eq!((stub.at("/token").len(), stub.at("/fhir").len()), (1, 20));

    let stub = Stub::start(move |_, _, _| slow((401, "", json!({"error": "invalid_client"}).to_string())));
    let setting = of_stub(&stub, false);
    let sent = join_all((0..20).map(|_| post(&setting, &stub))).await;
    let refused = GrantedError::Grant(GrantError::Refused("invalid_client"));
    assert!(sent.into_iter().all(|answer| answer.unwrap_err() == refused));
    assert_eq!((stub.at("/token").len(), stub.at("/fhir").len()), (1, 0));
    // The next one asks again.
    assert_eq!(post(&setting, &stub).await.unwrap_err(), refused);
    assert_eq!(stub.at("/token").len(), 2);
}

#[tokio::test]
async fn a_token_is_used_until_shortly_before_its_end() {
    for (life, last, next) in [(300, 269, 270), (10, 8, 9), (86_400, 86_339, 86_340)] {
        let stub = Stub::start(move |path, _, _| {
            (200, "", if path == "/token" { token("Bearer", life) } else { String::new() })
        });
        let setting = of_stub(&stub, false);
        for (at, asked) in [(0, 1), (last, 1), (next, 2)] {
            setting.clock.set(Timestamp::from_second(NOW + at).unwrap());
            post(&setting, &stub).await.unwrap();
            assert_eq!(stub.at("/token").len(), asked, "{life} s, after {at} s");
        }
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let stub = Stub::start(|path, count, _| match (path, count) {
        ("/token", _) => (200, "", token("Bearer", 300)),
        // Counted from all requests: the second is the first one here.
        (_, 2) => (401, "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n", String::new()),
        _ => (200, "", String::new()),
    });
    let setting = of_stub(&stub, false);
    assert_eq!(post(&setting, &stub).await.unwrap().status, 200);
    assert_eq!((stub.at("/token").len(), stub.at("/fhir").len()), (2, 2));

    let stub = Stub::start(
        |path, _, _| if path == "/token" { (200, "", token("Bearer", 300)) } else { (401, "", String::new()) },
    );
    let setting = of_stub(&stub, false);
    assert_eq!(post(&setting, &stub).await.unwrap().status, 401);
    assert_eq!((stub.at("/token").len(), stub.at("/fhir").len()), (2, 2));
}

#[tokio::test]
async fn a_bound_token_goes_with_a_proof_for_this_request() {
    let stub = Stub::start(|path, _, request| {
        let proof = jws(request.header("dpop").unwrap()).1;
        match (path, proof["nonce"].as_str()) {
            ("/token", None) => (400, "DPoP-Nonce: n1\r\n", json!({"error": "use_dpop_nonce"}).to_string()),
            ("/token", Some("n1")) => (200, "DPoP-Nonce: n2\r\n", token("DPoP", 300)),
            ("/fhir", None) => {
                (401, "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\nDPoP-Nonce: r1\r\n", String::new())
            }
            ("/fhir", Some("r1")) => (200, "DPoP-Nonce: r2\r\n", String::new()),
            ("/fhir", Some("r2")) => (200, "", String::new()),
            other => panic!("{other:?}"),
        }
    });
    let setting = of_stub(&stub, true);
    for _ in 0..2 {
        assert_eq!(post(&setting, &stub).await.unwrap().status, 200);
    }
    let (tokens, sent) = (stub.at("/token"), stub.at("/fhir"));
    assert_eq!((tokens.len(), sent.len()), (2, 3));
    let key = setting.grant.options.bound_to.as_ref().unwrap();
    let mut ids = Vec::new();
    for (request, path, has_token) in
        tokens.iter().map(|it| (it, "/token", false)).chain(sent.iter().map(|it| (it, "/fhir", true)))
    {
        let (header, claims) = jws(request.header("dpop").unwrap());
        assert_eq!(header, json!({"typ": "dpop+jwt", "jwk": key.public_jwk(), "alg": "ES256"}));
        assert_eq!((&claims["htm"], &claims["iat"]), (&json!("POST"), &json!(NOW)));
        // Without query and fragment (RFC 9449, section 4.2).
        assert_eq!(claims["htu"], stub.url(path));
        assert_eq!(claims.get("ath").is_some(), has_token);
        ids.push(claims["jti"].as_str().unwrap().to_owned());
    }
    ids.extend(tokens.iter().map(|request| assertion(&request.body).1["jti"].as_str().unwrap().to_owned()));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 7, "every proof and every assertion has an id of its own");
    assert!(sent.iter().all(|request| request.header("authorization").unwrap() == "DPoP synthetic-token"));
}

/// The hash of the example token in RFC 9449, section 4.3.
#[test]
fn the_proof_holds_the_hash_of_the_token() {
    let key = SigningKey::generate().unwrap();
    let url = Url::parse("https://resource.example.org/protectedresource").unwrap();
    let token = Some("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
    let of = Use { method: "GET", url: &url, token, nonce: None };
    let proof = proof(&key, of, "id", Timestamp::from_second(NOW).unwrap()).unwrap();
    assert_eq!(jws(&proof).1["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
}

#[tokio::test]
async fn servers_that_never_have_enough_are_asked_a_few_times_only() {
    let stub = Stub::start(|path, count, _| {
        let nonce: &'static str = if count % 2 == 0 { "DPoP-Nonce: a\r\n" } else { "DPoP-Nonce: b\r\n" };
        if path == "/token" {
            (400, nonce, json!({"error": "use_dpop_nonce"}).to_string())
        } else {
            (200, "", String::new())
        }
    });
    let setting = of_stub(&stub, true);
    let refused = GrantedError::Grant(GrantError::Refused("use_dpop_nonce"));
    assert_eq!(post(&setting, &stub).await.unwrap_err(), refused);
    assert_eq!(stub.at("/token").len(), 2);

    let stub = Stub::start(|path, _, _| {
        let challenge = "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\nDPoP-Nonce: a\r\n";
        if path == "/token" { (200, "", token("DPoP", 300)) } else { (401, challenge, String::new()) }
    });
    let setting = of_stub(&stub, true);
    assert_eq!(post(&setting, &stub).await.unwrap().status, 401);
    assert_eq!(stub.at("/fhir").len(), 3);
}

#[tokio::test]
async fn what_a_token_endpoint_says_is_a_persons_matter_or_heals() {
    let after = Some(Duration::from_secs(7));
    let error = |name: &str| json!({"error": name, "error_description": "about Kari Nordmann"}).to_string();
    let refused = GrantError::Refused;
    let again = |status: u16, after| GrantError::Unreachable { text: format!("it answers with {status}"), after };
    for (status, headers, body, expected) in [
        (400, "", error("invalid_client"), refused("invalid_client")),
        (401, "", error("invalid_client"), refused("invalid_client")),
        (400, "", error("invalid_scope"), refused("invalid_scope")),
        (400, "", error("use_dpop_nonce"), refused("use_dpop_nonce")),
        // What is no error of a standard can be any text.
        (400, "", error("Kari Nordmann"), refused("without an error of the standard")),
        (403, "", "<html>".to_owned(), refused("without an error of the standard")),
        (302, "Location: http://127.0.0.1/\r\n", String::new(), refused("without an error of the standard")),
        (400, "", error("temporarily_unavailable"), again(400, None)),
        (429, "Retry-After: 7\r\n", String::new(), again(429, after)),
        (500, "", String::new(), again(500, None)),
        (503, "Retry-After: 7\r\n", String::new(), again(503, after)),
        (200, "", String::new(), refused("the answer has no token")),
        (200, "", json!({"access_token": "", "token_type": "DPoP"}).to_string(), refused("the answer has no token")),
        (200, "", token("Bearer", 300), refused("the token is of another kind than was asked for")),
        (200, "", json!({"access_token": "x"}).to_string(), refused("the token is of another kind than was asked for")),
        (
            200,
            "",
            json!({"access_token": "a\nb", "token_type": "DPoP"}).to_string(),
            refused("the token is none that a header can hold"),
        ),
    ] {
        let shown = format!("{status} {body}");
        let stub = Stub::start(move |_, _, _| (status, headers, body.clone()));
        let setting = of_stub(&stub, true);
        assert_eq!(post(&setting, &stub).await.unwrap_err(), GrantedError::Grant(expected), "{shown}");
        assert!(stub.at("/fhir").is_empty(), "{shown}");
    }
}

#[tokio::test]
async fn the_metadata_of_an_issuer_are_its_own_and_lead_where_requests_may_go() {
    let stub = Stub::start(|path, _, request| {
        let issuer = format!("http://{}/realm", request.header("host").unwrap());
        match path {
            "/realm/.well-known/openid-configuration" => {
                let endpoint = issuer.replace("/realm", "/token");
                (200, "", json!({"issuer": issuer, "token_endpoint": endpoint}).to_string())
            }
            "/other/.well-known/openid-configuration" => {
                (200, "", json!({"issuer": issuer, "token_endpoint": issuer}).to_string())
            }
            "/away/.well-known/openid-configuration" => {
                let issuer = issuer.replace("/realm", "/away");
                (200, "", json!({"issuer": issuer, "token_endpoint": "http://127.0.0.2:1/token"}).to_string())
            }
            "/token" => (200, "", token("Bearer", 300)),
            "/fhir" => (200, "", String::new()),
            _ => (404, "", String::new()),
        }
    });
    let of_issuer = |path: &str| setting(Source::Issuer(stub.url(path)), &[&stub.url("/")], false);
    let setting = of_issuer("/realm");
    for at in [0, 300, 3_599, 3_900] {
        setting.clock.set(Timestamp::from_second(NOW + at).unwrap());
        assert_eq!(post(&setting, &stub).await.unwrap().status, 200);
    }
    // Read once an hour.
    assert_eq!((stub.at("/realm/.well-known/openid-configuration").len(), stub.at("/token").len()), (2, 4));
    let refused = GrantError::Refused("the metadata of the issuer are not its own, or name no token endpoint");
    let missing = "the metadata of the issuer are answered with 404".to_owned();
    for (path, expected) in [
        ("/other", refused),
        ("/away", GrantError::Address(Refusal::Origin)),
        ("/none", GrantError::Unreachable { text: missing, after: None }),
    ] {
        assert_eq!(post(&of_issuer(path), &stub).await.unwrap_err(), GrantedError::Grant(expected), "{path}");
    }
}
