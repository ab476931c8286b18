//! Entity tags of versions (RFC 9110, section 8.8.3; FHIR R4, section 3.1.0.5).

/// The ETag of a version.
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// The version that an entity tag names: `W/"3"`, as the gateway gives it, or `"3"`.
fn version_of(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    let digits = text.strip_prefix('"')?.strip_suffix('"')?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

/// Whether an `If-Match` or `If-None-Match` names this version, or every one. A tag that is not of its form names none.
pub fn names_version(list: &str, version: i64) -> bool {
    list.trim() == "*" || list.split(',').any(|one| version_of(one) == Some(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_by_its_etag() {
        assert_eq!(version_of(&etag(12)), Some(12));
        assert_eq!(version_of("\"12\""), Some(12));
        for wrong in ["", "12", "W/12", "\"\"", "\"x\"", "\"+1\"", "\"1", "*", "W/\"99999999999999999999\""] {
            assert_eq!(version_of(wrong), None, "{wrong}");
        }
        for list in ["*", "W/\"3\"", "\"3\"", "W/\"1\", W/\"3\""] {
            assert!(names_version(list, 3), "{list}");
        }
        for list in ["", "W/\"1\"", "3"] {
            assert!(!names_version(list, 3), "{list}");
        }
    }
}
