//! Where requests may go, and how the gateway says who it is.

use std::path::PathBuf;

use serde::Deserialize;

/// `[outbound]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// URLs whose origins are allowed beside those of the destinations.
    pub allow: Vec<String>,
    /// Networks of somebody's own that hosts may be in.
    pub private: Vec<String>,
}

/// `[destination.oauth]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oauth {
    /// Who issues tokens; its metadata name the token endpoint.
    pub issuer: Option<String>,
    /// The token endpoint, where no issuer is named.
    pub token_url: Option<String>,
    /// Certificates of those who issue the certificate of the token endpoint, PEM; left out: those of the system.
    pub ca_file: Option<PathBuf>,
    /// Who the gateway is there.
    pub client_id: String,
    /// Private key, PKCS#8 in PEM; read again when the file changes.
    pub key_file: PathBuf,
    /// `RS256` to `RS512`, `PS256` to `PS512`, `ES256` or `ES384`.
    pub algorithm: String,
    /// `kid`; left out: the thumbprint of the key (RFC 7638).
    pub key_id: Option<String>,
    /// Scopes, separated by blanks.
    pub scope: Option<String>,
    /// `aud` of the assertion; left out: the issuer, or else the token endpoint.
    pub audience: Option<String>,
    /// Whether tokens are bound to a key (RFC 9449).
    #[serde(default)]
    pub dpop: bool,
    /// The key that tokens are bound to, PKCS#8 in PEM, P-256; left out: one of this process.
    pub dpop_key_file: Option<PathBuf>,
}
