//! Access tokens over the real server: an issuer on this host, as bearer and with proofs of possession.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::setting::{Gateway, LABORATORY, OPERATOR, Response, TRUST, golden, until};
use super::signing::{Signer, base64url};
use crate::support::Folder;

const REFERRALS: &str = "/intake/referrals";

#[expect(clippy::disallowed_methods, reason = "the gateway is a process with the clock of the system")]
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// An issuer on this host, with the keys of these tests.
pub(crate) struct Issuer {
    pub(crate) url: String,
    signer: Signer,
}

impl Issuer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let signer = Signer::rsa();
        let discovery = json!({
            "issuer": url, "authorization_endpoint": format!("{url}/authorize"), "jwks_uri": format!("{url}/jwks"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["PS256"],
        });
        let jwks = json!({"keys": [signer.named("k1")]});
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut line = String::new();
                let _ = BufReader::new(&stream).read_line(&mut line);
                let body = if line.contains("/jwks") { jwks.to_string() } else { discovery.to_string() };
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length:";
                let _ = write!(stream, "{head} {}\r\n\r\n{body}", body.len());
            }
        });
        Self { url, signer }
    }

    fn configuration(&self) -> String {
        format!(
            "[[issuer]]\nname = \"helseid\"\nurl = \"{}\"\nprofile = \"helseid\"\naudience = \"impress:gateway\"\n\
             algorithms = [\"PS256\"]\n\
             [[client]]\nissuer = \"helseid\"\nclient_id = \"forde\"\nrole = \"trust\"\n\
             [[client]]\nissuer = \"helseid\"\nclient_id = \"operator\"\nrole = \"operator\"\norganisation = \"operator\"\n",
            self.url
        )
    }

    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.url, "aud": "impress:gateway", "client_id": "forde", "scope": "impress:gateway/referral",
            "nbf": now() - 1, "exp": now() + 60, "helseid://claims/client/claims/orgnr_parent": "983974732",
        })
    }

    pub(crate) fn token(&self, change: &Value) -> String {
        let mut claims = self.claims();
        for (claim, value) in change.as_object().unwrap() {
            claims[claim] = value.clone();
        }
        self.signer.token(&json!({"alg": "PS256", "typ": "at+jwt", "kid": "k1"}), &claims)
    }
}

fn send(gateway: &Gateway, headers: &str, path: &str, body: &[u8]) -> Response {
    gateway.request("POST", path, "", headers, body)
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[test]
fn a_bearer_token_stands_for_its_trust() {
    let issuer = Issuer::start();
    let gateway = Gateway::start_with("tokens-bearer", &[], &issuer.configuration());
    let referral = golden("henvisning/videre-new/input.xml");
    let taken = send(&gateway, &bearer(&issuer.token(&json!({}))), REFERRALS, &referral);
    assert_eq!(taken.status, 200, "{}", String::from_utf8_lossy(&taken.body));
    // The same organisation as that of the secret: it sees the message.
    let id = taken.header("x-message-id");
    assert_eq!(gateway.get(&format!("/messages/{id}"), TRUST).status, 200);
    for (name, change, status, challenge) in [
        ("audience", json!({"aud": "other"}), 401, "Bearer error=\"invalid_token\""),
        ("expired", json!({"exp": now() - 60}), 401, "Bearer error=\"invalid_token\""),
        ("issuer", json!({"iss": "https://evil.example"}), 401, "Bearer error=\"invalid_token\""),
        ("bound", json!({"cnf": {"jkt": "x"}}), 401, "Bearer error=\"invalid_token\""),
        (
            "person",
            json!({"helseid://claims/identity/security_level": "3"}),
            401,
            "Bearer error=\"insufficient_user_authentication\"",
        ),
        ("scope", json!({"scope": "openid"}), 403, "Bearer error=\"insufficient_scope\""),
        ("client", json!({"client_id": "stranger"}), 403, ""),
        ("organisation", json!({"helseid://claims/client/claims/orgnr_parent": "991324968"}), 403, ""),
        ("role", json!({"client_id": "operator", "scope": "impress:gateway/operate"}), 403, ""),
    ] {
        // Nothing of a body that is announced is waited for.
        let answer = send(&gateway, &bearer(&issuer.token(&change)), REFERRALS, &referral);
        let code = if status == 401 { "request.unauthenticated" } else { "request.forbidden" };
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{name}");
        assert_eq!(answer.header("www-authenticate"), challenge, "{name}");
    }
    let token = issuer.token(&json!({}));
    // Of an algorithm that the issuer does not use, and of a key that is not its.
    let foreign = Signer::p384().token(&json!({"alg": "ES384", "typ": "at+jwt", "kid": "k1"}), &issuer.claims());
    for (headers, challenge) in [
        (bearer(&foreign), "Bearer error=\"invalid_token\""),
        (String::new(), "Bearer"),
        (format!("Authorization: DPoP {token}\r\n"), "Bearer"),
        (format!("Authorization: {token}\r\n"), "Bearer"),
        (format!("{}{}", bearer(&token), bearer(&token)), "Bearer"),
        (bearer("wrong"), "Bearer error=\"invalid_token\""),
    ] {
        let answer = send(&gateway, &headers, REFERRALS, b"x");
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, challenge), "{headers}");
    }
    // A token that grants all does not stand for another role; secrets go on beside tokens.
    assert_eq!(gateway.get("/metrics", OPERATOR).status, 200);
    assert_eq!(gateway.get("/metrics", LABORATORY).status, 403);
    // Nothing of the tokens is in the log.
    let log = gateway.log();
    assert!(log.contains("a caller was not recognised") && !log.contains(&token[..40]), "{log}");
}

