//! The code lists of a sample id: `mappings/nomenclature/*.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Element;

type Codes = BTreeMap<String, String>;

/// The codes of one version of the nomenclature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nomenclature {
    version: String,
    project: Codes,
    nucleic_acid: Codes,
    assay: Codes,
    sample_type: SampleTypes,
    material: Codes,
    tumour_site: Codes,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleTypes {
    normal: Codes,
    tumour: Codes,
}

/// Why a nomenclature was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NomenclatureError {
    /// Not TOML, or not of the documented shape; holds the parser's message with line and column.
    #[error("{0}")]
    Syntax(String),
    /// A sample type is listed both as normal and as tumour.
    #[error("sample type {0} is both normal and tumour")]
    SampleTypeRepeated(String),
}

impl Nomenclature {
    /// Reads a nomenclature file.
    ///
    /// # Errors
    /// The text is not TOML of the documented shape, or contradicts itself.
    pub fn parse(toml_text: &str) -> Result<Self, NomenclatureError> {
        let nomenclature: Self =
            toml::from_str(toml_text).map_err(|error| NomenclatureError::Syntax(error.to_string()))?;
        let types = &nomenclature.sample_type;
        match types.normal.keys().find(|code| types.tumour.contains_key(*code)) {
            Some(code) => Err(NomenclatureError::SampleTypeRepeated(code.clone())),
            None => Ok(nomenclature),
        }
    }

    /// Version, as the file names it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Text of a code.
    pub fn text(&self, element: Element, code: &str) -> Option<&str> {
        let codes = match element {
            Element::Project => &self.project,
            Element::NucleicAcid => &self.nucleic_acid,
            Element::Assay => &self.assay,
            Element::SampleType if self.is_normal(code) => &self.sample_type.normal,
            Element::SampleType => &self.sample_type.tumour,
            Element::Material => &self.material,
            Element::TumourSite => &self.tumour_site,
        };
        codes.get(code).map(String::as_str)
    }

    pub(super) fn is_normal(&self, sample_type: &str) -> bool {
        self.sample_type.normal.contains_key(sample_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: &str = include_str!("../../../mappings/nomenclature/inpred-20261001.toml");

    #[test]
    fn the_current_version_has_the_published_codes() {
        // InPreD nomenclature 20261001: 6 projects, 14 assays, 1 + 15 sample types, 8 materials, 31 sites and XX.
        let current = Nomenclature::parse(CURRENT).unwrap();
        assert_eq!(current.version(), "20261001");
        assert_eq!((current.project.len(), current.nucleic_acid.len(), current.assay.len()), (6, 3, 14));
        assert_eq!((current.sample_type.normal.len(), current.sample_type.tumour.len()), (1, 15));
        assert_eq!((current.material.len(), current.tumour_site.len()), (8, 32));
        assert_eq!(current.text(Element::SampleType, "p"), Some("Primary tumor, post-treatment"));
        assert_eq!(current.text(Element::SampleType, "N"), Some("Normal/control"));
        assert_eq!(current.text(Element::TumourSite, "00"), Some("Cancer origo incerta"));
        assert_eq!(current.text(Element::Assay, "52"), None);
    }

    #[test]
    fn a_file_of_another_shape_is_refused() {
        for text in ["", "version = 1", "version = ", &CURRENT.replace("[assay]", "[essay]")] {
            assert!(matches!(Nomenclature::parse(text), Err(NomenclatureError::Syntax(_))), "{text:.20}");
        }
        let twice = CURRENT.replace("[sample_type.tumour]", "[sample_type.tumour]\n\"N\" = \"Normal\"");
        assert_eq!(Nomenclature::parse(&twice), Err(NomenclatureError::SampleTypeRepeated("N".to_owned())));
    }
}
