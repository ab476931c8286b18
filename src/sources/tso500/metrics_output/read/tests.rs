use proptest::prelude::*;

use super::*;
use crate::sources::tso500::folder::raw_lines::{head, raw_lines};
use crate::sources::tso500::metrics_output::{Category, Reading, Verdict};

/// Synthetic; the layout is that of the two pipelines, every number and id is made up.
const LOCAL_APP: &str = "\
TruSight Oncology 500 - Metrics Output
For Research Use Only. Not for use in diagnostic procedures.

[Header]
Output Date\t2025-02-03
Output Time\t04:05:06
Workflow Version\truo-2.2.0.12

[Run QC Metrics]
Metric (UOM)\tLSL Guideline\tUSL Guideline\tValue
PCT_PF_READS (%)\t55.0\tNA\t51.5

[Analysis Status]
\tD_P\tR_P
COMPLETED_ALL_STEPS\tTRUE\tFALSE
FAILED_STEPS\tNA\tRnaFusionMerge
STEPS_NOT_EXECUTED\tNA\tNA
\t\t
[DNA Library QC Metrics]
Metric (UOM)\tLSL Guideline\tUSL Guideline\tD_P\tR_P
CONTAMINATION_SCORE (NA)\t0\t3106\t4000\tNA
CONTAMINATION_P_VALUE (NA)\t0.000\t0.049\t0.001\tNA

[RNA Library QC Metrics]
Metric (UOM)\tLSL Guideline\tUSL Guideline\tR_P\tD_P
MEDIAN_INSERT_SIZE (Count)\t80\tNA\t79\tNA

[DNA Expanded Metrics]
NA

[Notes]
Run Metrics\tRun Metrics are not generated.
";

fn read(content: &[u8]) -> (Option<MetricsOutput>, Account) {
    let text = Text::from_bytes(&Arc::from("MetricsOutput.tsv"), content.to_vec()).unwrap();
    let mut account = Account::default();
    let output = parse(&text, &Limits::default(), &mut account);
    (output, account)
}

fn codes(account: &Account) -> Vec<(IssueCode, Option<u32>)> {
    account.issues.iter().map(|issue| (issue.code, issue.location.line)).collect()
}

#[test]
fn a_file_is_read_whole() {
    let (output, account) = read(LOCAL_APP.as_bytes());
    let output = output.unwrap();
    assert_eq!(codes(&account), []);
    assert_eq!((output.product, output.workflow_version.as_deref()), (Some(Product::LocalApp), Some("ruo-2.2.0.12")));
    assert_eq!(output.samples, ["D_P", "R_P"]);
    let (dna, rna) = (output.sample_index("D_P").unwrap(), output.sample_index("R_P").unwrap());
    assert_eq!((output.completed(dna), output.failed_steps(dna)), (Some(true), None));
    assert_eq!((output.completed(rna), output.failed_steps(rna)), (Some(false), Some("RnaFusionMerge")));
    assert_eq!(output.steps_not_executed(rna), None);
    let names: Vec<_> =
        output.metrics.iter().map(|m| (m.name.as_str(), m.unit.as_deref(), m.category, m.is_library_qc())).collect();
    assert_eq!(
        names,
        [
            ("PCT_PF_READS", Some("%"), Category::Run, false),
            ("CONTAMINATION_SCORE", None, Category::Contamination, true),
            ("CONTAMINATION_P_VALUE", None, Category::Contamination, true),
            ("MEDIAN_INSERT_SIZE", Some("Count"), Category::Rna, true),
        ]
    );
    let insert_size = &output.metrics[3];
    assert_eq!(insert_size.value(rna).number().map(|n| n.as_str()), Some("79"), "columns go by name, not by place");
    assert_eq!(output.verdict(insert_size, rna), Verdict::Fail { guideline: ">= 80".to_owned() });
    assert_eq!(output.verdict(insert_size, dna), Verdict::NoValue);
    assert_eq!(output.verdict(&output.metrics[1], dna), Verdict::Pass, "rearranged, not contaminated");
    assert_eq!(output.verdict(&output.metrics[0], 0), Verdict::Fail { guideline: ">= 55.0".to_owned() });
    assert_eq!(output.notes[0].key, "Run Metrics");
    let listed: Vec<_> =
        account.ledger.rows().filter(|row| row.outcome != crate::domain::accounting::Outcome::Open).collect();
    assert_eq!(listed.iter().map(|row| row.line).collect::<Vec<_>>(), [29], "the bare NA");
    assert_eq!(account.ledger.open_rows().len(), 11);
}

