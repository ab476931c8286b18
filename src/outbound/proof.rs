//! Proofs that a token is ours (DPoP, RFC 9449, section 4.2).

use jiff::Timestamp;
use reqwest::Url;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::signing::{KeyError, SigningKey, encode};

/// What a proof is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use<'u> {
    /// HTTP method.
    pub(super) method: &'u str,
    /// Where to; query and fragment are left out.
    pub(super) url: &'u Url,
    /// The token that goes along.
    pub(super) token: Option<&'u str>,
    /// What the server asked for.
    pub(super) nonce: Option<&'u str>,
}

/// A proof; `id` is never used for another one.
///
/// # Errors
/// Nothing could be signed.
pub(super) fn proof(key: &SigningKey, of: Use<'_>, id: &str, at: Timestamp) -> Result<String, KeyError> {
    let mut url = of.url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let mut claims = json!({"jti": id, "htm": of.method, "htu": url.as_str(), "iat": at.as_second()});
    if let Some(claims) = claims.as_object_mut() {
        let hash = of.token.map(|token| encode(&Sha256::digest(token.as_bytes())));
        claims.extend(hash.map(|hash| ("ath".to_owned(), json!(hash))));
        claims.extend(of.nonce.map(|nonce| ("nonce".to_owned(), json!(nonce))));
    }
    key.sign(json!({"typ": "dpop+jwt", "jwk": key.public_jwk()}), &claims)
}
