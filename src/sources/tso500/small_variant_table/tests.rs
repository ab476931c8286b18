use proptest::prelude::*;

use super::*;
use crate::sources::tso500::folder::raw_lines::table_rows;

const FILE: &str = "r_ppr/IPD9001-D01-P01-A15/IPD9001-D01-P01-A15_small_variant_table_forQC.tsv";

/// A row with the given cells and `NA` in all others.
pub(crate) fn row(cells: &[(&str, &str)]) -> String {
    let given = |name: &str| cells.iter().find(|(column, _)| *column == name).map(|(_, cell)| *cell);
    let default = |name: &str| match name {
        "Sample_ID" => "IPD9001-D01-P01-A15",
        "Gene_symbol" => "BRAF",
        "Genomic_location" => "7:140453136",
        "DNA_change" => "A>T",
        "TSO500_LocalApp_class" => "SOM",
        "Class_judgement" => "include",
        _ => "NA",
    };
    COLUMNS.iter().map(|name| given(name).unwrap_or_else(|| default(name))).collect::<Vec<_>>().join("\t")
}

pub(crate) const COMMENTS: &str = "\
# [IPD9001-D01-P01-A15] Version string: 2.2.0.12/0.3.2:22-06-07/1.0.0/1.0.0/hg19/TR
# [IPD9001-D01-P01-A15]   - \"\"TIER_1\"\": variant of strong clinical significance (a PCGR-assigned tier)\"
# [IPD9001-D01-P01-A15] Size of the target coding region (in millions ot bases): 1.27
# [IPD9001-D01-P01-A15] Specified tumor purity (as a fraction between 0 and 1): 0.5
# [IPD9001-D01-P01-A15] ID of the matched normal DNA sample: NA
# [IPD9001-D01-P01-A15] ID of the matched tumor RNA sample: IPD9001-R03-P01-A15
";

pub(crate) fn content(rows: &[String]) -> String {
    format!("{COMMENTS}{}\n{}\n", COLUMNS.join("\t"), rows.join("\n"))
}

fn read(content: &str) -> (Option<SmallVariantTable>, Account) {
    let text = Text::from_bytes(&Arc::from(FILE), content.as_bytes().to_vec()).unwrap();
    let mut account = Account::default();
    let table = parse(&text, &Limits::default(), &mut account);
    (table, account)
}

fn read_row(cells: &[(&str, &str)]) -> (Option<TableVariant>, Account) {
    let (table, account) = read(&content(&[row(cells)]));
    (table.unwrap().rows.pop(), account)
}

/// Code and column of each issue.
fn issues(account: &Account) -> Vec<(IssueCode, &str)> {
    account.issues.iter().map(|issue| (issue.code, issue.location.column.as_deref().unwrap_or_default())).collect()
}

fn decimal(text: &str) -> Option<Decimal> {
    Some(Decimal::parse(text).unwrap())
}