#[test]
fn padding_and_line_breaks_change_nothing() {
    let padded: String = LOCAL_APP.lines().map(|line| format!("{line}\t\t\t\r\n")).collect();
    let dragen = padded.replacen("TruSight", "DRAGEN TruSight", 1);
    let (plain, plain_account) = read(LOCAL_APP.as_bytes());
    let (padded, padded_account) = read(padded.as_bytes());
    assert_eq!((plain.as_ref(), plain_account.ledger), (padded.as_ref(), padded_account.ledger));
    assert_eq!(read(dragen.as_bytes()).0.unwrap().product, Some(Product::Dragen));
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    let table = "TruSight Oncology 500 - Metrics Output\n[RNA Library QC Metrics]\nMetric (UOM)\tLSL Guideline\tUSL Guideline\tA";
    for (content, expected) in [
        ("x\n[Header]\na\tb\n".to_owned(), vec![(IssueCode::LineOutsideSection, 1), (IssueCode::BannerMissing, 1)]),
        (format!("{table}\n[Header]\na\tb\na\tc\n"), vec![(IssueCode::KeyRepeated, 6)]),
        (format!("{table}\n[Header]\na\tb\tc\n"), vec![(IssueCode::RowLong, 5)]),
        (format!("{table}\n[Lipids]\nM\t1\n"), vec![(IssueCode::SectionUnknown, 4)]),
        (format!("{table}\n[RNA LIBRARY QC METRICS]\nM\t1\n"), vec![(IssueCode::SectionRepeated, 4)]),
        (format!("{table}\tA\n"), vec![(IssueCode::ColumnRepeated, 3)]),
        (format!("{table}\nM (%)\t1\t2\t3\t4\n"), vec![(IssueCode::RowLong, 4)]),
        (format!("{table}\nM (%)\t1\t2\n"), vec![(IssueCode::RowShort, 4)]),
        (format!("{table}\nM (%)\t1\t2\t3\nM (%)\t1\t2\t4\n"), vec![(IssueCode::KeyRepeated, 5)]),
        (format!("{table}\n\t1\t2\t3\n"), vec![(IssueCode::ValueRequired, 4)]),
        (format!("{table}\nM (%)\t1,5\t2\t3\n"), vec![(IssueCode::DecimalComma, 4)]),
        (format!("{table}\n[Analysis Status]\nCOMPLETED_ALL_STEPS\tTRUE\n"), vec![(IssueCode::HeaderMissing, 4)]),
    ] {
        let (_, account) = read(content.as_bytes());
        let expected: Vec<_> = expected.into_iter().map(|(code, line)| (code, Some(line))).collect();
        assert_eq!(codes(&account), expected, "{content}");
    }
    let (output, account) = read(b"TruSight Oncology 500\n[Notes]\nx\t\xe6\ny\tz");
    assert_eq!(codes(&account), [(IssueCode::FileEncodingInvalid, Some(3)), (IssueCode::FileTruncated, None)]);
    assert_eq!(output.unwrap().notes.len(), 1);
    assert_eq!(read(b"TruSight Oncology 500\n[Lipids]\nx\ty\n").0, None);
}

