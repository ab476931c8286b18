//! Any bytes as a VCF of every kind: no panic, and a refused file leaves no row open and says why.
#![no_main]

use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::tso500::vcf::{Source, copy_numbers, exon_copy_numbers, small_variants, splice_variants};
use libfuzzer_sys::fuzz_target;

const HEAD: &str = "##fileformat=VCFv4.2\n##source=Pisces 5\n##reference=hg19\n##FORMAT=<ID=AD,Number=R>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n";

fuzz_target!(|data: &[u8]| {
    let file: Arc<str> = Arc::from("Results/IPD9001-D01-P01-A08.vcf");
    let limits = Limits::default();
    // Once as it is, once as the lines under a header.
    for content in [data.to_vec(), [HEAD.as_bytes(), data, b"\n"].concat()] {
        let source = Source { file: &file, length: content.len() as u64, sample_id: Some("IPD9001-D01-P01-A08") };
        for kind in 0..4 {
            let mut account = Account::default();
            let is_used = match kind {
                0 => small_variants(source, content.as_slice(), &limits, &mut account).is_some(),
                1 => copy_numbers(source, content.as_slice(), &limits, &mut account).is_some(),
                2 => exon_copy_numbers(source, content.as_slice(), &limits, &mut account).is_some(),
                _ => splice_variants(source, content.as_slice(), &limits, &mut account).is_some(),
            };
            if !is_used {
                assert!(account.ledger.open_rows().is_empty(), "a refused file leaves no row open");
                assert!(!account.issues.is_empty(), "a refused file says why");
            }
        }
    }
});
