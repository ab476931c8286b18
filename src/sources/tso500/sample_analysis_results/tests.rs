use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::accounting::Outcome;
use crate::domain::decimal::Decimal;
use crate::sources::tso500::cells::change_kind::ChangeKind;

fn read_value(value: &Value) -> (Option<SampleAnalysisResults>, Account) {
    read_text(&serde_json::to_string_pretty(value).unwrap())
}

fn read_text(content: &str) -> (Option<SampleAnalysisResults>, Account) {
    let file = Arc::from("S1_SampleAnalysisResults.json");
    let text = Text::from_bytes(&file, content.as_bytes().to_vec()).unwrap();
    let mut account = Account::default();
    let results = parse(&text, &Limits::default(), &mut account);
    (results, account)
}

fn issues(account: &Account) -> Vec<(IssueCode, Option<&str>)> {
    account.issues.iter().map(|issue| (issue.code, issue.location.column.as_deref())).collect()
}

fn listed(account: &Account) -> Vec<(Option<&str>, IssueCode)> {
    let row = |row: &'_ crate::domain::accounting::Row| match &row.outcome {
        Outcome::Listed { code, .. } => Some(*code),
        _ => None,
    };
    account.ledger.rows().filter_map(|entry| Some((entry.section.as_deref(), row(entry)?))).collect()
}

fn decimal(text: &str) -> Option<Decimal> {
    Some(Decimal::parse(text).unwrap())
}

fn transcript(source: &str, gene: &str, coding: &str, protein: &str, canonical: bool) -> Value {
    json!({"transcript": "x", "source": source, "bioType": "protein_coding", "exons": "3/8", "hgnc": gene, "hgvsc": coding,
        "hgvsp": protein, "isCanonical": canonical, "consequence": ["missense_variant", "splice_region_variant"]})
}

fn tnfrsf14() -> Value {
    json!({"vcfChromosome": "chr1", "vcfPosition": 2488153, "vcfRefAllele": "A", "vcfAltAllele": "G",
    "vcfVariantFrequency": 0.4768, "quality": 100, "totalDepth": 1390, "altAlleleDepth": 663,
    "nirvana": [{"transcripts": [
        transcript("Ensembl", "TNFRSF14", "ENST00000355716.4:c.50A>G", "ENSP00000347948.4:p.(Lys17Arg)", true),
        transcript("RefSeq", "TNFRSF14", "NM_003820.3:c.50A>G", "NP_003811.2:p.(Lys17Arg)", true),
        transcript("RefSeq", "TNFRSF14", "NM_001297605.1:c.50A>G", "NP_001284534.1:p.(Lys17Arg)", false),
    ]}]})
}

fn with_variant(variant: Value) -> Value {
    json!({"data": {"variants": {"smallVariants": [variant]}}})
}

#[test]
fn a_small_variant_has_the_reads_of_its_allele_and_its_canonical_transcript() {
    let (results, account) = read_value(&with_variant(tnfrsf14()));
    let results = results.unwrap();
    let [counted] = results.small_variants.as_slice() else { panic!("{results:?}") };
    let variant = &counted.variant;
    assert_eq!((variant.chromosome.as_str(), variant.position), ("1", 2_488_153));
    assert_eq!((variant.reference.as_str(), variant.alternative.as_str()), ("A", "G"));
    assert_eq!(variant.allele_frequency, decimal("0.4768"));
    assert_eq!((variant.depth, counted.allele_depth), (Some(1390), Some(663)));
    assert_eq!(variant.gene.as_deref(), Some("TNFRSF14"));
    assert_eq!(variant.c_dot.as_deref(), Some("NM_003820.3:c.50A>G"));
    assert_eq!(variant.p_dot.as_deref(), Some("NP_003811.2:p.(Lys17Arg)"));
    assert_eq!(variant.consequences, ["missense_variant", "splice_region_variant"]);
    assert_eq!(variant.exon.as_deref(), Some("3/8"));
    assert_eq!(variant.extra, [("quality".to_owned(), "100".to_owned())]);
    assert!(account.issues.is_empty(), "{:?}", account.issues);
    assert_eq!(account.ledger.open_rows(), [variant.row]);
    // The array begins on line 4 of the pretty-printed text, its first element on line 5.
    assert_eq!(variant.line, 5);
}

