//! A FHIR R4 server: transactions over HTTP (FHIR R4, section 3.1.0.11), each answer checked entry by entry.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Request, Url};
use serde_json::Value;

use super::{Destination, End, Sending, Verdict};
use crate::domain::issue::IssueCode;
use crate::outbound::grant::{Grant, GrantError, GrantedError};
use crate::outbound::{self, Answer, Client, Policy, SendError};

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
    /// Access tokens, in place of a secret.
    pub grant: Option<Grant>,
}

/// Media types of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Media {
    pub(super) sent: &'static str,
    pub(super) accepted: &'static str,
}

const FHIR: Media = Media { sent: "application/fhir+json; charset=utf-8", accepted: "application/fhir+json" };

/// Requests that one attempt can take with access tokens: metadata, token and token with a nonce, and what is sent, with a
/// nonce, with a new token.
const REQUESTS: u32 = 3;

/// A FHIR server.
#[derive(Debug)]
pub struct FhirServer {
    client: Client,
    url: Url,
    authorization: Option<HeaderValue>,
    grant: Option<Grant>,
    longest: Duration,
}

impl FhirServer {
    /// A client of the server, whose origin the policy must allow.
    ///
    /// Errors: a text that names the key of the configuration.
    pub fn new(options: Options, policy: &Arc<Policy>) -> Result<Self, &'static str> {
        let url = Url::parse(&options.url).map_err(|_| "url is no URL")?;
        let http = outbound::Options { timeout: options.timeout, ca: options.ca, identity: options.identity };
        let client = Client::new(&http, Arc::clone(policy))?;
        let authorization = super::bearer(options.bearer)?;
        let longest = longest(options.timeout, options.grant.is_some());
        Ok(Self { client, url, authorization, grant: options.grant, longest })
    }

    /// The longest time of an attempt.
    pub fn longest(&self) -> Duration {
        self.longest
    }

    async fn post(&self, sending: Sending<'_>) -> Verdict {
        match self.exchange(sending, FHIR).await {
            Ok(answer) => judge(&answer, entries(sending.body)),
            Err(verdict) => verdict,
        }
    }

    /// Posts a body of a media type, and gives the answer.
    ///
    /// # Errors
    /// There is no answer; what that means for the delivery.
    pub(super) async fn exchange(&self, sending: Sending<'_>, media: Media) -> Result<Answer, Verdict> {
        let Ok(id) = HeaderValue::from_str(sending.id) else {
            return Err(verdict(End::Again(None), None, IssueCode::DeliveryFailed, "the request cannot be made"));
        };
        let request = || self.request(&id, sending.body, media);
        let sent = async {
            match &self.grant {
                None => Ok(self.client.send(request(), ANSWER_BYTES).await?),
                Some(grant) => grant.send(&self.client, &request, ANSWER_BYTES).await,
            }
        };
        match tokio::time::timeout(self.longest, sent).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(GrantedError::Send(error))) => Err(unanswered(&error)),
            Ok(Err(GrantedError::Grant(error))) => Err(unauthorised(&error)),
            Err(_) => Err(unanswered(&SendError::Timeout)),
        }
    }

    fn request(&self, id: &HeaderValue, body: &str, media: Media) -> Request {
        let mut request = Request::new(Method::POST, self.url.clone());
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media.sent));
        headers.insert(ACCEPT, HeaderValue::from_static(media.accepted));
        headers.insert("X-Request-Id", id.clone());
        headers.insert("Idempotency-Key", id.clone());
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        *request.body_mut() = Some(body.to_owned().into());
        request
    }
}

fn longest(timeout: Duration, has_grant: bool) -> Duration {
    // A little more than the request's own time, which says better what happened.
    let requests = if has_grant { REQUESTS } else { 1 };
    timeout * requests + Duration::from_secs(1)
}

impl Destination for FhirServer {
    fn send<'a>(
        &'a self,
        sending: Sending<'a>,
    ) -> std::pin::Pin<Box<dyn std::future::Future<Output = Verdict> + Send + 'a>> {
        Box::pin(self.post(sending))
    }
}

