//! HGVS and accessions, held to the words of the nomenclature: what is written in letters must be one of them.

/// Longest description, in bytes.
const MAX_BYTES: usize = 1000;
/// Most digits of a position.
const MAX_DIGITS: usize = 9;
/// Beginnings of accessions of reference sequences.
const ACCESSIONS: [&str; 15] =
    ["NC_", "NG_", "NM_", "NP_", "NR_", "NT_", "NW_", "XM_", "XP_", "XR_", "YP_", "ENSG", "ENST", "ENSP", "LRG_"];
/// Words of descriptions, the longer ones first: a letter of an amino acid alone is none.
const WORDS: [&str; 39] = [
    "delins", "pter", "qter", "copy", "cen", "con", "del", "dup", "ext", "fs", "ins", "inv", "sup", "Ala", "Arg",
    "Asn", "Asp", "Asx", "Cys", "Gln", "Glu", "Glx", "Gly", "His", "Ile", "Leu", "Lys", "Met", "Phe", "Pro", "Pyl",
    "Sec", "Ser", "Ter", "Thr", "Trp", "Tyr", "Val", "Xaa",
];

/// A description with a reference sequence; of a protein also without one (`p.(Arg213=)`).
pub(super) fn is_description(text: &str) -> bool {
    let (reference, description) = text.split_once(':').map_or((None, text), |(left, right)| (Some(left), right));
    let Some((level, change)) = description.split_at_checked(2) else { return false };
    let is_level = match reference {
        Some(reference) => matches!(level, "c." | "n." | "g." | "m." | "o." | "p." | "r.") && is_reference(reference),
        None => level == "p.",
    };
    text.len() <= MAX_BYTES && is_level && is_change(change, level == "r.")
}

/// An accession with version: `NM_004333.4`.
pub(super) fn is_accession(text: &str) -> bool {
    let Some(number) = ACCESSIONS.iter().find_map(|prefix| text.strip_prefix(prefix)) else { return false };
    let is_number = |text: &str| (1..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match number.split_once(['.', 't', 'p']) {
        Some((number, version)) => is_number(number) && is_number(version) && version.len() <= 3,
        None => text.starts_with("LRG_") && is_number(number),
    }
}

/// An accession, or one inside another: `NC_000023.10(NM_004006.2)`.
fn is_reference(text: &str) -> bool {
    match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((outer, inner)) => is_accession(outer) && is_accession(inner),
        None => is_accession(text),
    }
}

/// Numbers, signs and words; it says more than a position.
fn is_change(text: &str, is_rna: bool) -> bool {
    let mut rest = text;
    let mut says_something = false;
    while let Some(first) = rest.chars().next() {
        let is_kind: fn(char) -> bool = match first {
            '0'..='9' => |c| c.is_ascii_digit(),
            'a'..='z' | 'A'..='Z' => |c| c.is_ascii_alphabetic(),
            '(' | ')' | '[' | ']' | '_' | '+' | '-' | '*' | '?' | ';' | ',' | '/' | '^' | '|' => {
                |c| "()[]_+-*?;,/^|".contains(c)
            }
            '=' | '>' => |c| matches!(c, '=' | '>'),
            // Another sequence that was inserted: its accession is asked for above.
            _ => return false,
        };
        let end = rest.find(|c| !is_kind(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        let is_known = match first {
            '0'..='9' => token.len() <= MAX_DIGITS && !token.starts_with('0'),
            'a'..='z' | 'A'..='Z' => is_words(token, is_rna),
            _ => true,
        };
        says_something |= first.is_ascii_alphabetic() || matches!(first, '=' | '>' | '?');
        if !is_known {
            return false;
        }
        rest = after;
    }
    says_something && !is_descending(text)
}

/// Words of the nomenclature and bases, one after the other.
fn is_words(text: &str, is_rna: bool) -> bool {
    let is_base = |byte: u8| if is_rna { b"acgu".contains(&byte) } else { b"ACGT".contains(&byte) };
    let mut rest = text;
    while !rest.is_empty() {
        let word = WORDS.iter().find_map(|word| rest.strip_prefix(*word));
        let bases = rest.bytes().take_while(|byte| is_base(*byte)).count();
        rest = match word {
            Some(after) => after,
            None if bases > 0 => rest.get(bases..).unwrap_or_default(),
            None => return false,
        };
    }
    true
}

/// A range that ends before it begins: the two parts of a national number are one, as six digits are more than five.
fn is_descending(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('_').collect();
    numbers.windows(2).any(|pair| {
        let [left, right] = pair else { return false };
        let start = left.bytes().rev().take_while(u8::is_ascii_digit).count();
        let end = right.bytes().take_while(u8::is_ascii_digit).count();
        let number = |text: &str| text.parse::<u64>().ok();
        let left = left.len().checked_sub(start).and_then(|at| left.get(at..)).and_then(number);
        // Behind an offset (`12+5_12+3`) the number is none of a position.
        let right = right.get(..end).and_then(number);
        matches!((left, right), (Some(left), Some(right)) if left > right && left > 99_999)
    })
}