#[test]
fn no_transcript_is_preferred_without_reason() {
    let with = |transcripts: Vec<Value>| {
        let mut variant = tnfrsf14();
        variant["nirvana"] = json!([{ "transcripts": transcripts }]);
        let (results, _) = read_value(&with_variant(variant));
        results.unwrap().small_variants.remove(0).variant
    };
    let refseq = |gene, canonical| transcript("RefSeq", gene, "NM_1.1:c.1A>G", "NP_1.1:p.(Lys1Arg)", canonical);
    // None is canonical: the gene alone.
    let variant = with(vec![refseq("A", false), refseq("A", false)]);
    assert_eq!((variant.gene.as_deref(), variant.c_dot, variant.consequences.len()), (Some("A"), None, 0));
    // Only Ensembl's is canonical.
    let variant = with(vec![refseq("A", false), transcript("Ensembl", "A", "ENST1.1:c.1A>G", "", true)]);
    assert_eq!((variant.c_dot.as_deref(), variant.p_dot), (Some("ENST1.1:c.1A>G"), None));
    // Two genes: both are named, neither description is taken.
    let variant = with(vec![refseq("A", true), refseq("B", true)]);
    assert_eq!((variant.gene.as_deref(), variant.c_dot, variant.p_dot), (Some("A;B"), None, None));
    let note = ("nirvana".to_owned(), "B NM_1.1:c.1A>G NP_1.1:p.(Lys1Arg)".to_owned());
    assert!(variant.extra.contains(&note), "{:?}", variant.extra);
    // Nothing is annotated.
    let variant = with(vec![]);
    assert_eq!((variant.gene, variant.c_dot), (None, None));
}

#[test]
fn each_damage_of_a_variant_has_its_code_and_place() {
    let with = |key: &str, value: Value| {
        let mut variant = tnfrsf14();
        variant[key] = value;
        read_value(&with_variant(variant))
    };
    for (key, value, code) in [
        ("vcfChromosome", json!("chr99"), IssueCode::ChromosomeInvalid),
        ("vcfChromosome", json!(null), IssueCode::ValueRequired),
        ("vcfPosition", json!(0), IssueCode::NumberOutOfRange),
        ("vcfPosition", json!("2,488"), IssueCode::NumberAmbiguous),
        ("vcfPosition", json!([2_488_153]), IssueCode::NumberInvalid),
        ("vcfRefAllele", json!("<DEL>"), IssueCode::AlleleInvalid),
        ("vcfAltAllele", json!("A,T"), IssueCode::AlleleInvalid),
        ("vcfAltAllele", json!("NA"), IssueCode::ValueRequired),
        ("vcfVariantFrequency", json!(0.0), IssueCode::ValueContradictory),
    ] {
        let (results, account) = with(key, value);
        assert!(results.unwrap().small_variants.is_empty(), "{key}");
        assert_eq!(issues(&account), [(code, Some(key))], "{key}");
        assert_eq!(listed(&account), [(Some("smallVariants"), code)], "{key}");
    }
    for (key, value, code) in [
        ("vcfVariantFrequency", json!(47.68), IssueCode::NumberOutOfRange),
        ("totalDepth", json!(13.5), IssueCode::NumberInvalid),
        ("altAlleleDepth", json!("many"), IssueCode::NumberInvalid),
        ("altAlleleDepth", json!(1391), IssueCode::Conflict),
        ("altAlleleDepth", json!(1390), IssueCode::Conflict),
    ] {
        let (results, account) = with(key, value);
        let counted = results.unwrap().small_variants.remove(0);
        assert_eq!(issues(&account), [(code, Some(key))], "{key}");
        assert!(counted.variant.extra.iter().any(|(name, _)| name == key), "{key}");
        assert_eq!(counted.allele_depth.is_none(), key == "altAlleleDepth", "{key}");
    }
    for (key, value, code) in [
        ("vcfAltAllele", json!("."), IssueCode::RowReference),
        ("vcfAltAllele", json!("a"), IssueCode::RowReference),
        ("filters", json!(["LowSupport", "LowDepth"]), IssueCode::RowFiltered),
        ("filter", json!("weak_evidence"), IssueCode::RowFiltered),
    ] {
        let (results, account) = with(key, value);
        assert!(results.unwrap().small_variants.is_empty());
        assert_eq!((issues(&account), listed(&account)), (vec![], vec![(Some("smallVariants"), code)]), "{key}");
    }
    let (results, _) = with("filters", json!(["PASS"]));
    assert_eq!(results.unwrap().small_variants.len(), 1);
}

