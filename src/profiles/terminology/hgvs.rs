//! The shape of HGVS descriptions (hgvs-nomenclature.org, version 21.0).

use crate::domain::hgvs::{CodingDescription, ProteinDescription};

/// Longest description, in bytes.
const MAX_BYTES: usize = 1000;

/// Whether a text is an HGVS description with a reference sequence; of a protein also without, as callers name none where
/// the protein does not change (`p.(Arg213=)`).
///
/// `c.`, `n.` and `p.` descriptions of one change are read by the grammar; alleles, mosaics and chimeras, the genomic
/// (`g.`), mitochondrial (`m.`), circular (`o.`) and RNA (`r.`) levels are held to their shape.
pub(super) fn is_description(text: &str) -> bool {
    if text.len() > MAX_BYTES {
        return false;
    }
    let Some((reference, description)) = text.split_once(':') else { return ProteinDescription::parse(text).is_ok() };
    let (Some(level), Some(change)) = (description.get(..2), description.get(2..)) else { return false };
    let is_compound = change.contains(['[', ';', '/']) || change.contains(",");
    match level {
        "c." | "n." => CodingDescription::parse(text).is_ok() || (is_compound && is_shape(reference, change)),
        "p." => ProteinDescription::parse(text).is_ok() || (is_compound && is_shape(reference, change)),
        "g." | "m." | "o." | "r." => is_shape(reference, change),
        _ => false,
    }
}

fn is_shape(reference: &str, change: &str) -> bool {
    is_reference(reference) && is_change(change)
}

/// An accession with version (`NC_000007.13`, `ENST00000357654.3`), one of the Locus Reference Genomic collection
/// (`LRG_199t1`), or one inside another: `NC_000023.10(NM_004006.2)`.
fn is_reference(text: &str) -> bool {
    if let Some((outer, inner)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        return is_reference(outer) && is_reference(inner);
    }
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.ends_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match text.rsplit_once('.') {
        Some((name, version)) => {
            is_name(name) && !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => text.starts_with("LRG_") && is_name(text),
    }
}

/// A position or bracket first, then no space, and every bracket closed.
fn is_change(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '[' | '?' | '=' | '-' | '*'))
        || text.starts_with(|c: char| c.is_ascii_uppercase())
        || ["pter", "qter", "cen"].iter().any(|landmark| text.starts_with(landmark));
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"()[]_+-*?=>;:,./|^{}".contains(&byte);
    let is_more_than_a_position = !text.bytes().all(|byte| byte.is_ascii_digit() || b"_()?".contains(&byte));
    let is_whole = matches!(text, "?" | "=");
    starts_well && (is_more_than_a_position || is_whole) && text.bytes().all(is_known) && is_balanced(text)
}

fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for byte in text.bytes() {
        match byte {
            b'(' => open.push(b')'),
            b'[' => open.push(b']'),
            b'{' => open.push(b'}'),
            b')' | b']' | b'}' if open.pop() != Some(byte) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_of_every_level_are_known() {
        for text in [
            "NC_000007.13:g.140453136A>T",
            "NC_000002.12:g.211713666_211713668del",
            "NC_000003.11:g.142269071_142269072insTTACT",
            "NC_000023.11:g.(31060227_31100351)_(33274278_33417151)dup",
            "NC_000001.11:g.pter_8247756delins[NC_000011.10:g.pter_15825272]",
            "NC_012920.1:m.8993T>G",
            "NM_005228.4:c.2573T>G",
            "NM_004006.2:c.[2376G>C;3103del]",
            "NM_004006.2:c.85=/T>C",
            "LRG_199t1:c.[76C>T];[87G>A]",
            "NR_002196.1:n.601G>T",
            "NM_004006.3:r.123c>u",
            "NP_004324.2:p.Val600Glu",
            "NP_002519.2:p.Trp243Ter",
            "NP_003997.1:p.[Ser68Arg;Asn594del]",
            "p.(Arg213=)",
        ] {
            assert!(is_description(text), "{text}");
        }
    }

    #[test]
    fn other_text_is_none() {
        for text in [
            "",
            ":",
            "BRAF",
            "c.2573T>G",
            "NM_005228:c.2573T>G",
            "NM_005228.4:c.2573",
            "NM_005228.4 c.2573T>G",
            "NM_005228.4:c.2573 T>G",
            "NC_000007.13:g.140453136",
            "NC_000007:g.140453136A>T",
            "chr7:g.140453136A>T",
            "NC_000007.13:g.(140453136A>T",
            "NC_000007.13:x.140453136A>T",
            "NC_000007.13:g.",
            "7:140453136A>T",
            "NC_000007.13:å.1",
        ] {
            assert!(!is_description(text), "{text}");
        }
        assert!(!is_description(&format!("NC_000007.13:g.1_2ins{}", "A".repeat(1000))));
    }
}
