//! What holds for every input.

use proptest::prelude::*;

use super::*;
use crate::domain::decimal::Decimal;
use crate::domain::variant_key::VariantKey;
use crate::sources::tso500::vcf::{copy_numbers, exon_copy_numbers, splice_variants};

/// The data lines of a file, counted from its bytes: neither blank nor beginning with `#`.
fn data_lines(content: &[u8]) -> usize {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    content
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.iter().all(u8::is_ascii_whitespace) && line[0] != b'#')
        .count()
}

/// Codes with which a file is not read to its end.
const STOPS: [IssueCode; 7] = [
    IssueCode::VcfLineUnterminated,
    IssueCode::VcfContentUnknown,
    IssueCode::VcfGzipInvalid,
    IssueCode::FileEmpty,
    IssueCode::FileEncodingInvalid,
    IssueCode::VcfHeaderInvalid,
    IssueCode::FileLineTooLong,
];

/// Every line is in the ledger once, and what is open is what the result holds.
fn check(content: &[u8]) {
    check_as(content, content);
}

/// The same of a file whose text is `plain`.
fn check_as(content: &[u8], plain: &[u8]) {
    let (vcf, account) = read(content);
    let lines = data_lines(plain);
    match &vcf {
        Some(vcf) => {
            assert_eq!(counted(&account), lines);
            let mut held: Vec<_> = vcf.variants.iter().map(|variant| variant.row).collect();
            held.sort_unstable();
            held.dedup();
            assert_eq!(held, account.ledger.open_rows());
        }
        None => {
            assert!(!account.issues.is_empty(), "a refused file says why");
            assert_eq!(account.ledger.open_rows(), []);
            let is_stopped = codes(&account).iter().any(|code| STOPS.contains(code));
            let is_whole = counted(&account) == lines || (is_stopped && counted(&account) <= lines);
            assert!(is_whole, "{lines} lines, {} counted, {:?}", counted(&account), account.issues);
        }
    }
    let (file, limits) = (Arc::from("a.vcf"), Limits::default());
    let source = source(&file, content, Some("IPD9001-D01-P01-A08"));
    for kind in 0..3 {
        let mut account = Account::default();
        let held = match kind {
            0 => copy_numbers(source, content, &limits, &mut account).map(|vcf| vcf.copy_numbers.len()),
            1 => exon_copy_numbers(source, content, &limits, &mut account).map(|vcf| vcf.exon_copy_numbers.len()),
            _ => splice_variants(source, content, &limits, &mut account).map(|vcf| vcf.junctions.len()),
        };
        assert_eq!(account.ledger.open_rows().len(), held.unwrap_or(0));
        assert!(held.is_none() || counted(&account) == lines);
    }
}

/// A cell of a data line, right or wrong.
fn cell() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "chr7",
        "chr99",
        "hs37d5",
        "100",
        "0",
        "-1",
        ".",
        "T",
        "A",
        "A,G",
        "T,A",
        "<NON_REF>",
        "A,<NON_REF>",
        "<DEL>",
        "<DUP>",
        "*",
        "PASS",
        "q0;SB",
        "",
        "DP=20",
        "END=200;SEGID=EGFR",
        "MNVTAG=chr7:100_T->A",
        "GermlineStatus=Somatic",
        "GT:AD:AF:DP",
        "GT",
        "AD:DP",
        "GT:GT",
        "0/1:10,5:0.3:20",
        "0/1",
        "1/2:10,5,3:0.3,0.1:20",
        "./.",
        "0/0",
        "64:1",
        "Å",
        "\r",
    ])
}

