//! Descriptions of a protein: `NP_003811.2:p.(Lys17Arg)`.

use std::fmt;

use super::accession::{self, Kind};
use super::cursor::Cursor;
use super::residue::{self, Letters, Residue};
use super::{HgvsError, MAX_BYTES};

/// A `p.` description as written, with accession where the text gives one.
///
/// One-letter amino acids (`p.V600E`) are HGVS and are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProteinDescription {
    text: String,
    accession: Option<String>,
}

impl ProteinDescription {
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
        let (accession, description) = match text.split_once(':') {
            None => (None, text),
            Some((accession, description)) => {
                if accession::parse(accession)? != Kind::Protein {
                    return Err(HgvsError::AccessionKind);
                }
                (Some(accession.to_owned()), description)
            }
        };
        let change = description.strip_prefix("p.").ok_or(HgvsError::CoordinateType)?;
        parse_change(change)?;
        Ok(Self { text: text.to_owned(), accession })
    }

    /// The whole description.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Accession of the protein, with version; none where the text gives none.
    pub fn accession(&self) -> Option<&str> {
        self.accession.as_deref()
    }
}

impl fmt::Display for ProteinDescription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// A change; one in parentheses is predicted from the DNA.
fn parse_change(text: &str) -> Result<(), HgvsError> {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    if matches!(inner, "=" | "?" | "0" | "0?") {
        return Ok(());
    }
    if inner.is_empty() {
        return Err(HgvsError::EditInvalid);
    }
    let mut cursor = Cursor::new(inner);
    let mut letters = None;
    let start = parse_location(&mut cursor, &mut letters)?;
    if cursor.eat("_") {
        let end = parse_location(&mut cursor, &mut letters)?;
        if start.number >= end.number {
            return Err(HgvsError::RangeInvalid);
        }
        parse_range_edit(&mut cursor, &mut letters, end.number - start.number == 1)?;
    } else {
        parse_edit(&mut cursor, &mut letters, start.residue)?;
    }
    if cursor.is_empty() { Ok(()) } else { Err(HgvsError::Trailing) }
}

struct Location {
    residue: Residue,
    number: u32,
}

fn parse_location(cursor: &mut Cursor<'_>, letters: &mut Option<Letters>) -> Result<Location, HgvsError> {
    let residue = residue::parse(cursor, letters)?.ok_or(HgvsError::ResidueInvalid)?;
    let number = cursor.number().ok_or(HgvsError::PositionInvalid)?;
    Ok(Location { residue, number })
}

/// A change of several residues.
fn parse_range_edit(cursor: &mut Cursor<'_>, letters: &mut Option<Letters>, neighbours: bool) -> Result<(), HgvsError> {
    if cursor.eat("ins") {
        return if neighbours { parse_inserted(cursor, letters) } else { Err(HgvsError::RangeInvalid) };
    }
    parse_common_edit(cursor, letters)?.ok_or(HgvsError::EditInvalid)
}

/// A change of one residue.
fn parse_edit(cursor: &mut Cursor<'_>, letters: &mut Option<Letters>, changed: Residue) -> Result<(), HgvsError> {
    if cursor.rest().starts_with("ins") {
        return Err(HgvsError::RangeInvalid);
    }
    if let Some(done) = parse_common_edit(cursor, letters)? {
        return Ok(done);
    }
    if cursor.eat("?") {
        return Ok(());
    }
    if cursor.eat("fs") {
        return parse_frameshift_end(cursor, letters);
    }
    // `Met1ext-5`: the new residue is not named at the start.
    if cursor.eat("ext-") {
        return parse_count(cursor);
    }
    residue::parse(cursor, letters)?.ok_or(HgvsError::EditInvalid)?;
    if cursor.eat("fs") {
        return parse_frameshift_end(cursor, letters);
    }
    if cursor.eat("ext") {
        return parse_extension(cursor, letters);
    }
    // A lost stop makes the protein longer: it is an extension, not a substitution.
    if changed.is_stop { Err(HgvsError::EditInvalid) } else { Ok(()) }
}

/// `=`, `delins`, `del`, `dup` or a number of copies; none where another change stands.
fn parse_common_edit(cursor: &mut Cursor<'_>, letters: &mut Option<Letters>) -> Result<Option<()>, HgvsError> {
    if cursor.eat("delins") {
        return parse_inserted(cursor, letters).map(Some);
    }
    if cursor.rest().starts_with('[') {
        return cursor.copies().map(Some).ok_or(HgvsError::EditInvalid);
    }
    Ok(["=", "del", "dup"].iter().any(|edit| cursor.eat(edit)).then_some(()))
}

/// Residues, or unknown ones by their number: `Xaa[5]`.
fn parse_inserted(cursor: &mut Cursor<'_>, letters: &mut Option<Letters>) -> Result<(), HgvsError> {
    residue::parse(cursor, letters)?.ok_or(HgvsError::EditInvalid)?;
    while residue::parse(cursor, letters)?.is_some() {}
    if cursor.rest().starts_with('[') { cursor.copies().ok_or(HgvsError::EditInvalid) } else { Ok(()) }
}

/// Nothing (the short form), or the stop with its distance: `Ter26`, `*26`, `Ter?`.
fn parse_frameshift_end(cursor: &mut Cursor<'_>, letters: &mut Option<Letters>) -> Result<(), HgvsError> {
    match residue::parse(cursor, letters)? {
        None => Ok(()),
        Some(residue) if residue.is_stop => parse_count(cursor),
        Some(_) => Err(HgvsError::EditInvalid),
    }
}

