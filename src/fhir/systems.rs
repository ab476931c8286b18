//! Canonical base, code systems and identifier systems (ADR 4).
//!
//! The templates under `mappings/fhir/` write out the URIs they use, so that they read like the resource; the program
//! itself names them only here.

use super::public_code::CodeForm;
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

/// SNOMED CT.
pub const SNOMED_CT: &str = "http://snomed.info/sct";

/// Scope of a Consent: research.
pub const RESEARCH_SCOPE: (&str, &str) = ("http://terminology.hl7.org/CodeSystem/consentscope", "research");

/// Category of a Consent (LOINC): a consent document, the only one that the trial's consent has.
pub const CONSENT_DOCUMENT: (&str, &str) = (LOINC, "59284-0");

/// Policy of a Consent (v3-ActCode): opt in.
pub const OPT_IN: (&str, &str) = (ACT_CODE, "OPTIN");

/// Policies of a Consent (v3-ActCode): opt out, and opt out with exceptions.
pub const OPT_OUT: [(&str, &str); 2] = [(ACT_CODE, "OPTOUT"), (ACT_CODE, "OPTOUTE")];

const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// Extension that says why a value is not there.
pub const DATA_ABSENT_REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// The CapabilityStatement of a server of topic subscriptions in R4, which ours instantiates.
pub const BACKPORT_SERVER: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/CapabilityStatement/backport-subscription-server-r4";

/// Prefix of the extensions of the Backport.
pub const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

/// Extension that names a topic which can be subscribed to.
pub const BACKPORT_TOPIC: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/capabilitystatement-subscriptiontopic-canonical";

/// Topics that can be subscribed to, relative to `SubscriptionTopic/` under the canonical base.
pub const TOPICS: [&str; 4] =
    ["enrolment-changed", "cohort-status-changed", "report-available", "referral-status-changed"];

/// Operations with their definitions.
pub const OPERATION_DEFINITIONS: [(&str, &str); 3] = [
    ("process-message", "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message"),
    ("status", "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status"),
    ("events", "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events"),
];

/// Definition of the search parameter `_id`.
pub const RESOURCE_ID: &str = "http://hl7.org/fhir/SearchParameter/Resource-id";

/// Definition of the search parameter `_lastUpdated`.
pub const RESOURCE_LAST_UPDATED: &str = "http://hl7.org/fhir/SearchParameter/Resource-lastUpdated";

const SECURITY_SERVICE: &str = "http://terminology.hl7.org/CodeSystem/restful-security-service";

/// How callers are recognised, as a CapabilityStatement names it.
pub const SECURITY_SERVICES: [(&str, &str); 3] =
    [(SECURITY_SERVICE, "OAuth"), (SECURITY_SERVICE, "SMART-on-FHIR"), (SECURITY_SERVICE, "Certificates")];

/// Name of the gateway where it is a party to an event.
pub const GATEWAY_NAME: &str = "impress-gateway";

/// Start of the canonical URLs of the profiles of IHE BALP.
pub const BALP_PROFILES: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";

/// Entity of an AuditEvent (BALP): the id of the request.
pub const BALP_REQUEST_ID: (&str, &str) =
    ("https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId");

/// Type of an AuditEvent: a RESTful interaction, which [`RESTFUL_INTERACTION`] names.
pub const AUDIT_REST: (&str, &str) = ("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest");

/// Code system of RESTful interactions.
pub const RESTFUL_INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";

const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";

/// Type of an AuditEvent (DICOM): Export, and what it is in the life of a record: a disclosure.
pub const AUDIT_EXPORT: (&str, &str) = (DICOM, "110106");

/// Subtype of an AuditEvent: a disclosure.
pub const AUDIT_DISCLOSE: (&str, &str) = ("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose");

/// Type of an AuditEvent (DICOM): User Authentication.
pub const AUDIT_USER_AUTHENTICATION: (&str, &str) = (DICOM, "110114");

/// Subtype of an AuditEvent (DICOM): Login.
pub const AUDIT_LOGIN: (&str, &str) = (DICOM, "110122");

/// Agent of an AuditEvent (DICOM): who the data came from.
pub const SOURCE_ROLE: (&str, &str) = (DICOM, "110153");

/// Agent of an AuditEvent (DICOM): who the data went to.
pub const DESTINATION_ROLE: (&str, &str) = (DICOM, "110152");

const AUDIT_ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";

