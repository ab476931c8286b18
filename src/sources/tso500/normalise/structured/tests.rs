use std::sync::Arc;

use super::*;
use crate::domain::finding::{PipelineLink, SpecimenLink};
use crate::domain::gene::tests::table;
use crate::domain::limits::Limits;
use crate::domain::policy::{BandPolicy, MsiPolicy};
use crate::sources::tso500::text::Text;
use crate::sources::tso500::{biomarker_json, sample_analysis_results};

const SAMPLE: &str = "IPD9001-D01-P01-A08";

fn with_part<T>(with: impl FnOnce(&Part<'_>) -> T) -> T {
    let (file, genes) = (Arc::from("S_SampleAnalysisResults.json"), table());
    let specimen = SpecimenLink {
        identity: crate::domain::ids::Identity::new("IPD", "specimen", &[SAMPLE]),
        sample_id: SAMPLE.to_owned(),
        pipeline: PipelineLink::default(),
    };
    with(&Part { file: &file, owner: "IPD", specimen, genes: &genes, is_known_consequence: &|_| true })
}

fn content(sample: &str, account: &mut Account) -> SampleAnalysisResults {
    let content = r#"{"data": {"sampleInformation": {"sampleId": "SAMPLE"},
 "softwareConfiguration": {"analysisSoftwareName": "TSO500", "analysisSoftwareVersion": "2.2.0.12"},
 "biomarkers": {"microsatelliteInstability": {"msiPercentUnstableSites": 30.5},
  "tumorMutationalBurden": {"tumorMutationalBurdenPerMegabase": 14.9}},
 "variants": {
  "smallVariants": [{"vcfChromosome": "chr7", "vcfPosition": 140453136, "vcfRefAllele": "A", "vcfAltAllele": "T",
   "vcfVariantFrequency": 0.25, "totalDepth": 400, "altAlleleDepth": 100, "nirvana": [{"transcripts": [
    {"source": "RefSeq", "hgnc": "BRAF", "hgvsc": "NM_004333.4:c.1799T>A", "hgvsp": "NP_004324.2:p.(Val600Glu)",
     "isCanonical": true, "consequence": ["missense_variant"]}]}]}],
  "dnaFusions": [{"partner1": {"gene": "BCR", "chromosome": "chr22", "position": 23632600},
   "partner2": {"gene": "ABL1", "chromosome": "chr9", "position": 133729451}, "fusionSupportingReads": 28,
   "fusionDirectionalityKnownAndIndicatedByGeneOrder": true}],
  "copyNumberVariants": [{"gene": "MYCL1", "foldChange": 2.5, "copyNumberType": "AMPLIFICATION"}]}}}"#;
    let file = Arc::from("S_SampleAnalysisResults.json");
    let text = Text::from_bytes(&file, content.replace("SAMPLE", sample).into_bytes()).unwrap();
    sample_analysis_results::parse(&text, &Limits::default(), account).unwrap()
}

fn policies() -> Policies {
    let bands = BandPolicy { name: "p 1".to_owned(), rounded: false, bands: Vec::new() };
    Policies { tmb: None, msi: Some(MsiPolicy { bands, min_usable_sites: 40 }) }
}

