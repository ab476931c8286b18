//! Proofs: those of the test tool of HelseID that are wrong in one thing, replay, restart, nonces, and the example of RFC 9449.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::setting::{NOW, Setting};
use super::signing::{Signer, base64url};
use crate::clock::Clock;
use crate::tokens::dpop::{InMemory, Nonces, ProofFault, Proofs, Remembered, Target, UsedProofs};
use crate::tokens::jwk::KeyDefect;
use crate::tokens::{Defect, Refusal};

const ADDRESS: &str = "https://gateway.example/fhir/$process-message";

/// Header and claims of a right proof.
fn parts(setting: &Setting, token: &str) -> (Value, Value) {
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": setting.holder.jwk()});
    let hash = base64url(Sha256::digest(token));
    let claims = json!({"jti": "one", "htm": "POST", "htu": ADDRESS, "iat": NOW, "ath": hash});
    (header, claims)
}

fn without(mut object: Value, member: &str) -> Value {
    object.as_object_mut().unwrap().remove(member).unwrap();
    object
}

fn changed(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

/// The fault of a proof, and the word that is told.
async fn fault(setting: &Setting, proofs: &[&str], token: &str) -> (Refusal, Option<&'static str>) {
    let refusal = setting.send(proofs, token).await.unwrap_err();
    (refusal, refusal.word())
}

fn refused(fault: ProofFault) -> (Refusal, Option<&'static str>) {
    (Refusal::Proof(fault), Some("invalid_dpop_proof"))
}

#[tokio::test]
async fn a_right_proof_is_taken_once() {
    let setting = Setting::dpop().await;
    let token = setting.bound();
    let (header, claims) = parts(&setting, &token);
    let proof = setting.holder.token(&header, &claims);
    assert_eq!(setting.send(&[&proof], &token).await.unwrap().organisation(), "983974732");
    assert_eq!(fault(&setting, &[&proof], &token).await, refused(ProofFault::Used));
    // The same id of the same key is the same proof, whatever else it says.
    let again = setting.holder.token(&header, &changed(claims.clone(), "iat", json!(NOW - 1)));
    assert_eq!(fault(&setting, &[&again], &token).await, refused(ProofFault::Used));
    let next = setting.holder.token(&header, &changed(claims, "jti", json!("two")));
    assert!(setting.send(&[&next], &token).await.is_ok());
}

/// The list of the test tool of HelseID: `InvalidDPoPProofParameters`.
#[tokio::test]
async fn each_of_the_thirteen_bad_proofs_is_refused() {
    let setting = Setting::dpop().await;
    let token = setting.bound();
    let (header, claims) = parts(&setting, &token);
    let signed = |header: &Value, claims: &Value| setting.holder.token(header, claims);
    let right = signed(&header, &claims);
    let (body, _) = right.rsplit_once('.').unwrap();
    let mut private = setting.holder.jwk();
    private.insert("d".to_owned(), json!(base64url([1; 32])));
    let shared = json!({"typ": "dpop+jwt", "alg": "HS256", "jwk": {"kty": "oct", "k": "AAAA"}});
    for (name, proof, expected) in [
        ("DontSetHtu", signed(&header, &without(claims.clone(), "htu")), ProofFault::Address),
        ("DontSetHtm", signed(&header, &without(claims.clone(), "htm")), ProofFault::Method),
        ("IatInPast", signed(&header, &changed(claims.clone(), "iat", json!(NOW - 7))), ProofFault::Old),
        ("IatInFuture", signed(&header, &changed(claims.clone(), "iat", json!(NOW + 6))), ProofFault::Future),
        ("DontSetAth", signed(&header, &without(claims.clone(), "ath")), ProofFault::Token),
        ("DontSetAlgHeader", signed(&without(header.clone(), "alg"), &claims), ProofFault::Defect(Defect::Json)),
        ("DontSetJwkHeader", signed(&without(header.clone(), "jwk"), &claims), ProofFault::Key(KeyDefect::Form)),
        ("DontSetJti", signed(&header, &without(claims.clone(), "jti")), ProofFault::Id),
        ("SymmetricAlg", signed(&shared, &claims), ProofFault::Defect(Defect::Algorithm)),
        (
            "PrivateKeyInJwk",
            signed(&changed(header.clone(), "jwk", Value::Object(private)), &claims),
            ProofFault::Key(KeyDefect::Private),
        ),
        ("InvalidTyp", signed(&changed(header.clone(), "typ", json!("jwt")), &claims), ProofFault::Type),
        ("InvalidSignature", format!("{body}.{}", base64url([1; 64])), ProofFault::Defect(Defect::Signature)),
    ] {
        assert_eq!(fault(&setting, &[&proof], &token).await, refused(expected), "{name}");
    }
    // InvalidJktInToken: the token is bound to another key; the word is that of RFC 9449, figure 16.
    let mut other = setting.claims();
    other["cnf"] = json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"});
    let other = setting.token(&other);
    let proof = signed(&header, &changed(claims.clone(), "ath", json!(base64url(Sha256::digest(&other)))));
    assert_eq!(fault(&setting, &[&proof], &other).await, (Refusal::Proof(ProofFault::Binding), Some("invalid_token")));
    // None of them has used the id up.
    assert!(setting.send(&[&right], &token).await.is_ok());
}

#[tokio::test]
async fn a_proof_for_something_else_is_refused() {
    let setting = Setting::dpop().await;
    let token = setting.bound();
    let (header, claims) = parts(&setting, &token);
    for (name, header, claims, expected) in [
        ("method", &header, changed(claims.clone(), "htm", json!("GET")), ProofFault::Method),
        ("method in small letters", &header, changed(claims.clone(), "htm", json!("post")), ProofFault::Method),
        ("path", &header, changed(claims.clone(), "htu", json!("https://gateway.example/fhir")), ProofFault::Address),
        (
            "host",
            &header,
            changed(claims.clone(), "htu", json!(ADDRESS.replace(".example", ".test"))),
            ProofFault::Address,
        ),
        (
            "scheme",
            &header,
            changed(claims.clone(), "htu", json!(ADDRESS.replace("https", "http"))),
            ProofFault::Address,
        ),
        ("no address", &header, changed(claims.clone(), "htu", json!("gateway")), ProofFault::Address),
        (
            "token",
            &header,
            changed(claims.clone(), "ath", json!(base64url(Sha256::digest("other")))),
            ProofFault::Token,
        ),
        ("no time", &header, without(claims.clone(), "iat"), ProofFault::Old),
        ("time as text", &header, changed(claims.clone(), "iat", json!("now")), ProofFault::Defect(Defect::Json)),
        ("empty id", &header, changed(claims.clone(), "jti", json!("")), ProofFault::Id),
        ("long id", &header, changed(claims.clone(), "jti", json!("x".repeat(257))), ProofFault::Id),
        ("no claims", &header, json!([]), ProofFault::Defect(Defect::Json)),
        ("none", &changed(header.clone(), "alg", json!("none")), claims.clone(), ProofFault::Defect(Defect::Algorithm)),
        ("no type", &without(header.clone(), "typ"), claims.clone(), ProofFault::Type),
        (
            "critical",
            &changed(header.clone(), "crit", json!(["jwk"])),
            claims.clone(),
            ProofFault::Defect(Defect::Critical),
        ),
    ] {
        let proof = setting.holder.token(header, &claims);
        assert_eq!(fault(&setting, &[&proof], &token).await, refused(expected), "{name}");
    }
    let query = changed(claims.clone(), "htu", json!(format!("{ADDRESS}?a=b#c")));
    assert!(setting.send(&[&setting.holder.token(&header, &query)], &token).await.is_ok(), "RFC 9449 ignores a query");
}

#[tokio::test]
async fn there_must_be_one_proof_and_a_token_that_is_bound() {
    let setting = Setting::dpop().await;
    let token = setting.bound();
    let (header, claims) = parts(&setting, &token);
    let proof = setting.holder.token(&header, &claims);
    assert_eq!(fault(&setting, &[], &token).await, refused(ProofFault::Count));
    assert_eq!(fault(&setting, &[&proof, &proof], &token).await, refused(ProofFault::Count));
    let two = format!("{proof}, {proof}");
    assert_eq!(fault(&setting, &[&two], &token).await, refused(ProofFault::Defect(Defect::Form)));
    assert_eq!(fault(&setting, &[""], &token).await, refused(ProofFault::Defect(Defect::Form)));
    let unbound = setting.token(&setting.claims());
    let (header, claims) = parts(&setting, &unbound);
    let proof = setting.holder.token(&header, &claims);
    assert_eq!(fault(&setting, &[&proof], &unbound).await, (Refusal::Unbound, Some("invalid_token")));
    // A proof with a right key of one's own does not help with another's token.
    let thief = Signer::p256();
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": thief.jwk()});
    let stolen = thief.token(&header, &parts(&setting, &token).1);
    assert_eq!(fault(&setting, &[&stolen], &token).await, (Refusal::Proof(ProofFault::Binding), Some("invalid_token")));
}

#[tokio::test]
async fn a_proof_holds_for_a_second_and_clocks_may_be_five_apart() {
    let setting = Setting::dpop().await;
    let token = setting.bound();
    for (id, made, is_taken) in [(1, NOW - 6, true), (2, NOW - 7, false), (3, NOW + 5, true), (4, NOW + 6, false)] {
        let (header, claims) = parts(&setting, &token);
        let claims = changed(changed(claims, "iat", json!(made)), "jti", json!(id.to_string()));
        let proof = setting.holder.token(&header, &claims);
        assert_eq!(setting.send(&[&proof], &token).await.is_ok(), is_taken, "{made}");
    }
}

#[tokio::test]
async fn what_may_have_been_used_before_the_start_is_not_taken() {
    let started = Timestamp::from_second(NOW - 3).unwrap();
    let setting = Setting::dpop_with(Arc::new(InMemory::new(started, 5_000, 10)), None).await;
    let token = setting.bound();
    let (header, claims) = parts(&setting, &token);
    let made = |second: i64| {
        let claims = changed(changed(claims.clone(), "iat", json!(second)), "jti", json!(second.to_string()));
        setting.holder.token(&header, &claims)
    };
    assert_eq!(fault(&setting, &[&made(NOW - 4)], &token).await, refused(ProofFault::Old));
    // A clock that is ahead may have made it before the start: to be sent again, and nothing is wrong with it.
    assert_eq!(fault(&setting, &[&made(NOW)], &token).await, (Refusal::Unavailable, None));
    assert!(setting.send(&[&made(NOW + 2)], &token).await.is_ok());
}

#[tokio::test]
async fn when_no_more_can_be_remembered_nothing_is_taken() {
    let started = Timestamp::from_second(NOW - 100).unwrap();
    let setting = Setting::dpop_with(Arc::new(InMemory::new(started, 5_000, 2)), None).await;
    let token = setting.bound();
    let proof = |id: &str, made: i64| {
        let (header, claims) = parts(&setting, &token);
        setting.holder.token(&header, &changed(changed(claims, "jti", json!(id)), "iat", json!(made)))
    };
    for id in ["1", "2"] {
        assert!(setting.send(&[&proof(id, NOW)], &token).await.is_ok());
    }
    assert_eq!(fault(&setting, &[&proof("3", NOW)], &token).await, (Refusal::Unavailable, None));
    assert_eq!(fault(&setting, &[&proof("1", NOW)], &token).await, refused(ProofFault::Used));
    // They are forgotten when they are too old to be used.
    setting.clock.set(setting.clock.now() + SignedDuration::from_secs(7));
    assert!(setting.send(&[&proof("3", NOW + 7)], &token).await.is_ok());
    assert_eq!(fault(&setting, &[&proof("1", NOW)], &token).await, refused(ProofFault::Old));
}

/// A store that does not answer.
#[derive(Debug)]
struct Broken;

impl UsedProofs for Broken {
    fn remember(
        &self,
        _proof: crate::tokens::dpop::ProofKey,
        _seen: crate::tokens::dpop::Seen,
    ) -> std::pin::Pin<Box<dyn Future<Output = Remembered> + Send + '_>> {
        Box::pin(std::future::ready(Remembered::Unknown))
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_lets_nobody_in() {
    let setting = Setting::dpop_with(Arc::new(Broken), None).await;
    let token = setting.bound();
    let (header, claims) = parts(&setting, &token);
    let proof = setting.holder.token(&header, &claims);
    assert_eq!(fault(&setting, &[&proof], &token).await, (Refusal::Unavailable, None));
}

#[tokio::test]
async fn a_nonce_of_the_server_is_asked_for() {
    let used = InMemory::new(Timestamp::from_second(NOW - 100).unwrap(), 5_000, 10);
    let setting = Setting::dpop_with(Arc::new(used), Nonces::new(b"secret")).await;
    let token = setting.bound();
    let (header, claims) = parts(&setting, &token);
    let asked = (Refusal::Proof(ProofFault::Nonce), Some("use_dpop_nonce"));
    for claims in [claims.clone(), changed(claims.clone(), "nonce", json!("x"))] {
        assert_eq!(fault(&setting, &[&setting.holder.token(&header, &claims)], &token).await, asked);
    }
    let nonce = setting.server.nonce().unwrap();
    let proof = setting.holder.token(&header, &changed(claims, "nonce", json!(nonce)));
    assert!(setting.send(&[&proof], &token).await.is_ok());
    setting.clock.set(setting.clock.now() + SignedDuration::from_secs(180));
    assert_ne!(setting.server.nonce().unwrap(), nonce);
}

/// RFC 9449, section 7.1: the request of figure 12, its token and its proof.
#[tokio::test]
async fn the_example_of_the_standard_is_taken() {
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    let made = Timestamp::from_second(1_562_262_618).unwrap();
    let used = InMemory::new(made - SignedDuration::from_secs(60), 5_000, 10);
    let proofs = Proofs {
        public_url: "https://resource.example.org".to_owned(),
        validity_ms: 1_000,
        skew_ms: 5_000,
        nonces: None,
        used: Arc::new(used),
    };
    let target = Target { method: "GET", path: "/protectedresource", token };
    // `cnf` of figure 9.
    let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    assert_eq!(proofs.check(&[proof], target, thumbprint, made).await, Ok(()));
    assert_eq!(proofs.check(&[proof], target, thumbprint, made).await, Err(ProofFault::Used));
    let other = Target { token: "another", ..target };
    assert_eq!(proofs.check(&[proof], other, thumbprint, made).await, Err(ProofFault::Token));
}
