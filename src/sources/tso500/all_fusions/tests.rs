use proptest::prelude::*;

use super::*;
use crate::domain::accounting::Outcome;
use crate::domain::issue::Location;
use crate::sources::tso500::cells::breakpoint::{Breakpoint, Locus};

const LOCAL_APP: &str = "Caller,Gene A,Gene B,Gene A Breakpoint,Gene B Breakpoint,Score,Filter,Precise/Imprecise,Intragenic Call,Ref A Split,Ref A Pair,Ref B Split,Ref B Pair,Alt Split,Alt Pair,CandidateAlt,Contig,ContigAlign1,ContigAlign2,KeepFusion,Ref A Dedup,Ref B Dedup,Alt Split Dedup,Alt Pair Dedup,Fusion Directionality Known";

fn dragen() -> String {
    format!("{LOCAL_APP},Gene A Location,Gene B Location,Gene A Sense,Gene B Sense")
}

/// A file with the description lines of its dialect.
fn file(columns: &str, rows: &[&str]) -> String {
    let mut text = "# Source = FusionProcessor 1.0.0.407\n# FileDate = 20260301\n".to_owned();
    text.push_str("# Gene A = The gene. A semicolon delimited list will be used for multiple genes.\n");
    for line in std::iter::once(columns).chain(rows.iter().copied()) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn read_bytes(bytes: &[u8]) -> (Option<AllFusions>, Account) {
    let text = Text::from_bytes(&Arc::from("S1_AllFusions.csv"), bytes.to_vec()).unwrap();
    let mut account = Account::default();
    let fusions = parse(&text, &Limits::default(), &mut account);
    (fusions, account)
}

fn read_file(text: &str) -> (AllFusions, Account) {
    let (fusions, account) = read_bytes(text.as_bytes());
    (fusions.unwrap(), account)
}

fn issues(account: &Account) -> Vec<(IssueCode, Option<u32>, Option<&str>)> {
    let of = |issue: &'_ crate::domain::issue::Issue| (issue.code, issue.location.line);
    account.issues.iter().map(|issue| (of(issue).0, of(issue).1, issue.location.column.as_deref())).collect()
}

fn listed(account: &Account) -> Vec<(u32, IssueCode, String)> {
    let row = |row: &crate::domain::accounting::Row| match &row.outcome {
        Outcome::Listed { code, text } => Some((row.line, *code, text.to_string())),
        _ => None,
    };
    account.ledger.rows().filter_map(row).collect()
}

/// A kept fusion of LocalApp; line 5 of the file.
const EML4: &str = "RnaFusionFilter,EML4,ALK,chr2:42522654,chr2:29446394,0.890,PASS,Precise,N/A,20961,176676,1728,8571,645,1059,N/A,CTCAGG,59,117,True,749,9,61,14,True";

#[test]
fn a_kept_fusion_has_the_de_duplicated_reads() {
    let (fusions, account) = read_file(&file(LOCAL_APP, &[EML4]));
    assert_eq!(fusions.source.as_deref(), Some("FusionProcessor 1.0.0.407"));
    let [fusion] = fusions.kept.as_slice() else { panic!("{fusions:?}") };
    assert_eq!(fusion.gene_pair, "EML4-ALK");
    assert_eq!((fusion.gene_1.as_deref(), fusion.gene_2.as_deref()), (Some("EML4"), Some("ALK")));
    assert_eq!(fusion.direction_known, Some(true));
    let breakpoint =
        |text: &str, position| Breakpoint { text: text.to_owned(), locus: Some(Locus { chromosome: "2", position }) };
    assert_eq!(fusion.breakpoint_1, Some(breakpoint("chr2:42522654", 42_522_654)));
    assert_eq!(fusion.breakpoint_2, Some(breakpoint("chr2:29446394", 29_446_394)));
    // 61 split reads and 14 pairs: the CombinedVariantOutput of the same data says 75, 749 and 9.
    assert_eq!(fusion.supporting_reads, Some(75));
    assert_eq!((fusion.gene_1_reference_reads, fusion.gene_2_reference_reads), (Some(749), Some(9)));
    assert_eq!((fusion.allele_frequency.clone(), fusion.line), (None, 5));
    let note = |name: &str| fusion.extra.iter().find(|(column, _)| column == name).map(|(_, text)| text.as_str());
    assert_eq!(note("Caller"), Some("RnaFusionFilter"));
    assert_eq!(note("Contig"), Some("CTCAGG"));
    assert_eq!((note("Filter"), note("Intragenic Call")), (None, None));
    assert_eq!(account.ledger.open_rows(), [fusion.row]);
    assert!(account.issues.is_empty(), "{:?}", account.issues);
}

#[test]
fn both_dialects_give_the_same_fusion() {
    let (local_app, _) = read_file(&file(LOCAL_APP, &[EML4]));
    let row = format!("{EML4},IntactExon,IntactExon,True,True");
    let (of_dragen, account) = read_file(&file(&dragen(), &[&row]));
    assert!(account.issues.is_empty());
    let mut fusion = of_dragen.kept[0].clone();
    let location = |(column, _): &(String, String)| column.contains("Location") || column.contains("Sense");
    assert_eq!(fusion.extra.iter().filter(|note| location(note)).count(), 4);
    fusion.extra.retain(|note| !location(note));
    assert_eq!(fusion, local_app.kept[0]);
}

#[test]
fn columns_are_found_by_name_and_fields_may_be_quoted() {
    let columns = "KeepFusion,\"Gene B\",gene a,Alt Split Dedup";
    let (fusions, account) = read_file(&file(columns, &["TRUE,\"ROS1;GOPC\",\"CD74\",7"]));
    assert_eq!(fusions.kept[0].gene_pair, "CD74/ROS1;GOPC");
    assert_eq!((fusions.kept[0].supporting_reads, fusions.kept[0].direction_known), (Some(7), None));
    assert!(account.issues.is_empty(), "{:?}", account.issues);
}

#[test]
fn keep_fusion_decides_and_not_the_filter() {
    let row = |filter: &str, keep: &str| {
        format!(
            "DRAGEN,PVT1,MYC,chr8:128806980,chr8:128750494,0.5,{filter},N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,{keep},2,4416,6,1,True,IntactExon,IntactExon,True,True"
        )
    };
    let rows = [
        row("PASS;LOW_ALT_TO_REF", "True"),
        row("NoReferenceReads", "True"),
        row("N/A", "True"),
        row("PASS", "False"),
        row("FAIL;LOW_SCORE", "False"),
        row("N/A", "FALSE"),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (fusions, account) = read_file(&file(&dragen(), &rows));
    let filters: Vec<Option<&str>> = fusions
        .kept
        .iter()
        .map(|fusion| fusion.extra.iter().find(|(name, _)| name == "Filter").map(|(_, text)| text.as_str()))
        .collect();
    assert_eq!(filters, [Some("PASS;LOW_ALT_TO_REF"), Some("NoReferenceReads"), None]);
    let filtered = |line, filter: &str| (line, IssueCode::RowFiltered, format!("KeepFusion is false; filter {filter}"));
    assert_eq!(listed(&account), [filtered(8, "`PASS`"), filtered(9, "`FAIL;LOW_SCORE`"), filtered(10, "none")]);
    assert_eq!(fusions.dropped.iter().map(|row| row.line).collect::<Vec<_>>(), [8, 9, 10]);
    assert!(account.issues.is_empty());
}

#[test]
fn several_breakpoints_of_one_pair_are_several_fusions() {
    let other = EML4.replace("chr2:42522654", "chr2:42492091");
    let (fusions, _) = read_file(&file(LOCAL_APP, &[EML4, &other]));
    assert_eq!(fusions.kept.len(), 2);
}

#[test]
fn the_direction_is_what_the_file_says() {
    for (cell, known, pair, codes) in [
        ("True", Some(true), "EML4-ALK", vec![]),
        ("False", Some(false), "EML4/ALK", vec![]),
        ("N/A", None, "EML4/ALK", vec![]),
        ("maybe", None, "EML4/ALK", vec![(IssueCode::BooleanInvalid, Some(5), Some("Fusion Directionality Known"))]),
    ] {
        let row = format!("{}{cell}", EML4.strip_suffix("True").unwrap());
        let (fusions, account) = read_file(&file(LOCAL_APP, &[&row]));
        let fusion = &fusions.kept[0];
        assert_eq!((fusion.direction_known, fusion.gene_pair.as_str()), (known, pair), "{cell}");
        assert_eq!(issues(&account), codes, "{cell}");
    }
}

#[test]
fn a_breakpoint_between_genes_has_no_gene() {
    for (gene_a, gene_b, pair) in [("N/A", "ALK", "ALK"), ("EML4", "N/A", "EML4")] {
        let row = EML4.replace("EML4,ALK", &format!("{gene_a},{gene_b}"));
        let (fusions, account) = read_file(&file(LOCAL_APP, &[&row]));
        assert_eq!(fusions.kept[0].gene_pair, pair);
        assert!(account.issues.is_empty());
    }
}

#[test]
fn reads_of_one_kind_alone_are_counted() {
    for (counts, reads) in [("40,N/A", Some(40)), ("N/A,3", Some(3)), ("N/A,N/A", None), ("0,0", Some(0))] {
        let (fusions, account) = read_file(&file(LOCAL_APP, &[&EML4.replace("61,14", counts)]));
        assert_eq!(fusions.kept[0].supporting_reads, reads, "{counts}");
        assert!(account.issues.is_empty());
    }
}

/// What a bad cell costs: the row, or only the value.
#[test]
fn each_damage_has_its_code_and_place() {
    let lost = |from: &str, to: &str| read_file(&file(LOCAL_APP, &[&EML4.replacen(from, to, 1)]));
    for (from, to, code, column) in [
        ("True,749", "perhaps,749", IssueCode::BooleanInvalid, "KeepFusion"),
        ("True,749", "N/A,749", IssueCode::ValueRequired, "KeepFusion"),
        ("EML4,ALK", "N/A,", IssueCode::ValueRequired, "Gene A"),
        ("EML4,ALK", "<DUP>,ALK", IssueCode::GeneInvalid, "Gene A"),
        ("EML4,ALK", "EML4,two words", IssueCode::GeneInvalid, "Gene B"),
    ] {
        let (fusions, account) = lost(from, to);
        assert_eq!(fusions.kept.len(), 0, "{to}");
        assert_eq!(issues(&account), [(code, Some(5), Some(column))], "{to}");
        assert_eq!(listed(&account)[0].1, code, "{to}");
    }
    for (from, to, code, column) in [
        ("chr2:42522654", "chr2", IssueCode::BreakpointInvalid, "Gene A Breakpoint"),
        ("chr2:29446394", "chr99:1", IssueCode::BreakpointInvalid, "Gene B Breakpoint"),
        ("749,9,61", "x,9,61", IssueCode::NumberInvalid, "Ref A Dedup"),
        ("749,9,61", "749,-9,61", IssueCode::NumberOutOfRange, "Ref B Dedup"),
        ("749,9,61", "749,9,6.5", IssueCode::NumberInvalid, "Alt Split Dedup"),
        ("61,14", "61,\"1,400\"", IssueCode::NumberAmbiguous, "Alt Pair Dedup"),
    ] {
        let (fusions, account) = lost(from, to);
        assert_eq!(fusions.kept.len(), 1, "{to}");
        assert_eq!(issues(&account), [(code, Some(5), Some(column))], "{to}");
        let has_reads = fusions.kept[0].supporting_reads.is_some();
        assert_eq!(has_reads, !column.starts_with("Alt"), "a sum without one of its parts is too small: {to}");
    }
}

#[test]
fn damaged_tables_list_their_rows() {
    let wide = format!("{EML4},x");
    for (content, code, rows) in [
        (file("Caller,Gene A,Gene B,Score", &["a,b,c,1"]), IssueCode::ColumnMissing, vec![5]),
        (file("1,2,3", &["4,5,6"]), IssueCode::HeaderMissing, vec![4, 5]),
        (file(LOCAL_APP, &[&wide]), IssueCode::RowLong, vec![5]),
        (file(LOCAL_APP, &["RnaFusionFilter,EML4"]), IssueCode::RowShort, vec![5]),
        (file(LOCAL_APP, &["\"RnaFusionFilter,EML4,ALK"]), IssueCode::QuoteUnclosed, vec![5]),
        (file(LOCAL_APP, &["# a late description"]), IssueCode::RowShort, vec![5]),
    ] {
        let (fusions, account) = read_file(&content);
        assert!(fusions.kept.is_empty());
        assert!(issues(&account).iter().any(|issue| issue.0 == code), "{code} {:?}", account.issues);
        let lines: Vec<_> = listed(&account).iter().map(|row| (row.0, row.1)).collect();
        assert_eq!(lines, rows.into_iter().map(|line| (line, code)).collect::<Vec<_>>());
    }
    let (fusions, account) = read_file("# Source = FusionProcessor 1.0.0.407\n");
    assert!(fusions.kept.is_empty());
    assert_eq!(issues(&account), [(IssueCode::HeaderMissing, Some(1), None)]);
    let (_, account) = read_bytes(b"Gene A,Gene B,KeepFusion\nA\xff,B,True\n");
    assert_eq!(issues(&account), [(IssueCode::FileEncodingInvalid, Some(2), None)]);
    let (_, account) = read_bytes(format!("{LOCAL_APP}\n{EML4}").as_bytes());
    assert_eq!(account.issues[0].location, Location::file(&Arc::from("S1_AllFusions.csv")));
    assert_eq!(account.issues[0].code, IssueCode::FileTruncated);
}

#[test]
fn a_long_table_of_long_rows_is_refused() {
    let limits = Limits { line_cells: 10, ..Limits::default() };
    let text = Text::from_bytes(&Arc::from("a.csv"), file(LOCAL_APP, &[EML4]).into_bytes()).unwrap();
    let mut account = Account::default();
    assert!(parse(&text, &limits, &mut account).unwrap().kept.is_empty());
    assert_eq!(listed(&account).iter().map(|row| row.1).collect::<Vec<_>>(), [IssueCode::RowLong]);
}

/// Lines that are neither blank nor description nor column names, counted from the bytes.
fn rows_in(content: &str) -> usize {
    let blank = |line: &&str| line.chars().all(|c| matches!(c, ' ' | '\t' | ',' | '"' | '\r'));
    let lines = content.lines().filter(|line| !blank(line)).skip_while(|line| line.trim().starts_with('#'));
    lines.count().saturating_sub(1)
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 1..300)) {
        if let Ok(text) = Text::from_bytes(&Arc::from("a.csv"), bytes) {
            let mut account = Account::default();
            let fusions = parse(&text, &Limits::default(), &mut account);
            let open = account.ledger.open_rows();
            let kept: Vec<_> = fusions.iter().flat_map(|fusions| fusions.kept.iter().map(|fusion| fusion.row)).collect();
            prop_assert_eq!(open, kept);
        }
    }

    #[test]
    fn every_row_is_kept_or_listed(
        cells in proptest::collection::vec(
            proptest::collection::vec("True|False|EML4|ALK;X|chr1:5|[0-9]{1,3}|N/A|\"|\"a,b\"|[ -~]{0,6}", 0..27),
            0..12
        )
    ) {
        let rows: Vec<String> = cells.iter().map(|cells| cells.join(",")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let content = file(LOCAL_APP, &rows);
        let (fusions, account) = read_file(&content);
        prop_assert_eq!(account.ledger.len(), rows_in(&content));
        let kept: Vec<_> = fusions.kept.iter().map(|fusion| fusion.row).collect();
        prop_assert_eq!(account.ledger.open_rows(), kept);
    }
}
