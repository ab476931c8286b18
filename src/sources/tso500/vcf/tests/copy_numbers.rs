//! Copy number VCFs.

use super::*;
use crate::domain::decimal::Decimal;
use crate::sources::tso500::cells::change_kind::ChangeKind;
use crate::sources::tso500::vcf::wire::{CopyNumberVcf, ExonCopyNumberVcf};
use crate::sources::tso500::vcf::{copy_numbers, exon_copy_numbers};

const CRAFT: &str = "##fileformat=VCFv4.1
##source=Craft 1.0.0.52
##reference=/opt/illumina/resources/genomes/hg19_hardPAR
##fileformat=VCFv4.1
##ALT=<ID=CNV,Description=\"Copy number variable region\">
##FORMAT=<ID=FC,Number=1,Type=Float,Description=\"Fold Change\">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSAMPLE
";

const EXONS: &str = "##fileformat=VCFv4.1
##20260807=fileDate=20260101=20260807
##source=LrCalculator 1.0.0.11
##reference=file:resource_bundle/hg19_decoy/
##FILTER=<ID=Undetermined,Number=1,Type=String,Description=\"Both segments, of this gene\">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1
";

fn read_copies(head: &str, lines: &[&str]) -> (CopyNumberVcf, Account) {
    let content: String =
        std::iter::once(head.to_owned()).chain(lines.iter().map(|line| format!("{line}\n"))).collect();
    let (file, limits, mut account) = (Arc::from("a.vcf"), Limits::default(), Account::default());
    let vcf = copy_numbers(source(&file, content.as_bytes(), None), content.as_bytes(), &limits, &mut account);
    (vcf.unwrap(), account)
}

fn read_exons(lines: &[&str]) -> (ExonCopyNumberVcf, Account) {
    let content: String =
        std::iter::once(EXONS.to_owned()).chain(lines.iter().map(|line| format!("{line}\n"))).collect();
    let (file, limits, mut account) = (Arc::from("a.vcf"), Limits::default(), Account::default());
    let vcf = exon_copy_numbers(source(&file, content.as_bytes(), None), content.as_bytes(), &limits, &mut account);
    (vcf.unwrap(), account)
}

