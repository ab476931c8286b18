use crate::domain::issue::IssueCode as Code;
use crate::domain::limits::Limits;

use super::super::super::cells::change_kind::ChangeKind;
use super::{issues, outcomes, parse_sections, parse_within};

const SMALL: &str =
    "[Small Variants]\nGene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\n";

/// Whether a row becomes a finding, or the code and column of its rejection.
type Verdict = Result<(), (Code, Option<&'static str>)>;

fn assert_verdicts(head: &str, cases: &[(&str, Verdict)]) {
    for (row, verdict) in cases {
        let (_, account) = parse_sections(&format!("{head}{row}\n"));
        let (expected_outcome, expected_issues) = match verdict {
            Ok(()) => (None, Vec::new()),
            Err((code, None)) => (Some(*code), Vec::new()),
            Err((code, column)) => (Some(*code), vec![(*code, Some(8), *column)]),
        };
        assert_eq!(outcomes(&account), [(8, expected_outcome)], "{row}");
        let found: Vec<_> = issues(&account).into_iter().filter(|(code, ..)| *code != Code::LayoutUnverified).collect();
        assert_eq!(found, expected_issues, "{row}");
    }
}

#[test]
fn small_variant_rows_are_found_or_rejected() {
    assert_verdicts(
        SMALL,
        &[
            ("BRAF\tchr7\t140453136\tA\tT\t0.5\t100", Ok(())),
            ("\tchr7\t140453136\tA\tT", Ok(())),
            ("BRAF\tchr7\t140453136\tA\tT\t0.000\t100", Err((Code::ValueContradictory, Some("Allele Frequency")))),
            ("BRAF\tchr7\t140453136\tA\t.\t0.5\t100", Err((Code::RowReference, None))),
            ("BRAF\tchr7\t140453136\tA\ta\t0.5\t100", Err((Code::RowReference, None))),
            ("BRAF\tchr77\t140453136\tA\tT", Err((Code::ChromosomeInvalid, Some("Chromosome")))),
            ("BRAF\tchr7\t0\tA\tT", Err((Code::NumberOutOfRange, Some("Genomic Position")))),
            ("BRAF\tchr7\t140,453\tA\tT", Err((Code::NumberAmbiguous, Some("Genomic Position")))),
            ("BRAF\tchr7\tx\tA\tT", Err((Code::NumberInvalid, Some("Genomic Position")))),
            ("BRAF\tchr7\t140453136\tA\t<DEL>", Err((Code::AlleleInvalid, Some("Alternative Call")))),
            ("BRAF\tchr7\t140453136\tNA\tT", Err((Code::ValueRequired, Some("Reference Call")))),
            ("BRAF\tchr7\t140453136\tA\tNA", Err((Code::ValueRequired, Some("Alternative Call")))),
            ("BRAF\tchr7\t140453136\tA\t\t0.5", Err((Code::ValueRequired, Some("Alternative Call")))),
            ("BRAF\tchr7\t140453136\tA", Err((Code::RowShort, Some("Alternative Call")))),
            ("BRAF", Err((Code::RowShort, Some("Chromosome")))),
        ],
    );
    let (_, account) = parse_sections(&format!("{SMALL}BRAF\tchr7\t140453136\tA\tT\t0.5\t100\t\tx\n"));
    assert_eq!(issues(&account), [(Code::RowLong, Some(8), None)]);
}

#[test]
fn an_unreadable_optional_value_is_kept_as_text() {
    for (frequency, value, code) in [
        ("0.0467", Some("0.0467"), None),
        ("46.7%", Some("0.467"), None),
        ("46.7", None, Some(Code::NumberOutOfRange)),
        ("4,464", None, Some(Code::NumberAmbiguous)),
        ("0,396", Some("0.396"), Some(Code::DecimalComma)),
        ("high", None, Some(Code::NumberInvalid)),
        ("NA", None, None),
    ] {
        let (output, account) = parse_sections(&format!("{SMALL}BRAF\tchr7\t140453136\tA\tT\t{frequency}\t100\n"));
        let variant = &output.small_variants[0];
        assert_eq!(variant.allele_frequency.as_ref().map(|value| value.as_str()), value, "{frequency}");
        assert_eq!(issues(&account).first().map(|(code, ..)| *code), code, "{frequency}");
        let kept = value.is_none() && code.is_some();
        let extra = [("Allele Frequency".to_owned(), frequency.to_owned())];
        assert_eq!(variant.extra, if kept { &extra[..] } else { &[] }, "{frequency}");
        assert_eq!(variant.depth, Some(100));
    }
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let (output, account) = parse_sections(
        "[Small Variants]\nTOTAL DEPTH\tAlternativecall\treference call\tMy Score\tGenomic Position\tChromosome\tDepth\n\
         100\tT\tA\t7.5\t140453136\t7\t99\n",
    );
    let variant = &output.small_variants[0];
    assert_eq!((variant.reference.as_str(), variant.alternative.as_str(), variant.depth), ("A", "T", Some(100)));
    let extra = [("My Score".to_owned(), "7.5".to_owned()), ("Depth".to_owned(), "99".to_owned())];
    assert_eq!(variant.extra, extra);
    assert_eq!(
        issues(&account),
        [(Code::ColumnRepeated, Some(7), Some("Depth")), (Code::ColumnUnknown, Some(7), Some("My Score"))]
    );
}

#[test]
fn a_table_without_its_columns_is_listed() {
    let (output, account) = parse_sections("[Small Variants]\nGene\tChromosome\tReference Call\nBRAF\tchr7\tA\nNA\n");
    assert!(output.small_variants.is_empty());
    assert_eq!(
        issues(&account),
        [
            (Code::ColumnMissing, Some(7), Some("Genomic Position")),
            (Code::ColumnMissing, Some(7), Some("Alternative Call")),
        ]
    );
    assert_eq!(outcomes(&account), [(8, Some(Code::ColumnMissing)), (9, Some(Code::SectionEmpty))]);
    let (_, account) = parse_sections("[Gene Amplifications]\nMET\t2.5\nMYC\t3.5\n[Fusions]\n");
    assert_eq!(issues(&account), [(Code::HeaderMissing, Some(7), None), (Code::HeaderMissing, Some(9), None)]);
    assert_eq!(outcomes(&account), [(7, Some(Code::HeaderMissing)), (8, Some(Code::HeaderMissing))]);
}

#[test]
fn filtered_calls_and_beta_notes_are_listed() {
    let (output, account) = parse_sections(
        "[Gene Amplifications]\n** BETA FEATURE **\nGene\tFold Change\tFilter\nMET\t2.5\tPASS\nMYC\t3.5\tLowQual\n\
         AR\t2.5\t.\n",
    );
    assert_eq!(output.gene_amplifications.len(), 2);
    assert_eq!(issues(&account), []);
    assert_eq!(
        outcomes(&account),
        [(7, Some(Code::RowBetaFeature)), (9, None), (10, Some(Code::RowFiltered)), (11, None)]
    );
}

#[test]
fn amplifications_have_a_fold_change_of_one_or_more() {
    assert_verdicts(
        "[Gene Amplifications]\nGene\tFold Change\n",
        &[
            ("MET\t1.424", Ok(())),
            ("MET\t1.0", Ok(())),
            ("MET\t0.99", Err((Code::ValueContradictory, Some("Fold Change")))),
            ("MET", Err((Code::ValueRequired, Some("Fold Change")))),
            ("MET\t-2", Err((Code::NumberOutOfRange, Some("Fold Change")))),
            ("No amplification was called\t2.5", Err((Code::GeneInvalid, Some("Gene")))),
            ("\t2.5", Err((Code::ValueRequired, Some("Gene")))),
            ("MET\tNA", Err((Code::GeneNotAssessed, None))),
        ],
    );
}

/// The caller names the amplification; a number that cannot be read does not make it go away.
#[test]
fn an_amplification_without_readable_fold_change_stays() {
    for (cell, code) in [("x", Code::NumberInvalid), ("4,464", Code::NumberAmbiguous)] {
        let (output, account) = parse_sections(&format!("[Gene Amplifications]\nGene\tFold Change\nMET\t{cell}\n"));
        assert_eq!(output.gene_amplifications[0].fold_change, None, "{cell}");
        assert_eq!(output.gene_amplifications[0].extra, [("Fold Change".to_owned(), cell.to_owned())]);
        assert_eq!(issues(&account), [(code, Some(8), Some("Fold Change"))], "{cell}");
        assert_eq!(outcomes(&account), [(8, None)], "{cell}");
    }
}

/// A remark in a table, or a line of another table below a damaged head, is no finding.
#[test]
fn remarks_and_lines_of_other_tables_are_rejected() {
    assert_verdicts(
        "[Splice Variants]\nGene\tAffected Exon\tBreakpoint 1\tBreakpoint 2\tSplice Supporting Reads\n",
        &[
            ("MET\t14\tchr7:116411708\tchr7:116414934\t33", Ok(())),
            ("AR\t\tchrX:66905968\tchrX:66914514\t41", Ok(())),
            ("No call", Err((Code::GeneInvalid, Some("Gene")))),
            ("MET", Err((Code::ValueRequired, Some("Splice Supporting Reads")))),
            ("Fusions]", Err((Code::GeneInvalid, Some("Gene")))),
            ("Gene Pair\tBreakpoint 1\tBreakpoint 2", Err((Code::GeneInvalid, Some("Gene")))),
            ("EML4-ALK\tchr2:42522656\tchr2:29446394\t88", Err((Code::ValueContradictory, Some("Affected Exon")))),
        ],
    );
    assert_verdicts(
        "[Fusions]\nGene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\n",
        &[
            ("EML4-ALK\tchr2:42522656\tchr2:29446394\t88", Ok(())),
            ("see comment", Err((Code::GeneInvalid, Some("Gene Pair")))),
            ("EML4-ALK", Err((Code::ValueRequired, Some("Fusion Supporting Reads")))),
        ],
    );
}

#[test]
fn copy_number_rows_are_gains_or_losses() {
    let head = "[Copy Number Variants]\nGene\tFold Change\tCopy Number Variant\tAbsolute Copy Number\n";
    assert_verdicts(
        head,
        &[
            ("MET\t3.1\t<DUP>\t8", Ok(())),
            ("MET\t3.1\t<DUP>\t1", Ok(())),
            ("MET\t1.0\t.\t2", Err((Code::RowNeutral, None))),
            ("MET\t1.0\tREF\t2", Err((Code::RowNeutral, None))),
            ("MET\t3.1\t<INV>\t8", Err((Code::TypeUnknown, Some("Copy Number Variant")))),
            ("MET\t3.1\tNA\t8", Err((Code::ValueRequired, Some("Copy Number Variant")))),
            ("MET\t3.1", Err((Code::RowShort, Some("Copy Number Variant")))),
            ("BRCA1\tNA", Err((Code::GeneNotAssessed, None))),
        ],
    );
    let (output, _) = parse_sections(&format!("{head}PTEN\t0.4\tLOSS\t0\n"));
    let row = &output.copy_number_variants[0];
    assert_eq!((row.kind, row.reported_type.as_str()), (ChangeKind::Loss, "LOSS"));
    assert_eq!(row.absolute_copy_number.as_ref().map(|value| value.as_str()), Some("0"));
}

#[test]
fn heterozygosity_is_lost_without_a_minor_copy() {
    assert_verdicts(
        "[Loss of Heterozygosity]\nGene\tAbsolute Copy Number\tMinor Copy Number\n",
        &[
            ("TP53\t2\t0", Ok(())),
            ("TP53\t2\t1", Err((Code::RowNeutral, None))),
            ("BRCA1\tNA", Err((Code::GeneNotAssessed, None))),
            ("TP53\t2", Err((Code::RowShort, Some("Minor Copy Number")))),
            ("TP53\t2\tx", Err((Code::NumberInvalid, Some("Minor Copy Number")))),
        ],
    );
}

#[test]
fn exon_changes_lie_on_a_chromosome() {
    for section in ["Exon-Level CNVs", "Large Rearrangements"] {
        let head = format!("[{section}]\nGene\tChromosome\tStart\tStop\tAffected Exon(s)\tFold Change\tCNV Type\n");
        assert_verdicts(
            &head,
            &[
                ("BRCA1\tchr17\t41196312\t41199720\t22-24\t0.52\tLOSS", Ok(())),
                ("BRCA1\tNA", Err((Code::GeneNotAssessed, None))),
                ("BRCA1\tchr17\t1\t2\t2\t1.0\tNEUTRAL", Err((Code::RowNeutral, None))),
                ("BRCA1\tchr30\t1\t2\t2\t0.5\tLOSS", Err((Code::ChromosomeInvalid, Some("Chromosome")))),
                ("BRCA1\tchr17\t9\t2\t2\t0.5\tLOSS", Err((Code::ValueContradictory, Some("Stop")))),
                ("BRCA1\tchr17\t1\t2\t2\t0.5\tX", Err((Code::TypeUnknown, Some("CNV Type")))),
            ],
        );
    }
}

#[test]
fn splice_and_fusion_rows_keep_breakpoints_that_are_none() {
    let (output, account) = parse_sections(
        "[Splice Variants]\nGene\tAffected Exon\tBreakpoint 1\tBreakpoint 2\tSplice Supporting Reads\t\
         Reference Reads Transcript\nMET\t14\tchr7:116411708\tchr7:116414934\t321\t12.5\n\
         [Fusions]\nGene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\nEML4-ALK\tintron 13\t\
         chr2:29446394\t40\n",
    );
    let splice = &output.splice_variants[0];
    let position = |point: &Option<super::super::super::cells::breakpoint::Breakpoint>| {
        point.as_ref().and_then(|point| point.locus).map(|locus| (locus.chromosome, locus.position))
    };
    assert_eq!(position(&splice.breakpoint_1), Some(("7", 116_411_708)));
    assert_eq!((splice.supporting_reads, splice.reference_reads), (Some(321), None));
    assert_eq!(splice.extra, [("Reference Reads Transcript".to_owned(), "12.5".to_owned())]);
    let fusion = &output.fusions[0];
    assert_eq!(fusion.breakpoint_1.as_ref().map(|point| point.text.as_str()), Some("intron 13"));
    assert_eq!((position(&fusion.breakpoint_1), position(&fusion.breakpoint_2)), (None, Some(("2", 29_446_394))));
    assert_eq!(
        issues(&account),
        [
            (Code::NumberInvalid, Some(8), Some("Reference Reads Transcript")),
            (Code::BreakpointInvalid, Some(11), Some("Breakpoint 1")),
        ]
    );
}

#[test]
fn cell_free_fusions_are_read_from_either_set_of_columns() {
    for (head, row, pair, known) in [
        (
            "Gene Pair\tBreakpoint 1\tBreakpoint 2\tVAF",
            "EML4-ALK\tchr2:42522656\tchr2:29446394\t0.0021",
            "EML4-ALK",
            None,
        ),
        (
            "Gene1\tGene2\tChr1\tPos1\tChr2\tPos2\tVAF\tFusion Directionality Known",
            "EML4\tALK\tchr2\t42522656\tchr2\t29446394\t0.0021\tTrue",
            "EML4-ALK",
            Some(true),
        ),
        (
            "Gene1\tGene2\tChr1\tPos1\tChr2\tPos2\tVAF\tFusion Directionality Known",
            "EML4\tALK\tchr2\t42522656\tchr2\t29446394\t0.0021\tFalse",
            "EML4/ALK",
            Some(false),
        ),
        ("Name\tChr1\tPos1\tChr2\tPos2\tVAF", "EML4-ALK\t2\t42522656\t2\t29446394\t0.21%", "EML4-ALK", None),
    ] {
        let (output, account) = parse_sections(&format!("[DNA Fusions]\n{head}\n{row}\n"));
        let fusion = &output.dna_fusions[0];
        assert_eq!((fusion.gene_pair.as_str(), fusion.direction_known), (pair, known), "{head}");
        assert_eq!(fusion.allele_frequency.as_ref().map(|value| value.as_str()), Some("0.0021"), "{head}");
        let positions = [&fusion.breakpoint_1, &fusion.breakpoint_2]
            .map(|point| point.as_ref().and_then(|point| point.locus).map(|locus| locus.position));
        assert_eq!(positions, [Some(42_522_656), Some(29_446_394)], "{head}");
        assert_eq!(issues(&account), [(Code::LayoutUnverified, Some(6), None)], "{head}");
    }
    let (_, account) = parse_sections("[DNA Fusions]\nGene1\tVAF\nEML4\t0.1\n");
    assert_eq!(issues(&account), [(Code::ColumnMissing, Some(7), Some("Gene Pair"))]);
}

#[test]
fn a_row_of_too_many_cells_is_rejected() {
    let content = "TruSight Oncology 500 - Combined Variant Output\n[Gene Amplifications]\nGene\tFold Change\n\n\n\
                   MET\t2.5\t3\t4\nMET\t2.5\n";
    for (line_cells, expected) in
        [(3, [(6, Some(Code::RowLong)), (7, None)]), (1, [(6, Some(Code::RowLong)), (7, Some(Code::RowLong))])]
    {
        let (_, account) = parse_within(content.as_bytes(), &Limits { line_cells, ..Limits::default() });
        assert_eq!(outcomes(&account), expected, "{line_cells}");
    }
}
