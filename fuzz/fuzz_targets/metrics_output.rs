//! Any bytes as a file of this family: no panic, and a refused file lists every row and says why.
#![no_main]

use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::tso500::metrics_output::parse;
use impress_gateway::sources::tso500::text::Text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file: Arc<str> = Arc::from("Results/IPD9001-D01-P01-A08_TMB_Trace.tsv");
    let Ok(text) = Text::from_bytes(&file, data.to_vec()) else { return };
    let mut account = Account::default();
    if parse(&text, &Limits::default(), &mut account).is_none() {
        assert!(account.ledger.open_rows().is_empty(), "a refused file leaves no row open");
        assert!(!account.issues.is_empty(), "a refused file says why");
    }
});
