//! CombinedVariantOutput: the result file of one sample pair, or of one cell-free sample.
//!
//! ```text
//! banner, disclaimer
//! [Section]        a list of keys and values, or a line of column names and one finding a line, or `NA`
//! ```
//!
//! Every row is opened in the ledger exactly once, in file order. A row is every non-blank line that is no banner, section
//! head or line of column names. It stays open and is held by the result, or it is listed with the reason.

mod analysis_details;
mod banner;
mod copy_number_variants;
pub(super) mod dna_fusions;
mod exon_copy_numbers;
mod fusions;
mod gene_amplifications;
mod gis;
mod keys;
mod kind;
mod loss_of_heterozygosity;
mod msi;
mod names;
mod overview;
pub(super) mod row;
mod run_details;
pub(super) mod scope;
mod section;
mod small_variants;
mod splice_variants;
pub(super) mod table;
#[cfg(test)]
mod tests;
mod tmb;
mod unread;

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;

use super::sheet::{Sheet, SheetSection, read_line, read_sheet};
use super::text::Text;
use super::wire::{CombinedVariantOutput, GeneNotAssessed, Gis, Msi, Tmb};
use overview::Overview;
use row::is_gene_without_values;
use scope::Scope;
use section::Section;
use table::read_table;

/// Reads a CombinedVariantOutput file.
///
/// What cannot be read is an issue and a listed row, never an error of the whole. None only where the file is of another
/// kind: then one issue `tso500.banner-missing` is raised and every row is listed with it.
pub fn parse(text: &Text, limits: &Limits, account: &mut Account) -> Option<CombinedVariantOutput> {
    let sheet = read_sheet(text, limits.file_sections);
    let Some(product) = sheet.preamble.first().and_then(banner::product) else {
        let code = IssueCode::BannerMissing;
        let words = "the first line does not name a Combined Variant Output";
        account.issue(code, Location::file(&text.file).line(1), words);
        unread::list_from(text, 0, code, account);
        return None;
    };
    let overview = Overview::of(product, &sheet);
    let mut output = CombinedVariantOutput::empty(&text.file, overview.dialect, product);
    reject_preamble(text, &sheet, account);
    let mut seen = Vec::new();
    for section in &sheet.sections {
        read_or_list(section, &overview, limits, &mut seen, &mut output, account);
    }
    if let Some(line) = sheet.stopped_at {
        let words = format!("the file has more than {} sections", limits.file_sections);
        account.issue(IssueCode::TooManySections, Location::file(&text.file).line(line), words);
        unread::list_from(text, line, IssueCode::TooManySections, account);
    }
    warn_of_file(text, &overview, &seen, &mut output, account);
    Some(output)
}

fn reject_preamble(text: &Text, sheet: &Sheet<'_>, account: &mut Account) {
    for line in sheet.preamble.iter().skip(1).filter(|line| !banner::is_disclaimer(line)) {
        let row = account.ledger.open(&text.file, None, line.number);
        let place = Location::file(&text.file).line(line.number);
        let (code, words) = match line.cells {
            Some(_) => (IssueCode::LineOutsideSection, "the line stands before the first section"),
            None => (IssueCode::FileEncodingInvalid, "the line is not UTF-8"),
        };
        account.reject(row, code, place, words);
    }
}

fn read_or_list(
    section: &SheetSection<'_>,
    overview: &Overview,
    limits: &Limits,
    seen: &mut Vec<Section>,
    output: &mut CombinedVariantOutput,
    account: &mut Account,
) {
    let kind = Section::from_name(&section.name);
    let scope = scope_of(section, kind, overview, limits, output);
    let list = |code, words: String, account: &mut Account| {
        account.issue(code, scope.at(section.line), words);
        unread::list_section(section, kind.and_then(Section::layout), code, &scope, account);
    };
    match kind {
        None => list(IssueCode::SectionUnknown, format!("section {} is not known", quote(&section.name)), account),
        Some(kind) if seen.contains(&kind) => {
            list(IssueCode::SectionRepeated, "the section occurs a second time".to_owned(), account);
        }
        Some(kind) => {
            seen.push(kind);
            let has_findings = read_section(section, kind, &scope, output, account);
            output.genes_not_assessed.extend(genes_not_assessed(section, kind));
            if has_findings && overview.is_unverified(kind) {
                let words = "the layout of this section was never compared with a real file";
                account.issue(IssueCode::LayoutUnverified, scope.at(section.line), words);
                output.sections_unverified.push(kind.name());
            }
        }
    }
}

