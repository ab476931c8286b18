//! One row of the table.

use crate::domain::accounting::Account;
use crate::domain::decimal::Decimal;
use crate::domain::issue::IssueCode;
use crate::redact::{has_long_digit_run, quote};

use super::super::cells::alleles::parse_allele;
use super::super::cells::chromosome::parse_chromosome;
use super::super::cells::exons::parse_exons;
use super::super::cells::is_missing;
use super::super::cells::position::parse_position;
use super::super::column_table::{Cells, Refusal, number_code};
use super::super::tmb_trace::Origin;
use super::super::wire::Extra;
use super::{LocalAppClass, TableVariant, frequencies, transcripts};

/// Annotation that is carried as notes, as it stands.
const NOTES: [&str; 5] = ["Mutation_hotspot", "Putative_driver", "Gene_predisposition", "Gene_CN", "Functional_domain"];

/// Reads a row. A value that only describes the variant may be left out with an issue; the row is refused where the variant
/// itself cannot be read.
pub(super) fn read(
    cells: &Cells<'_>,
    others: &[(String, usize)],
    account: &mut Account,
) -> Result<TableVariant, Refusal> {
    cells.check()?;
    let sample_id = cells.required("Sample_ID")?.to_owned();
    let (chromosome, position) = location(cells)?;
    let (reference, alternative) = alleles(cells)?;
    let filters = cells.parts("Filters", &['|']);
    let mut extra = extra(cells, others, account);
    let text = |name: &str| cells.text(name).map(str::to_owned);
    Ok(TableVariant {
        sample_id,
        gene: text("Gene_symbol"),
        ensembl_transcript: text("Ensembl_transcript_ID"),
        refseq_transcripts: cells.parts("RefSeq_mRNA", &['|']),
        chromosome,
        position,
        reference,
        alternative,
        cdna_change: text("cDNA_change"),
        exon: parse_exons(cells.cell("Exon_number")).ok().map(str::to_owned),
        protein_short: text("Protein_change_short"),
        protein_long: text("Protein_change"),
        coding_status: cells.parts("Coding_status", &[',', '&', '|']),
        depth: cells.count("Depth_tumor_DNA", account),
        allele_frequency: allele_frequency(cells, &filters, account),
        normal_depth: cells.count("Depth_normal_DNA", account),
        normal_allele_frequency: cells.fraction("AF_normal_DNA", account),
        rna_depth: cells.count("Depth_tumor_RNA", account),
        rna_allele_frequency: cells.fraction("AF_tumor_RNA", account),
        cosmic: ids(cells, "COSMIC_ID", is_cosmic, &mut extra, account),
        dbsnp: ids(cells, "dbSNP_rs_ID", |id| is_numbered(id, "rs"), &mut extra, account),
        clinvar: ids(cells, "ClinVar_variation_ID", |id| is_numbered(id, ""), &mut extra, account),
        population_frequencies: frequencies::read(cells, account),
        tier: text("Tier"),
        acmg_class: text("CPSR_ACMG_class"),
        clinvar_class: text("CPSR_ClinVar_class"),
        local_app_class: local_app_class(cells, &mut extra, account),
        drugs: cells.parts("Drugs", &['|']),
        canonical_transcripts: transcripts::canonical(cells.cell("Coding_transcript_consequences")),
        filters,
        igv_qc: text("IGV_QC"),
        run_qc: text("Run_QC"),
        class_judgement: text("Class_judgement"),
        reporting_judgement: text("Reporting_judgement"),
        extra,
        row: cells.row,
        line: cells.number(),
    })
}

/// `7:140453136`
fn location(cells: &Cells<'_>) -> Result<(String, u64), Refusal> {
    const COLUMN: &str = "Genomic_location";
    let cell = cells.required(COLUMN)?;
    let Some((chromosome, position)) = cell.split_once(':') else {
        return Err((IssueCode::NumberInvalid, cells.at(COLUMN), format!("{} is no chromosome:position", quote(cell))));
    };
    let chromosome = parse_chromosome(chromosome)
        .map_err(|error| (IssueCode::ChromosomeInvalid, cells.at(COLUMN), format!("{}: {error}", quote(cell))))?;
    let position = parse_position(position)
        .map_err(|error| (number_code(&error), cells.at(COLUMN), format!("{}: {error}", quote(cell))))?;
    Ok((chromosome.to_owned(), position))
}

