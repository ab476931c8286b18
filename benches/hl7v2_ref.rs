//! An HL7 v2 referral: splitting, binding, acknowledging. `cargo bench --bench hl7v2_ref`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a bench that cannot set itself up has nothing to measure"
)]

use std::path::Path;
use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::addressees::ANYBODY;
use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::sources::hl7v2_ref::acknowledge::{Level, Stamp, acknowledge};
use impress_gateway::sources::hl7v2_ref::binding::Bindings;
use impress_gateway::sources::hl7v2_ref::er7::{self, CharacterSet};
use impress_gateway::sources::hl7v2_ref::{Context, read};
use impress_gateway::startup::{bindings, reference_data};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// The golden referral with one of each part, and with `results` results more.
fn message(results: usize) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/hl7v2-ref/new-2.5.1-utf8/input.hl7");
    let mut message = std::fs::read(path).unwrap();
    for number in 0..results {
        let segment = format!("OBX|{number}|NM|718-7^Hemoglobin^LN||12.50|g/dL|11.7-15.3|N|||F|||20260220\r");
        message.extend_from_slice(segment.as_bytes());
    }
    message
}

fn shipped() -> Bindings {
    bindings(None, &Arc::new(reference_data(None).unwrap().code_tables)).unwrap()
}

#[divan::bench(args = [0, 100])]
fn split(bencher: Bencher<'_, '_>, results: usize) {
    let (message, limits) = (message(results), Limits::default());
    bencher.counter(BytesCount::new(message.len())).bench(|| {
        let decoded =
            er7::open(&message, &limits).unwrap().decode(CharacterSet::Utf8, &limits, &mut Vec::new()).unwrap();
        decoded.segments().flat_map(|segment| segment.fields()).flat_map(|field| field.leaves()).count()
    });
}

#[divan::bench(args = [0, 100])]
fn referral(bencher: Bencher<'_, '_>, results: usize) {
    let (message, limits, bindings, file) = (message(results), Limits::default(), shipped(), Arc::from("m.hl7"));
    let context = Context {
        file: &file,
        limits: &limits,
        bindings: &bindings,
        trusts: None,
        synthetic: SyntheticNumbers::Accepted,
        addressees: &ANYBODY,
    };
    bencher.counter(BytesCount::new(message.len())).bench(|| {
        let mut account = Account::default();
        let reading = read(&message, context, &mut account).unwrap();
        let stamp = Stamp { control_id: "1", time: "20260301" };
        acknowledge(&reading.header, &account.issues, Level::Original, stamp).unwrap().len()
    });
}

#[divan::bench]
fn load_bindings(bencher: Bencher<'_, '_>) {
    let codes = Arc::new(reference_data(None).unwrap().code_tables);
    bencher.bench(|| bindings(None, &codes).unwrap());
}
