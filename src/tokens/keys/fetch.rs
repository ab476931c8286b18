//! How a set of keys is fetched.

use std::sync::{Arc, Mutex, PoisonError};

use openidconnect::core::{CoreJsonWebKeySet, CoreProviderMetadata};
use openidconnect::url::Url;
use openidconnect::{DiscoveryError, HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySetUrl, http};
use serde_json::Value;

use super::{Key, Source};
use crate::outbound::{Client, SendError};

/// Longest answer, in bytes.
const BYTES: usize = 1 << 20;

pub(super) struct Fetched {
    pub(super) keys: Vec<Key>,
    /// Seconds that the set may be kept, where the issuer says so.
    pub(super) max_age: Option<i64>,
}

/// Why a set was not fetched. No text of the answer: it is a stranger's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the address is neither https nor on this host, or none that the configuration allows")]
    Address,
    #[error("there was no answer in time")]
    Unreachable,
    #[error("the answer is longer than a set of keys is")]
    TooLong,
    #[error("the answer is another status than 200, or no JSON of its kind")]
    Answer,
    #[error("the discovery document names another issuer")]
    Issuer,
}

pub(super) async fn fetch(issuer: &str, source: &Source, client: &Client) -> Result<Fetched, FetchError> {
    let last = Arc::new(Mutex::new(Last::default()));
    let call = |request: HttpRequest| send(client.clone(), request, Arc::clone(&last));
    let _: CoreJsonWebKeySet = match source {
        Source::Url(url) => {
            CoreJsonWebKeySet::fetch_async(&JsonWebKeySetUrl::from_url(url.clone()), &call).await.map_err(failure)?
        }
        Source::Discovery => {
            let url = IssuerUrl::new(issuer.to_owned()).map_err(|_| FetchError::Address)?;
            let metadata = CoreProviderMetadata::discover_async(url, &call).await.map_err(failure)?;
            // Character by character (OpenID Connect Discovery 1.0, section 4.3).
            if metadata.issuer().as_str() != issuer {
                return Err(FetchError::Issuer);
            }
            metadata.jwks().clone()
        }
    };
    // The set came last. Its keys are read from the text: the types that it was checked with leave out what a key is for.
    let last = last.lock().unwrap_or_else(PoisonError::into_inner);
    let set: Set = serde_json::from_slice(&last.body).map_err(|_| FetchError::Answer)?;
    let keys = set.keys.iter().filter_map(|key| Key::from_jwk(key.as_object()?).ok()).collect();
    Ok(Fetched { keys, max_age: last.max_age })
}

/// The answer that came last, as text, and how long it may be kept.
#[derive(Default)]
struct Last {
    body: Vec<u8>,
    max_age: Option<i64>,
}

/// A set of keys (RFC 7517, section 5); one of a kind that is not used here is left out.
#[derive(serde::Deserialize)]
struct Set {
    keys: Vec<Value>,
}

fn failure(error: DiscoveryError<FetchError>) -> FetchError {
    match error {
        DiscoveryError::Request(error) => error,
        DiscoveryError::Validation(_) => FetchError::Issuer,
        DiscoveryError::UrlParse(_) => FetchError::Address,
        _ => FetchError::Answer,
    }
}

async fn send(client: Client, request: HttpRequest, last: Arc<Mutex<Last>>) -> Result<HttpResponse, FetchError> {
    let url: Url = request.uri().to_string().parse().map_err(|_| FetchError::Address)?;
    if !is_protected(&url) {
        return Err(FetchError::Address);
    }
    let mut asked = reqwest::Request::new(reqwest::Method::GET, url);
    if let Some(accept) = request.headers().get(http::header::ACCEPT) {
        asked.headers_mut().insert(http::header::ACCEPT, accept.clone());
    }
    let answer = client.send(asked, BYTES).await.map_err(|error| match error {
        SendError::Refused(_) => FetchError::Address,
        SendError::TooLong { .. } => FetchError::TooLong,
        _ => FetchError::Unreachable,
    })?;
    let told = answer.headers.get(http::header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
    *last.lock().unwrap_or_else(PoisonError::into_inner) =
        Last { body: answer.body.clone(), max_age: told.and_then(kept).filter(|seconds| *seconds >= 0) };
    let mut response = http::Response::builder().status(answer.status);
    if let Some(kind) = answer.headers.get(http::header::CONTENT_TYPE) {
        response = response.header(http::header::CONTENT_TYPE, kind);
    }
    response.body(answer.body).map_err(|_| FetchError::Answer)
}

/// Seconds that an answer may be kept (RFC 9111, section 5.2.2).
fn kept(cache_control: &str) -> Option<i64> {
    let mut directives = cache_control.split(',').map(|directive| directive.trim().to_ascii_lowercase());
    if directives.clone().any(|directive| directive == "no-store" || directive == "no-cache") {
        return Some(0);
    }
    directives.find_map(|directive| directive.strip_prefix("max-age=")?.trim_matches('"').parse().ok())
}

/// Nobody between can change what comes: TLS, or this host.
pub(super) fn is_protected(url: &Url) -> bool {
    use openidconnect::url::Host;
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}
