//! Keys of the tests, and tokens that are signed with them. It uses nothing of the gateway, so that what it makes is judged
//! by the standards alone.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair, RsaKeyPair};
use serde_json::{Map, Value, json};

/// A key of these tests and of nothing else: `ring` makes none of RSA.
const RSA: &str = "\
    MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDK3bsOjetr7BO8j1r+T+ctQaE+mTyFpE1rFXZeHWSV0eT0PKiN2Kq6jJus+t\
    /pwhDRCCFbzVQBX2qd20YWpf7Cm83dye3FY9fcsdA7vzh6vLrDlJpHZhhg9eHEQ+3E3UQ8sqjY7GYcoeHrA7jxdNRq0qoek3HWlN5XCdnZCO90\
    aSwCEGS/AaO9zLUCySojrwbgKFLnz1qAw6B/W0ddRf/cjrU006NW57Gkct+yl0TWmA+0SsqtBls+EhHhUEEZGdzKuM3pj8csxI3oIi9I6eSvsj\
    8CjL07kEqa2cSI28p5k2smen/XOnWDil774wxt6PC70f7PE1z5y2qgOQRPnY0ZAgMBAAECggEAAQTOFy3h/WxOAuDnzaAM9P0PE72RT6VDd1CP\
    cchEDbEIy8QnEx2SXVlrXzJfPOBbpHPCjET5icMt1enSiYv2AMdJALz3gjd5dBD3fJ+cYWey5XThI0Y5uDYsR8SXFimBot0Qom/2DbJsbDArYh\
    jxaTFZ+bDnuWBQJ7jvD678u4cJre7Lon81BsNrQW2iu/PX+xNyGQJUAeLWzkA/0b5uV4mu+fntec+7+PwQ/gQRwsPP/62CsB0zcGlUk4qC1ohd\
    hP9kj9WwFYXbrxEAPMtOk0bWSxpK+UwBb4H/qPJjXmIlAER7MbBMdM2jA6zEwoQKZE9hR3qZfoId4TFFt4HuGQKBgQDrLOSsXxrB40jy0icTof\
    vdSjOwUojJGcqtXJLm1Rh8Y61ZznbLNxGObCbI/RZEeF4QCpLi7rnBRlAXQ5RYWNMdnR4H6hj3iU41IiO8zuQ1pQSTH207VIs5/l/TFtKaqZeL\
    d3fLiWuc2lipc9GeJ68qgl8wb7vFwPyU+xMKCIE75QKBgQDc1G5W00rfD78GoOk52RcODb5ijt6yIHnF291OLx/yIlE0st5kD0OzzQS2bzEO58\
    pljFtyi59q/PS24L61BzKJvmyJ5AI3uRB5k0EDDctt4R0peus4zw11cQF9OF1a2Fg2CTwNmqvJYHfpXfAEI1dipe4Y81YE2YLXlwd0EaQBJQKB\
    gBeJW62Aqy3icGeU7sJBQPLJvViVOgleYnFtRWqCwzuXwj6tsifub/xgCJWu9q6NmWRjmoXJvJ+CSPu7ELqy0RYyplHGdQ85F7GrpAX+csqHpG\
    iRCZ6ZfIGmWrLGovdFp9wWbc/aBgIhvCPhaoY4lIhdmedAF3vYL689XY9wgHadAoGBAK6W7R2MM7ejlV3CPmJT9lxQFWOKnRqrflsl9xPnQhSH\
    eTh26kiloNs4ji9GPb0RGP2sOGiZZtKJZ1hm25/4LsakXN+v+ujfUd0sxMuLTnhy8EFpQytI19UwIQNFWtmGDke6iVYgIQ03TdadRDOhVWdS1K\
    m5SRrQdRfJ+kST5dxZAoGAOV/SQud5m9YSRps6mJWloAm24XhSzuipIwLJ2TUutNIFJIAd7hR3uF68rkDh2loHmllD29BiqL2XfLQrDN290tnh\
    AqMIhv+24Bw35NRntRgOtS+jQKqjlnN4tcOD3XS0wTcLgmMTJRj88Jk8r9qECM2KppQIm0GV0TBei1oeTQg=\
";

pub(crate) enum Signer {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Signer {
    pub(crate) fn rsa() -> Self {
        Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(&STANDARD.decode(RSA.trim()).unwrap()).unwrap()))
    }

    pub(crate) fn p256() -> Self {
        Self::P256(curve(&signature::ECDSA_P256_SHA256_FIXED_SIGNING))
    }

    pub(crate) fn p384() -> Self {
        Self::P384(curve(&signature::ECDSA_P384_SHA384_FIXED_SIGNING))
    }

    /// The public key.
    pub(crate) fn jwk(&self) -> Map<String, Value> {
        let point = |name: &str, point: &[u8]| {
            let (x, y) = point[1..].split_at(point.len() / 2);
            json!({"kty": "EC", "crv": name, "x": base64url(x), "y": base64url(y)})
        };
        let jwk = match self {
            Self::Rsa(pair) => {
                let parts: ring::rsa::PublicKeyComponents<Vec<u8>> = pair.public_key().into();
                json!({"kty": "RSA", "n": base64url(parts.n), "e": base64url(parts.e)})
            }
            Self::P256(pair) => point("P-256", pair.public_key().as_ref()),
            Self::P384(pair) => point("P-384", pair.public_key().as_ref()),
        };
        let Value::Object(members) = jwk else { unreachable!() };
        members
    }

    /// The public key under a name in a set.
    pub(crate) fn named(&self, kid: &str) -> Value {
        let mut jwk = self.jwk();
        jwk.insert("kid".to_owned(), kid.into());
        jwk.insert("use".to_owned(), "sig".into());
        Value::Object(jwk)
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::P256(pair) | Self::P384(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Rsa(pair) => {
                let padding: &dyn signature::RsaEncoding = match algorithm {
                    "RS256" => &signature::RSA_PKCS1_SHA256,
                    "RS384" => &signature::RSA_PKCS1_SHA384,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    "PS256" => &signature::RSA_PSS_SHA256,
                    "PS384" => &signature::RSA_PSS_SHA384,
                    _ => &signature::RSA_PSS_SHA512,
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// Signs, by the algorithm that the header names.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let algorithm = header["alg"].as_str().unwrap_or_default();
        let signature = self.sign(algorithm, signed.as_bytes());
        format!("{signed}.{}", base64url(signature))
    }
}

fn curve(algorithm: &'static signature::EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap()
}
