//! Addresses as RFC 9449, section 4.3 compares them.

use openidconnect::url::Url;

/// The normal form (RFC 3986, sections 6.2.2 and 6.2.3) without query and fragment; none of what is no address of HTTP.
pub(super) fn normal(address: &str) -> Option<String> {
    // Case of scheme and host, the port of the scheme, and dots in the path are put in order by whoever parses it.
    let mut url: Url = address.parse().ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = percent_encoding(url.path())?;
    Some(format!("{}{path}", url.origin().ascii_serialization()))
}

/// Escapes in capitals, and none where a character needs none.
fn percent_encoding(path: &str) -> Option<String> {
    let mut pieces = path.split('%');
    let mut normal = pieces.next()?.to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            normal.push(char::from(byte));
        } else {
            normal.push_str(&format!("%{byte:02X}"));
        }
        normal.push_str(rest);
    }
    Some(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_address_has_one_form() {
        let ours = normal("https://gateway.example/fhir/$process-message").unwrap();
        for same in [
            "https://gateway.example/fhir/$process-message",
            "HTTPS://Gateway.Example:443/fhir/$process-message",
            "https://gateway.example/fhir/./a/../$process-message",
            "https://gateway.example/%66hir/$process-message",
            "https://gateway.example/fhir/$process%2dmessage",
            "https://gateway.example/fhir/$process-message?a=b#c",
        ] {
            assert_eq!(normal(same).as_ref(), Some(&ours), "{same}");
        }
        for other in [
            "http://gateway.example/fhir/$process-message",
            "https://gateway.example:8443/fhir/$process-message",
            "https://gateway.example.evil/fhir/$process-message",
            "https://gateway.example/fhir/$process-message/",
            "https://gateway.example/fhir/$Process-message",
            "https://gateway.example/fhir%2F$process-message",
            "https://gateway.example@evil.example/fhir/$process-message",
            "https://user@gateway.example/fhir/$process-message",
            "/fhir/$process-message",
            "",
        ] {
            assert_ne!(normal(other).as_ref(), Some(&ours), "{other}");
        }
        assert_eq!(normal("https://gateway.example/%c3%a6"), normal("https://gateway.example/%C3%A6"));
    }
}
