//! Canonical base, code systems and identifier systems (ADR 4).
//!
//! The templates under `mappings/fhir/` write out the URIs they use, so that they read like the resource; the program
//! itself names them only here.

/// Base of the gateway's own canonical URIs; a deployment replaces it by `[mappings] canonical_base`.
pub const CANONICAL_BASE: &str = "https://impress-gateway.example/fhir";

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
