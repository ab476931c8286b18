use super::*;
use crate::domain::finding::{PipelineLink, SpecimenLink};
use crate::domain::gene::tests::table;
use crate::domain::limits::Limits;
use crate::sources::tso500::normalise::merge::{All, Rank, add, merge};
use crate::sources::tso500::text::Text;
use crate::sources::tso500::{all_fusions, combined_variant_output, dna_fusions_table};

const COLUMNS: &str = "Caller,Gene A,Gene B,Gene A Breakpoint,Gene B Breakpoint,KeepFusion,Ref A Dedup,Ref B Dedup,Alt Split Dedup,Alt Pair Dedup,Fusion Directionality Known";

fn text(file: &str, content: String) -> Text {
    Text::from_bytes(&Arc::from(file), content.into_bytes()).unwrap()
}

/// Calls `with` with the place of a sample.
fn with_part<T>(file: &str, with: impl FnOnce(&Part<'_>) -> T) -> T {
    let (file, genes) = (Arc::from(file), table());
    let specimen = SpecimenLink {
        identity: crate::domain::ids::Identity::new("IPD", "specimen", &["S1"]),
        sample_id: "S1".to_owned(),
        pipeline: PipelineLink::default(),
    };
    let part = Part { file: &file, owner: "IPD", specimen, genes: &genes, is_known_consequence: &|_| true };
    with(&part)
}

fn of_table(rows: &[&str], account: &mut Account) -> (AllFusions, Vec<Fusion>) {
    let content = format!("{COLUMNS}\n{}\n", rows.join("\n"));
    let content = all_fusions::parse(&text("S1_AllFusions.csv", content), &Limits::default(), account).unwrap();
    let fusions = with_part("S1_AllFusions.csv", |part| rna_fusions(&content, part, account));
    (content, fusions)
}

fn of_result(rows: &[&str], account: &mut Account) -> Vec<Fusion> {
    let head = "TruSight Oncology 500 - Combined Variant Output\n[Analysis Details]\nRNA Sample ID\tS1\n[Fusions]\nGene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\tGene 1 Reference Reads\tGene 2 Reference Reads\n";
    let content = text("S1_CombinedVariantOutput.tsv", format!("{head}{}\n", rows.join("\n")));
    let mut own = Account::default();
    let content = combined_variant_output::parse(&content, &Limits::default(), &mut own).unwrap();
    let file = Arc::from("S1_CombinedVariantOutput.tsv");
    let mut rows = content.fusions;
    rows.iter_mut().for_each(|row| row.row = account.ledger.open(&file, Some(&Arc::from("Fusions")), row.line));
    with_part("S1_CombinedVariantOutput.tsv", |part| rearrangements::fusions(&rows, "Fusions", part, account))
}

fn codes(account: &Account) -> Vec<(IssueCode, Option<&str>, Option<u32>)> {
    let of = |issue: &'_ crate::domain::issue::Issue| (issue.code, issue.location.line);
    let issues = account.issues.iter().filter(|issue| issue.code == IssueCode::Conflict);
    issues.map(|issue| (of(issue).0, issue.location.file.as_deref(), of(issue).1)).collect()
}

fn symbols(genes: &[crate::domain::finding::Gene]) -> Vec<&str> {
    genes.iter().map(|gene| gene.symbol.as_str()).collect()
}

/// The fusions that the reference file of the callers repeats in the CombinedVariantOutput.
const EML4: &str = "DRAGEN,EML4,ALK,chr2:42522654,chr2:29446394,True,749,9,75,0,True";

#[test]
fn both_files_tell_one_fusion() {
    for (row, pair) in [
        (EML4, "EML4-ALK\tchr2:42522654\tchr2:29446394\t75\t749\t9"),
        (
            "DRAGEN,SLC34A2,ROS1;GOPC,chr4:25665950,chr6:117645578,True,0,0,59,0,True",
            "SLC34A2-ROS1;GOPC\tchr4:25665950\tchr6:117645578\t59\t0\t0",
        ),
        ("DRAGEN,CDK4,PDE3A,chr12:1,chr12:2,True,31604,396,15,0,False", "CDK4/PDE3A\tchr12:1\tchr12:2\t15\t31604\t396"),
    ] {
        let mut account = Account::default();
        let (_, mut table) = of_table(&[row], &mut account);
        let result = of_result(&[pair], &mut account);
        assert_eq!(table[0].identity, result[0].identity, "{pair}");
        align(&mut table, &result, &mut account);
        let mut all: All<Fusion> = Vec::new();
        add(&mut all, Rank::Result, result.clone());
        add(&mut all, Rank::Preferred, table.clone());
        let merged = merge(all, &mut account);
        assert_eq!((merged.len(), merged[0].rows.len()), (1, 2));
        assert_eq!(merged[0].supporting_reads, result[0].supporting_reads);
        assert_eq!((&merged[0].designation, &merged[0].genes), (&result[0].designation, &result[0].genes));
        assert_eq!(codes(&account), [], "{pair}");
    }
}

/// LocalApp writes a slash in the pair although its table knows the direction.
#[test]
fn another_way_to_join_the_genes_is_the_same_fusion() {
    let mut account = Account::default();
    let row = "RnaFusionFilter,PPARG,AC016683.6;PAX8,chr3:12421199,chr2:113992971,True,11,0,41,141,True";
    let (_, mut table) = of_table(&[row], &mut account);
    let result = of_result(&["PPARG/AC016683.6;PAX8\tchr3:12421199\tchr2:113992971\t182\t11\t0"], &mut account);
    assert_ne!(table[0].identity, result[0].identity);
    align(&mut table, &result, &mut account);
    assert_eq!(table[0].identity, result[0].identity);
    assert_eq!(table[0].designation.as_deref(), Some("PPARG::AC016683.6;PAX8"));
    assert_eq!(codes(&account), [(IssueCode::Conflict, Some("S1_AllFusions.csv"), Some(2))]);
    assert!(table[0].notes.iter().any(|note| note.text.contains("this file knows it")));
}

#[test]
fn other_breakpoints_or_genes_are_another_fusion() {
    for pair in
        ["EML4/ALK\tchr2:42522655\tchr2:29446394\t75\t749\t9", "KIF5B/ALK\tchr2:42522654\tchr2:29446394\t75\t749\t9"]
    {
        let mut account = Account::default();
        let (_, mut table) = of_table(&[EML4], &mut account);
        let result = of_result(&[pair], &mut account);
        let before = table.clone();
        align(&mut table, &result, &mut account);
        assert_eq!((table, codes(&account)), (before, vec![]), "{pair}");
    }
}

#[test]
fn a_table_names_the_partners_that_a_pair_leaves_open() {
    for (genes, known, five, three, designation) in [
        ("NKX2-1,HLA-A", "True", vec!["NKX2-1"], vec!["HLA-A"], Some("NKX2-1::HLA-A")),
        ("RP11-458D21.5;NOTCH2NL,SUSD4", "True", vec!["RP11-458D21.5", "NOTCH2NLA"], vec!["SUSD4"], None),
        ("EML4,ALK", "False", vec![], vec![], None),
        // A slash inside a side: which side the clone is on is not said.
        ("PPARG/AC016683.6,PAX8", "True", vec![], vec![], None),
        // Genes that overlap both breakpoints are not told apart.
        ("FIP1L1;PDGFRA,FIP1L1;PDGFRA", "True", vec![], vec![], None),
        ("ALK,N/A", "True", vec![], vec![], None),
    ] {
        let mut account = Account::default();
        let row = EML4.replace("EML4,ALK", genes).replace("0,True", &format!("0,{known}"));
        let (_, table) = of_table(&[&row], &mut account);
        let fusion = &table[0];
        if designation.is_some() || five.is_empty() {
            assert_eq!(fusion.designation.as_deref(), designation, "{genes}");
        }
        let known = |gene: &str| gene.starts_with("NOTCH2NL");
        let named: Vec<&str> = symbols(&fusion.five_prime_genes).into_iter().filter(|gene| !known(gene)).collect();
        assert_eq!(named, five.into_iter().filter(|gene| !known(gene)).collect::<Vec<_>>(), "{genes}");
        assert_eq!(symbols(&fusion.three_prime_genes), three, "{genes}");
        assert!(!fusion.genes.is_empty());
    }
}

#[test]
fn a_reported_fusion_that_the_table_drops_is_a_conflict() {
    let mut account = Account::default();
    let dropped = EML4.replace("394,True", "394,False");
    let (content, table) = of_table(&[&dropped], &mut account);
    assert!(table.is_empty());
    let mut result = of_result(&["EML4-ALK\tchr2:42522654\tchr2:29446394\t75\t749\t9"], &mut account);
    warn_dropped(&content, &mut result, &mut account);
    assert_eq!(codes(&account), [(IssueCode::Conflict, Some("S1_AllFusions.csv"), Some(2))]);
    assert_eq!(result[0].notes.len(), 1);
    // Another caller keeps the same breakpoints.
    let (content, _) = of_table(&[EML4, &dropped], &mut account);
    let mut result = of_result(&["EML4-ALK\tchr2:42522654\tchr2:29446394\t75\t749\t9"], &mut account);
    let before = account.issues.len();
    warn_dropped(&content, &mut result, &mut account);
    assert_eq!((account.issues.len(), result[0].notes.len()), (before, 0));
}

#[test]
fn a_fusion_of_cell_free_dna_has_its_frequency_and_no_direction_unless_told() {
    let content = "Sample,Chr1,Pos1,Chr2,Pos2,Alt_Depth,VAF,Gene1,Gene2,Filter,Fusion Directionality Known\nS1,chr22,23632600,chr9,133729451,28,0.28,BCR,ABL1,PASS,True\n";
    let mut account = Account::default();
    let file = text("S1_Fusions.csv", content.to_owned());
    let content = dna_fusions_table::parse(&file, "S1", &Limits::default(), &mut account).unwrap();
    let fusions = with_part("S1_Fusions.csv", |part| dna_fusions(&content, part, &mut account));
    let [fusion] = fusions.as_slice() else { panic!("{fusions:?}") };
    assert_eq!(fusion.identity.key, ["S1", "BCR-ABL1", "chr22:23632600", "chr9:133729451"]);
    assert_eq!(fusion.designation.as_deref(), Some("BCR::ABL1"));
    assert_eq!(fusion.allele_frequency.as_ref().unwrap().as_str(), "0.28");
    assert_eq!(fusion.supporting_reads, Some(28));
}
