//! Access tokens (RFC 9068): what one says before and after its signature is verified.

use jsonwebtoken::Algorithm;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::jws::{Defect, Unverified};
use super::keys::{KeySet, NoKey};

/// Longest token, in bytes.
pub const TOKEN_BYTES: usize = 16 << 10;

/// How far clocks may be apart, in milliseconds.
const LEEWAY: i64 = 5_000;

/// What an issuer's tokens look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The security profile of HelseID: organisations of the client, security level of persons.
    HelseId,
    /// SMART Backend Services.
    Smart,
}

impl Profile {
    /// Reads the word of the configuration.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "helseid" => Some(Self::HelseId),
            "smart" => Some(Self::Smart),
            _ => None,
        }
    }
}

/// Who issues tokens that are taken here.
#[derive(Debug)]
pub struct Issuer {
    /// Name in the configuration.
    pub name: String,
    /// `iss`, compared character by character.
    pub url: String,
    /// What its tokens look like.
    pub profile: Profile,
    /// `aud`: this API.
    pub audience: String,
    /// Algorithms that its tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// Whether `typ` may be `JWT` beside `at+jwt`.
    pub takes_jwt: bool,
    /// What the words of scopes stand behind.
    pub scope_prefix: String,
    /// Least security level of a person.
    pub minimum_security_level: u8,
    /// Its keys.
    pub keys: KeySet,
}

/// Why a token is not taken. Whoever sent it is told none of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Its form, algorithm or signature.
    #[error(transparent)]
    Defect(#[from] Defect),
    /// `typ` is another one.
    #[error("it is no access token")]
    Type,
    /// Nobody whose tokens are taken issued it.
    #[error("the issuer is not known")]
    Issuer,
    /// Its issuer has no such key.
    #[error("the issuer has no such key")]
    Key,
    /// It is for another API, or for several.
    #[error("it is not for this gateway alone")]
    Audience,
    /// `exp` has passed.
    #[error("it has expired")]
    Expired,
    /// `nbf` is to come.
    #[error("it is not valid yet")]
    NotYet,
    /// The keys cannot be fetched now: nothing can be said of the token.
    #[error("the keys of the issuer cannot be fetched")]
    Unavailable,
}

/// Claims whose token was verified. Only [`verify`] makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Id of the client.
    pub client: String,
    /// Scopes, as they stand.
    pub scopes: Vec<String>,
    /// What binds the token to who may use it.
    pub binding: Binding,
    /// Organisations of the client (HelseID).
    pub organisations: Organisations,
    /// Security level of the person who is logged in at the client; none: no person is.
    pub security_level: Option<u8>,
}

/// `cnf` (RFC 7800)
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// None.
    Bearer,
    /// Thumbprint of the key that proofs are made with.
    Key(String),
    /// Something else, which is not checked here: such a token is not taken.
    Other,
}

/// Organisation numbers of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisations {
    /// The legal entity.
    pub parent: Option<String>,
    /// The unit.
    pub child: Option<String>,
    /// Who runs the client.
    pub supplier: Option<String>,
}

/// The one claim that is read before the signature is verified: it chooses the keys.
#[derive(Deserialize)]
struct UnverifiedIssuer {
    iss: String,
}

/// Claims as they stand in the token. The numbers and names of persons are not read: that they are there is enough.
#[derive(Deserialize)]
struct Wire {
    iss: String,
    aud: Words,
    #[serde(deserialize_with = "date")]
    exp: i64,
    #[serde(default, deserialize_with = "optional_date")]
    nbf: Option<i64>,
    client_id: String,
    sub: Option<String>,
    #[serde(default)]
    scope: Words,
    cnf: Option<Map<String, Value>>,
    #[serde(rename = "helseid://claims/client/claims/orgnr_parent")]
    parent: Option<String>,
    #[serde(rename = "helseid://claims/client/claims/orgnr_child")]
    child: Option<String>,
    #[serde(rename = "helseid://claims/client/claims/orgnr_supplier")]
    supplier: Option<String>,
    #[serde(rename = "helseid://claims/identity/security_level")]
    security_level: Option<String>,
    #[serde(rename = "helseid://claims/identity/pid")]
    pid: Option<IgnoredAny>,
    #[serde(rename = "helseid://claims/identity/pid_pseudonym")]
    pid_pseudonym: Option<IgnoredAny>,
    #[serde(rename = "helseid://claims/hpr/hpr_number")]
    hpr_number: Option<IgnoredAny>,
}

