//! The search parameters of each resource type, as FHIR R4 (4.0.1) defines them.

use super::{Kind, Parameter};

const fn parameter(name: &'static str, kind: Kind, paths: &'static [&'static str]) -> Parameter {
    Parameter { name, kind, targets: &[], paths, is_code: false, is_personal: false }
}

const fn token(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    parameter(name, Kind::Token, paths)
}

const fn code(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    Parameter { is_code: true, ..parameter(name, Kind::Token, paths) }
}

const fn date(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    parameter(name, Kind::Date, paths)
}

const fn string(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    parameter(name, Kind::String, paths)
}

const fn reference(name: &'static str, targets: &'static [&'static str], paths: &'static [&'static str]) -> Parameter {
    Parameter { targets, ..parameter(name, Kind::Reference, paths) }
}

const fn personal(parameter: Parameter) -> Parameter {
    Parameter { is_personal: true, ..parameter }
}

const ANY: &[&str] = &[];
const PATIENT: &[&str] = &["Patient"];
const SUBJECTS: &[&str] = &["Group", "Device", "Patient", "Location"];
const PERFORMERS: &[&str] = &["Practitioner", "Organization", "CareTeam", "PractitionerRole"];
const PERSONS: &[&str] = &["Practitioner", "Organization", "Device", "Patient", "PractitionerRole", "RelatedPerson"];
const PERFORMING: &[&str] = &[
    "Practitioner",
    "Organization",
    "CareTeam",
    "Device",
    "Patient",
    "HealthcareService",
    "PractitionerRole",
    "RelatedPerson",
];
const ENCOUNTERS: &[&str] = &["Encounter", "EpisodeOfCare"];
const EFFECTIVE: &[&str] = &["effectiveDateTime", "effectivePeriod", "effectiveInstant"];

const RESEARCH_STUDY: &[Parameter] = &[
    token("category", &["category"]),
    date("date", &["period"]),
    token("focus", &["focus"]),
    token("identifier", &["identifier"]),
    token("keyword", &["keyword"]),
    token("location", &["location"]),
    reference("partof", &["ResearchStudy"], &["partOf"]),
    reference("principalinvestigator", &["Practitioner", "PractitionerRole"], &["principalInvestigator"]),
    reference("protocol", &["PlanDefinition"], &["protocol"]),
    reference("site", &["Location"], &["site"]),
    reference("sponsor", &["Organization"], &["sponsor"]),
    code("status", &["status"]),
    string("title", &["title"]),
];

const RESEARCH_SUBJECT: &[Parameter] = &[
    date("date", &["period"]),
    token("identifier", &["identifier"]),
    reference("individual", PATIENT, &["individual"]),
    reference("patient", PATIENT, &["individual"]),
    code("status", &["status"]),
    reference("study", &["ResearchStudy"], &["study"]),
];

const TASK: &[Parameter] = &[
    date("authored-on", &["authoredOn"]),
    reference("based-on", ANY, &["basedOn"]),
    token("business-status", &["businessStatus"]),
    token("code", &["code"]),
    reference("encounter", &["Encounter"], &["encounter"]),
    reference("focus", ANY, &["focus"]),
    token("group-identifier", &["groupIdentifier"]),
    token("identifier", &["identifier"]),
    code("intent", &["intent"]),
    date("modified", &["lastModified"]),
    reference("owner", PERFORMING, &["owner"]),
    reference("part-of", &["Task"], &["partOf"]),
    reference("patient", PATIENT, &["for"]),
    token("performer", &["performerType"]),
    date("period", &["executionPeriod"]),
    code("priority", &["priority"]),
    reference("requester", PERSONS, &["requester"]),
    code("status", &["status"]),
    reference("subject", ANY, &["for"]),
];

const SERVICE_REQUEST: &[Parameter] = &[
    date("authored", &["authoredOn"]),
    reference("based-on", &["CarePlan", "MedicationRequest", "ServiceRequest"], &["basedOn"]),
    token("body-site", &["bodySite"]),
    token("category", &["category"]),
    token("code", &["code"]),
    reference("encounter", ENCOUNTERS, &["encounter"]),
    token("identifier", &["identifier"]),
    code("intent", &["intent"]),
    date("occurrence", &["occurrenceDateTime", "occurrencePeriod"]),
    reference("patient", PATIENT, &["subject"]),
    reference("performer", PERFORMING, &["performer"]),
    token("performer-type", &["performerType"]),
    code("priority", &["priority"]),
    reference("replaces", &["ServiceRequest"], &["replaces"]),
    reference("requester", PERSONS, &["requester"]),
    token("requisition", &["requisition"]),
    reference("specimen", &["Specimen"], &["specimen"]),
    code("status", &["status"]),
    reference("subject", SUBJECTS, &["subject"]),
];

const DIAGNOSTIC_REPORT: &[Parameter] = &[
    reference("based-on", ANY, &["basedOn"]),
    token("category", &["category"]),
    token("code", &["code"]),
    token("conclusion", &["conclusionCode"]),
    date("date", EFFECTIVE),
    reference("encounter", ENCOUNTERS, &["encounter"]),
    token("identifier", &["identifier"]),
    date("issued", &["issued"]),
    reference("media", &["Media"], &["media.link"]),
    reference("patient", PATIENT, &["subject"]),
    reference("performer", PERFORMERS, &["performer"]),
    reference("result", &["Observation"], &["result"]),
    reference("results-interpreter", PERFORMERS, &["resultsInterpreter"]),
    reference("specimen", &["Specimen"], &["specimen"]),
    code("status", &["status"]),
    reference("subject", SUBJECTS, &["subject"]),
];

const OBSERVATION: &[Parameter] = &[
    reference("based-on", ANY, &["basedOn"]),
    token("category", &["category"]),
    token("code", &["code"]),
    token("combo-code", &["code", "component.code"]),
    token("combo-value-concept", &["valueCodeableConcept", "component.valueCodeableConcept"]),
    token("component-code", &["component.code"]),
    token("component-value-concept", &["component.valueCodeableConcept"]),
    token("data-absent-reason", &["dataAbsentReason"]),
    date("date", EFFECTIVE),
    reference("derived-from", ANY, &["derivedFrom"]),
    reference("device", &["Device", "DeviceMetric"], &["device"]),
    reference("encounter", ENCOUNTERS, &["encounter"]),
    reference("focus", ANY, &["focus"]),
    reference("has-member", ANY, &["hasMember"]),
    token("identifier", &["identifier"]),
    token("method", &["method"]),
    reference("part-of", ANY, &["partOf"]),
    reference("patient", PATIENT, &["subject"]),
    reference("performer", PERFORMING, &["performer"]),
    reference("specimen", &["Specimen"], &["specimen"]),
    code("status", &["status"]),
    reference("subject", SUBJECTS, &["subject"]),
    token("value-concept", &["valueCodeableConcept"]),
    date("value-date", &["valueDateTime", "valuePeriod"]),
    string("value-string", &["valueString", "valueCodeableConcept.text"]),
];

/// Every one that says who a person is. Address and telephone are of no use to those who are served here, so they are not
/// kept a second time.
const PATIENT_PARAMETERS: &[Parameter] = &[
    token("active", &["active"]),
    personal(date("birthdate", &["birthDate"])),
    date("death-date", &["deceasedDateTime"]),
    personal(string("family", &["name.family"])),
    code("gender", &["gender"]),
    reference("general-practitioner", &["Practitioner", "Organization", "PractitionerRole"], &["generalPractitioner"]),
    personal(string("given", &["name.given"])),
    personal(token("identifier", &["identifier"])),
    personal(string("name", &["name"])),
    reference("organization", &["Organization"], &["managingOrganization"]),
];

const PROVENANCE: &[Parameter] = &[
    reference("agent", PERSONS, &["agent.who"]),
    token("agent-role", &["agent.role"]),
    token("agent-type", &["agent.type"]),
    reference("entity", ANY, &["entity.what"]),
    reference("location", &["Location"], &["location"]),
    reference("patient", PATIENT, &["target"]),
    date("recorded", &["recorded"]),
    token("signature-type", &["signature.type"]),
    reference("target", ANY, &["target"]),
    date("when", &["occurredDateTime"]),
];

const SUBSCRIPTION: &[Parameter] = &[
    string("criteria", &["criteria"]),
    code("payload", &["channel.payload"]),
    code("status", &["status"]),
    code("type", &["channel.type"]),
    parameter("url", Kind::Uri, &["channel.endpoint"]),
];

/// Types of which resources are kept and served, in their order. A Subscription is kept by itself.
pub fn types() -> &'static [&'static str] {
    &[
        "Binary",
        "Condition",
        "Consent",
        "Device",
        "DiagnosticReport",
        "DocumentReference",
        "Flag",
        "MedicationStatement",
        "Observation",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "Provenance",
        "ResearchStudy",
        "ResearchSubject",
        "ServiceRequest",
        "Specimen",
        "Task",
    ]
}

/// The parameters of a resource type; none for a type that is found by id and time only.
pub fn parameters(resource_type: &str) -> &'static [Parameter] {
    match resource_type {
        "ResearchStudy" => RESEARCH_STUDY,
        "ResearchSubject" => RESEARCH_SUBJECT,
        "Task" => TASK,
        "ServiceRequest" => SERVICE_REQUEST,
        "DiagnosticReport" => DIAGNOSTIC_REPORT,
        "Observation" => OBSERVATION,
        "Patient" => PATIENT_PARAMETERS,
        "Provenance" => PROVENANCE,
        "Subscription" => SUBSCRIPTION,
        _ => &[],
    }
}
