use proptest::prelude::*;

use super::*;
use crate::domain::study_subject::StudySubjectId;
use crate::sources::tso500::folder::raw_lines::table_rows;

const FILE: &str = "InPreD_PRONTO_metadata.txt";
const FOURTEEN: &str = "Sample_id\tSequencing_run_id\tCreate_report\tYear_of_birth\tYear_of_diagnosis\tClinical_diagnosis\tSex\tStudy_id\tSample_material_id\tYear_of_sample_collection\tRequisition_hospital\tExtraction_hospital\tTumor_content_pathology\tBatch";
const TSOPPI: &str = "Material\tSample_type\tCancer_type_PCGR\tTMB_inpred_in_house\tTMB_TSO500\tMSI_TSO500\tVersion_string_TSOPPI_reported_on_mol-MDT";
const COMMENTS: &str =
    "Molecular_pathology_comment\tSample_info_comment\tExtraction_data_comment\tLibrary_preparation_data_comment";

fn read_bytes(content: &[u8]) -> (Option<ProntoMetadata>, Account) {
    let text = Text::from_bytes(&Arc::from(FILE), content.to_vec()).unwrap();
    let mut account = Account::default();
    let metadata = parse(&text, &Limits::default(), &mut account);
    (metadata, account)
}

fn read(content: &str) -> (Option<ProntoMetadata>, Account) {
    read_bytes(content.as_bytes())
}

/// A line of the fourteen columns with the given cells and `-` in all others.
fn row(cells: &[(&str, &str)]) -> String {
    let given = |name: &str| cells.iter().find(|(column, _)| *column == name).map(|(_, cell)| *cell);
    let default = |name: &str| if name == "Sample_id" { "IPD9001-D01-P01-A15" } else { "-" };
    FOURTEEN.split('\t').map(|name| given(name).unwrap_or_else(|| default(name))).collect::<Vec<_>>().join("\t")
}

fn issues(account: &Account) -> Vec<(IssueCode, &str)> {
    account.issues.iter().map(|issue| (issue.code, issue.location.column.as_deref().unwrap_or_default())).collect()
}

#[test]
fn every_width_is_read() {
    let line = row(&[
        ("Sequencing_run_id", "251116_NB501999_0042_AHGOLDENX1"),
        ("Create_report", "Y"),
        ("Year_of_birth", "1960"),
        ("Year_of_diagnosis", "2024"),
        ("Sex", "M"),
        ("Study_id", "IMPR.X-0999"),
        ("Year_of_sample_collection", "2025"),
        ("Requisition_hospital", " OUS"),
        ("Extraction_hospital", "Mol. Pat. OUS"),
        ("Tumor_content_pathology", "50"),
        ("Batch", "201"),
    ]);
    let tsoppi = "Archived FFPE\tPrimary tumor naive\tCNS/Brain\t17\t14.9 (19)\t4.13 (5/121)\t2.2.0.12/0.3.2:22-06-07/1.0.0/1.0.0/hg19/TR";
    for (head, cells) in [
        (FOURTEEN.to_owned(), line.clone()),
        (format!("{FOURTEEN}\t{COMMENTS}"), format!("{line}\t-\tNA\tNone\t")),
        (format!("{FOURTEEN}\t{TSOPPI}\t{COMMENTS}"), format!("{line}\t{tsoppi}\t-\tNA\tNone\t\t")),
    ] {
        let wide = head.contains("TMB_TSO500");
        let (metadata, account) =
            read(&format!("# - Please use \"\"-\"\" for missing values.\"\t\t\r\n{head}\t\r\n{cells}\t\r\n"));
        let rows = metadata.unwrap().rows;
        assert_eq!((issues(&account), rows.len()), (vec![], 1), "{head}");
        let sample = &rows[0];
        assert_eq!(account.ledger.open_rows(), [sample.row]);
        assert_eq!(sample.run_id.as_deref(), Some("251116_NB501999_0042_AHGOLDENX1"));
        assert_eq!((sample.year_of_birth, sample.year_of_diagnosis), (Some(1960), Some(2024)));
        assert_eq!(sample.sex, Some(Sex::Male));
        assert_eq!(sample.study, [StudyStatement::Subject(StudySubjectId::parse("IMPR.X-0999").unwrap())]);
        assert_eq!(sample.year_of_sample_collection, Some(2025));
        assert_eq!(sample.requisition_hospital.as_deref(), Some("OUS"));
        assert_eq!(sample.extraction_hospital.as_deref(), Some("Mol. Pat. OUS"));
        assert_eq!(sample.tumor_content, Decimal::parse("50").ok());
        assert_eq!(sample.tmb_in_house, Decimal::parse("17").ok().filter(|_| wide));
        assert_eq!(sample.tmb.as_ref().and_then(|tmb| tmb.eligible_variants), wide.then_some(19));
        assert_eq!(sample.msi.as_ref().and_then(|msi| msi.usable_sites), wide.then_some(121));
        assert_eq!(sample.version.as_ref().map(|version| version.pcgr.as_str()), wide.then_some("1.0.0"));
    }
}

#[test]
fn both_encodings_are_read() {
    let line = row(&[("Requisition_hospital", "Tromsø")]);
    let content = format!("{FOURTEEN}\n{line}\n");
    let latin: Vec<u8> = content.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
    for (bytes, codes) in [(content.clone().into_bytes(), vec![]), (latin, vec![(IssueCode::FileEncodingLatin1, "")])] {
        let (metadata, account) = read_bytes(&bytes);
        assert_eq!(metadata.unwrap().rows[0].requisition_hospital.as_deref(), Some("Tromsø"));
        assert_eq!(issues(&account), codes);
    }
}

