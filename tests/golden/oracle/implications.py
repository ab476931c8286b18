"""What the laboratory's curators say about a variant: tiers, classes, drugs, flags."""

from ids import Thing

# Flags of the small variant table: the display of each kind, and the values that have a code (Value: code, display).
KINDS = {
    "class-judgement": "Class judgement of the laboratory's curators",
    "reporting-judgement": "Why the laboratory reports the finding",
    "igv-qc": "Verdict on the reads of the call",
    "run-qc": "Whether the curators checked the call",
    "curation-filter": "Filter that points the curators to a property of the call",
}
VALUES = {
    "include": ("include", "Included"), "SOM": ("SOM", "Somatic"), "LikSOM": ("LikSOM", "Likely somatic"),
    "LikGL": ("LikGL", "Likely germline"), "BioMar": ("BioMar", "Biomarker"),
    "VUSpot": ("VUSpot", "Variant of uncertain significance with potential"), "OK": ("OK", "The reads support the call"),
    "QC done": ("qc-done", "Quality control done"),
    "germline_population": ("germline_population", "Known from germline populations"),
    "HET_VAF_RANGE": ("HET_VAF_RANGE", "Allele frequency within 0.5 +/- 0.15"),
}
SCALES = {"pcgr-tier": "PCGR", "cpsr-acmg-class": "CPSR, ACMG criteria", "cpsr-clinvar-class": "CPSR, ClinVar"}
LOINC = "http://loinc.org"
OURS = "https://impress-gateway.example/fhir"
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"


def flag(value):
    known = VALUES.get(value)
    system = OURS + "/CodeSystem/gateway-curation"
    return {"coding": known and [{"system": system, "code": known[0], "display": known[1]}], "text": value}


class Implication:
    """A statement about a variant; `kind` is diagnostic or therapeutic, `key` what is said, on which scale and version."""

    def __init__(self, variant, kind, key):
        self.variant, self.kind = variant, kind
        self.thing = Thing("Observation", variant.owner, kind, [*variant.key, *key])

    def resource(self, components, notes=()):
        variant, report = self.variant, self.variant.report
        base = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/" + self.kind
        meta = report.meta("Implication")
        meta["profile"].append(base)
        category = "http://terminology.hl7.org/CodeSystem/observation-category"
        return {
            "resourceType": "Observation",
            "id": self.thing.id(),
            "meta": meta,
            "partOf": [report.study.urn()],
            "status": report.finding_status,
            "category": [
                {"coding": [{"system": category, "code": "laboratory"}]},
                {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]},
            ],
            "code": {"coding": [{"system": TBD, "code": self.kind}]},
            "subject": report.patient.urn(),
            "issued": report.issued,
            "performer": [report.laboratory and report.laboratory.urn()],
            "note": [{"text": text} for text in notes],
            "specimen": variant.sample.urn(),
            "derivedFrom": [variant.urn()],
            "component": components,
        }


def diagnostic(variant, scale, version, value):
    """A class or tier: the strength of evidence for PCGR, the clinical significance for CPSR, each with its version."""
    code, display = {
        "pcgr-tier": ("93044-6", "Level of evidence"),
    }.get(scale, ("53037-8", "Genetic variation clinical significance [Imp]"))
    system = f"{OURS}/CodeSystem/gateway-{scale}"
    concept = {
        "coding": [{"system": system, "version": version, "code": value}],
        "text": f"{SCALES[scale]} {version}: {value}",
    }
    components = [{"code": {"coding": [{"system": LOINC, "code": code, "display": display}]}, "valueCodeableConcept": concept}]
    return Implication(variant, "diagnostic-implication", [scale, version]).resource(components)


def therapeutic(variant, version, drugs):
    """Drugs by name; no effect is claimed."""
    note = (f"Drugs that PCGR {version} names (column Drugs of the laboratory's table). The table states neither an effect of "
            "this variant nor a level of evidence")
    assessed = {"coding": [{"system": LOINC, "code": "51963-7", "display": "Medication assessed"}]}
    components = [{"code": assessed, "valueCodeableConcept": {"text": drug}} for drug in drugs]
    return Implication(variant, "therapeutic-implication", ["pcgr", version]).resource(components, [note])


def implications(variant):
    yield from (diagnostic(variant, *statement) for statement in variant.classes)
    if variant.drugs:
        yield therapeutic(variant, *variant.drugs)


def references(variant):
    """Diagnostic and therapeutic ones, as a report lists them."""
    first = [Implication(variant, "diagnostic-implication", [scale, version]).thing.urn() for scale, version, _ in variant.classes]
    second = [Implication(variant, "therapeutic-implication", ["pcgr", variant.drugs[0]]).thing.urn()] if variant.drugs else []
    return first, second
