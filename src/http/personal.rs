//! National numbers stand in no address: addresses are kept by browsers, proxies and logs on the way.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};

use super::error::Problem;

/// Digits of a national number.
const DIGITS: usize = 11;

/// Refuses a request whose address may hold a national number, before anybody notes it; whoever has one searches with POST.
pub(super) async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if has_number(request.path()) || has_number(request.uri().path()) || is_personal(request.query_string()) {
        let response = Problem::personal_in_url().error_response();
        return Ok(request.into_response(response));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Whether a national number may stand in the parameters of an address, however it is written.
fn is_personal(query: &str) -> bool {
    let Ok(pairs) = web::Query::<Vec<(String, String)>>::from_query(query) else { return has_number(query) };
    pairs.iter().any(|(name, value)| has_number(name) || has_number(value) || name == "patient.identifier")
}

/// Eleven digits that are no part of a longer word; blanks between them do not count.
pub(super) fn has_number(text: &str) -> bool {
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    dense
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word.len() == DIGITS && word.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eleven_digits_in_an_address_may_be_a_person() {
        for query in [
            "patient=05898597468",
            "patient.identifier=x",
            "patient.identifier=urn:oid:2.16.578.1.12.4.1.4.1%7C05898597468",
            "05898597468",
            "x=058985%2097468",
            "agent=%30%35898597468",
        ] {
            assert!(is_personal(query), "{query}");
        }
        for query in ["patient=11111111-1111-8111-8111-111111111111", "date=2026-05-28", "agent=983974732", ""] {
            assert!(!is_personal(query), "{query}");
        }
        for path in ["/messages/05898597468", "/fhir/Patient/058985 97468"] {
            assert!(has_number(path), "{path}");
        }
        assert!(!has_number("/messages/11111111-1111-8111-8111-111111111111"));
    }
}
