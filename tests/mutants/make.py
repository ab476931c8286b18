#!/usr/bin/env python3
"""Writes mutants.tsv from the families below and in impress_*.py, and the examples in base/ and profiles/examples.

Every expectation is derived from the specification named in the column `source`; no validator is asked.
"""
import re

import impress_bundle
import impress_findings
import impress_records
import impress_way_back
from lines import (BASES, COUNTS, GR, HERE, LOINC, ROWS, SD, add, bound, coding, component, drop, entry, entry_of,
                   extension, get, path_of, put, text, up, url_of)


def required():
    r4 = "R4 StructureDefinition {}: min 1"
    gr = "GR 3.0.0 {}: min 1"
    observations = [name for name, base in BASES.items() if base["resourceType"] == "Observation"]
    for name in observations:
        drop("drop", name, "/status", r4.format("Observation"))
        drop("drop", name, "/code", r4.format("Observation"))
    for name in observations:
        drop("drop", name, "/category", "GR 3.0.0 genomic-base, molecular-biomarker: category 2..*")
        if "component" in BASES[name]:
            drop("drop", name, "/component/0/code", r4.format("Observation.component"))
    for name in ("genotype", "haplotype", "sequence-phase-relationship"):
        drop("drop", name, "/valueCodeableConcept", gr.format(f"{name} value[x]"))
    for name in ("molecular-consequence", "diagnostic-implication", "therapeutic-implication"):
        drop("drop", name, "/derivedFrom", gr.format("implication derivedFrom"))
    for pointer in ("/status", "/category", "/code"):
        drop("drop", "genomic-report", pointer, gr.format("genomic-report " + pointer[1:]))
    for name in ("genomic-study", "genomic-study-analysis"):
        for pointer in ("/status", "/category", "/subject"):
            drop("drop", name, pointer, gr.format(name + " " + pointer[1:]))
        put("drop", name, "/performer/0", {"function": {"text": "analyst"}}, "cardinality-min", r4.format("Procedure.performer.actor"),
            ["Procedure.performer[0].actor", "Procedure.performer[0]"])
        put("drop", name, "/category", {"text": "Laboratory"}, "cardinality-min", gr.format(name + " category.coding"),
            ["Procedure.category.coding", "Procedure.category"])
    for pointer in ("/status", "/content"):
        drop("drop", "genomic-data-file", pointer, r4.format("DocumentReference"))
    put("drop", "genomic-data-file", "/content/0", {"format": {"code": "vcf"}}, "cardinality-min",
        r4.format("DocumentReference.content.attachment"),
        ["DocumentReference.content[0].attachment", "DocumentReference.content[0]"])
    for name in ("medication-recommendation", "followup-recommendation"):
        for pointer in ("/status", "/intent"):
            drop("drop", name, pointer, r4.format("Task"))
    for pointer in ("/link/0/other", "/link/0/type", "/communication/0/language"):
        drop("drop", "patient", pointer, r4.format("Patient"))
    drop("drop", "patient", "/text/div", r4.format("Narrative"))
    drop("drop", "patient", "/text/status", r4.format("Narrative"))
    for pointer in ("/deviceName/0/name", "/deviceName/0/type", "/version/0/value", "/property/0/type"):
        if len(get(BASES["device"], pointer.rpartition("/")[0])) > 1:
            drop("drop", "device", pointer, r4.format("Device"))
    for pointer in ("/status", "/intent", "/subject"):
        drop("drop", "service-request", pointer, r4.format("ServiceRequest"))
    drop("drop", "condition", "/subject", r4.format("Condition"))
    put("drop", "medication-recommendation", "/input", [{"valueString": "x"}], "cardinality-min",
        r4.format("Task.input.type"), ["Task.input[0].type", "Task.input[0]"])
    put("drop", "medication-recommendation", "/input", [{"type": {"text": "x"}}], "cardinality-min",
        r4.format("Task.input.value[x]"), ["Task.input[0].value", "Task.input[0]"])
    put("drop", "genomic-data-file", "/relatesTo", [{"target": {"reference": "DocumentReference/f2"}}],
        "cardinality-min", r4.format("DocumentReference.relatesTo.code"),
        ["DocumentReference.relatesTo[0].code", "DocumentReference.relatesTo[0]"])
    put("drop", "genomic-data-file", "/relatesTo", [{"code": "replaces"}], "cardinality-min",
        r4.format("DocumentReference.relatesTo.target"),
        ["DocumentReference.relatesTo[0].target", "DocumentReference.relatesTo[0]"])
    put("drop", "genomic-report", "/media", [{"comment": "x"}], "cardinality-min",
        r4.format("DiagnosticReport.media.link"), ["DiagnosticReport.media[0].link", "DiagnosticReport.media[0]"])
    put("drop", "genomic-study", "/note/0", {"time": "2026-06-14"}, "cardinality-min", r4.format("Annotation.text"),
        ["Procedure.note[0].text", "Procedure.note[0]"])


def component_values():
    """A component of a slice with value[x] 1..1 lacks its value; or has one of another type."""
    cases = {
        "variant-small": ["48018-6", "48004-6", "48005-3", "81290-9", "51958-7", "48000-4", "62374-4", "92822-6",
                          "48019-4", "48002-0", "variant-confidence-status"],
        "variant-cnv": ["48001-2"],
        "variant-fusion": ["81291-7", "81252-9"],
        "variant-splice": ["protein-ref-seq"],
        "molecular-consequence": ["feature-consequence", "functional-effect", "protein-ref-seq", "48004-6"],
        "diagnostic-implication": ["53037-8", "93044-6", "81259-4", "condition-inheritance"],
        "therapeutic-implication": ["therapeutic-implication", "51963-7", "associated-therapy"],
        "biomarker-tmb": ["biomarker-category"],
        "biomarker-msi": ["48018-6"],
        "genotype": ["48018-6"],
    }
    for base, codes in cases.items():
        for code in codes:
            at = component(base, code)
            drop("component-value", base, at + "/valueCodeableConcept", f"GR 3.0.0: component {code} value[x] 1..1")
    for base, codes in cases.items():
        for code in codes:
            at = component(base, code)
            path = path_of(base, at) + ".value"
            add("component-type", base, "all", at, [["remove", at + "/valueCodeableConcept", None],
                ["add", at + "/valueString", "text"]], "type-wrong", [path, path + "String", up(path)],
                f"GR 3.0.0: component {code} value[x] is a CodeableConcept")
    for base, code, old, new, value in [
        ("variant-small", "81254-5", "valueRange", "valueQuantity", {"value": 1}),
        ("variant-small", "69547-8", "valueString", "valueCodeableConcept", {"text": "A"}),
        ("variant-small", "69551-0", "valueString", "valueCodeableConcept", {"text": "T"}),
        ("variant-small", "81258-6", "valueQuantity", "valueString", "32 %"),
        ("variant-small", "82121-5", "valueQuantity", "valueInteger", 214),
        ("variant-small", "conclusion-string", "valueString", "valueCodeableConcept", {"text": "x"}),
        ("variant-cnv", "82155-3", "valueQuantity", "valueInteger", 9),
        ("variant-cnv", "81301-4", "valueRange", "valueString", "1-2"),
        ("variant-cnv", "81302-2", "valueRange", "valueQuantity", {"value": 1}),
        ("variant-splice", "repeat-motif", "valueString", "valueCodeableConcept", {"text": "CAG"}),
        ("variant-splice", "repeat-number", "valueQuantity", "valueInteger", 12),
    ]:
        at = component(base, code)
        path = path_of(base, at) + ".value"
        add("component-type", base, "all", at, [["remove", f"{at}/{old}", None], ["add", f"{at}/{new}", value]],
            "type-wrong", [path, path + new.removeprefix("value"), up(path)],
            f"GR 3.0.0 variant: component {code} value[x] is {old.removeprefix('value')}")
    for base, code, old in [("variant-splice", "repeat-motif", "valueString"),
                            ("variant-splice", "repeat-number", "valueQuantity")]:
        drop("component-value", base, component(base, code) + "/" + old, f"GR 3.0.0 variant: {code} value[x] 1..1")


