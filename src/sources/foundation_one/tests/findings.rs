//! Findings and biomarkers of a report.

use super::*;

#[test]
fn an_exchange_of_one_base_has_its_genomic_alleles() {
    // TP53 R175H, NM_000546: c.524G>A on the minus strand is chr17:7578406 C>T (GRCh37; ClinVar 12374).
    // BRAF V600E: c.1799T>A on the minus strand is chr7:140453136 A>T. KRAS is on the minus, EGFR on the plus strand.
    for (cds, strand, position, expected) in [
        ("524G&gt;A", "-", "chr17:7578406", Some(("17", 7_578_406, "C", "T"))),
        ("1799T&gt;A", "-", "chr7:140453136", Some(("7", 140_453_136, "A", "T"))),
        ("2573T&gt;G", "+", "chr7:55259515", Some(("7", 55_259_515, "T", "G"))),
        ("673-2A&gt;G", "+", "chr17:1", Some(("17", 1, "A", "G"))),
        ("-124C&gt;T", "-", "chr5:1295228", Some(("5", 1_295_228, "G", "A"))),
        ("524G&gt;A", "", "chr17:7578406", None),
        ("524G&gt;A", "-", "chr17", None),
        ("1799_1800TG&gt;AA", "-", "chr7:140453135", None),
        ("2235_2249del15", "+", "chr7:55242464", None),
        ("524G&gt;G", "-", "chr17:7578406", None),
    ] {
        let short = SHORT.replace("524G&gt;A", cds).replace("strand=\"-\"", &format!("strand=\"{strand}\""));
        let short = short.replace("chr17:7578406", position);
        let (report, _) = read(&document("IPD9001", &short, "", ""));
        let variant = report.unwrap().small_variants.remove(0);
        let found =
            (variant.chromosome.as_str(), variant.position, variant.ref_allele.as_str(), variant.alt_allele.as_str());
        assert_eq!(found, expected.unwrap_or(("", 0, "", "")), "{cds}");
        match expected {
            Some((chromosome, position, reference, alternative)) => assert_eq!(
                variant.identity.key,
                ["SQ-XX-0001", "GRCh37", chromosome, &position.to_string(), reference, alternative]
            ),
            None => assert!(!variant.identity.key.contains(&"GRCh37".to_owned())),
        }
    }
}

#[test]
fn hgvs_only_with_a_transcript() {
    for (transcript, cds, protein, coding, p, raised) in [
        ("NM_000546.5", "524G&gt;A", "R175H", Some("NM_000546.5:c.524G>A"), Some("p.(Arg175His)"), vec![]),
        ("NM_000546", "524G&gt;A", "R175H", None, Some("p.(Arg175His)"), vec![]),
        ("NM_005228", "2235_2249del15", "E746_A750del", None, Some("p.(Glu746_Ala750del)"), vec![]),
        ("NM_000546", "524G&gt;A", "Q61fs*12", None, Some("p.(Gln61fsTer12)"), vec![]),
        ("", "524G&gt;A", "R175H", None, None, vec![]),
        ("chr17", "524G&gt;A", "R175H", None, None, vec![]),
        ("NM_000546", "673-2A&gt;G", "splice site 673-2A&gt;G", None, None, vec![]),
        (
            "NM_000546",
            "524G&gt;A",
            "R 175",
            None,
            None,
            vec![(IssueCode::HgvsInvalid, Some(21), Some("protein-effect"))],
        ),
        (
            "NM_000546.5",
            "524",
            "R175H",
            None,
            Some("p.(Arg175His)"),
            vec![(IssueCode::HgvsInvalid, Some(21), Some("cds-effect"))],
        ),
    ] {
        let short = SHORT.replace("NM_000546", transcript).replace("524G&gt;A", cds).replace("R175H", protein);
        let (report, account) = read(&document("IPD9001", &short, "", ""));
        let variant = report.unwrap().small_variants.remove(0);
        assert_eq!(
            (variant.coding_hgvs.as_deref(), variant.protein_hgvs.as_deref()),
            (coding, p),
            "{transcript} {cds}"
        );
        assert_eq!(variant.transcript.is_some(), transcript.starts_with("NM_"));
        assert_eq!(issues(&account), raised, "{transcript} {cds} {protein}");
        if coding.is_none() {
            assert!(texts(&variant.notes).iter().any(|note| note.starts_with("cds-effect: ")));
        }
    }
}

