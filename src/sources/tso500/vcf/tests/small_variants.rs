//! What the lines of both pipelines mean.

use super::*;
use crate::domain::decimal::Decimal;
use crate::domain::variant_key::VariantKey;
use crate::sources::tso500::vcf::Program;
use crate::sources::tso500::vcf::wire::{GermlineStatus, SmallVariant};
use crate::sources::tso500::wire::Dialect;

/// Alternative, reads of the allele, depth, frequency.
type Values<'a> = (&'a str, Option<u64>, Option<u64>, Option<&'a str>);

fn values(variants: &[SmallVariant]) -> Vec<Values<'_>> {
    let value = |variant: &'_ SmallVariant| (variant.allele_depth, variant.total_depth);
    let texts = variants.iter().map(|it| (it.alternative.as_str(), it.allele_frequency.as_ref().map(Decimal::as_str)));
    variants.iter().map(value).zip(texts).map(|((ad, dp), (alt, share))| (alt, ad, dp, share)).collect()
}

#[test]
fn a_dragen_line_is_read_value_by_value() {
    let line = "chr7\t55242464\t.\tA\tg\t.\tPASS\tDP=748;AQ=100.00;hotspot;GermlineStatus=Germline_DB\tGT:SQ:AD:AF:F1R2:F2R1:DP:SB:MB:PS\t0|1:11.80:472,254:0.3490:244,131:228,123:726:215,257,118,136:229,243,127,127:55242464";
    let (vcf, account) = read_lines(DRAGEN, &[line]);
    assert_eq!(codes(&account), []);
    let version = Some("07.021.624.3.11.2".to_owned());
    assert_eq!(vcf.head.program, Some(Program { name: "DRAGEN".to_owned(), version }));
    assert_eq!((vcf.head.dialect, vcf.head.sample_column.as_str()), (Some(Dialect::Dragen), "S1"));
    assert_eq!(vcf.head.reference.as_deref(), Some("file://hashtable/reference.bin"));
    let expected = SmallVariant {
        chromosome: "7",
        position: 55_242_464,
        reference: "A".to_owned(),
        alternative: "G".to_owned(),
        allele_depth: Some(254),
        total_depth: Some(726),
        allele_frequency: Some(Decimal::parse("0.3490").unwrap()),
        germline_status: Some(GermlineStatus::GermlineDatabase),
        is_hotspot: true,
        is_genotype_missing: false,
        mnv: None,
        phase_set: Some(55_242_464),
        extra: vec![],
        row: account.ledger.open_rows()[0],
        line: 12,
    };
    assert_eq!(vcf.variants, [expected]);
}

#[test]
fn a_local_app_line_is_read_value_by_value() {
    let line = "chr7\t55242464\t.\tAGGAATTAAGAGAAGC\tA\t100\tPASS\tDP=298\tGT:GQ:AD:DP:VF:NL:SB:NC:US\t0/1:100:284,14:298:0.04698:30:-75.6792:0.0000:1,0,1,4,5,3,58,18,49,55,71,41";
    let (vcf, account) = read_lines(LOCAL_APP, &[line]);
    assert_eq!(codes(&account), []);
    assert_eq!(vcf.head.program.unwrap().name, "Pisces");
    assert_eq!((vcf.head.dialect, vcf.head.sample_column.as_str()), (Some(Dialect::LocalApp), "sample1.bam"));
    assert_eq!(values(&vcf.variants), [("A", Some(14), Some(298), Some("0.04698"))]);
    assert_eq!((vcf.variants[0].germline_status, vcf.variants[0].is_hotspot), (None, false));
}

