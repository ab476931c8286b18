//! Any bytes as an XML referral: no panic; a referral with the rows that its resources will hold, or a reason; a receipt that
//! is XML.
#![no_main]

use std::sync::{Arc, LazyLock};

use impress_gateway::domain::addressees::ANYBODY;
use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::limits::{Limits, XmlLimits};
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::sources::henvisning::{Context, Delivery, Stamp, app_rec, read};
use impress_gateway::sources::xml;
use impress_gateway::startup::{ReferenceData, reference_data};
use libfuzzer_sys::fuzz_target;

static REFERENCE: LazyLock<ReferenceData> = LazyLock::new(|| reference_data(None).expect("the embedded tables"));

fuzz_target!(|data: &[u8]| {
    let (file, limits): (Arc<str>, _) = ("message.xml".into(), Limits::default());
    let ReferenceData { trusts, code_tables } = &*REFERENCE;
    let (synthetic, addressees) = (SyntheticNumbers::Accepted, &ANYBODY);
    let context = Context { file: &file, limits: &limits, code_tables, trusts, synthetic, addressees };
    let mut account = Account::default();
    let result = read(data, context, &mut account);
    let (header, rejections) = match &result {
        Ok(reading) => {
            assert_eq!(account.ledger.open_rows().len(), reading.held.len());
            (Some(&reading.header), &[][..])
        }
        Err(refused) => {
            assert!(account.ledger.open_rows().is_empty(), "a refused message leaves no row open");
            assert!(!refused.rejections.is_empty() && !account.issues.is_empty(), "a refused message says why");
            (refused.header.as_ref(), refused.rejections.as_slice())
        }
    };
    let stamp = Stamp { id: "id", generated: Default::default() };
    if let Some(receipt) = header.and_then(|header| app_rec(header, rejections, Delivery::default(), stamp)) {
        assert!(xml::parse(receipt.as_bytes(), &XmlLimits::default()).is_ok());
    }
});
