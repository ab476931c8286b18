"""Mutants of a transaction of examples of our profiles: what one entry demands of another."""
from impress_findings import GWC, quantity
from impress_records import OID
from lines import IMPRESS, LOINC, SD, add, coding, get, path_of, put

BASE = "impress-bundle"
LOST = "urn:uuid:00000000-0000-4000-8000-00000000ffff"


def at(entry_id, pointer=""):
    """Pointer into the resource with this id."""
    entries = IMPRESS[BASE]["entry"]
    index = next(i for i, entry in enumerate(entries) if entry["resource"]["id"] == entry_id)
    return f"/entry/{index}/resource{pointer}"


def url(entry_id):
    return get(IMPRESS[BASE], at(entry_id).removesuffix("/resource"))["fullUrl"]


def component(entry_id, code):
    for index, item in enumerate(get(IMPRESS[BASE], at(entry_id))["component"]):
        if item["code"]["coding"][0]["code"] == code:
            return at(entry_id, f"/component/{index}")
    raise KeyError(code)


def lost_references():
    for entry_id, pointer in [("referral-2", "/subject"), ("referral-2", "/reasonReference/0"), ("referral-2", "/supportingInfo/0"),
                              ("condition-1", "/subject"), ("consent-1", "/patient"), ("attachment-1", "/subject"),
                              ("report-1", "/result/0"), ("report-1", "/extension/0/valueReference"), ("kras-g12d", "/specimen"),
                              ("kras-therapy", "/derivedFrom/0"), ("study-1", "/extension/0/valueReference"),
                              ("provenance-1", "/target/0"), ("provenance-1", "/agent/0/who"), ("dna-1", "/subject")]:
        path = path_of(BASE, at(entry_id, pointer))
        put("impress-bundle-reference", BASE, at(entry_id, pointer + "/reference"), LOST, "reference-unresolved",
            "R4 Bundle: a urn:uuid reference is to an entry of the Bundle", [path, path + ".reference"])


def wrong_targets():
    for entry_id, pointer, target, rule in [
        ("referral-2", "/subject", "hospital-1", "ImpressReferral: subject only Patient"),
        ("referral-2", "/reasonReference/0", "ecog-1", "ImpressReferral: reasonReference only ImpressCondition"),
        ("referral-2", "/requester", "patient-1", "ImpressReferral: requester only Practitioner, PractitionerRole, Organization"),
        ("referral-2", "/supportingInfo/0", "condition-1", "ImpressReferral: supportingInfo without Condition"),
        ("condition-1", "/subject", "hospital-1", "ImpressCondition: subject only Patient"),
        ("consent-1", "/patient", "hospital-1", "ImpressConsent: patient only Patient"),
        ("consent-1", "/organization/0", "patient-1", "ImpressConsent: organization only Organization"),
        ("attachment-1", "/subject", "gateway-1", "ImpressAttachment: subject only Patient"),
        ("ecog-1", "/subject", "gateway-1", "ImpressPerformanceStatus: subject only Patient"),
        ("dna-1", "/subject", "pipeline-1", "ImpressSpecimen: subject only Patient"),
        ("report-1", "/subject", "laboratory-1", "ImpressGenomicReport: subject only Patient"),
        ("report-1", "/performer/0", "ipd9001", "ImpressGenomicReport: performer"),
        ("report-1", "/extension/0/valueReference", "dna-1", "GR 3.0.0 genomic-study-reference: genomic-study"),
        ("study-1", "/extension/0/valueReference", "study-1", "GR 3.0.0 genomic-study-analysis-ext: genomic-study-analysis"),
        ("study-1", "/performer/0/actor", "pipeline-1", "ImpressGenomicStudy: performer.actor"),
        ("analysis-1", "/subject", "laboratory-1", "ImpressGenomicStudyAnalysis: subject only Patient"),
        ("kras-g12d", "/subject", "laboratory-1", "ImpressVariant: subject only Patient"),
        ("kras-g12d", "/performer/0", "ipd9001", "ImpressVariant: performer"),
        ("kras-g12d", "/specimen", "ipd9001", "R4 Observation.specimen: Specimen"),
        ("eml4-alk", "/subject", "dna-1", "ImpressFusion: subject only Patient"),
        ("erbb2-gain", "/subject", "dna-1", "ImpressCopyNumber: subject only Patient"),
        ("tmb", "/subject", "dna-1", "ImpressBiomarker: subject only Patient"),
        ("kras-therapy", "/subject", "pipeline-1", "ImpressImplication: subject only Patient"),
        ("kras-consequence", "/subject", "pipeline-1", "ImpressMolecularConsequence: subject only Patient"),
        ("provenance-1", "/agent/0/who", "gateway-1", "ImpressProvenance: agent[sender].who only Organization"),
        ("provenance-1", "/agent/1/who", "laboratory-1", "ImpressProvenance: agent[gateway].who only Device"),
    ]:
        path = path_of(BASE, at(entry_id, pointer))
        put("impress-bundle-target", BASE, at(entry_id, pointer + "/reference"), url(target), "reference-target", rule,
            [path, path + ".reference"])