/// Entity of an AuditEvent: a person.
pub const ENTITY_PERSON: (&str, &str) = (AUDIT_ENTITY_TYPE, "1");

/// Entity of an AuditEvent: a system object.
pub const ENTITY_SYSTEM_OBJECT: (&str, &str) = (AUDIT_ENTITY_TYPE, "2");

const OBJECT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";

/// Role of an entity of an AuditEvent: the patient.
pub const ROLE_PATIENT: (&str, &str) = (OBJECT_ROLE, "1");

/// Role of an entity of an AuditEvent: a domain resource.
pub const ROLE_DOMAIN_RESOURCE: (&str, &str) = (OBJECT_ROLE, "4");

/// Role of an entity of an AuditEvent: a query.
pub const ROLE_QUERY: (&str, &str) = (OBJECT_ROLE, "24");

/// Source of an AuditEvent: an application server.
pub const SOURCE_APPLICATION_SERVER: (&str, &str) = ("http://terminology.hl7.org/CodeSystem/security-source-type", "4");

/// Detail of an entity of an AuditEvent: how many requests it stands for.
pub const AUDIT_DETAIL_COUNT: &str = "count";

/// Code system of purposes of use.
pub const PURPOSE_OF_USE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

/// Codes of the national cancer pathways (Volven 8480).
pub const PATHWAY: &str = "http://helsedir.no/fhir/CodeSystem/no-kodeverk-8480";

/// Why a value is not there, as a code.
pub const ABSENT_REASONS: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// Why a study does not take patients.
pub const STUDY_STOPPED: &str = "http://terminology.hl7.org/CodeSystem/research-study-reason-stopped";

/// Status of a ResearchSubject.
pub const RESEARCH_SUBJECT_STATUS: &str = "http://hl7.org/fhir/research-subject-status";

/// ResearchStudy.recruitment of R5, as the cross-version extension.
pub const STUDY_RECRUITMENT: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchStudy.recruitment";

/// ResearchSubject.progress of R5, as the cross-version extension.
pub const SUBJECT_PROGRESS: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress";

/// ICD-10 in Norway.
pub const ICD_10_NO: &str = "http://hl7.org/fhir/sid/icd-10-no";

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

/// Extension of no-basis that holds a middle name.
pub const MIDDLE_NAME: &str = "http://hl7.no/fhir/StructureDefinition/no-basis-middlename";

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