/// A gateway that takes proofs, at an address that callers know.
fn with_proofs(name: &str, issuer: &Issuer, nonce: bool) -> Gateway {
    let folder = Folder::new(name);
    let keys = format!(
        "public_url = \"https://gateway.example\"\nauthorization = \"dpop\"\ndpop_nonce = {nonce}\n{}",
        issuer.configuration()
    );
    Gateway::start_without_callers(folder, &keys)
}

struct Holder {
    signer: Signer,
    thumbprint: String,
}

impl Holder {
    fn new() -> Self {
        let signer = Signer::p256();
        let jwk = signer.jwk();
        let text = |member: &str| jwk[member].as_str().unwrap();
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, text("x"), text("y"));
        let thumbprint = base64url(Sha256::digest(canonical));
        Self { signer, thumbprint }
    }

    fn proof(&self, token: &str, id: &str, nonce: &str) -> String {
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.signer.jwk()});
        let mut claims = json!({
            "jti": id, "htm": "POST", "htu": format!("https://gateway.example{REFERRALS}"), "iat": now(),
            "ath": base64url(Sha256::digest(token)),
        });
        if !nonce.is_empty() {
            claims["nonce"] = json!(nonce);
        }
        self.signer.token(&header, &claims)
    }
}

fn dpop(token: &str, proofs: &[&str]) -> String {
    let proofs: String = proofs.iter().map(|proof| format!("DPoP: {proof}\r\n")).collect();
    format!("Authorization: DPoP {token}\r\n{proofs}")
}

const ALGORITHMS: &str = "algs=\"RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384\"";

