//! The results inside a cell. Each reader gives the result and whether a decimal comma was read as a point.

use crate::domain::decimal::Decimal;

use super::super::cells::change_kind::{ChangeKind, parse_change_kind};
use super::super::cells::is_missing;
use super::super::cells::number::{parse_count, parse_number};
use super::super::cells::symbol::parse_symbol;
use super::{SummaryCopyNumber, SummaryFusion, SummaryLoss, SummaryMsi, SummarySplice, SummaryTmb};

/// Why an item cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::sources::tso500) enum ItemError {
    /// Not a name, parentheses and what stands in them.
    #[error("not of the form of its column")]
    Form,
    /// Not a gene symbol or pair.
    #[error("no gene symbol")]
    Gene,
    /// Not a number of the expected kind.
    #[error("no number of the expected kind")]
    Number,
    /// Not a type of copy number change.
    #[error("no type of copy number change")]
    Type,
}

type Read<T> = Result<(T, bool), ItemError>;

/// `14.9 (19)`
pub(in crate::sources::tso500) fn read_tmb(item: &str) -> Read<SummaryTmb> {
    let (total, inside, rest) = split(item)?;
    ends(rest)?;
    let (total, comma) = decimal(total)?;
    Ok((SummaryTmb { total, eligible_variants: count(inside)? }, comma))
}

/// `4.13 (5/121)`
pub(in crate::sources::tso500) fn read_msi(item: &str) -> Read<SummaryMsi> {
    let (percent, inside, rest) = split(item)?;
    ends(rest)?;
    let (percent_unstable, comma) = decimal(percent)?;
    let (unstable, usable) = inside.split_once('/').ok_or(ItemError::Form)?;
    if percent_unstable.to_f64() > 100.0 {
        return Err(ItemError::Number);
    }
    Ok((SummaryMsi { percent_unstable, unstable_sites: count(unstable)?, usable_sites: count(usable)? }, comma))
}

/// `EGFR (1.509)`, `MDM4 (1.741, <DUP>)`, `EGFR (1.5, DUP, 5)`; a comma without blank is part of a number.
pub(super) fn read_copy_number(item: &str) -> Read<SummaryCopyNumber> {
    let (gene, inside, rest) = split(item)?;
    ends(rest)?;
    let parts: Vec<&str> = inside.split(", ").map(str::trim).collect();
    let (fold_change, kind, copies) = match parts.as_slice() {
        [fold_change] => (*fold_change, None, ""),
        [fold_change, kind] => (*fold_change, Some(*kind), ""),
        [fold_change, kind, copies] => (*fold_change, Some(*kind), *copies),
        _ => return Err(ItemError::Form),
    };
    let kind = kind.map_or(Ok(ChangeKind::Gain), |kind| parse_change_kind(kind).map_err(|_| ItemError::Type))?;
    let (fold_change, first) = optional(fold_change)?;
    let (absolute_copy_number, second) = optional(copies)?;
    Ok((SummaryCopyNumber { gene: symbol(gene)?, fold_change, kind, absolute_copy_number }, first || second))
}

/// `BRCA1 (1, 0)`
pub(super) fn read_loss(item: &str) -> Read<SummaryLoss> {
    let (gene, inside, rest) = split(item)?;
    ends(rest)?;
    let (absolute, minor) = inside.split_once(", ").ok_or(ItemError::Form)?;
    let (absolute_copy_number, first) = optional(absolute.trim())?;
    let (minor_copy_number, second) = optional(minor.trim())?;
    Ok((SummaryLoss { gene: symbol(gene)?, absolute_copy_number, minor_copy_number }, first || second))
}

/// `EGFR[2-7/28] (chr7:55087058-chr7:55223522) 64/1`
pub(super) fn read_splice(item: &str) -> Read<SummarySplice> {
    let (head, inside, rest) = split(item)?;
    let (gene, exons) = head.strip_suffix(']').and_then(|head| head.split_once('[')).ok_or(ItemError::Form)?;
    let (supporting, reference) = rest.split_once('/').ok_or(ItemError::Form)?;
    let splice = SummarySplice {
        gene: symbol(gene)?,
        exons: Some(exons.trim()).filter(|exons| !is_missing(exons)).map(str::to_owned),
        breakpoints: breakpoints(inside)?,
        supporting_reads: count(supporting)?,
        reference_reads: count(reference)?,
    };
    Ok((splice, false))
}

