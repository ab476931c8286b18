use std::sync::LazyLock;

use super::*;
use crate::domain::accounting::Outcome;
use crate::domain::finding::Gene;
use crate::domain::limits::Limits;
use crate::domain::report::{PairId, Specimen};
use crate::sources::tso500::text::Text;
use crate::sources::tso500::variant_summary::parse;

static GENES: LazyLock<GeneTable> = LazyLock::new(crate::domain::gene::tests::table);

const DNA: &str = "IPD9001-D01-P01-A15";
const RNA: &str = "IPD9001-R03-P01-A15";
const TSOPPI: &str = "sample_id\tTMB\tMSI\tgene_amplifications\tsplice_variants\tfusions";
const TSOPPY: &str = "Sample_id\tTMB\tMSI\tGene_amplifications_CNV\tLOH\tSplice_variants\tFusions\tGIS\tTumor_fraction\tPloidy\tLarge_rearrangements";

fn decimal(text: &str) -> Option<Decimal> {
    Some(Decimal::parse(text).unwrap())
}

fn link(sample: &str) -> SpecimenLink {
    SpecimenLink { sample_id: sample.to_owned(), ..SpecimenLink::default() }
}

fn gene(symbol: &str) -> Gene {
    GENES.to_gene(symbol).0
}

/// A report with one finding of each class, as the pipeline's files give them.
fn report() -> GenomicReport {
    let key = |sample: &str, kind, fields: &[&str]| Identity::new("IPD", kind, &[&[sample][..], fields].concat());
    let specimen = |sample: &str| Specimen { sample_id: sample.to_owned(), ..Specimen::default() };
    let (egfr, brca1) = (gene("EGFR"), gene("BRCA1"));
    let text = |text: &str| Some(text.to_owned());
    GenomicReport {
        specimens: vec![specimen(DNA), specimen(RNA)],
        pairs: vec![PairId { value: "IPD9001".to_owned() }],
        tumor_mutational_burdens: vec![TumorMutationalBurden {
            specimen: link(DNA),
            value: decimal("14.9"),
            eligible_variants: Some(19),
            ..Default::default()
        }],
        microsatellite_instabilities: vec![MicrosatelliteInstability {
            specimen: link(DNA),
            percent_unstable: decimal("4.13"),
            unstable_sites: Some(5),
            usable_sites: Some(121),
            ..Default::default()
        }],
        genomic_instabilities: vec![GenomicInstability {
            specimen: link(DNA),
            score: decimal("32"),
            tumor_fraction: decimal("0.65"),
            ploidy: decimal("3.92"),
            ..Default::default()
        }],
        copy_numbers: vec![CopyNumber {
            identity: key(DNA, "copy-number", &[gene_key(&egfr), "gain"]),
            specimen: link(DNA),
            gene: egfr.clone(),
            fold_change: decimal("1.509"),
            ..Default::default()
        }],
        losses_of_heterozygosity: vec![LossOfHeterozygosity {
            identity: key(DNA, "loss-of-heterozygosity", &[gene_key(&brca1)]),
            specimen: link(DNA),
            gene: brca1.clone(),
            absolute_copy_number: decimal("1"),
            minor_copy_number: decimal("0"),
            ..Default::default()
        }],
        exon_copy_numbers: vec![ExonCopyNumber { specimen: link(DNA), gene: brca1, ..Default::default() }],
        fusions: vec![Fusion {
            identity: key(RNA, "fusion", &["CDK4/PDE3A", "chr12:1", "chr12:2"]),
            specimen: link(RNA),
            reported_pair: "CDK4/PDE3A".to_owned(),
            breakpoint_1: text("chr12:1"),
            breakpoint_2: text("chr12:2"),
            supporting_reads: Some(15),
            gene_1_reference_reads: Some(31_604),
            gene_2_reference_reads: Some(396),
            ..Default::default()
        }],
        splice_variants: vec![SpliceVariant {
            identity: key(RNA, "splice-variant", &[gene_key(&egfr), "chr7:55087058", "chr7:55223522"]),
            specimen: link(RNA),
            gene: egfr,
            supporting_reads: Some(64),
            reference_reads: Some(1),
            ..Default::default()
        }],
        ..GenomicReport::default()
    }
}

