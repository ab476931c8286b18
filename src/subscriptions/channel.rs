//! Where notifications go: the endpoint and the headers that are sent with them.

use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};

/// Headers of one subscription.
const HEADERS: usize = 8;

/// Bytes of a header.
const HEADER_BYTES: usize = 4_096;

/// Bytes of an endpoint.
pub(super) const ENDPOINT_BYTES: usize = 512;

/// What stands in place of the value of a header wherever a subscription is shown.
pub const REDACTED: &str = "[redacted]";

/// Headers that are the gateway's, or of the connection.
const OWN: [&str; 15] = [
    "accept",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-request-id",
];

/// Whether an address is below one of the prefixes: of its origin, and in its folder.
pub(super) fn is_below(url: &Url, prefixes: &[Url]) -> bool {
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    is_plain
        && prefixes.iter().any(|prefix| {
            let origin =
                |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default());
            let folder = prefix.path().trim_end_matches('/');
            let rest = url.path().strip_prefix(folder);
            origin(url) == origin(prefix) && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

/// Reads `Name: value` lines. What was shown without its value keeps the value that is known of it.
///
/// Errors: a text that holds no value.
pub(super) fn headers(lines: &[&str], known: &[(String, String)]) -> Result<Vec<(String, String)>, &'static str> {
    if lines.len() > HEADERS {
        return Err("more than 8 headers");
    }
    let mut headers: Vec<(String, String)> = Vec::with_capacity(lines.len());
    for line in lines {
        let (name, value) = line.split_once(':').ok_or("a header is not of the form Name: value")?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        let is_header = line.len() <= HEADER_BYTES
            && HeaderName::from_bytes(name.as_bytes()).is_ok()
            && !value.is_empty()
            && value.is_ascii()
            && HeaderValue::from_str(value).is_ok();
        if !is_header {
            return Err("a header is not of the form Name: value, or too long");
        }
        if OWN.contains(&name.as_str()) || name.starts_with("proxy-") {
            return Err("a header is one that the gateway itself sends");
        }
        if headers.iter().any(|(other, _)| *other == name) {
            return Err("a header stands twice");
        }
        let value = match value {
            REDACTED => known.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str()),
            value => Some(value),
        };
        let value = value.ok_or("a header has no value that is known")?.to_owned();
        headers.push((name, value));
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_below_its_prefix_by_origin_and_folder() {
        let prefixes = [Url::parse("https://ehr.example:8443/fhir/hook").unwrap()];
        for (url, expected) in [
            ("https://ehr.example:8443/fhir/hook", true),
            ("https://ehr.example:8443/fhir/hook/", true),
            ("https://ehr.example:8443/fhir/hook/a?b=c", true),
            ("https://EHR.example:8443/fhir/hook/a", true),
            ("https://ehr.example:8443/fhir/hooks", false),
            ("https://ehr.example:8443/fhir/hook/../other", false),
            ("https://ehr.example:8443/fhir/hook/%2e%2e/other", false),
            ("https://ehr.example/fhir/hook", false),
            ("http://ehr.example:8443/fhir/hook", false),
            ("https://ehr.example.evil.example:8443/fhir/hook", false),
            ("https://evil.example/https://ehr.example:8443/fhir/hook", false),
            ("https://user@ehr.example:8443/fhir/hook", false),
            ("https://ehr.example:8443/fhir/hook#a", false),
        ] {
            assert_eq!(is_below(&Url::parse(url).unwrap(), &prefixes), expected, "{url}");
        }
        assert!(!is_below(&prefixes[0], &[]));
    }

    #[test]
    fn a_header_is_the_subscribers_own_and_keeps_its_value() {
        let read = |lines: &[&str]| headers(lines, &[("authorization".to_owned(), "Bearer known".to_owned())]);
        let authorization = |value: &str| vec![("authorization".to_owned(), value.to_owned())];
        assert_eq!(read(&["Authorization: Bearer new"]), Ok(authorization("Bearer new")));
        assert_eq!(read(&["authorization: [redacted]"]), Ok(authorization("Bearer known")));
        for line in [
            "X-Other: [redacted]",
            "Host: other.example",
            "Content-Type: text/plain",
            "Proxy-Authorization: x",
            "no header",
            "A B: c",
            "A:",
            "A: b\r\nC: d",
            "A: \u{e6}",
        ] {
            assert!(read(&[line]).is_err(), "{line:?}");
        }
        assert!(read(&["A: b", "a: c"]).is_err());
        assert!(read(&["A: b"; 9]).is_err());
        assert!(read(&[&format!("A: {}", "b".repeat(5_000))]).is_err());
    }
}
