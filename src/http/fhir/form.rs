//! How an answer is written: FHIR in JSON, plain or indented, packed where the caller takes it.

use std::io::Write;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::super::error::Problem;
use crate::domain::issue::IssueCode;
use crate::pipeline::intake::FHIR_JSON;

/// Answers shorter than this are sent as they are, in bytes.
const PACKED_FROM: usize = 1_024;

/// How an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::http) struct Form {
    is_pretty: bool,
    is_packed: bool,
}

impl Form {
    /// What the headers ask for, and `_format` and `_pretty` before them.
    ///
    /// Errors: a form that is not served (`request.not-acceptable`).
    pub(in crate::http) fn of(request: &HttpRequest, pairs: &[(String, String)]) -> Result<Self, Problem> {
        let value = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let is_json = match value("_format") {
            // A `+` that was not encoded has come as a blank.
            Some(format) => is_json(&format.replace(' ', "+")),
            None => accepts_json(request.headers()),
        };
        if !is_json {
            let text = "answers are FHIR R4 in JSON: application/fhir+json";
            return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, IssueCode::RequestNotAcceptable, text));
        }
        Ok(Self { is_pretty: value("_pretty") == Some("true"), is_packed: takes_gzip(request.headers()) })
    }

    /// The answer.
    pub(in crate::http) fn answer(
        self,
        status: StatusCode,
        resource: &Value,
        headers: &[(HeaderName, String)],
    ) -> HttpResponse {
        let written =
            if self.is_pretty { serde_json::to_string_pretty(resource) } else { serde_json::to_string(resource) };
        let text = written.unwrap_or_default();
        let mut response = HttpResponse::build(status);
        response
            .insert_header((CONTENT_TYPE, FHIR_JSON))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((VARY, "Accept, Accept-Encoding"));
        for (name, value) in headers {
            response.insert_header((name.clone(), value.as_str()));
        }
        // What is packed holds no secret beside what the caller asked for (BREACH).
        if self.is_packed
            && text.len() >= PACKED_FROM
            && let Some(packed) = packed(text.as_bytes())
        {
            return response.insert_header((CONTENT_ENCODING, "gzip")).body(packed);
        }
        response.body(text)
    }
}

fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// Whether a media type is FHIR R4 in JSON, or a short word for it (R4 http, section 3.1.0.1.11).
fn is_json(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_json = matches!(kind.as_str(), "json" | "application/json" | "application/fhir+json" | "text/json");
    let is_r4 = parts
        .filter_map(|part| part.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("fhirversion"))
        .all(|(_, version)| matches!(version.trim().trim_matches('"'), "4.0" | "4.0.1"));
    is_json && is_r4
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges = texts(headers, &ACCEPT).peekable();
    if ranges.peek().is_none() {
        return true;
    }
    ranges.filter(|range| quality(range) > 0.0).any(|range| {
        let kind = range.split(';').next().unwrap_or_default().trim();
        matches!(kind, "*/*" | "application/*") || is_json(range)
    })
}

/// Whether `gzip` is taken (RFC 9110, section 12.5.3); who does not say so does not.
fn takes_gzip(headers: &HeaderMap) -> bool {
    texts(headers, &ACCEPT_ENCODING).any(|coding| {
        let name = coding.split(';').next().unwrap_or_default().trim();
        matches!(name.to_ascii_lowercase().as_str(), "gzip" | "x-gzip") && quality(coding) > 0.0
    })
}

/// The items of a header that is a list.
fn texts<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty())
}

fn quality(item: &str) -> f32 {
    let weight = item.split(';').skip(1).filter_map(|part| part.trim().split_once('=')).find(|(name, _)| *name == "q");
    weight.map_or(1.0, |(_, weight)| weight.trim().parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn form(accept: &[(&'static str, &'static str)], pairs: &[(&str, &str)]) -> Result<Form, String> {
        let request = accept.iter().fold(TestRequest::default(), |request, header| request.insert_header(*header));
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Form::of(&request.to_http_request(), &pairs).map_err(|problem| problem.to_string())
    }

    #[test]
    fn json_is_what_there_is() {
        for accept in [
            "application/fhir+json",
            "application/json",
            "application/fhir+json; fhirVersion=4.0",
            "application/fhir+xml;q=0.9, application/fhir+json;q=0.5",
            "*/*",
            "text/html,application/xhtml+xml,*/*;q=0.8",
        ] {
            assert!(form(&[("accept", accept)], &[]).is_ok(), "{accept}");
        }
        for accept in
            ["application/fhir+xml", "text/html", "application/fhir+json;q=0", "application/fhir+json; fhirVersion=5.0"]
        {
            assert_eq!(form(&[("accept", accept)], &[]).unwrap_err(), "request.not-acceptable", "{accept}");
        }
        assert!(form(&[], &[]).is_ok());
        // The parameter comes before the header.
        for format in ["json", "application/json", "application/fhir+json", "application/fhir json"] {
            assert!(form(&[("accept", "application/fhir+xml")], &[("_format", format)]).is_ok(), "{format}");
        }
        for format in ["xml", "application/fhir+xml", "ttl", ""] {
            assert_eq!(form(&[], &[("_format", format)]).unwrap_err(), "request.not-acceptable", "{format}");
        }
    }

    #[test]
    fn an_answer_is_packed_for_who_takes_it() {
        for (accept, is_packed) in [
            ("gzip, deflate, br", true),
            ("deflate;q=1.0, gzip;q=0.5", true),
            ("GZIP", true),
            ("gzip;q=0", false),
            ("br", false),
            ("*", false),
            ("identity", false),
        ] {
            assert_eq!(form(&[("accept-encoding", accept)], &[]).unwrap().is_packed, is_packed, "{accept}");
        }
        assert!(!form(&[], &[]).unwrap().is_packed);
    }
}
