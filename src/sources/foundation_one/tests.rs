mod findings;

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::domain::accounting::Outcome;
use crate::domain::finding::Note;
use crate::domain::gene::GeneTable;
use crate::domain::issue::IssueCode;
use crate::domain::policy::Policies;
use crate::domain::sample_id::Nomenclature;
use crate::sources::tso500::SignedOff;

const SHORT: &str = r#"<short-variant gene="TP53" cds-effect="524G&gt;A" protein-effect="R175H" transcript="NM_000546" strand="-" position="chr17:7578406" allele-fraction="0.0042" depth="4210" status="known" functional-effect="missense" equivocal="false" subclonal="true"><dna-evidence sample="SQ-1"/></short-variant>"#;
const COPY_NUMBER: &str = r#"<copy-number-alteration gene="ERBB2" type="amplification" copy-number="12" ratio="6.1" status="known" equivocal="true" number-of-exons="27 of 27" position="chr17:37855812-37884297"/>"#;
const REARRANGEMENT: &str = r#"<rearrangement targeted-gene="ALK" other-gene="EML4" description="fusion" type="fusion" in-frame="Yes" pos1="chr2:29446394-29446500" pos2="chr2:42522654-42522700" status="known" supporting-read-pairs="40" allele-fraction="0.015"/>"#;

/// A document; each part of the lists stands on a line of its own, from line 21.
fn document(reference: &str, short: &str, copy_number: &str, rearrangement: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rr:ResultsReport xmlns:rr="http://integration.foundationmedicine.com/reporting" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://integration.foundationmedicine.com/reporting http://integration.foundationmedicine.com/reporting/ResultsReport.2.1.xsd">
 <rr:CustomerInformation>
  <rr:ReferenceID>{reference}</rr:ReferenceID>
  <rr:MRN>13897512345</rr:MRN>
  <rr:TRF>TRF000001</rr:TRF>
 </rr:CustomerInformation>
 <rr:ResultsPayload>
  <FinalReport>
   <ReportId>ORD-0000001-01</ReportId>
   <PMI><FirstName>Kari</FirstName>
    <DOB>1975-09-18</DOB></PMI>
   <Genes><Gene><Name>TP53</Name></Gene></Genes>
  </FinalReport>
  <variant-report xmlns="http://foundationmedicine.com/compbio/variant-report-external" test-type="FoundationOneLiquidDx" disease="Breast" gender="female" pipeline-version="3.20.0" purity-assessment="0.12" study="CLINICAL">
   <samples>
    <sample name="SQ-XX-0001" bait-set="AB1" mean-exon-depth="4210.55" nucleic-acid-type="DNA"/>
   </samples>
   <quality-control status="Pass"/>
   <short-variants>
{short}
   </short-variants>
   <copy-number-alterations>
{copy_number}
   </copy-number-alterations>
   <rearrangements>
{rearrangement}
   </rearrangements>
   <biomarkers>
    <microsatellite-instability status="MSS"/>
    <tumor-mutation-burden score="6.3" status="low" unit="mutations-per-megabase"/>
   </biomarkers>
   <non-human-content><non-human organism="HPV-16" reads-per-million="12" status="unknown"/></non-human-content>
  </variant-report>
 </rr:ResultsPayload>
</rr:ResultsReport>
"#
    )
}

fn whole(reference: &str) -> String {
    document(reference, SHORT, COPY_NUMBER, REARRANGEMENT)
}

#[derive(Debug)]
struct Nobody;

impl SignedOff for Nobody {
    fn is_signed_off(&self, _: &str) -> bool {
        false
    }
}

struct Tables {
    genes: GeneTable,
    nomenclature: Nomenclature,
    policies: Policies,
}

impl Tables {
    fn new() -> Self {
        let nomenclature = include_str!("../../../mappings/nomenclature/inpred-20261001.toml");
        Self {
            genes: crate::domain::gene::tests::table(),
            nomenclature: Nomenclature::parse(nomenclature).unwrap(),
            policies: Policies::default(),
        }
    }
}

