//! Changes of a nucleotide sequence: what stands after the position.

use super::HgvsError;
use super::cursor::Cursor;
use super::position::{Numbering, Place, parse as parse_position};

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Something differs from the reference.
    Different,
    /// `=`: the sequence is the reference's.
    Same,
}

/// Reads a change at `place`.
pub(super) fn parse(cursor: &mut Cursor<'_>, numbering: Numbering, place: Place) -> Result<Change, HgvsError> {
    if cursor.eat("=") {
        return Ok(Change::Same);
    }
    if cursor.eat("delins") {
        parse_inserted(cursor, numbering)?;
    } else if cursor.eat("del") {
        // `delT` and `delTinsGC` name the deleted bases, which the nomenclature discourages but does not forbid.
        if !bases(cursor).is_empty() && cursor.eat("ins") {
            parse_inserted(cursor, numbering)?;
        }
    } else if cursor.eat("dup") {
        bases(cursor);
    } else if cursor.eat("inv") {
        need(place != Place::Single, HgvsError::RangeInvalid)?;
    } else if cursor.eat("ins") {
        need(place == Place::Neighbours, HgvsError::RangeInvalid)?;
        parse_inserted(cursor, numbering)?;
    } else if cursor.eat("con") {
        need(place != Place::Single, HgvsError::RangeInvalid)?;
        parse_inserted(cursor, numbering)?;
    } else {
        parse_substitution_or_repeat(cursor, place)?;
    }
    Ok(Change::Different)
}

/// `A>G`, `[12]`, `CAG[23]` or `CAG[23]CAA[1]`.
fn parse_substitution_or_repeat(cursor: &mut Cursor<'_>, place: Place) -> Result<(), HgvsError> {
    let reference = bases(cursor);
    if cursor.eat(">") {
        need(reference.len() == 1 && bases(cursor).len() == 1, HgvsError::EditInvalid)?;
        return need(place == Place::Single, HgvsError::RangeInvalid);
    }
    cursor.copies().ok_or(HgvsError::EditInvalid)?;
    while !bases(cursor).is_empty() {
        cursor.copies().ok_or(HgvsError::EditInvalid)?;
    }
    Ok(())
}

/// What is inserted: bases, a part of the same or another sequence, or several of these: `[A;76_90;CAG[3]]`.
fn parse_inserted(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<(), HgvsError> {
    if !cursor.eat("[") {
        return parse_inserted_part(cursor, numbering);
    }
    loop {
        parse_inserted_part(cursor, numbering)?;
        if cursor.eat("]") {
            return Ok(());
        }
        need(cursor.eat(";"), HgvsError::EditInvalid)?;
    }
}

fn parse_inserted_part(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<(), HgvsError> {
    if let Some((accession, rest)) = other_sequence(cursor.rest()) {
        super::accession::parse(accession)?;
        *cursor = Cursor::new(rest);
        let own_numbering = if cursor.eat("c.") { Numbering::Coding } else { Numbering::Noncoding };
        if own_numbering == Numbering::Noncoding {
            need(["g.", "n.", "m."].iter().any(|kind| cursor.eat(kind)), HgvsError::CoordinateType)?;
        }
        return parse_inserted_range(cursor, own_numbering);
    }
    if bases(cursor).is_empty() {
        return parse_inserted_range(cursor, numbering).map_err(|_| HgvsError::EditInvalid);
    }
    if cursor.rest().starts_with('[') { cursor.copies().ok_or(HgvsError::EditInvalid) } else { Ok(()) }
}

/// Splits `NC_000022.10:g.1_2` at its colon, if the text starts with an accession.
fn other_sequence(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')))?;
    let (accession, rest) = text.split_at_checked(end)?;
    Some((accession, rest.strip_prefix(':')?))
}

fn parse_inserted_range(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<(), HgvsError> {
    need(parse_position(cursor, numbering)? != Place::Single, HgvsError::RangeInvalid)?;
    cursor.eat("inv");
    Ok(())
}

/// Bases by their IUPAC codes (NC-IUB 1984), in capitals.
fn bases<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    cursor.take_while(|byte| b"ACGTNRYSWKMBDHV".contains(&byte))
}

fn need(condition: bool, error: HgvsError) -> Result<(), HgvsError> {
    if condition { Ok(()) } else { Err(error) }
}
