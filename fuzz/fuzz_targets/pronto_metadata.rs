//! Any bytes as a file of this family: no panic, and a refused file lists every row and says why.
#![no_main]

use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::tso500::pronto_metadata::parse;
use impress_gateway::sources::tso500::text::Text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file: Arc<str> = Arc::from("InPreD_PRONTO_metadata.txt");
    let Ok(text) = Text::from_bytes(&file, data.to_vec()) else { return };
    let mut account = Account::default();
    match parse(&text, &Limits::default(), &mut account) {
        Some(table) => {
            let open = account.ledger.open_rows();
            assert!(table.rows.iter().all(|row| open.contains(&row.row)), "a row that is read stays open");
            assert_eq!(open.len(), table.rows.len(), "all other rows are listed");
        }
        None => {
            assert!(account.ledger.open_rows().is_empty(), "a refused file leaves no row open");
            assert!(!account.issues.is_empty(), "a refused file says why");
        }
    }
});
