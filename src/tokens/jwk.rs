//! A public key as JSON (RFC 7517), and its thumbprint (RFC 7638).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::provider::{ALGORITHMS, is_rsa, parse};

/// A key that signatures are verified with, and the algorithms that it may be used with.
#[derive(Clone)]
pub struct Key {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
    thumbprint: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Key").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}

/// Why a key is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyDefect {
    /// Not of the form of its type, or a type that is not known.
    #[error("the key is not of the form of its type")]
    Form,
    /// It has a private or a symmetric part.
    #[error("the key is not a public one")]
    Private,
    /// It is for something else than signatures, or for an algorithm that its type does not have.
    #[error("the key is not for signatures of a known algorithm")]
    Use,
    /// RSA with fewer than 2048 bits.
    #[error("the key is too short")]
    Short,
    /// RSA whose private part can be computed.
    #[error("the key was made by a generator that is known to be faulty")]
    Guessable,
}

/// Members that only a private or symmetric key has.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Bytes of an RSA modulus: 2048 to 8192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1_024;

impl Key {
    /// Reads a public key.
    pub fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, KeyDefect> {
        if PRIVATE.iter().any(|member| jwk.contains_key(*member)) {
            return Err(KeyDefect::Private);
        }
        let (decoding, mut algorithms, canonical) = match text(jwk, "kty")? {
            "RSA" => rsa(jwk)?,
            "EC" => curve(jwk)?,
            _ => return Err(KeyDefect::Form),
        };
        if optional(jwk, "use")?.is_some_and(|usage| usage != "sig") || !verifies(jwk)? {
            return Err(KeyDefect::Use);
        }
        if let Some(own) = optional(jwk, "alg")? {
            let own = parse(own).ok_or(KeyDefect::Use)?;
            algorithms.retain(|algorithm| *algorithm == own);
        }
        if algorithms.is_empty() {
            return Err(KeyDefect::Use);
        }
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical));
        Ok(Self { kid: optional(jwk, "kid")?.map(str::to_owned), algorithms, decoding, thumbprint })
    }

    /// Its name in the set: compared, and used for nothing else.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether it may be used with the algorithm.
    pub fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// SHA-256 of its necessary members, Base64url.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

type Parts = (DecodingKey, Vec<Algorithm>, String);

fn rsa(jwk: &Map<String, Value>) -> Result<Parts, KeyDefect> {
    let (n, e) = (text(jwk, "n")?, text(jwk, "e")?);
    let (modulus, exponent) = (decode(n)?, decode(e)?);
    // RFC 7518, section 6.3.1.1: no octets of zero in front.
    let (Some(first @ 1..), Some(1..)) = (modulus.first().copied(), exponent.first().copied()) else {
        return Err(KeyDefect::Form);
    };
    if modulus.len() < *MODULUS.start() || (modulus.len() == *MODULUS.start() && first < 0x80) {
        return Err(KeyDefect::Short);
    }
    if modulus.len() > *MODULUS.end() || exponent.len() > 8 {
        return Err(KeyDefect::Form);
    }
    if is_roca(&modulus) {
        return Err(KeyDefect::Guessable);
    }
    let algorithms = ALGORITHMS.into_iter().filter(|algorithm| is_rsa(*algorithm)).collect();
    let canonical = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    Ok((DecodingKey::from_rsa_raw_components(&modulus, &exponent), algorithms, canonical))
}

fn curve(jwk: &Map<String, Value>) -> Result<Parts, KeyDefect> {
    let (name, x, y) = (text(jwk, "crv")?, text(jwk, "x")?, text(jwk, "y")?);
    let (algorithm, length) = match name {
        "P-256" => (Algorithm::ES256, 32),
        "P-384" => (Algorithm::ES384, 48),
        _ => return Err(KeyDefect::Form),
    };
    // RFC 7518, section 6.2.1.2: as long as a coordinate of the curve is. That the point is on it, `ring` checks.
    if decode(x)?.len() != length || decode(y)?.len() != length {
        return Err(KeyDefect::Form);
    }
    let decoding = DecodingKey::from_ec_components(x, y).map_err(|_| KeyDefect::Form)?;
    let canonical = format!(r#"{{"crv":"{name}","kty":"EC","x":"{x}","y":"{y}"}}"#);
    Ok((decoding, vec![algorithm], canonical))
}

/// `key_ops`, where it stands, must name what the key is used for.
fn verifies(jwk: &Map<String, Value>) -> Result<bool, KeyDefect> {
    match jwk.get("key_ops") {
        None => Ok(true),
        Some(Value::Array(operations)) => Ok(operations.iter().any(|operation| operation == "verify")),
        Some(_) => Err(KeyDefect::Form),
    }
}

fn decode(value: &str) -> Result<Vec<u8>, KeyDefect> {
    URL_SAFE_NO_PAD.decode(value).map_err(|_| KeyDefect::Form)
}

fn text<'j>(jwk: &'j Map<String, Value>, member: &str) -> Result<&'j str, KeyDefect> {
    jwk.get(member).and_then(Value::as_str).ok_or(KeyDefect::Form)
}

fn optional<'j>(jwk: &'j Map<String, Value>, member: &str) -> Result<Option<&'j str>, KeyDefect> {
    jwk.get(member).map(|value| value.as_str().ok_or(KeyDefect::Form)).transpose()
}

/// Whether a modulus has the form of those that a faulty library of smart cards made (CVE-2017-15361): their primes are powers
/// of 65537 modulo every small prime, and so is their product; of another key it is not, but for 1 in 10^8.
fn is_roca(modulus: &[u8]) -> bool {
    const PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
        109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES.into_iter().all(|prime| {
        let rest = modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        (0..prime).any(|_| {
            power = power * (65_537 % prime) % prime;
            power == rest
        })
    })
}
