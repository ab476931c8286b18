use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::*;
use crate::domain::accounting::Outcome;
use crate::domain::finding::{PipelineLink, SpecimenLink};
use crate::domain::limits::Limits;
use crate::sources::tso500::small_variant_table::parse;
use crate::sources::tso500::small_variant_table::tests::{content, row};
use crate::sources::tso500::text::Text;

mod resources;
mod standing;

static GENES: LazyLock<crate::domain::gene::GeneTable> = LazyLock::new(crate::domain::gene::tests::table);

const SAMPLE: &str = "IPD9001-D01-P01-A15";
const FILE: &str = "IPD9001-D01-P01-A15_small_variant_table_forQC.tsv";
/// First line of the rows: six comments and the column names come before.
const FIRST: u32 = 8;

fn curate(content: &str) -> (Curated, SmallVariantTable, Account) {
    let text = Text::from_bytes(&Arc::from(FILE), content.as_bytes().to_vec()).unwrap();
    let mut account = Account::default();
    let table = parse(&text, &Limits::default(), &mut account).unwrap();
    account.issues.clear();
    let file: Arc<str> = Arc::from("x_CombinedVariantOutput.tsv");
    let part = Part {
        file: &file,
        owner: "IPD",
        specimen: SpecimenLink {
            identity: Identity::new("IPD", "specimen", &[SAMPLE]),
            sample_id: SAMPLE.to_owned(),
            pipeline: PipelineLink { identity: Identity::new("IPD", "pipeline", &["x"]) },
        },
        genes: &GENES,
        is_known_consequence: &|term| term != "unheard_of_variant",
    };
    let curated = normalise(&table, &part, &mut account);
    (curated, table, account)
}

fn curate_rows(rows: &[&[(&str, &str)]]) -> (Curated, Account) {
    let rows: Vec<String> = rows.iter().map(|cells| row(cells)).collect();
    let (curated, _, account) = curate(&content(&rows));
    (curated, account)
}

/// Code, column and line of each issue, lines from the first row on.
fn issues(account: &Account) -> Vec<(IssueCode, &str, u32)> {
    let one = |issue: &crate::domain::issue::Issue| issue.location.line.unwrap_or_default().saturating_sub(FIRST) + 1;
    let column = |issue: &'_ crate::domain::issue::Issue| issue.location.column.clone();
    account
        .issues
        .iter()
        .map(|issue| {
            assert_eq!(issue.location.file.as_deref(), Some(FILE));
            let name = column(issue).map_or("", |name| {
                crate::sources::tso500::small_variant_table::COLUMNS
                    .into_iter()
                    .find(|column| **column == *name)
                    .unwrap_or_default()
            });
            (issue.code, name, one(issue))
        })
        .collect()
}

/// The outcome of each row of the table: the code it is listed with, none where it is open.
fn listed(account: &Account) -> Vec<Option<IssueCode>> {
    let rows = account.ledger.rows().filter(|row| row.line >= FIRST);
    rows.map(|row| match &row.outcome {
        Outcome::Listed { code, .. } => Some(*code),
        _ => None,
    })
    .collect()
}

fn notes(variant: &SmallVariant) -> Vec<&str> {
    variant.notes.iter().map(|note| note.text.as_str()).collect()
}

#[test]
fn a_variant_has_the_key_of_the_same_variant_elsewhere() {
    // The CombinedVariantOutput writes `chr7 140453136 A T`, this table `7:140453136 A>T`.
    for (location, change, key) in [
        ("7:140453136", "A>T", ["7", "140453136", "A", "T"]),
        ("22:29091856", "AG>A", ["22", "29091856", "AG", "A"]),
        ("X:100", "CTC>CGC", ["X", "101", "T", "G"]),
        ("MT:100", "A>G", ["M", "100", "A", "G"]),
    ] {
        let (curated, account) = curate_rows(&[&[("Genomic_location", location), ("DNA_change", change)]]);
        let variant = &curated.variants[0];
        let expected = [&[SAMPLE, "GRCh37"][..], &key].concat();
        assert_eq!(
            (variant.identity.kind, &variant.identity.key),
            ("small-variant", &expected.iter().map(|f| (*f).to_owned()).collect())
        );
        assert_eq!(
            variant.rows,
            account
                .ledger
                .open_rows()
                .iter()
                .copied()
                .filter(|row| account.ledger.row(*row).unwrap().line >= FIRST)
                .collect::<Vec<_>>()
        );
    }
}