def slices():
    source = "GR 3.0.0 genomic-base: category slices labCategory and geCategory 1..1 (value of coding)"
    for base, document in BASES.items():
        if document["resourceType"] != "Observation":
            continue
        names = {"laboratory": "labCategory", "GE": "geCategory", "biomarker-category": "mbCategory"}
        biomarker = base.startswith("biomarker")
        for index, category in enumerate(document["category"]):
            code = category["coding"][0]["code"]
            if biomarker and code == "GE":
                continue
            drop("slice-missing", base, f"/category/{index}", source, "slice-min", names[code])
            add("slice-twice", base, "duplicate", f"/category/{index}", None, "slice-max",
                [f"Observation.category[{index}]", f"Observation.category[{index + 1}]", "Observation.category"],
                source, names[code])
    for base in ("variant-small", "biomarker-tmb", "genotype"):
        for value, why in [("Laboratory", "code is case-sensitive"), ("lab", "another code")]:
            put("slice-code", base, "/category/0/coding/0/code", value, "slice-min", f"{source}; {why}",
                ["Observation.category", "Observation"], "labCategory")
        put("slice-code", base, "/category/0/coding/0/system", "http://hl7.org/fhir/observation-category", "slice-min",
            f"{source}; the DSTU2 system", ["Observation.category", "Observation"], "labCategory")
        add("slice-code", base, "remove", "/category/0/coding/0/system", None, "slice-min",
            ["Observation.category", "Observation"], f"{source}; a code without system", "labCategory")
    put("slice-code", "variant-small", "/category/1/coding/0/system", "http://hl7.org/fhir/v2/0074", "slice-min",
        source + "; the STU3 system", ["Observation.category", "Observation"], "geCategory")
    put("slice-code", "variant-cnv", "/category/1", {"text": "Genetics"}, "slice-min", source + "; text is no coding",
        ["Observation.category", "Observation"], "geCategory")
    put("slice-code", "biomarker-tmb", "/category/1/coding/0/code", "biomarker", "slice-min",
        "GR 3.0.0 molecular-biomarker: mbCategory 1..1", ["Observation.category", "Observation"], "mbCategory")
    put("slice-code", "genomic-report", "/category/0/coding/0/code", "LAB", "slice-min",
        "GR 3.0.0 genomic-report: category slice Genetics 1..1", ["DiagnosticReport.category", "DiagnosticReport"],
        "Genetics")
    add("slice-twice", "genomic-report", "duplicate", "/category/0", None, "slice-max",
        ["DiagnosticReport.category[1]", "DiagnosticReport.category[0]", "DiagnosticReport.category"],
        "GR 3.0.0 genomic-report: category slice Genetics 1..1", "Genetics")
    for base in ("variant-small", "genotype"):
        put("slice-coding", base, "/category/0/coding/-", {"system": "http://example.org/c", "code": "x"},
            "cardinality-max", "GR 3.0.0: category:labCategory.coding 1..1",
            ["Observation.category[0].coding", "Observation.category[0].coding[1]"])
    singles = {
        "variant-small": {"48004-6": "representative-coding-hgvs", "48005-3": "representative-protein-hgvs",
                          "81290-9": "genomic-hgvs", "51958-7": "representative-transcript-ref-seq",
                          "92822-6": "coordinate-system", "81254-5": "exact-start-end", "69547-8": "ref-allele",
                          "69551-0": "alt-allele", "48019-4": "coding-change-type", "48002-0": "genomic-source-class",
                          "81258-6": "sample-allelic-frequency", "82121-5": "allelic-read-depth",
                          "variant-confidence-status": "variant-confidence-status",
                          "conclusion-string": "conclusion-string"},
        "variant-cnv": {"82155-3": "copy-number", "81301-4": "outer-start-end", "81302-2": "inner-start-end"},
        "variant-fusion": {"81291-7": "cytogenomic-nomenclature"},
        "variant-splice": {"protein-ref-seq": "representative-protein-ref-seq"},
        "molecular-consequence": {"48004-6": "coding-hgvs", "51958-7": "transcript-ref-seq", "48005-3": "protein-hgvs",
                                  "protein-ref-seq": "protein-ref-seq", "functional-effect": "functional-effect"},
        "diagnostic-implication": {"53037-8": "clinical-significance", "condition-inheritance": "mode-of-inheritance"},
    }
    for base, codes in singles.items():
        for code, name in codes.items():
            at = component(base, code)
            index = int(at.rpartition("/")[2])
            add("slice-twice", base, "duplicate", at, None, "slice-max",
                [f"Observation.component[{index + 1}]", f"Observation.component[{index}]", "Observation.component"],
                f"GR 3.0.0: component slice {name} 0..1", name)


def patterns():
    for base, document in BASES.items():
        profile = document.get("meta", {}).get("profile", [""])[0].removeprefix(SD)
        if document["resourceType"] != "Observation" or profile == "molecular-biomarker":
            continue
        rule = f"GR 3.0.0 {profile}: pattern of code"
        put("pattern", base, "/code/coding/0/code", "53041-0", "pattern-value", rule, bound(base, "/code"))
        put("pattern", base, "/code", {"text": "Variant"}, "pattern-value", rule, bound(base, "/code"))
        if base in ("variant-small", "genotype", "molecular-consequence", "diagnostic-implication"):
            put("pattern", base, "/code/coding/0/system", "http://example.org/codes", "pattern-value", rule,
                bound(base, "/code") + ["Observation.code.coding[0].system"])
            add("pattern", base, "remove", "/code/coding/0/system", None, "pattern-value",
                bound(base, "/code") + ["Observation.code.coding[0].system"], rule)
    put("pattern", "genomic-report", "/code/coding/0/code", "81247-9", "pattern-value",
        "GR 3.0.0 genomic-report: code pattern 51969-4", bound("genomic-report", "/code"))
    put("pattern", "genomic-report", "/code", {"text": "Report"}, "pattern-value",
        "GR 3.0.0 genomic-report: code pattern 51969-4", bound("genomic-report", "/code"))
    put("pattern", "variant-small", component("variant-small", "81258-6") + "/valueQuantity/system",
        "http://example.org/units", "pattern-value", "GR 3.0.0 variant: sample-allelic-frequency value[x].system UCUM")
    for base in ("genomic-study", "genomic-study-analysis"):
        rule = f"GR 3.0.0 {base}: category.coding pattern laboratory"
        paths = ["Procedure.category.coding[0]", "Procedure.category.coding", "Procedure.category.coding[0].code"]
        put("pattern", base, "/category/coding/0/code", "GE", "pattern-value", rule, paths)
        put("pattern", base, "/category/coding/0/system", "http://example.org/c", "pattern-value", rule,
            paths[:2] + ["Procedure.category.coding[0].system"])
        put("max", base, "/category/coding/-", {"system": "http://example.org/c", "code": "x"}, "cardinality-max",
            f"GR 3.0.0 {base}: category.coding 1..1", ["Procedure.category.coding", "Procedure.category.coding[1]"])
    for status in ("preparation", "in-progress", "not-done", "on-hold"):
        put("pattern", "genomic-study-analysis", "/status", status, "pattern-value",
            "GR 3.0.0 genomic-study-analysis: status pattern completed")
    for base in ("medication-recommendation", "followup-recommendation"):
        for status in ("draft", "received", "accepted", "in-progress", "completed"):
            put("task-advanced", base, "/status", status, "pattern-value", f"GR 3.0.0 {base}: status pattern requested")
        for intent in ("order", "plan"):
            put("task-advanced", base, "/intent", intent, "pattern-value", f"GR 3.0.0 {base}: intent pattern proposal")


def forbidden():
    values = {
        "basedOn": [{"reference": "ServiceRequest/request-1"}], "partOf": [{"reference": "Procedure/study-1"}],
        "statusReason": {"text": "x"}, "code": {"text": "Panel"}, "encounter": {"reference": "Encounter/e1"},
        "recorder": {"reference": "Practitioner/p1"}, "asserter": {"reference": "Practitioner/p1"},
        "location": {"reference": "Location/l1"}, "reasonCode": [{"text": "x"}],
        "reasonReference": [{"reference": "Condition/condition-1"}], "bodySite": [{"text": "x"}],
        "outcome": {"text": "x"}, "report": [{"reference": "DiagnosticReport/report-1"}],
        "complication": [{"text": "x"}], "complicationDetail": [{"reference": "Condition/condition-1"}],
        "followUp": [{"text": "x"}], "focalDevice": [{"manipulated": {"reference": "Device/device-1"}}],
        "usedReference": [{"reference": "Device/device-1"}], "usedCode": [{"text": "x"}],
    }
    allowed = {"genomic-study": {"basedOn", "code", "encounter", "asserter", "reasonCode", "reasonReference"}}
    for base in ("genomic-study-analysis", "genomic-study"):
        for name, value in values.items():
            if name in allowed.get(base, set()):
                continue
            paths = [f"Procedure.{name}"] + ([f"Procedure.{name}[0]"] if isinstance(value, list) else [])
            put("forbidden", base, f"/{name}", value, "cardinality-max", f"GR 3.0.0 {base}: {name} 0..0", paths)
    for base in ("molecular-consequence", "diagnostic-implication", "therapeutic-implication"):
        for name, value in (("valueCodeableConcept", coding(LOINC, "LA6668-3")), ("valueString", "Pathogenic"),
                            ("valueBoolean", True)):
            put("forbidden", base, f"/{name}", value, "cardinality-max", "GR 3.0.0 implication: value[x] 0..0",
                ["Observation.value", f"Observation.{name}"])


def narrowed_types():
    for base, old, new, value in [
        ("genomic-report", "effectiveDateTime", "effectivePeriod", {"start": "2026-06-14"}),
        ("genomic-study", "performedDateTime", "performedPeriod", {"start": "2026-06-14"}),
        ("genomic-study", "performedDateTime", "performedString", "in June"),
        ("genomic-study-analysis", "performedDateTime", "performedPeriod", {"start": "2026-06-14"}),
        ("genotype", "valueCodeableConcept", "valueString", "x"),
        ("haplotype", "valueCodeableConcept", "valueQuantity", {"value": 1}),
        ("sequence-phase-relationship", "valueCodeableConcept", "valueString", "Cis"),
    ]:
        path = path_of(base, "/" + old)
        add("narrowed", base, "all", "/" + old, [["remove", "/" + old, None], ["add", "/" + new, value]], "type-wrong",
            [path, f"{up(path)}.{new}"], f"GR 3.0.0 {base}: {path.rpartition('.')[2]}[x] only {old}")
    study = SD + "genomic-study-analysis-"
    for name, new, value in [("title", "valueInteger", 5), ("genome-build", "valueString", "GRCh37"),
                             ("specimen", "valueString", "s"), ("method-type", "valueCode", "x"),
                             ("change-type", "valueString", "SNV"), ("genomic-source-class", "valueCode", "LA6684-0")]:
        at = extension("genomic-study-analysis", name)
        path = path_of("genomic-study-analysis", at) + ".value"
        put("narrowed", "genomic-study-analysis", at, {"url": study + name, new: value}, "type-wrong",
            f"GR 3.0.0 extension genomic-study-analysis-{name}: type of value[x]", [path, up(path), f"{up(path)}.{new}"])
    for base, at, new, value in [("genomic-report", "/extension/0", "valueString", "Procedure/study-1"),
                                 ("genomic-report", "/extension/2", "valueString", "note"),
                                 ("genomic-study", "/extension/0", "valueUri", "Procedure/analysis-1")]:
        url = get(BASES[base], at)["url"]
        path = path_of(base, at) + ".value"
        put("narrowed", base, at, {"url": url, new: value}, "type-wrong",
            f"GR 3.0.0 extension {url.rpartition('/')[2]}: type of value[x]", [path, up(path), f"{up(path)}.{new}"])
    for base, key, new in [("variant-small", "effectiveDateTime", "effectiveString"),
                           ("variant-small", "valueCodeableConcept", "valueCoding"),
                           ("patient", "deceasedBoolean", "deceasedString"),
                           ("patient", "multipleBirthInteger", "multipleBirthString"),
                           ("condition", "onsetDateTime", "onsetBoolean"),
                           ("service-request", "occurrencePeriod", "occurrenceRange")]:
        path = path_of(base, "/" + key)
        value = "x" if "String" in new else True if "Boolean" in new else {"code": "x"} if "Coding" in new else {"low": {"value": 1}}
        add("choice-type", base, "all", "/" + key, [["remove", "/" + key, None], ["add", "/" + new, value]],
            ["element-unknown", "type-wrong"], [f"{up(path)}.{new}", path],
            "R4 JSON: a choice element is named after one of its types")