def targets_that_fail_their_profile():
    """The target claims no profile and does not meet the one that the reference demands."""
    reason = path_of(BASE, at("referral-2", "/reasonReference/0"))
    for element in ("category", "code"):
        steps = [["remove", at("condition-1", "/meta"), None], ["remove", at("condition-1", "/" + element), None]]
        add("impress-bundle-target", BASE, "all", at("condition-1"), steps, "reference-target", [reason, reason + ".reference"],
            f"ImpressReferral: reasonReference only ImpressCondition, {element} 1..")
    steps = [["remove", at("condition-1", "/meta"), None], ["remove", at("condition-1", "/code/coding/0/system"), None]]
    add("impress-bundle-target", BASE, "all", at("condition-1"), steps, "reference-target", [reason, reason + ".reference"],
        "ImpressReferral: reasonReference only ImpressCondition, code.coding.system 1..1")
    study = path_of(BASE, at("report-1", "/extension/0/valueReference"))
    steps = [["remove", at("study-1", "/meta"), None], ["remove", at("study-1", "/category"), None]]
    add("impress-bundle-target", BASE, "all", at("study-1"), steps, "reference-target", [study, study + ".reference"],
        "GR 3.0.0 genomic-study-reference: genomic-study, category 1..1")


def inside():
    """What is wrong in a resource is wrong in an entry."""
    def say(pointer, value, code, source, paths=None, names=""):
        put("impress-bundle-entry", BASE, pointer, value, code, source, paths, names)

    def path(pointer):
        return path_of(BASE, pointer)

    variant = at("kras-g12d")
    gene = {"code": coding(LOINC, "48018-6"), "valueCodeableConcept": coding("http://www.genenames.org", "HGNC:1097")}
    listed = path(variant + "/component")
    count = len(get(IMPRESS[BASE], variant + "/component"))
    say(variant + "/component/-", gene, "slice-max", "ImpressVariant: component[gene-studied] 0..1",
        [listed, f"{listed}[{count}]", f"{listed}[0]"], "gene-studied")
    frequency = component("kras-g12d", "81258-6")
    say(frequency + "/valueQuantity/value", 1.2, "invariant-failed", "ImpressVariant: invariant impress-vaf-range", path(frequency),
        "impress-vaf-range")
    depth = component("kras-g12d", "82121-5")
    say(depth + "/valueQuantity/value", 600, "invariant-failed", "ImpressVariant: invariant impress-not-total-depth", path(variant),
        "impress-not-total-depth")
    say(depth, {"code": coding(LOINC, "82121-5")}, "cardinality-min", "ImpressVariant: component[allelic-read-depth].value[x] 1..1",
        [path(depth) + ".value", path(depth)])
    say(at("ipd9001", "/identifier/-"), {"system": OID + "1", "value": "13116900216"}, "invariant-failed",
        "ImpressLabPatient: invariant impress-no-national-number", path(at("ipd9001")), "impress-no-national-number")
    say(at("ipd9001", "/name"), [{"family": "Danser"}], "cardinality-max", "ImpressLabPatient: name 0..0",
        [path(at("ipd9001", "/name")), path(at("ipd9001", "/name")) + "[0]"])
    say(at("patient-1", "/identifier/0/value"), "1311690021", "invariant-failed", "ImpressPatient: invariant impress-national-number-form",
        path(at("patient-1", "/identifier/0")), "impress-national-number-form")
    say(at("kras-therapy", "/valueString"), "Sensitive", "cardinality-max", "GR 3.0.0 implication: value[x] 0..0",
        [path(at("kras-therapy", "/valueString")), path(at("kras-therapy")) + ".valueString"])
    say(at("analysis-1", "/code"), {"text": "Panel"}, "cardinality-max", "GR 3.0.0 genomic-study-analysis: code 0..0")
    say(at("report-1", "/status"), "cancelled", "invariant-failed", "ImpressGenomicReport: invariant impress-cancelled-report",
        path(at("report-1")), "impress-cancelled-report")
    for entry_id, name in (("report-1", "genomics-report"), ("tmb", "tmb"), ("kras-g12d", "region-studied")):
        say(at(entry_id, "/meta/profile/1"), SD + name, "unknown", "GR 3.0.0 has no profile of this name; STU2 had",
            [path(at(entry_id, "/meta/profile/1")), path(at(entry_id, "/meta/profile"))])
    say(at("tmb", "/valueQuantity"), quantity(7.1, "1"), "invariant-failed", "ImpressBiomarker: invariant impress-tmb-value",
        path(at("tmb")), "impress-tmb-value")
    fusion = component("eml4-alk", "direction-known")
    say(fusion + "/valueBoolean", False, "invariant-failed", "ImpressFusion: invariant impress-fusion-no-direction",
        path(at("eml4-alk")), "impress-fusion-no-direction")
    say(at("erbb2-gain", "/component/-"), {"code": coding(GWC, "minor-copy-number"), "valueQuantity": quantity(1, "1")} | {"note": "x"},
        "element-unknown", "R4 Observation.component: no such element",
        [path(at("erbb2-gain", "/component/-")) + ".note"])


FAMILIES = (lost_references, wrong_targets, targets_that_fail_their_profile, inside)