#[test]
fn a_number_of_another_unit_stays_text() {
    let content = "TruSight Oncology 500\n[RNA Library QC Metrics]\nMetric (UOM)\tLSL Guideline\tUSL Guideline\tA\n\
                   M (%)\t1\t2\t3%\nN (Count)\t1\t2\t3%\nO (Count)\tlow\tNA\t9,000\n";
    let output = read(content.as_bytes()).0.unwrap();
    assert_eq!(output.metrics[0].value(0).number().map(|n| n.as_str()), Some("3"));
    assert_eq!(output.metrics[1].value(0), &Reading::Text("3%".to_owned()));
    assert_eq!(output.metrics[2].value(0), &Reading::Text("9,000".to_owned()));
    assert_eq!(output.metrics[2].lower, Reading::Text("low".to_owned()));
}

#[test]
fn the_limit_on_sections_lists_the_rest() {
    let text = Text::from_bytes(&Arc::from("MetricsOutput.tsv"), LOCAL_APP.as_bytes().to_vec()).unwrap();
    let limits = Limits { file_sections: 3, ..Limits::default() };
    let mut account = Account::default();
    let output = parse(&text, &limits, &mut account).unwrap();
    assert_eq!(codes(&account), [(IssueCode::TooManySections, Some(19))]);
    assert_eq!((output.metrics.len(), account.ledger.rows().count()), (1, 12));
}

/// The row rule, from the raw bytes.
fn count_rows(content: &[u8]) -> usize {
    let lines = raw_lines(content);
    let mut rows = 0;
    let mut section = None;
    let mut previous_was_head = false;
    for (index, line) in lines.iter().enumerate() {
        if let Some(name) = head(line) {
            section = Some(name.to_lowercase());
            previous_was_head = true;
            continue;
        }
        let first = line.as_ref().map(|cells| cells[0].clone());
        let first = first.as_deref();
        let banner = section.is_none()
            && (index == 0 && first.is_some_and(|text| text.contains("TruSight Oncology 500"))
                || first.is_some_and(|text| text.starts_with("For Research Use Only")));
        let keys = matches!(section.as_deref(), Some("header" | "notes"));
        let column_heads =
            previous_was_head && !keys && matches!(first.map(str::to_lowercase).as_deref(), Some("" | "metric (uom)"));
        previous_was_head = false;
        rows += usize::from(!banner && !column_heads);
    }
    rows
}

fn check(content: &[u8], sections: usize) {
    let Ok(text) = Text::from_bytes(&Arc::from("MetricsOutput.tsv"), content.to_vec()) else { return };
    let limits = Limits { file_sections: sections, ..Limits::default() };
    let mut account = Account::default();
    let output = parse(&text, &limits, &mut account);
    assert_eq!(account.ledger.rows().count(), count_rows(content));
    let lines: Vec<_> = account.ledger.rows().map(|row| row.line).collect();
    assert!(lines.is_sorted_by(|a, b| a < b), "{lines:?}");
    let mut held: Vec<RowId> = output
        .iter()
        .flat_map(|output| {
            let keys = output.header.iter().chain(&output.notes).map(|line| line.row);
            keys.chain(output.metrics.iter().map(|metric| metric.row)).chain(output.status.iter().map(|row| row.row))
        })
        .collect();
    held.sort();
    assert_eq!(held, account.ledger.open_rows());
}

proptest! {
    #[test]
    fn any_bytes_are_accounted(content in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&content, 1_000);
    }

    #[test]
    fn any_mixture_of_lines_is_accounted(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "TruSight Oncology 500 - Metrics Output", "For Research Use Only.", "[Header]", "[Notes]", "[Analysis Status]",
            "[RNA Library QC Metrics]", "[Run QC Metrics]", "[DNA Library QC Metrics]", "[Other]", "[[]]", "[]", "NA",
            "Metric (UOM)\tLSL Guideline\tUSL Guideline\tA\tB", "\tA\tB", "M (%)\t1\tNA\t2\t3", "CONTAMINATION_SCORE (NA)\t0\t5\t6",
            "Workflow Version\t1", "", "\t\t", "\"\"", "\"", " \r", "x\ty\tz\tu\tv\tw",
        ]), 0..40),
        line_break in proptest::sample::select(vec!["\n", "\r\n", "\r"]),
        sections in 0_usize..6,
    ) {
        check(parts.join(line_break).as_bytes(), sections);
    }
}