#[test]
fn what_cannot_be_read_is_named_and_left_out() {
    for (column, cell, code) in [
        ("Year_of_birth", "60", IssueCode::NumberOutOfRange),
        ("Year_of_birth", "01.01.1960", IssueCode::NumberInvalid),
        ("Year_of_diagnosis", "1,960", IssueCode::NumberAmbiguous),
        ("Sex", "X", IssueCode::ValueUnknown),
        ("Sex", "male", IssueCode::ValueUnknown),
        ("Study_id", "MRARE-X-xxxx", IssueCode::StudyIdInvalid),
        ("Tumor_content_pathology", "500", IssueCode::NumberOutOfRange),
        ("Tumor_content_pathology", "ca 50", IssueCode::NumberInvalid),
        ("Tumor_content_pathology", "12,5", IssueCode::DecimalComma),
        ("Clinical_diagnosis", "se 138975 12345", IssueCode::FreeTextNotCarried),
        ("Extraction_hospital", "se 138975 12345", IssueCode::TextPersonal),
        ("Requisition_hospital", "13897512345", IssueCode::TextPersonal),
        ("Sample_material_id", "MP23-19991", IssueCode::FreeTextNotCarried),
        ("Sample_id", "13897512345", IssueCode::SampleIdPersonal),
        ("Sample_id", "-", IssueCode::ValueRequired),
    ] {
        let (metadata, account) = read(&format!("{FOURTEEN}\n{}\n", row(&[(column, cell)])));
        assert_eq!(issues(&account), [(code, column)], "{cell}");
        let line = if code == IssueCode::FreeTextNotCarried { 1 } else { 2 };
        assert_eq!(account.issues[0].location.line, Some(line));
        let metadata = metadata.unwrap();
        let (blank, _) = read(&format!("{FOURTEEN}\n{}\n", row(&[])));
        match code {
            IssueCode::SampleIdPersonal | IssueCode::ValueRequired => assert_eq!(metadata.rows, []),
            IssueCode::DecimalComma => assert_eq!(metadata.rows[0].tumor_content, Decimal::parse("12.5").ok()),
            _ => assert_eq!(metadata, blank.unwrap(), "{cell}"),
        }
        assert!(!format!("{account:?}").contains("138975"), "{account:?}");
    }
}

#[test]
fn results_of_the_wide_form_are_checked_too() {
    for (cells, code, column) in [
        ("x\t-\t-\t-", IssueCode::NumberInvalid, "TMB_inpred_in_house"),
        ("-1\t-\t-\t-", IssueCode::NumberInvalid, "TMB_inpred_in_house"),
        ("14,9\t-\t-\t-", IssueCode::DecimalComma, "TMB_inpred_in_house"),
        ("-\t14.9\t-\t-", IssueCode::SummaryCellInvalid, "TMB_TSO500"),
        ("-\t14,9 (19)\t-\t-", IssueCode::DecimalComma, "TMB_TSO500"),
        ("-\t-\t4.13\t-", IssueCode::SummaryCellInvalid, "MSI_TSO500"),
        ("-\t-\t-\t1.0.0", IssueCode::ValueUnknown, VERSION),
    ] {
        let (_, account) = read(&format!("{FOURTEEN}\t{TSOPPI}\n{}\t-\t-\t-\t{cells}\n", row(&[])));
        assert_eq!(issues(&account), [(code, column)], "{cells}");
    }
}

#[test]
fn words_for_nothing_are_nothing() {
    for missing in ["-", "NA", "None", "", " "] {
        let cells: Vec<(&str, &str)> = FOURTEEN.split('\t').skip(1).map(|name| (name, missing)).collect();
        let (metadata, account) = read(&format!("{FOURTEEN}\n{}\n", row(&cells)));
        assert_eq!(issues(&account), [], "{missing}");
        assert_eq!(metadata, read(&format!("{FOURTEEN}\n{}\n", row(&[]))).0);
    }
}

#[test]
fn comments_of_people_are_not_carried_over() {
    let text = "seen by somebody";
    let (metadata, account) = read(&format!("{FOURTEEN}\t{COMMENTS}\tNew\n{}\t{text}\t-\t-\t-\t{text}\n", row(&[])));
    let code = IssueCode::FreeTextNotCarried;
    assert_eq!(issues(&account), [(code, "Molecular_pathology_comment"), (code, "New")]);
    assert!(!format!("{metadata:?}{account:?}").contains(text));
}

fn check(content: &[u8]) {
    let Ok(text) = Text::from_bytes(&Arc::from(FILE), content.to_vec()) else { return };
    let mut account = Account::default();
    let metadata = parse(&text, &Limits::default(), &mut account);
    let counted: u32 = account.ledger.rows().map(|row| row.count).sum();
    assert_eq!(counted as usize, table_rows(content, "sample_id"));
    let held: Vec<RowId> = metadata.iter().flat_map(|metadata| metadata.rows.iter().map(|row| row.row)).collect();
    assert_eq!(held, account.ledger.open_rows());
}

proptest! {
    #[test]
    fn any_bytes_are_accounted(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
        check(&[FOURTEEN.as_bytes(), b"\n", &bytes].concat());
    }

    #[test]
    fn any_cells_are_accounted(cells in proptest::collection::vec("[A-Z0-9.,() -]{0,14}|\\PC{0,8}", 1..15)) {
        check(format!("{FOURTEEN}\n{}\n", cells.join("\t")).as_bytes());
    }
}