/// `-5` before a new start, `Ter17` or `*17` to a new stop.
fn parse_extension(cursor: &mut Cursor<'_>, letters: &mut Option<Letters>) -> Result<(), HgvsError> {
    if cursor.eat("-") {
        return parse_count(cursor);
    }
    match residue::parse(cursor, letters)? {
        Some(residue) if residue.is_stop => parse_count(cursor),
        _ => Err(HgvsError::EditInvalid),
    }
}

fn parse_count(cursor: &mut Cursor<'_>) -> Result<(), HgvsError> {
    if cursor.eat("?") || cursor.number().is_some() { Ok(()) } else { Err(HgvsError::PositionInvalid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_of_the_nomenclature_are_kept_as_written() {
        // Examples of hgvs-nomenclature.org (recommendations for protein) and what Nirvana writes.
        for change in [
            "p.(Lys17Arg)",
            "p.Lys17Arg",
            "p.V600E",
            "p.(R273H)",
            "p.Trp24Ter",
            "p.Trp24*",
            "p.W24*",
            "p.(Asn999=)",
            "p.=",
            "p.(=)",
            "p.?",
            "p.(?)",
            "p.0",
            "p.0?",
            "p.(0)",
            "p.Met1?",
            "p.(Met1?)",
            "p.Lys76_Asn77del",
            "p.Val7del",
            "p.(Trp26_Leu29del)",
            "p.Val7dup",
            "p.Y772_A775dup",
            "p.His4_Gln5insAla",
            "p.Lys2_Gly3insGlnSerLys",
            "p.(Met3_His4insGlyTer)",
            "p.Arg78_Gly79insXaa[23]",
            "p.Cys28delinsTrpVal",
            "p.(Leu747_Pro753delinsSer)",
            "p.L747_P753delinsS",
            "p.(Pro578_Lys579delinsLeuTer)",
            "p.Thr410fs",
            "p.T410fs",
            "p.(Met1470CysfsTer26)",
            "p.Arg97Profs*23",
            "p.Ile327Argfs*?",
            "p.(Gln151ThrfsTer9)",
            "p.R97Pfs*23",
            "p.(Thr410fsTer15)",
            "p.Met1ext-5",
            "p.Met1Valext-12",
            "p.Ter110GlnextTer17",
            "p.*110Glnext*17",
            "p.Ter327Argext*?",
            "p.Ala2[10]",
            "p.Arg65_Ser67[12]",
            "p.Gln18[(70_80)]",
            "p.(Gly606_Leu607=)",
            "p.Ter110=",
            "p.Sec45Arg",
        ] {
            let description = ProteinDescription::parse(change).unwrap_or_else(|error| panic!("{change}: {error}"));
            assert_eq!((description.as_str(), description.accession()), (change, None));
        }
    }

    #[test]
    fn an_accession_is_kept_with_its_version() {
        for (text, accession) in [
            ("NP_003811.2:p.(Lys17Arg)", "NP_003811.2"),
            ("XP_011523720.1:p.(Lys17Arg)", "XP_011523720.1"),
            ("ENSP00000350283.3:p.(Glu23fs)", "ENSP00000350283.3"),
            ("LRG_199p1:p.(Val25Gly)", "LRG_199p1"),
        ] {
            let description = ProteinDescription::parse(text).unwrap();
            assert_eq!((description.as_str(), description.accession()), (text, Some(accession)));
        }
    }

    #[test]
    fn other_text_says_why() {
        use HgvsError::*;
        for (text, expected) in [
            ("", Empty),
            ("NA", CoordinateType),
            ("V600E", CoordinateType),
            ("(Lys17Arg)", CoordinateType),
            ("P.Lys17Arg", CoordinateType),
            ("NP_003811.2:", CoordinateType),
            ("NP_003811:p.(Lys17Arg)", VersionMissing),
            ("BRAF:p.V600E", AccessionInvalid),
            ("NM_004333.4:p.(Val600Glu)", AccessionKind),
            ("p.", EditInvalid),
            ("p.()", EditInvalid),
            ("p.lys17Arg", ResidueInvalid),
            ("p.17", ResidueInvalid),
            ("p.X17R", ResidueInvalid),
            ("p.V600Glu", ResidueInvalid),
            ("p.Val600E", ResidueInvalid),
            ("p.LysArg", PositionInvalid),
            ("p.Lys0Arg", PositionInvalid),
            ("p.GL606-607GL", PositionInvalid),
            ("p.(Arg97ProfsTer)", PositionInvalid),
            ("p.Met1ext-", PositionInvalid),
            ("p.Lys17", EditInvalid),
            ("p.R445X", EditInvalid),
            ("p.Lys17>Arg", EditInvalid),
            ("p.Lys76_Asn77", EditInvalid),
            ("p.Lys76_Asn77Arg", EditInvalid),
            ("p.Cys28delins", EditInvalid),
            ("p.His4_Gln5ins", EditInvalid),
            ("p.Ter110Gln", EditInvalid),
            ("p.Ter110Glnext", EditInvalid),
            ("p.Arg97ProfsAla3", EditInvalid),
            ("p.Ala2[]", EditInvalid),
            ("p.Asn77_Lys76del", RangeInvalid),
            ("p.Lys76_Lys76del", RangeInvalid),
            ("p.His4insAla", RangeInvalid),
            ("p.His4_Gln6insAla", RangeInvalid),
            ("p.Lys17ArgGly", Trailing),
            ("p.Lys17Arg)", Trailing),
            ("p.Val7del2", Trailing),
            ("p.[Lys17Arg;Val7del]", ResidueInvalid),
        ] {
            assert_eq!(ProteinDescription::parse(text).unwrap_err(), expected, "{text}");
        }
    }
}
