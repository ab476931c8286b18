//! Proofs of possession (RFC 9449): who sends the token has the key that it is bound to, and made the proof for this request.

mod nonce;
mod replay;
mod uri;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::access::date;
use super::jwk::{Key, KeyDefect};
use super::jws::{Defect, Unverified};
use super::provider::ALGORITHMS;

pub use nonce::Nonces;
pub use replay::{InMemory, ProofKey, Remembered, Seen, UsedProofs};

/// Longest proof, in bytes: the largest key and signature that are taken fit.
const PROOF_BYTES: usize = 8 << 10;

/// Longest `jti`, in bytes.
const JTI_BYTES: usize = 256;

/// How proofs are judged.
pub struct Proofs {
    /// Scheme, host and port that callers name, and the path in front of every route.
    pub public_url: String,
    /// How long a proof holds.
    pub validity_ms: i64,
    /// How far clocks may be apart.
    pub skew_ms: i64,
    /// Challenges, where the server gives them.
    pub nonces: Option<Nonces>,
    /// Proofs that were used.
    pub used: Arc<dyn UsedProofs>,
}

/// What a proof is for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'r> {
    /// Method.
    pub method: &'r str,
    /// Path as it was sent, without the query.
    pub path: &'r str,
    /// The access token.
    pub token: &'r str,
}

/// Why a proof is not taken. Whoever sent it is told none of this but that a nonce is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// No header, or several.
    #[error("there is not exactly one proof")]
    Count,
    /// Its form, algorithm or signature.
    #[error(transparent)]
    Defect(#[from] Defect),
    /// `typ` is another one.
    #[error("it is no proof")]
    Type,
    /// No key, or one that must not stand there.
    #[error("{0}")]
    Key(#[from] KeyDefect),
    /// The key is another one than the token is bound to.
    #[error("the key is not that of the token")]
    Binding,
    /// Another method.
    #[error("it is for another method")]
    Method,
    /// Another address.
    #[error("it is for another address")]
    Address,
    /// Another token.
    #[error("it is for another token")]
    Token,
    /// Too old.
    #[error("it is too old")]
    Old,
    /// Of the future.
    #[error("it is of the future")]
    Future,
    /// No `jti`, or an unfit one.
    #[error("it has no id")]
    Id,
    /// No nonce of this server, or an old one.
    #[error("it has no nonce of this server")]
    Nonce,
    /// It was used before.
    #[error("it was used before")]
    Used,
    /// Whether it was used cannot be said now.
    #[error("whether it was used cannot be said now")]
    Unavailable,
}

#[derive(Deserialize)]
struct Claims {
    jti: Option<String>,
    htm: Option<String>,
    htu: Option<String>,
    #[serde(default, deserialize_with = "some_date")]
    iat: Option<i64>,
    ath: Option<String>,
    nonce: Option<String>,
}

fn some_date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    date(deserializer).map(Some)
}

impl Proofs {
    /// Checks the proof of a request against the thumbprint that its token names, and remembers it.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub async fn check(
        &self,
        proofs: &[&str],
        target: Target<'_>,
        thumbprint: &str,
        now: Timestamp,
    ) -> Result<(), ProofFault> {
        let [proof] = proofs else { return Err(ProofFault::Count) };
        let unverified = Unverified::parse(proof, PROOF_BYTES, &ALGORITHMS)?;
        if unverified.header.typ().as_deref() != Some("dpop+jwt") {
            return Err(ProofFault::Type);
        }
        let key = Key::from_jwk(unverified.header.jwk.as_ref().ok_or(KeyDefect::Form)?)?;
        unverified.verify(&key)?;
        let claims: Claims = unverified.claims()?;
        self.matches(&claims, target)?;
        if key.thumbprint() != thumbprint {
            return Err(ProofFault::Binding);
        }
        let (jti, made) = self.is_of_now(&claims, now)?;
        let used = ProofKey::of(&key, jti);
        let expires = made.saturating_add(self.validity_ms).saturating_add(self.skew_ms);
        match self.used.remember(used, Seen { made, expires, now: now.as_millisecond() }).await {
            Remembered::New => Ok(()),
            Remembered::Used => Err(ProofFault::Used),
            Remembered::BeforeStart => Err(ProofFault::Old),
            Remembered::Unknown => Err(ProofFault::Unavailable),
        }
    }

    fn matches(&self, claims: &Claims, target: Target<'_>) -> Result<(), ProofFault> {
        if claims.htm.as_deref() != Some(target.method) {
            return Err(ProofFault::Method);
        }
        let ours = uri::normal(&format!("{}{}", self.public_url, target.path));
        if ours.is_none() || claims.htu.as_deref().and_then(uri::normal) != ours {
            return Err(ProofFault::Address);
        }
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(target.token));
        if claims.ath.as_deref() == Some(hash.as_str()) { Ok(()) } else { Err(ProofFault::Token) }
    }

    /// The id of the proof and when it was made, where that is now.
    fn is_of_now<'c>(&self, claims: &'c Claims, now: Timestamp) -> Result<(&'c str, i64), ProofFault> {
        if let Some(nonces) = &self.nonces
            && !claims.nonce.as_deref().is_some_and(|nonce| nonces.is_of_now(nonce, now))
        {
            return Err(ProofFault::Nonce);
        }
        let (made, now) = (claims.iat.ok_or(ProofFault::Old)?, now.as_millisecond());
        if now > made.saturating_add(self.validity_ms).saturating_add(self.skew_ms) {
            return Err(ProofFault::Old);
        }
        if made > now.saturating_add(self.skew_ms) {
            return Err(ProofFault::Future);
        }
        let jti = claims.jti.as_deref().filter(|jti| !jti.is_empty() && jti.len() <= JTI_BYTES);
        Ok((jti.ok_or(ProofFault::Id)?, made))
    }
}
