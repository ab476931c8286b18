//! The patient within a laboratory's project: `IPD0807`.

use std::fmt;

/// Three capital letters and four digits; also the pair id of a DRAGEN run that pairs by patient.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientKey(String);

impl PatientKey {
    /// Reads a bare key; none for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (project, number) = text.split_at_checked(3)?;
        let is_key = project.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.len() == 4
            && number.bytes().all(|byte| byte.is_ascii_digit());
        is_key.then(|| Self(text.to_owned()))
    }

    /// The seven characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The laboratory code.
    pub fn laboratory(&self) -> &str {
        self.0.get(..3).unwrap_or_default()
    }
}

impl fmt::Display for PatientKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_capitals_and_four_digits_are_a_key() {
        let key = PatientKey::parse("IPD0807").unwrap();
        assert_eq!((key.as_str(), key.laboratory()), ("IPD0807", "IPD"));
        for text in ["", "IPD", "IPD080", "IPD08070", "ipd0807", "IPD080A", "I\u{d8}D807", "TVD0016_P", "IPD0807 "] {
            assert_eq!(PatientKey::parse(text), None, "{text}");
        }
    }
}
