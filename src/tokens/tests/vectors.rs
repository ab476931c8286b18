//! Vectors of the standards, and of Wycheproof where it is there.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::signing::{Signer, base64url};
use crate::tokens::jwk::{Key, KeyDefect};
use crate::tokens::jws::{Defect, Unverified};
use crate::tokens::keys::select;
use crate::tokens::provider::{ALGORITHMS, name, parse};

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { panic!("no object") };
    members
}

fn verify(token: &str, key: &Key) -> Result<(), Defect> {
    Unverified::parse(token, 16 << 10, &ALGORITHMS)?.verify(key)
}

/// RFC 7638, section 3.1.
#[test]
fn the_thumbprint_of_the_standard_is_found() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst\
             n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n9\
             1CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let jwk = object(json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}));
    assert_eq!(Key::from_jwk(&jwk).unwrap().thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn what_is_signed_with_an_algorithm_is_verified_with_it_and_with_no_other() {
    let (rsa, p256, p384) = (Signer::rsa(), Signer::p256(), Signer::p384());
    for algorithm in ALGORITHMS {
        let signer = match name(algorithm) {
            "ES256" => &p256,
            "ES384" => &p384,
            _ => &rsa,
        };
        let key = Key::from_jwk(&signer.jwk()).unwrap();
        let token = signer.token(&json!({"alg": name(algorithm)}), &json!({"a": 1}));
        assert_eq!(verify(&token, &key), Ok(()), "{algorithm:?}");
        // Another algorithm in the header of the same signature.
        let (_, rest) = token.split_once('.').unwrap();
        for other in ALGORITHMS.into_iter().filter(|other| *other != algorithm) {
            let other = format!("{}.{rest}", base64url(json!({"alg": name(other)}).to_string()));
            assert_eq!(verify(&other, &key), Err(Defect::Signature));
        }
        let changed = token.replacen('.', "A.", 1);
        assert_ne!(verify(&changed, &key), Ok(()));
    }
}

#[test]
fn neither_none_nor_a_shared_secret_can_be_named() {
    for word in ["none", "None", "NONE", "", "HS256", "HS384", "HS512", "EdDSA", "ES512", "RS1", "rs256"] {
        assert_eq!(parse(word), None, "{word}");
    }
}

#[test]
fn a_key_that_is_private_short_or_for_something_else_is_not_used() {
    let (rsa, p256) = (Signer::rsa().jwk(), Signer::p256().jwk());
    let with = |jwk: &Map<String, Value>, member: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk.insert(member.to_owned(), value);
        Key::from_jwk(&jwk).map(|_| ()).unwrap_err()
    };
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_eq!(with(&rsa, member, json!("AQAB")), KeyDefect::Private, "{member}");
    }
    assert_eq!(with(&rsa, "use", json!("enc")), KeyDefect::Use);
    assert_eq!(with(&rsa, "key_ops", json!(["encrypt"])), KeyDefect::Use);
    assert_eq!(with(&rsa, "alg", json!("RSA-OAEP")), KeyDefect::Use);
    assert_eq!(with(&rsa, "alg", json!("ES256")), KeyDefect::Use);
    assert_eq!(with(&p256, "alg", json!("ES384")), KeyDefect::Use);
    assert_eq!(with(&rsa, "kty", json!("oct")), KeyDefect::Form);
    assert_eq!(with(&rsa, "e", json!("AA")), KeyDefect::Form);
    assert_eq!(with(&rsa, "n", json!(base64url([0xff; 128]))), KeyDefect::Short);
    assert_eq!(with(&rsa, "n", json!(base64url([0x7f; 256]))), KeyDefect::Short);
    assert_eq!(with(&p256, "crv", json!("P-521")), KeyDefect::Form);
    assert_eq!(with(&p256, "x", json!(base64url([1; 31]))), KeyDefect::Form);
    assert_eq!(with(&p256, "y", json!("not base64 url")), KeyDefect::Form);
}

/// Every vector of Wycheproof: one that is valid and of an algorithm that is refused here counts as right when it is refused. So
/// do two of RFC 7520, whose keys the corpus gives another algorithm than they are used with.
#[test]
#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a skipped test says so; the corpus is read whole")]
fn wycheproof_agrees() {
    let Ok(folder) = std::env::var("IMPRESS_JOSE_CORPUS") else {
        println!("SKIPPED jose-corpus: IMPRESS_JOSE_CORPUS is not set");
        return;
    };
    let (mut count, mut taken, mut other_algorithm) = (0, 0, 0);
    for file in ["json_web_signature_test.json", "json_web_key_test.json"] {
        let text = std::fs::read_to_string(Path::new(&folder).join(file)).unwrap();
        let suite: Value = serde_json::from_str(&text).unwrap();
        let tests = suite["testGroups"].as_array().unwrap().iter();
        for (group, test) in
            tests.flat_map(|group| group["tests"].as_array().unwrap().iter().map(move |test| (group, test)))
        {
            let place = format!("{file} {} {}", test["tcId"], test["comment"]);
            let given = group.get("public").unwrap_or(&group["private"]);
            let jwks = given.get("keys").map_or_else(|| vec![given.clone()], |keys| keys.as_array().unwrap().clone());
            let keys: Vec<Key> = jwks.into_iter().filter_map(|jwk| Key::from_jwk(&object(jwk)).ok()).collect();
            let token = test["jws"].as_str().unwrap();
            let is_taken = Unverified::parse(token, 1 << 20, &ALGORITHMS).is_ok_and(|token| {
                let mut fitting = select(&keys, token.header.kid(), token.algorithm);
                fitting.any(|key| token.verify(key).is_ok())
            });
            let algorithm = algorithm_of(token);
            let is_of_key = given.get("alg").is_none_or(|own| *own == algorithm);
            let is_known = test["result"] == "valid" && parse(&algorithm).is_some();
            let is_valid = is_known && is_of_key;
            other_algorithm += usize::from(is_known && !is_of_key);
            assert_eq!(is_taken, is_valid, "{place}");
            (count, taken) = (count + 1, taken + usize::from(is_taken));
        }
    }
    assert_eq!(other_algorithm, 2);
    assert!(count >= 427 && taken >= 30, "{count} vectors, {taken} taken");
}

/// The algorithm that the header of a valid vector names.
fn algorithm_of(token: &str) -> String {
    use base64::Engine;
    let header = token.split('.').next().unwrap();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).unwrap_or_default();
    header["alg"].as_str().unwrap_or_default().to_owned()
}
