//! Amino acids by their codes (IUPAC-IUB 1983).

use super::HgvsError;
use super::cursor::Cursor;

/// Three-letter codes that HGVS allows: the 20, selenocysteine, pyrrolysine, stop and unknown.
const THREE_LETTERS: [&str; 24] = [
    "Ala", "Arg", "Asn", "Asp", "Cys", "Gln", "Glu", "Gly", "His", "Ile", "Leu", "Lys", "Met", "Phe", "Pro", "Ser",
    "Thr", "Trp", "Tyr", "Val", "Sec", "Pyl", "Ter", "Xaa",
];

/// One-letter codes that HGVS allows. `X` is left out: it once meant a stop and today any amino acid.
const ONE_LETTERS: &str = "ACDEFGHIKLMNPQRSTVWYUO";

/// Which code a description uses; it must not use both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    One,
    Three,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Residue {
    /// A stop codon: `Ter` or `*`.
    pub(super) is_stop: bool,
}

/// Reads one residue, if one is next. `*` belongs to both codes.
pub(super) fn parse(cursor: &mut Cursor<'_>, letters: &mut Option<Letters>) -> Result<Option<Residue>, HgvsError> {
    if cursor.eat("*") {
        return Ok(Some(Residue { is_stop: true }));
    }
    let used = if let Some(code) = THREE_LETTERS.iter().find(|code| cursor.eat(code)) {
        (Letters::Three, *code == "Ter")
    } else if cursor.rest().starts_with(|c: char| ONE_LETTERS.contains(c)) {
        cursor.eat(cursor.rest().get(..1).unwrap_or_default());
        (Letters::One, false)
    } else {
        return Ok(None);
    };
    let (code, is_stop) = used;
    if letters.is_some_and(|letters| letters != code) {
        return Err(HgvsError::ResidueInvalid);
    }
    *letters = Some(code);
    Ok(Some(Residue { is_stop }))
}