#[test]
fn statements_of_the_vendor_stay_notes() {
    let (report, _) = read(&whole("IPD9001"));
    let report = report.unwrap();
    let variant = &report.small_variants[0];
    for note in ["equivocal: false", "functional-effect: missense", "status: known", "subclonal: true"] {
        assert!(texts(&variant.notes).contains(&note), "{note}: {:?}", variant.notes);
    }
    assert_eq!((variant.allele_frequency.as_ref().unwrap().as_str(), variant.total_depth), ("0.0042", Some(4210)));
    assert_eq!((variant.allele_depth, variant.origin.clone()), (None, None));
    assert_eq!(variant.consequences[0].term, "missense_variant");
    let copy_number = &report.copy_numbers[0];
    assert_eq!((copy_number.kind.as_str(), copy_number.reported_type.as_deref()), ("gain", Some("amplification")));
    assert_eq!(copy_number.absolute_copy_number.as_ref().unwrap().as_str(), "12");
    assert_eq!(copy_number.fold_change, None);
    for note in ["equivocal: true", "number-of-exons: 27 of 27", "ratio: 6.1", "status: known"] {
        assert!(texts(&copy_number.notes).contains(&note), "{note}");
    }
    let msi = &report.microsatellite_instabilities[0];
    assert_eq!((msi.category.clone(), texts(&msi.notes)), (None, vec!["Foundation Medicine says: MSS"]));
    let tmb = &report.tumor_mutational_burdens[0];
    assert_eq!((tmb.value.as_ref().unwrap().as_str(), tmb.category.clone()), ("6.3", None));
    assert_eq!(texts(&tmb.notes), ["status: low", "unit: mutations-per-megabase"]);
    assert_eq!(tmb.method, "Foundation Medicine FoundationOne Liquid CDx 3.20.0, blood");
}

#[test]
fn the_direction_of_a_fusion_is_not_said() {
    let (report, _) = read(&whole("IPD9001"));
    let fusion = report.unwrap().fusions.remove(0);
    assert_eq!((fusion.reported_pair.as_str(), fusion.direction_known, fusion.designation), ("ALK/EML4", false, None));
    assert_eq!(fusion.genes.iter().map(|gene| gene.symbol.as_str()).collect::<Vec<_>>(), ["ALK", "EML4"]);
    assert_eq!(fusion.breakpoint_1.as_deref(), Some("chr2:29446394-29446500"));
    assert_eq!((fusion.supporting_reads, fusion.allele_frequency.unwrap().as_str()), (Some(40), "0.015"));
    assert!(texts(&fusion.notes).contains(&"in-frame: Yes"));
}

#[test]
fn what_cannot_be_a_resource_is_said_in_the_report() {
    // No strand and no transcript: neither alleles nor HGVS.
    let undefined = SHORT.replace("strand=\"-\"", "").replace("NM_000546", "");
    let (report, account) = read(&document("IPD9001", &undefined, "", ""));
    let report = report.unwrap();
    assert!(report.small_variants.is_empty());
    assert_eq!(issues(&account), [(IssueCode::FoundationVariantUndefined, Some(21), None)]);
    let note = "Variant without exact description: TP53 524G>A R175H chr17:7578406 allele fraction 0.0042";
    assert!(texts(&report.notes).contains(&note), "{:?}", report.notes);
    for (from, to) in [
        ("description=\"fusion\" type=\"fusion\"", "description=\"truncation\" type=\"truncation\""),
        ("other-gene=\"EML4\"", "other-gene=\"N/A\""),
        ("other-gene=\"EML4\"", "other-gene=\"ALK\""),
    ] {
        let (report, account) = read(&document("IPD9001", "", "", &REARRANGEMENT.replace(from, to)));
        let report = report.unwrap();
        assert!(report.fusions.is_empty());
        assert_eq!(issues(&account), [(IssueCode::FoundationNotFusion, Some(27), None)], "{to}");
        assert!(texts(&report.notes).iter().any(|note| note.starts_with("Rearrangement: ALK")), "{:?}", report.notes);
    }
}

