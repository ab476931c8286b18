//! Positions of a coding or non-coding transcript: `76`, `-15`, `*3484`, `424-3202`, `(?_-30)`.

use super::HgvsError;
use super::cursor::Cursor;

/// What a position counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbering {
    /// `c.`: before (`-`) and after (`*`) the coding sequence too.
    Coding,
    /// `n.`: from the first base only.
    Noncoding,
}

/// One position or a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// One base.
    Single,
    /// Two bases beside each other: an insertion goes between them.
    Neighbours,
    /// A range that is longer than two bases, or whose length the text does not show.
    Range,
}

/// A position that is known exactly, in the order of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Exact {
    /// Before, in, or after the coding sequence.
    region: i8,
    /// Distance from the region's origin; negative before the coding sequence.
    base: i64,
    /// Into the intron.
    offset: i64,
}

/// Reads a position or range.
pub(super) fn parse(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Place, HgvsError> {
    let start = parse_end(cursor, numbering)?;
    if !cursor.eat("_") {
        return Ok(Place::Single);
    }
    let end = parse_end(cursor, numbering)?;
    let (Some(start), Some(end)) = (start, end) else { return Ok(Place::Range) };
    if start >= end {
        return Err(HgvsError::RangeInvalid);
    }
    Ok(if may_be_neighbours(start, end) { Place::Neighbours } else { Place::Range })
}

/// Either end: a position, `?`, or an uncertain range in parentheses. None where it is not exact.
fn parse_end(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Option<Exact>, HgvsError> {
    if !cursor.eat("(") {
        return parse_bound(cursor, numbering);
    }
    parse_bound(cursor, numbering)?;
    if cursor.eat("_") {
        parse_bound(cursor, numbering)?;
    }
    if cursor.eat(")") { Ok(None) } else { Err(HgvsError::PositionInvalid) }
}

fn parse_bound(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Option<Exact>, HgvsError> {
    if cursor.eat("?") {
        return Ok(None);
    }
    let (region, sign) = match numbering {
        Numbering::Coding if cursor.eat("-") => (0, -1),
        Numbering::Coding if cursor.eat("*") => (2, 1),
        _ => (1, 1),
    };
    let base = sign * i64::from(cursor.number().ok_or(HgvsError::PositionInvalid)?);
    let sign = if cursor.eat("+") {
        1
    } else if cursor.eat("-") {
        -1
    } else {
        return Ok(Some(Exact { region, base, offset: 0 }));
    };
    if cursor.eat("?") {
        return Ok(None);
    }
    let offset = sign * i64::from(cursor.number().ok_or(HgvsError::PositionInvalid)?);
    Ok(Some(Exact { region, base, offset }))
}

/// Whether nothing in the text says that another base lies between. At a border of the coding sequence (`-1_1`, `1200_*1`)
/// and in the middle of an intron (`100+50_101-50`) the text cannot say.
fn may_be_neighbours(start: Exact, end: Exact) -> bool {
    if start.region != end.region {
        return true;
    }
    match (start.offset, end.offset) {
        (0, 0) => end.base - start.base == 1,
        (from, to) if start.base == end.base => to - from == 1,
        (from, to) => from > 0 && to < 0 && end.base - start.base == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, numbering: Numbering) -> Result<Place, HgvsError> {
        let mut cursor = Cursor::new(text);
        let place = parse(&mut cursor, numbering)?;
        if cursor.is_empty() { Ok(place) } else { Err(HgvsError::Trailing) }
    }

    #[test]
    fn positions_of_the_nomenclature_are_read() {
        for (text, expected) in [
            ("76", Place::Single),
            ("-15", Place::Single),
            ("*3484", Place::Single),
            ("424-3202", Place::Single),
            ("88+2", Place::Single),
            ("-85+1", Place::Single),
            ("*37-2", Place::Single),
            ("?", Place::Single),
            ("76_77", Place::Neighbours),
            ("-2_-1", Place::Neighbours),
            ("-1_1", Place::Neighbours),
            ("88+1_88+2", Place::Neighbours),
            ("88_88+1", Place::Neighbours),
            ("89-1_89", Place::Neighbours),
            ("88+50_89-50", Place::Neighbours),
            ("76_79", Place::Range),
            ("88+1_88+5", Place::Range),
            ("*1_*6", Place::Range),
            ("?_79", Place::Range),
            ("(?_-30)_(12+1_13-1)", Place::Range),
            ("(76_79)", Place::Single),
        ] {
            assert_eq!(read(text, Numbering::Coding), Ok(expected), "{text}");
        }
        assert_eq!(read("76+2_79", Numbering::Noncoding), Ok(Place::Range));
    }

    #[test]
    fn other_text_is_no_position() {
        for (text, expected) in [
            ("", HgvsError::PositionInvalid),
            ("0", HgvsError::PositionInvalid),
            ("076", HgvsError::PositionInvalid),
            ("-", HgvsError::PositionInvalid),
            ("76_", HgvsError::PositionInvalid),
            ("76+", HgvsError::PositionInvalid),
            ("76+0", HgvsError::PositionInvalid),
            ("(76_79", HgvsError::PositionInvalid),
            ("99999999999999999999", HgvsError::PositionInvalid),
            ("77_76", HgvsError::RangeInvalid),
            ("76_76", HgvsError::RangeInvalid),
            ("*1_76", HgvsError::RangeInvalid),
            ("1_-1", HgvsError::RangeInvalid),
            ("76_77_78", HgvsError::Trailing),
        ] {
            assert_eq!(read(text, Numbering::Coding), Err(expected), "{text}");
        }
        for text in ["-15", "*15"] {
            assert_eq!(read(text, Numbering::Noncoding), Err(HgvsError::PositionInvalid), "{text}");
        }
    }
}
