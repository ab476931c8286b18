//! Signed compact JWS (RFC 7515) with ring: assertions of who we are, and proofs that a token is ours.

mod file;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa;
use ring::signature::{self, EcdsaKeyPair, KeyPair, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use self::file::KeyFile;

/// How it is signed (RFC 7518, section 3.1). Symmetric algorithms and `none` are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 8] =
        [Self::Rs256, Self::Rs384, Self::Rs512, Self::Ps256, Self::Ps384, Self::Ps512, Self::Es256, Self::Es384];

    /// The name in `alg`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// Why there is no key or signature. What the key is, no error says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the key file cannot be read")]
    Unreadable,
    /// Not PEM, or not PKCS#8 within.
    #[error("the key file holds no PKCS#8 key in PEM")]
    NotPkcs8,
    /// Of another kind, or a size that is not allowed (RSA of 2048 to 4096 bits).
    #[error("the key is none that the algorithm can be used with")]
    WrongKind,
    /// The random numbers of the system failed.
    #[error("nothing could be signed")]
    NotSigned,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn signature::RsaEncoding),
    Ec(EcdsaKeyPair, &'static str),
}

/// A private key, and what it signs with.
pub struct SigningKey {
    algorithm: Algorithm,
    pair: Pair,
    thumbprint: String,
}

/// The key is not printed.
impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({}, **REDACTED**)", self.algorithm.as_str())
    }
}

impl SigningKey {
    /// Reads a key.
    ///
    /// # Errors
    /// As [`KeyError`] says.
    pub fn from_pem(algorithm: Algorithm, pem: &[u8]) -> Result<Self, KeyError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| KeyError::NotPkcs8)?;
        Self::from_pkcs8(algorithm, der.secret_pkcs8_der())
    }

    /// A new key for ES256.
    ///
    /// # Errors
    /// The random numbers of the system failed.
    pub fn generate() -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        Self::from_pkcs8(Algorithm::Es256, der.map_err(|_| KeyError::NotSigned)?.as_ref())
    }

    fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let rsa = |encoding| RsaKeyPair::from_pkcs8(der).map(|pair| Pair::Rsa(pair, encoding));
        let ec = |signing, curve| {
            EcdsaKeyPair::from_pkcs8(signing, der, &SystemRandom::new()).map(|pair| Pair::Ec(pair, curve))
        };
        let pair = match algorithm {
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
            Algorithm::Ps256 => rsa(&signature::RSA_PSS_SHA256),
            Algorithm::Ps384 => rsa(&signature::RSA_PSS_SHA384),
            Algorithm::Ps512 => rsa(&signature::RSA_PSS_SHA512),
            Algorithm::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            Algorithm::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
        };
        let pair = pair.map_err(|_| KeyError::WrongKind)?;
        let thumbprint = encode(&Sha256::digest(canonical(&jwk(&pair)).as_bytes()));
        Ok(Self { algorithm, pair, thumbprint })
    }

    /// Thumbprint of the public key (RFC 7638).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The public key (RFC 7517).
    pub fn public_jwk(&self) -> Value {
        jwk(&self.pair).into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
    }

    /// Signs claims under a header, which gets the algorithm.
    ///
    /// # Errors
    /// The random numbers of the system failed.
    pub fn sign(&self, mut header: Value, claims: &Value) -> Result<String, KeyError> {
        if let Some(header) = header.as_object_mut() {
            header.insert("alg".to_owned(), json!(self.algorithm.as_str()));
        }
        let signed = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*encoding, &random, signed.as_bytes(), &mut signature).map(|()| signature)
            }
            Pair::Ec(pair, _) => pair.sign(&random, signed.as_bytes()).map(|signature| signature.as_ref().to_vec()),
        };
        let signature = signature.map_err(|_| KeyError::NotSigned)?;
        Ok(format!("{signed}.{}", encode(&signature)))
    }
}

/// Members of the public key, in the order of their names.
fn jwk(pair: &Pair) -> Vec<(&'static str, String)> {
    match pair {
        Pair::Rsa(pair, _) => {
            let public = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
            vec![("e", encode(&public.e)), ("kty", "RSA".to_owned()), ("n", encode(&public.n))]
        }
        Pair::Ec(pair, curve) => {
            // Uncompressed: 4, and two coordinates of the same length (SEC 1, section 2.3.3).
            let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
            let (x, y) = point.split_at(point.len() / 2);
            vec![("crv", (*curve).to_owned()), ("kty", "EC".to_owned()), ("x", encode(x)), ("y", encode(y))]
        }
    }
}

/// The form that is hashed: names in order, no blanks (RFC 7638, section 3.3).
fn canonical(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    format!("{{{}}}", members.join(","))
}

pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