#[test]
fn protein_changes_become_hgvs_only_with_an_accession_of_the_row() {
    const TP53: &str = "missense_variant:E:TP53:ENSP00000352610.4:p.(Arg273His)|E:TP53:Canonical:ENSP00000269305.4:p.(Arg273His)|R:TP53:Canonical:NP_000537.3:p.(Arg273His)";
    const CHEK2: &str = "frameshift_variant:R:CHEK2:Canonical:NP_009125.1:p.(Thr367MetfsTer15)|R:CHEK2:NP_001005735.1:p.(Thr410MetfsTer15)|E:CHEK2:Canonical:ENSP00000372023.2:p.(Thr410MetfsTer15)";
    const OTHER_GENE: &str = "missense_variant:R:FAM193B:Canonical:NP_1.1:p.(Arg273His)";
    const SAME: &str = "synonymous_variant:R:GATA3:Canonical:NM_001002295.1:c.1137G>T(p.(Val379=))";
    for (gene, short, long, coding, transcripts, protein, cdna, issue) in [
        ("TP53", "R273H", "Arg273His", "c.818G>A", TP53, Some("NP_000537.3:p.(Arg273His)"), None, None),
        (
            "CHEK2",
            "T410fs",
            "Thr410MetfsTer15",
            "c.1229del",
            CHEK2,
            Some("ENSP00000372023.2:p.(Thr410MetfsTer15)"),
            None,
            None,
        ),
        ("TP53", "NA", "Arg273His", "NA", TP53, Some("NP_000537.3:p.(Arg273His)"), None, None),
        ("TP53", "R273H", "NA", "NA", TP53, Some("NP_000537.3:p.(Arg273His)"), None, None),
        ("GATA3", "V379V", "Val379=", "c.1137G>T", SAME, Some("p.(Val379=)"), Some("NM_001002295.1:c.1137G>T"), None),
        ("GATA3", "V379V", "Val379=", "c.1138G>T", SAME, None, None, Some((IssueCode::HgvsInvalid, "Protein_change"))),
        ("TP53", "R273H", "Arg273His", "NA", OTHER_GENE, None, None, Some((IssueCode::HgvsInvalid, "Protein_change"))),
        ("TP53", "R273H", "Arg273His", "NA", "NA", None, None, Some((IssueCode::HgvsInvalid, "Protein_change"))),
        (
            "DDX41",
            "M1?",
            "Met1?",
            "c.3G>A",
            "start_lost:R:DDX41:Canonical:NP_057306.2:p.?",
            None,
            None,
            Some((IssueCode::HgvsInvalid, "Protein_change")),
        ),
        (
            "PREX2",
            "GL606-607GL",
            "GlyLeu606=",
            "NA",
            "NA",
            None,
            None,
            Some((IssueCode::HgvsInvalid, "Protein_change")),
        ),
        ("PREX2", "GL606-607GL", "NA", "NA", "NA", None, None, Some((IssueCode::HgvsInvalid, "Protein_change_short"))),
        ("TP53", "R273C", "Arg273His", "NA", TP53, None, None, Some((IssueCode::Conflict, "Protein_change"))),
        ("TERT", "NA", "NA", "NA", "upstream_gene_variant:R:TERT:Canonical:NM_198253.2", None, None, None),
    ] {
        let (curated, account) = curate_rows(&[&[
            ("Gene_symbol", gene),
            ("Protein_change_short", short),
            ("Protein_change", long),
            ("cDNA_change", coding),
            ("Coding_transcript_consequences", transcripts),
        ]]);
        let variant = &curated.variants[0];
        assert_eq!(variant.protein_hgvs.as_deref(), protein, "{gene} {short} {long}");
        assert_eq!(variant.coding_hgvs.as_deref(), cdna, "{gene} {short} {long}");
        assert_eq!(
            issues(&account),
            issue.map(|(code, column)| (code, column, 1)).into_iter().collect::<Vec<_>>(),
            "{gene} {short}"
        );
        for (column, cell, kept) in [
            ("Protein_change_short", short, protein.is_none()),
            ("Protein_change", long, protein.is_none()),
            ("cDNA_change", coding, cdna.is_none()),
        ] {
            let noted = notes(variant).iter().any(|note| note.starts_with(&format!("{column}: {cell}")));
            assert_eq!(noted, kept && cell != "NA", "{gene} {short} {column}");
        }
    }
}

