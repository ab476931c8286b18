//! INFO.

use super::Refusal;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

/// The column INFO; what is not asked for is not looked at.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources::tso500::vcf) struct Info<'a>(pub(in crate::sources::tso500::vcf) &'a str);

impl<'a> Info<'a> {
    /// The value of a key; `None` where the key is not there or its value is missing.
    ///
    /// Errors: `vcf.info-invalid` where the key stands with two values.
    pub(in crate::sources::tso500::vcf) fn get(self, key: &'static str) -> Result<Option<&'a str>, Refusal> {
        let mut found: Option<&str> = None;
        for field in self.0.split(';') {
            let Some(value) = field.strip_prefix(key).and_then(|rest| rest.strip_prefix('=')) else { continue };
            match found {
                Some(earlier) if earlier != value => {
                    let text = format!("both {} and {}", quote(earlier), quote(value));
                    return Err(Refusal::new(IssueCode::VcfInfoInvalid, key, text));
                }
                _ => found = Some(value),
            }
        }
        Ok(found.filter(|value| !matches!(*value, "" | ".")))
    }

    /// Whether a flag is set.
    pub(in crate::sources::tso500::vcf) fn has(self, key: &str) -> bool {
        self.0.split(';').any(|field| field == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_whole() {
        let info = Info("DP=508;XDP=1;AQ=100.00;hotspot;GermlineStatus=Somatic;MQ=.;E=;DP=508;S=a=b");
        for (key, value) in [
            ("DP", Some("508")),
            ("GermlineStatus", Some("Somatic")),
            ("S", Some("a=b")),
            ("MQ", None),
            ("E", None),
            ("P", None),
            ("hotspot", None),
            ("Germline", None),
        ] {
            assert_eq!(info.get(key), Ok(value), "{key}");
        }
        assert!(info.has("hotspot") && !info.has("hot") && !info.has("DP") && !Info(".").has("hotspot"));
    }

    #[test]
    fn a_key_with_two_values_has_none() {
        let refusal = Info("END=5;END=6").get("END").unwrap_err();
        assert_eq!((refusal.code, refusal.column), (IssueCode::VcfInfoInvalid, "END"));
    }
}
