//! Lines that cannot be used: which code, at which place; the rest of the file goes on.

use super::*;

/// A line that is right, with one column changed.
fn line(column: usize, value: &str) -> String {
    let mut cells =
        ["chr7", "100", ".", "T", "A", ".", "PASS", "DP=20", "GT:AD:AF:DP", "0/1:10,5:0.3:20"].map(str::to_owned);
    value.clone_into(&mut cells[column]);
    cells.join("\t")
}

const GOOD: &str = "chr7\t200\t.\tT\tA\t.\tPASS\tDP=20\tGT:AD:AF:DP\t0/1:10,5:0.3:20";

#[test]
fn a_damaged_line_is_listed_and_the_rest_goes_on() {
    for (text, code, column) in [
        (line(0, "chr99"), IssueCode::VcfChromosomeInvalid, Some("CHROM")),
        (line(0, ""), IssueCode::VcfChromosomeInvalid, Some("CHROM")),
        (line(0, "hs37d5"), IssueCode::VcfContigOther, Some("CHROM")),
        (line(1, "x"), IssueCode::VcfPositionInvalid, Some("POS")),
        (line(1, "0"), IssueCode::VcfPositionInvalid, Some("POS")),
        (line(1, "159138664"), IssueCode::VcfPositionInvalid, Some("POS")),
        (line(3, "R"), IssueCode::VcfReferenceInvalid, Some("REF")),
        (line(3, "."), IssueCode::VcfReferenceInvalid, Some("REF")),
        (line(4, "T"), IssueCode::VcfAlternateInvalid, Some("ALT")),
        (line(4, ""), IssueCode::VcfAlternateInvalid, Some("ALT")),
        (line(4, "A,A"), IssueCode::VcfAlternateInvalid, Some("ALT")),
        (line(6, ""), IssueCode::VcfFilterInvalid, Some("FILTER")),
        (line(6, "a b"), IssueCode::VcfFilterInvalid, Some("FILTER")),
        (line(8, "GT:AD:GT:DP"), IssueCode::VcfFormatInvalid, Some("FORMAT")),
        (line(8, "GT:AD"), IssueCode::VcfFormatInvalid, Some("FORMAT")),
        (line(9, ""), IssueCode::VcfFormatInvalid, Some("FORMAT")),
        (line(9, "0/2"), IssueCode::VcfGenotypeInvalid, Some("GT")),
        (line(9, "A/B"), IssueCode::VcfGenotypeInvalid, Some("GT")),
        ("chr7\t100\t.\tT\tA".to_owned(), IssueCode::VcfColumnsDiffer, None),
        (format!("{GOOD}\tmore"), IssueCode::VcfColumnsDiffer, None),
        ("not a call".to_owned(), IssueCode::VcfColumnsDiffer, None),
    ] {
        let (vcf, account) = read_lines(DRAGEN, &[&text, GOOD]);
        assert_eq!(places(&account), [(code, Some(12), column)], "{text}");
        let entries: Vec<_> = listed(&account).into_iter().map(|(line, count, code, _)| (line, count, code)).collect();
        assert_eq!(entries, [(12, 1, code)], "{text}");
        assert_eq!(vcf.variants.iter().map(|it| it.position).collect::<Vec<_>>(), [200], "{text}");
    }
}

#[test]
fn a_line_that_is_not_utf_8_is_listed() {
    let mut content = DRAGEN.as_bytes().to_vec();
    content.extend(b"chr7\t100\t\xe6\tT\tA\t.\tPASS\t.\tGT\t0/1\n");
    content.extend(format!("{GOOD}\n").as_bytes());
    let (vcf, account) = read(&content);
    assert_eq!(places(&account), [(IssueCode::FileEncodingInvalid, Some(12), None)]);
    assert_eq!(vcf.unwrap().variants.len(), 1);
}

