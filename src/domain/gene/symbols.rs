//! The approved symbols of HGNC with their synonyms: one sorted text, searched in place.
//!
//! Nothing is copied per gene: a start of line for each symbol and eight bytes for each synonym, so that the table costs a
//! few milliseconds and two megabytes at start.

const COLUMNS: &str = "symbol\thgnc_id\tsynonyms";

/// Why a symbol table was refused; lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SymbolsError {
    /// The first line after the comments does not name the columns.
    #[error("the line of column names is missing or not as expected")]
    Header,
    /// A line is not symbol, digits, synonyms.
    #[error("line {line}: not a gene")]
    Line {
        /// Line of the file.
        line: usize,
    },
    /// A symbol is not greater, byte by byte, than the one before it.
    #[error("line {line}: not in order, or twice")]
    Order {
        /// Line of the file.
        line: usize,
    },
    /// The text is larger than 16 MiB, which the index cannot address.
    #[error("larger than 16 MiB")]
    TooLarge,
}

/// What a synonym leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lookup<'a> {
    /// One gene.
    One {
        /// Approved symbol.
        symbol: &'a str,
        /// HGNC id without prefix.
        id: &'a str,
    },
    /// Several genes.
    Several,
    /// None.
    None,
}

/// The table.
#[derive(Debug)]
pub(super) struct Symbols {
    text: String,
    /// Where each gene's line starts, in the order of the symbols.
    lines: Vec<u32>,
    /// Hash of a synonym in the high half, index into `lines` in the low half; sorted.
    synonyms: Vec<u64>,
}

struct Line<'a> {
    symbol: &'a str,
    id: &'a str,
    synonyms: &'a str,
}

impl Symbols {
    pub(super) fn parse(tsv: &str) -> Result<Self, SymbolsError> {
        const MAX_BYTES: usize = 16 * 1024 * 1024;
        if tsv.len() > MAX_BYTES {
            return Err(SymbolsError::TooLarge);
        }
        let mut lines = Vec::new();
        let mut synonyms = Vec::new();
        let mut previous = None;
        let mut header_seen = false;
        let mut start: u32 = 0;
        for (number, text) in (1..).zip(tsv.split_inclusive('\n')) {
            let line_start = start;
            start += text.len() as u32;
            let text = text.trim_end_matches(['\n', '\r']);
            if text.starts_with('#') {
                continue;
            }
            if !header_seen {
                header_seen = text == COLUMNS;
                if !header_seen {
                    return Err(SymbolsError::Header);
                }
                continue;
            }
            let line = parse_line(text).ok_or(SymbolsError::Line { line: number })?;
            if previous.is_some_and(|previous| previous >= line.symbol) {
                return Err(SymbolsError::Order { line: number });
            }
            previous = Some(line.symbol);
            let index = lines.len() as u64;
            synonyms.extend(split_synonyms(line.synonyms).map(|synonym| u64::from(hash(synonym)) << 32 | index));
            lines.push(line_start);
        }
        if !header_seen {
            return Err(SymbolsError::Header);
        }
        synonyms.sort_unstable();
        Ok(Self { text: tsv.to_owned(), lines, synonyms })
    }

    /// HGNC id, without prefix, of an approved symbol.
    pub(super) fn approved(&self, symbol: &str) -> Option<&str> {
        let found =
            self.lines.binary_search_by(|&start| self.line_at(start).map_or("", |line| line.symbol).cmp(symbol));
        self.line(found.ok()?).map(|line| line.id)
    }

    /// The gene or genes that list `synonym`.
    pub(super) fn synonym(&self, synonym: &str) -> Lookup<'_> {
        if synonym.is_empty() {
            return Lookup::None;
        }
        let wanted = hash(synonym);
        let first = self.synonyms.partition_point(|&entry| ((entry >> 32) as u32) < wanted);
        let mut lookup = Lookup::None;
        for &entry in self.synonyms.iter().skip(first).take_while(|&&entry| (entry >> 32) as u32 == wanted) {
            let Some(line) = self.line(entry as u32 as usize) else { continue };
            // Two texts may share a hash.
            if !split_synonyms(line.synonyms).any(|candidate| candidate == synonym) {
                continue;
            }
            lookup = match lookup {
                Lookup::None => Lookup::One { symbol: line.symbol, id: line.id },
                Lookup::One { id, .. } if id == line.id => Lookup::One { symbol: line.symbol, id },
                _ => return Lookup::Several,
            };
        }
        lookup
    }

    fn line(&self, index: usize) -> Option<Line<'_>> {
        self.line_at(*self.lines.get(index)?)
    }

    fn line_at(&self, start: u32) -> Option<Line<'_>> {
        let rest = self.text.get(start as usize..)?;
        let end = rest.find('\n').unwrap_or(rest.len());
        parse_line(rest.get(..end)?.trim_end_matches('\r'))
    }
}

