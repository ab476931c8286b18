//! A referral of each format from the bytes of the message to the validated Bundle, its accounting and the receipt:
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
use impress_gateway::pipeline::referral::{Asked, ReferralGateway, Stamp, Translation, translate_as};
use impress_gateway::startup::load_referrals;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Golden messages: of each format a small one and the largest one.
const MESSAGES: [&str; 6] = [
    "one-patient/henvisning.xml",
    "henvisning/videre-new/input.xml",
    "one-patient/hl7v2.hl7",
    "hl7v2-ref/new-2.5.1-utf8/input.hl7",
    "one-patient/ehr-fhir.json",
    "ehr-fhir/message-new/input.json",
];

fn main() {
    divan::main();
}

fn message(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(path)).unwrap()
}

fn gateway() -> ReferralGateway {
    let environment = [("IMPRESS_GATEWAY__IDENTITY__ACCEPT_SYNTHETIC".to_owned(), "true".to_owned())];
    load_referrals(&Config::load(None, environment).unwrap()).unwrap()
}

fn translated(gateway: &ReferralGateway, message: &[u8], other: Option<Face>) -> Translation {
    let stamp =
        Stamp { id: "0f000001-0000-4000-8000-0000000000ff", generated: "2026-03-01T09:00:00Z".parse().unwrap() };
    translate_as(gateway, message, "message", stamp, Asked { face: Face::Identified, other, amend: &|_| {} })
}

fn measured(bencher: Bencher<'_, '_>, path: &str, other: Option<Face>) {
    let (gateway, message) = (gateway(), message(path));
    let translation = translated(&gateway, &message, other);
    assert!(translation.bundle.is_some() && translation.other_bundle.is_some() == other.is_some());
    bencher.counter(ItemsCount::new(1usize)).bench(|| translated(&gateway, &message, other));
}

/// The identified face.
#[divan::bench(args = MESSAGES)]
fn one_face(bencher: Bencher<'_, '_>, path: &str) {
    measured(bencher, path, None);
}

/// Both faces, as the service stores them.
#[divan::bench(args = MESSAGES)]
fn both_faces(bencher: Bencher<'_, '_>, path: &str) {
    measured(bencher, path, Some(Face::Pseudonymous));
}

/// Tables, bindings, templates and profiles, as at every start.
#[divan::bench]
fn load() -> ReferralGateway {
    gateway()
}
