use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey,
};

use super::*;

const RSA: &str = include_str!("tests/rsa-2048.pem");

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn pem(algorithm: Algorithm) -> String {
    match algorithm {
        Algorithm::Es256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem(),
        Algorithm::Es384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap().serialize_pem(),
        _ => RSA.to_owned(),
    }
}

/// Whether a signature is that of the key that the JWK shows, under the algorithm that the header names.
fn verifies(jws: &str, jwk: &Value) -> bool {
    let (signed, signature) = jws.rsplit_once('.').unwrap();
    let (signature, member) = (decode(signature), |name: &str| decode(jwk[name].as_str().unwrap()));
    let header: Value = serde_json::from_slice(&decode(signed.split('.').next().unwrap())).unwrap();
    let ec = |algorithm| {
        let point = [vec![4], member("x"), member("y")].concat();
        UnparsedPublicKey::new(algorithm, point).verify(signed.as_bytes(), &signature).is_ok()
    };
    let rsa = |algorithm| {
        let key = PublicKeyComponents { n: member("n"), e: member("e") };
        key.verify(algorithm, signed.as_bytes(), &signature).is_ok()
    };
    match header["alg"].as_str().unwrap() {
        "ES256" => ec(&ECDSA_P256_SHA256_FIXED),
        "ES384" => ec(&ECDSA_P384_SHA384_FIXED),
        "RS256" => rsa(&RSA_PKCS1_2048_8192_SHA256),
        "RS384" => rsa(&RSA_PKCS1_2048_8192_SHA384),
        "RS512" => rsa(&RSA_PKCS1_2048_8192_SHA512),
        "PS256" => rsa(&RSA_PSS_2048_8192_SHA256),
        "PS384" => rsa(&RSA_PSS_2048_8192_SHA384),
        "PS512" => rsa(&RSA_PSS_2048_8192_SHA512),
        other => panic!("{other}"),
    }
}

#[test]
fn every_algorithm_signs_what_its_public_key_verifies() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::from_pem(algorithm, pem(algorithm).as_bytes()).unwrap();
        let jws = key.sign(json!({"typ": "JWT", "kid": "1"}), &json!({"iss": "us"})).unwrap();
        let jwk = key.public_jwk();
        assert!(verifies(&jws, &jwk), "{algorithm:?}");
        let parts: Vec<&str> = jws.split('.').collect();
        let header: Value = serde_json::from_slice(&decode(parts[0])).unwrap();
        assert_eq!(header, json!({"typ": "JWT", "kid": "1", "alg": algorithm.as_str()}));
        assert_eq!(decode(parts[1]), b"{\"iss\":\"us\"}");
        // Other claims under the same signature.
        let other = format!("{}.{}.{}", parts[0], encode(b"{\"iss\":\"them\"}"), parts[2]);
        assert!(!verifies(&other, &jwk), "{algorithm:?}");
        // Nothing of the private key is shown.
        for member in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(jwk.get(member), None, "{algorithm:?} {member}");
        }
        assert_eq!(format!("{key:?}"), format!("SigningKey({}, **REDACTED**)", algorithm.as_str()));
        assert_eq!(Algorithm::parse(algorithm.as_str()), Some(algorithm));
    }
    for name in ["none", "HS256", "EdDSA", "rs256", "ES512", ""] {
        assert_eq!(Algorithm::parse(name), None, "{name}");
    }
}

/// RFC 7638, section 3.1.
#[test]
fn the_thumbprint_is_that_of_the_standard() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3\
             oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA\
             ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-\
             kEgU8awapJzKnqDKgw";
    let members = [("e", "AQAB".to_owned()), ("kty", "RSA".to_owned()), ("n", n.to_owned())];
    let thumbprint = encode(&Sha256::digest(canonical(&members).as_bytes()));
    assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn a_key_that_cannot_be_used_is_told_without_what_it_holds() {
    let ed25519 = KeyPair::generate_for(&PKCS_ED25519).unwrap().serialize_pem();
    let p384 = pem(Algorithm::Es384);
    for (algorithm, pem, error) in [
        (Algorithm::Es256, "", KeyError::NotPkcs8),
        (Algorithm::Es256, "secret", KeyError::NotPkcs8),
        (
            Algorithm::Es256,
            "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n",
            KeyError::NotPkcs8,
        ),
        (Algorithm::Es256, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", KeyError::WrongKind),
        (Algorithm::Es256, &p384, KeyError::WrongKind),
        (Algorithm::Es256, &ed25519, KeyError::WrongKind),
        (Algorithm::Es256, RSA, KeyError::WrongKind),
        (Algorithm::Ps256, &p384, KeyError::WrongKind),
    ] {
        let found = SigningKey::from_pem(algorithm, pem.as_bytes()).unwrap_err();
        assert_eq!(found, error, "{algorithm:?}");
        assert!(!found.to_string().contains("secret") && !found.to_string().contains("c2Vj"));
    }
}

#[test]
fn a_key_file_is_read_again_and_a_bad_one_keeps_the_old_key() {
    let path = std::env::temp_dir().join(format!("impress-key-{}.pem", uuid::Uuid::new_v4().simple()));
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    assert_eq!(KeyFile::open(path.clone(), Algorithm::Es256).unwrap_err(), KeyError::Unreadable);
    write(&pem(Algorithm::Es256));
    let file = KeyFile::open(path.clone(), Algorithm::Es256).unwrap();
    let first = file.current().thumbprint().to_owned();
    assert_eq!(file.current().thumbprint(), first);
    // Another kind of key, half a file, no file: of another length each, since a file system's clock is coarse.
    for bad in [pem(Algorithm::Es384), "-----BEGIN PRIVATE".to_owned()] {
        write(&bad);
        assert_eq!(file.current().thumbprint(), first);
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(file.current().thumbprint(), first);
    let second = pem(Algorithm::Es256);
    write(&second);
    let expected = SigningKey::from_pem(Algorithm::Es256, second.as_bytes()).unwrap();
    assert_eq!(file.current().thumbprint(), expected.thumbprint());
    assert_ne!(expected.thumbprint(), first);
    std::fs::remove_file(&path).unwrap();
}
