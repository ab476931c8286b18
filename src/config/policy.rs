//! `[policy.tmb]` and `[policy.msi]`.

use serde::Deserialize;

use crate::domain::policy::{Band, BandPolicy, MsiPolicy, Policies, UpperBound};

/// `[policy]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PolicySection {
    tmb: Option<TmbSection>,
    msi: Option<MsiSection>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TmbSection {
    /// Name and version of the policy.
    name: String,
    /// Round to a whole number before comparing.
    #[serde(default)]
    rounded: bool,
    bands: Vec<BandEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MsiSection {
    name: String,
    #[serde(default)]
    min_usable_sites: u64,
    bands: Vec<BandEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct BandEntry {
    code: String,
    display: String,
    loinc_answer: Option<String>,
    at_most: Option<f64>,
    below: Option<f64>,
}

impl PolicySection {
    pub(super) fn policies(&self) -> Result<Policies, String> {
        let tmb =
            self.tmb.as_ref().map(|tmb| band_policy("policy.tmb", &tmb.name, tmb.rounded, &tmb.bands)).transpose()?;
        let msi = self
            .msi
            .as_ref()
            .map(|msi| {
                let bands = band_policy("policy.msi", &msi.name, false, &msi.bands)?;
                Ok::<_, String>(MsiPolicy { bands, min_usable_sites: msi.min_usable_sites })
            })
            .transpose()?;
        Ok(Policies { tmb, msi })
    }
}

fn band_policy(key: &str, name: &str, rounded: bool, entries: &[BandEntry]) -> Result<BandPolicy, String> {
    let bands = entries.iter().map(|entry| band(key, entry)).collect::<Result<Vec<_>, _>>()?;
    let Some((last, others)) = bands.split_last() else { return Err(format!("{key}.bands: no bands")) };
    if last.upper.is_some() {
        return Err(format!("{key}.bands: the last band must have no bound"));
    }
    if others.iter().any(|band| band.upper.is_none()) {
        return Err(format!("{key}.bands: only the last band may have no bound"));
    }
    let bounds: Vec<f64> = others.iter().filter_map(|band| band.upper.map(bound)).collect();
    if !bounds.iter().zip(bounds.iter().skip(1)).all(|(lower, upper)| lower < upper) {
        return Err(format!("{key}.bands: the bounds must ascend"));
    }
    Ok(BandPolicy { name: name.to_owned(), rounded, bands })
}

fn band(key: &str, entry: &BandEntry) -> Result<Band, String> {
    let upper = match (entry.at_most, entry.below) {
        (None, None) => None,
        (Some(bound), None) => Some(UpperBound::AtMost(bound)),
        (None, Some(bound)) => Some(UpperBound::Below(bound)),
        (Some(_), Some(_)) => return Err(format!("{key}.bands: a band has either at_most or below, not both")),
    };
    Ok(Band {
        code: entry.code.clone(),
        display: entry.display.clone(),
        loinc_answer: entry.loinc_answer.clone(),
        upper,
    })
}

fn bound(upper: UpperBound) -> f64 {
    match upper {
        UpperBound::AtMost(bound) | UpperBound::Below(bound) => bound,
    }
}