#[test]
fn findings_have_the_identity_that_the_other_files_give_them() {
    let mut account = Account::default();
    let content = content(SAMPLE, &mut account);
    let found = with_part(|part| normalise(&content, part, &policies(), &mut account));
    let variant = &found.small_variants[0];
    assert_eq!(variant.identity.key, [SAMPLE, "GRCh37", "7", "140453136", "A", "T"]);
    assert_eq!((variant.total_depth, variant.allele_depth), (Some(400), Some(100)));
    assert_eq!(variant.coding_hgvs.as_deref(), Some("NM_004333.4:c.1799T>A"));
    assert_eq!(variant.protein_hgvs.as_deref(), Some("NP_004324.2:p.(Val600Glu)"));
    assert_eq!((variant.genes[0].symbol.as_str(), variant.origin.as_deref()), ("BRAF", None));
    let copy_number = &found.copy_numbers[0];
    assert_eq!((copy_number.gene.symbol.as_str(), copy_number.kind.as_str()), ("MYCL", "gain"));
    assert_eq!(copy_number.identity.key, [SAMPLE, copy_number.gene.hgnc_id.as_deref().unwrap(), "gain"]);
    assert!(copy_number.absolute_copy_number.is_none());
    assert_eq!(found.fusions[0].identity.key, [SAMPLE, "BCR-ABL1", "chr22:23632600", "chr9:133729451"]);
    assert_eq!(found.fusions[0].designation.as_deref(), Some("BCR::ABL1"));
    assert_eq!(found.tmb.as_ref().unwrap().value.as_ref().unwrap().as_str(), "14.9");
    assert_eq!(found.tmb.unwrap().method, "TSO500 2.2.0.12");
    assert_eq!(found.notes.len(), 2);
    assert_eq!(account.ledger.open_rows().len(), found.rows.len() + 3 + 2);
}

/// Without the count of usable sites nothing is said about the percentage, not even that it is unreliable.
#[test]
fn no_policy_is_applied_without_the_count_of_sites() {
    let mut account = Account::default();
    let content = content(SAMPLE, &mut account);
    let msi = with_part(|part| normalise(&content, part, &policies(), &mut account)).msi.unwrap();
    assert_eq!((msi.percent_unstable.unwrap().as_str(), msi.category, msi.notes), ("30.5", None, vec![]));
}

#[test]
fn a_file_of_another_patient_is_not_used() {
    for (sample, used, code) in [
        ("IPD9002-D01-P01-A08", false, Some(IssueCode::IdMismatch)),
        ("IPD9001-D01-P01-A08_P", true, None),
        ("IPD9001-D02-P01-A08", false, Some(IssueCode::IdMismatch)),
        ("CL-AcroMetrix", true, Some(IssueCode::IdDiffers)),
    ] {
        let mut account = Account::default();
        let content = content(sample, &mut account);
        let found = with_part(|part| normalise(&content, part, &policies(), &mut account));
        assert_eq!(found.small_variants.len(), usize::from(used), "{sample}");
        let mut raised = account.issues.iter().map(|issue| issue.code);
        let ids = [IssueCode::IdMismatch, IssueCode::IdDiffers];
        assert_eq!(raised.find(|code| ids.contains(code)), code, "{sample}");
        assert_eq!(account.ledger.open_rows().is_empty(), !used, "{sample}");
    }
}

#[test]
fn single_biomarker_files_give_one_biomarker() {
    let mut account = Account::default();
    let read = |content: &str| Text::from_bytes(&Arc::from("S.json"), content.as_bytes().to_vec()).unwrap();
    let limits = Limits::default();
    let file = read(r#"{"TmbPerMb": 14.9, "CodingRegionSizeMb": 1.27, "SomaticCodingVariantsCount": 19}"#);
    let content = biomarker_json::parse_tmb(&file, &limits, &mut account).unwrap();
    let burden = with_part(|part| tmb(&content, part, "LocalApp 2.2", &policies())).unwrap();
    assert_eq!((burden.eligible_variants, burden.method.as_str()), (Some(19), "LocalApp 2.2"));
    let file =
        read(r#"{"PercentageUnstableSites": 4.13, "TotalMicrosatelliteSitesAssessed": 39, "ResultIsValid": true}"#);
    let content = biomarker_json::parse_msi(&file, &limits, &mut account).unwrap();
    let instability = with_part(|part| msi(&content, part, "x", &policies(), &mut account)).unwrap();
    assert_eq!((instability.usable_sites, instability.notes.len()), (Some(39), 1));
    let file = read(r#"{"PercentageUnstableSites": 4.13, "ResultIsValid": false}"#);
    let content = biomarker_json::parse_msi(&file, &limits, &mut account).unwrap();
    assert_eq!(with_part(|part| msi(&content, part, "x", &policies(), &mut account)), None);
}