#[test]
fn gains_and_losses_of_both_pipelines() {
    let dragen = [
        "chr1\t2489163\tDRAGEN:REF:chr1:2489163-2494714\tN\t.\t3\tPASS\tEND=2494714;SEGID=TNFRSF14\tGT:SM:BC:PE\t./.:1.39098:7:1,7",
        "chr1\t9770511\tDRAGEN:GAIN:chr1:9770512-9787106\tN\t<DUP>\t9\tPASS\tSVTYPE=CNV;END=9787106;SEGID=PIK3CD\tGT:SM:BC:PE\t./1:1.49428:22:15,10",
        "chr1\t10070339\tDRAGEN:LOSS:chr1:10070340-10142948\tN\t<DEL>\t43\tPASS\tSVTYPE=CNV;END=10142948;SEGID=MYCL1\tGT:SM:BC:PE\t0/1:0.614134:43:1,1",
        "chr1\t11070339\tDRAGEN:LOSS:chr1:11070340-11142948\tN\t<DEL>\t43\tLoDFail\tSVTYPE=CNV;END=11142948;SEGID=MTOR\tGT:SM:BC:PE\t0/1:0.9:43:1,1",
    ];
    let (vcf, account) = read_copies(DRAGEN, &dragen);
    assert_eq!(codes(&account), []);
    let found: Vec<_> = vcf
        .copy_numbers
        .iter()
        .map(|it| {
            (
                it.gene.as_str(),
                it.kind,
                it.reported_type.as_str(),
                it.fold_change.as_ref().map(Decimal::as_str),
                &it.absolute_copy_number,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("PIK3CD", ChangeKind::Gain, "<DUP>", Some("1.49428"), &None),
            ("MYCL1", ChangeKind::Loss, "<DEL>", Some("0.614134"), &None),
        ]
    );
    let entries: Vec<_> = listed(&account).into_iter().map(|(line, count, code, _)| (line, count, code)).collect();
    assert_eq!(entries, [(12, 1, IssueCode::RowNeutral), (15, 1, IssueCode::RowFiltered)]);

    let craft = [
        "chr7\t55086714\t.\tT\t<DUP>\t100\tPASS\tSVTYPE=CNV;END=55324313;ANT=EGFR\tFC\t4.464",
        "chr7\t116312444\t.\tT\t.\t10\tPASS\tSVTYPE=CNV;END=116438440;ANT=MET\tFC\t1.036",
        "chr13\t32889611\t.\tT\t<DEL>\t10\tLowValidation\tSVTYPE=CNV;END=32973805;ANT=BRCA2\tFC\t0.6",
    ];
    let (vcf, account) = read_copies(CRAFT, &craft);
    assert_eq!((codes(&account), vcf.head.sample_column.as_str()), (vec![], "SAMPLE"));
    assert_eq!((vcf.copy_numbers.len(), vcf.copy_numbers[0].gene.as_str()), (1, "EGFR"));
    assert_eq!(vcf.copy_numbers[0].fold_change.as_ref().map(Decimal::as_str), Some("4.464"));
    assert_eq!((counted(&account), account.ledger.open_rows().len()), (3, 1));
}

#[test]
fn a_region_without_direction_is_decided_by_its_copies() {
    for (chromosome, info, expected) in [
        ("chr7", "CN=6;ANT=EGFR", Some((ChangeKind::Gain, "6"))),
        ("chr7", "CN=1;ANT=EGFR", Some((ChangeKind::Loss, "1"))),
        ("chr7", "CN=2;ANT=EGFR", None),
        ("chr7", "ANT=EGFR", None),
        // One copy is normal for some.
        ("chrX", "CN=1;ANT=AR", None),
    ] {
        let (vcf, account) =
            read_copies(CRAFT, &[&format!("{chromosome}\t100\t.\tT\t<CNV>\t9\tPASS\t{info}\tFC\t1.5")]);
        let copies = |it: &crate::sources::tso500::wire::CopyNumberVariant| it.absolute_copy_number.clone().unwrap();
        let found = vcf.copy_numbers.first().map(|it| (it.kind, copies(it).as_str().to_owned()));
        assert_eq!(found, expected.map(|(kind, copies)| (kind, copies.to_owned())), "{chromosome} {info}");
        assert_eq!(codes(&account), if expected.is_some() { vec![] } else { vec![IssueCode::TypeUnknown] }, "{info}");
    }
}

#[test]
fn damaged_lines_of_a_copy_number_vcf() {
    let good = ["chr7", "100", ".", "N", "<DUP>", "9", "PASS", "END=200;SEGID=EGFR", "GT:SM", "0/1:1.5"];
    for (column, value, code, place) in [
        (0, "chr99", IssueCode::VcfChromosomeInvalid, "CHROM"),
        (1, "-1", IssueCode::VcfPositionInvalid, "POS"),
        (2, "DRAGEN:LOSS:chr7:101-200", IssueCode::ValueContradictory, "ID"),
        (4, "<INV>", IssueCode::TypeUnknown, "ALT"),
        (4, "<DUP>,<DEL>", IssueCode::TypeUnknown, "ALT"),
        (4, "T", IssueCode::TypeUnknown, "ALT"),
        (6, ".", IssueCode::VcfFilterMissing, "FILTER"),
        (6, "", IssueCode::VcfFilterInvalid, "FILTER"),
        (7, "END=200", IssueCode::VcfGeneMissing, "SEGID"),
        (7, "SEGID=no gene", IssueCode::GeneInvalid, "SEGID"),
        (7, "SEGID=EGFR;SEGID=MET", IssueCode::VcfInfoInvalid, "SEGID"),
        (8, "GT", IssueCode::VcfFormatInvalid, "FORMAT"),
        (9, "0/3:1.5", IssueCode::VcfGenotypeInvalid, "GT"),
    ] {
        let mut cells = good;
        cells[column] = value;
        let (vcf, account) = read_copies(DRAGEN, &[&cells.join("\t"), &good.join("\t")]);
        assert_eq!(places(&account), [(code, Some(12), Some(place))], "{value}");
        assert_eq!((vcf.copy_numbers.len(), counted(&account)), (1, 2), "{value}");
    }
    let (vcf, account) = read_copies(DRAGEN, &["chr7\t100\t.\tN\t<DUP>\t9\tPASS\tSEGID=EGFR\tGT:SM\t0/1:high"]);
    assert_eq!(places(&account), [(IssueCode::VcfValueInvalid, Some(12), Some("SM"))]);
    assert_eq!((&vcf.copy_numbers[0].fold_change, vcf.copy_numbers[0].extra.len()), (&None, 1));
    let (vcf, account) = read_copies(DRAGEN, &["chr7\t100\t.\tN\t<DUP>\t9\tPASS\tSEGID=EGFR\tGT:SM\t0/0:1.5"]);
    assert_eq!((vcf.copy_numbers.len(), listed(&account)[0].2), (0, IssueCode::VcfGenotypeReference));
}

#[test]
fn exons_of_brca_genes() {
    let lines = [
        "chr17\t41243452\t.\tN\t<DEL>\t.\tPASS\tSVTYPE=CNV;END=41277500;GENE=BRCA1\tGT:FC\t./1:0.532",
        "chr13\t32889611\t.\tN\t.\t.\tUndetermined\tSVTYPE=CNV;END=32973805;GENE=BRCA2\tGT:FC\t./.:0.978",
    ];
    let (vcf, account) = read_exons(&lines);
    assert_eq!(places(&account), [(IssueCode::LayoutUnverified, Some(7), None)]);
    assert_eq!((vcf.exon_copy_numbers.len(), vcf.genes_not_assessed), (1, vec!["BRCA2".to_owned()]));
    let change = &vcf.exon_copy_numbers[0];
    assert_eq!((change.gene.as_str(), change.chromosome.as_str(), change.kind), ("BRCA1", "17", ChangeKind::Loss));
    // The base before the event stands at POS (VCF 4.1 section 1.4.1).
    assert_eq!((change.start, change.stop), (Some(41_243_453), Some(41_277_500)));
    assert_eq!(change.fold_change.as_ref().map(Decimal::as_str), Some("0.532"));
    assert_eq!(listed(&account)[0].2, IssueCode::RowFiltered);

    let (vcf, account) = read_exons(&["chr17\t41243452\t.\tN\t.\t.\tPASS\tEND=41277500;GENE=BRCA1\tGT:FC\t./.:1.0"]);
    assert_eq!((vcf.genes_not_assessed.len(), listed(&account)[0].2), (0, IssueCode::RowNeutral));
    for (line, code, column) in [
        (
            "chr17\t41243452\t.\tN\t<DEL>\t.\tPASS\tEND=41243452;GENE=BRCA1\tGT:FC\t./1:0.5",
            IssueCode::VcfEndInvalid,
            "END",
        ),
        ("chr17\t41243452\t.\tN\t<DEL>\t.\tPASS\tGENE=BRCA1\tGT:FC\t./1:0.5", IssueCode::VcfEndInvalid, "END"),
        ("chr17\t41243452\t.\tN\t<DEL>\t.\tPASS\tEND=41277500\tGT:FC\t./1:0.5", IssueCode::VcfGeneMissing, "GENE"),
        (
            "chr17\t41243452\t.\tN\t<INS>\t.\tPASS\tEND=41277500;GENE=BRCA1\tGT:FC\t./1:0.5",
            IssueCode::TypeUnknown,
            "ALT",
        ),
    ] {
        let (vcf, account) = read_exons(&[line]);
        assert_eq!(places(&account), [(code, Some(7), Some(column))], "{line}");
        assert_eq!((vcf.exon_copy_numbers.len(), counted(&account)), (0, 1), "{line}");
    }
}
