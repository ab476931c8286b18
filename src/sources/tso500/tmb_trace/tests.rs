use proptest::prelude::*;

use super::*;
use crate::sources::tso500::folder::raw_lines::raw_lines;

const LOCAL_APP: &str = "Chromosome\tPosition\tRefCall\tAltCall\tVAF\tDepth\tCytoBand\tGeneName\tVariantType\tCosmicIDs\tMaxCosmicCount\tAlleleCountsGnomadExome\tAlleleCountsGnomadGenome\tAlleleCounts1000Genomes\tMaxDatabaseAlleleCounts\tGermlineFilterDatabase\tGermlineFilterProxi\tCodingVariant\tNonsynonymous\tIncludedInTMBNumerator";
const DRAGEN: &str = "Chromosome\tPosition\tRefCall\tAltCall\tVAF\tDepth\tCytoBand\tGeneName\tVariantType\tCosmicIDs\tMaxCosmicCount\tClinVarIDs\tClinVarSignificance\tAlleleCountsGnomadExome\tAlleleCountsGnomadGenome\tAlleleCounts1000Genomes\tMaxDatabaseAlleleCounts\tGermlineFilterDatabase\tGermlineFilterProxi\tNonsynonymous\twithinValidTmbRegion\tIncludedInTMBNumerator\tStatus\tProteinChange\tCDSChange\tExons\tConsequence";
const SHORT: &str = "Chromosome\tPosition\tRefCall\tAltCall\tVAF\tDepth\tGermlineFilterDatabase\tGermlineFilterProxi";

fn read(content: &[u8]) -> (Option<TmbTrace>, Account) {
    let text = Text::from_bytes(&Arc::from("Tmb/S1/S1_TMB_Trace.tsv"), content.to_vec()).unwrap();
    let mut account = Account::default();
    let trace = parse(&text, &Limits::default(), &mut account);
    (trace, account)
}

