//! Requests of the sandbox, over the one HTTP client of the program.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Url};

use crate::outbound::{self, Client, Policy};
use crate::sandbox::client::{Call, Reply, Replying, Wire};

/// Time for one request, and longest answer.
const PATIENCE: Duration = Duration::from_secs(120);
const ANSWER: usize = 64 << 20;

/// Sends to the gateway and the issuer, and nowhere else.
pub(super) struct Http(Client);

impl Http {
    /// Errors: a text for a person.
    pub(super) fn new(bases: &[&str]) -> Result<Self, String> {
        let mut policy = Policy::default();
        for base in bases {
            let url = Url::parse(base).map_err(|error| error.to_string())?;
            policy.allow(&url).map_err(|error| error.to_string())?;
        }
        let options = outbound::Options { timeout: PATIENCE, ca: None, identity: None };
        Ok(Self(Client::new(&options, Arc::new(policy))?))
    }

    async fn call(&self, call: Call) -> Result<Reply, String> {
        let url = Url::parse(&call.url).map_err(|error| error.to_string())?;
        let method = Method::from_bytes(call.method.as_bytes()).map_err(|error| error.to_string())?;
        let mut request = Request::new(method, url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/fhir+json, application/json, */*"));
        if !call.content_type.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(call.content_type));
        }
        if let Some(seconds) = call.wait {
            let value = HeaderValue::from_str(&format!("wait={seconds}")).map_err(|error| error.to_string())?;
            headers.insert("prefer", value);
        }
        if let Some(token) = &call.token {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|error| error.to_string())?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        *request.body_mut() = Some(call.body.into());
        let answer = self.0.send(request, ANSWER).await.map_err(|error| error.to_string())?;
        let header = |(name, value): (&reqwest::header::HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        Ok(Reply {
            status: answer.status,
            headers: answer.headers.iter().filter_map(header).collect(),
            body: answer.body,
        })
    }
}

impl Wire for Http {
    fn send(&self, call: Call) -> Replying<'_> {
        Box::pin(self.call(call))
    }
}