fn read(document: &str) -> (Option<GenomicReport>, Account) {
    static TABLES: LazyLock<Tables> = LazyLock::new(Tables::new);
    let (file, mut account, tables) = (Arc::from("a.xml"), Account::default(), &*TABLES);
    let knowledge = Knowledge {
        genes: &tables.genes,
        nomenclature: &tables.nomenclature,
        policies: &tables.policies,
        signed_off: &Nobody,
        is_known_consequence: &|_| true,
    };
    let content = parse(&file, document.as_bytes(), &Limits::default(), &mut account);
    let report = content.and_then(|content| normalise(&content, knowledge, &mut account));
    (report, account)
}

fn issues(account: &Account) -> Vec<(IssueCode, Option<u32>, Option<&str>)> {
    let issues = account.issues.iter();
    issues.map(|issue| (issue.code, issue.location.line, issue.location.column.as_deref())).collect()
}

fn listed(account: &Account) -> Vec<(u32, IssueCode)> {
    let row = |row: &crate::domain::accounting::Row| match &row.outcome {
        Outcome::Listed { code, .. } => Some((row.line, *code)),
        _ => None,
    };
    account.ledger.rows().filter_map(row).collect()
}

fn texts(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.text.as_str()).collect()
}

/// Rows that the records of a report hold.
fn held(report: &GenomicReport) -> Vec<crate::domain::accounting::RowId> {
    let mut rows = Vec::new();
    report.for_each_holder(|_, held| rows.extend(held.iter().copied()));
    rows.sort();
    rows
}

#[test]
fn a_report_of_plasma_stands_under_the_patient_of_the_laboratory() {
    let (report, account) = read(&whole("IPD9001-C01-L01-B08"));
    let report = report.unwrap();
    assert_eq!(report.patient.identity.owner, "IPD");
    assert_eq!((report.patient.key.as_str(), report.patient.gender.as_deref()), ("IPD9001", Some("female")));
    assert!(texts(&report.study.notes).contains(&"gender: female"));
    assert_eq!(report.pairs[0].value, "IPD9001-C01-L01-B08");
    // The vendor made the report; the patient is the laboratory's.
    assert_eq!(report.laboratory.as_ref().unwrap().code, "FMI");
    let laboratory = report.patient.laboratory.as_ref().unwrap();
    assert_eq!((laboratory.code.as_str(), laboratory.identity.owner.as_str()), ("IPD", "IPD"));
    assert!(texts(&report.study.notes).contains(&"Sequenced and reported by Foundation Medicine"));
    let [specimen] = report.specimens.as_slice() else { panic!() };
    assert_eq!((specimen.sample_id.as_str(), specimen.source.as_deref()), ("SQ-XX-0001", Some("plasma")));
    assert_eq!(specimen.nucleic_acid_text.as_deref(), Some("cell-free DNA"));
    assert_eq!(specimen.identity.owner, "FMI");
    assert_eq!(report.study.title, "FoundationOne Liquid CDx");
    let [analysis] = report.analyses.as_slice() else { panic!() };
    assert_eq!((analysis.assay.as_str(), analysis.metrics.as_deref()), ("cfdna", Some("mean exon depth 4210.55")));
    assert_eq!(report.pipelines[0].version.as_deref(), Some("3.20.0"));
    assert_eq!((report.status.as_str(), report.study.status.as_str()), ("preliminary", "completed"));
    assert_eq!(texts(&report.notes), ["Non-human content: HPV-16 (reads-per-million 12, status unknown)"]);
    assert!(texts(&report.study.notes).contains(&"disease: Breast"));
    let personal = IssueCode::FoundationPersonal;
    let not_carried = IssueCode::FoundationNotCarried;
    assert_eq!(
        listed(&account),
        [(5, personal), (6, not_carried), (10, not_carried), (11, personal), (12, personal), (13, not_carried)]
    );
    assert_eq!(issues(&account), []);
    assert_eq!(account.ledger.open_rows(), held(&report));
}

#[test]
fn nothing_of_a_person_is_carried() {
    let (report, account) = read(&whole("IPD9001-C01-L01-B08"));
    let everything = format!("{report:?} {account:?}");
    for value in ["1389", "Kari", "1975-09-18"] {
        assert!(!everything.contains(value), "{value}");
    }
}