#[test]
fn a_bound_token_is_taken_with_a_proof_and_each_proof_once() {
    let issuer = Issuer::start();
    let gateway = with_proofs("tokens-dpop", &issuer, false);
    let holder = Holder::new();
    let referral = golden("henvisning/videre-new/input.xml");
    let token = issuer.token(&json!({"cnf": {"jkt": holder.thumbprint}}));
    let refused = |answer: &Response, word: &str| {
        assert_eq!((answer.status, answer.code().as_str()), (401, "request.unauthenticated"), "{word}");
        let challenge = match word {
            "" => format!("DPoP {ALGORITHMS}"),
            word => format!("DPoP error=\"{word}\", {ALGORITHMS}"),
        };
        assert_eq!(answer.header("www-authenticate"), challenge);
    };
    // What may have been used before the start is to be sent again, with a new proof.
    let early = send(&gateway, &dpop(&token, &[&holder.proof(&token, "early", "")]), REFERRALS, &referral);
    assert_eq!((early.status, early.code().as_str()), (503, "service.identity-unavailable"));
    assert_eq!(early.header("retry-after"), "5");
    let mut count = 0;
    let proof = until("proofs are taken", || {
        count += 1;
        let proof = holder.proof(&token, &format!("id-{count}"), "");
        let answer = send(&gateway, &dpop(&token, &[&proof]), REFERRALS, &referral);
        assert!([200, 503].contains(&answer.status), "{} {}", answer.status, answer.header("www-authenticate"));
        (answer.status == 200).then_some(proof)
    });
    refused(&send(&gateway, &dpop(&token, &[&proof]), REFERRALS, &referral), "invalid_dpop_proof");
    let fresh = holder.proof(&token, "fresh", "");
    refused(&send(&gateway, &dpop(&token, &[]), REFERRALS, &referral), "invalid_dpop_proof");
    refused(&send(&gateway, &dpop(&token, &[&fresh, &fresh]), REFERRALS, &referral), "invalid_dpop_proof");
    refused(&send(&gateway, &dpop(&token, &[&fresh]), "/fhir", &referral), "invalid_dpop_proof");
    refused(&send(&gateway, &bearer(&token), REFERRALS, &referral), "");
    refused(&send(&gateway, "", REFERRALS, &referral), "");
    let unbound = issuer.token(&json!({}));
    let other = holder.proof(&unbound, "unbound", "");
    refused(&send(&gateway, &dpop(&unbound, &[&other]), REFERRALS, &referral), "invalid_token");
    // None of these has used the fresh one up.
    assert_eq!(send(&gateway, &dpop(&token, &[&fresh]), REFERRALS, &referral).status, 200);
}

#[test]
fn a_nonce_of_the_server_is_asked_for_and_taken() {
    let issuer = Issuer::start();
    let gateway = with_proofs("tokens-nonce", &issuer, true);
    let holder = Holder::new();
    let token = issuer.token(&json!({"cnf": {"jkt": holder.thumbprint}}));
    let asked = send(&gateway, &dpop(&token, &[&holder.proof(&token, "one", "")]), REFERRALS, b"x");
    assert_eq!(asked.status, 401);
    assert_eq!(asked.header("www-authenticate"), format!("DPoP error=\"use_dpop_nonce\", {ALGORITHMS}"));
    let nonce = asked.header("dpop-nonce").to_owned();
    let mut count = 0;
    until("proofs are taken", || {
        count += 1;
        let proof = holder.proof(&token, &format!("id-{count}"), &nonce);
        let answer = send(&gateway, &dpop(&token, &[&proof]), REFERRALS, b"x");
        (answer.status == 400).then_some(())
    });
}

#[test]
fn readiness_tells_of_an_issuer_that_cannot_be_reached() {
    let issuer = Issuer::start();
    let gateway = Gateway::start_with("tokens-ready", &[], &issuer.configuration());
    let told = || gateway.get("/readyz", "").json()["issuersUnreachable"].clone();
    until("the keys are there", || (told() == json!([])).then_some(()));
    let nobody = issuer.configuration().replace(&issuer.url, "http://127.0.0.1:1");
    let gateway = Gateway::start_with("tokens-unready", &[], &nobody);
    let ready = gateway.get("/readyz", "");
    assert_eq!((ready.status, ready.json()["issuersUnreachable"].clone()), (200, json!(["helseid"])));
    // Of a token of an issuer whose keys nobody has nothing can be said.
    let mut claims = issuer.claims();
    claims["iss"] = json!("http://127.0.0.1:1");
    let token = issuer.signer.token(&json!({"alg": "PS256", "typ": "at+jwt", "kid": "k1"}), &claims);
    let answer = send(&gateway, &bearer(&token), REFERRALS, b"x");
    assert_eq!((answer.status, answer.code().as_str()), (503, "service.identity-unavailable"));
}