#[test]
fn a_file_that_does_not_end_in_a_line_break_is_not_used() {
    // Cut after `0/1:10,5:0.3:2`: the depth would be 2. Cut in the header: there would be no variant.
    let cut_call = format!("{DRAGEN}{GOOD}\n{}", &GOOD[..GOOD.len() - 1]);
    for (content, line, lines) in
        [(cut_call.as_str(), 13, 1), (DRAGEN.trim_end(), 11, 0), ("##fileformat=VCFv4.2", 1, 0)]
    {
        let (vcf, account) = read(content.as_bytes());
        assert_eq!((vcf, places(&account)), (None, vec![(IssueCode::VcfLineUnterminated, Some(line), None)]));
        assert_eq!((counted(&account), account.ledger.open_rows().len()), (lines, 0));
    }
}

#[test]
fn calls_on_decoys_are_counted_unless_they_passed() {
    let decoy = |filter: &str, alt: &str| format!("hs37d5\t5\t.\tT\t{alt}\t.\t{filter}\t.\tGT\t0/1");
    let (vcf, account) = read_lines(DRAGEN, &[&decoy("weak_evidence", "A"), &decoy("PASS", "."), &decoy("PASS", "A")]);
    assert_eq!(vcf.variants, []);
    assert_eq!(places(&account), [(IssueCode::VcfContigOther, Some(14), Some("CHROM"))]);
    let entries: Vec<_> = listed(&account).into_iter().map(|(line, count, code, _)| (line, count, code)).collect();
    assert_eq!(entries, [(12, 2, IssueCode::VcfContigOther), (14, 1, IssueCode::VcfContigOther)]);
}

#[test]
fn spaces_carriage_returns_and_blank_lines_do_not_matter() {
    let content = format!("\u{feff}{DRAGEN}\n{GOOD}\n  \n").replace('\n', "\r\n");
    let (vcf, account) = read(content.as_bytes());
    assert_eq!((vcf.unwrap().variants.len(), codes(&account), counted(&account)), (1, vec![], 1));
}

#[test]
fn a_second_block_of_meta_lines_is_no_call() {
    let head = DRAGEN.lines().last().unwrap();
    let content = format!("{DRAGEN}##fileformat=VCFv4.1\n##reference=hg38\n{head}\n{GOOD}\n# a comment\n");
    let (vcf, account) = read(content.as_bytes());
    assert_eq!(
        (vcf, codes(&account)),
        (None, vec![IssueCode::VcfHeaderInvalid]),
        "a comment is a line of column names"
    );
    let content = content.replace("# a comment\n", "");
    let (vcf, account) = read(content.as_bytes());
    assert_eq!((vcf.unwrap().variants.len(), codes(&account)), (1, vec![]));
}

#[test]
fn many_refused_lines_are_counted_by_code() {
    let limits = Limits { vcf: VcfLimits { refused_lines: 2, ..VcfLimits::default() }, ..Limits::default() };
    let content = format!("{DRAGEN}{}", "x\n".repeat(5));
    let (_, account) = read_within(content.as_bytes(), &limits);
    let entries: Vec<_> = listed(&account).into_iter().map(|(line, count, _, _)| (line, count)).collect();
    assert_eq!((entries, counted(&account)), (vec![(12, 1), (13, 1), (14, 3)], 5));
}

#[test]
fn many_reasons_are_counted_together() {
    let limits = Limits { vcf: VcfLimits { reasons: 2, ..VcfLimits::default() }, ..Limits::default() };
    let lines: String = ["a", "b", "c", "d", "a"].iter().map(|name| format!("{}\n", line(6, name))).collect();
    let (_, account) = read_within(format!("{DRAGEN}{lines}").as_bytes(), &limits);
    let reasons: Vec<_> = listed(&account).into_iter().map(|(_, count, _, text)| (count, text)).collect();
    let others = IssueCode::RowFiltered.meaning().to_owned();
    assert_eq!(reasons, [(2, "FILTER a".to_owned()), (1, "FILTER b".to_owned()), (2, others)]);
}

#[test]
fn a_reason_is_short_and_shows_no_person() {
    let long = "x".repeat(5_000);
    let (_, account) = read_lines(DRAGEN, &[&line(6, &long), &line(6, "id_13897512345")]);
    let reasons: Vec<_> = listed(&account).into_iter().map(|(_, _, _, text)| text).collect();
    assert_eq!(reasons[0], format!("FILTER {}…", "x".repeat(120)));
    assert_eq!(reasons[1], "FILTER id_***********");
}