/// What an answer in full says.
fn judge(answer: &Answer, sent: usize) -> Verdict {
    let status = answer.status;
    if (200..=299).contains(&status) {
        return of_response(&answer.body, sent, status);
    }
    refused(answer)
}

/// What an answer says that is no success.
pub(super) fn refused(answer: &Answer) -> Verdict {
    let (end, code) = refusal(answer.status, retry_after(&answer.headers));
    Verdict { end, status: Some(answer.status), code, detail: detail(&answer.body) }
}

/// Nothing came back that can be read.
fn unanswered(error: &SendError) -> Verdict {
    let (status, code) = match error {
        SendError::TooLong { status } => (Some(*status), IssueCode::DeliveryResponseInvalid),
        SendError::Refused(_) => (None, IssueCode::DeliveryAddressRefused),
        SendError::Timeout | SendError::Connect | SendError::Cut => (None, IssueCode::DeliveryUnreachable),
    };
    verdict(End::Again(None), status, code, &error.to_string())
}

/// There was no token: nothing was sent, so that there is no status of the destination, and no number of attempts after which
/// a delivery is given up. It is due again until the token endpoint gives one.
fn unauthorised(error: &GrantError) -> Verdict {
    let (after, code) = match error {
        GrantError::Refused(_) => (None, IssueCode::DeliveryTokenRefused),
        GrantError::Unreachable { after, .. } => (*after, IssueCode::DeliveryTokenUnreachable),
        GrantError::Address(_) => (None, IssueCode::DeliveryAddressRefused),
    };
    verdict(End::Again(after), None, code, &error.to_string())
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
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

fn entries(body: &str) -> usize {
    let count = |bundle: Value| bundle.get("entry").and_then(Value::as_array).map_or(0, Vec::len);
    serde_json::from_str(body).map_or(0, count)
}

fn verdict(end: End, status: Option<u16>, code: IssueCode, detail: &str) -> Verdict {
    Verdict { end, status, code, detail: detail.to_owned() }
}

/// The beginning of an answer.
pub(super) fn detail(body: &[u8]) -> String {
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
    fn what_is_not_sent_or_not_answered_is_tried_again() {
        for (error, status, code) in [
            (SendError::Refused(outbound::Refusal::Address), None, IssueCode::DeliveryAddressRefused),
            (SendError::Timeout, None, IssueCode::DeliveryUnreachable),
            (SendError::Connect, None, IssueCode::DeliveryUnreachable),
            (SendError::Cut, None, IssueCode::DeliveryUnreachable),
            (SendError::TooLong { status: 200 }, Some(200), IssueCode::DeliveryResponseInvalid),
        ] {
            let verdict = unanswered(&error);
            assert_eq!((verdict.end, verdict.status, verdict.code), (End::Again(None), status, code), "{error}");
        }
    }

    #[test]
    fn without_a_token_a_delivery_is_never_given_up() {
        let asked = Some(Duration::from_secs(7));
        let unreachable = GrantError::Unreachable { text: "it answers with 503".to_owned(), after: asked };
        for (error, after, code) in [
            (GrantError::Refused("invalid_client"), None, IssueCode::DeliveryTokenRefused),
            (unreachable, asked, IssueCode::DeliveryTokenUnreachable),
            (GrantError::Address(outbound::Refusal::Origin), None, IssueCode::DeliveryAddressRefused),
        ] {
            let verdict = unauthorised(&error);
            assert_eq!((verdict.end, verdict.status, verdict.code), (End::Again(after), None, code), "{error}");
        }
    }

    #[test]
    fn a_date_of_retry_after_leaves_the_schedule_in_force() {
        for (value, expected) in
            [("7", Some(7)), (" 0 ", Some(0)), ("Fri, 31 Dec 1999 23:59:59 GMT", None), ("-1", None), ("", None)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
            assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{value}");
        }
    }
}
