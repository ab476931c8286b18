//! Canonical base, code systems and identifier systems (ADR 4).
//!
//! The templates under `mappings/fhir/` write out the URIs they use, so that they read like the resource; the program
//! itself names them only here.

use crate::domain::national_id::NationalIdKind;

/// Base of the gateway's own canonical URIs; a deployment replaces it by `[mappings] canonical_base`.
pub const CANONICAL_BASE: &str = "https://impress-gateway.example/fhir";

/// Prefixes of packages of which only those extensions are loaded that profiles name: of others nothing is known.
pub const EXTENSION_SELECTIONS: [&str; 3] =
    ["http://hl7.org/fhir/StructureDefinition/", "http://hl7.org/fhir/extensions/", "http://terminology.hl7.org/"];

/// Code system of the issue codes, relative to the canonical base.
pub const ISSUE_CODE_SYSTEM: &str = "CodeSystem/gateway-issue";

/// Extension that says where in the input an issue is, relative to the canonical base.
pub const ISSUE_LOCATION_EXTENSION: &str = "StructureDefinition/gateway-issue-location";

/// Extension that says who can put an issue right and whether sending again helps, relative to the canonical base.
pub const ISSUE_REMEDY_EXTENSION: &str = "StructureDefinition/gateway-issue-remedy";

/// Unified Code for Units of Measure; `%ucum` of the invariants.
pub const UCUM: &str = "http://unitsofmeasure.org";

/// Currencies (ISO 4217), as mqty-1 names them.
pub const CURRENCY: &str = "urn:iso:std:iso:4217";

/// Clinical status of a Condition, as con-4 names it.
pub const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";

/// Verification status of a Condition, as con-5 names it.
pub const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";

/// LOINC.
pub const LOINC: &str = "http://loinc.org";

/// HGVS descriptions.
pub const HGVS: &str = "http://varnomen.hgvs.org";

/// HGNC gene ids.
pub const HGNC: &str = "http://www.genenames.org";

/// Prefix of an HGNC gene id.
pub const HGNC_PREFIX: &str = "HGNC:";

/// Sequence Ontology.
pub const SEQUENCE_ONTOLOGY: &str = "http://www.sequenceontology.org";

/// Prefix of a Sequence Ontology id.
pub const SEQUENCE_ONTOLOGY_PREFIX: &str = "SO:";

/// Start of the canonical URL of a LOINC answer list.
pub const LOINC_ANSWER_LIST: &str = "http://loinc.org/vs/";

/// Code system of the components that the gateway adds, as the invariants of the profiles name it.
pub const GATEWAY_COMPONENT: &str = "https://impress-gateway.example/fhir/CodeSystem/gateway-component";

/// Code system of the biomarkers that the gateway adds, as the invariants of the profiles name it.
pub const GATEWAY_BIOMARKER: &str = "https://impress-gateway.example/fhir/CodeSystem/gateway-biomarker";

/// Start of the identifier systems of Norwegian national numbers.
pub const NATIONAL_NUMBER_PREFIX: &str = "urn:oid:2.16.578.1.12.4.1.4.";

/// Identifier system of birth numbers (no-basis, FNR).
pub const BIRTH_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.1";

/// Identifier system of D-numbers (no-basis, DNR).
pub const D_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.2";

/// Identifier system of common help numbers (no-basis, FHN).
pub const COMMON_HELP_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.3";

/// Identifier system of local help numbers, as no-basis fixes it: no URI, since it is the assigner that makes the number
/// unique. The type of such an identifier is `HNR` of [`OFFICIAL_ID_TYPE`].
pub const LOCAL_HELP_NUMBER: &str = "HNR";

/// Identifier system of HPR numbers.
pub const HPR_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.4";

/// Identifier system of DUF numbers.
pub const DUF_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.5";

/// Identifier system of organisation numbers (ENH).
pub const ORGANISATION_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.101";

/// Identifier system of RESH-ids (RSH).
pub const RESH_ID: &str = "urn:oid:2.16.578.1.12.4.1.4.102";

/// Identifier system of HER-ids.
pub const HER_ID: &str = "urn:oid:2.16.578.1.12.4.1.2";

/// Code system of types of official ids of persons (Volven 8327).
pub const OFFICIAL_ID_TYPE: &str = "urn:oid:2.16.578.1.12.4.1.1.8327";

/// The identifier system of a kind of national number.
pub fn national_id_system(kind: NationalIdKind) -> &'static str {
    match kind {
        NationalIdKind::BirthNumber => BIRTH_NUMBER,
        NationalIdKind::DNumber => D_NUMBER,
        NationalIdKind::CommonHelpNumber => COMMON_HELP_NUMBER,
        NationalIdKind::LocalHelpNumber => LOCAL_HELP_NUMBER,
    }
}

