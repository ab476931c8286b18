//! National numbers stand in no address: addresses are kept by browsers, proxies and logs on the way.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};

use super::error::Problem;
use crate::domain::national_id::{NationalId, SyntheticNumbers};

/// Digits of a national number.
const DIGITS: usize = 11;

/// Refuses a request whose address may hold a national number, before anybody notes it; whoever has one searches with POST.
pub(super) async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // What a provider gives the browser is random, too.
    let is_own = request.path() == "/operator/callback";
    if !is_own && is_in_address(&request) {
        let response = Problem::personal_in_url().error_response();
        return Ok(request.into_response(response));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn is_in_address(request: &ServiceRequest) -> bool {
    let path = request.uri().path().replace(['&', '=', '+'], "/");
    // Read as a parameter, so that what is encoded is seen.
    is_personal(&format!("path={path}")) || is_personal(request.query_string())
}

/// Whether a national number may stand in the parameters of an address, however it is written.
fn is_personal(query: &str) -> bool {
    let Ok(pairs) = web::Query::<Vec<(String, String)>>::from_query(query) else { return has_number(query) };
    // A cursor is the gateway's own, and random.
    let mut pairs = pairs.iter().filter(|(name, _)| name != "_cursor");
    pairs.any(|(name, value)| has_number(name) || has_number(value) || name == "patient.identifier")
}

/// Eleven digits that may be a national number, whatever stands between them; among letters and more digits only one with right
/// check digits. Random ids are left out: by their form they say what they are.
pub(super) fn has_number(text: &str) -> bool {
    let is_separator = |c: char| matches!(c, '/' | '?' | '&' | '=' | '|' | ',');
    text.split(is_separator).filter(|part| uuid::Uuid::try_parse(part).is_err()).any(|part| {
        let is_alone =
            part.chars().filter(char::is_ascii_digit).count() == DIGITS && !part.contains(char::is_alphabetic);
        is_alone || part.split(|c: char| c.is_alphabetic() || c == ':').any(holds_valid)
    })
}

/// Whether there is a number with right check digits, in a text without letters.
fn holds_valid(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let mut starts = 0..(digits.len() + 1).saturating_sub(DIGITS);
    starts.any(|at| {
        let part = digits.get(at..at + DIGITS);
        part.is_some_and(|part| NationalId::parse(part, None, SyntheticNumbers::Accepted).is_ok())
    })
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
            "agent=058985-97468",
            "agent=058985.97468",
            "agent=x05898597468",
            "agent=0589859746812",
            "agent=a0589859746812b",
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
