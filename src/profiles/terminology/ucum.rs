//! Units of the Unified Code for Units of Measure (UCUM 2.1, section 2), case sensitive.
//!
//! The symbols stand in `profiles/terminology/ucum.tsv`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Longest unit, in bytes.
const MAX_BYTES: usize = 200;

/// Whether a text is a unit: symbols with prefix and exponent, factors, annotations in braces, joined by `.` and `/`.
///
/// Two things that FHIR's own common units (value set ucum-common) do and UCUM does not allow are accepted: spaces in an
/// annotation, and an annotation after a closing parenthesis.
pub(super) fn is_unit(text: &str) -> bool {
    if text.is_empty() || text.len() > MAX_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return false;
    }
    let mut rest = text.strip_prefix('/').unwrap_or(text);
    let mut open = 0_usize;
    loop {
        while let Some(inner) = rest.strip_prefix('(') {
            rest = inner.strip_prefix('/').unwrap_or(inner);
            open += 1;
        }
        let Some(after) = skip_component(rest) else { return false };
        rest = after;
        while let Some(after) = rest.strip_prefix(')') {
            if open == 0 {
                return false;
            }
            open -= 1;
            rest = skip_annotation(after).unwrap_or(after);
        }
        if rest.is_empty() {
            return open == 0;
        }
        let Some(next) = rest.strip_prefix(['.', '/']) else { return false };
        rest = next;
    }
}

#[derive(Default)]
struct Symbols {
    prefixes: Vec<&'static str>,
    metric: BTreeSet<&'static str>,
    other: BTreeSet<&'static str>,
}

static SYMBOLS: LazyLock<Symbols> = LazyLock::new(|| {
    let mut symbols = Symbols::default();
    let table = include_str!("../../../profiles/terminology/ucum.tsv");
    for (kind, list) in table.lines().filter_map(|line| line.split_once('\t')) {
        match kind {
            "prefix" => symbols.prefixes.extend(list.split(' ')),
            "metric" => symbols.metric.extend(list.split(' ')),
            "other" => symbols.other.extend(list.split(' ')),
            _ => {}
        }
    }
    symbols
});

/// The text after a component: an annotation, or a factor or symbol with or without one.
fn skip_component(text: &str) -> Option<&str> {
    if let Some(annotated) = skip_annotation(text) {
        return Some(annotated);
    }
    let end = symbol_end(text);
    let symbol = text.get(..end)?;
    let rest = text.get(end..)?;
    if !is_factor(symbol) && !is_powered_symbol(symbol) {
        return None;
    }
    Some(skip_annotation(rest).unwrap_or(rest))
}

fn skip_annotation(text: &str) -> Option<&str> {
    let (annotation, rest) = text.strip_prefix('{')?.split_once('}')?;
    (!annotation.contains('{')).then_some(rest)
}

/// Where a symbol ends; what stands in square brackets belongs to it.
fn symbol_end(text: &str) -> usize {
    let mut is_bracketed = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => is_bracketed = true,
            b']' => is_bracketed = false,
            b'.' | b'/' | b'(' | b')' | b'{' | b'}' if !is_bracketed => return at,
            _ => {}
        }
    }
    text.len()
}

fn is_factor(symbol: &str) -> bool {
    !symbol.is_empty() && symbol.bytes().all(|byte| byte.is_ascii_digit())
}

/// A symbol, alone or with an exponent: `m2`, `s-1`, `10*3`.
fn is_powered_symbol(symbol: &str) -> bool {
    if is_symbol(symbol) {
        return true;
    }
    let without_digits = symbol.trim_end_matches(|c: char| c.is_ascii_digit());
    let base = without_digits.strip_suffix(['+', '-']).unwrap_or(without_digits);
    without_digits.len() < symbol.len() && is_symbol(base)
}

fn is_symbol(symbol: &str) -> bool {
    SYMBOLS.other.contains(symbol)
        || SYMBOLS.metric.contains(symbol)
        || SYMBOLS
            .prefixes
            .iter()
            .any(|prefix| symbol.strip_prefix(prefix).is_some_and(|unprefixed| SYMBOLS.metric.contains(unprefixed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_in_use_are_known() {
        for text in [
            "1",
            "%",
            "{reads}",
            "{score}",
            "{sites}",
            "{variants}",
            "1/1000000{Base}",
            "1000000{Base}",
            "1/1000000",
            "a",
            "ng/uL",
            "mm",
            "mm[Hg]",
            "kg/m2",
            "/uL",
            "10*3/uL",
            "10*-6",
            "m.s-1",
            "{breaths}/min",
            "mmol/(24.h)",
            "/(12.h)",
            "[IU]/L",
            "k[IU]/mL",
            "Cel",
            "g/dL",
            "umol/L",
            "mL/min/{1.73_m2}",
            "B[10.nV]",
            "[in_i'Hg]",
            "L/(s.m2)",
            "{3 times}/d",
            "U/(10.g){feces}",
        ] {
            assert!(is_unit(text), "{text}");
        }
    }

    #[test]
    fn other_text_is_none() {
        for text in [
            "",
            " ",
            "Mutations/Megabase",
            "percent",
            "reads",
            "mm Hg",
            "mmHg",
            "MegaB",
            "{reads",
            "reads}",
            "{a{b}}",
            "m/",
            "m..s",
            "(m",
            "m)",
            "kmin",
            "m2s",
            "1{Base}2",
            "[nil]",
            "µm",
            "/",
            "()",
            "--",
            "10*+",
        ] {
            assert!(!is_unit(text), "{text}");
        }
        assert!(!is_unit(&"(".repeat(201)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_unit_or_not(text in "[mgsL%1029*./(){}\\[\\]H2O+-]{0,16}|\\PC{0,24}") {
            is_unit(&text);
        }
    }
}
