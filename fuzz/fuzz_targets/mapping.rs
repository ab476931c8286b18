//! Any text as a mapping file: no panic, no endless load.
#![no_main]

use impress_gateway::domain::record::Described;
use impress_gateway::domain::report::GenomicReport;
use impress_gateway::mapping::{MappingFile, Tables, Templates};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let tables = Tables::load(&[MappingFile::new("tables/t.tsv", data.to_owned())]).unwrap_or_default();
    let files = [MappingFile::new("fhir/t.yaml", data.to_owned())];
    let _ = Templates::load(&files, &tables, GenomicReport::TYPE, "report");
});