/// Gene fusion in the Sequence Ontology.
pub const SO_GENE_FUSION: &str = "SO:0001565";

/// LOINC: change of the coding DNA in HGVS.
pub const CODING_HGVS: (&str, &str) = (LOINC, "48004-6");

/// LOINC: change of the genomic DNA in HGVS.
pub const GENOMIC_HGVS: (&str, &str) = (LOINC, "81290-9");

/// LOINC: change of the protein in HGVS.
pub const PROTEIN_HGVS: (&str, &str) = (LOINC, "48005-3");

/// LOINC: start and end of the allele.
pub const EXACT_START_END: (&str, &str) = (LOINC, "81254-5");

/// LOINC: outer start and end of a structural variant.
pub const OUTER_START_END: (&str, &str) = (LOINC, "81301-4");

/// LOINC: inner start and end of a structural variant.
pub const INNER_START_END: (&str, &str) = (LOINC, "81302-2");

/// LOINC: coordinate system.
pub const COORDINATE_SYSTEM: (&str, &str) = (LOINC, "92822-6");

/// LOINC: reference allele.
pub const REFERENCE_ALLELE: (&str, &str) = (LOINC, "69547-8");

/// LOINC: alternative allele.
pub const ALTERNATIVE_ALLELE: (&str, &str) = (LOINC, "69551-0");

/// LOINC: reads of the allele.
pub const ALLELE_READS: (&str, &str) = (LOINC, "82121-5");

/// LOINC: allele frequency in the sample.
pub const ALLELE_FREQUENCY: (&str, &str) = (LOINC, "81258-6");

/// LOINC: kind of change of the DNA.
pub const CHANGE_TYPE: (&str, &str) = (LOINC, "48019-4");

/// LOINC: copy number.
pub const COPY_NUMBER: (&str, &str) = (LOINC, "82155-3");

/// LOINC: designation of a gene fusion.
pub const FUSION_DESIGNATION: (&str, &str) = (LOINC, "95123-6");

/// LOINC: tumour mutational burden.
pub const TUMOUR_MUTATIONAL_BURDEN: (&str, &str) = (LOINC, "94076-7");

/// LOINC: microsatellite instability.
pub const MICROSATELLITE_INSTABILITY: (&str, &str) = (LOINC, "81695-9");

/// LOINC: ECOG performance status.
pub const PERFORMANCE_STATUS: (&str, &str) = (LOINC, "89247-1");

/// LOINC: assessment of a genetic variant.
pub const VARIANT: (&str, &str) = (LOINC, "69548-6");

/// LOINC: whether a variant is somatic or germline.
pub const GENOMIC_SOURCE_CLASS: (&str, &str) = (LOINC, "48002-0");

/// LOINC answer: somatic.
pub const SOMATIC: (&str, &str) = (LOINC, "LA6684-0");

/// Category of a result of genetics (HL7 v2 table 0074).
pub const GENETICS_CATEGORY: (&str, &str) = ("http://terminology.hl7.org/CodeSystem/v2-0074", "GE");

/// Starts of the URIs of public code systems that genomic results use: their codes say nothing but what is published.
pub const GENOMIC_SYSTEMS: [&str; 13] = [
    LOINC,
    HGVS,
    HGNC,
    SEQUENCE_ONTOLOGY,
    UCUM,
    CANONICAL_BASE,
    GENOMICS_REPORTING,
    "http://snomed.info/sct",
    "http://terminology.hl7.org/CodeSystem/",
    "http://www.ncbi.nlm.nih.gov/",
    "http://cancer.sanger.ac.uk/",
    "http://www.pharmvar.org",
    "http://www.whocc.no/atc",
];

/// Start of the canonical URLs of HL7 Genomics Reporting.
pub const GENOMICS_REPORTING: &str = "http://hl7.org/fhir/uv/genomics-reporting/";

/// Identifier system of the requester's own UUID of a referral.
pub const REQUESTER_DEFINED_UUID: &str = "http://hl7.no/fhir/ig/ParekIG/NamingSystem/RequesterDefinedUuid";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_national_number_has_its_system() {
        // no-basis-Patient 2.2.2, fixed systems of its identifier slices.
        for (kind, system) in [
            ("FNR", "urn:oid:2.16.578.1.12.4.1.4.1"),
            ("DNR", "urn:oid:2.16.578.1.12.4.1.4.2"),
            ("FHN", "urn:oid:2.16.578.1.12.4.1.4.3"),
            ("HNR", "HNR"),
        ] {
            assert_eq!(national_id_system(NationalIdKind::from_code(kind).unwrap()), system, "{kind}");
        }
    }
}