#[test]
fn a_fold_change_is_no_copy_number() {
    for (word, kind) in
        [("AMPLIFICATION", ChangeKind::Gain), ("DELETION", ChangeKind::Loss), ("<DUP>", ChangeKind::Gain)]
    {
        let variant = json!({"foldChange": 2.028, "qual": 88, "copyNumberType": word, "gene": "MET", "chromosome": "chr7",
            "startPosition": 116_312_459, "endPosition": 116_438_440});
        let (results, account) = read_value(&json!({"data": {"variants": {"copyNumberVariants": [variant]}}}));
        let results = results.unwrap();
        let row = &results.copy_number_variants[0];
        assert_eq!((row.gene.as_str(), row.kind, row.reported_type.as_str()), ("MET", kind, word));
        assert_eq!((row.fold_change.clone(), row.absolute_copy_number.clone()), (decimal("2.028"), None));
        assert_eq!(row.extra.len(), 4);
        assert!(account.issues.is_empty());
    }
    for (key, value, code) in [
        ("gene", json!(null), IssueCode::ValueRequired),
        ("gene", json!("BETA FEATURE note"), IssueCode::GeneInvalid),
        ("copyNumberType", json!("COMPLEX"), IssueCode::TypeUnknown),
        ("copyNumberType", json!(""), IssueCode::ValueRequired),
    ] {
        let mut variant = json!({"foldChange": 2.028, "copyNumberType": "AMPLIFICATION", "gene": "MET"});
        variant[key] = value;
        let (results, account) = read_value(&json!({"data": {"variants": {"copyNumberVariants": [variant]}}}));
        assert!(results.unwrap().copy_number_variants.is_empty());
        assert_eq!(issues(&account), [(code, Some(key))]);
    }
    let variant = json!({"foldChange": 1.0, "copyNumberType": "NEUTRAL", "gene": "MET"});
    let (_, account) = read_value(&json!({"data": {"variants": {"copyNumberVariants": [variant]}}}));
    assert_eq!(listed(&account), [(Some("copyNumberVariants"), IssueCode::RowNeutral)]);
}

#[test]
fn a_dna_fusion_has_two_partners() {
    let fusion = json!({"partner1": {"gene": "BCR", "chromosome": "chr22", "position": 23_632_600, "referenceReads": 60},
        "partner2": {"gene": "ABL1", "chromosome": "chr9", "position": 133_729_451, "referenceReads": 40},
        "fusionSupportingReads": 28, "totalReads": 100, "fusionDirectionalityKnownAndIndicatedByGeneOrder": true});
    let (results, account) = read_value(&json!({"data": {"variants": {"dnaFusions": [fusion]}}}));
    let results = results.unwrap();
    let row = &results.dna_fusions[0];
    assert_eq!((row.gene_pair.as_str(), row.direction_known), ("BCR-ABL1", Some(true)));
    assert_eq!(row.breakpoint_1.as_ref().unwrap().text, "chr22:23632600");
    assert_eq!(
        (row.supporting_reads, row.gene_1_reference_reads, row.gene_2_reference_reads),
        (Some(28), Some(60), Some(40))
    );
    assert_eq!(row.extra, [("totalReads".to_owned(), "100".to_owned())]);
    assert!(account.issues.is_empty());
    let mut lame = fusion.clone();
    lame["partner2"] = json!(null);
    let (results, account) = read_value(&json!({"data": {"variants": {"dnaFusions": [lame]}}}));
    assert!(results.unwrap().dna_fusions.is_empty());
    assert_eq!(issues(&account), [(IssueCode::ValueRequired, Some("partner2"))]);
    let mut open = fusion;
    open["fusionDirectionalityKnownAndIndicatedByGeneOrder"] = json!("perhaps");
    let (results, account) = read_value(&json!({"data": {"variants": {"dnaFusions": [open]}}}));
    assert_eq!(results.unwrap().dna_fusions[0].gene_pair, "BCR/ABL1");
    assert_eq!(issues(&account)[0].0, IssueCode::BooleanInvalid);
}

