//! The elements of `variant-report`, each one row.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;
use crate::sources::tso500::cells::breakpoint::parse_locus;
use crate::sources::tso500::cells::quantity::Quantity;
use crate::sources::xml::Element;

use super::super::attributes::Attributes;
use super::super::rows::Rows;
use super::super::wire::{
    CopyNumberAlteration, Held, Rearrangement, ResultsReport, Sample, ShortVariant, TumorMutationBurden,
};

pub(super) fn held<T>(value: T, attributes: &mut Attributes<'_>) -> Held<T> {
    Held { value, row: attributes.opened.row, line: attributes.opened.line }
}

pub(super) fn read_sample(sample: &mut Attributes<'_>, account: &mut Account) -> Option<Sample> {
    let mean_exon_depth = sample.number("mean-exon-depth", Quantity::Ratio, account);
    sample.keep_others(&["name", "mean-exon-depth"]);
    Some(Sample {
        name: sample.text("name"),
        mean_exon_depth,
        extra: std::mem::take(&mut sample.extra),
        row: sample.opened.row,
        line: sample.opened.line,
    })
}

pub(super) fn read_short_variant(variant: &mut Attributes<'_>, account: &mut Account) -> Option<ShortVariant> {
    let gene = variant.required_symbol("gene", account)?;
    let position = variant.text("position");
    let locus = position.as_deref().and_then(|text| {
        let locus = parse_locus(text);
        if let Err(error) = &locus {
            let place = variant.opened.place.clone().column("position");
            account.issue(IssueCode::BreakpointInvalid, place, format!("{}: {error}", quote(text)));
        }
        locus.ok()
    });
    let allele_fraction = variant.allele_fraction(account);
    if allele_fraction.as_ref().is_some_and(|fraction| fraction.to_f64() == 0.0) {
        let text = "the variant has an allele fraction of zero";
        variant.reject("allele-fraction", IssueCode::ValueContradictory, text, account);
        return None;
    }
    let depth = variant.count("depth", account);
    variant.keep_others(&[
        "gene",
        "cds-effect",
        "protein-effect",
        "transcript",
        "strand",
        "position",
        "allele-fraction",
        "percent-reads",
        "depth",
        "functional-effect",
    ]);
    Some(ShortVariant {
        gene,
        cds_effect: variant.text("cds-effect"),
        protein_effect: variant.text("protein-effect"),
        transcript: variant.text("transcript"),
        // A lone hyphen is the strand, not a missing value.
        strand: variant.strand(),
        locus,
        position,
        allele_fraction,
        depth,
        functional_effect: variant.text("functional-effect"),
        extra: std::mem::take(&mut variant.extra),
        row: variant.opened.row,
        line: variant.opened.line,
    })
}

pub(super) fn read_copy_number(alteration: &mut Attributes<'_>, account: &mut Account) -> Option<CopyNumberAlteration> {
    let gene = alteration.required_symbol("gene", account)?;
    let Some(reported_type) = alteration.text("type") else {
        alteration.reject("type", IssueCode::ValueRequired, "the value is missing", account);
        return None;
    };
    let is_gain = match reported_type.to_ascii_lowercase().as_str() {
        "amplification" | "partial amplification" | "gain" => true,
        "loss" | "partial loss" | "deletion" => false,
        _ => {
            let text = format!("{} is no known type", quote(&reported_type));
            alteration.reject("type", IssueCode::TypeUnknown, text, account);
            return None;
        }
    };
    let copy_number = alteration.number("copy-number", Quantity::Ratio, account);
    alteration.keep_others(&["gene", "type", "copy-number"]);
    Some(CopyNumberAlteration {
        gene,
        reported_type,
        is_gain,
        copy_number,
        extra: std::mem::take(&mut alteration.extra),
        row: alteration.opened.row,
        line: alteration.opened.line,
    })
}