def choices():
    for base, key, value in [("variant-small", "valueString", "x"), ("biomarker-tmb", "valueCodeableConcept", {"text": "x"}),
                             ("variant-small", "effectivePeriod", {"start": "2026-06-14"}),
                             ("patient", "deceasedDateTime", "2026-01-01"), ("patient", "multipleBirthBoolean", True),
                             ("condition", "onsetString", "autumn"), ("service-request", "occurrenceDateTime", "2026-06-14"),
                             ("genomic-study", "performedString", "June")]:
        put("choice-twice", base, "/" + key, value, "choice-repeated", "R4: value[x] has one type at a time",
            [path_of(base, "/" + key), f"{BASES[base]['resourceType']}.{key}", BASES[base]["resourceType"]])
    at = component("variant-small", "81258-6")
    put("choice-twice", "variant-small", at + "/valueString", "32 %", "choice-repeated", "R4: one type at a time",
        [path_of("variant-small", at) + ".value", path_of("variant-small", at), path_of("variant-small", at) + ".valueString"])
    put("choice-twice", "specimen", "/collection/collectedPeriod", {"start": "2026-06-09"}, "choice-repeated",
        "R4: one type at a time", ["Specimen.collection.collected", "Specimen.collection", "Specimen.collection.collectedPeriod"])
    at = extension("genomic-study-analysis", "title")
    put("choice-twice", "genomic-study-analysis", at + "/valueInteger", 5, "choice-repeated", "R4: one type at a time",
        [path_of("genomic-study-analysis", at) + ".value", path_of("genomic-study-analysis", at),
         path_of("genomic-study-analysis", at) + ".valueInteger"])


def codes():
    rule = "R4 {}: required binding {}"
    for base, pointer, values, set_name in [
        ("variant-small", "/status", ["done", "Final", "completed"], "observation-status"),
        ("biomarker-tmb", "/status", ["active"], "observation-status"),
        ("therapeutic-implication", "/status", ["draft"], "observation-status"),
        ("genomic-report", "/status", ["done", "active"], "diagnostic-report-status"),
        ("genomic-study", "/status", ["final", "active"], "event-status"),
        ("genomic-data-file", "/status", ["final"], "document-reference-status"),
        ("genomic-data-file", "/docStatus", ["done"], "composition-status"),
        ("medication-recommendation", "/priority", ["normal"], "request-priority"),
        ("medication-recommendation", "/status", ["open"], "task-status"),
        ("followup-recommendation", "/intent", ["wish"], "task-intent"),
        ("patient", "/gender", ["F", "Female", "woman"], "administrative-gender"),
        ("patient", "/link/0/type", ["same"], "link-type"),
        ("patient", "/name/0/use", ["legal"], "name-use"),
        ("patient", "/telecom/0/system", ["mobile"], "contact-point-system"),
        ("patient", "/telecom/0/use", ["cell"], "contact-point-use"),
        ("patient", "/identifier/0/use", ["primary"], "identifier-use"),
        ("patient", "/text/status", ["made"], "narrative-status"),
        ("specimen", "/status", ["active"], "specimen-status"),
        ("device", "/status", ["final"], "device-status"),
        ("device", "/deviceName/0/type", ["name"], "device-nametype"),
        ("organization", "/address/0/use", ["office"], "address-use"),
        ("service-request", "/status", ["requested"], "request-status"),
        ("service-request", "/intent", ["request"], "request-intent"),
        ("service-request", "/priority", ["high"], "request-priority"),
        ("bundle-transaction", "/type", ["transactions"], "bundle-type"),
        ("bundle-transaction", "/entry/0/request/method", ["UPSERT", "put"], "http-verb"),
    ]:
        for value in values:
            put("code", base, pointer, value, "code-not-in-value-set", rule.format(path_of(base, pointer), set_name))
    for pointer, name in (("/clinicalStatus", "condition-clinical"), ("/verificationStatus", "condition-ver-status")):
        put("code", "condition", pointer + "/coding/0/code", "yes", "code-not-in-value-set",
            rule.format("Condition" + pointer.replace("/", "."), name), bound("condition", pointer))
        put("code", "condition", pointer + "/coding/0/system", "http://example.org/c", "code-not-in-value-set",
            rule.format("Condition" + pointer.replace("/", "."), name),
            bound("condition", pointer) + [path_of("condition", pointer) + ".coding[0].system"])
        put("code", "condition", pointer, {"text": "active"}, "code-not-in-value-set",
            "R4 terminologies: a required binding of a CodeableConcept needs a coding of the value set",
            bound("condition", pointer))

    def concept(base, pointer, system, code, source, verdict="code-not-in-value-set"):
        put("answer" if verdict == "code-not-in-value-set" else "code-form" if verdict == "code-unknown" else "extensible",
            base, pointer, coding(system, code), verdict, source, bound(base, pointer))

    present = "GR 3.0.0 variant: value[x] required LL1971-2"
    for code in ("LA6576-8", "LA9633-5", "Present", "LA6668-3"):
        concept("variant-small", "/valueCodeableConcept", LOINC, code, present)
    concept("variant-cnv", "/valueCodeableConcept", "http://snomed.info/sct", "52101004", present)
    put("answer", "variant-fusion", "/valueCodeableConcept", {"text": "Present"}, "code-not-in-value-set", present,
        bound("variant-fusion", "/valueCodeableConcept"))
    chromosome = component("variant-small", "48000-4") + "/valueCodeableConcept"
    for code in ("MT", "LA21278-9", "7", "chr7", "LA9633-4"):
        concept("variant-small", chromosome, LOINC, code, "GR 3.0.0 finding: chromosome-identifier required LL2938-0")
    concept("variant-cnv", component("variant-cnv", "48000-4") + "/valueCodeableConcept", "http://example.org/chr", "17",
            "GR 3.0.0 finding: chromosome-identifier required LL2938-0")
    put("answer", "variant-cnv", component("variant-cnv", "48000-4") + "/valueCodeableConcept", {"text": "MT"},
        "code-not-in-value-set", "GR 3.0.0 finding: chromosome-identifier required LL2938-0",
        bound("variant-cnv", component("variant-cnv", "48000-4") + "/valueCodeableConcept"))
    hgvs = "http://varnomen.hgvs.org"
    for base, code in (("variant-small", "48004-6"), ("variant-small", "48005-3"), ("variant-small", "81290-9"),
                       ("molecular-consequence", "48004-6"), ("molecular-consequence", "48005-3")):
        at = component(base, code) + "/valueCodeableConcept"
        rule_ = f"GR 3.0.0: component {code} required hgvs-vs"
        concept(base, at, LOINC, "NM_004333.4:c.1799T>A", rule_)
        put("answer", base, at, {"text": "c.1799T>A"}, "code-not-in-value-set", rule_, bound(base, at))
        for bad in ("GL606-607GL", "mutated"):
            concept(base, at, hgvs, bad, "HGVS nomenclature: a description has a type prefix or an amino acid change",
                    "code-unknown")
    phase = "GR 3.0.0 sequence-phase-relationship: value[x] required"
    for code in ("cis", "Both"):
        concept("sequence-phase-relationship", "/valueCodeableConcept",
                "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs", code, phase)
    concept("sequence-phase-relationship", "/valueCodeableConcept",
            GR + "CodeSystem/sequence-phase-relationship-cs", "Cis", phase + "; the STU2 system")
    confidence = component("variant-small", "variant-confidence-status") + "/valueCodeableConcept"
    system = "http://terminology.hl7.org/CodeSystem/variant-confidence-status-cs"
    for code in ("certain", "High"):
        concept("variant-small", confidence, system, code, "GR 3.0.0 variant: variant-confidence-status required")
    concept("variant-small", confidence, GR + "CodeSystem/variant-confidence-status-cs", "high",
            "GR 3.0.0 variant: variant-confidence-status required; the STU2 system")
    concept("medication-recommendation", "/code", "http://example.org/tasks", "other",
            "GR 3.0.0 medication-recommendation: code required LL4049-4")
    concept("medication-recommendation", "/code", LOINC, "LA9633-4",
            "GR 3.0.0 medication-recommendation: code required LL4049-4")
    put("answer", "medication-recommendation", "/code", {"text": "Consider another drug"}, "code-not-in-value-set",
        "GR 3.0.0 medication-recommendation: code required LL4049-4", bound("medication-recommendation", "/code"))
    warn = "code-not-preferred"
    concept("variant-small", component("variant-small", "48018-6") + "/valueCodeableConcept",
            "http://www.genenames.org/geneId", "HGNC:1097", "GR 3.0.0 finding: gene-studied extensible hgnc-vs", warn)
    concept("variant-small", component("variant-small", "48019-4") + "/valueCodeableConcept",
            "http://sequenceontology.org", "SO:0001483", "GR 3.0.0 variant: coding-change-type extensible; STU2 system", warn)
    concept("variant-fusion", component("variant-fusion", "48002-0") + "/valueCodeableConcept",
            "http://example.org/origin", "somatic", "GR 3.0.0 variant: genomic-source-class extensible LL378-1", warn)
    concept("variant-small", component("variant-small", "92822-6") + "/valueCodeableConcept", "http://example.org/c",
            "one", "GR 3.0.0 variant: coordinate-system extensible LL5323-2", warn)
    concept("variant-small", component("variant-small", "62374-4") + "/valueCodeableConcept", "http://example.org/c",
            "hg19", "GR 3.0.0 finding: reference-sequence-assembly extensible LL1040-6", warn)
    concept("therapeutic-implication", component("therapeutic-implication", "therapeutic-implication") +
            "/valueCodeableConcept", LOINC, "LA6668-3",
            "GR 3.0.0 therapeutic-implication: component extensible, enumerated", warn)
    concept("molecular-consequence", component("molecular-consequence", "feature-consequence") +
            "/valueCodeableConcept", "http://example.org/so", "missense",
            "GR 3.0.0 molecular-consequence: feature-consequence extensible", warn)
    concept("variant-cnv", component("variant-cnv", "48019-4") + "/valueCodeableConcept",
            "http://www.sequenceontology.org", "SO:0001565",
            "GR 3.0.0 variant: coding-change-type is-a SO:0002072; gene_fusion is none", warn)
    for base, code, term, rule_ in [
        ("variant-small", "48019-4", "SO:0001583", "coding-change-type is-a SO:0002072; missense_variant is none"),
        ("molecular-consequence", "feature-consequence", "SO:0002053",
         "feature-consequence is-a SO:0001537; gain_of_function_variant is none"),
        ("molecular-consequence", "functional-effect", "SO:0001583",
         "functional-effect is-a SO:0001536; missense_variant is none"),
    ]:
        concept(base, component(base, code) + "/valueCodeableConcept", "http://www.sequenceontology.org", term,
                f"GR 3.0.0: {rule_}", warn)
    for base, pointer in (("biomarker-tmb", "/valueQuantity/code"), ("specimen", "/collection/quantity/code")):
        path = path_of(base, pointer)
        put("code-form", base, pointer, "1/(", "code-unknown", "UCUM: parentheses are balanced", [path, up(path)])
        put("code-form", base, pointer, "m L", "code-unknown", "UCUM: no white space", [path, up(path)])


