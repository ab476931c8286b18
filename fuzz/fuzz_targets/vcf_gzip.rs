//! Any bytes behind the first bytes of a gzip file: no panic, and a damaged file leaves no row open and says why.
#![no_main]

use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::tso500::vcf::{Source, small_variants};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file: Arc<str> = Arc::from("Results/IPD9001-D01-P01-A08.vcf.gz");
    let limits = Limits::default();
    let content = [b"\x1f\x8b", data].concat();
    let source = Source { file: &file, length: content.len() as u64, sample_id: None };
    let mut account = Account::default();
    if small_variants(source, content.as_slice(), &limits, &mut account).is_none() {
        assert!(account.ledger.open_rows().is_empty(), "a refused file leaves no row open");
        assert!(!account.issues.is_empty(), "a refused file says why");
    }
});
