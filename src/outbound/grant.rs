//! Access tokens for us: OAuth 2 client credentials (RFC 6749, section 4.4), the client known by a signed assertion (RFC 7523),
//! the token bound to a key where that is configured (RFC 9449).
//!
//! One request for a token is on the way at once, however many deliveries wait for it, and what comes of it is theirs all.

mod endpoint;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Request, Url};
use tokio::sync::Mutex;

use self::endpoint::Endpoint;
use super::proof::{Use, proof};
use super::secret::Secret;
use super::signing::{KeyError, KeyFile, SigningKey};
use super::{Answer, Client, Refusal, SendError};
use crate::clock::Clock;

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Where tokens come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// An issuer, whose metadata name the token endpoint.
    Issuer(String),
    /// The token endpoint.
    TokenUrl(Url),
}

/// What is asked for, and as whom.
#[derive(Debug)]
pub struct Options {
    /// Where tokens come from.
    pub source: Source,
    /// Who we are there.
    pub client_id: String,
    /// What assertions are signed with.
    pub key: KeyFile,
    /// `kid`; none: the thumbprint of the key.
    pub key_id: Option<String>,
    /// Scopes.
    pub scope: Option<String>,
    /// `aud` of assertions.
    pub audience: String,
    /// The key that tokens are bound to; none: they are bound to nothing.
    pub bound_to: Option<SigningKey>,
}

/// Time and randomness.
#[derive(Clone)]
pub struct Outside {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// A new id that nobody can guess.
    pub new_id: fn() -> String,
}

