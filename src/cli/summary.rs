//! The table that `--summary` prints.

use std::fmt::Write;

use crate::domain::decimal::Decimal;
use crate::domain::report::GenomicReport;
use crate::pipeline::PatientBundle;

/// One block per report: patient, samples, biomarkers, findings by class, quality control.
pub(super) fn table(patient: &PatientBundle) -> String {
    let mut text = String::new();
    for report in &patient.reports {
        let _ = report_block(&mut text, report);
    }
    text
}

fn report_block(text: &mut String, report: &GenomicReport) -> std::fmt::Result {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |label: &str, value: String| rows.push((label.to_owned(), value));
    row("Patient", report.patient.key.clone());
    if let Some(laboratory) = &report.laboratory {
        row("Laboratory", laboratory.name.clone().unwrap_or_else(|| laboratory.code.clone()));
    }
    row("Report", format!("{}, {}", report.status, report.issued.as_deref().unwrap_or("time not known")));
    for specimen in &report.specimens {
        let parts = [&specimen.nucleic_acid_text, &specimen.sample_type, &specimen.material, &specimen.tumor_site];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        row("Sample", format!("{}  {}", specimen.sample_id, parts.join(", ")).trim_end().to_owned());
    }
    for pipeline in &report.pipelines {
        row(
            "Pipeline",
            format!("{} {}", pipeline.name, pipeline.version.as_deref().unwrap_or("")).trim_end().to_owned(),
        );
    }
    biomarkers(report, &mut row);
    findings(report, &mut row);
    for analysis in &report.analyses {
        row("Assay", format!("{}: done", analysis.title));
    }
    for note in &report.notes {
        row("Note", note.text.clone());
    }
    let width = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    for (label, value) in rows {
        writeln!(text, "{label:<width$}  {value}")?;
    }
    writeln!(text)
}

fn biomarkers(report: &GenomicReport, row: &mut impl FnMut(&str, String)) {
    let number = |value: &Option<Decimal>| value.as_ref().map_or("not given".to_owned(), ToString::to_string);
    let count = |value: Option<u64>| value.map_or("?".to_owned(), |count| count.to_string());
    for tmb in &report.tumor_mutational_burdens {
        let variants = count(tmb.eligible_variants);
        row("TMB", format!("{} mutations/Mb ({variants} variants)", number(&tmb.value)));
    }
    for msi in &report.microsatellite_instabilities {
        let sites = format!("{} of {} sites", count(msi.unstable_sites), count(msi.usable_sites));
        row("MSI", format!("{} % unstable ({sites})", number(&msi.percent_unstable)));
    }
    for gis in &report.genomic_instabilities {
        row("GIS", number(&gis.score));
    }
}

fn findings(report: &GenomicReport, row: &mut impl FnMut(&str, String)) {
    let genes = |names: Vec<&str>| {
        const SHOWN: usize = 8;
        let mut names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        let more = names.len().saturating_sub(SHOWN);
        names.truncate(SHOWN);
        let list = names.join(", ");
        if more > 0 { format!("{list} and {more} more genes") } else { list }
    };
    let variants = report.small_variants.iter().flat_map(|v| v.genes.iter().map(|gene| gene.symbol.as_str()));
    let copy_numbers = report.copy_numbers.iter().map(|c| c.gene.symbol.as_str());
    let losses = report.losses_of_heterozygosity.iter().map(|l| l.gene.symbol.as_str());
    let exons = report.exon_copy_numbers.iter().map(|e| e.gene.symbol.as_str());
    let fusions = report.fusions.iter().map(|f| f.designation.as_deref().unwrap_or(&f.reported_pair));
    let splice_variants = report.splice_variants.iter().map(|s| s.gene.symbol.as_str());
    let classes: [(&str, &[&str], usize, String); 6] = [
        ("Small variants", &["Small Variants"], report.small_variants.len(), genes(variants.collect())),
        (
            "Copy numbers",
            &["Gene Amplifications", "Copy Number Variants"],
            report.copy_numbers.len(),
            genes(copy_numbers.collect()),
        ),
        ("LOH", &[], report.losses_of_heterozygosity.len(), genes(losses.collect())),
        ("Exon copy numbers", &[], report.exon_copy_numbers.len(), genes(exons.collect())),
        ("Fusions", &["Fusions"], report.fusions.len(), genes(fusions.collect())),
        ("Splice variants", &["Splice Variants"], report.splice_variants.len(), genes(splice_variants.collect())),
    ];
    for (label, sections, count, names) in classes {
        // Not every pipeline version looks for these, so that none of them is no statement.
        let optional = sections.is_empty();
        let unassessed = sections.iter().find_map(|section| report.unassessed.get(section));
        match (count, unassessed) {
            (0, Some(reason)) => row(label, (*reason).to_owned()),
            (0, None) if optional => {}
            (0, None) => row(label, "none reported".to_owned()),
            _ if names.is_empty() => row(label, count.to_string()),
            _ => row(label, format!("{count}  ({names})")),
        }
    }
}