/// The whole file, with numbers that are none.
const WHOLE: &str = r#"{
 "data": {
  "sampleInformation": {"sampleId": "IPD9001-D01-P01-A08", "analysisDate": "2026-03-01"},
  "softwareConfiguration": {
   "analysisSoftwareName": "TSO500", "analysisSoftwareVersion": "2.2.0.12", "genomeBuild": "hg19_hardPAR",
   "nirvanaVersionList": [{"nirvanaSoftwareVersion": "3.2.3", "genomeAssembly": "GRCh37", "dataSources": [{"name": "RefSeq", "version": "105"}]}]
  },
  "biomarkers": {
   "microsatelliteInstability": {"msiPercentUnstableSites": NaN, "additionalMetrics": [{"name": "SumJsd", "value": 0.5}]},
   "tumorMutationalBurden": {"tumorMutationalBurdenPerMegabase": 14.9,
    "additionalMetrics": [{"name": "CodingRegionSizeMb", "value": 1.27}, {"name": "SomaticCodingVariantsCount", "value": 19}, {"name": "Other", "value": 1}]},
   "genomicInstability": {"score": 3}
  },
  "sampleMetrics": {"qualityControlMetrics": [{"name": "a", "metrics": []}, {"name": "b", "metrics": []}], "expandedMetrics": []},
  "variants": {"smallVariants": [], "copyNumberVariants": null, "rnaFusions": [{"x": 1}, {"x": 2}]}
 },
 "version": 2
}
"#;

#[test]
fn every_part_is_used_or_listed() {
    let (results, account) = read_text(WHOLE);
    let results = results.unwrap();
    assert_eq!(results.sample_id.as_deref(), Some("IPD9001-D01-P01-A08"));
    assert_eq!(results.software.as_deref(), Some("TSO500 2.2.0.12"));
    let configuration: Vec<_> = results
        .configuration
        .iter()
        .map(|held| (held.value.key.as_str(), held.value.value.as_str(), held.line))
        .collect();
    assert_eq!(
        configuration,
        [
            ("analysisSoftwareName", "TSO500", 5),
            ("analysisSoftwareVersion", "2.2.0.12", 5),
            ("genomeBuild", "hg19_hardPAR", 5),
            ("Nirvana", "3.2.3, GRCh37, RefSeq 105", 6)
        ]
    );
    let number = |held: &Option<Held<Decimal>>| held.as_ref().map(|held| (held.value.clone(), held.line));
    assert_eq!((results.msi.percent_unstable, number(&results.msi.sum_jsd)), (None, decimal("0.5").map(|it| (it, 9))));
    assert_eq!(number(&results.tmb.total), decimal("14.9").map(|it| (it, 10)));
    assert_eq!(number(&results.tmb.coding_region_size), decimal("1.27").map(|it| (it, 11)));
    assert_eq!(results.tmb.eligible_variants.map(|held| held.value), Some(19));
    assert_eq!(
        listed(&account),
        [
            (Some("sampleInformation"), IssueCode::RunNote),
            (Some("sampleInformation"), IssueCode::RunNote),
            (Some("microsatelliteInstability"), IssueCode::ValueMissing),
            (Some("tumorMutationalBurden"), IssueCode::ResultNotUsed),
            (Some("biomarkers"), IssueCode::KeyUnknown),
            (Some("qualityControlMetrics"), IssueCode::ResultNotUsed),
            (Some("qualityControlMetrics"), IssueCode::ResultNotUsed),
            (Some("expandedMetrics"), IssueCode::ResultNotUsed),
            (Some("variants"), IssueCode::ValueMissing),
            (Some("variants"), IssueCode::KeyUnknown),
            (Some("variants"), IssueCode::KeyUnknown),
            (None, IssueCode::KeyUnknown),
        ]
    );
    assert_eq!(issues(&account), [(IssueCode::KeyUnknown, None); 3]);
    assert_eq!(account.ledger.open_rows().len(), 4 + 1 + 3);
}

