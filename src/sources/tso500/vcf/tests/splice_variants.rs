//! Splice variant VCFs.

use super::*;
use crate::sources::tso500::vcf::splice_variants;
use crate::sources::tso500::vcf::wire::SpliceVcf;

const HEAD: &str = "##fileformat=VCFv4.1
##20260807=fileDate=20260101=20260807
##source=SpliceGirl 1.0.0.614
##reference=file:resource_bundle/hg19_decoy
##contig=<ID=chr7,length=159138663>
##QUAL=<Description=\"QUAL score correlates support for the read count of splice junctions, not Phred-scaled\">
##FILTER=<ID=LowQ,Description=\"Indicates the variant has a quality score below the passing threshold.\">
##FORMAT=<ID=AD,Number=1,Type=Integer,Description=\"SpliceSupportingReads\">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"ReferenceReads\">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSAMPLE
";

fn read_junctions(lines: &[&str]) -> (SpliceVcf, Account) {
    let content: String =
        std::iter::once(HEAD.to_owned()).chain(lines.iter().map(|line| format!("{line}\n"))).collect();
    let (file, limits, mut account) = (Arc::from("a.vcf"), Limits::default(), Account::default());
    let vcf = splice_variants(source(&file, content.as_bytes(), None), content.as_bytes(), &limits, &mut account);
    (vcf.unwrap(), account)
}

#[test]
fn junctions_that_passed() {
    let lines = [
        "chr1\t120464432\t.\tT\t<DEL>\t0\tLowQ;LowUniqueAlignments\tSVTYPE=DEL;END=120465258;ALTDEDUP=1;REFDEDUP=80\tAD:DP\t1:80",
        "chr2\t47637511\t.\tT\t<DEL>\t0\tLowQ;LowUniqueAlignments\tSVTYPE=DEL;END=47639583;ALTDEDUP=1;REFDEDUP=90\tAD:DP\t1:90",
        "chr2\t47637511\t.\tT\t<DEL>\t0\tLowQ;LowUniqueAlignments\tSVTYPE=DEL;END=47643556;ALTDEDUP=1;REFDEDUP=90\tAD:DP\t1:90",
        "chr7\t55087058\t.\tT\t<DEL>\t100\tPASS\tSVTYPE=DEL;END=55223522;ALTDEDUP=64;REFDEDUP=1;INTERGENIC=False\tAD:DP\t64:1",
        "chr7\t116411708\t.\tT\t<DEL>\t100\tPASS\tSVTYPE=DEL;END=116414934;INTERGENIC=True\tAD:DP\t91:1",
    ];
    let (vcf, account) = read_junctions(&lines);
    assert_eq!(codes(&account), []);
    let found: Vec<_> = vcf
        .junctions
        .iter()
        .map(|it| (it.chromosome, it.start, it.end, it.supporting_reads, it.reference_reads, it.is_intergenic))
        .collect();
    assert_eq!(
        found,
        [
            ("7", 55_087_058, 55_223_522, Some(64), Some(1), false),
            ("7", 116_411_708, 116_414_934, Some(91), Some(1), true),
        ]
    );
    let reasons: Vec<_> = listed(&account).into_iter().map(|(_, count, code, text)| (count, code, text)).collect();
    assert_eq!(reasons, [(3, IssueCode::RowFiltered, "FILTER LowQ;LowUniqueAlignments".to_owned())]);
}

#[test]
fn damaged_junctions() {
    let good = ["chr7", "100", ".", "T", "<DEL>", "100", "PASS", "END=200;ALTDEDUP=64", "AD:DP", "64:1"];
    for (column, value, code, place) in [
        (0, "chr0", IssueCode::VcfChromosomeInvalid, "CHROM"),
        (1, "1e2", IssueCode::VcfPositionInvalid, "POS"),
        (4, "<DUP>", IssueCode::TypeUnknown, "ALT"),
        (4, "<DEL>,<DEL>", IssueCode::TypeUnknown, "ALT"),
        (6, ".", IssueCode::VcfFilterMissing, "FILTER"),
        (7, "SVTYPE=DEL", IssueCode::VcfEndInvalid, "END"),
        (7, "END=100", IssueCode::VcfEndInvalid, "END"),
        (8, "AD", IssueCode::VcfFormatInvalid, "FORMAT"),
    ] {
        let mut cells = good;
        cells[column] = value;
        let (vcf, account) = read_junctions(&[&cells.join("\t"), &good.join("\t")]);
        assert_eq!(places(&account), [(code, Some(11), Some(place))], "{value}");
        assert_eq!((vcf.junctions.len(), counted(&account)), (1, 2), "{value}");
    }
    for (column, value, place, reads) in [
        (7, "END=200;ALTDEDUP=63", "AD", (None, Some(1))),
        (9, "x:1", "AD", (None, Some(1))),
        (9, "64:-1", "DP", (Some(64), None)),
    ] {
        let mut cells = good;
        cells[column] = value;
        let (vcf, account) = read_junctions(&[&cells.join("\t")]);
        assert_eq!(places(&account), [(IssueCode::VcfValueInvalid, Some(11), Some(place))], "{value}");
        assert_eq!((vcf.junctions[0].supporting_reads, vcf.junctions[0].reference_reads), reads, "{value}");
    }
    let (vcf, account) = read_junctions(&["chr7\t100\t.\tT\t.\t0\tPASS\tEND=200\tAD:DP\t0:90"]);
    assert_eq!((vcf.junctions.len(), listed(&account)[0].2), (0, IssueCode::RowReference));
}
