//! Any bytes as AllFusions.csv and as the Fusions.csv of ctDNA: no panic, and every row is kept or listed.
#![no_main]

use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::tso500::text::Text;
use impress_gateway::sources::tso500::{all_fusions, dna_fusions_table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file: Arc<str> = Arc::from("Results/IPD9001-R03-P01-A08_AllFusions.csv");
    let Ok(text) = Text::from_bytes(&file, data.to_vec()) else { return };
    let limits = Limits::default();
    let mut account = Account::default();
    let rna = all_fusions::parse(&text, &limits, &mut account);
    let kept: Vec<_> = rna.iter().flat_map(|table| table.kept.iter().map(|fusion| fusion.row)).collect();
    assert_eq!(account.ledger.open_rows(), kept, "a row is kept or listed");
    let mut account = Account::default();
    let dna = dna_fusions_table::parse(&text, "IPD9001-C01-L01-B08", &limits, &mut account);
    let kept: Vec<_> = dna.iter().flat_map(|table| table.fusions.iter().map(|fusion| fusion.row)).collect();
    assert_eq!(account.ledger.open_rows(), kept, "a row is kept or listed");
});
