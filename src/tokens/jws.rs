//! A signed token in its compact form (RFC 7515), before and after its signature is verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

use super::jwk::Key;
use super::provider::{self, PROVIDER};

/// What a token says of itself. What could name a key (`jku`, `x5u`, `x5c`) is not read; `jwk` is for proofs alone, which are
/// made with the key they carry.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    pub(super) jwk: Option<Map<String, Value>>,
    crit: Option<IgnoredAny>,
}

impl Header {
    /// The type, in small letters and without the part that may be left out (RFC 7515, section 4.1.9).
    pub(super) fn typ(&self) -> Option<String> {
        let typ = self.typ.as_deref()?.to_ascii_lowercase();
        Some(typ.strip_prefix("application/").map_or_else(|| typ.clone(), str::to_owned))
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

/// Why a token is none, or not one of the signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// Not three parts of Base64url, or longer than the limit.
    #[error("not a compact token")]
    Form,
    /// A header or claims that are not the JSON they should be.
    #[error("header or claims are not of their form")]
    Json,
    /// An algorithm that is not allowed, `none` included.
    #[error("the algorithm is not allowed")]
    Algorithm,
    /// `crit` names what must be understood (RFC 7515, section 4.1.11); nothing of it is.
    #[error("critical header parameters are not understood")]
    Critical,
    /// The key is not for this algorithm, or did not sign this.
    #[error("the signature is not that of the key")]
    Signature,
}

/// Parts of a token, nothing of it verified.
pub(super) struct Unverified<'t> {
    signed: &'t [u8],
    pub(super) header: Header,
    pub(super) algorithm: Algorithm,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> Unverified<'t> {
    /// Takes a token of at most `limit` bytes apart; its algorithm must be one of `allowed`.
    pub(super) fn parse(token: &'t str, limit: usize, allowed: &[Algorithm]) -> Result<Self, Defect> {
        if token.len() > limit {
            return Err(Defect::Form);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Defect::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(Defect::Form)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Defect::Form);
        // A fourth part is no Base64url, and so is none of these.
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        let header: Header = serde_json::from_slice(&header).map_err(|_| Defect::Json)?;
        let algorithm = provider::parse(&header.alg).filter(|algorithm| allowed.contains(algorithm));
        let algorithm = algorithm.ok_or(Defect::Algorithm)?;
        if header.crit.is_some() {
            return Err(Defect::Critical);
        }
        Ok(Self { signed: signed.as_bytes(), header, algorithm, payload, signature })
    }

    /// Reads the claims as they stand, which may be anybody's words.
    pub(super) fn claims<T: DeserializeOwned>(&self) -> Result<T, Defect> {
        serde_json::from_slice(&self.payload).map_err(|_| Defect::Json)
    }

    /// Whether the key signed it.
    pub(super) fn verify(&self, key: &Key) -> Result<(), Defect> {
        if !key.allows(self.algorithm) {
            return Err(Defect::Signature);
        }
        let verifier = (PROVIDER.verifier_factory)(&self.algorithm, key.decoding()).map_err(|_| Defect::Signature)?;
        verifier.verify(self.signed, &self.signature).map_err(|_| Defect::Signature)
    }
}
