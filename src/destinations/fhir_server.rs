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
    if (200..=299).contains(&status) {
        return of_response(&body, sent, status);
    }
    let (end, code) = refusal(status, after);
    Verdict { end, status: Some(status), code, detail: detail(&body) }
}

/// Whether a status that is no success can heal.
fn refusal(status: u16, after: Option<Duration>) -> (End, IssueCode) {
    match status {
        408 | 425 | 429 | 503 => (End::Again(after), IssueCode::DeliveryThrottled),
        // Who we are can be put right at the destination, e.g. a new certificate; nothing is wrong with what is sent.
        401 | 403 | 407 => (End::Again(after), IssueCode::DeliveryFailed),
        // Another transaction writes the same resource, e.g. the organization of two patients.
        409 | 423 => (End::Again(after), IssueCode::DeliveryFailed),
        400..=499 => (End::Dead, IssueCode::DeliveryRefused),
        _ => (End::Again(after), IssueCode::DeliveryFailed),
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
    let mut refused: Option<(End, IssueCode, &Value)> = None;
    for entry in entries {
        let Some(of_entry) = status_of(entry) else { return invalid("an entry of the answer has no status") };
        if (200..=299).contains(&of_entry) {
            continue;
        }
        let (end, code) = match refusal(of_entry, None) {
            (End::Dead, _) => (End::Dead, IssueCode::DeliveryEntryRefused),
            again => again,
        };
        // One that cannot heal decides: the transaction will never be stored as it is.
        if refused.is_none() || end == End::Dead {
            refused = Some((end, code, entry));
        }
        if end == End::Dead {
            break;
        }
    }
    match refused {
        None => verdict(End::Delivered, Some(status), IssueCode::DeliveryDone, ""),
        Some((end, code, entry)) => {
            let said = entry.pointer("/response").unwrap_or(entry).to_string();
            Verdict { end, status: Some(status), code, detail: detail(said.as_bytes()) }
        }
    }
}

/// The HTTP status of an entry of an answer, e.g. of "201 Created" (FHIR R4, Bundle.entry.response.status).
fn status_of(entry: &Value) -> Option<u16> {
    let text = entry.pointer("/response/status").and_then(Value::as_str)?;
    text.split(' ').next().filter(|digits| digits.len() == 3)?.parse().ok()
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
        for (statuses, end, code) in [
            (["201 Created", "422 Unprocessable"], End::Dead, IssueCode::DeliveryEntryRefused),
            (["503 Service Unavailable", "201 Created"], End::Again(None), IssueCode::DeliveryThrottled),
            (["500", "201"], End::Again(None), IssueCode::DeliveryFailed),
            // The one that cannot heal decides, wherever it stands.
            (["500", "404 Not Found"], End::Dead, IssueCode::DeliveryEntryRefused),
            (["404 Not Found", "500"], End::Dead, IssueCode::DeliveryEntryRefused),
        ] {
            let refused = judge(&response(&statuses));
            assert_eq!((refused.end, refused.code), (end, code), "{statuses:?}");
            assert!(refused.detail.contains("status"), "{statuses:?}");
        }
        for body in ["", "{}", &response(&["200"]), "{\"type\":\"batch-response\"}", &response(&["200", ""])] {
            let verdict = judge(body);
            assert_eq!((verdict.end, verdict.code), (End::Again(None), IssueCode::DeliveryResponseInvalid), "{body}");
        }
    }

    #[test]
    fn a_status_says_whether_trying_again_can_help() {
        let asked = Some(Duration::from_secs(7));
        for status in [401, 403, 407, 408, 409, 423, 425, 429, 300, 500, 502, 503, 504] {
            assert_eq!(refusal(status, asked).0, End::Again(asked), "{status}");
        }
        for status in [400, 404, 405, 406, 410, 412, 413, 415, 422] {
            assert_eq!(refusal(status, asked), (End::Dead, IssueCode::DeliveryRefused), "{status}");
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