#[test]
fn a_biomarker_that_cannot_be_read_is_none() {
    for (value, code) in [("\"low\"", IssueCode::NumberInvalid), ("-1", IssueCode::NumberOutOfRange)] {
        let text = WHOLE.replace("14.9", value);
        let (results, account) = read_text(&text);
        assert!(results.unwrap().tmb.total.is_none());
        assert_eq!(issues(&account)[0], (code, Some("tumorMutationalBurdenPerMegabase")));
    }
    let text = WHOLE.replace("\"Other\"", "\"CodingRegionSizeMb\"");
    let (results, account) = read_text(&text);
    assert_eq!(results.unwrap().tmb.coding_region_size.unwrap().value, Decimal::parse("1.27").unwrap());
    assert_eq!(issues(&account)[0].0, IssueCode::KeyRepeated);
}

#[test]
fn a_file_of_another_kind_or_genome_is_refused_whole() {
    for (content, code) in [
        ("[1]".to_owned(), IssueCode::JsonShapeUnknown),
        ("{\"data\": [1]}".to_owned(), IssueCode::JsonShapeUnknown),
        ("{\"data\": {}".to_owned(), IssueCode::JsonUnreadable),
        (WHOLE.replace("hg19_hardPAR", "hg38"), IssueCode::GenomeOther),
        (WHOLE.replace("GRCh37", "GRCh38"), IssueCode::GenomeOther),
    ] {
        let (results, account) = read_text(&content);
        assert!(results.is_none(), "{content}");
        assert_eq!(issues(&account), [(code, None)]);
        assert_eq!(listed(&account), [(None, code)]);
    }
}

#[test]
fn in_one_line_each_element_has_its_own_place() {
    let value = json!({"data": {"variants": {"smallVariants": [tnfrsf14(), tnfrsf14()]}}});
    let (results, account) = read_text(&value.to_string());
    assert_eq!(results.unwrap().small_variants.len(), 2);
    let sections: Vec<_> = account.ledger.rows().map(|row| (row.line, row.section.as_deref().unwrap())).collect();
    assert_eq!(sections, [(1, "smallVariants[0]"), (1, "smallVariants[1]")]);
}

proptest! {
    #[test]
    fn a_mutilated_file_never_panics_and_leaves_no_row_open(from in 0..WHOLE.len(), length in 1..40_usize, put in "[\\[\\]{}\",:0-9a-z]{0,3}") {
        let text: String = WHOLE.chars().take(from).chain(put.chars()).chain(WHOLE.chars().skip(from + length)).collect();
        let (results, account) = read_text(&text);
        let mut held: Vec<_> = results.iter().flat_map(|results| {
            let rows = results.configuration.iter().map(|held| held.row);
            let rows = rows.chain(results.small_variants.iter().map(|row| row.variant.row));
            let rows = rows.chain(results.tmb.total.iter().chain(&results.tmb.coding_region_size).map(|held| held.row));
            let rows = rows.chain(results.tmb.eligible_variants.iter().map(|held| held.row));
            rows.chain(results.msi.percent_unstable.iter().chain(&results.msi.sum_jsd).map(|held| held.row)).collect::<Vec<_>>()
        }).collect();
        held.sort();
        prop_assert_eq!(account.ledger.open_rows(), held);
    }

    #[test]
    fn a_variant_of_any_values_is_carried_or_listed(
        key in "vcfChromosome|vcfPosition|vcfRefAllele|vcfAltAllele|vcfVariantFrequency|totalDepth|altAlleleDepth|nirvana|filters",
        value in prop_oneof![
            Just(json!(null)), Just(json!([])), Just(json!({})), Just(json!([[{"transcripts": 1}]])), Just(json!(true)),
            any::<i64>().prop_map(|number| json!(number)), any::<f64>().prop_map(|number| json!(number)),
            "\\PC{0,12}".prop_map(|text| json!(text)),
        ],
    ) {
        let mut variant = tnfrsf14();
        variant[key.as_str()] = value;
        let (results, account) = read_value(&with_variant(variant));
        let rows: Vec<_> = results.unwrap().small_variants.iter().map(|row| row.variant.row).collect();
        prop_assert_eq!(account.ledger.open_rows(), rows);
        prop_assert_eq!(account.ledger.len(), 1);
    }
}