def types():
    """Every first-level element: another JSON type; a list where one value belongs, or the reverse. Once per type."""
    seen = set()
    for base, document in BASES.items():
        kind = document["resourceType"]
        for key, value in document.items():
            if key in ("resourceType",) or key.startswith("_") or (kind, key) in seen:
                continue
            seen.add((kind, key))
            path = path_of(base, "/" + key)
            source = f"R4 {kind}.{key}: JSON type"
            if isinstance(value, list):
                put("type-list", base, "/" + key, value[0], "type-wrong", source + " is a list", [path, path + "[0]"])
                put("type-json", base, "/" + key, "x" if isinstance(value[0], dict) else {"x": 1}, "type-wrong", source)
            else:
                put("type-list", base, "/" + key, [value], "type-wrong", source + " is no list", [path, path + "[0]"])
                wrong = {dict: "x", str: 5, bool: str(value).lower(), int: "1", float: "1"}[type(value)]
                put("type-json", base, "/" + key, wrong, "type-wrong", source)
    for base, pointer, value in [
        ("variant-small", component("variant-small", "81258-6") + "/valueQuantity/value", "0.32"),
        ("variant-small", component("variant-small", "69547-8") + "/valueString", 5),
        ("variant-small", component("variant-small", "69547-8") + "/valueString", {"text": "A"}),
        ("variant-small", component("variant-small", "81254-5") + "/valueRange/low", 140453136),
        ("variant-small", component("variant-small", "48018-6") + "/valueCodeableConcept", "BRAF"),
        ("variant-small", component("variant-small", "48018-6") + "/valueCodeableConcept/coding",
         {"system": "http://www.genenames.org", "code": "HGNC:1097"}),
        ("variant-small", "/code/coding/0/code", 695486),
        ("variant-small", "/code/coding", {"system": LOINC, "code": "69548-6"}),
        ("variant-small", "/subject/reference", {"id": "patient-1"}),
        ("variant-small", "/meta/profile", SD + "variant"),
        ("biomarker-tmb", "/valueQuantity/value", "7.8"),
        ("biomarker-tmb", "/valueQuantity/value", True),
        ("biomarker-tmb", "/valueQuantity", 7.8),
        ("biomarker-tmb", component("biomarker-tmb", "eligible-variants") + "/valueInteger", "10"),
        ("patient", "/name/0/given", "Nora"),
        ("patient", "/name/0/given/0", 7),
        ("patient", "/name/0/family", ["Testmann"]),
        ("patient", "/address/0/line", "Gate 1"),
        ("patient", "/telecom/0/rank", "1"),
        ("patient", "/communication/0/preferred", "yes"),
        ("patient", "/active", 1),
        ("patient", "/birthDate", 1961),
        ("patient", "/identifier/0", "S-0001"),
        ("patient", "/text/div", {"p": "x"}),
        ("medication-recommendation", "/restriction/repetitions", "2"),
        ("genomic-report", "/presentedForm/0/data", 17),
        ("service-request", "/occurrencePeriod/start", 20260610),
        ("bundle-transaction", "/entry/0", "Condition/x"),
        ("bundle-transaction", "/entry/0/resource", [{"resourceType": "Patient"}]),
        ("bundle-transaction", "/entry/0/request/url", 5),
    ]:
        path = path_of(base, pointer)
        put("type-deep", base, pointer, value, "type-wrong", "R4: JSON type of " + re.sub(r"\[\d+\]", "", path),
            [path, path + "[0]"] if isinstance(get(BASES[base], pointer), list) else [path])


def unknown():
    seen = set()
    for base, document in BASES.items():
        kind = document["resourceType"]
        put("unknown", base, "/gatewayNote", "x", "element-unknown", f"R4 {kind}: no such element")
        for key, value in document.items():
            where = "/" + key + ("/0" if isinstance(value, list) else "")
            if not isinstance(get(document, where), dict) or (kind, key) in seen or key.startswith("_"):
                continue
            seen.add((kind, key))
            if key in ("text", "contained"):
                continue
            put("unknown", base, where + "/colour", "x", "element-unknown", f"R4 {kind}.{key}: no such element")
    for base, pointer, why in [
        ("variant-small", "/Status", "names are case-sensitive"), ("variant-small", "/comment", "DSTU2 and STU3 element"),
        ("variant-small", "/valuecodeableConcept", "names are case-sensitive"), ("variant-small", "/related", "STU3 element"),
        ("variant-small", "/context", "STU3 element"), ("genomic-report", "/codedDiagnosis", "STU3 element"),
        ("genomic-report", "/note", "R5 element"), ("genomic-report", "/supportingInfo", "R5 element"),
        ("genomic-study", "/notDone", "STU3 element"), ("genomic-study", "/recorded", "R5 element"),
        ("medication-recommendation", "/requestedPerformer", "R5 element"), ("patient", "/animal", "STU3 element"),
        ("patient", "/careProvider", "DSTU2 element"), ("device", "/model", "STU3 element"),
        ("specimen", "/feature", "R5 element"), ("organization", "/description", "R5 element"),
        ("service-request", "/context", "STU3 element"), ("condition", "/assertedDate", "STU3 element"),
        ("genomic-data-file", "/created", "STU3 element"), ("genomic-data-file", "/version", "R5 element"),
        ("variant-small", "/fhir_comments", "R4 JSON: comments were removed after DSTU2"),
        ("bundle-transaction", "/issues", "R5 element"), ("bundle-transaction", "/entry/0/request/body", "no such element"),
    ]:
        put("unknown", base, pointer, "x", "element-unknown", f"R4: {why}")


def empties():
    seen = set()
    for base, document in BASES.items():
        kind = document["resourceType"]
        for key, value in document.items():
            if key in ("resourceType", "contained") or key.startswith("_") or (kind, key) in seen:
                continue
            seen.add((kind, key))
            if isinstance(value, (bool, int, float)):
                continue
            empty = [] if isinstance(value, list) else {} if isinstance(value, dict) else ""
            if len(seen) % 2:
                put("empty", base, "/" + key, empty, "element-empty", "R4 JSON: objects, arrays, strings are never empty")
            else:
                put("null", base, "/" + key, None, ["element-empty", "type-wrong"],
                    "R4 JSON: a property never has the value null")
    for base, pointer, empty in [
        ("variant-small", "/code/coding", []), ("variant-small", "/code/coding/0", {}), ("variant-small", "/component/0", {}),
        ("variant-small", "/code/coding/0/display", ""), ("variant-small", "/subject/reference", ""),
        ("variant-small", component("variant-small", "69547-8") + "/valueString", ""),
        ("patient", "/name/0", {}), ("patient", "/name/0/given", []), ("patient", "/name/0/given/0", ""),
        ("patient", "/contact/0/name", {}), ("patient", "/_birthDate", {}), ("genomic-report", "/result/0", {}),
        ("genomic-data-file", "/content/0/attachment", {}), ("bundle-transaction", "/entry", []),
        ("bundle-transaction", "/entry/0/request", {}),
    ]:
        path = path_of(base, pointer)
        put("empty", base, pointer, empty, "element-empty", "R4 JSON: objects, arrays, strings are never empty",
            [path, path + "[0]"] if empty == [] else [path])
    for base, pointer in [("variant-small", "/category/0"), ("variant-small", "/component/3"), ("patient", "/name/0/given/0"),
                          ("patient", "/name/0"), ("genomic-report", "/result/2"), ("variant-small", "/code/coding/0/code"),
                          ("bundle-transaction", "/entry/3")]:
        path = path_of(base, pointer)
        put("null", base, pointer, None, ["element-empty", "type-wrong"],
            "R4 JSON: null only in a list of primitives whose sibling has an object there",
            [path, up(path)] if path.endswith("]") else [path])


