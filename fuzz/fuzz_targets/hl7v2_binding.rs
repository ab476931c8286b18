//! Any text as a binding: no panic, no endless load.
#![no_main]

use std::sync::{Arc, LazyLock};

use impress_gateway::domain::code_table::CodeTables;
use impress_gateway::mapping_file::MappingFile;
use impress_gateway::sources::hl7v2_ref::binding::Bindings;
use impress_gateway::startup::reference_data;
use libfuzzer_sys::fuzz_target;

static CODES: LazyLock<Arc<CodeTables>> =
    LazyLock::new(|| Arc::new(reference_data(None).expect("the tables are valid").code_tables));

fuzz_target!(|data: &str| {
    let files = [
        MappingFile::new("referral/hl7v2-fields.tsv", include_str!("../../mappings/referral/hl7v2-fields.tsv")),
        MappingFile::new("referral/hl7v2-types.tsv", include_str!("../../mappings/referral/hl7v2-types.tsv")),
        MappingFile::new("referral/hl7v2-ref.yaml", include_str!("../../mappings/referral/hl7v2-ref.yaml")),
        MappingFile::new("referral/overlays/983974732.yaml", data.to_owned()),
        MappingFile::new("referral/tests/t.yaml", data.to_owned()),
    ];
    let _ = Bindings::load(&files, &CODES);
});