#[test]
fn only_calls_that_passed_are_findings() {
    let row = |position: u32, alt: &str, filter: &str, sample: &str| {
        format!("chr7\t{position}\t.\tT\t{alt}\t0\t{filter}\tDP=23\tGT:GQ:AD:DP:VF\t{sample}")
    };
    let lines = [
        row(100, ".", "PASS", "0/0:34:22:23:0.043"),
        row(101, ".", "PASS", "0/0:34:22:23:0.043"),
        row(102, ".", "LowDP", "./.:0:2:2:0.0"),
        row(103, "A", "LowSupport;SB", "0/1:34:20,3:23:0.13"),
        row(104, "A", "LowSupport;SB", "0/1:34:20,3:23:0.13"),
        row(105, "A", "q0", "0/1:34:20,3:23:0.13"),
        row(106, "A", ".", "0/1:34:20,3:23:0.13"),
        row(107, "A", "PASS", "0/0:34:20,3:23:0.13"),
        row(108, "<M>", "PASS", "0/0:34:20,3:23:0.13"),
        row(109, "A", "PASS", "0/1:34:20,3:23:0.13"),
    ];
    let (vcf, account) = read_lines(LOCAL_APP, &lines.each_ref().map(String::as_str));
    assert_eq!(vcf.variants.iter().map(|variant| variant.position).collect::<Vec<_>>(), [109]);
    assert_eq!(places(&account), [(IssueCode::VcfFilterMissing, Some(20), None)]);
    let expected = [
        (14, 3, IssueCode::RowReference, IssueCode::RowReference.meaning()),
        (16, 1, IssueCode::RowFiltered, "reference call, FILTER LowDP"),
        (17, 2, IssueCode::RowFiltered, "FILTER LowSupport;SB"),
        (19, 1, IssueCode::RowFiltered, "FILTER q0"),
        (20, 1, IssueCode::VcfFilterMissing, IssueCode::VcfFilterMissing.meaning()),
        (21, 1, IssueCode::VcfGenotypeReference, IssueCode::VcfGenotypeReference.meaning()),
    ];
    assert_eq!(listed(&account), expected.map(|(line, count, code, text)| (line, count, code, text.to_owned())));
    assert_eq!((counted(&account), account.ledger.open_rows().len()), (10, 1));
}

#[test]
fn alleles_of_one_line_have_their_own_values() {
    for (head, alternates, format, sample, expected) in [
        (
            DRAGEN,
            "A,G",
            "GT:AD:AF:DP",
            "1/2:10,5,3:0.25,0.15:20",
            vec![("A", Some(5), Some(20), Some("0.25")), ("G", Some(3), Some(20), Some("0.15"))],
        ),
        (DRAGEN, "A,<NON_REF>", "GT:AD:AF:DP", "0/1:10,5,0:0.33,0.00:15", vec![("A", Some(5), Some(15), Some("0.33"))]),
        (DRAGEN, "A,<NON_REF>", "GT:AD:AF:DP", "0/1:10,5:0.33:15", vec![("A", Some(5), Some(15), Some("0.33"))]),
        (DRAGEN, "*,A", "GT:AD:AF:DP", "1/2:10,2,5:0.1,0.3:17", vec![("A", Some(5), Some(17), Some("0.3"))]),
        (DRAGEN, "A,G", "GT:AD:AF:DP", "0/2:10,5,3:0.25,0.15:20", vec![("G", Some(3), Some(20), Some("0.15"))]),
        (LOCAL_APP, "A,<M>", "GT:AD:DP:VF", "1/2:34,6,2:42:0.143", vec![("A", Some(6), Some(42), Some("0.143"))]),
        (LOCAL_APP, "<M>,A", "GT:AD:DP:VF", "1/2:34,2,6:42:0.143", vec![("A", Some(6), Some(42), Some("0.143"))]),
    ] {
        let line = format!("chr7\t100\t.\tT\t{alternates}\t0\tPASS\t.\t{format}\t{sample}");
        let (vcf, account) = read_lines(head, &[&line]);
        assert_eq!(values(&vcf.variants), expected, "{alternates}");
        let expected =
            if alternates == "A,G" && sample.starts_with("0/2") { vec![IssueCode::VcfAlleleNotCalled] } else { vec![] };
        assert_eq!(codes(&account), expected, "{alternates}");
        assert_eq!(account.ledger.open_rows().len(), 1, "the alleles of a line share its row");
    }
}