/// `CDK4/PDE3A (chr12:1-chr12:1) 15/31604/396`
pub(super) fn read_fusion(item: &str) -> Read<SummaryFusion> {
    let (pair, inside, rest) = split(item)?;
    let counts: Vec<&str> = rest.split('/').collect();
    let [supporting, first, second] = counts.as_slice() else { return Err(ItemError::Form) };
    let fusion = SummaryFusion {
        gene_pair: symbol(pair)?,
        breakpoints: breakpoints(inside)?,
        supporting_reads: count(supporting)?,
        reference_reads: [count(first)?, count(second)?],
    };
    Ok((fusion, false))
}

/// A gene alone.
pub(super) fn read_gene(item: &str) -> Read<String> {
    Ok((symbol(item)?, false))
}

/// A number alone.
pub(super) fn read_number(item: &str) -> Read<Decimal> {
    decimal(item)
}

/// What stands before, in and after the parentheses.
fn split(item: &str) -> Result<(&str, &str, &str), ItemError> {
    let (head, rest) = item.split_once('(').ok_or(ItemError::Form)?;
    let (inside, rest) = rest.split_once(')').ok_or(ItemError::Form)?;
    Ok((head.trim(), inside.trim(), rest.trim()))
}

fn ends(rest: &str) -> Result<(), ItemError> {
    if rest.is_empty() { Ok(()) } else { Err(ItemError::Form) }
}

fn symbol(text: &str) -> Result<String, ItemError> {
    parse_symbol(text.trim()).map(str::to_owned).map_err(|_| ItemError::Gene)
}

fn decimal(text: &str) -> Read<Decimal> {
    let number = parse_number(text.trim()).map_err(|_| ItemError::Number)?;
    if number.percent || number.value.as_str().starts_with('-') {
        return Err(ItemError::Number);
    }
    Ok((number.value, number.decimal_comma))
}

fn optional(text: &str) -> Read<Option<Decimal>> {
    if is_missing(text) {
        return Ok((None, false));
    }
    decimal(text).map(|(value, comma)| (Some(value), comma))
}

fn count(text: &str) -> Result<Option<u64>, ItemError> {
    let text = text.trim();
    if is_missing(text) { Ok(None) } else { parse_count(text).map(Some).map_err(|_| ItemError::Number) }
}

