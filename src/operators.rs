//! Persons who run the gateway: they log in at the provider of their organisation (OpenID Connect Core 1.0, code flow with PKCE,
//! RFC 7636), and a session on the server stands for them.
//!
//! Nothing of a person is kept: `sub` is replaced by a keyed hash before anything else is done with it, and a session knows that
//! hash, the role and the times. Sessions are of one node and end with it.

mod attempts;
mod error;
mod provider;
mod role;
mod sessions;

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use openidconnect::url::Url;
use sha2::{Digest, Sha256};

use self::attempts::{Attempt, Attempts};
use self::provider::Provider;
use self::sessions::Sessions;
use crate::clock::Clock;

pub use self::error::LoginError;
pub use self::provider::{ClientAuthentication, Levels, Options as ProviderOptions, is_safe};
pub use self::role::{OperatorRole, Roles};
pub use self::sessions::Session;

/// Where `return_to` leads that is left out or leads elsewhere.
const START: &str = "/operator";

/// Longest `return_to`, in bytes.
const RETURN_TO: usize = 512;

/// 256 random bits; none where the system gives no randomness.
pub type Random = Box<dyn Fn() -> Option<[u8; 32]> + Send + Sync>;

/// SHA-256 of a secret that a browser holds.
type Fingerprint = [u8; 32];

/// A person who logged in. Only a log-in makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    name: String,
    role: OperatorRole,
}

impl Person {
    /// A name for the audit: a keyed hash of who it is, the same at every log-in.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Somebody, for tests.
    #[cfg(test)]
    pub(crate) fn example(role: OperatorRole) -> Self {
        Self { name: "person-example".to_owned(), role }
    }

    /// What the person may do.
    pub fn role(&self) -> OperatorRole {
        self.role
    }
}

/// How operators log in.
pub struct Options {
    /// Their provider.
    pub provider: ProviderOptions,
    /// Base of the addresses that browsers use, without a slash at its end.
    pub base: String,
    /// Time without a request after which a session ends.
    pub idle: SignedDuration,
    /// Time after which a session ends in any case.
    pub absolute: SignedDuration,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Random,
}

/// The log-in of operators, and who is logged in.
pub struct Operators {
    provider: Provider,
    base: String,
    origin: String,
    attempts: Attempts,
    sessions: Sessions,
    clock: Arc<dyn Clock>,
    random: Random,
}

impl fmt::Debug for Operators {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Operators").field("base", &self.base).finish_non_exhaustive()
    }
}

/// A log-in that has begun: where the browser goes, and what it has to bring back as a cookie.
pub struct Begun {
    /// Address at the provider.
    pub url: String,
    /// Ties the answer to this browser.
    pub browser: String,
}

/// What the provider sends the browser back with (RFC 6749, section 4.1.2; RFC 9207).
#[derive(Clone, Default, serde::Deserialize)]
pub struct Answer {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// A log-in that succeeded.
pub struct Finished {
    /// Id of the session, for the cookie.
    pub session: String,
    /// Where the person wanted to go: an address of the gateway.
    pub location: String,
    /// Who.
    pub person: Person,
}

impl Operators {
    /// Nobody is logged in.
    pub fn new(options: Options) -> Self {
        let Options { provider, base, idle, absolute, clock, random } = options;
        let redirect = format!("{base}/operator/callback");
        let origin = Url::parse(&base).map_or_else(|_| base.clone(), |url| url.origin().ascii_serialization());
        Self {
            provider: Provider::new(provider, redirect),
            base,
            origin,
            attempts: Attempts::default(),
            sessions: Sessions::new(idle, absolute),
            clock,
            random,
        }
    }

    /// Base of the addresses that browsers use.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Origin of the pages, as browsers write it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether browsers come over TLS.
    pub fn is_secure(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// Begins a log-in.
    ///
    /// Errors: the provider cannot be reached; no randomness.
    pub async fn begin(&self, return_to: Option<&str>) -> Result<Begun, LoginError> {
        let [state, browser, nonce, verifier] = [self.token()?, self.token()?, self.token()?, self.token()?];
        let url = self.provider.authorize(self.clock.now(), (&state, &nonce, &verifier)).await?;
        let attempt = Attempt { browser: fingerprint(&browser), nonce, verifier, return_to: own_path(return_to) };
        self.attempts.add(fingerprint(&state), attempt, self.clock.now());
        Ok(Begun { url, browser })
    }

    /// Ends a log-in with what the browser brings; `former` is the session that it had, which ends.
    ///
    /// Errors: every reason not to let the person in; the attempt cannot be used again.
    pub async fn finish(
        &self,
        answer: Answer,
        browser: Option<&str>,
        former: Option<&str>,
    ) -> Result<Finished, LoginError> {
        let state = answer.state.as_deref().map(fingerprint).ok_or(LoginError::Unknown)?;
        let attempt = self.attempts.take(&state, self.clock.now()).ok_or(LoginError::Unknown)?;
        if browser.map(fingerprint) != Some(attempt.browser) {
            return Err(LoginError::Unknown);
        }
        if answer.iss.is_some_and(|iss| iss != self.provider.issuer()) {
            return Err(LoginError::Unknown);
        }
        if answer.error.is_some() {
            return Err(LoginError::Refused);
        }
        let code = answer.code.ok_or(LoginError::Refused)?;
        let person = self.provider.person(self.clock.now(), code, (attempt.nonce, attempt.verifier)).await?;
        let (session, csrf) = (self.token()?, self.token()?);
        if let Some(former) = former {
            self.end(former);
        }
        self.sessions.open(fingerprint(&session), (person.clone(), csrf), self.clock.now());
        Ok(Finished { session, location: format!("{}{}", self.base, attempt.return_to), person })
    }

    /// The session of an id; it goes on from now.
    pub fn session(&self, id: &str) -> Option<Session> {
        self.sessions.find(&fingerprint(id), self.clock.now())
    }

    /// Ends a session.
    pub fn end(&self, id: &str) {
        self.sessions.close(&fingerprint(id));
    }

    fn token(&self) -> Result<String, LoginError> {
        (self.random)().map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).ok_or(LoginError::Random)
    }
}

fn fingerprint(text: &str) -> Fingerprint {
    Sha256::digest(text.as_bytes()).into()
}

/// An address of ours that a person may be sent to: no other host, and nothing that acts.
fn own_path(path: Option<&str>) -> String {
    let is_plain = |path: &&str| {
        path.len() <= RETURN_TO && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"'<>".contains(&byte))
    };
    let is_ours = |path: &&str| {
        *path == "/messages" || path.starts_with("/messages/") || path.starts_with("/messages?") || *path == START
    };
    let leads_out = |path: &str| path.contains("//") || path.contains("..");
    path.filter(is_plain).filter(is_ours).filter(|path| !leads_out(path)).unwrap_or(START).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_sent_to_addresses_of_the_gateway_only() {
        for own in ["/messages", "/messages/5f0f", "/messages?disposition=delivered&_count=5", "/operator"] {
            assert_eq!(own_path(Some(own)), own);
        }
        for other in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/messages//evil.example",
            "/messages/../operator/logout",
            "/messages\\@evil.example",
            "/messages\r\nSet-Cookie: a=b",
            "/messages/\u{e9}",
            "/messagesX",
            "/operator/logout",
            "javascript:alert(1)",
            "messages",
            "",
            &format!("/messages/{}", "a".repeat(600)),
        ] {
            assert_eq!(own_path(Some(other)), "/operator", "{other:?}");
        }
        assert_eq!(own_path(None), "/operator");
    }
}
