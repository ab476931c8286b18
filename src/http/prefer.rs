//! What a caller prefers (`Prefer`, RFC 7240): wishes, of which an answer may leave each aside.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};

use crate::fhir_store::Handling;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// What was honoured, where the answer does not show it by itself (RFC 7240, section 3).
pub(super) const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The first preference of a name, in lower case. A name that stands twice counts once (RFC 7240, section 2).
fn preferred(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let values = headers.get_all(PREFER).filter_map(|value| value.to_str().ok());
    let mut words = values.flat_map(|value| value.split([',', ';'])).filter_map(|word| word.split_once('='));
    let (_, value) = words.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    Some(value.trim().trim_matches('"').to_ascii_lowercase())
}

/// `handling=strict|lenient` (R4 search, section 3.1.1.5.1).
pub(super) fn handling(request: &HttpRequest) -> Handling {
    match preferred(request.headers(), "handling").as_deref() {
        Some("strict") => Handling::Strict,
        _ => Handling::Lenient,
    }
}

/// `wait=<seconds>` (RFC 7240, section 4.3).
pub(super) fn wait(request: &HttpRequest) -> Option<Duration> {
    preferred(request.headers(), "wait")?.parse().ok().map(Duration::from_secs)
}

/// `return=minimal`: no body where something was created or changed (R4 http, section 3.1.0.1.8).
pub(super) fn is_minimal(request: &HttpRequest) -> bool {
    preferred(request.headers(), "return").as_deref() == Some("minimal")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_preference_is_found_in_every_form_of_the_list() {
        for (fields, strict, seconds, minimal) in [
            (&["handling=strict"][..], true, None, false),
            (&["Handling=\"strict\", wait=30"], true, Some(30), false),
            (&["respond-async", "WAIT = 5; handling=strict ,return=minimal"], true, Some(5), true),
            (&["handling=lenient", "handling=strict"], false, None, false),
            (&["wait=-1,return=representation"], false, None, false),
            (&["wait=99999999999999999999999", "wait"], false, None, false),
            (&["", "=", ",;,", "return"], false, None, false),
            (&[], false, None, false),
        ] {
            let request =
                fields.iter().fold(TestRequest::get(), |request, field| request.append_header((PREFER, *field)));
            let request = request.to_http_request();
            let found = (handling(&request) == Handling::Strict, wait(&request), is_minimal(&request));
            assert_eq!(found, (strict, seconds.map(Duration::from_secs), minimal), "{fields:?}");
        }
    }
}
