//! FORMAT and the column of the sample.

use std::collections::HashSet;

use super::Refusal;
use crate::domain::issue::IssueCode;
use crate::domain::limits::VcfLimits;
use crate::redact::quote;

/// The values of the sample, by key.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources::tso500::vcf) struct Sample<'a> {
    format: &'a str,
    values: &'a str,
}

impl<'a> Sample<'a> {
    /// Takes both columns. Values at the end may be left out (VCF 4.4 section 1.6.2); more values than keys belong to
    /// nothing.
    pub(in crate::sources::tso500::vcf) fn new(
        format: &'a str,
        values: &'a str,
        limits: &VcfLimits,
    ) -> Result<Self, Refusal> {
        let refuse = |text: String| Err(Refusal::new(IssueCode::VcfFormatInvalid, "FORMAT", text));
        let mut keys = HashSet::new();
        for key in format.split(':') {
            if key.is_empty() || key.contains(char::is_whitespace) {
                return refuse(format!("{} is not a list of keys", quote(format)));
            }
            if keys.len() == limits.format_keys {
                return refuse(format!("more than {} keys", limits.format_keys));
            }
            if !keys.insert(key) {
                return refuse(format!("{} stands twice", quote(key)));
            }
        }
        let count = values.split(':').take(keys.len() + 1).count();
        if count > keys.len() {
            return refuse(format!("{} keys, the sample has more values", keys.len()));
        }
        if values.is_empty() {
            return refuse("the sample has no values".to_owned());
        }
        Ok(Self { format, values })
    }

    /// The value of a key; `None` where the key is not there or its value is missing.
    pub(in crate::sources::tso500::vcf) fn get(self, key: &str) -> Option<&'a str> {
        let pairs = self.format.split(':').zip(self.values.split(':'));
        pairs
            .into_iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
            .filter(|value| !matches!(*value, "" | "."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_belong_to_keys() {
        let limits = VcfLimits::default();
        let sample = Sample::new("GT:AD:DP:VF", "0/1:10,5:.", &limits).unwrap();
        for (key, value) in [("GT", Some("0/1")), ("AD", Some("10,5")), ("DP", None), ("VF", None), ("A", None)] {
            assert_eq!(sample.get(key), value, "{key}");
        }
        assert_eq!(Sample::new("GT:AD", ".", &limits).unwrap().get("AD"), None);
    }

    #[test]
    fn values_without_keys_are_refused() {
        let limits = VcfLimits { format_keys: 3, ..VcfLimits::default() };
        for (format, values) in [
            ("", "0/1"),
            ("GT:", "0/1"),
            ("GT:A D", "0/1"),
            ("GT:AD:GT", "0/1:1,2:0/1"),
            ("GT:AD", "0/1:1,2:15"),
            ("GT", ""),
            ("GT:A:B:C", "0/1"),
        ] {
            let refusal = Sample::new(format, values, &limits).unwrap_err();
            assert_eq!((refusal.code, refusal.column), (IssueCode::VcfFormatInvalid, "FORMAT"), "{format} {values}");
        }
    }
}