/// `AG>A`
fn alleles(cells: &Cells<'_>) -> Result<(String, String), Refusal> {
    const COLUMN: &str = "DNA_change";
    let cell = cells.required(COLUMN)?;
    let refuse = |error: &str| (IssueCode::AlleleInvalid, cells.at(COLUMN), format!("{}: {error}", quote(cell)));
    let (reference, alternative) = cell.split_once('>').ok_or_else(|| refuse("not REF>ALT"))?;
    let allele = |text: &str| parse_allele(text.trim()).map_err(|error| refuse(&error.to_string()));
    let (reference, alternative) = (allele(reference)?, allele(alternative)?);
    if reference == alternative {
        return Err(refuse("no change"));
    }
    Ok((reference, alternative))
}

/// `AF_tumor_DNA`. Its filters are text and survive a spreadsheet program: `HIGH_TUMOR_VAF` stands beside every frequency
/// above 0.98, `LOW_TUMOR_VAF` beside every one under 0.02 (header comments of the table).
fn allele_frequency(cells: &Cells<'_>, filters: &[String], account: &mut Account) -> Option<Decimal> {
    const COLUMN: &str = "AF_tumor_DNA";
    let value = cells.fraction(COLUMN, account)?;
    let has = |name: &str| filters.iter().any(|filter| filter == name);
    let (code, words) = if value.to_f64() >= 1.0 && !has("HIGH_TUMOR_VAF") {
        (IssueCode::NumberDamaged, "without the filter HIGH_TUMOR_VAF")
    } else if value.to_f64() >= 0.02 && has("LOW_TUMOR_VAF") {
        (IssueCode::NumberContradictory, "with the filter LOW_TUMOR_VAF")
    } else {
        return Some(value);
    };
    account.issue(code, cells.at(COLUMN), format!("{} {words}", quote(cells.cell(COLUMN))));
    None
}

/// Ids of a database; one of another form becomes a note.
fn ids(
    cells: &Cells<'_>,
    column: &str,
    is_id: impl Fn(&str) -> bool,
    extra: &mut Extra,
    account: &mut Account,
) -> Vec<String> {
    let mut ids = cells.parts(column, &['|', '&', ',']);
    ids.retain(|id| {
        let known = is_id(id);
        if !known {
            account.issue(IssueCode::ValueUnknown, cells.at(column), format!("{} is no id of this kind", quote(id)));
            extra.push((column.to_owned(), id.clone()));
        }
        known
    });
    ids.dedup();
    ids
}

fn is_numbered(id: &str, prefix: &str) -> bool {
    let number = id.strip_prefix(prefix).unwrap_or_default();
    (1..=12).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Genomic (`COSV`), legacy (`COSM`) and noncoding (`COSN`) mutation ids.
fn is_cosmic(id: &str) -> bool {
    ["COSV", "COSM", "COSN"].iter().any(|prefix| is_numbered(id, prefix))
}

fn local_app_class(cells: &Cells<'_>, extra: &mut Extra, account: &mut Account) -> Option<LocalAppClass> {
    const COLUMN: &str = "TSO500_LocalApp_class";
    let cell = cells.text(COLUMN)?;
    match cell {
        "SOM" => Some(LocalAppClass::Origin(Origin::Somatic)),
        "GL_DB" => Some(LocalAppClass::Origin(Origin::GermlineDatabase)),
        "GL_P" => Some(LocalAppClass::Origin(Origin::GermlineProximity)),
        "BL" => Some(LocalAppClass::Blacklisted),
        _ => {
            account.issue(IssueCode::ValueUnknown, cells.at(COLUMN), format!("{} is no class", quote(cell)));
            extra.push((COLUMN.to_owned(), cell.to_owned()));
            None
        }
    }
}

/// Annotation and columns of no known name. A text that can hold a national identity number is not carried.
fn extra(cells: &Cells<'_>, others: &[(String, usize)], account: &mut Account) -> Extra {
    let mut extra: Extra =
        NOTES.iter().filter_map(|name| Some(((*name).to_owned(), cells.text(name)?.to_owned()))).collect();
    for (name, index) in others {
        let cell = cells.cell_at(*index);
        if has_long_digit_run(cell) {
            let words = "the text has eleven or more digits in a row; it is not carried over";
            account.issue(IssueCode::TextPersonal, cells.at(name), words);
        } else if !is_missing(cell) {
            extra.push((name.clone(), cell.to_owned()));
        }
    }
    extra
}