/// Code systems whose codes say nothing but what is published, each with the form of its codes. A system is on the list by its
/// whole URI: what begins alike can be anybody's.
pub const PUBLIC_SYSTEMS: &[(&str, CodeForm)] = &[
    ("http://hl7.org/fhir/sid/icd-10-no", CodeForm::Icd10),
    ("http://hl7.org/fhir/sid/icd-10", CodeForm::Icd10),
    ("http://hl7.org/fhir/sid/icd-10-cm", CodeForm::Icd10),
    ("http://terminology.hl7.org/CodeSystem/icd-o-3", CodeForm::IcdO3),
    ("http://hl7.org/fhir/sid/icpc-2", CodeForm::Icpc2),
    ("urn:oid:2.16.578.1.12.4.1.1.7171", CodeForm::Icpc2),
    ("http://www.whocc.no/atc", CodeForm::Atc),
    (SNOMED_CT, CodeForm::SnomedCt),
    (LOINC, CodeForm::Loinc),
    (PATHWAY, CodeForm::Pattern(&["A99A", "A99AA"])),
    // Norwegian pathology, radiology, laboratory; classifications of surgical, medical and radiological procedures.
    ("urn:oid:2.16.578.1.12.4.1.1.7010", CodeForm::Pathology),
    ("urn:oid:2.16.578.1.12.4.1.1.7210", CodeForm::Pattern(PROCEDURE_CODES)),
    ("urn:oid:2.16.578.1.12.4.1.1.7270", CodeForm::Pattern(PROCEDURE_CODES)),
    ("urn:oid:2.16.578.1.12.4.1.1.7275", CodeForm::Pattern(PROCEDURE_CODES)),
    ("urn:oid:2.16.578.1.12.4.1.1.7280", CodeForm::Laboratory),
    // Genomic results.
    (HGVS, CodeForm::Hgvs),
    (HGNC, CodeForm::Numbered(&[HGNC_PREFIX], 1, 6)),
    (SEQUENCE_ONTOLOGY, CodeForm::Numbered(&[SEQUENCE_ONTOLOGY_PREFIX], 7, 7)),
    ("http://www.ncbi.nlm.nih.gov/refseq", CodeForm::Accession),
    ("http://www.ncbi.nlm.nih.gov/nuccore", CodeForm::Accession),
    ("http://www.ncbi.nlm.nih.gov/clinvar", CodeForm::Numbered(&["", "VCV", "RCV", "SCV"], 1, 7)),
    ("http://www.ncbi.nlm.nih.gov/projects/SNP", CodeForm::Numbered(&["rs"], 1, 10)),
    ("http://cancer.sanger.ac.uk/cancergenome/projects/cosmic", CodeForm::Numbered(&["COSM", "COSV", "COSF"], 1, 9)),
    ("http://www.pharmvar.org", CodeForm::Numbered(&["PV"], 5, 5)),
    // Units: those of genomic results. An annotation of UCUM can say anything.
    (
        UCUM,
        CodeForm::OneOf(&[
            "1",
            "%",
            "1/1000000",
            "1/1000000{Base}",
            "{Base}",
            "{copies}",
            "{reads}",
            "a",
            "mo",
            "ng",
            "ug",
            "mm",
        ]),
    ),
    (
        PROVISIONAL_CODES,
        CodeForm::OneOf(&[
            "associated-therapy",
            "molecular-consequence",
            "feature-consequence",
            "diagnostic-implication",
            "prognostic-implication",
            "therapeutic-implication",
            "functional-effect",
            "conclusion-string",
            "condition-inheritance",
            "variant-confidence-status",
            "region-coverage",
            "repeat-motif",
            "repeat-number",
            "biomarker-category",
            "protein-ref-seq",
            "uncallable-regions",
        ]),
    ),
    (
        "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/molecular-biomarker-ontology-cs",
        CodeForm::OneOf(&[
            "antibody",
            "antgen",
            "cellReceptor",
            "cellReceptorLigand",
            "carbohydrate",
            "lipid",
            "nucleicAcid",
            "protein",
            "enzymeAssay",
            "flowCytometry",
            "immuneStain",
            "immunoassay",
            "methylationAnalysis",
            "molgen",
        ]),
    ),
    (
        "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/clinvar-evidence-level-custom-cs",
        CodeForm::OneOf(&["4-star", "3-star", "2-star", "1-star", "no-star"]),
    ),
    (
        "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/pharmgkb-evidence-level-custom-cs",
        CodeForm::OneOf(&["1A", "1B", "2A", "2B", "3", "4"]),
    ),
    (
        "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs",
        CodeForm::OneOf(&["Cis", "Trans", "Indeterminate", "Unknown"]),
    ),
    (
        "http://terminology.hl7.org/CodeSystem/variant-confidence-status-cs",
        CodeForm::OneOf(&["high", "intermediate", "low"]),
    ),
    ("http://terminology.hl7.org/CodeSystem/v2-0074", CodeForm::OneOf(&["GE", "MB", "PAT", "CG", "CP", "SP", "LAB"])),
    (
        "http://terminology.hl7.org/CodeSystem/v2-0487",
        CodeForm::OneOf(&[
            "BLD", "BON", "BONE", "CSF", "FLD", "LNA", "MAR", "PLAS", "SER", "TISS", "TISU", "TUMOR", "WB",
        ]),
    ),
    (
        "http://terminology.hl7.org/CodeSystem/observation-category",
        CodeForm::OneOf(&["exam", "imaging", "laboratory", "procedure", "survey", "therapy"]),
    ),
    (
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
        CodeForm::OneOf(&["A", "N", "H", "L", "HH", "LL", "POS", "NEG", "IND", "DET", "ND", "E", "R", "S", "I"]),
    ),
    (
        "http://terminology.hl7.org/CodeSystem/data-absent-reason",
        CodeForm::OneOf(&[
            "unknown",
            "asked-unknown",
            "temp-unknown",
            "not-asked",
            "asked-declined",
            "masked",
            "not-applicable",
            "unsupported",
            "as-text",
            "error",
            "not-a-number",
            "negative-infinity",
            "positive-infinity",
            "not-performed",
            "not-permitted",
        ]),
    ),
];

/// Three letters and two digits, with a letter or a digit of the radiological list behind it or in front of them.
const PROCEDURE_CODES: &[&str] = &["AAA99", "AAA99A", "AAA9AA", "AA9AA", "AAAA99"];

/// Code system of the provisional codes of HL7 Genomics Reporting.
pub const PROVISIONAL_CODES: &str = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs";

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
