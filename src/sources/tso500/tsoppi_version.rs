//! The version string of TSOPPI: `2.2.0.12/0.3.2:22-06-07/1.0.0/1.0.0/hg19/TR`.

/// Versions of the programs behind a table, as the string names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TsoppiVersion {
    /// The whole string.
    pub text: String,
    /// Pipeline (LocalApp).
    pub pipeline: String,
    /// TSOPPI, with date: `0.3.2:22-06-07`.
    pub tsoppi: String,
    /// Personal Cancer Genome Reporter.
    pub pcgr: String,
    /// Cancer Predisposition Sequencing Reporter.
    pub cpsr: String,
    /// Reference genome.
    pub genome: String,
    /// Samples that were used: `T` tumour DNA, `R` tumour RNA, `N` normal.
    pub samples: String,
}

/// Why a text is not a version string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// Not six parts, each with a value.
    #[error("not six versions separated by `/`")]
    Parts,
}

impl TsoppiVersion {
    /// Reads a version string.
    ///
    /// # Errors
    /// The text has not six parts.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(VersionError::Empty);
        }
        let parts: Vec<&str> = text.split('/').map(str::trim).collect();
        let [pipeline, tsoppi, pcgr, cpsr, genome, samples] = parts.as_slice() else { return Err(VersionError::Parts) };
        // A part ends in a resource, as the version of a code: blanks would make it invalid there.
        if parts.iter().any(|part| part.is_empty() || part.len() > 40 || part.contains(char::is_whitespace)) {
            return Err(VersionError::Parts);
        }
        Ok(Self {
            text: text.to_owned(),
            pipeline: (*pipeline).to_owned(),
            tsoppi: (*tsoppi).to_owned(),
            pcgr: (*pcgr).to_owned(),
            cpsr: (*cpsr).to_owned(),
            genome: (*genome).to_owned(),
            samples: (*samples).to_owned(),
        })
    }

    /// Whether positions are on GRCh37, under one of its names.
    pub fn is_grch37(&self) -> bool {
        ["hg19", "grch37", "b37", "hs37d5"].iter().any(|name| self.genome.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_string_has_six_parts() {
        let version = TsoppiVersion::parse(" 2.2.0.12/0.3.2:22-06-07/1.0.0/1.0.0/hg19/TR").unwrap();
        assert_eq!((version.pipeline.as_str(), version.tsoppi.as_str()), ("2.2.0.12", "0.3.2:22-06-07"));
        assert_eq!((version.pcgr.as_str(), version.cpsr.as_str()), ("1.0.0", "1.0.0"));
        assert_eq!((version.genome.as_str(), version.samples.as_str(), version.is_grch37()), ("hg19", "TR", true));
        assert!(!TsoppiVersion::parse("2/0/1/1/hg38/T").unwrap().is_grch37());
    }

    #[test]
    fn other_text_is_no_version_string() {
        assert_eq!(TsoppiVersion::parse(" "), Err(VersionError::Empty));
        for text in ["NA", "1/2/3/4/5", "1/2/3/4/5/6/7", "1/2//4/hg19/T", "1/2/3 4/5/hg19/T"] {
            assert_eq!(TsoppiVersion::parse(text), Err(VersionError::Parts), "{text}");
        }
    }
}