#[test]
fn the_reference_says_whose_the_report_is() {
    for (reference, owner, key, is_test, code) in [
        ("IPD9001-C01-L01-B08", "IPD", "IPD9001", None, None),
        ("IPH0012", "IPH", "IPH0012", None, None),
        ("IPD9001-C01-L91-B08", "IPD", "IPD9001", Some(true), Some(IssueCode::SampleIdValidation)),
        ("IPD9001-C99-L01-B08", "IPD", "IPD9001", None, Some(IssueCode::SampleIdUnknownCode)),
        ("IPX9001", "FMI", "IPX9001", None, None),
        ("subject 17", "FMI", "subject 17", None, None),
    ] {
        let (report, account) = read(&whole(reference));
        let report = report.unwrap();
        let patient = &report.patient;
        assert_eq!((patient.identity.owner.as_str(), patient.key.as_str()), (owner, key), "{reference}");
        assert_eq!(patient.laboratory.as_ref().unwrap().code, owner, "{reference}");
        assert_eq!(report.laboratory.as_ref().unwrap().code, "FMI", "{reference}");
        assert_eq!(report.is_test, is_test, "{reference}");
        assert_eq!(issues(&account).first().map(|issue| issue.0), code, "{reference}");
    }
}

#[test]
fn a_report_of_nobody_or_of_a_national_number_is_refused() {
    for (document, code) in [
        (whole(""), IssueCode::FoundationReferenceMissing),
        (whole("13897512345"), IssueCode::SampleIdPersonal),
        (whole("138975 12345"), IssueCode::SampleIdPersonal),
        (whole("IPD9001").replace("SQ-XX-0001", "13897512345"), IssueCode::SampleIdPersonal),
    ] {
        let (report, account) = read(&document);
        assert!(report.is_none());
        assert_eq!(issues(&account)[0].0, code);
        assert!(account.ledger.open_rows().is_empty());
        assert!(!format!("{:?}", account.issues).contains("1389"));
    }
}

#[test]
fn a_quality_control_that_did_not_pass_is_told() {
    for (word, with_findings, status, study, analyses, code) in [
        ("Pass", true, "preliminary", "completed", 1, None),
        ("Qualified", true, "partial", "completed", 1, Some(IssueCode::FoundationQcFailed)),
        ("Fail", true, "partial", "stopped", 0, Some(IssueCode::FoundationQcFailed)),
        ("Fail", false, "cancelled", "stopped", 0, Some(IssueCode::FoundationQcFailed)),
    ] {
        let document = if with_findings { whole("IPD9001") } else { document("IPD9001", "", "", "") };
        let (report, account) = read(&document.replace("status=\"Pass\"", &format!("status=\"{word}\"")));
        let report = report.unwrap();
        assert_eq!((report.status.as_str(), report.study.status.as_str()), (status, study), "{word}");
        assert_eq!((report.analyses.len(), issues(&account).first().map(|issue| issue.0)), (analyses, code), "{word}");
        let says = |note: &&str| note.contains("no statement follows");
        assert_eq!(texts(&report.notes).into_iter().any(|note| says(&note)), word == "Fail");
    }
}

#[test]
fn a_finding_told_twice_is_one() {
    let twice = |part: &str| format!("{part}{part}");
    let (report, account) = read(&document("IPD9001", &twice(SHORT), &twice(COPY_NUMBER), &twice(REARRANGEMENT)));
    let report = report.unwrap();
    assert_eq!((report.small_variants.len(), report.copy_numbers.len(), report.fusions.len()), (1, 1, 1));
    assert_eq!(issues(&account).iter().filter(|issue| issue.0 == IssueCode::RowRepeated).count(), 3);
    assert_eq!(account.ledger.open_rows(), held(&report));
}