pub(super) fn read_rearrangement(rearrangement: &mut Attributes<'_>, account: &mut Account) -> Option<Rearrangement> {
    let targeted_gene = rearrangement.required_symbol("targeted-gene", account)?;
    let says_fusion = |name| rearrangement.text(name).is_some_and(|text| text.to_ascii_lowercase().contains("fusion"));
    let is_fusion = says_fusion("type") || says_fusion("description");
    let supporting_read_pairs = rearrangement.count("supporting-read-pairs", account);
    let allele_fraction = rearrangement.allele_fraction(account);
    rearrangement.keep_others(&[
        "targeted-gene",
        "other-gene",
        "pos1",
        "pos2",
        "supporting-read-pairs",
        "allele-fraction",
        "percent-reads",
    ]);
    Some(Rearrangement {
        targeted_gene,
        other_gene: rearrangement.text("other-gene"),
        is_fusion,
        position_1: rearrangement.text("pos1"),
        position_2: rearrangement.text("pos2"),
        supporting_read_pairs,
        allele_fraction,
        extra: std::mem::take(&mut rearrangement.extra),
        row: rearrangement.opened.row,
        line: rearrangement.opened.line,
    })
}

pub(super) fn read_non_human(content: &mut Attributes<'_>, _: &mut Account) -> Option<Held<String>> {
    content.keep_others(&["organism"]);
    let organism = content.text("organism").unwrap_or_else(|| "not named".to_owned());
    let others: Vec<String> = content.extra.iter().map(|(name, text)| format!("{name} {text}")).collect();
    let text = format!("Non-human content: {organism} ({})", others.join(", "));
    Some(held(text.replace(" ()", ""), content))
}

pub(super) fn read_biomarkers(element: &Element, rows: &Rows<'_>, report: &mut ResultsReport, account: &mut Account) {
    for (index, child) in element.children.iter().enumerate() {
        let (is_msi, is_tmb) = (child.name == "microsatellite-instability", child.name == "tumor-mutation-burden");
        if !is_msi && !is_tmb {
            rows.list_unknown(&element.name, index, child, account);
            continue;
        }
        let opened = rows.open(&element.name, index, child, account);
        let mut attributes = Attributes::new(child, opened);
        let is_second =
            if is_msi { report.microsatellite_instability.is_some() } else { report.tumor_mutation_burden.is_some() };
        if is_second {
            attributes.reject("status", IssueCode::KeyRepeated, "the biomarker occurs twice", account);
        } else if is_tmb {
            report.tumor_mutation_burden = read_burden(&mut attributes, account);
        } else if let Some(status) = attributes.text("status") {
            report.microsatellite_instability = Some(held(status, &mut attributes));
        } else {
            account.ledger.list(attributes.opened.row, IssueCode::ValueMissing, IssueCode::ValueMissing.meaning());
        }
    }
}

/// A score in another unit is no value.
fn read_burden(burden: &mut Attributes<'_>, account: &mut Account) -> Option<TumorMutationBurden> {
    let unit = burden.text("unit");
    let is_per_megabase = unit.as_deref().is_none_or(|unit| unit == "mutations-per-megabase");
    let score = match burden.text("score").filter(|score| !score.eq_ignore_ascii_case("unknown")) {
        None => None,
        Some(_) if is_per_megabase => burden.number("score", Quantity::Ratio, account),
        Some(score) => {
            let text = format!("the unit is {}", quote(unit.as_deref().unwrap_or_default()));
            account.issue(IssueCode::TypeUnknown, burden.opened.place.clone().column("unit"), text);
            burden.extra.push(("score".to_owned(), score));
            None
        }
    };
    burden.keep_others(&["score"]);
    if score.is_none() && burden.extra.is_empty() {
        account.ledger.list(burden.opened.row, IssueCode::ValueMissing, IssueCode::ValueMissing.meaning());
        return None;
    }
    Some(TumorMutationBurden { score, extra: std::mem::take(&mut burden.extra), row: burden.opened.row })
}