#[test]
fn a_version_is_never_put_together_from_two_places() {
    let (curated, _) = curate_rows(&[&[
        ("Gene_symbol", "TERT"),
        ("RefSeq_mRNA", "NM_198253"),
        ("Ensembl_transcript_ID", "ENST00000310581"),
        ("cDNA_change", "c.1A>G"),
        ("Coding_transcript_consequences", "upstream_gene_variant:R:TERT:Canonical:NM_198253.2"),
    ]]);
    let variant = &curated.variants[0];
    assert_eq!((&variant.coding_hgvs, &variant.transcript), (&None, &None));
    assert_eq!(notes(variant), ["cDNA_change: c.1A>G (ENST00000310581, NM_198253; no version is given)"]);
}

#[test]
fn values_of_the_call_are_kept() {
    let (curated, account) = curate_rows(&[&[
        ("Gene_symbol", "MLL"),
        ("Exon_number", "exon8"),
        ("Coding_status", "stop_gained,splice_region_variant"),
        ("Depth_tumor_DNA", "219"),
        ("AF_tumor_DNA", "0.393"),
        ("Depth_tumor_RNA", "950"),
        ("AF_tumor_RNA", "0.877"),
        ("Depth_normal_DNA", "310"),
        ("Germline_population_AFs", "EUR_AF_1KG:0.0010000"),
        ("Gene_CN", "[HC]_1.89/1.78_NA"),
    ]]);
    let variant = &curated.variants[0];
    assert_eq!(issues(&account), [(IssueCode::GeneAlias, "Gene_symbol", 1)]);
    assert_eq!((variant.genes[0].symbol.as_str(), variant.total_depth), ("KMT2A", Some(219)));
    assert_eq!(variant.allele_frequency.as_ref().map(|value| value.as_str()), Some("0.393"));
    assert_eq!((variant.change_type.as_str(), variant.exon.as_deref()), ("snv", Some("exon8")));
    let terms: Vec<&str> = variant.consequences.iter().map(|consequence| consequence.term.as_str()).collect();
    assert_eq!(
        (terms.as_slice(), variant.has_consequence),
        (&["stop_gained", "splice_region_variant"][..], Some(true))
    );
    assert_eq!(
        notes(variant),
        [
            "Gene_CN: [HC]_1.89/1.78_NA",
            "In the RNA of the tumour: depth 950, allele frequency 0.877",
            "In the normal sample: depth 310",
            "Population frequencies: EUR_AF_1KG 0.0010000"
        ]
    );
}

#[test]
fn words_that_are_no_consequence_are_notes() {
    let (curated, account) = curate_rows(&[
        &[("Coding_status", "x:noncoding_variant")],
        &[("Genomic_location", "7:5"), ("Coding_status", "coding,unheard_of_variant")],
    ]);
    assert_eq!(issues(&account), [(IssueCode::ConsequenceUnknown, "Coding_status", 2)]);
    let found = |text: &str| curated.variants.iter().any(|variant| notes(variant).contains(&text));
    assert!(found("Coding_status: x:noncoding_variant") && found("Coding_status: coding"));
    let without = curated.variants.iter().filter(|variant| variant.has_consequence.is_none()).count();
    assert_eq!(without, 1);
}

