"""Mutants of the valid examples of our other profiles: patients, referral, report (profiles/fsh/input/fsh)."""
from impress_findings import GW, broken, name_of
from lines import IMPRESS, LOINC, SD, add, bound, coding, drop, extension, get, path_of, put, up

PROFILE = GW + "StructureDefinition/"
OID = "urn:oid:2.16.578.1.12.4.1.4."
MAIDEN = {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Hansen"}
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def missing(base, *elements):
    for element in elements:
        drop("impress-drop", base, "/" + element, f"{name_of(base)}: {element.replace('/', '.')} min 1")


def targets(base, pointer, values, source):
    path = path_of(base, pointer)
    for value in values:
        put("impress-target", base, pointer + "/reference", value, "reference-target", f"{name_of(base)}: {source}",
            [path, path + ".reference"])


def lost(base, pointer, slice_name, source):
    drop("impress-slice", base, pointer, f"{name_of(base)}: {source}", "slice-min", slice_name)


def other_value(base, pointer, value, slice_name, source):
    """The occurrence is no longer one of the slice, which is then missing."""
    element = path_of(base, pointer.partition("#")[0])
    put("impress-slice", base, pointer.replace("#", ""), value, "slice-min", f"{name_of(base)}: {source}",
        [element, up(element)], slice_name)


def repeated(base, pointer, slice_name, source, value=None):
    """A second occurrence of a slice: a copy, or another value of the same slice."""
    element, index = pointer.rpartition("/")[0], int(pointer.rpartition("/")[2])
    path = path_of(base, element)
    if value is None:
        add("impress-twice", base, "duplicate", pointer, None, "slice-max",
            [path, f"{path}[{index}]", f"{path}[{index + 1}]"], f"{name_of(base)}: {source}", slice_name)
        return
    last = len(get(IMPRESS[base], element))
    put("impress-twice", base, element + "/-", value, "slice-max", f"{name_of(base)}: {source}",
        [path, f"{path}[{index}]", f"{path}[{last}]"], slice_name)


def forbidden(base, name, value, source):
    path = path_of(base, "/" + name)
    put("impress-forbidden", base, "/" + name, value, "cardinality-max", f"{name_of(base)}: {source}",
        [path] + ([path + "[0]"] if isinstance(value, list) else []))


def identified():
    base, other = "ImpressPatient/valid-1", "ImpressPatient/valid-2"
    missing(base, "identifier/0/system", "identifier/0/value")
    for system in ("1", "2", "3"):
        for value in ("1311690021", "131169002160", "131169 00216", "13116900216x"):
            broken(base, "impress-national-number-form",
                   [["set", "/identifier/0", {"system": OID + system, "value": value}]], "Patient.identifier[0]")
    broken(base, "impress-patient-identified", [["remove", "/identifier"], ["remove", "/name"]])
    for element in ("name", "birthDate", "gender"):
        broken(other, "impress-patient-identified", [["remove", "/" + element]])
    local = {"system": "HNR", "value": "x1", "type": coding("urn:oid:2.16.578.1.12.4.1.1.8327", "HNR")}
    put("impress-drop", base, "/identifier/-", local, "cardinality-min", "no-basis-Patient: identifier[HNR].assigner 1..1",
        ["Patient.identifier[1].assigner", "Patient.identifier[1]"])
    put("impress-code", base, "/gender", "kvinne", "code-not-in-value-set", "R4 Patient.gender: required administrative-gender")


def pseudonymous():
    personal = {
        "name": [{"family": "Danser"}], "telecom": [{"system": "phone", "value": "99999999"}],
        "address": [{"city": "Oslo"}], "photo": [{"title": "x"}], "contact": [{"name": {"family": "Danser"}}],
        "generalPractitioner": [{"reference": "Practitioner/p1"}],
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Line Danser</div>"},
        "contained": [{"resourceType": "RelatedPerson", "id": "r", "patient": {"reference": "#"}, "name": [{"family": "Danser"}]}],
        "extension": [MAIDEN], "modifierExtension": [MAIDEN],
        "link": [{"other": {"reference": "Patient/other", "display": "Line Danser"}, "type": "seealso"}],
        "maritalStatus": {"text": "widow of Line Danser"}, "multipleBirthInteger": 2,
        "communication": [{"language": {"text": "the language of Line Danser"}}],
    }
    subject, study, laboratory = (GW + "sid/" + name for name in ("gateway-subject", "study-subject", "laboratory-patient"))
    cases = [("ImpressTrialPatient/valid-1", subject, "gatewaySubject"), ("ImpressTrialPatient/valid-2", subject, "gatewaySubject"),
             ("ImpressLabPatient/valid-1", laboratory, "laboratoryPatient"), ("ImpressLabPatient/valid-2", laboratory, "laboratoryPatient")]
    for base, system, slice_name in cases:
        for name, value in personal.items():
            forbidden(base, name, value, f"{name} 0..0")
        missing(base, "identifier", "identifier/0/value", "identifier/0/system")
        if len(IMPRESS[base]["identifier"]) > 1:
            lost(base, "/identifier/0", slice_name, f"identifier[{slice_name}] 1..1")
        other_value(base, "/identifier#/0/system", "https://example.org/sid/subject", slice_name, f"identifier[{slice_name}] 1..1")
        repeated(base, "/identifier/0", slice_name, f"identifier[{slice_name}] 1..1", {"system": system, "value": "other"})
        for number in ("1", "2", "3"):
            broken(base, "impress-no-national-number", [["add", "/identifier/-", {"system": OID + number, "value": "13116900216"}]])
        broken(base, "impress-no-national-number", [["add", "/identifier/-", {"system": "https://example.org/sid/x", "value": "13116900216"}]])
        broken(base, "impress-no-national-number", [["set", "/identifier/0/value", "13116900216"]])
        for date in ("1969-11-13", "1969-11"):
            step = "set" if "birthDate" in IMPRESS[base] else "add"
            broken(base, "impress-year-only", [[step, "/birthDate", date]])
        hidden(base)
    base = "ImpressTrialPatient/valid-1"
    repeated(base, "/identifier/1", "studySubject", "identifier[studySubject] 0..1", {"system": study, "value": "IMP-01-002"})


def hidden(base):
    """A name, a date or a number at a place other than its own."""
    for value in ("131169 00216", "131169-00216", " 1311.69.00216", "13 11 69 002 16", "131169\u00a000216", "131169/00216"):
        broken(base, "impress-no-national-number", [["set", "/identifier/0/value", value]])
        broken(base, "impress-no-national-number", [["add", "/identifier/-", {"system": "https://example.org/sid/x", "value": value}]])
    for value in ("13116900216", "131169-00216"):
        broken(base, "impress-no-national-number", [["set", "/id", value]])
    parts = {"assigner": {"display": "Line Danser"}, "type": {"text": "Line Danser"}, "period": {"start": "1969-11-13"}}
    for name, value in parts.items():
        put("impress-hidden", base, "/identifier/0/" + name, value, "cardinality-max", f"{name_of(base)}: identifier.{name} 0..0")
    for name, value in (("display", "Line Danser"), ("identifier", {"value": "Line Danser"})):
        organization = {"reference": "Organization/laboratory-1", name: value}
        put("impress-hidden", base, "/managingOrganization", organization, "cardinality-max",
            f"{name_of(base)}: managingOrganization.{name} 0..0", f"Patient.managingOrganization.{name}")
    for value in ("2024-03-01", "2024-03-01T10:00:00+01:00", "2024"):
        add("impress-hidden", base, "add", "/deceasedDateTime", value, "type-wrong",
            ["Patient.deceased", "Patient.deceasedDateTime", "Patient"], f"{name_of(base)}: deceased[x] only boolean")
    for url, key, value in (("patient-birthTime", "valueDateTime", "1969-11-13T10:00:00Z"), ("data-absent-reason", "valueCode", "masked")):
        extended = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/" + url, key: value}]}
        add("impress-hidden", base, "add", "/_birthDate", extended, ["cardinality-max", "invariant-failed"],
            ["Patient.birthDate.extension", "Patient"], f"{name_of(base)}: birthDate.extension 0..0; invariant impress-no-extension")
    extended = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/rendered-value", "valueString": "131169 00216"}]}
    for at in ("/identifier/0/_value", "/identifier/0/_system", "/_gender", "/meta/_profile"):
        broken(base, "impress-no-extension", [["add", at, [extended] if at.endswith("profile") else extended]])
    broken(base, "impress-no-extension", [["add", "/meta/extension", [MAIDEN]]])


def referrals():
    base, other = "ImpressReferral/valid-1", "ImpressReferral/valid-2"
    uuid = IMPRESS[base]["identifier"][0]
    for b in (base, other):
        missing(b, "identifier", "identifier/0/value", "category", "requester", "status",
                "intent", "subject")
        other_value(b, "/identifier#/0/system", "https://example.org/sid/request", "requesterUuid", "identifier[requesterUuid] 1..1")
        add("impress-slice", b, "remove", "/identifier/0/system", None, "slice-min",
            ["ServiceRequest.identifier", "ServiceRequest"], "ImpressReferral: identifier[requesterUuid] 1..1", "requesterUuid")
        repeated(b, "/identifier/0", "requesterUuid", "identifier[requesterUuid] 1..1", uuid | {"value": uuid["value"][:-1] + "2"})
        for value in ("R-2026-1", uuid["value"].replace("-", ""), "{" + uuid["value"] + "}", uuid["value"][:-1]):
            broken(b, "impress-requester-uuid", [["set", "/identifier/0/value", value]], "ServiceRequest.identifier[0]")
        for intent in ("plan", "proposal"):
            put("impress-pattern", b, "/intent", intent, "pattern-value", "ImpressReferral: intent = #order")
        for code in ("103696004", "306206005"):
            other_value(b, "/category#/0", coding("http://snomed.info/sct", code), "referral", "category[referral] 1..1")
        other_value(b, "/category#/0", {"text": "Patient referral"}, "referral", "category[referral] 1..1")
        repeated(b, "/category/0", "referral", "category[referral] 1..1")
        targets(b, "/subject", ["Group/g1", "Location/l1"], "subject only Reference(Patient)")
        targets(b, "/requester", ["Device/d1", "Patient/p1"], "requester only Practitioner, PractitionerRole, Organization")
        targets(b, "/reasonReference/0", ["Observation/o1", "DocumentReference/d1"], "reasonReference only ImpressCondition")
    targets(other, "/supportingInfo/0", ["Patient/p1", "Condition/c1"],
            "supportingInfo only Observation, DocumentReference, Consent, Procedure, MedicationStatement")


def diagnoses():
    base, other = "ImpressCondition/valid-1", "ImpressCondition/valid-2"
    for b in (base, other):
        missing(b, "category", "code", "subject")
        targets(b, "/subject", ["Group/g1"], "subject only Reference(Patient)")
        broken(b, "impress-diagnosis-stated", [["set", "/code", {"id": "c1"}]], "Condition.code")
    for index in (0, 1):
        missing(base, f"code/coding/{index}/system", f"code/coding/{index}/code")
    for index, slice_name, code in ((0, "icd10", "C50.9"), (1, "pathway", "B02CK")):
        repeated(base, f"/code/coding/{index}", slice_name, f"code.coding[{slice_name}] 0..1",
                 IMPRESS[base]["code"]["coding"][index] | {"code": code})
    put("impress-drop", other, "/code/coding", [{"display": "Cancer"}], "cardinality-min", "ImpressCondition: code.coding.system 1..1",
        ["Condition.code.coding[0].system", "Condition.code.coding[0]"])


def performance():
    base = "ImpressPerformanceStatus/valid-1"
    missing(base, "category", "subject", "effectiveDateTime", "valueCodeableConcept", "status", "code")
    targets(base, "/subject", ["Group/g1", "Device/d1"], "subject only Reference(Patient)")
    other_value(base, "/category#/0", coding("http://terminology.hl7.org/CodeSystem/observation-category", "exam"), "survey",
                "category[survey] 1..1")
    repeated(base, "/category/0", "survey", "category[survey] 1..1")
    for code in ("89243-0", "89262-0"):
        put("impress-pattern", base, "/code", coding(LOINC, code), "pattern-value", "ImpressPerformanceStatus: code = 89247-1",
            bound(base, "/code"))
    for key, value in (("valueInteger", 1), ("valueString", "1"), ("valueQuantity", {"value": 1})):
        add("impress-type", base, "all", "/valueCodeableConcept", [["remove", "/valueCodeableConcept", None], ["add", "/" + key, value]],
            "type-wrong", ["Observation.value", f"Observation.{key}", "Observation"],
            "ImpressPerformanceStatus: value[x] only CodeableConcept")
    add("impress-type", base, "all", "/effectiveDateTime", [["remove", "/effectiveDateTime", None],
        ["add", "/effectivePeriod", {"start": "2026-02-27"}]], "type-wrong",
        ["Observation.effective", "Observation.effectivePeriod", "Observation"], "ImpressPerformanceStatus: effective[x] only dateTime")
    for value in (coding(LOINC, "LA9633-4"), coding("http://example.org/ecog", "1"), {"text": "ECOG 1"}):
        put("impress-code", base, "/valueCodeableConcept", value, "code-not-in-value-set",
            "ImpressPerformanceStatus: value[x] from ImpressEcog (required)", bound(base, "/valueCodeableConcept"))


def consents():
    scope = "http://terminology.hl7.org/CodeSystem/consentscope"
    for base in ("ImpressConsent/valid-1", "ImpressConsent/valid-2"):
        missing(base, "scope", "patient", "dateTime", "category", "status")
        for value in (coding(scope, "treatment"), coding("http://example.org/scope", "research"), {"text": "research"}):
            put("impress-pattern", base, "/scope", value, "pattern-value", "ImpressConsent: scope = research", bound(base, "/scope"))
        targets(base, "/patient", ["Group/g1", "RelatedPerson/r1"], "patient only Reference(Patient)")
        targets(base, "/organization/0", ["Practitioner/p1"], "organization only Reference(Organization)")
        put("impress-empty", base, "/policy", [], "element-empty", "R4 JSON: an array is never empty", "Consent.policy")
        broken_r4(base, "ppc-1", [["remove", "/policy"]])
        put("impress-code", base, "/status", "given", "code-not-in-value-set", "R4 Consent.status: required consent-state-codes")
        put("impress-type", base, "/dateTime", "27.02.2026", "primitive-invalid", "R4 datatypes: dateTime")


def broken_r4(base, key, steps):
    steps = [[*step, None][:3] for step in steps]
    add("impress-invariant", base, "all", steps[0][1], steps, "invariant-failed", IMPRESS[base]["resourceType"], f"R4 {key}", key)


def attachments():
    for base in ("ImpressAttachment/valid-1", "ImpressAttachment/valid-2"):
        missing(base, "subject", "content", "content/0/attachment/contentType", "status")
        add("impress-drop", base, "remove", "/content/0/attachment", None, ["cardinality-min", "element-empty"],
            ["DocumentReference.content[0].attachment", "DocumentReference.content[0]"],
            "R4 DocumentReference.content.attachment 1..1; R4 JSON: an object is never empty")
        targets(base, "/subject", ["Group/g1", "Practitioner/p1", "Device/d1"], "subject only Reference(Patient)")
        add("impress-twice", base, "duplicate", "/content/0", None, "cardinality-max",
            ["DocumentReference.content", "DocumentReference.content[1]"], "ImpressAttachment: content 1..1")
        part = "data" if "data" in IMPRESS[base]["content"][0]["attachment"] else "url"
        broken(base, "impress-attachment-content", [["remove", f"/content/0/attachment/{part}"]], "DocumentReference.content[0].attachment")
        put("impress-code", base, "/status", "final", "code-not-in-value-set",
            "R4 DocumentReference.status: required document-reference-status")
        put("impress-unknown", base, "/content/0/attachment/pages", 3, "element-unknown", "R4 Attachment: no such element")


def provenances():
    for base in ("ImpressProvenance/valid-1", "ImpressProvenance/valid-2"):
        missing(base, "policy", "agent", "entity", "target", "recorded", "agent/0/who", "entity/0/what", "entity/0/role",
                "entity/0/what/identifier", "entity/0/what/identifier/system", "entity/0/what/identifier/value")
        for index, slice_name, other in ((0, "sender", "performer"), (1, "gateway", "custodian")):
            lost(base, f"/agent/{index}", slice_name, f"agent[{slice_name}] 1..1")
            other_value(base, f"/agent#/{index}/type", coding(PARTICIPANT, other), slice_name, f"agent[{slice_name}] 1..1")
            repeated(base, f"/agent/{index}", slice_name, f"agent[{slice_name}] 1..1")
            lost_type(base, index, slice_name)
        targets(base, "/agent/0/who", ["Practitioner/p1", "Device/d1"], "agent[sender].who only Reference(Organization)")
        targets(base, "/agent/1/who", ["Organization/o1", "Patient/p1"], "agent[gateway].who only Reference(Device)")
        for role in ("derivation", "removal"):
            other_value(base, "/entity#/0/role", role, "message", "entity[message] 1..1")
        repeated(base, "/entity/0", "message", "entity[message] 1..1")
        put("impress-code", base, "/entity/0/role", "message", "code-not-in-value-set",
            "R4 Provenance.entity.role: required provenance-entity-role")
        put("impress-type", base, "/recorded", "2026-03-20", "primitive-invalid", "R4 datatypes: instant")
        put("impress-type", base, "/policy", "https://impress-gateway.example/fhir/mapping/tso500|1", "type-wrong",
            "R4 Provenance.policy: JSON type is a list", ["Provenance.policy", "Provenance.policy[0]"])


def lost_type(base, index, slice_name):
    add("impress-slice", base, "remove", f"/agent/{index}/type", None, "slice-min", ["Provenance.agent", "Provenance"],
        f"ImpressProvenance: agent[{slice_name}] 1..1 by type", slice_name)


def reports():
    base, cancelled = "ImpressGenomicReport/valid-1", "ImpressGenomicReport/valid-2"
    for b in (base, cancelled):
        missing(b, "subject", "specimen", "status", "code", "category")
        lost(b, "/extension/0", "genomic-study", "extension[genomic-study] 1..1")
        repeated(b, "/extension/0", "genomic-study", "extension[genomic-study] 1..1",
                 IMPRESS[b]["extension"][0] | {"valueReference": {"reference": "Procedure/study-2"}})
        add("impress-value", b, "remove", "/extension/0/valueReference", None, ["extension-invalid", "invariant-failed", "cardinality-min"],
            ["DiagnosticReport.extension[0]", "DiagnosticReport.extension[0].value"],
            "ImpressGenomicReport: extension[genomic-study].value[x] 1..1")
        targets(b, "/subject", ["Group/g1", "Location/l1"], "subject only Reference(Patient)")
        targets(b, "/performer/0", ["CareTeam/c1"], "performer only Organization, Practitioner, PractitionerRole")
        put("impress-pattern", b, "/code", coding(LOINC, "11502-2"), "pattern-value", "GR 3.0.0 genomic-report: code 51969-4",
            bound(b, "/code"))
    broken(base, "impress-cancelled-report", [["set", "/status", "cancelled"]])
    broken(cancelled, "impress-cancelled-report", [["add", "/result", [{"reference": "Observation/o1"}]]])


def studies():
    base = "ImpressGenomicStudy/valid-1"
    missing(base, "subject", "status", "category")
    targets(base, "/subject", ["Group/g1"], "subject only Reference(Patient)")
    targets(base, "/performer/0/actor", ["Device/d1", "Patient/p1"], "performer.actor only Organization, Practitioner, PractitionerRole")
    add("impress-value", base, "remove", "/extension/0/valueReference", None, ["extension-invalid", "invariant-failed", "cardinality-min"],
        ["Procedure.extension[0]", "Procedure.extension[0].value"], "ImpressGenomicStudy: extension[genomic-study-analysis].value[x] 1..1")
    forbidden(base, "statusReason", {"text": "QNS"}, "statusReason 0..0")
    forbidden(base, "outcome", {"text": "x"}, "outcome 0..0")
    for base in ("ImpressGenomicStudyAnalysis/valid-1", "ImpressGenomicStudyAnalysis/valid-2"):
        analysis(base)


def analysis(base):
    missing(base, "subject", "status", "category")
    targets(base, "/subject", ["Group/g1"], "subject only Reference(Patient)")
    forbidden(base, "code", {"text": "Panel"}, "code 0..0")
    forbidden(base, "encounter", {"reference": "Encounter/e1"}, "encounter 0..0")
    for status in ("in-progress", "not-done"):
        put("impress-pattern", base, "/status", status, "pattern-value", "GR 3.0.0 genomic-study-analysis: status completed")
    for name in ("method-type", "change-type", "genome-build", "title", "specimen", "regions", "device"):
        at = extension(base, "analysis-" + name)
        lost(base, at, name, f"extension[{name}] min 1")
        if name in ("genome-build", "title", "specimen", "regions"):
            repeated(base, at, name, f"extension[{name}] 1..1")
    for name in ("genome-build", "specimen"):
        at = extension(base, "analysis-" + name)
        value = next(key for key in get(IMPRESS[base], at) if key.startswith("value"))
        add("impress-value", base, "remove", f"{at}/{value}", None, ["extension-invalid", "invariant-failed", "cardinality-min"],
            [path_of(base, at), path_of(base, at) + ".value"], f"ImpressGenomicStudyAnalysis: extension[{name}].value[x] 1..1")
    targets(base, extension(base, "analysis-specimen") + "/valueReference", ["Patient/p1", "Device/d1"],
            "GR 3.0.0 extension specimen: Reference(Specimen)")


def specimens():
    base, other = "ImpressSpecimen/valid-1", "ImpressSpecimen/valid-2"
    for b in (base, other):
        missing(b, "identifier", "identifier/0/value", "subject")
        other_value(b, "/identifier#/0/system", "https://example.org/sid/sample", "sample", "identifier[sample] 1..1")
        add("impress-slice", b, "remove", "/identifier/0/system", None, "slice-min", ["Specimen.identifier", "Specimen"],
            "ImpressSpecimen: identifier[sample] 1..1", "sample")
        repeated(b, "/identifier/0", "sample", "identifier[sample] 1..1",
                 {"system": GW + "sid/sample", "value": "IPD9001-D02-P01-A15"})
        targets(b, "/subject", ["Group/g1", "Device/d1", "Substance/s1"], "subject only Reference(Patient)")
        put("impress-code", b, "/status", "final", "code-not-in-value-set", "R4 Specimen.status: required specimen-status")
    lost(other, "/identifier/0", "sample", "identifier[sample] 1..1")


def claims():
    """Claims of profiles that do not exist, and of profiles for another type."""
    for base, document in IMPRESS.items():
        if not base.endswith("/valid-1"):
            continue
        kind = document["resourceType"]
        paths = [f"{kind}.meta.profile[0]", f"{kind}.meta.profile"]
        name = name_of(base)
        put("impress-claim", base, "/meta/profile/0", PROFILE + name + "s", "unknown", "our package has no profile of this name", paths)
        wrong = "ImpressSpecimen" if kind != "Specimen" else "ImpressVariant"
        put("impress-claim", base, "/meta/profile/0", PROFILE + wrong, "wrong-type", "StructureDefinition.type of the claimed profile", paths)
    earlier = {"ImpressVariant": "region-studied", "ImpressBiomarker": "tmb", "ImpressGenomicReport": "genomics-report",
               "ImpressGenomicStudy": "genomics-study", "ImpressImplication": "predicted-therapeutic-implication",
               "ImpressMolecularConsequence": "obs-inh-dis-path", "ImpressFusion": "genomics-base"}
    for name, stu2 in earlier.items():
        base = name + "/valid-1"
        kind = IMPRESS[base]["resourceType"]
        put("impress-stu2", base, "/meta/profile/1", SD + stu2, "unknown", "GR 3.0.0 has no profile of this name; earlier editions had",
            [f"{kind}.meta.profile[1]", f"{kind}.meta.profile"])
    for base, name, code, paths, names in [
        ("ImpressCopyNumber/valid-1", "ImpressLossOfHeterozygosity", "slice-min", ["Observation.component", "Observation"], "finding-class"),
        ("ImpressSplice/valid-1", "ImpressFusion", "slice-min", ["Observation.component", "Observation"], "direction-known"),
        ("ImpressFusion/valid-1", "ImpressSplice", "slice-max", ["Observation.component", "Observation.component[1]"], "gene-studied"),
        ("ImpressLabPatient/valid-1", "ImpressTrialPatient", "slice-min", ["Patient.identifier", "Patient"], "gatewaySubject"),
        ("ImpressPatient/valid-1", "ImpressTrialPatient", "cardinality-max", ["Patient.name", "Patient.name[0]"], ""),
    ]:
        put("impress-claim", base, "/meta/profile/-", PROFILE + name, code, f"every claimed profile is checked: {name}", paths, names)


def shapes():
    """Elements that no resource has, empty elements and wrong JSON types, in each of our examples."""
    for base, document in IMPRESS.items():
        if not base.endswith("/valid-1"):
            continue
        kind = document["resourceType"]
        put("impress-unknown", base, "/gatewayNote", "x", "element-unknown", f"R4 {kind}: no such element")
        put("impress-empty", base, "/language", "", "element-empty", "R4 JSON: a string is never empty")
        put("impress-type", base, "/meta/profile", PROFILE + name_of(base), "type-wrong", "R4 Meta.profile: JSON type is a list",
            [f"{kind}.meta.profile", f"{kind}.meta.profile[0]"])
        put("impress-type", base, "/id", "a_b", "primitive-invalid", "R4 datatypes: id")


FAMILIES = (identified, pseudonymous, referrals, diagnoses, performance, consents, attachments, provenances, reports, studies,
            specimens, claims, shapes)
