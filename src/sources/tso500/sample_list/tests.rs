use proptest::prelude::*;

use super::*;
use crate::sources::tso500::folder::raw_lines::raw_lines;

const HEAD: &str = "#sample_type\tsample_ID\tsample_pair_ID\tsample_output_ID\tsample_host_system_run_directory";

fn read(content: &[u8]) -> (Option<SampleList>, Account) {
    let text = Text::from_bytes(&Arc::from("sample_list.tsv"), content.to_vec()).unwrap();
    let mut account = Account::default();
    let list = parse(&text, &Limits::default(), &mut account);
    (list, account)
}

fn codes(account: &Account) -> Vec<IssueCode> {
    account.issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn samples_of_two_runs_are_joined() {
    let rows = "RNA_tumor\tR1\tR1_P\tR1\t/data/x/250102_A02134_0002_BHAAAAAAA2_LocalApp_results/\n\
                DNA_tumor\tD1\tD1_P\tD1\t/data/x/250101_A02134_0001_AHAAAAAAA1_TSO_500_LocalApp_results\n\
                DNA_normal\tN1\tNA\t-\t/data/x\nctDNA\tC1\n";
    for head in [
        HEAD,
        HEAD.trim_start_matches('#'),
        "# written by a tool\n# sample_type\tsample_ID\tsample_pair_ID\tsample_output_ID\tsample_host_system_run_directory",
    ] {
        let (list, account) = read(format!("{head}\n{rows}").as_bytes());
        assert_eq!(codes(&account), [], "{head}");
        let samples: Vec<_> = list
            .unwrap()
            .samples
            .into_iter()
            .map(|s| (s.sample_type, s.sample_id, s.pair_id, s.output_id, s.run_id))
            .collect();
        let text = |value: &str| Some(value.to_owned());
        assert_eq!(
            samples,
            [
                (
                    SampleType::RnaTumor,
                    "R1".to_owned(),
                    text("R1_P"),
                    text("R1"),
                    text("250102_A02134_0002_BHAAAAAAA2")
                ),
                (
                    SampleType::DnaTumor,
                    "D1".to_owned(),
                    text("D1_P"),
                    text("D1"),
                    text("250101_A02134_0001_AHAAAAAAA1")
                ),
                (SampleType::DnaNormal, "N1".to_owned(), None, None, None),
                (SampleType::Other("ctDNA".to_owned()), "C1".to_owned(), None, None, None),
            ]
        );
    }
}

#[test]
fn what_cannot_be_read_is_listed() {
    for (content, code, rows) in [
        ("DNA_tumor\tD1\n".to_owned(), IssueCode::HeaderMissing, 1),
        ("sample_type\tsample\nDNA_tumor\tD1\n".to_owned(), IssueCode::ColumnMissing, 1),
        (format!("{HEAD}\nDNA_tumor\n"), IssueCode::RowShort, 1),
        (format!("{HEAD}\nDNA_tumor\tNA\tx\n"), IssueCode::ValueRequired, 1),
        (format!("{HEAD}\n\tD1\n"), IssueCode::ValueRequired, 1),
        (format!("{HEAD}\nDNA_tumor\tD1\t\t\t\tx\n"), IssueCode::RowLong, 1),
        (format!("{HEAD}\tsample_id\n# note\n"), IssueCode::ColumnRepeated, 1),
    ] {
        let (_, account) = read(content.as_bytes());
        assert_eq!((codes(&account), account.ledger.rows().count()), (vec![code], rows), "{content}");
        assert_eq!(account.ledger.open_rows(), [], "{content}");
    }
    let (_, account) = read(&[HEAD.as_bytes(), b"\nDNA_tumor\t\xe6"].concat());
    assert_eq!(codes(&account), [IssueCode::FileTruncated, IssueCode::FileEncodingInvalid]);
}

/// The row rule, from the raw bytes: every line but the first one whose first cell is `sample_type`.
fn check(content: &[u8]) {
    let Ok(text) = Text::from_bytes(&Arc::from("sample_list.tsv"), content.to_vec()) else { return };
    let mut account = Account::default();
    let list = parse(&text, &Limits::default(), &mut account);
    let lines = raw_lines(content);
    let is_head = |cells: &Vec<String>| {
        let cell = cells[0].to_lowercase();
        cell.trim_start_matches('#').trim_start() == "sample_type"
    };
    let head = lines.iter().flatten().any(is_head);
    assert_eq!(account.ledger.rows().count(), lines.len() - usize::from(head));
    let held: Vec<_> = list.iter().flat_map(|list| list.samples.iter().map(|sample| sample.row)).collect();
    assert_eq!(held, account.ledger.open_rows());
}

proptest! {
    #[test]
    fn any_bytes_are_accounted(content in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&content);
        check(&[HEAD.as_bytes(), b"\n", &content].concat());
    }

    #[test]
    fn any_mixture_of_lines_is_accounted(lines in proptest::collection::vec(proptest::sample::select(vec![
        HEAD, "sample_type\tsample_ID", "sample_type", "# x", "DNA_tumor\tD1", "RNA_tumor", "", "\t", "\tD1", "a\tb\tc\td\te\tf",
    ]), 0..20)) {
        check(lines.join("\n").as_bytes());
    }
}