#[test]
fn a_gene_that_is_a_date_is_no_gene() {
    for (symbol, code) in [
        ("1-Mar", IssueCode::GeneDateDamaged),
        ("14.sep", IssueCode::GeneDateDamaged),
        ("43891", IssueCode::GeneInvalid),
        ("no gene", IssueCode::GeneInvalid),
    ] {
        let (curated, account) = curate_rows(&[&[("Gene_symbol", symbol)]]);
        assert_eq!(issues(&account), [(code, "Gene_symbol", 1)], "{symbol}");
        assert_eq!(curated.variants[0].genes, []);
        assert_eq!(notes(&curated.variants[0]), [format!("Gene_symbol: {symbol}")]);
    }
    let (curated, account) = curate_rows(&[&[("Gene_symbol", "NOGENE1")]]);
    assert_eq!(issues(&account), [(IssueCode::GeneUnknown, "Gene_symbol", 1)]);
    assert_eq!(curated.variants[0].genes[0].symbol, "NOGENE1");
}

#[test]
fn the_class_gives_the_origin() {
    for (class, judgement, origin, method, conflict) in [
        ("SOM", "include", Some("somatic"), None, false),
        ("GL_DB", "include", Some("germline"), Some("database"), false),
        ("GL_P", "LikGL", Some("germline"), Some("proximity"), false),
        ("SOM", "LikSOM", Some("somatic"), None, false),
        ("GL_P", "SOM", Some(""), None, true),
        ("SOM", "LikGL", Some(""), None, true),
        ("NA", "SOM", None, None, false),
    ] {
        let (curated, account) = curate_rows(&[&[("TSO500_LocalApp_class", class), ("Class_judgement", judgement)]]);
        let variant = &curated.variants[0];
        assert_eq!(
            (variant.origin.as_deref(), variant.origin_method.as_deref()),
            (origin, method),
            "{class} {judgement}"
        );
        let expected = conflict.then_some((IssueCode::Conflict, "Class_judgement", 1));
        assert_eq!(issues(&account), expected.into_iter().collect::<Vec<_>>(), "{class} {judgement}");
    }
}