fn parse_line(text: &str) -> Option<Line<'_>> {
    let (symbol, rest) = text.split_once('\t')?;
    let (id, synonyms) = rest.split_once('\t')?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    (is_id && !symbol.is_empty() && !synonyms.contains('\t')).then_some(Line { symbol, id, synonyms })
}

fn split_synonyms(text: &str) -> impl Iterator<Item = &str> {
    text.split('|').filter(|synonym| !synonym.is_empty())
}

/// FNV-1a, 32 bits (RFC 9923): small, and the same on every machine.
fn hash(text: &str) -> u32 {
    const OFFSET_BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    text.bytes().fold(OFFSET_BASIS, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Symbols, SymbolsError> {
        Symbols::parse(&format!("# source\n{COLUMNS}\n{body}"))
    }

    #[test]
    fn first_middle_and_last_symbol_are_found() {
        let symbols = parse("A\t1\tX|Y\r\nB-1\t22\t\nb\t333\tY|Y2|A").unwrap();
        for (symbol, expected) in [("A", Some("1")), ("B-1", Some("22")), ("b", Some("333")), ("B", None), ("", None)] {
            assert_eq!(symbols.approved(symbol), expected, "{symbol}");
        }
        for (synonym, expected) in [
            ("X", Lookup::One { symbol: "A", id: "1" }),
            ("Y2", Lookup::One { symbol: "b", id: "333" }),
            ("A", Lookup::One { symbol: "b", id: "333" }),
            ("Y", Lookup::Several),
            ("B-1", Lookup::None),
            ("X|Y", Lookup::None),
            ("", Lookup::None),
        ] {
            assert_eq!(symbols.synonym(synonym), expected, "{synonym}");
        }
    }

    #[test]
    fn two_synonyms_with_one_hash_stay_apart() {
        // A published collision of 32-bit FNV-1a.
        assert_eq!(hash("costarring"), hash("liquid"));
        let symbols = parse("A\t1\tcostarring\nB\t2\tliquid\n").unwrap();
        assert_eq!(symbols.synonym("costarring"), Lookup::One { symbol: "A", id: "1" });
        assert_eq!(symbols.synonym("liquid"), Lookup::One { symbol: "B", id: "2" });
    }

    #[test]
    fn a_synonym_listed_twice_by_one_gene_is_not_ambiguous() {
        assert_eq!(parse("A\t1\tX|X\n").unwrap().synonym("X"), Lookup::One { symbol: "A", id: "1" });
    }

    #[test]
    fn a_table_of_another_shape_is_refused() {
        for (body, expected) in [
            ("A\t1", SymbolsError::Line { line: 3 }),
            ("A\t1\t\t", SymbolsError::Line { line: 3 }),
            ("A\tHGNC:1\t", SymbolsError::Line { line: 3 }),
            ("A\t\t", SymbolsError::Line { line: 3 }),
            ("\t1\t", SymbolsError::Line { line: 3 }),
            ("A\t1\t\n\nB\t2\t", SymbolsError::Line { line: 4 }),
            ("B\t1\t\nA\t2\t", SymbolsError::Order { line: 4 }),
            ("A\t1\t\nA\t2\t", SymbolsError::Order { line: 4 }),
        ] {
            assert_eq!(parse(body).unwrap_err(), expected, "{body:?}");
        }
        assert_eq!(Symbols::parse("").unwrap_err(), SymbolsError::Header);
        assert_eq!(Symbols::parse("# only\n").unwrap_err(), SymbolsError::Header);
        assert_eq!(Symbols::parse("symbol\tid\n").unwrap_err(), SymbolsError::Header);
        assert_eq!(Symbols::parse(&" ".repeat(16 * 1024 * 1024 + 1)).unwrap_err(), SymbolsError::TooLarge);
    }
}
