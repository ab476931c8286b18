use proptest::prelude::*;

use super::*;
use crate::domain::accounting::Outcome;
use crate::sources::tso500::folder::Kind;
use crate::sources::tso500::folder::discover;
use crate::sources::tso500::folder::scratch::Scratch;
use crate::sources::tso500::{metrics_output, sample_list, tmb_trace};

const REPORT: &str = "\
TruSight Oncology 500 - Combined Variant Output
For Research Use Only. Not for use in diagnostic procedures.

[Analysis Details]
Pair ID\tA_P
Output Time\t01:02:03

[Fusions]
Gene Pair\tBreakpoint 1
NA

[Gene Amplifications]
Gene\tFold Change
GEN1\t2.5
";

fn load_reports(scratch: &Scratch) -> (Vec<Text>, Account) {
    let mut account = Account::default();
    let inventory = discover(scratch.path(), &Limits::default(), &mut account.issues).unwrap();
    let texts = load(inventory.of(Kind::CombinedVariantOutput), &Limits::default(), &mut account).used;
    (texts, account)
}

fn files(texts: &[Text]) -> Vec<&str> {
    texts.iter().map(|text| &*text.file).collect()
}

#[test]
fn identical_copies_count_once() {
    let scratch = Scratch::new("identical");
    scratch.write("r/Logs_Intermediates/CombinedVariantOutput/A_P/A_P_CombinedVariantOutput.tsv", REPORT);
    scratch.write("r/Results/A_P/A_P_CombinedVariantOutput.tsv", REPORT);
    scratch.write("r/Results/B_P/B_P_CombinedVariantOutput.tsv", REPORT);
    let (texts, account) = load_reports(&scratch);
    assert_eq!(
        files(&texts),
        ["r/Results/A_P/A_P_CombinedVariantOutput.tsv", "r/Results/B_P/B_P_CombinedVariantOutput.tsv"],
        "another name is another sample"
    );
    assert_eq!((account.issues.len(), account.ledger.rows().count()), (0, 0));
}

#[test]
fn of_differing_copies_the_one_under_results_is_used() {
    let scratch = Scratch::new("differing");
    let copy = "r/Logs_Intermediates/CombinedVariantOutput/A_P/A_P_CombinedVariantOutput.tsv";
    scratch.write(copy, REPORT);
    scratch.write("r/Results/A_P/A_P_CombinedVariantOutput.tsv", REPORT.replace("2.5", "2.6"));
    let (texts, account) = load_reports(&scratch);
    assert_eq!(files(&texts), ["r/Results/A_P/A_P_CombinedVariantOutput.tsv"]);
    let issues: Vec<_> = account.issues.iter().map(|issue| (issue.code, issue.location.file.as_deref())).collect();
    assert_eq!(issues, [(IssueCode::CopiesDiffer, Some(copy))]);
    let rows: Vec<_> =
        account.ledger.rows().map(|row| (&*row.file, row.section.as_deref().unwrap_or_default(), row.line)).collect();
    assert_eq!(
        rows,
        [
            (copy, "Analysis Details", 5),
            (copy, "Analysis Details", 6),
            (copy, "Fusions", 10),
            (copy, "Gene Amplifications", 14)
        ]
    );
    let is_listed = |outcome: &Outcome| matches!(outcome, Outcome::Listed { code: IssueCode::CopiesDiffer, .. });
    assert!(account.ledger.rows().all(|row| is_listed(&row.outcome)));
}

#[test]
fn files_without_an_id_in_the_name_differ_between_runs() {
    let scratch = Scratch::new("runs");
    scratch.write("A_CombinedVariantOutput.tsv", REPORT);
    for (file, content) in [
        ("r1/Results/MetricsOutput.tsv", "1"),
        ("r1/Logs_Intermediates/MetricsOutput/MetricsOutput.tsv", "2"),
        ("r2/Results/MetricsOutput.tsv", "3"),
        ("r3/MetricsOutput.tsv", "4"),
    ] {
        scratch.write(file, format!("TruSight Oncology 500\n[Header]\nWorkflow Version\t{content}\n"));
    }
    let mut account = Account::default();
    let inventory = discover(scratch.path(), &Limits::default(), &mut account.issues).unwrap();
    let Distinct { used: texts, differing } = load(inventory.of(Kind::MetricsOutput), &Limits::default(), &mut account);
    assert_eq!(differing, [Arc::from("r1/Results/MetricsOutput.tsv")]);
    assert_eq!(files(&texts), ["r1/Results/MetricsOutput.tsv", "r2/Results/MetricsOutput.tsv", "r3/MetricsOutput.tsv"]);
    let issues: Vec<_> = account.issues.iter().map(|issue| (issue.code, issue.location.file.as_deref())).collect();
    assert_eq!(issues, [(IssueCode::CopiesDiffer, Some("r1/Logs_Intermediates/MetricsOutput/MetricsOutput.tsv"))]);
}

#[test]
fn a_file_that_cannot_be_read_is_an_issue_and_its_copy_is_used() {
    let scratch = Scratch::new("unreadable");
    scratch.write("Logs_Intermediates/A_CombinedVariantOutput.tsv", REPORT);
    scratch.write("Results/A_CombinedVariantOutput.tsv", "\u{feff}\n");
    let (texts, account) = load_reports(&scratch);
    assert_eq!(files(&texts), ["Logs_Intermediates/A_CombinedVariantOutput.tsv"]);
    assert_eq!(account.issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), [IssueCode::FileEmpty]);
}

proptest! {
    /// An unused copy has the rows that its parser would open.
    #[test]
    fn an_unused_file_has_as_many_rows_as_a_used_one(
        lines in proptest::collection::vec(proptest::sample::select(vec![
            "TruSight Oncology 500 - Metrics Output", "For Research Use Only.", "[Run QC Metrics]", "[RNA Library QC Metrics]",
            "Metric (UOM)\tA", "M (%)\t1", "NA", "", "x\ty", "Chromosome\tPosition\tRefCall\tAltCall", "chr1\t5\tA\tT",
            "#sample_type\tsample_ID", "sample_type\tsample_ID", "DNA_tumor\tA", "\"\"",
        ]), 1..20),
        file in proptest::sample::select(vec!["MetricsOutput.tsv", "A_TMB_Trace.tsv", "sample_list.tsv"]),
    ) {
        let Ok(text) = Text::from_bytes(&Arc::from(file), lines.join("\n").into_bytes()) else { return Ok(()) };
        let (mut unused, mut used) = (Account::default(), Account::default());
        let Format::Read(kind, _) = format::of(file) else { panic!("{file}") };
        list_rows(&text, kind, IssueCode::CopiesDiffer, &mut unused);
        match file {
            "MetricsOutput.tsv" => drop(metrics_output::parse(&text, &Limits::default(), &mut used)),
            "A_TMB_Trace.tsv" => drop(tmb_trace::parse(&text, &Limits::default(), &mut used)),
            _ => drop(sample_list::parse(&text, &Limits::default(), &mut used)),
        }
        let lines = |account: &Account| account.ledger.rows().map(|row| row.line).collect::<Vec<_>>();
        prop_assert_eq!(lines(&unused), lines(&used));
        prop_assert_eq!(unused.ledger.open_rows(), []);
    }
}