#[test]
fn values_that_belong_to_no_allele_are_not_given_to_one() {
    // Pisces writes one VF for two alternative alleles: their sum.
    let line = "chr7\t100\t.\tT\tA,G\t0\tPASS\t.\tGT:AD:DP:VF\t1/2:12,9:40:0.525";
    let (vcf, account) = read_lines(LOCAL_APP, &[line]);
    assert_eq!(values(&vcf.variants), [("A", Some(12), Some(40), None), ("G", Some(9), Some(40), None)]);
    assert_eq!(places(&account), [(IssueCode::VcfValueCount, Some(14), Some("VF"))]);
    assert!(vcf.variants.iter().all(|it| it.extra == [("VF".to_owned(), "0.525".to_owned())]));

    for (format, sample, code, column, expected) in [
        ("GT:AD:AF:DP", "0/1:10,5,3:0.3:20", IssueCode::VcfValueCount, "AD", ("A", None, Some(20), Some("0.3"))),
        ("GT:AD:AF:DP", "0/1:5:0.3:20", IssueCode::VcfValueCount, "AD", ("A", None, Some(20), Some("0.3"))),
        ("GT:AD:AF:DP", "0/1:10,5:0.3,0.1:20", IssueCode::VcfValueCount, "AF", ("A", Some(5), Some(20), None)),
        ("GT:AD:AF:DP", "0/1:10,5:1.5:20", IssueCode::VcfValueInvalid, "AF", ("A", Some(5), Some(20), None)),
        ("GT:AD:AF:DP", "0/1:10,5:0,3:20", IssueCode::VcfValueCount, "AF", ("A", Some(5), Some(20), None)),
        ("GT:AD:AF:DP", "0/1:10,5:0.3:2O", IssueCode::VcfValueInvalid, "DP", ("A", Some(5), None, Some("0.3"))),
        ("GT:AD:AF:DP", "0/1:10,x:0.3:20", IssueCode::VcfValueInvalid, "AD", ("A", None, Some(20), Some("0.3"))),
        ("GT:AD:AF:DP", "0/1:0,50:0.3:20", IssueCode::VcfValueInvalid, "AD", ("A", None, Some(20), Some("0.3"))),
        ("GT:DP:PS", "0/1:20:x", IssueCode::VcfValueInvalid, "PS", ("A", None, Some(20), None)),
    ] {
        let line = format!("chr7\t100\t.\tT\tA\t0\tPASS\t.\t{format}\t{sample}");
        let (vcf, account) = read_lines(DRAGEN, &[&line]);
        assert_eq!(places(&account), [(code, Some(12), Some(column))], "{sample}");
        assert_eq!(values(&vcf.variants), [expected], "{sample}");
        assert_eq!(vcf.variants[0].extra.len(), 1, "{sample}: the text is kept");
    }
}

#[test]
fn the_genotype_decides_which_alleles_are_called() {
    for (alternates, sample, alleles, codes_expected) in [
        ("A", "0/1", &["A"][..], &[][..]),
        ("A", "1", &["A"], &[]),
        ("A", "./.", &["A"], &[IssueCode::VcfGenotypeMissing]),
        ("A", ".", &["A"], &[IssueCode::VcfGenotypeMissing]),
        ("A", "0/.", &[], &[IssueCode::VcfAlleleNotCalled]),
        // Pisces, genotype of other alleles: the allele of the line is not in it.
        ("A,<M>", "2/2", &[], &[IssueCode::VcfAlleleNotCalled]),
        ("A,<DEL>", "1/2", &["A"], &[IssueCode::VcfAlleleUnsupported]),
        ("A,<DEL>", "0/2", &[], &[IssueCode::VcfAlleleUnsupported]),
        ("<DEL>", "0/1", &[], &[IssueCode::VcfAlleleUnsupported]),
        ("T[chr2:5[", "0/1", &[], &[IssueCode::VcfAlleleUnsupported]),
    ] {
        let line = format!("chr7\t100\t.\tT\t{alternates}\t0\tPASS\t.\tGT\t{sample}");
        let (vcf, account) = read_lines(DRAGEN, &[&line]);
        let found: Vec<&str> = vcf.variants.iter().map(|variant| variant.alternative.as_str()).collect();
        assert_eq!(found, alleles, "{alternates} {sample}");
        assert_eq!(codes(&account), codes_expected, "{alternates} {sample}");
        assert_eq!(counted(&account), 1);
        assert_eq!(
            vcf.variants.iter().any(|it| it.is_genotype_missing),
            codes_expected == [IssueCode::VcfGenotypeMissing]
        );
    }
    // A caller that writes no genotypes calls what it writes.
    let (vcf, account) = read_lines(DRAGEN, &["chr7\t100\t.\tT\tA\t0\tPASS\t.\tAD\t10,5"]);
    assert_eq!((vcf.variants.len(), codes(&account)), (1, vec![]));
}

#[test]
fn the_germline_status_is_what_the_file_says() {
    for (info, status, code) in [
        ("GermlineStatus=Germline_DB", Some(GermlineStatus::GermlineDatabase), None),
        ("GermlineStatus=Germline_Proxi", Some(GermlineStatus::GermlineProximity), None),
        ("DP=5;GermlineStatus=Somatic", Some(GermlineStatus::Somatic), None),
        ("GermlineStatus=Somatic_Putative_CH;DP=5", Some(GermlineStatus::SomaticPutativeCh), None),
        (".", None, None),
        ("GermlineStatus=somatic", None, Some(IssueCode::VcfGermlineStatusUnknown)),
        ("GermlineStatus=Somatic;GermlineStatus=Germline_DB", None, Some(IssueCode::VcfInfoInvalid)),
    ] {
        let (vcf, account) = read_lines(DRAGEN, &[&format!("chr7\t100\t.\tT\tA\t0\tPASS\t{info}\tGT\t0/1")]);
        assert_eq!(vcf.variants[0].germline_status, status, "{info}");
        assert_eq!(codes(&account), Vec::from_iter(code), "{info}");
    }
}

