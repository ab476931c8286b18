//! A FHIR R4 server that is asked for what is new: pages of a search (FHIR R4, section 3.1.1).

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::{Method, Request, Url};
use serde_json::Value;

use super::fhir_server::Options;
use crate::outbound::grant::{Grant, GrantedError};
use crate::outbound::{self, Client, Policy};

/// Longest page that is read, in bytes.
const PAGE_BYTES: usize = 32 << 20;

/// Requests that one page can take with access tokens.
const REQUESTS: u32 = 6;

/// Why a page could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There was no answer.
    #[error("there was no answer: {0}")]
    Unanswered(String),
    /// The answer is an error.
    #[error("the answer has status {0}")]
    Status(u16),
    /// The answer is no searchset.
    #[error("the answer is no Bundle of a search")]
    NoPage,
}

/// A page of a search.
#[derive(Debug, Default)]
pub struct Page {
    /// Resources that match.
    pub resources: Vec<Value>,
    /// Where the next page is.
    pub next: Option<Url>,
}

/// A FHIR server that is searched.
#[derive(Debug)]
pub struct FhirSource {
    client: Client,
    base: Url,
    authorization: Option<HeaderValue>,
    grant: Option<Grant>,
    longest: Duration,
}

impl FhirSource {
    /// A client of the server, whose origin the policy must allow.
    ///
    /// Errors: a text that names the key of the configuration.
    pub fn new(options: Options, policy: &Arc<Policy>) -> Result<Self, &'static str> {
        let base = Url::parse(options.url.trim_end_matches('/')).map_err(|_| "url is no URL")?;
        let http = outbound::Options { timeout: options.timeout, ca: options.ca, identity: options.identity };
        let client = Client::new(&http, Arc::clone(policy))?;
        let authorization = super::bearer(options.bearer)?;
        let longest = options.timeout * REQUESTS;
        Ok(Self { client, base, authorization, grant: options.grant, longest })
    }

    /// The first page of what was changed after a time, oldest first.
    ///
    /// # Errors
    /// As [`SourceError`] says.
    pub async fn changed(&self, kind: &str, after: Option<jiff::Timestamp>) -> Result<Page, SourceError> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(kind);
        }
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("_lastUpdated", &format!("gt{after}"));
        }
        url.query_pairs_mut().append_pair("_sort", "_lastUpdated");
        self.page(url).await
    }

    /// A page. It is only asked for at the server itself: whatever the link says, the secret goes nowhere else.
    ///
    /// # Errors
    /// As [`SourceError`] says.
    pub async fn page(&self, url: Url) -> Result<Page, SourceError> {
        if url.origin() != self.base.origin() {
            return Err(SourceError::NoPage);
        }
        let request = || {
            let mut request = Request::new(Method::GET, url.clone());
            request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/fhir+json"));
            if let Some(authorization) = &self.authorization {
                request.headers_mut().insert(AUTHORIZATION, authorization.clone());
            }
            request
        };
        let sent = async {
            match &self.grant {
                None => self.client.send(request(), PAGE_BYTES).await.map_err(GrantedError::Send),
                Some(grant) => grant.send(&self.client, &request, PAGE_BYTES).await,
            }
        };
        let answer = tokio::time::timeout(self.longest, sent)
            .await
            .map_err(|_| SourceError::Unanswered("no answer in time".to_owned()))?
            .map_err(|error| SourceError::Unanswered(error.to_string()))?;
        if answer.status != 200 {
            return Err(SourceError::Status(answer.status));
        }
        read(&answer.body).ok_or(SourceError::NoPage)
    }
}

fn read(body: &[u8]) -> Option<Page> {
    let mut bundle: Value = serde_json::from_slice(body).ok()?;
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    if text(&bundle, "resourceType")? != "Bundle" || text(&bundle, "type")? != "searchset" {
        return None;
    }
    let links = bundle.get("link").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let next = links.iter().find(|link| text(link, "relation").as_deref() == Some("next"));
    let next = next.map(|link| text(link, "url").and_then(|url| Url::parse(&url).ok()).ok_or(())).transpose().ok()?;
    let entries = match bundle.get_mut("entry").map(Value::take) {
        Some(Value::Array(entries)) => entries,
        None => Vec::new(),
        Some(_) => return None,
    };
    let is_match = |entry: &Value| {
        let mode = entry.get("search").and_then(|search| text(search, "mode"));
        mode.is_none_or(|mode| mode == "match")
    };
    let resources =
        entries.into_iter().filter(is_match).filter_map(|mut entry| entry.get_mut("resource").map(Value::take));
    Some(Page { resources: resources.collect(), next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_what_matches_and_where_it_goes_on() {
        let page = read(
            br#"{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"http://a.example/fhir?p=2"}],
                "entry":[{"resource":{"id":"1"}},{"resource":{"id":"2"},"search":{"mode":"outcome"}},
                {"resource":{"id":"3"},"search":{"mode":"match"}}]}"#,
        )
        .unwrap();
        let ids: Vec<&str> = page.resources.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["1", "3"]);
        assert_eq!(page.next.unwrap().as_str(), "http://a.example/fhir?p=2");
    }

    #[tokio::test]
    async fn a_page_of_another_origin_is_not_asked_for() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut policy = Policy::default();
        for url in ["http://127.0.0.1:9/fhir", "http://127.0.0.1:10/fhir"] {
            policy.allow(&Url::parse(url).unwrap()).unwrap();
        }
        let options = Options {
            url: "http://127.0.0.1:9/fhir".to_owned(),
            timeout: Duration::from_secs(1),
            ca: None,
            identity: None,
            bearer: Some("secret".to_owned()),
            grant: None,
        };
        let source = FhirSource::new(options, &Arc::new(policy)).unwrap();
        let elsewhere = Url::parse("http://127.0.0.1:10/fhir/Task?page=2").unwrap();
        assert_eq!(source.page(elsewhere).await.unwrap_err(), SourceError::NoPage);
        let own = Url::parse("http://127.0.0.1:9/fhir/Task?page=2").unwrap();
        assert!(matches!(source.page(own).await.unwrap_err(), SourceError::Unanswered(_)));
    }

    #[test]
    fn what_is_no_page_is_none() {
        for body in [
            "",
            "[]",
            r#"{"resourceType":"Bundle","type":"transaction-response"}"#,
            r#"{"resourceType":"OperationOutcome"}"#,
            r#"{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"no url"}]}"#,
            r#"{"resourceType":"Bundle","type":"searchset","entry":{}}"#,
        ] {
            assert!(read(body.as_bytes()).is_none(), "{body}");
        }
        assert!(read(br#"{"resourceType":"Bundle","type":"searchset"}"#).unwrap().resources.is_empty());
    }
}