/// One text or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

/// Verifies an access token with the keys of the issuer it names, and no other. `now` is in milliseconds.
///
/// # Errors
/// The first thing that is wrong with it.
pub async fn verify<'i>(token: &str, issuers: &'i [Issuer], now: i64) -> Result<(&'i Issuer, Claims), TokenFault> {
    let unverified = Unverified::parse(token, TOKEN_BYTES, &super::provider::ALGORITHMS)?;
    let named: UnverifiedIssuer = unverified.claims()?;
    let issuer = issuers.iter().find(|issuer| issuer.url == named.iss).ok_or(TokenFault::Issuer)?;
    if !issuer.algorithms.contains(&unverified.algorithm) {
        return Err(Defect::Algorithm.into());
    }
    match unverified.header.typ().as_deref() {
        Some("at+jwt") => {}
        Some("jwt") if issuer.takes_jwt => {}
        _ => return Err(TokenFault::Type),
    }
    let keys = issuer.keys.find(unverified.header.kid(), unverified.algorithm).await.map_err(|error| match error {
        NoKey::Unknown => TokenFault::Key,
        NoKey::Unavailable => TokenFault::Unavailable,
    })?;
    if !keys.iter().any(|key| unverified.verify(key).is_ok()) {
        return Err(Defect::Signature.into());
    }
    Ok((issuer, check(unverified.claims()?, issuer, now)?))
}

fn check(wire: Wire, issuer: &Issuer, now: i64) -> Result<Claims, TokenFault> {
    if wire.iss != issuer.url {
        return Err(TokenFault::Issuer);
    }
    let is_ours = match &wire.aud {
        Words::One(audience) => *audience == issuer.audience,
        // Of a token for several APIs each can use it at the others.
        Words::Many(audiences) => matches!(audiences.as_slice(), [only] if *only == issuer.audience),
    };
    if !is_ours {
        return Err(TokenFault::Audience);
    }
    if now >= wire.exp.saturating_add(LEEWAY) {
        return Err(TokenFault::Expired);
    }
    if wire.nbf.is_some_and(|from| now < from.saturating_sub(LEEWAY)) {
        return Err(TokenFault::NotYet);
    }
    let is_person = wire.pid.is_some()
        || wire.pid_pseudonym.is_some()
        || wire.hpr_number.is_some()
        || wire.security_level.is_some()
        || wire.sub.as_ref().is_some_and(|subject| *subject != wire.client_id);
    let level = wire.security_level.as_deref().and_then(|level| level.parse().ok()).unwrap_or(0);
    let scopes = match wire.scope {
        Words::One(scopes) => scopes.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
        Words::Many(scopes) => scopes,
    };
    let organisations = match issuer.profile {
        Profile::HelseId => Organisations { parent: wire.parent, child: wire.child, supplier: wire.supplier },
        Profile::Smart => Organisations::default(),
    };
    Ok(Claims {
        client: wire.client_id,
        scopes,
        binding: binding(wire.cnf.as_ref()),
        organisations,
        security_level: (is_person && issuer.profile == Profile::HelseId).then_some(level),
    })
}

fn binding(confirmation: Option<&Map<String, Value>>) -> Binding {
    let Some(confirmation) = confirmation else { return Binding::Bearer };
    match (confirmation.len(), confirmation.get("jkt").and_then(Value::as_str)) {
        (1, Some(thumbprint)) => Binding::Key(thumbprint.to_owned()),
        _ => Binding::Other,
    }
}

/// A `NumericDate` (RFC 7519, section 2) in milliseconds.
pub(super) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    /// The end of the year 9999.
    const LAST: f64 = 253_402_300_800.0;
    let seconds = f64::deserialize(deserializer)?;
    if !(0.0..=LAST).contains(&seconds) {
        return Err(D::Error::custom("no date"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the bounds above")]
    Ok((seconds * 1_000.0) as i64)
}

fn optional_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    date(deserializer).map(Some)
}
