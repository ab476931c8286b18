//! Files that are not used as a whole, and headers.

use super::*;

const CALL: &str = "chr7\t200\t.\tT\tA\t.\tPASS\tDP=20\tGT:AD:AF:DP\t0/1:10,5:0.3:20\n";
const COLUMNS: &str = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n";

#[test]
fn a_file_of_another_kind_build_or_version_is_not_used() {
    let without_columns = DRAGEN.replace(COLUMNS, "");
    let other_build = DRAGEN.replace("length=249250621", "length=248956422");
    let named_build = DRAGEN.replace("file://hashtable/reference.bin", "/ref/GRCh38.fa");
    for (head, code, line) in [
        (without_columns.as_str(), IssueCode::VcfHeaderInvalid, Some(11)),
        (&DRAGEN.replace("#CHROM\tPOS", "#CHROM POS"), IssueCode::VcfHeaderInvalid, Some(11)),
        (&DRAGEN.replace("FORMAT\tS1", "S1"), IssueCode::VcfHeaderInvalid, Some(11)),
        (&other_build, IssueCode::VcfAssemblyWrong, Some(11)),
        (&named_build, IssueCode::VcfAssemblyWrong, Some(11)),
        (&DRAGEN.replace("VCFv4.2", "VCFv3.3"), IssueCode::VcfVersionUnsupported, Some(11)),
        (&DRAGEN.replace("\tFORMAT\tS1", ""), IssueCode::VcfSampleUnknown, Some(11)),
        (&DRAGEN.replace("\tS1", ""), IssueCode::VcfSampleUnknown, Some(11)),
        (&DRAGEN.replace("\tS1", "\tS1\tS2"), IssueCode::VcfSampleUnknown, Some(11)),
    ] {
        let (vcf, account) = read(format!("{head}{CALL}{CALL}").as_bytes());
        assert_eq!(vcf, None, "{code}");
        assert_eq!(places(&account), [(code, line, None)], "{code}");
        assert_eq!(listed(&account), [(listed(&account)[0].0, 2, code, code.meaning().to_owned())], "{code}");
    }
    let (vcf, account) = read(without_columns.as_bytes());
    assert_eq!((vcf, codes(&account), counted(&account)), (None, vec![IssueCode::VcfHeaderInvalid], 0));
}

#[test]
fn a_header_that_leaves_something_open_is_told() {
    let no_build = DRAGEN
        .lines()
        .filter(|line| !line.starts_with("##contig"))
        .fold(String::new(), |text, line| text + line + "\n");
    let no_caller =
        DRAGEN.lines().filter(|line| !line.contains("DRAGEN")).fold(String::new(), |text, line| text + line + "\n");
    for (head, code, line) in [
        (no_build.as_str(), IssueCode::VcfAssemblyUnstated, None),
        (&no_caller, IssueCode::VcfCallerUnknown, None),
        (&DRAGEN.replace("VCFv4.2", "VCFv4.5"), IssueCode::VcfVersionUnknown, Some(1)),
        (&DRAGEN.replace("##fileformat=VCFv4.2\n", ""), IssueCode::VcfVersionUnknown, Some(1)),
    ] {
        let (vcf, account) = read(format!("{head}{CALL}").as_bytes());
        assert_eq!(vcf.unwrap().variants.len(), 1, "{code}");
        assert_eq!(places(&account), [(code, line, None)], "{code}");
    }
}

#[test]
fn the_sample_column_is_chosen_by_name() {
    let read_as = |columns: &str, sample_id: &str, sample_values: &str| {
        let head = DRAGEN.replace("\tS1\n", &format!("\t{columns}\n"));
        let content = format!("{head}chr7\t200\t.\tT\tA\t.\tPASS\t.\tGT:AD\t{sample_values}\n");
        let (file, mut account) = (Arc::from("a.vcf"), Account::default());
        let limits = Limits::default();
        let source = source(&file, content.as_bytes(), Some(sample_id));
        let vcf = read_small_variants(source, content.as_bytes(), &limits, &mut account);
        let depth = vcf.and_then(|vcf| vcf.variants[0].allele_depth);
        (depth, codes(&account))
    };
    const ID: &str = "IPD9001-D01-P01-A08";
    let (both, swapped) = ("NORMAL\tIPD9001-D01-P01-A08", "IPD9001-D01-P01-A08\tNORMAL");
    assert_eq!(read_as(both, ID, "0/0:9,1\t0/1:9,5"), (Some(5), vec![]));
    assert_eq!(read_as(swapped, ID, "0/1:9,5\t0/0:9,1"), (Some(5), vec![]));
    assert_eq!(read_as("SAMPLE", ID, "0/1:9,5"), (Some(5), vec![]));
    assert_eq!(read_as("tumour", ID, "0/1:9,5"), (Some(5), vec![IssueCode::VcfSampleDiffers]));
    assert_eq!(read_as("IPD9002-D01-P01-A08", ID, "0/1:9,5"), (None, vec![IssueCode::VcfSampleOther]));
    assert_eq!(read_as("A\tB", ID, "0/1:9,5\t0/1:9,5"), (None, vec![IssueCode::VcfSampleUnknown]));
}

#[test]
fn a_header_without_end_is_refused() {
    let limits = Limits { vcf: VcfLimits { header_lines: 100, ..VcfLimits::default() }, ..Limits::default() };
    let contigs: String = (0..100_000).map(|number| format!("##contig=<ID=c{number},length=1>\n")).collect();
    let (vcf, account) = read_within(format!("##fileformat=VCFv4.2\n{contigs}{COLUMNS}{CALL}").as_bytes(), &limits);
    assert_eq!((vcf, places(&account)), (None, vec![(IssueCode::VcfHeaderTooLong, Some(101), None)]));
}

#[test]
fn many_calls_are_refused() {
    let limits = Limits { vcf: VcfLimits { findings: 3, ..VcfLimits::default() }, ..Limits::default() };
    let (vcf, account) = read_within(format!("{DRAGEN}{}", CALL.repeat(4)).as_bytes(), &limits);
    assert_eq!((vcf, places(&account)), (None, vec![(IssueCode::FileTooManyLines, Some(15), None)]));
    assert_eq!(account.ledger.open_rows(), []);
    assert_eq!(listed(&account).len(), 3, "those that were opened are listed");
    let (vcf, _) = read_within(format!("{DRAGEN}{}", CALL.repeat(3)).as_bytes(), &limits);
    assert_eq!(vcf.unwrap().variants.len(), 3);
}

#[test]
fn much_text_is_refused() {
    let limits = Limits { vcf: VcfLimits { kept_bytes: 1_000, ..VcfLimits::default() }, ..Limits::default() };
    let long = CALL.replace("\tA\t", &format!("\t{}\t", "A".repeat(300)));
    let (vcf, account) = read_within(format!("{DRAGEN}{}", long.repeat(4)).as_bytes(), &limits);
    assert_eq!((vcf, places(&account)), (None, vec![(IssueCode::FileTooLarge, Some(15), None)]));
    let (vcf, account) = read_within(format!("{DRAGEN}{}", long.repeat(3)).as_bytes(), &limits);
    assert_eq!((vcf.unwrap().variants.len(), codes(&account)), (3, vec![]));
}

#[test]
fn a_file_without_calls_is_a_file() {
    let (vcf, account) = read(DRAGEN.as_bytes());
    assert_eq!((vcf.unwrap().variants.len(), codes(&account), counted(&account)), (0, vec![], 0));
}
