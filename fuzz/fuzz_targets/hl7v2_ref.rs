//! Any bytes as an HL7 v2 referral: no panic, every row ends held or listed, and what can be answered is.
#![no_main]

use std::sync::{Arc, LazyLock};

use impress_gateway::domain::addressees::ANYBODY;
use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::sources::hl7v2_ref::acknowledge::{Stamp, acknowledge, levels};
use impress_gateway::sources::hl7v2_ref::binding::Bindings;
use impress_gateway::sources::hl7v2_ref::{Context, looks_like, read};
use impress_gateway::startup::{bindings, reference_data};
use libfuzzer_sys::fuzz_target;

static BINDINGS: LazyLock<Bindings> = LazyLock::new(|| {
    let codes = reference_data(None).expect("the tables are valid").code_tables;
    bindings(None, &Arc::new(codes)).expect("the bindings are valid")
});

fuzz_target!(|data: &[u8]| {
    let _ = looks_like(data);
    let mut account = Account::default();
    let (file, limits) = (Arc::from("f.hl7"), Limits::default());
    let (synthetic, addressees) = (SyntheticNumbers::Accepted, &ANYBODY);
    let context = Context { file: &file, limits: &limits, bindings: &BINDINGS, trusts: None, synthetic, addressees };
    let (held, header) = match read(data, context, &mut account) {
        Ok(reading) => (reading.held.len(), Some(reading.header)),
        Err(refused) => (0, refused.header.map(|header| *header)),
    };
    assert_eq!(account.ledger.open_rows().len(), held);
    if let Some(header) = header {
        let stamp = Stamp { control_id: "1", time: "20260101" };
        for level in levels(&header) {
            let _ = acknowledge(&header, &account.issues, *level, stamp);
        }
    }
});