fn attached(content: &str) -> (GenomicReport, Account) {
    let text = Text::from_bytes(&Arc::from("r_variant_summary.tsv"), content.as_bytes().to_vec()).unwrap();
    let mut account = Account::default();
    let summary = parse(&text, &Limits::default(), &mut account).unwrap();
    let mut report = report();
    let summaries = [summary];
    let _notes = attach(&mut report, &summaries, &GENES, &mut account);
    // The pipeline represents the rows that findings hold.
    let held: Vec<RowId> = [
        report.tumor_mutational_burdens[0].rows.clone(),
        report.microsatellite_instabilities[0].rows.clone(),
        report.genomic_instabilities[0].rows.clone(),
        report.copy_numbers[0].rows.clone(),
        report.losses_of_heterozygosity[0].rows.clone(),
        report.exon_copy_numbers[0].rows.clone(),
        report.fusions[0].rows.clone(),
        report.splice_variants[0].rows.clone(),
    ]
    .concat();
    for row in held {
        account.ledger.represent(row, "Observation/x");
    }
    list_unheld(&summaries, &mut account);
    assert_eq!(account.ledger.open_rows(), []);
    (report, account)
}

fn issues(account: &Account) -> Vec<(IssueCode, &str, Option<u32>)> {
    account
        .issues
        .iter()
        .map(|issue| (issue.code, issue.location.column.as_deref().unwrap_or_default(), issue.location.line))
        .collect()
}

fn outcomes(account: &Account) -> Vec<Option<IssueCode>> {
    let rows = account.ledger.rows();
    rows.map(|row| match row.outcome {
        Outcome::Listed { code, .. } => Some(code),
        _ => None,
    })
    .collect()
}

/// How many lines each class of finding holds.
fn held(report: &GenomicReport) -> [usize; 8] {
    [
        report.tumor_mutational_burdens[0].rows.len(),
        report.microsatellite_instabilities[0].rows.len(),
        report.genomic_instabilities[0].rows.len(),
        report.copy_numbers[0].rows.len(),
        report.losses_of_heterozygosity[0].rows.len(),
        report.exon_copy_numbers[0].rows.len(),
        report.fusions[0].rows.len(),
        report.splice_variants[0].rows.len(),
    ]
}

#[test]
fn what_is_repeated_is_held_by_the_finding_and_makes_none() {
    let tsoppi = format!(
        "{TSOPPI}\n{DNA}_P\t14.90 (19)\t4.13 (5/121)\tEGFR (1.509)\tNA\tNA\n\
         {RNA}_P\tNA\tNA\tNA\tEGFR[2-7/28] (chr7:55087058-chr7:55223522) 64/1\tCDK4/PDE3A (chr12:1-chr12:2) 15/31604/396\n"
    );
    let (found, account) = attached(&tsoppi);
    assert_eq!((issues(&account), outcomes(&account)), (vec![], vec![None, None]));
    assert_eq!(held(&found), [1, 1, 0, 1, 0, 0, 1, 1]);
    let tsoppy = format!(
        "{TSOPPY}\n{DNA}\t14.9 (19)\t4.13 (5/121)\tEGFR (1.509, DUP, 5)\tBRCA1 (1, 0)\tNA\tNA\t32\t0.650\t3.92\tBRCA1|BRCA2\n"
    );
    let (found, account) = attached(&tsoppy);
    assert_eq!((issues(&account), outcomes(&account)), (vec![], vec![None]));
    assert_eq!(held(&found), [1, 1, 1, 1, 1, 1, 0, 0]);
    let before = report();
    assert_eq!(found.finding_count(), before.finding_count());
    assert_eq!(found.copy_numbers[0].absolute_copy_number, None, "nothing is taken from the summary");
}

#[test]
fn a_pair_id_means_all_samples_of_the_pair() {
    let (found, account) =
        attached(&format!("{TSOPPI}\nIPD9001\t14.9 (19)\tNA\tNA\tNA\tCDK4/PDE3A (chr12:1-chr12:2) 15/31604/396\n"));
    assert_eq!((issues(&account), held(&found)), (vec![], [1, 0, 0, 0, 0, 0, 1, 0]));
}