fn list(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

#[test]
fn every_column_is_read() {
    let (row, account) = read_row(&[
        ("Gene_symbol", "TP53"),
        ("Ensembl_transcript_ID", "ENST00000269305"),
        ("RefSeq_mRNA", "NM_000546|NM_001126112"),
        ("Genomic_location", "17:7577120"),
        ("DNA_change", "C>T"),
        ("cDNA_change", "c.818G>A"),
        ("Exon_number", "exon8"),
        ("Protein_change_short", "R273H"),
        ("Protein_change", "Arg273His"),
        ("Change_summary", "c.818G>A:exon8:R273H:Arg273His"),
        ("Coding_status", "missense_variant,splice_region_variant"),
        ("Depth_tumor_DNA", "219"),
        ("AF_tumor_DNA", "0.393"),
        ("Depth_normal_DNA", "310"),
        ("AF_normal_DNA", "0"),
        ("Depth_tumor_RNA", "950"),
        ("AF_tumor_RNA", "0.877"),
        ("COSMIC_ID", "COSV52660980|COSM10660"),
        ("dbSNP_rs_ID", "rs28934576"),
        ("ClinVar_variation_ID", "12366"),
        ("Global_AF_gnomAD", "1.59E-05"),
        ("Global_AF_1KG", "0.0002"),
        ("NFE_AF_gnomAD", "2.64E-05"),
        ("Germline_population_AFs", "EUR_AF_1KG:0.0010000"),
        ("Mutation_hotspot", "TP53|R273|0"),
        ("TCGA_frequency", "x"),
        ("Putative_driver", "TP53:p.R273H"),
        ("Gene_predisposition", "4_c_NS"),
        ("Gene_CN", "[non-HC]_1.782/1.378_NA"),
        ("Tier", "TIER_2"),
        ("CPSR_ACMG_class", "Pathogenic"),
        ("CPSR_ClinVar_class", "Likely_Pathogenic"),
        ("TSO500_LocalApp_class", "GL_P"),
        ("Functional_domain", "P53"),
        ("Drugs", "Drug_A|Drug_B"),
        ("Coding_transcript_consequences", "\"missense_variant:R:TP53:Canonical:NP_000537.3:p.(Arg273His)\""),
        ("Filters", "HET_VAF_RANGE|germline_population"),
        ("IGV_QC", "OK"),
        ("Run_QC", "QC done"),
        ("Class_judgement", "LikSOM"),
        ("Reporting_judgement", "BioMar"),
    ]);
    let row = row.unwrap();
    assert_eq!(issues(&account), []);
    assert_eq!((row.chromosome.as_str(), row.position), ("17", 7_577_120));
    assert_eq!((row.reference.as_str(), row.alternative.as_str()), ("C", "T"));
    assert_eq!((row.gene.as_deref(), row.ensembl_transcript.as_deref()), (Some("TP53"), Some("ENST00000269305")));
    assert_eq!(row.refseq_transcripts, ["NM_000546", "NM_001126112"]);
    assert_eq!((row.cdna_change.as_deref(), row.exon.as_deref()), (Some("c.818G>A"), Some("exon8")));
    assert_eq!((row.protein_short.as_deref(), row.protein_long.as_deref()), (Some("R273H"), Some("Arg273His")));
    assert_eq!(row.coding_status, ["missense_variant", "splice_region_variant"]);
    assert_eq!((row.depth, row.allele_frequency), (Some(219), decimal("0.393")));
    assert_eq!((row.normal_depth, row.normal_allele_frequency), (Some(310), decimal("0")));
    assert_eq!((row.rna_depth, row.rna_allele_frequency), (Some(950), decimal("0.877")));
    assert_eq!((row.cosmic, row.dbsnp), (list(&["COSV52660980", "COSM10660"]), list(&["rs28934576"])));
    assert_eq!(row.clinvar, ["12366"]);
    let populations: Vec<String> =
        row.population_frequencies.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let expected =
        ["EUR_AF_1KG 0.0010000", "GLOBAL_AF_GNOMAD 1.59e-05", "GLOBAL_AF_1KG 0.0002", "NFE_AF_GNOMAD 2.64e-05"];
    assert_eq!(populations, expected);
    assert_eq!(row.tier.as_deref(), Some("TIER_2"));
    assert_eq!(
        (row.acmg_class.as_deref(), row.clinvar_class.as_deref()),
        (Some("Pathogenic"), Some("Likely_Pathogenic"))
    );
    assert_eq!(row.local_app_class, Some(LocalAppClass::Origin(Origin::GermlineProximity)));
    assert_eq!(
        (row.drugs, row.filters),
        (list(&["Drug_A", "Drug_B"]), list(&["HET_VAF_RANGE", "germline_population"]))
    );
    assert_eq!(row.canonical_transcripts[0].accession, "NP_000537.3");
    assert_eq!((row.igv_qc.as_deref(), row.run_qc.as_deref()), (Some("OK"), Some("QC done")));
    assert_eq!((row.class_judgement.as_deref(), row.reporting_judgement.as_deref()), (Some("LikSOM"), Some("BioMar")));
    let notes: Vec<&str> = row.extra.iter().map(|(column, _)| column.as_str()).collect();
    assert_eq!(notes, ["Mutation_hotspot", "Putative_driver", "Gene_predisposition", "Gene_CN", "Functional_domain"]);
}

#[test]
fn the_comments_about_the_sample_are_held() {
    let (table, account) = read(&content(&[]));
    let table = table.unwrap();
    assert_eq!(issues(&account), []);
    assert_eq!((table.sample_id.as_deref(), table.for_qc), (Some("IPD9001-D01-P01-A15"), true));
    assert_eq!(table.version.map(|held| (held.value.pcgr, held.line)), Some(("1.0.0".to_owned(), 1)));
    assert_eq!(table.coding_region_size.map(|held| held.value), decimal("1.27"));
    let purity = table.tumor_purity.unwrap().value;
    assert_eq!((purity.value, purity.is_default), (decimal("0.5"), false));
    assert!(table.matched_normal.is_none());
    assert_eq!(table.matched_rna.map(|held| held.value), Some("IPD9001-R03-P01-A15".to_owned()));
    assert_eq!(account.ledger.open_rows().len(), 4);
    let listed: Vec<_> =
        account.ledger.rows().filter(|row| row.outcome != crate::domain::accounting::Outcome::Open).collect();
    assert_eq!(listed.iter().map(|row| row.count).sum::<u32>(), 2);
}

#[test]
fn comments_that_a_spreadsheet_padded_and_quoted_are_the_same() {
    let damaged: String = content(&[row(&[])])
        .lines()
        .map(|line| format!("{line}{}\r\n", "\t".repeat(if line.starts_with('#') { 48 } else { 1 })))
        .collect();
    let ((plain, _), (padded, account)) = (read(&content(&[row(&[])])), read(&damaged));
    assert_eq!(issues(&account), []);
    assert_eq!(plain, padded);
}

#[test]
fn a_purity_that_was_not_specified_is_a_default() {
    for (words, value, is_default, code) in [
        ("not specified", None, true, None),
        ("not specified; a default value of 0.5 is being used", None, true, None),
        ("0.35", Some("0.35"), false, None),
        ("0,35", Some("0.35"), false, None),
        ("high", None, false, Some(IssueCode::ValueUnknown)),
        ("35", None, false, Some(IssueCode::ValueUnknown)),
    ] {
        let line = "Specified tumor purity (as a fraction between 0 and 1)";
        let (table, account) = read(&content(&[]).replace(&format!("{line}: 0.5"), &format!("{line}: {words}")));
        let purity = table.unwrap().tumor_purity.map(|held| held.value);
        assert_eq!(purity.as_ref().and_then(|purity| purity.value.clone()), value.and_then(decimal), "{words}");
        assert_eq!(purity.is_some_and(|purity| purity.is_default), is_default, "{words}");
        assert_eq!(issues(&account).first().map(|(code, _)| *code), code, "{words}");
        assert_eq!(account.issues.first().and_then(|issue| issue.location.line), code.map(|_| 4), "{words}");
    }
}

#[test]
fn a_variant_that_cannot_be_read_is_refused() {
    for (column, cell, code) in [
        ("Sample_ID", ".", IssueCode::ValueRequired),
        ("Genomic_location", "NA", IssueCode::ValueRequired),
        ("Genomic_location", "140453136", IssueCode::NumberInvalid),
        ("Genomic_location", "Un:140453136", IssueCode::ChromosomeInvalid),
        ("Genomic_location", "7:0", IssueCode::NumberOutOfRange),
        ("Genomic_location", "7:140,453", IssueCode::NumberAmbiguous),
        ("Genomic_location", "7:1.4E+08", IssueCode::NumberInvalid),
        ("DNA_change", "A", IssueCode::AlleleInvalid),
        ("DNA_change", "A>A", IssueCode::AlleleInvalid),
        ("DNA_change", "A>", IssueCode::AlleleInvalid),
        ("DNA_change", "A><DEL>", IssueCode::AlleleInvalid),
        ("DNA_change", "A>T,C", IssueCode::AlleleInvalid),
    ] {
        let (found, account) = read_row(&[(column, cell)]);
        assert_eq!((found, issues(&account)), (None, vec![(code, column)]), "{column} {cell}");
        assert_eq!(account.issues[0].location.line, Some(8));
    }
}

#[test]
fn variants_keep_their_anchor_base() {
    for (change, reference, alternative) in [
        ("AG>A", "AG", "A"),
        ("AT>GC", "AT", "GC"),
        ("CTC>TGT", "CTC", "TGT"),
        ("T>TCCGG", "T", "TCCGG"),
        ("a > t", "A", "T"),
    ] {
        let found = read_row(&[("DNA_change", change)]).0.unwrap();
        assert_eq!((found.reference.as_str(), found.alternative.as_str()), (reference, alternative), "{change}");
    }
}

#[test]
fn the_damage_of_a_spreadsheet_is_named_and_the_number_not_used() {
    use IssueCode::{DecimalComma, NumberAmbiguous, NumberDamaged, NumberInvalid, NumberOutOfRange};
    const POPULATIONS: &str = "GLOBAL_AF_1KG:0.0010000|GLOBAL_AF_GNOMAD:0.0020440|NFE_AF_GNOMAD:0.0025430";
    for (cells, code, column) in [
        ([("Global_AF_1KG", "1"), ("Germline_population_AFs", POPULATIONS)], NumberDamaged, "Global_AF_1KG"),
        ([("Global_AF_1KG", "2"), ("Germline_population_AFs", POPULATIONS)], NumberDamaged, "Global_AF_1KG"),
        ([("Global_AF_1KG", "1"), ("Germline_population_AFs", "NA")], NumberDamaged, "Global_AF_1KG"),
        (
            [("Global_AF_gnomAD", "0.5"), ("Germline_population_AFs", POPULATIONS)],
            IssueCode::NumberContradictory,
            "Global_AF_gnomAD",
        ),
        ([("NFE_AF_gnomAD", "2.543"), ("Germline_population_AFs", POPULATIONS)], NumberOutOfRange, "NFE_AF_gnomAD"),
        (
            [("Global_AF_gnomAD", "0,002044"), ("Germline_population_AFs", POPULATIONS)],
            DecimalComma,
            "Global_AF_gnomAD",
        ),
        ([("Global_AF_1KG", "4,00E-04"), ("Germline_population_AFs", "NA")], DecimalComma, "Global_AF_1KG"),
        ([("Global_AF_1KG", "01.apr"), ("Germline_population_AFs", "NA")], NumberInvalid, "Global_AF_1KG"),
        (
            [("Global_AF_1KG", "NA"), ("Germline_population_AFs", "EUR_AF_1KG=1")],
            NumberInvalid,
            "Germline_population_AFs",
        ),
        ([("AF_tumor_DNA", "1"), ("Filters", "HET_VAF_RANGE")], NumberDamaged, "AF_tumor_DNA"),
        ([("AF_tumor_DNA", "285"), ("Filters", "NA")], NumberDamaged, "AF_tumor_DNA"),
        ([("AF_tumor_DNA", "0.5"), ("Filters", "LOW_TUMOR_VAF")], IssueCode::NumberContradictory, "AF_tumor_DNA"),
        ([("AF_tumor_DNA", "0,042"), ("Filters", "NA")], DecimalComma, "AF_tumor_DNA"),
        ([("AF_tumor_RNA", "4,464"), ("Filters", "NA")], NumberAmbiguous, "AF_tumor_RNA"),
        ([("Depth_tumor_DNA", "1,019"), ("Filters", "NA")], NumberAmbiguous, "Depth_tumor_DNA"),
        ([("Depth_tumor_RNA", "-1"), ("Filters", "NA")], NumberOutOfRange, "Depth_tumor_RNA"),
        ([("AF_normal_DNA", "x"), ("Depth_normal_DNA", "5")], NumberInvalid, "AF_normal_DNA"),
    ] {
        let (found, account) = read_row(&cells);
        let found = found.unwrap();
        assert_eq!(issues(&account), [(code, column)], "{cells:?}");
        assert_eq!(account.issues[0].location.file.as_deref(), Some(FILE));
        assert_eq!(account.issues[0].location.line, Some(8));
        let is_kept = code == DecimalComma;
        assert!(found.population_frequencies.iter().all(|(_, value)| value.to_f64() < 0.1), "{cells:?}");
        match column {
            "AF_tumor_DNA" => assert_eq!(found.allele_frequency.is_some(), is_kept, "{cells:?}"),
            "AF_tumor_RNA" => assert_eq!(found.rna_allele_frequency, None),
            "Depth_tumor_DNA" => assert_eq!(found.depth, None),
            "Depth_tumor_RNA" => assert_eq!(found.rna_depth, None),
            _ => {}
        }
    }
}

#[test]
fn a_frequency_of_one_is_no_damage_where_its_filter_says_so() {
    let (found, account) = read_row(&[("AF_tumor_DNA", "1"), ("Filters", "recurrent_germline|HIGH_TUMOR_VAF")]);
    assert_eq!((found.unwrap().allele_frequency, issues(&account)), (decimal("1"), vec![]));
    let (found, account) =
        read_row(&[("Global_AF_gnomAD", "1"), ("Germline_population_AFs", "GLOBAL_AF_GNOMAD:1.0000000")]);
    assert_eq!((found.unwrap().population_frequencies.len(), issues(&account)), (1, vec![]));
}

#[test]
fn words_of_no_known_vocabulary_are_notes() {
    for (column, cell) in [
        ("TSO500_LocalApp_class", "XX"),
        ("dbSNP_rs_ID", "1234"),
        ("COSMIC_ID", "X1"),
        ("ClinVar_variation_ID", "RCV01"),
    ] {
        let (found, account) = read_row(&[(column, cell)]);
        assert_eq!(issues(&account), [(IssueCode::ValueUnknown, column)], "{cell}");
        assert_eq!(found.unwrap().extra, [(column.to_owned(), cell.to_owned())]);
    }
}

#[test]
fn comments_of_people_are_not_carried_over() {
    let text = "seen by somebody";
    let (found, account) = read_row(&[("Class_judgement_comments", text), ("Reporting_judgement_comments", ".")]);
    assert_eq!(issues(&account), [(IssueCode::FreeTextNotCarried, "Class_judgement_comments")]);
    assert!(!format!("{:?} {:?}", found.unwrap(), account).contains(text));
}

#[test]
fn columns_are_missing_or_unknown() {
    let without = |name: &str| content(&[row(&[])]).replace(&format!("{name}\t"), "");
    let (table, account) = read(&without("Class_judgement"));
    assert_eq!(issues(&account).first(), Some(&(IssueCode::ColumnMissing, "Class_judgement")));
    assert!(table.is_none() && account.ledger.open_rows().is_empty());
    let head = COLUMNS.join("\t");
    let (table, account) =
        read(&format!("{head}\tNew\tMy_comment\n{}\ttext\tx\n{}\t13897512345\n", row(&[]), row(&[])));
    assert_eq!(
        issues(&account),
        [
            (IssueCode::ColumnUnknown, "New"),
            (IssueCode::TextPersonal, "New"),
            (IssueCode::FreeTextNotCarried, "My_comment")
        ]
    );
    let table = table.unwrap();
    assert_eq!(table.rows[0].extra, [("New".to_owned(), "text".to_owned())]);
    assert_eq!(table.rows[1].extra, []);
}

#[test]
fn the_table_edited_in_quality_control_wins() {
    let tables = |names: &[&str]| {
        let mut account = Account::default();
        let parsed: Vec<SmallVariantTable> = names
            .iter()
            .map(|name| {
                let text = Text::from_bytes(&Arc::from(*name), content(&[row(&[])]).into_bytes()).unwrap();
                parse(&text, &Limits::default(), &mut account).unwrap()
            })
            .collect();
        let chosen: Vec<String> = choose(parsed, &mut account).iter().map(|table| table.file.to_string()).collect();
        let listed: Vec<IssueCode> = account
            .ledger
            .rows()
            .filter_map(|row| match row.outcome {
                crate::domain::accounting::Outcome::Listed { code, .. } if row.line > 7 => Some(code),
                _ => None,
            })
            .collect();
        (chosen, listed, account.issues.iter().map(|issue| issue.code).collect::<Vec<_>>())
    };
    let (plain, edited) = ("S1_small_variant_table.tsv", "S1_small_variant_table_forQC.tsv");
    for names in [[plain, edited], [edited, plain]] {
        assert_eq!(tables(&names), (vec![edited.to_owned()], vec![IssueCode::TableSuperseded], vec![]));
    }
    let other = "a/S1_small_variant_table_forQC.tsv";
    assert_eq!(
        tables(&[edited, other]),
        (vec![edited.to_owned(), other.to_owned()], vec![], vec![IssueCode::SampleDuplicated])
    );
    let two = tables(&[plain, "S2_small_variant_table_forQC.tsv"]);
    assert_eq!((two.0.len(), two.1.len()), (2, 0));
}

/// The row rule, from the raw bytes: every non-blank line but that of the column names is a row, opened once.
fn check(content: &[u8]) {
    let Ok(text) = Text::from_bytes(&Arc::from(FILE), content.to_vec()) else { return };
    let mut account = Account::default();
    let table = parse(&text, &Limits::default(), &mut account);
    let counted: u32 = account.ledger.rows().map(|row| row.count).sum();
    assert_eq!(counted as usize, table_rows(content, "sample_id"));
    let mut held: Vec<RowId> = Vec::new();
    if let Some(table) = &table {
        held.extend(table.rows.iter().map(|row| row.row));
        held.extend(table.version.iter().map(|held| held.row));
        held.extend(table.tumor_purity.iter().map(|held| held.row));
        held.extend(table.coding_region_size.iter().map(|held| held.row));
        held.extend(table.matched_normal.iter().chain(&table.matched_rna).map(|held| held.row));
    }
    held.sort();
    assert_eq!(held, account.ledger.open_rows());
}

proptest! {
    #[test]
    fn any_bytes_are_accounted(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
        check(&[content(&[]).as_bytes(), &bytes].concat());
    }

    #[test]
    fn any_cell_is_read_or_refused(column in 0..49usize, cell in "[A-Za-z0-9.,:>|_()%# -]{0,30}|\\PC{0,20}") {
        check(content(&[row(&[(COLUMNS[column], &cell)]), row(&[])]).as_bytes());
    }

    #[test]
    fn any_mixture_of_lines_is_accounted(lines in proptest::collection::vec(proptest::sample::select(vec![
        "# [x] Version string: 1/2/3/4/hg19/T", "# [x] Specified tumor purity: x", "Sample_ID\tGenomic_location", "\"# x\"", "#",
        "Sample_ID", "\t\t", "x\ty", "# Sample_ID\tA",
    ]), 1..12), complete in any::<bool>()) {
        let head = COLUMNS.join("\t");
        let lines = lines.join("\n");
        check(if complete { format!("{head}\n{lines}\n") } else { lines }.as_bytes());
    }
}
