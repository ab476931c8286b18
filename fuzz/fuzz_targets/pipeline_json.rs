//! Any bytes as a JSON file of the pipelines: no panic, and a refused file says why and leaves no row open.
#![no_main]

use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::tso500::text::Text;
use impress_gateway::sources::tso500::{biomarker_json, sample_analysis_results};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file: Arc<str> = Arc::from("Results/IPD9001_SampleAnalysisResults.json");
    let Ok(text) = Text::from_bytes(&file, data.to_vec()) else { return };
    let limits = Limits::default();
    let check = |is_read: bool, account: &Account| {
        assert!(is_read || account.ledger.open_rows().is_empty(), "a refused file leaves no row open");
        assert!(is_read || !account.issues.is_empty(), "a refused file says why");
    };
    let mut account = Account::default();
    check(sample_analysis_results::parse(&text, &limits, &mut account).is_some(), &account);
    let mut account = Account::default();
    check(biomarker_json::parse_tmb(&text, &limits, &mut account).is_some(), &account);
    let mut account = Account::default();
    check(biomarker_json::parse_msi(&text, &limits, &mut account).is_some(), &account);
});