#[test]
fn other_values_are_a_conflict_and_the_pipeline_s_stay() {
    for (cells, column, count) in [
        ("14.8 (19)\tNA\tNA\tNA\tNA", "TMB", 1),
        ("14.8 (18)\tNA\tNA\tNA\tNA", "TMB", 2),
        ("NA\t4.2 (5/121)\tNA\tNA\tNA", "MSI", 1),
        ("NA\t4.13 (6/122)\tNA\tNA\tNA", "MSI", 2),
        ("NA\tNA\tEGFR (2.509)\tNA\tNA", "gene_amplifications", 1),
    ] {
        let (found, account) = attached(&format!("{TSOPPI}\n{DNA}_P\t{cells}\n"));
        assert_eq!(issues(&account), vec![(IssueCode::Conflict, column, Some(2)); count], "{cells}");
        let notes = [
            &found.tumor_mutational_burdens[0].notes,
            &found.microsatellite_instabilities[0].notes,
            &found.copy_numbers[0].notes,
        ];
        assert_eq!(notes.iter().map(|notes| notes.len()).sum::<usize>(), count);
        assert_eq!(outcomes(&account), [None]);
        assert_eq!(found.tumor_mutational_burdens[0].value, decimal("14.9"));
    }
}

#[test]
fn a_result_that_no_other_file_has_makes_no_finding() {
    for (id, cells, column) in [
        (DNA, "NA\tNA\tMYCN (236.886)\tNA\tNA", "gene_amplifications"),
        (RNA, "NA\tNA\tNA\tMET[14] (chr7:116411708-chr7:116414934) 9/0\tNA", "splice_variants"),
        (RNA, "NA\tNA\tNA\tNA\tEML4-ALK (chr2:1-chr2:2) 9/0/0", "fusions"),
        // The finding of the DNA sample is not that of the RNA sample.
        (RNA, "14.9 (19)\tNA\tNA\tNA\tNA", "TMB"),
    ] {
        let (found, account) = attached(&format!("{TSOPPI}\n{id}_P\t{cells}\n"));
        let code = IssueCode::SummaryWithoutFinding;
        assert_eq!(issues(&account), [(code, column, Some(2))], "{cells}");
        assert_eq!((outcomes(&account), held(&found)), (vec![Some(code)], [0; 8]));
    }
}

#[test]
fn a_result_that_only_the_summary_tells_is_noted_however_many_issues_are_kept() {
    let content = format!("{TSOPPI}\n{DNA}_P\tNA\tNA\tEGFR (1.509)|MYCN (236.886)\tNA\tNA\n");
    let text = Text::from_bytes(&Arc::from("a/r_variant_summary.tsv"), content.into_bytes()).unwrap();
    let mut account = Account::new(0);
    let summary = parse(&text, &Limits::default(), &mut account).unwrap();
    let notes = attach(&mut report(), &[summary], &GENES, &mut account);
    let texts: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(texts, ["r_variant_summary.tsv says MYCN gain, and no result file of the pipeline has it"]);
}

#[test]
fn a_line_that_says_nothing_is_listed() {
    for (row, code) in [
        (format!("{RNA}_P\tNA\tNA\tNA\tNA\tNA"), IssueCode::SummaryNothing),
        ("IPD9002-D01-P01-A15_P\t14.9 (19)\tNA\tNA\tNA\tNA".to_owned(), IssueCode::FileWithoutReport),
    ] {
        let (found, account) = attached(&format!("{TSOPPI}\n{row}\n"));
        assert_eq!((issues(&account), outcomes(&account), held(&found)), (vec![], vec![Some(code)], [0; 8]), "{row}");
    }
    // Genes of these columns can be genes that were not assessed.
    let (_, account) = attached(&format!("{TSOPPY}\n{DNA}\tNA\tNA\tNA\tPTEN (NA, NA)\tNA\tNA\tNA\tNA\tNA\tBRCA2\n"));
    assert_eq!((issues(&account), outcomes(&account)), (vec![], vec![Some(IssueCode::SummaryNothing)]));
}

#[test]
fn a_gene_pair_written_otherwise_is_found_by_its_breakpoints() {
    let (found, account) =
        attached(&format!("{TSOPPI}\n{RNA}_P\tNA\tNA\tNA\tNA\tPDE3A/CDK4 (chr12:1-chr12:2) 15/31604/396\n"));
    assert_eq!((issues(&account), found.fusions[0].rows.len()), (vec![], 1));
}