#[test]
fn each_damage_has_its_code_and_place() {
    let lost = [
        (SHORT, "gene=\"TP53\"", "", IssueCode::ValueRequired, "gene", 21),
        (SHORT, "gene=\"TP53\"", "gene=\"two words\"", IssueCode::GeneInvalid, "gene", 21),
        (SHORT, "0.0042", "0", IssueCode::ValueContradictory, "allele-fraction", 21),
        (COPY_NUMBER, "type=\"amplification\"", "type=\"rearranged\"", IssueCode::TypeUnknown, "type", 24),
        (COPY_NUMBER, "type=\"amplification\"", "", IssueCode::ValueRequired, "type", 24),
        (REARRANGEMENT, "targeted-gene=\"ALK\"", "", IssueCode::ValueRequired, "targeted-gene", 27),
    ];
    let kept = [
        (SHORT, "0.0042", "42", IssueCode::NumberOutOfRange, "allele-fraction", 21),
        (SHORT, "depth=\"4210\"", "depth=\"deep\"", IssueCode::NumberInvalid, "depth", 21),
        (SHORT, "chr17:7578406", "chr99:1", IssueCode::BreakpointInvalid, "position", 21),
        (SHORT, "TP53", "NOGENE1", IssueCode::GeneUnknown, "gene", 21),
        (COPY_NUMBER, "copy-number=\"12\"", "copy-number=\"many\"", IssueCode::NumberInvalid, "copy-number", 24),
        (REARRANGEMENT, "\"40\"", "\"-1\"", IssueCode::NumberOutOfRange, "supporting-read-pairs", 27),
        (REARRANGEMENT, "EML4", "MLL", IssueCode::GeneAlias, "gene", 27),
    ];
    for (is_kept, table) in [(false, &lost[..]), (true, &kept[..])] {
        for (part, from, to, code, column, line) in table {
            let changed = part.replace(from, to);
            let pick = |original: &str| if original == *part { changed.clone() } else { String::new() };
            let (report, account) = read(&document("IPD9001", &pick(SHORT), &pick(COPY_NUMBER), &pick(REARRANGEMENT)));
            let report = report.unwrap();
            assert_eq!(issues(&account), [(*code, Some(*line), Some(*column))], "{to}");
            assert_eq!(report.finding_count(), usize::from(is_kept), "{to}");
            assert_eq!(account.ledger.open_rows(), held(&report));
        }
    }
    let percent = SHORT.replace("allele-fraction=\"0.0042\"", "percent-reads=\"42.0\"");
    let variant = read(&document("IPD9001", &percent, "", "")).0.unwrap().small_variants.remove(0);
    assert_eq!(variant.allele_frequency.unwrap().as_str(), "0.420");
}

#[test]
fn a_score_in_another_unit_is_no_value() {
    for (from, to, value, code) in [
        ("mutations-per-megabase", "mutations-per-exome", None, Some(IssueCode::TypeUnknown)),
        ("score=\"6.3\"", "score=\"unknown\"", None, None),
        ("score=\"6.3\"", "score=\"low\"", None, Some(IssueCode::NumberInvalid)),
        (" unit=\"mutations-per-megabase\"", "", Some("6.3"), None),
    ] {
        let (report, account) = read(&whole("IPD9001").replace(from, to));
        let tmb = report.unwrap().tumor_mutational_burdens.remove(0);
        assert_eq!(tmb.value.as_ref().map(|value| value.as_str()), value, "{to}");
        assert_eq!(issues(&account).first().map(|issue| issue.0), code, "{to}");
    }
}
