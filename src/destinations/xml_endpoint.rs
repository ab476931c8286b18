//! An endpoint that takes national XML messages over HTTP, such as the adapter of a message service. It may answer with the
//! AppRec of the receiver at once, or not: then the receipt comes later, over the intake.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::fhir_server::{FhirServer, Media, Options, detail, refused};
use super::{Destination, End, Sending, Verdict};
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::outbound::{Answer, Policy};
use crate::sources::henvisning::read_app_rec;

const XML: Media = Media { sent: "application/xml; charset=utf-8", accepted: "application/xml" };

/// An endpoint. It is reached as a FHIR server is: client certificate, secret or access token, timeouts and all.
#[derive(Debug)]
pub struct XmlEndpoint {
    server: FhirServer,
    limits: Limits,
}

impl XmlEndpoint {
    /// A client of the endpoint, whose origin the policy must allow.
    ///
    /// Errors: a text that names the key of the configuration.
    pub fn new(options: Options, policy: &Arc<Policy>) -> Result<Self, &'static str> {
        Ok(Self { server: FhirServer::new(options, policy)?, limits: Limits::default() })
    }

    /// The longest time of an attempt.
    pub fn longest(&self) -> Duration {
        self.server.longest()
    }

    async fn post(&self, sending: Sending<'_>) -> Verdict {
        match self.server.exchange(sending, XML).await {
            Ok(answer) => judge(&answer, sending.body, &self.limits),
            Err(verdict) => verdict,
        }
    }
}

impl Destination for XmlEndpoint {
    fn send<'a>(&'a self, sending: Sending<'a>) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        Box::pin(self.post(sending))
    }
}

/// What an answer says. Only an AppRec for this very message says more than that it was taken.
fn judge(answer: &Answer, sent: &str, limits: &Limits) -> Verdict {
    if !(200..=299).contains(&answer.status) {
        return refused(answer);
    }
    let verdict = |end, code, detail| Verdict { end, status: Some(answer.status), code, detail };
    match read_app_rec(&answer.body, limits) {
        Ok(receipt) if Some(receipt.original.as_str()) != message_id(sent) => {
            let text = "the answer is the receipt of another message".to_owned();
            verdict(End::Again(None), IssueCode::DeliveryResponseInvalid, text)
        }
        Ok(receipt) if receipt.is_positive => verdict(End::Delivered, IssueCode::ReceiptPositive, String::new()),
        Ok(_) => verdict(End::Dead, IssueCode::ReceiptNegative, detail(&answer.body)),
        Err(_) => verdict(End::Delivered, IssueCode::DeliveryDone, String::new()),
    }
}

/// Id of a message that the gateway wrote.
fn message_id(sent: &str) -> Option<&str> {
    let (_, rest) = sent.split_once("<MsgId>")?;
    rest.split_once("</MsgId>").map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    const ID: &str = "0f000001-0000-4000-8000-000000000001";

    fn app_rec(original: &str, status: &str) -> String {
        format!(
            "<AppRec xmlns=\"http://www.kith.no/xmlstds/apprec/2012-02-15\"><Id>r1</Id><Status V=\"{status}\"/>\
             <OriginalMsgId><Id>{original}</Id></OriginalMsgId></AppRec>"
        )
    }

    fn judged(status: u16, body: &str) -> Verdict {
        let answer = Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
        judge(&answer, &format!("<MsgHead><MsgInfo><MsgId>{ID}</MsgId></MsgInfo></MsgHead>"), &Limits::default())
    }

    #[test]
    fn what_is_taken_is_delivered_with_or_without_a_receipt() {
        for (status, body, code) in [
            (200, app_rec(ID, "1"), IssueCode::ReceiptPositive),
            (202, app_rec(&ID.to_uppercase(), "1"), IssueCode::ReceiptPositive),
            (202, String::new(), IssueCode::DeliveryDone),
            (204, String::new(), IssueCode::DeliveryDone),
            (200, "{\"id\": \"x\"}".to_owned(), IssueCode::DeliveryDone),
            (200, "<other/>".to_owned(), IssueCode::DeliveryDone),
        ] {
            let verdict = judged(status, &body);
            assert_eq!((verdict.end, verdict.code), (End::Delivered, code), "{status} {body}");
        }
    }

    #[test]
    fn a_rejection_is_dead() {
        for status in ["2", "3"] {
            let verdict = judged(200, &app_rec(ID, status));
            assert_eq!((verdict.end, verdict.code), (End::Dead, IssueCode::ReceiptNegative), "{status}");
        }
    }

    #[test]
    fn the_receipt_of_another_message_says_nothing_of_this_one() {
        let other = "0f000001-0000-4000-8000-000000000002";
        let verdict = judged(200, &app_rec(other, "1"));
        assert_eq!((verdict.end, verdict.code), (End::Again(None), IssueCode::DeliveryResponseInvalid));
    }

    #[test]
    fn a_status_decides_as_that_of_a_fhir_server() {
        for (status, end, code) in [
            (503, End::Again(None), IssueCode::DeliveryThrottled),
            (500, End::Again(None), IssueCode::DeliveryFailed),
            (401, End::Again(None), IssueCode::DeliveryFailed),
            (400, End::Dead, IssueCode::DeliveryRefused),
        ] {
            let verdict = judged(status, &app_rec(ID, "1"));
            assert_eq!((verdict.end, verdict.code), (end, code), "{status}");
        }
    }
}