proptest! {
    #[test]
    fn any_bytes_are_accounted(content in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&content);
        check(&[DRAGEN.as_bytes(), &content].concat());
        check(&[LOCAL_APP.as_bytes(), &content, b"\n"].concat());
        let plain = [DRAGEN.as_bytes(), &content].concat();
        check_as(&gzip(&plain), &plain);
        check_as(&bgzip(&plain, 100), &plain);
        let (vcf, account) = read(&[&b"\x1f\x8b\x08\0"[..], &content].concat());
        assert!(vcf.is_some() || account.ledger.open_rows().is_empty());
    }

    #[test]
    fn any_mixture_of_cells_is_accounted(lines in proptest::collection::vec(proptest::collection::vec(cell(), 1..12), 0..20)) {
        let text: String = lines.iter().map(|cells| cells.join("\t") + "\n").collect();
        check(format!("{DRAGEN}{text}").as_bytes());
        check(format!("{LOCAL_APP}{text}").as_bytes());
        check(text.as_bytes());
    }

    #[test]
    fn a_line_with_right_cells_is_accounted(cells in proptest::collection::vec(cell(), 10)) {
        // One column at a time is wrong.
        for (column, value) in cells.iter().enumerate() {
            let mut line = ["chr7", "100", ".", "T", "A,G", ".", "PASS", "DP=20", "GT:AD:AF:DP", "1/2:10,5,3:0.3,0.1:20"];
            line[column] = value;
            check(format!("{DRAGEN}{}\n", line.join("\t")).as_bytes());
        }
    }

    #[test]
    fn the_order_of_alleles_changes_nothing(
        alleles in proptest::collection::hash_set("[ACGT]{1,4}", 1..6),
        counts in proptest::collection::vec((0u32..500, 0u32..=1000), 6),
        seed in any::<prop::sample::Index>(),
    ) {
        let alleles: Vec<(String, u32, u32)> = alleles
            .into_iter()
            .filter(|allele| allele != "TCA")
            .zip(&counts)
            .map(|(allele, (depth, share))| (allele, *depth, *share))
            .collect();
        prop_assume!(!alleles.is_empty());
        let mut turned = alleles.clone();
        turned.rotate_left(seed.index(alleles.len()));
        if counts[0].0 % 2 == 0 {
            turned.reverse();
        }
        let found: Vec<Vec<_>> = [alleles, turned].iter().map(|alleles| {
            let join = |text: &dyn Fn(&(String, u32, u32)) -> String, separator: &str| {
                alleles.iter().map(text).collect::<Vec<_>>().join(separator)
            };
            let genotype = (1..=alleles.len()).map(|number| number.to_string()).collect::<Vec<_>>().join("/");
            let line = format!(
                "chr7\t100\t.\tTCA\t{}\t.\tPASS\t.\tGT:AD:AF:DP\t{genotype}:7,{}:{}:5000",
                join(&|allele| allele.0.clone(), ","),
                join(&|allele| allele.1.to_string(), ","),
                join(&|allele| format!("{:.3}", f64::from(allele.2) / 1000.0), ","),
            );
            let (vcf, account) = read_lines(DRAGEN, &[&line]);
            assert_eq!(codes(&account), []);
            let mut variants: Vec<_> = vcf.variants.iter().map(|it| {
                let key = VariantKey::new(it.chromosome, it.position, &it.reference, &it.alternative);
                (key, it.allele_depth, it.allele_frequency.as_ref().map(Decimal::to_string))
            }).collect();
            variants.sort();
            variants
        }).collect();
        prop_assert_eq!(found[0].len(), found[1].len());
        prop_assert_eq!(&found[0], &found[1]);
    }

    #[test]
    fn compression_changes_nothing(lines in proptest::collection::vec(proptest::collection::vec(cell(), 9..11), 0..20), block in 1usize..500) {
        let text: String = lines.iter().map(|cells| cells.join("\t") + "\n").collect();
        let plain = format!("{DRAGEN}{text}").into_bytes();
        let expected = read(&plain);
        for compressed in [gzip(&plain), bgzip(&plain, block)] {
            let (vcf, account) = read(&compressed);
            prop_assert_eq!(&vcf, &expected.0);
            prop_assert_eq!(&account.ledger, &expected.1.ledger);
        }
    }
}