fn codes(account: &Account) -> Vec<IssueCode> {
    account.issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn both_layouts_are_read_by_column_name() {
    let local_app = format!(
        "{LOCAL_APP}\nchr7\t55000001\tA\tT\t0.250\t600\t7p11\tGEN1\tSNV\t\t0\t0\t0\t0\t0\tFalse\tFalse\tTrue\tTrue\tTrue\n"
    );
    let dragen = format!(
        "{DRAGEN}\nchr7\t55000001\tA\tT\t0.250\t600\t7p11\tGEN1\tSNV\t\t0\t\t\t0\t0\t0\t0\tFalse\tFalse\tTrue\tTrue\tTrue\tSomatic\n"
    );
    assert_eq!((LOCAL_APP.split('\t').count(), DRAGEN.split('\t').count()), (20, 27));
    for content in [local_app, dragen] {
        let (trace, account) = read(content.as_bytes());
        let trace = trace.unwrap();
        assert_eq!(codes(&account), []);
        assert_eq!(trace.sample_id.as_deref(), Some("S1"));
        let expected = TraceRow {
            chromosome: "7".to_owned(),
            position: 55_000_001,
            reference: "A".to_owned(),
            alternative: "T".to_owned(),
            allele_frequency: Some(Decimal::parse("0.250").unwrap()),
            depth: Some(600),
            gene: Some("GEN1".to_owned()),
            origin: Some(Origin::Somatic),
            row: account.ledger.open_rows()[0],
            line: 2,
        };
        assert_eq!(trace.rows, [expected]);
    }
}

#[test]
fn the_filters_give_the_origin() {
    for (filters, origin, method) in [
        ("True\tFalse", Some("germline"), Some("database")),
        ("TRUE\tTRUE", Some("germline"), Some("database")),
        ("0\t1", Some("germline"), Some("proximity")),
        ("false\tfalse", Some("somatic"), None),
        ("False\tNA", None, None),
        ("\tFalse", None, None),
        ("True\tmaybe", None, None),
    ] {
        let (trace, account) = read(format!("{SHORT}\nchr1\t5\tA\tT\t0.5\t10\t{filters}\n").as_bytes());
        let found = trace.unwrap().rows[0].origin;
        assert_eq!((found.map(Origin::as_str), found.and_then(Origin::method)), (origin, method), "{filters}");
        assert_eq!(
            codes(&account),
            if origin.is_none() { vec![IssueCode::OriginUnknown] } else { vec![] },
            "{filters}"
        );
    }
    let (trace, account) = read(b"Chromosome\tPosition\tRefCall\tAltCall\tGermlineFilterProxi\nchr1\t5\tA\tT\tFalse\n");
    assert_eq!((trace.unwrap().rows[0].origin, codes(&account)), (None, vec![IssueCode::OriginUnknown]));
}

#[test]
fn a_variant_that_cannot_be_read_is_refused() {
    for (row, code) in [
        ("chrUn\t5\tA\tT\t0.5\t10", IssueCode::ChromosomeInvalid),
        ("\t5\tA\tT\t0.5\t10", IssueCode::ValueRequired),
        ("chr1\tfive\tA\tT\t0.5\t10", IssueCode::NumberInvalid),
        ("chr1\t0\tA\tT\t0.5\t10", IssueCode::NumberOutOfRange),
        ("chr1\t1,000\tA\tT\t0.5\t10", IssueCode::NumberAmbiguous),
        ("chr1\t5\t<A>\tT\t0.5\t10", IssueCode::AlleleInvalid),
        ("chr1\t5\tA\tT,G\t0.5\t10", IssueCode::AlleleInvalid),
        ("chr1\t5\tA\t.\t0.5\t10", IssueCode::ValueRequired),
        ("chr1\t5\tA", IssueCode::RowShort),
        ("chr1\t5\tA\tT\t0.5\t10\tTrue\tTrue\tx", IssueCode::RowLong),
    ] {
        let (trace, account) = read(format!("{SHORT}\n{row}\n").as_bytes());
        assert_eq!((trace.unwrap().rows.len(), codes(&account)), (0, vec![code]), "{row}");
        assert_eq!(account.ledger.open_rows(), [], "{row}");
    }
}

#[test]
fn a_describing_value_that_cannot_be_read_is_left_out() {
    for (values, code) in [
        ("50%\t10", IssueCode::NumberInvalid),
        ("1.5\t10", IssueCode::NumberOutOfRange),
        ("high\t10", IssueCode::NumberInvalid),
        ("0,5\t10", IssueCode::DecimalComma),
        ("0.5\t-1", IssueCode::NumberOutOfRange),
    ] {
        let (trace, account) = read(format!("{SHORT}\nchr1\t5\tA\tT\t{values}\tTrue\tTrue\n").as_bytes());
        assert_eq!((trace.unwrap().rows.len(), codes(&account)), (1, vec![code]), "{values}");
    }
}

#[test]
fn a_file_without_usable_columns_is_listed() {
    for (content, code, rows) in [
        ("chr1\t5\tA\tT\nchr1\t6\tA\tT\n", IssueCode::HeaderMissing, 2),
        ("Chromosome\tPosition\tRefCall\nchr1\t5\tA\n", IssueCode::ColumnMissing, 1),
    ] {
        let (trace, account) = read(content.as_bytes());
        assert_eq!((trace, codes(&account), account.ledger.rows().count()), (None, vec![code], rows), "{content}");
        assert_eq!(account.ledger.open_rows(), []);
    }
    let (_, account) = read(format!("{SHORT}\tVAF\nchr1\t5\tA\tT").as_bytes());
    assert_eq!(codes(&account), [IssueCode::FileTruncated, IssueCode::ColumnRepeated, IssueCode::OriginUnknown]);
}

/// The row rule, from the raw bytes: the first line is the column names or a row.
fn check(content: &[u8]) {
    let Ok(text) = Text::from_bytes(&Arc::from("S1_TMB_Trace.tsv"), content.to_vec()) else { return };
    let mut account = Account::default();
    let trace = parse(&text, &Limits::default(), &mut account);
    let lines = raw_lines(content);
    let names = ["chromosome", "position"];
    let head = lines[0].iter().flatten().any(|cell| names.contains(&cell.to_lowercase().as_str()));
    assert_eq!(account.ledger.rows().count(), lines.len() - usize::from(head));
    let held: Vec<_> = trace.iter().flat_map(|trace| trace.rows.iter().map(|row| row.row)).collect();
    assert_eq!(held, account.ledger.open_rows());
}

proptest! {
    #[test]
    fn any_bytes_are_accounted(content in proptest::collection::vec(any::<u8>(), 0..400)) {
        if !content.is_empty() {
            check(&content);
            check(&[SHORT.as_bytes(), b"\n", &content].concat());
        }
    }

    #[test]
    fn any_mixture_of_cells_is_accounted(cells in proptest::collection::vec(proptest::sample::select(vec![
        "Chromosome", "Position", "RefCall", "AltCall", "chr1", "5", "A", "T", "True", "False", "0.5", "NA", "", "\"", "\n", "\r\n",
        SHORT, "chr1\t5\tA\tT\t0.5\t10\tTrue\tFalse\n",
    ]), 1..60)) {
        check(cells.join("\t").as_bytes());
        check(cells.join("\t").replace("\t\n\t", "\n").as_bytes());
    }
}
