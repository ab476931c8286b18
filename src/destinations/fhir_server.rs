//! A FHIR R4 server: transactions over HTTP (FHIR R4, section 3.1.0.11), each answer checked entry by entry.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, Url, redirect};
use serde_json::Value;

use super::{Destination, End, Sending, Verdict};
use crate::domain::issue::IssueCode;

/// Longest answer that is read, in bytes.
const ANSWER_BYTES: usize = 8 << 20;

/// What is kept of an answer with an attempt, in bytes.
const DETAIL_BYTES: usize = 4_000;

/// How the server is reached.
pub struct Options {
    /// Base of the server.
    pub url: String,
    /// Time for one request, answer included.
    pub timeout: Duration,
    /// Issuers of the server's certificate, PEM; none: those of the system.
    pub ca: Option<Vec<u8>>,
    /// Client certificate and key, PEM.
    pub identity: Option<Vec<u8>>,
    /// Bearer secret.
    pub bearer: Option<String>,
}

/// A FHIR server.
#[derive(Debug)]
pub struct FhirServer {
    client: Client,
    url: Url,
    authorization: Option<HeaderValue>,
}

impl FhirServer {
    /// A client of the server.
    ///
    /// Errors: a text that names the key of the configuration.
    pub fn new(options: Options) -> Result<Self, &'static str> {
        let url = Url::parse(&options.url).map_err(|_| "url is no URL")?;
        let is_local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && is_local) {
            return Err("url is neither https nor on this host");
        }
        let mut client = Client::builder()
            .timeout(options.timeout)
            .connect_timeout(options.timeout)
            // What is sent is for one server: wherever it points to was not configured.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("impress-gateway/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &options.ca {
            let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| "ca_file is not PEM")?;
            client = client.tls_certs_only(certificates);
        }
        if let Some(pem) = &options.identity {
            let identity = reqwest::Identity::from_pem(pem).map_err(|_| "client_identity_file is not PEM")?;
            client = client.identity(identity);
        }
        let authorization = options
            .bearer
            .map(|secret| HeaderValue::from_str(&format!("Bearer {}", secret.trim())))
            .transpose()
            .map_err(|_| "bearer_file holds what no header can")?
            .map(|mut value| {
                value.set_sensitive(true);
                value
            });
        let client = client.build().map_err(|_| "no TLS client can be made")?;
        Ok(Self { client, url, authorization })
    }

    async fn post(&self, sending: Sending<'_>) -> Verdict {
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/fhir+json; charset=utf-8")
            .header(ACCEPT, "application/fhir+json")
            .header("X-Request-Id", sending.id)
            .header("Idempotency-Key", sending.id)
            .body(sending.body.to_owned());
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        match request.send().await {
            Ok(response) => judge(response, entries(sending.body)).await,
            Err(error) => {
                let what = if error.is_timeout() {
                    "no answer in time"
                } else if error.is_connect() {
                    "no connection"
                } else {
                    "the connection ended"
                };
                verdict(End::Again(None), None, IssueCode::DeliveryUnreachable, what)
            }
        }
    }
}

impl Destination for FhirServer {
    fn send<'a>(
        &'a self,
        sending: Sending<'a>,
    ) -> std::pin::Pin<Box<dyn std::future::Future<Output = Verdict> + Send + 'a>> {
        Box::pin(self.post(sending))
    }
}

async fn judge(mut response: Response, sent: usize) -> Verdict {
    let status = response.status().as_u16();
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(seconds);
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Ok(Some(_)) => {
                let text = "the answer is longer than 8 MiB";
                return verdict(End::Again(after), Some(status), IssueCode::DeliveryResponseInvalid, text);
            }
            Err(_) => {
                let text = "the answer was cut off";
                return verdict(End::Again(after), Some(status), IssueCode::DeliveryUnreachable, text);
            }
        }
    }
    let again = |code| Verdict { end: End::Again(after), status: Some(status), code, detail: detail(&body) };
    match status {
        200..=299 => of_response(&body, sent, status),
        408 | 425 | 429 => again(IssueCode::DeliveryThrottled),
        // Who we are can be put right at the destination, e.g. a new certificate; nothing is wrong with what is sent.
        401 | 403 | 407 => again(IssueCode::DeliveryFailed),
        400..=499 => {
            Verdict { end: End::Dead, status: Some(status), code: IssueCode::DeliveryRefused, detail: detail(&body) }
        }
        503 => again(IssueCode::DeliveryThrottled),
        _ => again(IssueCode::DeliveryFailed),
    }
}