def primitives():
    stamp = ["2026-06-15T09:30:00", "2026-06-15", "2026-06-15T09:30+02:00", "2026-06-15 09:30:00+02:00",
             "2026-06-15T24:30:00+02:00", "2026-06-15T09:30:00+0200"]
    moment = ["2026-6-15", "15.06.2026", "2026-13-01", "2026-06-31", "2026-06-15T09:30:00", "2026-06-15T09:30", "20260615",
              "2026-06-15T09:30:00+2", "today", "2026-02-29"]
    day = ["2026-1-1", "1961-04-03T00:00:00Z", "1961-00-03", "03/04/1961", "61-04-03", "1961-02-30", "0000-01-01"]
    for base, pointer, values, kind in [
        ("variant-small", "/issued", stamp, "instant"), ("variant-small", "/effectiveDateTime", moment, "dateTime"),
        ("patient", "/birthDate", day, "date"), ("genomic-data-file", "/date", stamp[:3], "instant"),
        ("bundle-transaction", "/timestamp", stamp[:2], "instant"), ("genomic-report", "/effectiveDateTime", moment[:3], "dateTime"),
        ("genomic-study", "/performedDateTime", moment[:2], "dateTime"), ("medication-recommendation", "/authoredOn", moment[:2], "dateTime"),
        ("specimen", "/receivedTime", ["2026-06-10T08:00:00"], "dateTime"), ("specimen", "/collection/collectedDateTime", ["9 June"], "dateTime"),
        ("condition", "/onsetDateTime", ["2025-11-", "autumn"], "dateTime"), ("device", "/expirationDate", ["01/2030"], "dateTime"),
        ("service-request", "/authoredOn", ["2026-06-09T12:00:00"], "dateTime"),
        ("service-request", "/occurrencePeriod/end", ["2026-06-xx"], "dateTime"),
        ("variant-small", "/id", ["variant_small", "variant small", "a" * 65, "v/1", "ø"], "id"),
        ("patient", "/id", ["patient#1"], "id"), ("genomic-report", "/id", ["report:1"], "id"),
        ("patient", "/gender", [" female", "female "], "code"), ("variant-small", "/status", ["final "], "code"),
        ("patient", "/identifier/0/system", ["http://example.org/a b"], "uri"),
        ("variant-small", component("variant-small", "51958-7") + "/valueCodeableConcept/coding/0/system", ["no uri"], "uri"),
        ("genomic-report", "/presentedForm/0/data", ["JVBERi0*", "abc"], "base64Binary"),
        ("genomic-data-file", "/content/0/attachment/url", ["http://example.org/f 1.vcf"], "url"),
        ("medication-recommendation", "/restriction/repetitions", [0, -1, 1.5], "positiveInt"),
        ("patient", "/telecom/0/rank", [0, -3], "positiveInt"), ("patient", "/multipleBirthInteger", [1.5], "integer"),
        ("variant-splice", component("variant-splice", "repeat-motif") + "/extension/0/valuePositiveInt", [0], "positiveInt"),
        ("biomarker-tmb", component("biomarker-tmb", "eligible-variants") + "/valueInteger", [10.5, 3000000000], "integer"),
        ("genomic-study-analysis", "/instantiatesUri/0", ["a b"], "uri"),
        ("bundle-transaction", "/entry/0/fullUrl", ["urn:uuid: x"], "uri"),
    ]:
        for value in values:
            path = path_of(base, pointer)
            code = "primitive-invalid"
            put("primitive", base, pointer, value, ["primitive-invalid", "type-wrong"] if isinstance(value, float) else code,
                f"R4 datatypes: {kind}", path)
    put("primitive", "variant-small", "/meta/lastUpdated", "2026-06-15", "primitive-invalid", "R4 datatypes: instant")
    put("primitive", "variant-small", "/meta/versionId", "1/2", "primitive-invalid", "R4 datatypes: id")
    put("primitive", "variant-small", "/language", "n b ", "primitive-invalid", "R4 datatypes: code")


def siblings():
    rule = "R4 JSON: `_name` holds the id and extensions of a primitive"
    date = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    for base, pointer, value, code, paths in [
        ("variant-small", "/_status", "x", "type-wrong", ["Observation.status"]),
        ("variant-small", "/_status", [{"id": "a"}], "type-wrong", ["Observation.status"]),
        ("variant-small", "/_status", {"note": "x"}, "element-unknown", ["Observation.status.note", "Observation.status"]),
        ("variant-small", "/_gatewayNote", {"id": "a"}, "element-unknown", ["Observation._gatewayNote", "Observation.gatewayNote"]),
        ("variant-small", "/_code", {"id": "a"}, "element-unknown", ["Observation._code", "Observation.code"]),
        ("variant-small", "/_subject", {"id": "a"}, "element-unknown", ["Observation._subject", "Observation.subject"]),
        ("variant-small", "/_resourceType", {"id": "a"}, "element-unknown", ["Observation._resourceType", "Observation.resourceType", "Observation"]),
        ("patient", "/_birthDate", {"value": "1961"}, "element-unknown", ["Patient.birthDate.value", "Patient.birthDate"]),
        ("patient", "/_birthDate/extension/0", {"url": date, "valueCode": "unknown", "extension": [{"url": "x", "valueCode": "y"}]},
         "extension-invalid", ["Patient.birthDate.extension[0]"]),
        ("patient", "/_birthDate/extension/0", {"valueCode": "unknown"}, "extension-invalid",
         ["Patient.birthDate.extension[0]", "Patient.birthDate.extension[0].url"]),
        ("patient", "/_birthDate/extension", {"url": date, "valueCode": "unknown"}, "type-wrong",
         ["Patient.birthDate.extension", "Patient.birthDate.extension[0]"]),
        ("patient", "/_birthDate", None, ["element-empty", "type-wrong"], ["Patient.birthDate"]),
        ("patient", "/_birthDate", {"extension": []}, "element-empty", ["Patient.birthDate.extension", "Patient.birthDate.extension[0]"]),
        ("patient", "/_gender", 5, "type-wrong", ["Patient.gender"]),
        ("patient", "/_active", {"id": "a b"}, "primitive-invalid", ["Patient.active.id"]),
        ("patient", "/name/0/_given", {"id": "a"}, "type-wrong", ["Patient.name[0].given", "Patient.name[0].given[0]"]),
        ("patient", "/name/0/_given", ["x"], "type-wrong", ["Patient.name[0].given[0]", "Patient.name[0].given"]),
        ("patient", "/name/0/_given", [None, {"colour": "x"}], "element-unknown", ["Patient.name[0].given[1].colour", "Patient.name[0].given[1]"]),
        ("patient", "/name/0/_given", [{}, None], "element-empty", ["Patient.name[0].given[0]"]),
        ("patient", "/name/0/_family", [None], "type-wrong", ["Patient.name[0].family", "Patient.name[0].family[0]"]),
        ("patient", "/name/0/_family", {}, "element-empty", ["Patient.name[0].family"]),
    ]:
        put("sibling", base, pointer, value, code, rule, paths)
    add("sibling", "patient", "rename", "/birthDate", "birthdate", "element-unknown", "Patient.birthdate", rule)
    add("sibling", "variant-small", "rename", "/status", "_status", "type-wrong", "Observation.status", rule)


def extensions():
    study = "genomic-study-analysis"
    rule = "R4 ext-1: an extension has either a value or extensions"
    for base, at in [(study, extension(study, "title")), ("genomic-report", "/extension/0"), ("genomic-study", "/extension/0"),
                     ("variant-splice", component("variant-splice", "repeat-motif") + "/extension/0"),
                     ("patient", "/_birthDate/extension/0")]:
        path = path_of(base, at)
        put("extension", base, at + "/extension", [{"url": "http://example.org/x", "valueString": "y"}],
            "extension-invalid", rule, [path, path + ".extension"])
        value = next(key for key in get(BASES[base], at) if key.startswith("value"))
        add("extension", base, "remove", f"{at}/{value}", None, ["extension-invalid", "invariant-failed", "cardinality-min"],
            [path, path + ".value"], rule)
        add("extension", base, "remove", at + "/url", None, "extension-invalid", [path + ".url", path],
            "R4 Extension.url 1..1")
    for name in ("metrics", "regions", "device", "output"):
        at = extension(study, "analysis-" + name)
        path = path_of(study, at)
        put("extension", study, at + "/valueString", "x", ["extension-invalid", "cardinality-max"],
            f"GR 3.0.0 extension genomic-study-analysis-{name}: value[x] 0..0", [path, path + ".value"])
        index = 1 if name == "regions" else 0
        inner = f"{at}/extension/{index}"
        put("extension", study, inner + "/colour", "x", "element-unknown", "R4 Extension: no such element")
        value = next(key for key in get(BASES[study], inner) if key.startswith("value"))
        wrong = ("valueDate", "2026-06-14")
        inner_path = path_of(study, inner)
        add("extension", study, "all", inner, [["remove", f"{inner}/{value}", None], ["add", f"{inner}/{wrong[0]}", wrong[1]]],
            "type-wrong", [inner_path + ".value", inner_path, inner_path + ".valueDate"],
            f"GR 3.0.0 extension genomic-study-analysis-{name}: type of the part")
        if name != "regions":
            part = get(BASES[study], inner)["url"]
            add("extension", study, "duplicate", inner, None, "slice-max",
                [f"{path}.extension[0]", f"{path}.extension[1]", f"{path}.extension"],
                f"GR 3.0.0 extension genomic-study-analysis-{name}: {part} 0..1", part)
    for name in ("genome-build", "genomic-source-class", "title", "metrics", "regions"):
        at = extension(study, "analysis-" + name)
        index = int(at.rpartition("/")[2])
        add("extension", study, "duplicate", at, None, "slice-max",
            [f"Procedure.extension[{index + 1}]", f"Procedure.extension[{index}]", "Procedure.extension"],
            f"GR 3.0.0 genomic-study-analysis: extension {name} 0..1", name)
    place = "GR 3.0.0: context of the extension"
    for base, url, value in [
        ("variant-small", SD + "genomic-report-note", {"valueAnnotation": {"text": "x"}}),
        ("patient", SD + "genomic-study-analysis-title", {"valueString": "x"}),
        ("variant-small", SD + "repeat-motif-order", {"valuePositiveInt": 1}),
        ("genomic-report", SD + "genomic-study-analysis-title", {"valueString": "x"}),
        ("specimen", SD + "genomic-study-reference", {"valueReference": {"reference": "Procedure/study-1"}}),
        ("genomic-data-file", SD + "medication-assessed-reference", {"valueReference": {"reference": "Medication/m1"}}),
        ("device", SD + "annotation-code", {"valueCodeableConcept": {"text": "x"}}),
        ("condition", SD + "therapy-assessed-reference", {"valueReference": {"reference": "CarePlan/c1"}}),
    ]:
        at = "/extension/-" if "extension" in BASES[base] else "/extension"
        item = {"url": url, **value}
        kind = BASES[base]["resourceType"]
        index = len(BASES[base].get("extension", []))
        put("extension-place", base, at, item if at.endswith("-") else [item], "extension-invalid", place,
            [f"{kind}.extension[{index}]", f"{kind}.extension[{index}].url"])
    for base in ("variant-small", "patient", "specimen"):
        kind = BASES[base]["resourceType"]
        put("extension-unknown", base, "/extension", [{"url": "http://example.org/StructureDefinition/none", "valueString": "x"}],
            "extension-unknown", "R4 extensibility: the definition is not available",
            [f"{kind}.extension[0]", f"{kind}.extension[0].url"])
    put("extension-unknown", "variant-small", "/modifierExtension",
        [{"url": "http://example.org/StructureDefinition/none", "valueString": "x"}], "modifier-extension-unknown",
        "R4 extensibility: who does not understand a modifier extension must not process the resource",
        ["Observation.modifierExtension[0]", "Observation.modifierExtension[0].url"])
    for url, code in ((SD + "genomic-studyreference", "extension-undefined"),
                      ("https://impress-gateway.example/fhir/StructureDefinition/none", "extension-undefined"),
                      ("relative", "extension-invalid")):
        put("extension-unknown", "variant-small", "/extension", [{"url": url, "valueString": "x"}], code,
            "R4 extensibility: the URL is absolute, and that of a definition; the package has none of this name",
            ["Observation.extension[0]", "Observation.extension[0].url"])
    note = "/note/0/extension/0"
    put("narrowed", "variant-small", note, {"url": SD + "annotation-code", "valueString": "x"}, "type-wrong",
        "GR 3.0.0 annotation-code: value[x] is a CodeableConcept",
        ["Observation.note[0].extension[0].value", "Observation.note[0].extension[0]", "Observation.note[0].extension[0].valueString"])
    add("extension", "variant-small", "duplicate", note, None, "slice-max",
        ["Observation.note[0].extension[1]", "Observation.note[0].extension[0]", "Observation.note[0].extension"],
        "GR 3.0.0 coded-annotation: extension code 0..1", "code")


