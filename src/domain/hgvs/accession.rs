//! Accessions of reference sequences.

use super::HgvsError;

/// What a sequence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Transcript with or without protein; `n.` is possible on both.
    CodingTranscript,
    /// Transcript without protein.
    NoncodingTranscript,
    /// Transcript that may or may not be coding, as its accession does not say.
    Transcript,
    /// Protein.
    Protein,
    /// Chromosome or gene region.
    Genomic,
}

/// Prefixes whose accession is digits and a version.
const PREFIXES: [(&str, Kind); 10] = [
    ("NM_", Kind::CodingTranscript),
    ("XM_", Kind::CodingTranscript),
    ("NR_", Kind::NoncodingTranscript),
    ("XR_", Kind::NoncodingTranscript),
    ("NP_", Kind::Protein),
    ("XP_", Kind::Protein),
    ("NC_", Kind::Genomic),
    ("NG_", Kind::Genomic),
    ("ENST", Kind::Transcript),
    ("ENSP", Kind::Protein),
];

/// Reads an accession with version (`NM_004006.2`, `ENST00000357654.3`) or of the Locus Reference Genomic collection,
/// which has no versions (`LRG_199t1`, `LRG_199p1`).
pub(super) fn parse(text: &str) -> Result<Kind, HgvsError> {
    if let Some(number) = text.strip_prefix("LRG_") {
        return parse_lrg(number);
    }
    let (number, kind) = PREFIXES
        .iter()
        .find_map(|(prefix, kind)| Some((text.strip_prefix(prefix)?, *kind)))
        .ok_or(HgvsError::AccessionInvalid)?;
    match number.split_once('.') {
        Some((number, version)) if is_number(number) && is_number(version) => Ok(kind),
        Some((number, "")) if is_number(number) => Err(HgvsError::VersionMissing),
        None if is_number(number) => Err(HgvsError::VersionMissing),
        _ => Err(HgvsError::AccessionInvalid),
    }
}

fn parse_lrg(text: &str) -> Result<Kind, HgvsError> {
    let (number, kind) = match text.split_once(['t', 'p']) {
        None => (text, Kind::Genomic),
        Some((number, part)) if is_number(part) => {
            (number, if text.contains('t') { Kind::Transcript } else { Kind::Protein })
        }
        Some(_) => return Err(HgvsError::AccessionInvalid),
    };
    if is_number(number) { Ok(kind) } else { Err(HgvsError::AccessionInvalid) }
}

fn is_number(text: &str) -> bool {
    (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accession_has_a_kind_and_a_version() {
        for (text, expected) in [
            ("NM_004006.2", Ok(Kind::CodingTranscript)),
            ("XM_011525418.3", Ok(Kind::CodingTranscript)),
            ("NR_002196.1", Ok(Kind::NoncodingTranscript)),
            ("XR_001737578.2", Ok(Kind::NoncodingTranscript)),
            ("NP_003997.1", Ok(Kind::Protein)),
            ("XP_011523720.1", Ok(Kind::Protein)),
            ("ENST00000357654.3", Ok(Kind::Transcript)),
            ("ENSP00000350283.3", Ok(Kind::Protein)),
            ("NC_000023.10", Ok(Kind::Genomic)),
            ("NG_012232.1", Ok(Kind::Genomic)),
            ("LRG_199", Ok(Kind::Genomic)),
            ("LRG_199t1", Ok(Kind::Transcript)),
            ("LRG_199p1", Ok(Kind::Protein)),
            ("NM_004006", Err(HgvsError::VersionMissing)),
            ("NM_004006.", Err(HgvsError::VersionMissing)),
            ("ENST00000357654", Err(HgvsError::VersionMissing)),
            ("NM_.2", Err(HgvsError::AccessionInvalid)),
            ("NM_004006.2.1", Err(HgvsError::AccessionInvalid)),
            ("NM_004006.x", Err(HgvsError::AccessionInvalid)),
            ("nm_004006.2", Err(HgvsError::AccessionInvalid)),
            ("BRAF", Err(HgvsError::AccessionInvalid)),
            ("LRG_t1", Err(HgvsError::AccessionInvalid)),
            ("LRG_199t", Err(HgvsError::AccessionInvalid)),
            ("LRG_199t1p1", Err(HgvsError::AccessionInvalid)),
            ("NM_0040060000000000.2", Err(HgvsError::AccessionInvalid)),
            ("", Err(HgvsError::AccessionInvalid)),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
