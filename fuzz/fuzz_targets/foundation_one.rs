//! Any bytes as XML and as a report of Foundation Medicine: no panic, and a refused document says why and leaves no row open.
#![no_main]

use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::foundation_one::{detect, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = detect(data);
    let mut account = Account::default();
    if parse(&Arc::from("report.xml"), data, &Limits::default(), &mut account).is_none() {
        assert!(account.ledger.open_rows().is_empty(), "a refused document leaves no row open");
        assert!(!account.issues.is_empty(), "a refused document says why");
    }
});