def references():
    for base, pointer, target in [
        ("variant-small", "/subject", "Observation/o1"), ("variant-small", "/subject", "Practitioner/p1"),
        ("variant-small", "/specimen", "Patient/p1"), ("variant-small", "/performer/0", "Device/d1"),
        ("variant-small", "/partOf/0", "Observation/o1"), ("biomarker-tmb", "/derivedFrom/0", "Patient/p1"),
        ("molecular-consequence", "/derivedFrom/0", "Specimen/s1"), ("genotype", "/derivedFrom/0", "Condition/c1"),
        ("therapeutic-implication", component("therapeutic-implication", "associated-therapy") + "/extension/0/valueReference", "Patient/p1"),
        ("genomic-report", "/subject", "Specimen/s1"), ("genomic-report", "/result/0", "DiagnosticReport/r1"),
        ("genomic-report", "/result/3", "Patient/p1"), ("genomic-report", "/specimen/0", "Observation/o1"),
        ("genomic-report", "/basedOn/0", "Task/t1"), ("genomic-report", "/performer/0", "Patient/p1"),
        ("genomic-report", "/extension/0/valueReference", "Observation/o1"), ("genomic-report", "/extension/1/valueReference", "Observation/o1"),
        ("genomic-study", "/basedOn/0", "CarePlan/c1"), ("genomic-study", "/subject", "Device/d1"),
        ("genomic-study", "/performer/0/actor", "Observation/o1"), ("genomic-study", "/reasonReference/0", "DiagnosticReport/r1"),
        ("genomic-study", "/extension/0/valueReference", "Patient/p1"),
        ("genomic-study-analysis", "/performer/0/actor", "Patient/p1"), ("genomic-study-analysis", "/subject", "Organization/o1"),
        ("genomic-study-analysis", extension("genomic-study-analysis", "specimen") + "/valueReference", "Patient/p1"),
        ("genomic-study-analysis", extension("genomic-study-analysis", "analysis-device") + "/extension/0/valueReference", "Organization/o1"),
        ("genomic-study-analysis", extension("genomic-study-analysis", "output") + "/extension/0/valueReference", "Binary/b1"),
        ("genomic-data-file", "/subject", "Specimen/s1"), ("genomic-data-file", "/context/related/0", "Observation/o1"),
        ("medication-recommendation", "/focus", "MedicationRequest/m1"), ("medication-recommendation", "/requester", "CareTeam/c1"),
        ("medication-recommendation", "/reasonReference", "Condition/c1"), ("followup-recommendation", "/reasonReference", "Patient/p1"),
        ("patient", "/managingOrganization", "Practitioner/p1"), ("patient", "/link/0/other", "Person/p1"),
        ("specimen", "/subject", "Organization/o1"), ("specimen", "/request/0", "Task/t1"),
        ("device", "/owner", "Patient/p1"), ("service-request", "/subject", "Practitioner/p1"),
        ("service-request", "/specimen/0", "Observation/o1"), ("service-request", "/reasonReference/0", "Procedure/p1"),
        ("condition", "/subject", "Device/d1"),
    ]:
        path = path_of(base, pointer)
        element = re.sub(r"\[\d+\]", "", path)
        put("target", base, pointer + "/reference", target, "reference-target",
            f"allowed targets of {element} in R4 and GR 3.0.0", [path, path + ".reference"])
    for base, pointer in (("variant-small", "/subject"), ("genomic-report", "/result/0"), ("service-request", "/specimen/0")):
        for value in ("patient-1", "Patient", "patient/1", "Patients/1", "Patient/a_b", "Patient/1/2", "urn:uuid:1",
                      "http://example.org/a b", "Patient/"):
            path = path_of(base, pointer)
            put("reference-form", base, pointer + "/reference", value, "reference-invalid", "R4 references.html: forms of a reference",
                [path + ".reference", path])
    for base, pointer in (("variant-small", "/subject"), ("genomic-report", "/specimen/0"), ("condition", "/subject")):
        path = path_of(base, pointer)
        put("contained", base, pointer + "/reference", "#missing", ["reference-unresolved", "invariant-failed"],
            "R4 ref-1: a local reference is to a contained resource", [path + ".reference", path])
    put("contained", "biomarker-msi", "/device/reference", "#other", ["reference-unresolved", "invariant-failed"],
        "R4 ref-1", ["Observation.device.reference", "Observation.device"])
    put("contained", "biomarker-msi", "/device/reference", "Device/d1", "invariant-failed", "R4 dom-3",
        ["Observation", "Observation.contained[0]"], "dom-3")
    put("contained", "biomarker-msi", "/contained/0/contained", [{"resourceType": "Patient", "id": "p"}], "invariant-failed",
        "R4 dom-2", ["Observation", "Observation.contained[0]", "Observation.contained[0].contained"], "dom-2")
    put("contained", "biomarker-msi", "/contained/0/meta", {"versionId": "1"}, "invariant-failed", "R4 dom-4",
        ["Observation", "Observation.contained[0]", "Observation.contained[0].meta"], "dom-4")
    put("contained", "biomarker-msi", "/contained/0/meta", {"security": [{"code": "R"}]}, "invariant-failed", "R4 dom-5",
        ["Observation", "Observation.contained[0]", "Observation.contained[0].meta"], "dom-5")
    put("contained", "biomarker-msi", "/contained/0/status", "final", "code-not-in-value-set", "R4 Device.status")
    put("contained", "biomarker-msi", "/contained/0/colour", "x", "element-unknown", "R4 Device: no such element")
    drop("contained", "biomarker-msi", "/contained/0/deviceName/0/name", "R4 Device.deviceName.name 1..1")
    add("contained", "biomarker-msi", "remove", "/contained/0/resourceType", None, "resource-type-unknown",
        ["Observation.contained[0]", "Observation.contained[0].resourceType"], "R4 JSON: resourceType")
    put("contained", "biomarker-msi", "/contained/0/resourceType", "Gadget", "resource-type-unknown", "R4 resource types",
        ["Observation.contained[0]", "Observation.contained[0].resourceType"])
    put("contained", "biomarker-msi", "/subject/reference", "#pipeline2", ["reference-unresolved", "invariant-failed"],
        "R4 ref-1", ["Observation.subject", "Observation.subject.reference"])
    put("contained", "biomarker-msi", "/specimen/reference", "#pipeline", "reference-target",
        "R4 Observation.specimen: Specimen", ["Observation.specimen", "Observation.specimen.reference"])


