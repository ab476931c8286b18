//! Descriptions relative to a transcript: `NM_005228.3:c.2573T>G`.

use std::fmt;

use super::accession::{self, Kind};
use super::cursor::Cursor;
use super::edit::{self, Change};
use super::position::{self, Numbering};
use super::{HgvsError, MAX_BYTES};

/// A `c.` or `n.` description with versioned accession, as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodingDescription {
    text: String,
    accession: String,
    unchanged: bool,
}

impl CodingDescription {
    /// Reads a description.
    ///
    /// # Errors
    /// The text is not HGVS.
    pub fn parse(text: &str) -> Result<Self, HgvsError> {
        if text.is_empty() {
            return Err(HgvsError::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(HgvsError::TooLong);
        }
        let (reference, description) = text.split_once(':').ok_or(HgvsError::AccessionMissing)?;
        let (accession, kind) = parse_reference(reference)?;
        let change = parse_description(description, kind)?;
        Ok(Self { text: text.to_owned(), accession: accession.to_owned(), unchanged: change == Change::Same })
    }

    /// The whole description.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Accession of the transcript, with version.
    pub fn accession(&self) -> &str {
        &self.accession
    }

    /// Whether the description says that the sequence is the reference's (`c.*2537=`).
    pub fn is_unchanged(&self) -> bool {
        self.unchanged
    }
}

impl fmt::Display for CodingDescription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The transcript of `NM_004006.2` or, with the sequence that holds its introns, of `NC_000023.10(NM_004006.2)`.
fn parse_reference(text: &str) -> Result<(&str, Kind), HgvsError> {
    let Some((genomic, transcript)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        return Ok((text, accession::parse(text)?));
    };
    if accession::parse(genomic)? != Kind::Genomic {
        return Err(HgvsError::AccessionKind);
    }
    Ok((transcript, accession::parse(transcript)?))
}

fn parse_description(text: &str, kind: Kind) -> Result<Change, HgvsError> {
    let mut cursor = Cursor::new(text);
    let numbering = if cursor.eat("c.") {
        Numbering::Coding
    } else if cursor.eat("n.") {
        Numbering::Noncoding
    } else {
        return Err(if kind == Kind::Protein { HgvsError::AccessionKind } else { HgvsError::CoordinateType });
    };
    let allowed = match kind {
        Kind::CodingTranscript | Kind::Transcript => true,
        Kind::NoncodingTranscript => numbering == Numbering::Noncoding,
        Kind::Protein | Kind::Genomic => false,
    };
    if !allowed {
        return Err(HgvsError::AccessionKind);
    }
    let change = parse_change(&mut cursor, numbering)?;
    if cursor.is_empty() { Ok(change) } else { Err(HgvsError::Trailing) }
}

/// A change, a predicted change in parentheses, or a statement on the whole transcript (`=`, `?`).
fn parse_change(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Change, HgvsError> {
    match cursor.rest() {
        "=" if cursor.eat("=") => return Ok(Change::Same),
        "?" if cursor.eat("?") => return Ok(Change::Different),
        _ => {}
    }
    // `(76A>T)` is a predicted change, `(76_79)del` an uncertain position: the end of the text tells them apart.
    let inner = cursor.rest().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    if let Some(inner) = inner {
        let mut inside = Cursor::new(inner);
        let place = position::parse(&mut inside, numbering)?;
        let change = edit::parse(&mut inside, numbering, place)?;
        if !inside.is_empty() {
            return Err(HgvsError::Trailing);
        }
        *cursor = inside;
        return Ok(change);
    }
    let place = position::parse(cursor, numbering)?;
    edit::parse(cursor, numbering, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_of_the_nomenclature_are_kept_as_written() {
        // Examples of hgvs-nomenclature.org (recommendations for DNA) and what Nirvana writes.
        for (text, accession) in [
            ("NM_005228.3:c.2573T>G", "NM_005228.3"),
            ("NM_175929.2:c.424-3202G>T", "NM_175929.2"),
            ("NM_001626.5:c.*3484C>A", "NM_001626.5"),
            ("NM_001626.5:c.*2537=", "NM_001626.5"),
            ("NM_004006.2:c.-15A>G", "NM_004006.2"),
            ("NM_004006.2:c.=", "NM_004006.2"),
            ("NM_004006.2:c.?", "NM_004006.2"),
            ("NM_004006.2:c.(76A>T)", "NM_004006.2"),
            ("NM_004006.2:c.5697del", "NM_004006.2"),
            ("NM_004006.2:c.5697delA", "NM_004006.2"),
            ("NM_004006.2:c.183_186+48del", "NM_004006.2"),
            ("NM_004006.2:c.(?_-30)_(12+1_13-1)del", "NM_004006.2"),
            ("NM_004006.2:c.(76_79)del", "NM_004006.2"),
            ("NM_004006.2:c.260_264+48dup", "NM_004006.2"),
            ("NM_004006.2:c.20dupT", "NM_004006.2"),
            ("NM_004006.2:c.169_170insA", "NM_004006.2"),
            ("NM_004006.2:c.849_850ins858_895", "NM_004006.2"),
            ("NM_004006.2:c.849_850ins850_900inv", "NM_004006.2"),
            ("NM_004006.2:c.761_762insN[5]", "NM_004006.2"),
            ("NM_004006.2:c.761_762insN[(80_120)]", "NM_004006.2"),
            ("NM_004006.2:c.419_420ins[T;450_470;AGGG]", "NM_004006.2"),
            ("NM_004006.2:c.849_850insNC_000022.10:g.35788169_35788352", "NM_004006.2"),
            ("NM_004006.2:c.6775_6777delinsC", "NM_004006.2"),
            ("NM_004006.2:c.6775delinsGA", "NM_004006.2"),
            ("NM_004006.2:c.145_147delCGAinsTGG", "NM_004006.2"),
            ("NM_004006.2:c.1518_1519inv", "NM_004006.2"),
            ("NM_004006.2:c.333_590con1844_2101", "NM_004006.2"),
            ("NM_002024.5:c.-128_-69GGC[10]GGA[1]GGC[9]", "NM_002024.5"),
            ("NM_000492.3:c.1210-12[7]", "NM_000492.3"),
            ("NM_004006.2:c.53_54[11]", "NM_004006.2"),
            ("NR_002196.1:n.601G>T", "NR_002196.1"),
            ("NM_004006.2:n.320G>T", "NM_004006.2"),
            ("ENST00000357654.3:c.68_69del", "ENST00000357654.3"),
            ("LRG_199t1:c.240C>T", "LRG_199t1"),
            ("NC_000023.10(NM_004006.2):c.93+1G>T", "NM_004006.2"),
        ] {
            let description = CodingDescription::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((description.as_str(), description.accession()), (text, accession));
        }
    }

    #[test]
    fn an_unchanged_sequence_is_told_from_a_change() {
        for (text, expected) in [
            ("NM_001626.5:c.*2537=", true),
            ("NM_001626.5:c.=", true),
            ("NM_001626.5:c.(76=)", true),
            ("NM_001626.5:c.*2537A>G", false),
            ("NM_001626.5:c.?", false),
        ] {
            assert_eq!(CodingDescription::parse(text).unwrap().is_unchanged(), expected, "{text}");
        }
    }

    #[test]
    fn other_text_says_why() {
        use HgvsError::*;
        for (text, expected) in [
            ("", Empty),
            ("NA", AccessionMissing),
            ("c.", AccessionMissing),
            ("c.2573", AccessionMissing),
            ("c.2573T>G", AccessionMissing),
            ("NM_005228:c.2573T>G", VersionMissing),
            ("EGFR:c.2573T>G", AccessionInvalid),
            (":c.2573T>G", AccessionInvalid),
            ("NM_004006.2(DMD):c.2573T>G", AccessionKind),
            ("NP_003997.1:c.2573T>G", AccessionKind),
            ("NP_003997.1:p.(Lys17Arg)", AccessionKind),
            ("NC_000023.10:c.2573T>G", AccessionKind),
            ("NR_002196.1:c.601G>T", AccessionKind),
            ("NM_005228.3:g.2573T>G", CoordinateType),
            ("NM_005228.3:2573T>G", CoordinateType),
            ("NM_005228.3: c.2573T>G", CoordinateType),
            ("NM_005228.3:", CoordinateType),
            ("NM_005228.3:c.", PositionInvalid),
            ("NM_005228.3:c.T2573G", PositionInvalid),
            ("NM_005228.3:c.NN+1G>A", PositionInvalid),
            ("NM_005228.3:c.0T>G", PositionInvalid),
            ("NR_002196.1:n.-5G>T", PositionInvalid),
            ("NM_005228.3:c.2573", EditInvalid),
            ("NM_005228.3:c.(2573)", EditInvalid),
            ("NM_005228.3:c.2573T", EditInvalid),
            ("NM_005228.3:c.2573T>", EditInvalid),
            ("NM_005228.3:c.2573>G", EditInvalid),
            ("NM_005228.3:c.2573TG>AC", EditInvalid),
            ("NM_005228.3:c.2573t>g", EditInvalid),
            ("NM_005228.3:c.2573U>G", EditInvalid),
            ("NM_005228.3:c.2573_2574ins", EditInvalid),
            ("NM_005228.3:c.2573_2574ins5", EditInvalid),
            ("NM_005228.3:c.2573_2574ins[A", EditInvalid),
            ("NM_005228.3:c.2573delins", EditInvalid),
            ("NM_005228.3:c.2573[]", EditInvalid),
            ("NM_005228.3:c.2573_2574T>G", RangeInvalid),
            ("NM_005228.3:c.2573insA", RangeInvalid),
            ("NM_005228.3:c.2573_2575insA", RangeInvalid),
            ("NM_005228.3:c.2573inv", RangeInvalid),
            ("NM_005228.3:c.2573con2580_2590", RangeInvalid),
            ("NM_005228.3:c.2574_2573del", RangeInvalid),
            ("NM_005228.3:c.2573del3", Trailing),
            ("NM_005228.3:c.2573T>G;2574A>C", Trailing),
            ("NM_005228.3:c.(2573T>G", PositionInvalid),
            ("NM_005228.3:c.2573T>G)", Trailing),
            ("NM_005228.3:c.2573T>G(p.(Leu858Arg))", Trailing),
            ("NM_005228.3:c.==", PositionInvalid),
        ] {
            assert_eq!(CodingDescription::parse(text).unwrap_err(), expected, "{text}");
        }
    }
}
