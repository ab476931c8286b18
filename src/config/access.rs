//! Whose access tokens are taken, and who may call with one.

use serde::Deserialize;

/// How access tokens are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authorization {
    /// `Authorization: Bearer`
    #[default]
    Bearer,
    /// `Authorization: DPoP`, with a proof of possession.
    Dpop,
}

/// `[[issuer]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Name, as `[[client]]` gives it.
    pub name: String,
    /// `iss` of its tokens, character by character; its discovery document is found there.
    pub url: String,
    /// `helseid` or `smart`.
    pub profile: String,
    /// `aud` of tokens for this gateway.
    pub audience: String,
    /// Algorithms that its tokens may be signed with; left out: all that are known.
    pub algorithms: Option<Vec<String>>,
    /// Address of its keys; left out: the discovery document says it.
    pub jwks_url: Option<String>,
    /// `typ` of its tokens: `at+jwt`, or `JWT`, with which `at+jwt` is taken, too.
    pub typ: Option<String>,
    /// What the words of scopes stand behind (`helseid`); left out: the audience and a slash.
    pub scope_prefix: Option<String>,
    /// Least security level of persons (`helseid`).
    #[serde(default = "four")]
    pub minimum_security_level: u8,
}

/// `[[client]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Name of its issuer.
    pub issuer: String,
    /// Id at its issuer.
    pub client_id: String,
    /// `trust`, `laboratory`, `trial`, `registry` or `operator`.
    pub role: String,
    /// Organisation number, or code of a laboratory. Of a trust with tokens of HelseID left out: the token names it.
    pub organisation: Option<String>,
    /// Organisation numbers of those who may run the client for it (`helseid`), where tokens name a supplier.
    #[serde(default)]
    pub suppliers: Vec<String>,
}

fn four() -> u8 {
    4
}