def invariants():
    def broken(base, key, pointer, value, paths):
        put("invariant", base, pointer, value, "invariant-failed", f"R4 {key}", paths, key)

    absent = coding("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown")
    for base in ("variant-small", "biomarker-tmb", "genotype", "haplotype", "sequence-phase-relationship"):
        broken(base, "obs-6", "/dataAbsentReason", absent, ["Observation"])
    for base in ("variant-small", "biomarker-tmb", "genotype", "haplotype", "sequence-phase-relationship"):
        at = "/component/-" if "component" in BASES[base] else "/component"
        item = {"code": BASES[base]["code"], "valueString": "x"}
        broken(base, "obs-7", at, item if at.endswith("-") else [item], ["Observation"])
    put("invariant", "biomarker-tmb", "/referenceRange/0", {"type": {"text": "normal"}}, "invariant-failed", "R4 obs-3",
        "Observation.referenceRange[0]", "obs-3")
    ranges = component("variant-small", "81254-5") + "/valueRange"
    broken("variant-small", "rng-2", ranges + "/low/value", 140453137, [path_of("variant-small", ranges)])
    broken("variant-cnv", "rng-2", component("variant-cnv", "81301-4") + "/valueRange/high/value", 1,
           [path_of("variant-cnv", component("variant-cnv", "81301-4") + "/valueRange")])
    low = path_of("variant-small", ranges) + ".low"
    put("invariant", "variant-small", ranges + "/low/comparator", "<", ["invariant-failed", "cardinality-max"],
        "R4 SimpleQuantity: comparator 0..0, sqty-1", [low, low + ".comparator"])
    for base, pointer in (("variant-small", component("variant-small", "81258-6") + "/valueQuantity"),
                          ("biomarker-tmb", "/valueQuantity"), ("specimen", "/collection/quantity"),
                          ("specimen", "/container/0/capacity")):
        add("invariant", base, "remove", pointer + "/system", None, "invariant-failed", path_of(base, pointer), "R4 qty-3", "qty-3")
    for base, pointer in (("patient", "/identifier/0/period"), ("genomic-data-file", "/context/period"),
                          ("service-request", "/occurrencePeriod")):
        broken(base, "per-1", pointer + "/start", "2027-06-14", [path_of(base, pointer)])
    add("invariant", "genomic-report", "remove", "/presentedForm/0/contentType", None, "invariant-failed",
        "DiagnosticReport.presentedForm[0]", "R4 att-1", "att-1")
    for base, pointer in (("patient", "/telecom/0"), ("patient", "/contact/0/telecom/0"), ("organization", "/telecom/0"),
                          ("organization", "/contact/0/telecom/0"), ("device", "/contact/0")):
        add("invariant", base, "remove", pointer + "/system", None, "invariant-failed", path_of(base, pointer), "R4 cpt-2", "cpt-2")
    broken("patient", "pat-1", "/contact/0", {"gender": "male"}, ["Patient.contact[0]"])
    add("invariant", "organization", "all", "/name", [["remove", "/name", None], ["remove", "/identifier", None]],
        "invariant-failed", "Organization", "R4 org-1", "org-1")
    broken("organization", "org-2", "/address/0/use", "home", ["Organization.address[0]", "Organization.address"])
    broken("organization", "org-3", "/telecom/0/use", "home", ["Organization.telecom[0]", "Organization.telecom"])
    add("invariant", "service-request", "remove", "/code", None, "invariant-failed", "ServiceRequest", "R4 prr-1", "prr-1")
    broken("condition", "con-4", "/abatementDateTime", "2026-01-01", ["Condition"])
    broken("condition", "con-5", "/verificationStatus/coding/0/code", "entered-in-error", ["Condition"])
    broken("condition", "con-1", "/stage/0", {"type": {"text": "x"}}, ["Condition.stage[0]"])
    broken("condition", "con-2", "/evidence/0", {"id": "e1"}, ["Condition.evidence[0]"])
    for base in ("medication-recommendation", "followup-recommendation"):
        broken(base, "inv-1", "/lastModified", "2026-06-01", ["Task"])
    for value, key in (("<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>", "txt-1"),
                       ("<div xmlns=\"http://www.w3.org/1999/xhtml\" onclick=\"x()\"><p>x</p></div>", "txt-1"),
                       ("<div xmlns=\"http://www.w3.org/1999/xhtml\"> </div>", "txt-2")):
        put("narrative", "patient", "/text/div", value, ["invariant-failed", "primitive-invalid"], f"R4 {key}",
            ["Patient.text.div", "Patient.text"])
    inside = "<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>"
    for text in ("Smith & Sons", "&bogus;", "&nbsp;", "<p title=\"a<b\">x</p>", "<p title=\"a\" title=\"b\">x</p>",
                 "<a href=\"javascript:x()\">x</a>", "<a href=\"&#106;avascript:x()\">x</a>", "<a href=\"java\tscript:x()\">x</a>",
                 "<a href=\"vbscript:x\">x</a>", "<a href=\"data:text/html,x\">x</a>"):
        put("narrative", "patient", "/text/div", inside.format(text), ["invariant-failed", "primitive-invalid"],
            "R4 narrative: well-formed XHTML, no entities of HTML, no active content", ["Patient.text.div", "Patient.text"])
    for value in ("plain text", "<p>x</p>", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</div>"):
        put("narrative", "patient", "/text/div", value, ["invariant-failed", "primitive-invalid"],
            "R4 narrative: one well-formed XHTML div", ["Patient.text.div", "Patient.text"])
    schedule = {"repeat": {"frequency": 1}}
    for extra, key in (({"duration": 1}, "tim-1"), ({"period": 1}, "tim-2"), ({"duration": -1, "durationUnit": "h"}, "tim-4"),
                       ({"period": -1, "periodUnit": "d"}, "tim-5"), ({"periodMax": 2}, "tim-6"), ({"durationMax": 2}, "tim-7"),
                       ({"countMax": 2}, "tim-8"), ({"offset": 5}, "tim-9"),
                       ({"timeOfDay": ["08:00:00"], "when": ["MORN"]}, "tim-10")):
        add("invariant", "service-request", "all", "/occurrencePeriod", [["remove", "/occurrencePeriod", None],
            ["add", "/occurrenceTiming", {"repeat": {**schedule["repeat"], **extra}}]], "invariant-failed",
            "ServiceRequest.occurrence.repeat", f"R4 {key}", key)


def reference_types():
    rule = "R4 Reference.type: the type of what the reference leads to"
    for base, pointer, wrong in (("variant-small", "/subject", "Device"), ("specimen", "/subject", "Group"),
                                 ("variant-small", "/specimen", "Patient")):
        path = path_of(base, pointer)
        put("reference-form", base, pointer + "/type", wrong, ["reference-invalid", "reference-target"], rule,
            [path, path + ".type", up(path)])


def claims():
    rule = "GR 3.0.0 has no profile of this name; earlier editions had most of them"
    for base, names in {
        "genomic-report": ["genomics-report", "genomic-reports"],
        "biomarker-tmb": ["tmb"], "biomarker-msi": ["msi"],
        "variant-small": ["region-studied", "overall-interpretation", "genomics-base", "Variant", "inherited-disease-pathogenicity"],
        "genomic-data-file": ["genomics-document-reference"], "genomic-study": ["genomics-study"],
        "medication-recommendation": ["task-med-chg"], "followup-recommendation": ["task-rec-followup"],
    }.items():
        for name in names:
            path = f"{BASES[base]['resourceType']}.meta.profile[0]"
            put("claim", base, "/meta/profile/0", SD + name, "unknown", rule, [path, up(path)])
    for base, url in (("variant-small", SD + "variant|2.0.0"), ("genomic-report", SD + "genomic-report|9.9.9")):
        path = f"{BASES[base]['resourceType']}.meta.profile[0]"
        put("claim", base, "/meta/profile/0", url, "unknown",
            "R4 canonical: the version after | is that of the definition; 3.0.0 is loaded", [path, up(path)])
    for base in ("patient", "specimen"):
        kind = BASES[base]["resourceType"]
        put("claim", base, "/meta", {"profile": ["http://hl7.org/fhir/StructureDefinition/NoSuchProfile"]}, "unknown",
            "R4 has no such profile", [f"{kind}.meta.profile[0]", f"{kind}.meta.profile"])
        put("claim", base, "/meta", {"profile": ["http://example.org/StructureDefinition/other"]}, "not-loaded",
            "the profile is of no loaded package", [f"{kind}.meta.profile[0]", f"{kind}.meta.profile"])
    for base, name in [("genomic-report", "variant"), ("variant-small", "genomic-report"), ("genomic-study", "variant"),
                       ("medication-recommendation", "genomic-study"), ("genomic-data-file", "molecular-biomarker"),
                       ("genotype", "genomic-study-analysis")]:
        path = f"{BASES[base]['resourceType']}.meta.profile[0]"
        put("claim", base, "/meta/profile/0", SD + name, "wrong-type", "StructureDefinition.type of the claimed profile",
            [path, up(path)])
    put("claim", "patient", "/meta", {"profile": [SD + "variant"]}, "wrong-type", "StructureDefinition.type",
        ["Patient.meta.profile[0]", "Patient.meta.profile"])
    second = [
        ("variant-small", "genotype", "pattern-value", bound("variant-small", "/code"), ""),
        ("genotype", "haplotype", "pattern-value", bound("genotype", "/code"), ""),
        ("biomarker-msi", "genomic-base", "slice-min", ["Observation.category", "Observation"], "geCategory"),
        ("variant-small", "molecular-biomarker", "slice-min", ["Observation.category", "Observation"], "mbCategory"),
        ("variant-small", "implication", "cardinality-max", ["Observation.value"], ""),
        ("genotype", "implication", "cardinality-max", ["Observation.value"], ""),
    ]
    for base, name, code, paths, names in second:
        put("claim", base, "/meta/profile/-", SD + name, code, f"every claimed profile is checked: GR 3.0.0 {name}", paths, names)


def bundles():
    b = "bundle-transaction"
    document = BASES[b]
    for index, item in enumerate(document["entry"]):
        put("bundle-entry", b, f"/entry/{index}/resource/gatewayNote", "x", "element-unknown", "R4: no such element, in a Bundle")
    mandatory = {"Condition": "subject", "DiagnosticReport": "code", "DocumentReference": "content", "Observation": "status",
                 "Procedure": "subject", "ServiceRequest": "intent", "Task": "status"}
    for index, item in enumerate(document["entry"]):
        name = mandatory.get(item["resource"]["resourceType"])
        if name:
            drop("bundle-entry", b, f"/entry/{index}/resource/{name}", f"R4: {name} 1..1, in a Bundle")
    rule = "R4 Bundle.entry.fullUrl: SHALL have a value except on a POST"
    for index in (0, entry("Patient"), entry("Specimen")):
        path = f"Bundle.entry[{index}]"
        add("bundle", b, "remove", f"/entry/{index}/fullUrl", None, "bundle-rule", [path, path + ".fullUrl"], rule)
    for index in (0, entry("Task"), entry("Organization")):
        path = f"Bundle.entry[{index}]"
        add("bundle", b, "remove", f"/entry/{index}/request", None, ["invariant-failed", "bundle-rule"],
            [path, path + ".request", "Bundle", "Bundle.entry"], "R4 bdl-3")
        drop("bundle", b, f"/entry/{index}/request/method", "R4 Bundle.entry.request.method 1..1")
        drop("bundle", b, f"/entry/{index}/request/url", "R4 Bundle.entry.request.url 1..1")
        add("bundle", b, "remove", f"/entry/{index}/resource", None, "bundle-rule",
            [path, path + ".resource", path + ".request", path + ".request.method"], "R4 http.html: a PUT has a resource")
        request = get(document, f"/entry/{index}/request/url")
        kind = request.partition("/")[0]
        for url in (kind + "/other", "Encounter/" + request.partition("/")[2], kind):
            put("bundle", b, f"/entry/{index}/request/url", url, "bundle-rule",
                "R4 http.html update: the URL names the type and id of the resource",
                [path + ".request.url", path + ".request", path])
        put("bundle", b, f"/entry/{index}/resource/id", "other", "bundle-rule",
            "R4 http.html update: the URL names the type and id of the resource",
            [path + ".request.url", path + ".request", path, path + ".resource.id", path + ".fullUrl"])
        add("bundle", b, "remove", f"/entry/{index}/resource/id", None, "bundle-rule",
            [path + ".resource.id", path + ".resource", path + ".request.url", path, path + ".request"],
            "R4 http.html update: the resource has the id of the URL")
    both = ["invariant-failed", "bundle-rule"]
    put("bundle", b, "/entry/1/fullUrl", url_of(0), both, "R4 bdl-7: fullUrl is unique",
        ["Bundle", "Bundle.entry[1].fullUrl", "Bundle.entry[1]", "Bundle.entry"])
    add("bundle", b, "duplicate", f"/entry/{entry('Device')}", None, both, ["Bundle", f"Bundle.entry[{entry('Device') + 1}]",
        f"Bundle.entry[{entry('Device') + 1}].fullUrl", "Bundle.entry"], "R4 bdl-7: fullUrl is unique")
    add("bundle", b, "all", "", [["duplicate", f"/entry/{entry('Device')}", None],
        ["set", f"/entry/{entry('Device') + 1}/fullUrl", "urn:uuid:00000000-0000-4000-8000-000000000001"]], "bundle-rule",
        [f"Bundle.entry[{entry('Device') + 1}]", f"Bundle.entry[{entry('Device') + 1}].request.url", f"Bundle.entry[{entry('Device') + 1}].fullUrl",
         f"Bundle.entry[{entry('Device') + 1}].request", f"Bundle.entry[{entry('Device') + 1}].resource.id"], "R4 http.html transaction: each resource once")
    put("bundle", b, "/total", 24, both, "R4 bdl-1: total only in a searchset or history", ["Bundle", "Bundle.total"])
    put("bundle", b, "/entry/2/search", {"mode": "match"}, both, "R4 bdl-2: search only in a searchset",
        ["Bundle", "Bundle.entry[2].search", "Bundle.entry[2]", "Bundle.entry"])
    put("bundle", b, "/entry/2/response", {"status": "200"}, both, "R4 bdl-4: response only in a response",
        ["Bundle", "Bundle.entry[2].response", "Bundle.entry[2]", "Bundle.entry"])
    put("bundle", b, "/entry/1/fullUrl", "http://example.org/fhir/Device/x/_history/1", both, "R4 bdl-8", ["Bundle.entry[1]", "Bundle.entry[1].fullUrl"])
    put("bundle", b, "/entry/1/fullUrl", "http://example.org/fhir/Device/another", "bundle-rule",
        "R4 Bundle.entry.fullUrl: does not disagree with the id", ["Bundle.entry[1].fullUrl", "Bundle.entry[1]"])
    put("bundle", b, "/entry/1/fullUrl", "Device/x", ["bundle-rule", "primitive-invalid"], "R4 Bundle.entry.fullUrl: absolute",
        ["Bundle.entry[1].fullUrl", "Bundle.entry[1]"])
    put("bundle", b, "/entry/1/fullUrl", "urn:uuid:device", ["bundle-rule", "primitive-invalid"], "R4 uuid: form of urn:uuid",
        ["Bundle.entry[1].fullUrl", "Bundle.entry[1]"])
    put("bundle", b, "/entry/0", {"id": "e"}, both, "R4 bdl-5", ["Bundle.entry[0]", "Bundle"])
    drop("bundle", b, "/type", "R4 Bundle.type 1..1")
    put("bundle", b, "/type", "document", both, "R4 bdl-9, bdl-10, bdl-11", ["Bundle", "Bundle.entry[0].resource", "Bundle.identifier", "Bundle.entry[0]"])
    put("bundle", b, "/type", "message", both, "R4 bdl-12", ["Bundle", "Bundle.entry[0].resource", "Bundle.entry[0]"])
    put("bundle", b, "/type", "collection", both, "R4 bdl-3: request only in batch, transaction, history",
        ["Bundle", "Bundle.entry[0].request", "Bundle.entry[0]", "Bundle.entry"])
    add("bundle", b, "remove", "/entry/5/resource/resourceType", None, "resource-type-unknown",
        ["Bundle.entry[5].resource", "Bundle.entry[5].resource.resourceType"], "R4 JSON: resourceType")
    put("bundle", b, "/entry/5/resource/resourceType", "Variant", "resource-type-unknown", "R4 resource types",
        ["Bundle.entry[5].resource", "Bundle.entry[5].resource.resourceType"])
    lost = "urn:uuid:00000000-0000-4000-8000-00000000000f"
    slots = [(entry("Condition"), "/subject"), (entry("DiagnosticReport"), "/subject"), (entry("DiagnosticReport"), "/result/0"),
             (entry("DiagnosticReport"), "/extension/0/valueReference"), (entry_of("variant"), "/subject"),
             (entry_of("variant"), "/specimen"), (entry_of("molecular-consequence"), "/derivedFrom/0"),
             (entry_of("genomic-study"), "/extension/0/valueReference"), (entry("Specimen"), "/request/0"),
             (entry("ServiceRequest"), "/requester"), (entry("Task"), "/for"), (entry("DocumentReference"), "/context/related/0")]
    for index, pointer in slots:
        path = path_of(b, f"/entry/{index}/resource{pointer}")
        put("bundle-reference", b, f"/entry/{index}/resource{pointer}/reference", lost, "reference-unresolved",
            "R4 Bundle: a urn:uuid reference is to an entry of the Bundle", [path, path + ".reference"])
    for index, pointer in slots[:5]:
        path = path_of(b, f"/entry/{index}/resource{pointer}")
        reference = get(document, f"/entry/{index}/resource{pointer}/reference")
        kind = next(e["resource"]["resourceType"] for e in document["entry"] if e["fullUrl"] == reference)
        put("bundle-reference", b, f"/entry/{index}/resource{pointer}/reference", f"{kind}/absent", "reference-unresolved",
            "R4 Bundle: resolving references; a relative reference needs an entry", [path, path + ".reference"])
    for index, pointer, target, why in [
        (entry("Condition"), "/subject", entry("Organization"), "R4 Condition.subject"),
        (entry_of("variant"), "/subject", entry("Specimen"), "R4 Observation.subject"),
        (entry_of("variant"), "/specimen", entry("Patient"), "R4 Observation.specimen"),
        (entry_of("variant"), "/performer/0", entry("Device"), "R4 Observation.performer"),
        (entry_of("molecular-biomarker"), "/derivedFrom/0", entry("Patient"), "R4 Observation.derivedFrom"),
        (entry("DiagnosticReport"), "/result/1", entry("Specimen"), "R4 DiagnosticReport.result"),
        (entry("DiagnosticReport"), "/basedOn/0", entry("Task"), "R4 DiagnosticReport.basedOn"),
        (entry("DiagnosticReport"), "/extension/1/valueReference", entry_of("variant"), "GR recommended-action: Task"),
        (entry_of("genomic-study"), "/extension/0/valueReference", entry_of("genomic-study"), "GR genomic-study-analysis-ext: genomic-study-analysis"),
        (entry_of("genomic-study"), "/basedOn/0", entry("Condition"), "GR genomic-study.basedOn: ServiceRequest"),
        (entry_of("medication-recommendation"), "/reasonReference", entry_of("variant"), "GR medication-recommendation: therapeutic-implication"),
        (entry_of("medication-recommendation"), "/reasonReference", entry_of("diagnostic-implication"), "GR medication-recommendation: therapeutic-implication"),
        (entry_of("followup-recommendation"), "/reasonReference", entry_of("genotype"), "GR followup-recommendation: implications"),
        (entry("DocumentReference"), "/context/related/0", entry_of("variant"), "GR genomic-data-file: context.related genomic-report"),
        (entry("Specimen"), "/request/0", entry("Task"), "R4 Specimen.request"),
    ]:
        path = path_of(b, f"/entry/{index}/resource{pointer}")
        put("bundle-target", b, f"/entry/{index}/resource{pointer}/reference", url_of(target), "reference-target", why,
            [path, path + ".reference"])


def raw():
    def say(base, old, new, code, paths=()):
        text("json", base, old, new, code, "RFC 8259; R4 JSON", paths)

    for base, old, name in [("variant-small", '"status":"final"', "status"), ("genomic-report", '"status":"final"', "status"),
                            ("patient", '"gender":"female"', "gender"), ("specimen", '"status":"available"', "status"),
                            ("condition", '"onsetDateTime":"2025-11"', "onset"), ("organization", '"name":"Example Laboratory"', "name"),
                            ("device", '"manufacturer":"Example"', "manufacturer"), ("service-request", '"intent":"order"', "intent"),
                            ("medication-recommendation", '"intent":"proposal"', "intent"), ("genomic-data-file", '"docStatus":"final"', "docStatus"),
                            ("genomic-study", '"status":"completed"', "status")]:
        kind = BASES[base]["resourceType"]
        key = old.split('"')[1]
        say(base, old, f"{old},{old}", "json.key-repeated", [f"{kind}.{name}", kind, f"{kind}.{key}"])
    say("patient", '"family":"Testmann","given"', '"family":"A","family":"B","given"', "json.key-repeated", ["Patient.name[0].family", "Patient.name[0]"])
    for old, new in [('"value":0.32', '"value":NaN'), ('"value":0.32', '"value":.32'), ('"value":0.32', '"value":+0.32'),
                     ('"value":0.32', '"value":00.32'), ('"value":0.32', '"value":0.'), ('"value":0.32', '"value":Infinity'),
                     ('"value":0.32', '"value":0x1'), ('"status":"final"', "'status':'final'"), ('"status":"final"', 'status:"final"'),
                     ('"status":"final"', '"status":"final",'), ('"status":"final"', '"status":"fi\\ud800nal"'),
                     ('"status":"final"', '"status":"fi\tnal"'), ('"status":"final"', '"status":"fi\\xnal"'),
                     ('"status":"final"', '"status":True'), ('"status":"final"', '/* x */"status":"final"'),
                     ('"status":"final"', '"status" "final"'), ('{"resourceType":"Observation"', '"resourceType":"Observation"'),
                     ('{"resourceType":"Observation"', '{{"resourceType":"Observation"')]:
        say("variant-small", old, new, "json.invalid")
    for base in ("variant-small", "patient", "genomic-report", "device"):
        kind = BASES[base]["resourceType"]
        for new in ('"resourceType":"Thing"', f'"resourceType":"{kind.lower()}"', '"resourceType":""', '"resourceType":5', '"kind":"x"'):
            text("resource-type", base, f'{{"resourceType":"{kind}"', "{" + new, "resource-type-unknown", "R4 JSON: resourceType names the type")


def main():
    for family in (required, component_values, slices, patterns, forbidden, narrowed_types, choices, codes, types, unknown,
                   empties, primitives, siblings, extensions, references, reference_types, invariants, claims, bundles, raw):
        family()
    for part in (impress_findings, impress_records, impress_bundle, impress_way_back):
        for family in part.FAMILIES:
            family()
    header = ["id", "base", "operation", "pointer", "value", "code", "path", "names", "source"]
    for row in ROWS:
        assert not any("\t" in cell or "\n" in cell for cell in row), row
    lines = ["\t".join(row) for row in [header] + ROWS]
    (HERE / "mutants.tsv").write_text("\n".join(lines) + "\n")
    print(len(ROWS), "mutants;", ", ".join(f"{name} {count}" for name, count in COUNTS.items()))


if __name__ == "__main__":
    main()
