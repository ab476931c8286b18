//! Any bytes as a file of this family: no panic, and a refused file lists every row and says why.
#![no_main]

use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::tso500::small_variant_table::parse;
use impress_gateway::sources::tso500::text::Text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file: Arc<str> = Arc::from("IPD9001-D01-P01-A15_small_variant_table_forQC.tsv");
    let Ok(text) = Text::from_bytes(&file, data.to_vec()) else { return };
    let mut account = Account::default();
    match parse(&text, &Limits::default(), &mut account) {
        Some(table) => {
            let open = account.ledger.open_rows();
            assert!(table.rows.iter().all(|row| open.contains(&row.row)), "a row that is read stays open");
            let comments = [
                table.version.map(|held| held.row),
                table.tumor_purity.map(|held| held.row),
                table.coding_region_size.map(|held| held.row),
                table.matched_normal.map(|held| held.row),
                table.matched_rna.map(|held| held.row),
            ];
            assert_eq!(open.len(), table.rows.len() + comments.iter().flatten().count(), "all other rows are listed");
        }
        None => {
            assert!(account.ledger.open_rows().is_empty(), "a refused file leaves no row open");
            assert!(!account.issues.is_empty(), "a refused file says why");
        }
    }
});