impl fmt::Debug for Outside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Outside").finish_non_exhaustive()
    }
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// A person has to put something right, here or there.
    #[error("the token endpoint refused the gateway: {0}")]
    Refused(&'static str),
    /// Trying again can help; not before the time that was asked for.
    #[error("the token endpoint cannot be used now: {text}")]
    Unreachable {
        /// What happened.
        text: String,
        /// What the endpoint asked for.
        after: Option<Duration>,
    },
    /// Where the endpoint is, requests may not go.
    #[error(transparent)]
    Address(#[from] Refusal),
}

impl From<KeyError> for GrantError {
    fn from(_: KeyError) -> Self {
        Self::Refused("nothing could be signed")
    }
}

/// Why nothing came back from a server that wants a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantedError {
    /// There was no token.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// There was one.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// A token that is used until shortly before its end.
#[derive(Debug)]
struct Token {
    value: Secret,
    renew: Timestamp,
}

/// What came of the last request for a token.
#[derive(Debug, Default)]
struct Last {
    token: Option<Arc<Token>>,
    failure: Option<GrantError>,
    endpoint: Endpoint,
}

/// A right to use a server, renewed as needed.
#[derive(Debug)]
pub struct Grant {
    options: Options,
    client: Client,
    outside: Outside,
    last: Mutex<Last>,
    /// Requests for a token that have ended.
    ended: AtomicU64,
    /// What the server that wants the token asked for last (RFC 9449, section 9).
    nonce: StdMutex<Option<String>>,
}

impl Grant {
    /// A grant; nothing is asked for before it is needed. `client` goes to the token endpoint.
    pub fn new(options: Options, client: Client, outside: Outside) -> Self {
        Self {
            options,
            client,
            outside,
            last: Mutex::default(),
            ended: AtomicU64::default(),
            nonce: StdMutex::default(),
        }
    }

    /// Sends what `make` makes, with a token. A refused token is renewed once, and a nonce that is asked for is taken along:
    /// what was refused so was not done.
    ///
    /// # Errors
    /// As [`GrantedError`] says.
    pub async fn send(
        &self,
        client: &Client,
        make: &(dyn Fn() -> Request + Send + Sync),
        most: usize,
    ) -> Result<Answer, GrantedError> {
        let (mut is_renewed, mut has_nonce) = (false, false);
        loop {
            let token = self.token().await?;
            let mut request = make();
            self.authorise(&mut request, token.value.expose())?;
            let answer = client.send(request, most).await?;
            let asks_for_nonce = self.take_nonce(&answer);
            match answer.status {
                401 if asks_for_nonce && !has_nonce => has_nonce = true,
                401 if !is_renewed => {
                    is_renewed = true;
                    self.forget(&token).await;
                }
                _ => return Ok(answer),
            }
        }
    }

    /// The token; a new one where there is none, or it ends soon.
    async fn token(&self) -> Result<Arc<Token>, GrantError> {
        let seen = self.ended.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        let now = self.outside.clock.now();
        if let Some(token) = last.token.as_ref().filter(|token| now < token.renew) {
            return Ok(Arc::clone(token));
        }
        // What failed while this one waited has failed for it, too: nobody else asks at once.
        if let Some(failure) = last.failure.as_ref().filter(|_| self.ended.load(Ordering::SeqCst) != seen) {
            return Err(failure.clone());
        }
        let asked = self.ask(&mut last.endpoint).await;
        self.ended.fetch_add(1, Ordering::SeqCst);
        match asked {
            Ok(token) => {
                let token = Arc::new(token);
                (last.token, last.failure) = (Some(Arc::clone(&token)), None);
                Ok(token)
            }
            Err(failure) => {
                if let GrantError::Refused(text) = failure {
                    tracing::error!(error.text = text, "the token endpoint refused the gateway; a person has to look");
                }
                (last.token, last.failure) = (None, Some(failure.clone()));
                Err(failure)
            }
        }
    }

    /// Uses a token no more, unless another took its place already.
    async fn forget(&self, refused: &Arc<Token>) {
        let mut last = self.last.lock().await;
        if last.token.as_ref().is_some_and(|token| Arc::ptr_eq(token, refused)) {
            last.token = None;
            last.failure = None;
        }
    }

    fn authorise(&self, request: &mut Request, token: &str) -> Result<(), GrantError> {
        let scheme = if self.options.bound_to.is_some() { "DPoP" } else { "Bearer" };
        let unusable = |_| GrantError::Refused("the token is none that a header can hold");
        let mut value = HeaderValue::from_str(&format!("{scheme} {token}")).map_err(unusable)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        let nonce = self.nonce.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.prove(request, Some(token), nonce.as_deref())
    }

    /// Adds a proof of the key, where tokens are bound to one.
    fn prove(&self, request: &mut Request, token: Option<&str>, nonce: Option<&str>) -> Result<(), GrantError> {
        let Some(key) = &self.options.bound_to else { return Ok(()) };
        let of = Use { method: request.method().as_str(), url: request.url(), token, nonce };
        let proof = proof(key, of, &(self.outside.new_id)(), self.outside.clock.now())?;
        let value = HeaderValue::from_str(&proof).map_err(|_| KeyError::NotSigned)?;
        request.headers_mut().insert(DPOP, value);
        Ok(())
    }

    /// Keeps the nonce of an answer; whether the answer demands it.
    fn take_nonce(&self, answer: &Answer) -> bool {
        let Some(nonce) = nonce(&answer.headers) else { return false };
        *self.nonce.lock().unwrap_or_else(PoisonError::into_inner) = Some(nonce);
        let challenges = answer.headers.get_all(WWW_AUTHENTICATE);
        challenges.iter().any(|value| value.to_str().is_ok_and(|value| value.contains("use_dpop_nonce")))
    }
}

/// A nonce is a text without blanks (RFC 9449, section 8.1).
fn nonce(headers: &HeaderMap) -> Option<String> {
    const LONGEST: usize = 1_024;
    let nonce = headers.get(DPOP_NONCE)?.to_str().ok()?;
    (!nonce.is_empty() && nonce.len() <= LONGEST && !nonce.contains(' ')).then(|| nonce.to_owned())
}