#[test]
fn tiers_and_classes_carry_scale_and_version() {
    let cells: &[(&str, &str)] = &[
        ("Tier", "TIER_2"),
        ("CPSR_ACMG_class", "Pathogenic"),
        ("CPSR_ClinVar_class", "VUS"),
        ("Drugs", "Drug_A|Drug_B"),
        ("ClinVar_variation_ID", "12366"),
        ("dbSNP_rs_ID", "rs28934576"),
        ("COSMIC_ID", "COSV52660980"),
    ];
    let (curated, account) = curate_rows(&[cells]);
    assert_eq!(issues(&account), []);
    let variant = &curated.variants[0];
    let stated: Vec<_> = variant
        .diagnostic_implications
        .iter()
        .map(|it| {
            (
                it.scale.as_str(),
                it.scale_version.as_str(),
                it.evidence_level.as_deref(),
                it.clinical_significance.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        stated,
        [
            ("pcgr-tier", "1.0.0", Some("TIER_2"), None),
            ("cpsr-acmg-class", "1.0.0", None, Some("Pathogenic")),
            ("cpsr-clinvar-class", "1.0.0", None, Some("VUS")),
        ]
    );
    assert!(variant.diagnostic_implications.iter().all(|it| it.finding.identity == variant.identity));
    let drugs: Vec<&str> = variant.therapeutic_implications[0].drugs.iter().map(|drug| drug.name.as_str()).collect();
    assert_eq!(drugs, ["Drug_A", "Drug_B"]);
    let codes: Vec<(&str, &str)> =
        variant.variation_codes.iter().map(|code| (code.source.as_str(), code.code.as_str())).collect();
    assert_eq!(codes, [("clinvar", "12366"), ("dbsnp", "rs28934576"), ("cosmic", "COSV52660980")]);

    // Without a scale a tier is words.
    for (from, to, expected) in [
        ("/1.0.0/1.0.0/", "/2.1.0/1.0.0/", vec![(IssueCode::ScaleVersionUnknown, "", 1)]),
        ("/1.0.0/1.0.0/", "/2.1.0/2.1.0/", vec![(IssueCode::ScaleVersionUnknown, "", 1); 2]),
        ("Version string: ", "No string: ", vec![(IssueCode::VersionStringMissing, "", 1)]),
    ] {
        let (curated, _, account) = curate(&content(&[row(cells)]).replace(from, to));
        assert_eq!(issues(&account), expected, "{to}");
        let variant = &curated.variants[0];
        let scales: Vec<&str> = variant.diagnostic_implications.iter().map(|it| it.scale.as_str()).collect();
        let known: &[&str] = if to == "/2.1.0/1.0.0/" { &["cpsr-acmg-class", "cpsr-clinvar-class"] } else { &[] };
        assert_eq!(scales, known, "{to}");
        assert!(notes(variant).contains(&"Tier: TIER_2 (scale not known)"), "{to}");
    }
}

#[test]
fn words_of_no_vocabulary_are_named() {
    for (column, cell, carried) in [
        ("Tier", "TIER_9", false),
        ("CPSR_ACMG_class", "Harmful", false),
        ("CPSR_ClinVar_class", "Harmful", false),
        ("Class_judgement", "maybe", true),
        ("Reporting_judgement", "BioMark", true),
        ("Reporting_judgement", "ask Dr Somebody", false),
        ("Run_QC", "13897512345", false),
        ("Filters", "NEW_FILTER", true),
    ] {
        let (curated, account) = curate_rows(&[&[(column, cell)]]);
        assert_eq!(issues(&account), [(IssueCode::ValueUnknown, column, 1)], "{cell}");
        let variant = &curated.variants[0];
        assert_eq!(variant.curation.iter().any(|flag| flag.value == cell), carried, "{cell}");
        assert_eq!(variant.diagnostic_implications, []);
        assert!(!format!("{account:?}").contains("13897512345"));
    }
}

#[test]
fn sample_and_study_hold_the_comments() {
    let (_, table, account) = curate(&content(&[]));
    let (mut specimen, mut study) = (Specimen::default(), Study::default());
    describe(&table, &mut specimen, &mut study);
    let mut held = [specimen.rows, study.rows].concat();
    held.sort();
    assert_eq!(held, account.ledger.open_rows());
    let texts = |notes: &[Note]| notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>();
    assert_eq!(
        texts(&specimen.notes),
        ["Tumour purity specified for TSOPPI: 0.5 (fraction of 1)", "Matched tumour RNA sample: IPD9001-R03-P01-A15"]
    );
    assert_eq!(
        texts(&study.notes),
        [
            "Small variant table: pipeline 2.2.0.12, TSOPPI 0.3.2:22-06-07, PCGR 1.0.0, CPSR 1.0.0, genome hg19, samples TR",
            "Small variant table: size of the target coding region 1.27 megabases"
        ]
    );
}

proptest! {
    #[test]
    fn every_row_is_held_or_listed(cells in proptest::collection::vec((0..49usize, prop_oneof![
        proptest::sample::select(vec!["exclude", "include", "Not OK", "BL", "TNA", "1", "0", "V600E", "Val600Glu", "TIER_1", "1-Mar", "7:5", "A>C"]).prop_map(str::to_owned),
        "\\PC{0,12}",
    ]), 1..20)) {
        let columns = crate::sources::tso500::small_variant_table::COLUMNS;
        let cells: Vec<(&str, &str)> = cells.iter().map(|(column, cell)| (columns[*column], cell.as_str())).collect();
        let text = content(&[row(&cells), row(&[]), row(&cells[..cells.len() / 2])]);
        let (curated, table, account) = curate(&text);
        let (mut specimen, mut study) = (Specimen::default(), Study::default());
        describe(&table, &mut specimen, &mut study);
        let mut held: Vec<RowId> = curated.variants.iter().flat_map(|variant| variant.rows.clone()).collect();
        held.extend(specimen.rows);
        held.extend(study.rows);
        held.sort();
        let unique = held.len();
        held.dedup();
        prop_assert_eq!(held.len(), unique);
        prop_assert_eq!(held, account.ledger.open_rows());
    }
}
