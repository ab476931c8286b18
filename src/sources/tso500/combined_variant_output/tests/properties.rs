use proptest::prelude::*;

use crate::domain::accounting::Account;
use crate::domain::limits::Limits;

use super::super::super::wire::CombinedVariantOutput;
use super::parse_within;

const BANNER: &str = "DRAGEN TruSight Oncology 500 Analysis Software - Combined Variant Output";
/// Tables with the column names of theirs that the files below use.
const TABLES: [(&str, &[&str]); 6] = [
    ("[Gene Amplifications]", &["Gene", "Fold Change", "Filter"]),
    ("[Copy Number Variants]", &["Gene", "Fold Change", "Copy Number Variant", "Filter"]),
    ("[Loss of Heterozygosity]", &["Gene", "Minor Copy Number", "Filter"]),
    ("[Splice Variants]", &["Gene", "Breakpoint 1", "Filter"]),
    ("[Fusions]", &["Gene Pair", "Breakpoint 1", "Filter"]),
    ("[Small Variants]", &["Gene", "Chromosome", "Depth", "Filter"]),
];

/// The rows of a file, counted from its bytes and the rule alone: non-blank lines but the banner, the disclaimer,
/// section heads and, per table, one line of column names before its findings.
fn count_rows(bytes: &[u8]) -> usize {
    let mut rows = 0;
    let mut section = String::new();
    let mut heads_left = 0;
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let Ok(line) = std::str::from_utf8(line) else {
            rows += 1;
            continue;
        };
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let text = cells.join("\t").trim_end().to_owned();
        let banner = index == 0 && text.contains("Combined Variant Output");
        let disclaimer = section.is_empty() && text.starts_with("For Research Use Only");
        if text.is_empty() || banner || disclaimer {
            continue;
        }
        if text.starts_with('[') && text.ends_with(']') && !text.contains('\t') {
            heads_left = usize::from(TABLES.iter().any(|(name, _)| *name == text));
            section = text;
        } else if text == "NA" || text.contains("BETA FEATURE") {
            rows += 1;
        } else {
            let is_name = |cell: &&str| TABLES.iter().any(|(name, names)| *name == section && names.contains(cell));
            let head = cells.iter().any(is_name);
            rows += usize::from(!head || heads_left == 0);
            heads_left = 0;
        }
    }
    rows
}

/// Rows that the ledger opened, those merged into a counted entry too.
fn opened(account: &Account) -> usize {
    account.ledger.rows().map(|row| row.count as usize).sum()
}

/// Rows that the result holds.
fn held(output: &CombinedVariantOutput) -> usize {
    let details = &output.details;
    let texts = [
        &details.pair_id,
        &details.sample_id,
        &details.dna_sample_id,
        &details.rna_sample_id,
        &details.module_version,
        &details.pipeline_version,
        &details.library_prep_kit,
    ];
    let decimals = [
        &output.tmb.total,
        &output.tmb.coding_region_size,
        &output.msi.percent_unstable,
        &output.msi.sum_jsd,
        &output.gis.score,
        &output.gis.tumor_fraction,
        &output.gis.ploidy,
    ];
    let counts = [&output.tmb.eligible_variants, &output.msi.usable_sites, &output.msi.unstable_sites];
    texts.iter().filter(|held| held.is_some()).count()
        + decimals.iter().filter(|held| held.is_some()).count()
        + counts.iter().filter(|held| held.is_some()).count()
        + usize::from(details.output_date.is_some())
        + usize::from(details.output_time.is_some())
        + output.run_details.len()
        + output.gene_amplifications.len()
        + output.copy_number_variants.len()
        + output.losses_of_heterozygosity.len()
        + output.splice_variants.len()
        + output.fusions.len()
        + output.dna_fusions.len()
        + output.exon_copy_numbers.len()
        + output.small_variants.len()
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![
        "For Research Use Only. Not for use in diagnostic procedures.",
        "[Analysis Details]",
        "[Sequencing Run Details]",
        "[TMB]",
        "[Other]",
        "NA",
        "",
        "Pair ID\tP",
        "DNA Sample ID\tD",
        "RNA Sample ID\tNA",
        "Output Date\t03/04/2026",
        "Output Time\t10:00:00",
        "Total TMB\t1,5",
        "Total TMB\tx\ty",
        "\tvalue",
        "x\t** BETA FEATURE **",
        "Gene\tFold Change",
        "Fold Change\tGene\tDepth\tDepth",
        "Gene Pair\tBreakpoint 1",
        "Gene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tFilter",
        "Gene\tCopy Number Variant\tMinor Copy Number",
        "MET\t2.5",
        "MET\tNA",
        "MET\t.\t1",
        "MET\t<DUP>\t0",
        "EML4-ALK\tchr2:1",
        "BRAF\tchr7\t140453136\tA\tT\t0.5",
        "BRAF\tchr7\t140453136\tA\t.\t0.5",
        "BRAF\tchr7\t140453136\tA\tT\t0.5\tLowQual",
        "BRAF\tchr7\t140453136\tA\tT\t0.5\tPASS\tmore",
    ]);
    prop_oneof![
        6 => fixed.prop_map(|line| line.as_bytes().to_vec()),
        3 => prop::sample::select(TABLES.map(|(name, _)| name.as_bytes().to_vec()).to_vec()),
        1 => prop::collection::vec(b'\x01'..=b'\xff', 0..12)
            .prop_map(|bytes| bytes.into_iter().filter(|byte| !b"\n\"[".contains(byte)).collect()),
    ]
}

fn file() -> impl Strategy<Value = Vec<Vec<u8>>> {
    (any::<bool>(), prop::collection::vec(line(), 0..40)).prop_map(|(banner, mut lines)| {
        lines.insert(0, if banner { BANNER.into() } else { b"another file".to_vec() });
        lines.push(Vec::new());
        lines
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(b'\x01'..=b'\xff', 0..200), banner: bool) {
        let start = if banner { BANNER.as_bytes() } else { b"x" };
        parse_within(&[start, b"\n", &bytes].concat(), &Limits::default());
    }

    #[test]
    fn the_accounting_closes(lines in file(), file_sections in 0..20_usize) {
        let content = lines.join(&b'\n');
        let (output, account) = parse_within(&content, &Limits { file_sections, ..Limits::default() });
        prop_assert_eq!(opened(&account), count_rows(&content));
        prop_assert_eq!(account.ledger.open_rows().len(), output.as_ref().map_or(0, held));
        let rows: Vec<_> = account.ledger.rows().map(|row| row.line).collect();
        prop_assert!(rows.is_sorted());
    }

    #[test]
    fn padding_does_not_change_the_result(lines in file(), pads in prop::collection::vec(0..4_usize, 1..8)) {
        let padded: Vec<Vec<u8>> = lines
            .iter()
            .zip(pads.iter().cycle())
            .map(|(line, &pad)| [line.as_slice(), &vec![b'\t'; pad]].concat())
            .collect();
        let (output, account) = parse_within(&lines.join(&b'\n'), &Limits::default());
        let (padded_output, padded_account) = parse_within(&padded.join(&b'\n'), &Limits::default());
        prop_assert_eq!(output, padded_output);
        prop_assert_eq!(&account.ledger, &padded_account.ledger);
        let codes = |account: &Account| account.issues.iter().map(|issue| issue.code).collect::<Vec<_>>();
        prop_assert_eq!(codes(&account), codes(&padded_account));
    }
}
