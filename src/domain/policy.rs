//! Policies: categories that a deployment gives to numbers. Without a configured policy a number has no category.

use super::decimal::Decimal;
use super::finding::Category;

/// Bands over a number, in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub struct BandPolicy {
    /// Name and version, for provenance.
    pub name: String,
    /// The number is rounded to a whole number before it is compared.
    pub rounded: bool,
    /// Bands, lowest first; the last one has no upper bound.
    pub bands: Vec<Band>,
}

/// One band.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Code in the gateway's code system.
    pub code: String,
    /// Text for a person.
    pub display: String,
    /// LOINC answer code, where there is one.
    pub loinc_answer: Option<String>,
    /// Upper bound; `None` for the last band.
    pub upper: Option<UpperBound>,
}

/// Upper bound of a band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum UpperBound {
    /// The bound belongs to the band.
    AtMost(f64),
    /// The bound belongs to the next band.
    Below(f64),
}

/// Policy for microsatellite instability.
#[derive(Debug, Clone, PartialEq)]
pub struct MsiPolicy {
    /// Bands over the percentage of unstable sites.
    pub bands: BandPolicy,
    /// Under this many usable sites the percentage is not reliable and gets no category.
    pub min_usable_sites: u64,
}

/// All policies of a deployment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policies {
    /// For tumour mutational burden.
    pub tmb: Option<BandPolicy>,
    /// For microsatellite instability.
    pub msi: Option<MsiPolicy>,
}

impl BandPolicy {
    /// The category of a number; `None` where no band fits.
    pub fn category(&self, value: &Decimal) -> Option<Category> {
        let number = if self.rounded { value.to_f64().round() } else { value.to_f64() };
        let band = self.bands.iter().find(|band| match band.upper {
            None => !number.is_nan(),
            Some(UpperBound::AtMost(bound)) => number <= bound,
            Some(UpperBound::Below(bound)) => number < bound,
        })?;
        Some(Category {
            code: band.code.clone(),
            display: band.display.clone(),
            loinc_answer: band.loinc_answer.clone(),
            policy: self.name.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(code: &str, upper: Option<UpperBound>) -> Band {
        Band { code: code.to_owned(), display: code.to_owned(), loinc_answer: None, upper }
    }

    fn code(policy: &BandPolicy, value: &str) -> Option<String> {
        policy.category(&Decimal::parse(value).unwrap()).map(|category| category.code)
    }

    #[test]
    fn bands_of_the_laboratories_rules() {
        // TMB: rounded, <= 5, <= 20, above. MSI: <= 10 stable, < 20 likely unstable, >= 20 unstable.
        let tmb = BandPolicy {
            name: "tmb".to_owned(),
            rounded: true,
            bands: vec![
                band("low", Some(UpperBound::AtMost(5.0))),
                band("intermediate", Some(UpperBound::AtMost(20.0))),
                band("high", None),
            ],
        };
        for (value, expected) in [
            ("0", "low"),
            ("5.4", "low"),
            ("5.5", "intermediate"),
            ("20.49", "intermediate"),
            ("20.5", "high"),
            ("275.6", "high"),
        ] {
            assert_eq!(code(&tmb, value).as_deref(), Some(expected), "{value}");
        }
        let msi = BandPolicy {
            name: "msi".to_owned(),
            rounded: false,
            bands: vec![
                band("stable", Some(UpperBound::AtMost(10.0))),
                band("likely", Some(UpperBound::Below(20.0))),
                band("unstable", None),
            ],
        };
        for (value, expected) in [("4.13", "stable"), ("10.0", "stable"), ("10.01", "likely"), ("20.0", "unstable")] {
            assert_eq!(code(&msi, value).as_deref(), Some(expected), "{value}");
        }
    }
}