/// A transaction response has an entry for each that was sent, each with a status (FHIR R4, section 3.1.0.11.2).
fn of_response(body: &[u8], sent: usize, status: u16) -> Verdict {
    let invalid = |text| verdict(End::Again(None), Some(status), IssueCode::DeliveryResponseInvalid, text);
    let Ok(response) = serde_json::from_slice::<Value>(body) else { return invalid("the answer is not JSON") };
    if response.get("type").and_then(Value::as_str) != Some("transaction-response") {
        return invalid("the answer is no transaction response");
    }
    let entries = response.get("entry").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if entries.len() != sent {
        return invalid("the answer has another number of entries than was sent");
    }
    let refused = entries.iter().find(|entry| {
        let status = entry.pointer("/response/status").and_then(Value::as_str).unwrap_or_default();
        !status.starts_with('2')
    });
    match refused {
        None => verdict(End::Delivered, Some(status), IssueCode::DeliveryDone, ""),
        Some(entry) => Verdict {
            end: End::Dead,
            status: Some(status),
            code: IssueCode::DeliveryEntryRefused,
            detail: detail(entry.pointer("/response").unwrap_or(entry).to_string().as_bytes()),
        },
    }
}

/// Seconds of Retry-After (RFC 9110, section 10.2.3); a date is not read: the schedule holds then.
fn seconds(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_secs)
}

fn entries(body: &str) -> usize {
    let count = |bundle: Value| bundle.get("entry").and_then(Value::as_array).map_or(0, Vec::len);
    serde_json::from_str(body).map_or(0, count)
}

fn verdict(end: End, status: Option<u16>, code: IssueCode, detail: &str) -> Verdict {
    Verdict { end, status, code, detail: detail.to_owned() }
}

/// The beginning of an answer.
fn detail(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..DETAIL_BYTES).unwrap_or(body)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(statuses: &[&str]) -> String {
        let entries: Vec<Value> =
            statuses.iter().map(|status| serde_json::json!({"response": {"status": status}})).collect();
        serde_json::json!({"resourceType": "Bundle", "type": "transaction-response", "entry": entries}).to_string()
    }

    #[test]
    fn every_entry_must_be_stored() {
        let judge = |body: &str| of_response(body.as_bytes(), 2, 200);
        assert_eq!(judge(&response(&["201 Created", "200"])).end, End::Delivered);
        let refused = judge(&response(&["201 Created", "422 Unprocessable"]));
        assert_eq!((refused.end, refused.code), (End::Dead, IssueCode::DeliveryEntryRefused));
        for body in ["", "{}", &response(&["200"]), "{\"type\":\"batch-response\"}"] {
            let verdict = judge(body);
            assert_eq!((verdict.end, verdict.code), (End::Again(None), IssueCode::DeliveryResponseInvalid), "{body}");
        }
    }

    #[test]
    fn a_server_beyond_this_host_is_reached_by_tls_only() {
        let new = |url: &str| {
            let _ = rustls::crypto::ring::default_provider().install_default();
            let timeout = Duration::from_secs(1);
            let options = Options { url: url.to_owned(), timeout, ca: None, identity: None, bearer: None };
            FhirServer::new(options).map(|_| ())
        };
        assert_eq!(new("http://trial.example/fhir"), Err("url is neither https nor on this host"));
        assert_eq!(new("http://127.0.0.1.trial.example/fhir"), Err("url is neither https nor on this host"));
        assert_eq!(new("ftp://127.0.0.1/"), Err("url is neither https nor on this host"));
        assert_eq!(new("trial"), Err("url is no URL"));
        assert_eq!(new("http://127.0.0.1:1/fhir"), Ok(()));
        assert_eq!(new("https://trial.example/fhir"), Ok(()));
    }
}