#[test]
fn documents_of_other_kinds_are_refused() {
    for (document, code) in [
        ("<a/>".to_owned(), IssueCode::FoundationRootUnknown),
        (
            whole("IPD9001").replace("foundationmedicine.com/reporting", "x.example/reporting"),
            IssueCode::FoundationRootUnknown,
        ),
        (whole("IPD9001").replace("variant-report-external\"", "other\""), IssueCode::FoundationRootUnknown),
        (whole("IPD9001").replace("FoundationOneLiquidDx", "FoundationOne CDx"), IssueCode::FoundationTestUnsupported),
        (whole("IPD9001").replace("</FinalReport>", ""), IssueCode::XmlInvalid),
        (format!("<!DOCTYPE x>{}", whole("IPD9001")), IssueCode::XmlDoctype),
    ] {
        let (report, account) = read(&document);
        assert!(report.is_none());
        assert_eq!(issues(&account).iter().map(|issue| issue.0).collect::<Vec<_>>(), [code]);
        assert_eq!(listed(&account).iter().map(|row| row.1).collect::<Vec<_>>(), [code]);
    }
    let (report, account) = read(&whole("IPD9001").replace("ResultsReport.2.1.xsd", "ResultsReport.3.0.xsd"));
    assert!(report.is_some());
    assert_eq!(issues(&account), [(IssueCode::FoundationVersionUnknown, Some(2), None)]);
}

#[test]
fn unknown_elements_are_listed() {
    let document = whole("IPD9001")
        .replace("<biomarkers>", "<biomarkers><homologous-recombination/>")
        .replace("<samples>", "<new-part a=\"1\"/><samples><tube/>")
        .replace("<rr:ResultsPayload>", "<rr:Other/><rr:ResultsPayload><ReportPDF>AAAA</ReportPDF>");
    let (report, account) = read(&document);
    let report = report.unwrap();
    let unknown = IssueCode::FoundationElementUnknown;
    assert_eq!(issues(&account).iter().filter(|issue| issue.0 == unknown).count(), 4);
    assert_eq!(listed(&account).iter().filter(|row| row.1 == unknown).count(), 4);
    assert_eq!(listed(&account).iter().filter(|row| row.1 == IssueCode::FoundationNotCarried).count(), 4);
    assert_eq!(account.ledger.open_rows(), held(&report));
}

#[test]
fn in_one_line_each_element_has_its_own_place() {
    let one_line = whole("IPD9001").replace('\n', " ");
    let (report, account) = read(&one_line);
    assert_eq!(account.ledger.open_rows(), held(&report.unwrap()));
    let mut places: Vec<_> = account.ledger.rows().map(|row| (row.line, row.section.clone())).collect();
    let all = places.len();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), all);
}

#[test]
fn documents_are_recognised_by_their_beginning() {
    assert!(detect(whole("x").as_bytes()));
    assert!(detect(format!("\u{feff}\n{}", whole("x")).as_bytes()));
    for other in ["", "{\"ResultsReport\": \"foundationmedicine.com\"}", "<MsgHead/>", "<ResultsReport/>"] {
        assert!(!detect(other.as_bytes()), "{other}");
    }
}

proptest! {
    #[test]
    fn a_mutilated_document_never_panics_and_leaves_no_row_open(from in 0..3000_usize, length in 1..60_usize, put in "[<>/\"a-z0-9 =]{0,4}") {
        let text = whole("IPD9001-C01-L01-B08");
        let text: String = text.chars().take(from).chain(put.chars()).chain(text.chars().skip(from + length)).collect();
        let (report, account) = read(&text);
        prop_assert_eq!(account.ledger.open_rows(), report.as_ref().map(held).unwrap_or_default());
        prop_assert!(report.is_some() || !account.issues.is_empty());
    }

    #[test]
    fn any_attribute_is_carried_or_listed(
        name in "gene|cds-effect|protein-effect|transcript|strand|position|allele-fraction|depth|status|functional-effect|other",
        value in "[ !#-%'-;=?-~\u{e6}]{0,12}",
    ) {
        let short = format!("<short-variant gene=\"TP53\" {}=\"{value}\"/>", if name == "gene" { "x".to_owned() } else { name });
        let (report, account) = read(&document("IPD9001", &short, "", ""));
        prop_assert_eq!(account.ledger.open_rows(), held(&report.unwrap()));
    }
}
