//! Any bytes as a FHIR referral: no panic, every row ends held or listed, and a refusal has a reason.
#![no_main]

use std::sync::{Arc, LazyLock};

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::ids::Identity;
use impress_gateway::domain::issue::Severity;
use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::sources::ehr_fhir::genomics::{identified, pseudonymous};
use impress_gateway::sources::ehr_fhir::{Context, looks_like, outcome, read};
use impress_gateway::startup::{ReferenceData, reference_data};
use libfuzzer_sys::fuzz_target;

static DATA: LazyLock<ReferenceData> = LazyLock::new(|| reference_data(None).expect("the tables are valid"));

fuzz_target!(|data: &[u8]| {
    let _ = looks_like(data);
    let mut account = Account::default();
    let (file, limits) = (Arc::from("f.json"), Limits::default());
    // Without the check of the Bundle, more gets in: the reader must bear that too.
    let context = Context {
        file: &file,
        limits: &limits,
        code_tables: &DATA.code_tables,
        trusts: &DATA.trusts,
        synthetic: SyntheticNumbers::Accepted,
        conformance: &|_| Vec::new(),
    };
    let result = read(data, context, &mut account);
    let is_fatal = account.issues.iter().any(|issue| issue.code.severity() == Severity::Fatal);
    assert_eq!(is_fatal, result.is_err());
    let _ = outcome(&account.issues);
    let Ok(reading) = result else { return };
    assert_eq!(account.ledger.open_rows().len(), reading.held.len());
    let id = |kind: &str, identity: &Identity| format!("{kind}-{}", identity.key.len());
    for genomic in &reading.genomics {
        let _ = identified(genomic, &id);
    }
    let _ = pseudonymous(&reading.genomics, &id);
});