fn scope_of(
    section: &SheetSection<'_>,
    kind: Option<Section>,
    overview: &Overview,
    limits: &Limits,
    output: &CombinedVariantOutput,
) -> Scope {
    let assayed = kind.and_then(Section::assay).map(|assay| overview.is_assayed(assay));
    let (empty, missing) = match assayed {
        None => (IssueCode::ValueMissing, IssueCode::ValueMissing),
        Some(true) => (IssueCode::SectionEmpty, IssueCode::ValueMissing),
        Some(false) => (IssueCode::SectionNotAssayed, IssueCode::SectionNotAssayed),
    };
    let name = kind.map_or_else(|| names::label(&section.name), |kind| kind.name().to_owned());
    Scope {
        file: Arc::clone(&output.file),
        section: Some(Arc::from(name)),
        empty,
        missing,
        line_cells: limits.line_cells,
    }
}

/// Reads a section into its field. Says whether the section has findings.
fn read_section(
    section: &SheetSection<'_>,
    kind: Section,
    scope: &Scope,
    output: &mut CombinedVariantOutput,
    account: &mut Account,
) -> bool {
    match kind {
        Section::AnalysisDetails => {
            output.details = analysis_details::read(section, scope, account);
            false
        }
        Section::SequencingRunDetails => {
            output.run_details = run_details::read(section, scope, account);
            false
        }
        Section::Tmb => {
            output.tmb = tmb::read(section, scope, account);
            output.tmb != Tmb::default()
        }
        Section::Msi => {
            output.msi = msi::read(section, scope, account);
            output.msi != Msi::default()
        }
        Section::Gis => {
            output.gis = gis::read(section, scope, account);
            output.gis != Gis::default()
        }
        Section::GeneAmplifications => {
            let found = read_table(section, &gene_amplifications::LAYOUT, scope, account, gene_amplifications::read);
            extend(&mut output.gene_amplifications, found)
        }
        Section::CopyNumberVariants => {
            let found = read_table(section, &copy_number_variants::LAYOUT, scope, account, copy_number_variants::read);
            extend(&mut output.copy_number_variants, found)
        }
        Section::LossOfHeterozygosity => {
            let found =
                read_table(section, &loss_of_heterozygosity::LAYOUT, scope, account, loss_of_heterozygosity::read);
            extend(&mut output.losses_of_heterozygosity, found)
        }
        Section::SpliceVariants => {
            let found = read_table(section, &splice_variants::LAYOUT, scope, account, splice_variants::read);
            extend(&mut output.splice_variants, found)
        }
        Section::Fusions => {
            let found = read_table(section, &fusions::LAYOUT, scope, account, fusions::read);
            extend(&mut output.fusions, found)
        }
        Section::DnaFusions => {
            let found = read_table(section, &dna_fusions::LAYOUT, scope, account, dna_fusions::read);
            extend(&mut output.dna_fusions, found)
        }
        Section::ExonLevelCnvs | Section::LargeRearrangements => {
            let found = read_table(section, &exon_copy_numbers::LAYOUT, scope, account, exon_copy_numbers::read);
            extend(&mut output.exon_copy_numbers, found)
        }
        Section::SmallVariants => {
            let found = read_table(section, &small_variants::LAYOUT, scope, account, small_variants::read);
            extend(&mut output.small_variants, found)
        }
    }
}

/// The genes that a table names without values.
fn genes_not_assessed(section: &SheetSection<'_>, kind: Section) -> Vec<GeneNotAssessed> {
    if !kind.layout().is_some_and(|layout| layout.gene_without_values) {
        return Vec::new();
    }
    let lines = section.lines.iter().filter(|line| is_gene_without_values(line.cells.as_deref().unwrap_or_default()));
    lines.map(|line| GeneNotAssessed { section: kind.name(), gene: line.cell(0).to_owned() }).collect()
}

fn extend<T>(findings: &mut Vec<T>, found: Vec<T>) -> bool {
    let any = !found.is_empty();
    findings.extend(found);
    any
}

fn warn_of_file(
    text: &Text,
    overview: &Overview,
    seen: &[Section],
    output: &mut CombinedVariantOutput,
    account: &mut Account,
) {
    let version = output.details.pipeline_version.as_ref().map(|held| (held.value.as_str(), held.line));
    account.issues.extend(overview.version_issue(text, version));
    for group in overview.expected() {
        if group.iter().any(|section| seen.contains(section)) {
            continue;
        }
        let Some(name) = group.first().map(|section| section.name()) else { continue };
        if !output.sections_missing.contains(&name) {
            output.sections_missing.push(name);
            let place = Location::file(&text.file).section(&Arc::from(name));
            account.issue(IssueCode::SectionMissing, place, "the section is not in the file");
        }
    }
    if !text.ends_in_line_break()
        && let Some(line) = text.lines().last().and_then(read_line)
    {
        let place = Location::file(&text.file).line(line.number);
        account.issue(IssueCode::FileTruncated, place, "the last line does not end in a line break");
    }
}
