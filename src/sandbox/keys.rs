//! Keys of the sandbox: made at its start, P-256, for ES256 (RFC 7518, section 3.4).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SecureRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

/// A private key.
pub struct Key {
    id: String,
    pair: EcdsaKeyPair,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

/// No key or signature could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key or signature can be made")]
pub struct Unmade;

/// A JWT whose form was read, and nothing else.
pub struct Jwt<'t> {
    signed: &'t str,
    signature: Vec<u8>,
    /// Its header.
    pub header: Value,
    /// Its claims.
    pub claims: Value,
}

pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Key {
    /// A new key under a name.
    ///
    /// Errors: the source of randomness fails.
    pub fn new(id: &str, random: &dyn SecureRandom) -> Result<Self, Unmade> {
        Self::with_pem(id, random).map(|(key, _)| key)
    }

    /// A new key, and it as PKCS#8 in PEM (RFC 7468).
    ///
    /// Errors: the source of randomness fails.
    pub fn with_pem(id: &str, random: &dyn SecureRandom) -> Result<(Self, String), Unmade> {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, random).map_err(|_| Unmade)?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), random).map_err(|_| Unmade)?;
        let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
        for line in STANDARD.encode(document.as_ref()).as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        Ok((Self { id: id.to_owned(), pair }, pem))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.pair.public_key().as_ref().to_vec())
    }

    /// The public half as a JWK.
    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        // An uncompressed point: a tag, x and y of 32 bytes.
        let (x, y) = point.get(1..).unwrap_or_default().split_at(point.len() / 2);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": base64url(x),
            "y": base64url(y),
        })
    }

    /// A JWT of that type.
    ///
    /// Errors: the source of randomness fails.
    pub fn sign(&self, kind: &str, claims: &Value, random: &dyn SecureRandom) -> Result<String, Unmade> {
        let header = json!({"alg": "ES256", "typ": kind, "kid": self.id});
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let signature = self.pair.sign(random, signed.as_bytes()).map_err(|_| Unmade)?;
        Ok(format!("{signed}.{}", base64url(signature)))
    }
}

impl PublicKey {
    /// Whether it is the key that a JWT was signed with.
    pub fn verifies(&self, jwt: &Jwt<'_>) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0);
        jwt.header.get("alg").is_some_and(|alg| alg == "ES256")
            && key.verify(jwt.signed.as_bytes(), &jwt.signature).is_ok()
    }
}

impl<'t> Jwt<'t> {
    /// Reads the form.
    pub fn read(token: &'t str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let part = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self { signed, signature, header: part(header)?, claims: part(claims)? })
    }
}
