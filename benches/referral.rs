//! A referral of each format from bytes to Bundle and receipt: parsed, mapped into the identified face, validated.
//! `cargo bench --bench referral`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a bench that cannot set itself up has nothing to measure"
)]

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use impress_gateway::config::Config;
use impress_gateway::domain::ids::Face;
use impress_gateway::pipeline::referral::{Asked, ReferralGateway, Stamp, translate_as};
use impress_gateway::startup::load_referrals;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FORMATS: [&str; 3] = ["henvisning.xml", "hl7v2.hl7", "ehr-fhir.json"];

fn main() {
    divan::main();
}

fn gateway() -> ReferralGateway {
    let synthetic = ("IMPRESS_GATEWAY__IDENTITY__ACCEPT_SYNTHETIC".to_owned(), "true".to_owned());
    load_referrals(&Config::load(None, [synthetic]).unwrap()).unwrap()
}

fn message(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/one-patient");
    std::fs::read(folder.join(name)).unwrap()
}

fn translate(bencher: Bencher<'_, '_>, name: &str, other: Option<Face>) {
    let (gateway, message) = (gateway(), message(name));
    let generated = "2026-03-01T12:00:00Z".parse().unwrap();
    let stamp = || Stamp { id: "0f000001-0000-4000-8000-0000000000ff", generated };
    bencher.counter(ItemsCount::new(1_usize)).bench(|| {
        let asked = Asked { face: Face::Identified, other, amend: &|_| {} };
        let translation = translate_as(&gateway, &message, name, stamp(), asked);
        assert!(translation.bundle.is_some());
        translation
    });
}

/// One face, as `translate referral` makes it.
#[divan::bench(args = FORMATS)]
fn one_face(bencher: Bencher<'_, '_>, name: &str) {
    translate(bencher, name, None);
}

/// Both faces, as the service makes them.
#[divan::bench(args = FORMATS)]
fn both_faces(bencher: Bencher<'_, '_>, name: &str) {
    translate(bencher, name, Some(Face::Pseudonymous));
}