/// The three lines of one multi-nucleotide variant, as DRAGEN writes them.
const TAG: &str = "MNVTAG=chr1:36936791_TGCCCGC->GGTGGGG";
const FIRST: &str = "chr1\t36936791\t.\tT\tG\t.\tPASS\tDP=565;MNVTAG=chr1:36936791_TGCCCGC->GGTGGGG\tGT:AD:AF:DP:PS\t0|1:282,275:0.4937:557:36936791";
const WHOLE: &str = "chr1\t36936791\t.\tTGCCCGC\tGGTGGGG\t.\tPASS\tDP=570;MNVTAG=chr1:36936791_TGCCCGC->GGTGGGG\tGT:AD:AF:DP\t0/1:289,266:0.4793:555";
const LAST: &str = "chr1\t36936797\t.\tC\tG\t.\tPASS\tDP=570;MNVTAG=chr1:36936791_TGCCCGC->GGTGGGG\tGT:AD:AF:DP:PS\t0|1:289,266:0.4793:555:36936791";

#[test]
fn a_multi_nucleotide_variant_is_one_finding() {
    for lines in [[FIRST, WHOLE, LAST], [LAST, FIRST, WHOLE]] {
        let (vcf, account) = read_lines(DRAGEN, &lines);
        assert_eq!(vcf.variants.len(), 1);
        assert_eq!((vcf.variants[0].reference.as_str(), vcf.variants[0].alternative.as_str()), ("TGCCCGC", "GGTGGGG"));
        assert_eq!(codes(&account), []);
        let text = "part of the multi-nucleotide variant chr1:36936791 TGCCCGC>GGTGGGG";
        let reasons: Vec<_> = listed(&account).into_iter().map(|(_, _, code, text)| (code, text)).collect();
        assert_eq!(reasons, vec![(IssueCode::VcfMnvComponent, text.to_owned()); 2]);
        let mut parts: Vec<_> = vcf.components.iter().map(|part| (part.key.clone(), part.mnv.clone())).collect();
        parts.sort();
        let mnv = VariantKey::new("1", 36_936_791, "TGCCCGC", "GGTGGGG");
        let first = (VariantKey::new("1", 36_936_791, "T", "G"), mnv.clone());
        assert_eq!(parts, [first, (VariantKey::new("1", 36_936_797, "C", "G"), mnv)]);
        assert_eq!(account.ledger.open_rows(), [vcf.variants[0].row]);
    }
}

#[test]
fn parts_stay_where_the_whole_is_not_called_or_does_not_fit() {
    // The whole is filtered: nothing else tells the parts.
    let (vcf, account) = read_lines(DRAGEN, &[FIRST, &WHOLE.replace("PASS", "weak_evidence"), LAST]);
    assert_eq!((vcf.variants.len(), vcf.components.len(), codes(&account)), (2, 0, vec![]));
    // Another base, another place, another copy.
    let elsewhere = format!("chr1\t36936799\t.\tC\tG\t.\tPASS\t{TAG}\tGT\t0/1");
    let other_base = format!("chr1\t36936797\t.\tC\tA\t.\tPASS\t{TAG}\tGT\t0/1");
    let other_chromosome = format!("chr7\t36936797\t.\tC\tG\t.\tPASS\t{TAG}\tGT\t0/1");
    for line in [elsewhere.as_str(), &other_base, &other_chromosome] {
        let (vcf, account) = read_lines(DRAGEN, &[WHOLE, line]);
        assert_eq!((vcf.variants.len(), vcf.components.len()), (2, 0), "{line}");
        assert_eq!(places(&account), [(IssueCode::VcfMnvInconsistent, Some(13), Some("MNVTAG"))], "{line}");
    }
    let (vcf, account) = read_lines(DRAGEN, &[FIRST, WHOLE, &LAST.replace("555:36936791", "555:36936797")]);
    assert_eq!(vcf.variants.len(), 3);
    assert_eq!(codes(&account), [IssueCode::VcfMnvInconsistent; 2]);
    let (vcf, account) = read_lines(DRAGEN, &[&FIRST.replace("->", "=>")]);
    assert_eq!((vcf.variants.len(), codes(&account)), (1, vec![IssueCode::VcfInfoInvalid]));
}
