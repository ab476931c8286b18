//! Any text as a cell: no panic in any grammar element.
#![no_main]

use std::sync::LazyLock;

use impress_gateway::config::Config;
use impress_gateway::domain::decimal::Decimal;
use impress_gateway::domain::gene::pair;
use impress_gateway::domain::hgvs::{parse_coding_cell, parse_protein_cell, predicted, three_letter};
use impress_gateway::domain::sample_id::{PatientKey, SampleId};
use impress_gateway::domain::study_subject::parse_study_cell;
use impress_gateway::domain::variant_key::VariantKey;
use impress_gateway::pipeline::Gateway;
use impress_gateway::redact::quote;
use impress_gateway::sources::tso500::cells::{alleles, breakpoint, change_kind, chromosome, consequences, date, number, time};
use impress_gateway::sources::tso500::tsoppi_version::TsoppiVersion;
use libfuzzer_sys::fuzz_target;

static GATEWAY: LazyLock<Gateway> =
    LazyLock::new(|| impress_gateway::startup::load(&Config::default()).expect("the embedded mapping is valid"));

fuzz_target!(|data: &str| {
    if let Ok(decimal) = Decimal::parse(data) {
        assert_eq!(Decimal::parse(decimal.as_str()).as_ref(), Ok(&decimal), "a decimal reads back as itself");
    }
    if let Ok(coding) = parse_coding_cell(data) {
        assert!(parse_coding_cell(coding.as_str()).is_ok(), "an HGVS text reads back");
    }
    if let Ok(protein) = parse_protein_cell(data) {
        assert!(parse_protein_cell(protein.as_str()).is_ok(), "an HGVS text reads back");
    }
    if let Ok(change) = predicted(data) {
        assert!(parse_protein_cell(&change).is_ok(), "a predicted change is HGVS");
    }
    let _ = three_letter(data);
    let _ = parse_study_cell(data);
    let _ = TsoppiVersion::parse(data);
    let _ = pair::parse(data, &GATEWAY.genes);
    let _ = GATEWAY.genes.to_gene(data);
    let _ = SampleId::classify(data, &GATEWAY.nomenclature);
    let _ = PatientKey::parse(data);
    let _ = number::parse_number(data);
    let _ = number::parse_count(data);
    let _ = date::parse_date(data);
    let _ = time::parse_time(data);
    let _ = alleles::parse_allele(data);
    let _ = breakpoint::parse_locus(data);
    let _ = change_kind::parse_change_kind(data);
    let _ = chromosome::parse_chromosome(data);
    let _ = consequences::parse_consequences(data);
    let _ = quote(data);
    let Some((Ok(reference), Ok(alternative))) =
        data.split_once(' ').map(|(reference, alternative)| (alleles::parse_allele(reference), alleles::parse_allele(alternative)))
    else {
        return;
    };
    let key = VariantKey::new("7", 100, &reference, &alternative);
    assert_eq!(VariantKey::new("7", key.position, &key.reference, &key.alternative), key, "trimming twice is trimming once");
});