/// `chr7:55087058-chr7:55223522`
fn breakpoints(text: &str) -> Result<[String; 2], ItemError> {
    let (first, second) = text.split_once('-').ok_or(ItemError::Form)?;
    Ok([first.trim().to_owned(), second.trim().to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Decimal> {
        Some(Decimal::parse(text).unwrap())
    }

    #[test]
    fn biomarkers_have_their_counts_in_parentheses() {
        let tmb = |total: &str, eligible_variants| SummaryTmb { total: number(total).unwrap(), eligible_variants };
        assert_eq!(read_tmb("14.9 (19)"), Ok((tmb("14.9", Some(19)), false)));
        assert_eq!(read_tmb("14,9 (19)"), Ok((tmb("14.9", Some(19)), true)));
        assert_eq!(read_tmb("0 (NA)"), Ok((tmb("0", None), false)));
        let msi =
            SummaryMsi { percent_unstable: number("4.13").unwrap(), unstable_sites: Some(5), usable_sites: Some(121) };
        assert_eq!(read_msi("4.13 (5/121)"), Ok((msi, false)));
    }

    #[test]
    fn genes_have_their_numbers_in_parentheses() {
        let copies = |gene: &str, fold_change, kind, copies: Option<&str>| SummaryCopyNumber {
            gene: gene.to_owned(),
            fold_change: number(fold_change),
            kind,
            absolute_copy_number: copies.and_then(number),
        };
        for (item, expected, comma) in [
            ("EGFR (1.509)", copies("EGFR", "1.509", ChangeKind::Gain, None), false),
            ("MDM4 (1.741, <DUP>)", copies("MDM4", "1.741", ChangeKind::Gain, None), false),
            ("EGFR (1.5, DUP, 5)", copies("EGFR", "1.5", ChangeKind::Gain, Some("5")), false),
            ("MET (0.5, DEL, 1)", copies("MET", "0.5", ChangeKind::Loss, Some("1")), false),
            ("MET (2.0, DUP, NA)", copies("MET", "2.0", ChangeKind::Gain, None), false),
            ("EGFR (1,5)", copies("EGFR", "1.5", ChangeKind::Gain, None), true),
        ] {
            assert_eq!(read_copy_number(item), Ok((expected, comma)), "{item}");
        }
        let loss =
            SummaryLoss { gene: "BRCA1".to_owned(), absolute_copy_number: number("1"), minor_copy_number: number("0") };
        assert_eq!(read_loss("BRCA1 (1, 0)"), Ok((loss, false)));
    }

    #[test]
    fn rearrangements_have_breakpoints_and_reads() {
        let (splice, _) = read_splice("EGFR[2-7/28] (chr7:55087058-chr7:55223522) 64/1").unwrap();
        assert_eq!((splice.gene.as_str(), splice.exons.as_deref()), ("EGFR", Some("2-7/28")));
        assert_eq!(splice.breakpoints, ["chr7:55087058", "chr7:55223522"]);
        assert_eq!((splice.supporting_reads, splice.reference_reads), (Some(64), Some(1)));
        assert_eq!(read_splice("AR[] (chrX:66905968-chrX:66914514) 9/0").unwrap().0.exons, None);
        let (fusion, _) = read_fusion("CDK4/PDE3A (chr12:1-chr12:1) 15/31604/396").unwrap();
        assert_eq!((fusion.gene_pair.as_str(), fusion.supporting_reads), ("CDK4/PDE3A", Some(15)));
        assert_eq!(fusion.reference_reads, [Some(31_604), Some(396)]);
        assert_eq!(read_fusion("USP13-PIK3CA (chr3:2-chr3:1) 18/0/429").unwrap().0.gene_pair, "USP13-PIK3CA");
    }

    #[test]
    fn what_is_not_of_the_form_says_why() {
        for (item, error) in
            [("14.9", ItemError::Form), ("x (19)", ItemError::Number), ("14.9 (19) x", ItemError::Form)]
        {
            assert_eq!(read_tmb(item), Err(error), "{item}");
        }
        for (item, error) in
            [("4.13 (5)", ItemError::Form), ("413 (5/121)", ItemError::Number), ("4.13 (5/x)", ItemError::Number)]
        {
            assert_eq!(read_msi(item), Err(error), "{item}");
        }
        for (item, error) in [
            ("EGFR", ItemError::Form),
            ("EGFR (1,509)", ItemError::Number),
            ("EGFR (1.5, CNV)", ItemError::Type),
            ("EGFR (1.5, DUP, 5, 6)", ItemError::Form),
            ("EGFR (-1.5)", ItemError::Number),
            ("no gene (1.5)", ItemError::Gene),
        ] {
            assert_eq!(read_copy_number(item), Err(error), "{item}");
        }
        assert_eq!(read_loss("BRCA1 (1)"), Err(ItemError::Form));
        assert_eq!(read_splice("EGFR (chr7:1-chr7:2) 64/1"), Err(ItemError::Form));
        assert_eq!(read_splice("EGFR[2] (chr7:1) 64/1"), Err(ItemError::Form));
        assert_eq!(read_fusion("A-B (chr7:1-chr7:2) 64/1"), Err(ItemError::Form));
        assert_eq!(read_fusion("A-B (chr7:1-chr7:2) 64/1/x"), Err(ItemError::Number));
        assert_eq!(read_gene("a b"), Err(ItemError::Gene));
        assert_eq!(read_number("1,234"), Err(ItemError::Number));
    }
}
