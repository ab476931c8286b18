//! What goes out: the one HTTP client of the program, and how it says who it is.
//!
//! A request is only sent to an origin that the configuration names. The name of the host is looked up anew for every
//! connection, and only to addresses that [`Policy`] allows: a name that a stranger controls, or that changes between two
//! looks, leads nowhere inside. Redirects are not followed, no proxy of the environment is taken, an answer has a bound and is
//! never unpacked.

mod address;
pub mod grant;
mod policy;
mod proof;
mod resolver;
mod secret;
pub mod signing;
pub mod stream;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Request, Url, redirect};

use self::resolver::{Lookup, SystemLookup};

pub use self::policy::{Policy, Refusal};

/// How a client is made.
#[derive(Default)]
pub struct Options {
    /// Time for one request, answer included.
    pub timeout: Duration,
    /// Issuers of the servers' certificates, PEM; none: those of the system.
    pub ca: Option<Vec<u8>>,
    /// Client certificate and key, PEM.
    pub identity: Option<Vec<u8>>,
}

/// A client.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    policy: Arc<Policy>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, as it came.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing was sent.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The time ran out.
    #[error("no answer in time")]
    Timeout,
    /// There was no connection, or no TLS.
    #[error("no connection")]
    Connect,
    /// The connection ended before the answer did.
    #[error("the connection ended")]
    Cut,
    /// The answer is longer than the bound.
    #[error("the answer is too long")]
    TooLong {
        /// HTTP status.
        status: u16,
    },
}

impl Client {
    /// A client.
    ///
    /// Errors: a text that names the key of the configuration.
    pub fn new(options: &Options, policy: Arc<Policy>) -> Result<Self, &'static str> {
        Self::build(options, policy, Arc::new(SystemLookup), redirect::Policy::none())
    }

    fn build(
        options: &Options,
        policy: Arc<Policy>,
        lookup: Arc<dyn Lookup>,
        redirects: redirect::Policy,
    ) -> Result<Self, &'static str> {
        let mut client = reqwest::Client::builder()
            .timeout(options.timeout)
            .connect_timeout(options.timeout)
            .redirect(redirects)
            .no_proxy()
            .referer(false)
            .dns_resolver(resolver::Guarded::new(lookup, Arc::clone(&policy)))
            .user_agent(concat!("impress-gateway/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &options.ca {
            let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| "ca_file is not PEM")?;
            client = client.tls_certs_only(certificates);
        }
        if let Some(pem) = &options.identity {
            let identity = reqwest::Identity::from_pem(pem).map_err(|_| "client_identity_file is not PEM")?;
            client = client.identity(identity);
        }
        let inner = client.build().map_err(|_| "no TLS client can be made")?;
        Ok(Self { inner, policy })
    }

    /// Sends, and reads an answer of at most so many bytes.
    ///
    /// # Errors
    /// As [`SendError`] says; what was sent may have arrived unless it is [`SendError::Refused`].
    pub async fn send(&self, request: Request, most: usize) -> Result<Answer, SendError> {
        self.policy.check(request.url())?;
        let mut response = self.inner.execute(request).await.map_err(|error| sent(&error))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            if body.len() + chunk.len() > most {
                return Err(SendError::TooLong { status });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }

    /// `GET`.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn get(&self, url: Url, most: usize) -> Result<Answer, SendError> {
        self.send(Request::new(reqwest::Method::GET, url), most).await
    }
}

fn sent(error: &reqwest::Error) -> SendError {
    if let Some(refusal) = refusal(error) {
        return SendError::Refused(refusal);
    }
    if error.is_timeout() {
        SendError::Timeout
    } else if error.is_connect() {
        SendError::Connect
    } else {
        SendError::Cut
    }
}

fn broken(error: &reqwest::Error) -> SendError {
    if error.is_timeout() { SendError::Timeout } else { SendError::Cut }
}

/// What the resolver said, below what the layers above make of it.
fn refusal(error: &reqwest::Error) -> Option<Refusal> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return Some(*refusal);
        }
        cause = inner.source();
    }
    None
}
