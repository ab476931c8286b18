"""Mutants of the valid examples of our profiles of findings (profiles/fsh/input/fsh/findings.fsh, biomarkers.fsh)."""
import copy

from lines import IMPRESS, LOINC, TBD, UCUM, add, bound, coding, drop, get, path_of, put, up

GW = "https://impress-gateway.example/fhir/"
GWC = GW + "CodeSystem/gateway-component"
FINDINGS = {
    "ImpressVariant/valid-1": "ImpressVariant", "ImpressVariant/valid-2": "ImpressVariant",
    "ImpressCopyNumber/valid-1": "ImpressCopyNumber", "ImpressCopyNumber/valid-2": "ImpressCopyNumber",
    "ImpressExonCopyNumber/valid-1": "ImpressExonCopyNumber",
    "ImpressLossOfHeterozygosity/valid-1": "ImpressLossOfHeterozygosity",
    "ImpressFusion/valid-1": "ImpressFusion", "ImpressFusion/valid-2": "ImpressFusion",
    "ImpressSplice/valid-1": "ImpressSplice", "ImpressSplice/valid-2": "ImpressSplice",
}
GATHERED = list(FINDINGS) + ["ImpressBiomarker/valid-1", "ImpressBiomarker/valid-2", "ImpressBiomarker/valid-3",
                             "ImpressMolecularConsequence/valid-1", "ImpressMolecularConsequence/valid-2"]
SAMPLES = {
    "Quantity": ("valueQuantity", {"value": 1}), "string": ("valueString", "x"), "boolean": ("valueBoolean", True),
    "CodeableConcept": ("valueCodeableConcept", {"text": "x"}), "Range": ("valueRange", {"low": {"value": 5}}),
}
WRONG = {
    "Quantity": ("valueString", "1"), "string": ("valueInteger", 5), "boolean": ("valueString", "true"),
    "CodeableConcept": ("valueString", "x"), "Range": ("valueString", "1-2"),
}


def name_of(base):
    return base.partition("/")[0]


def at_code(base, code):
    """Index of the component with this code, or none."""
    for index, item in enumerate(IMPRESS[base]["component"]):
        if any(c["code"] == code for c in item["code"]["coding"]):
            return index
    return None


def pointer_of(base, code):
    return f"/component/{at_code(base, code)}"


def item_of(base, system, code, kind, unit):
    """The component of the base, or a valid one that the base does not have; and the pointer at which it stands."""
    index = at_code(base, code)
    if index is not None:
        return copy.deepcopy(IMPRESS[base]["component"][index]), f"/component/{index}"
    key, value = SAMPLES[kind]
    value = copy.deepcopy(value)
    if kind == "Quantity":
        value |= {"system": UCUM, "code": unit or "1"}
    return {"code": coding(system, code), key: value}, "/component/-"


def value_key(item):
    return next(key for key in item if key.startswith("value"))


def component_rules(base, slice_name, system, code, kind, unit="", most=1, number=False, required_value=True):
    """One component slice: its value, the type and unit of that, and how often the slice occurs."""
    rule = f"{name_of(base)}: component[{slice_name}]"
    item, at = item_of(base, system, code, kind, unit)
    key = value_key(item)
    path = path_of(base, at)
    value = f"{path}.value"

    def changed(family, change, expected, paths, source, names=""):
        new = copy.deepcopy(item)
        change(new)
        put(family, base, at, new, expected, f"{rule}{source}", paths, names)

    if required_value:
        changed("impress-value", lambda new: new.pop(key), "cardinality-min", [value, path], ".value[x] 1..1")
    wrong_key, wrong = WRONG[kind]
    changed("impress-type", lambda new: (new.pop(key), new.update({wrong_key: wrong})), "type-wrong",
            [value, f"{path}.{wrong_key}", path], f".value[x] only {kind}")
    if unit:
        for part, other in (("code", "{x}"), ("system", "http://example.org/units")):
            changed("impress-unit", lambda new: new[key].update({part: other}), "pattern-value",
                    [value, f"{value}.{part}"], f".valueQuantity = UCUM#{unit}")
        changed("impress-unit", lambda new: new[key].pop("code"), "pattern-value", [value, f"{value}.code"],
                f".valueQuantity = UCUM#{unit}")
    if number:
        changed("impress-value", lambda new: new[key].pop("value"), "cardinality-min", [f"{value}.value", value],
                ".valueQuantity.value 1..1")
    if most == 1:
        twice(base, slice_name, item, at, rule + " 0..1")


def twice(base, slice_name, item, at, source):
    if at.endswith("-"):
        first = len(IMPRESS[base]["component"])
        add("impress-twice", base, "all", at, [["add", at, item], ["add", at, item]], "slice-max",
            ["Observation.component", f"Observation.component[{first}]", f"Observation.component[{first + 1}]"],
            source, slice_name)
        return
    index = int(at.rpartition("/")[2])
    add("impress-twice", base, "duplicate", at, None, "slice-max",
        ["Observation.component", f"Observation.component[{index}]", f"Observation.component[{index + 1}]"],
        source, slice_name)


def banned(base, slice_name, code, kind, unit=""):
    """A component slice 0..0."""
    item, at = item_of(base, LOINC, code, kind, unit)
    assert at.endswith("-"), (base, code)
    put("impress-forbidden", base, at, item, "slice-max", f"{name_of(base)}: component[{slice_name}] 0..0",
        ["Observation.component", path_of(base, at)], slice_name)


def gathered():
    for base in GATHERED:
        rule = f"{name_of(base)}: {{}}"
        for element in ("subject", "specimen", "partOf"):
            drop("impress-drop", base, f"/{element}", rule.format(f"{element} min 1"))
        for target in ("Group/g1", "Device/d1"):
            put("impress-target", base, "/subject/reference", target, "reference-target",
                rule.format("subject only Reference(Patient)"), ["Observation.subject", "Observation.subject.reference"])
        if "performer" in IMPRESS[base]:
            for target in ("CareTeam/c1", "Patient/p1"):
                put("impress-target", base, "/performer/0/reference", target, "reference-target",
                    rule.format("performer only Organization, Practitioner or PractitionerRole"),
                    ["Observation.performer[0]", "Observation.performer[0].reference"])
    for base in FINDINGS:
        rule = f"{name_of(base)}: {{}}"
        drop("impress-drop", base, "/valueCodeableConcept", rule.format("value[x] 1..1"))
        add("impress-type", base, "all", "/valueCodeableConcept",
            [["remove", "/valueCodeableConcept", None], ["add", "/valueString", "Present"]], "type-wrong",
            ["Observation.value", "Observation.valueString", "Observation"], rule.format("value[x] only CodeableConcept"))
        put("impress-code", base, "/valueCodeableConcept", coding(LOINC, "LA6576-8"), "code-not-in-value-set",
            "GR 3.0.0 variant: value[x] required LL1971-2", bound_value())
        at = pointer_of(base, "62374-4")
        drop("impress-slice", base, at, rule.format("component[reference-sequence-assembly] 1..1"), "slice-min",
             "reference-sequence-assembly")
        twice(base, "reference-sequence-assembly", get(IMPRESS[base], at), at,
              rule.format("component[reference-sequence-assembly] 1..1"))
        for index, slice_name in ((0, "labCategory"), (1, "geCategory")):
            drop("impress-slice", base, f"/category/{index}", f"GR 3.0.0 genomic-base: {slice_name} 1..1", "slice-min",
                 slice_name)
        if name_of(base) != "ImpressFusion":
            at = pointer_of(base, "48018-6")
            gene = copy.deepcopy(get(IMPRESS[base], at))
            gene["valueCodeableConcept"] = coding("http://www.genenames.org", "HGNC:11998")
            last = len(IMPRESS[base]["component"])
            put("impress-two-genes", base, "/component/-", gene, "slice-max", rule.format("component[gene-studied] 0..1"),
                ["Observation.component", f"Observation.component[{last}]", at.replace("/component/", "Observation.component[") + "]"],
                "gene-studied")


def bound_value():
    path = "Observation.value"
    return [path, f"{path}.coding[0]", f"{path}.coding[0].code", f"{path}.coding"]


def frequency(base):
    """LOINC 81258-6 in a profile with the rule set VafRange."""
    rule = f"{name_of(base)}: component[sample-allelic-frequency]"
    item, at = item_of(base, LOINC, "81258-6", "Quantity", "1")
    path = path_of(base, at)
    value = f"{path}.value"

    def changed(change, expected, paths, source, names=""):
        new = copy.deepcopy(item)
        change(new)
        put("impress-frequency", base, at, new, expected, f"{rule}{source}", paths, names)

    for number in (1.2, 25, -0.01):
        changed(lambda new: new["valueQuantity"].update({"value": number}), "invariant-failed", [path],
                ": impress-vaf-range", "impress-vaf-range")
    changed(lambda new: new.pop("valueQuantity"), "cardinality-min", [value, path], ".value[x] 1..1")
    for part in ("value", "system", "code"):
        changed(lambda new: new["valueQuantity"].pop(part), "cardinality-min", [f"{value}.{part}", value],
                f".valueQuantity.{part} 1..1")
    comparator(base, "sample-allelic-frequency", item, at)
    changed(lambda new: new["valueQuantity"].update({"code": "%"}), "pattern-value", [f"{value}.code", value],
            ".valueQuantity.code = #1")
    twice(base, "sample-allelic-frequency", item, at, rule + " 0..1")


def comparator(base, slice_name, item, at):
    for sign in ("<", ">="):
        new = copy.deepcopy(item)
        new["valueQuantity"]["comparator"] = sign
        value = path_of(base, at) + ".value"
        put("impress-comparator", base, at, new, "cardinality-max",
            f"{name_of(base)}: component[{slice_name}].valueQuantity.comparator 0..0", [value + ".comparator", value])


def broken(base, key, steps, path=None):
    """An invariant of ours, broken by several steps; it stands on the resource, or at the path."""
    path = path or IMPRESS[base]["resourceType"]
    steps = [[step[0], step[1], step[2] if len(step) > 2 else None] for step in steps]
    add("impress-invariant", base, "all", steps[0][1], steps, "invariant-failed", path,
        f"{name_of(base)}: invariant {key}", key)


def removal(base, codes):
    """Steps that take components away, the last one first."""
    found = sorted((at_code(base, code) for code in codes), reverse=True)
    return [["remove", f"/component/{index}"] for index in found]


def added(system, code, key, value):
    return ["add", "/component/-", {"code": coding(system, code), key: value}]


def quantity(number, unit):
    return {"value": number, "system": UCUM, "code": unit}


def small_variants():
    base, other = "ImpressVariant/valid-1", "ImpressVariant/valid-2"
    for b in (base, other):
        frequency(b)
        for code, slice_name in (("81302-2", "inner-start-end"), ("81301-4", "outer-start-end")):
            banned(b, slice_name, code, "Range")
        banned(b, "copy-number", "82155-3", "Quantity", "1")
        component_rules(b, "total-read-depth", GWC, "total-read-depth", "Quantity", "{reads}", number=True)
        component_rules(b, "origin-method", GWC, "origin-method", "string")
        component_rules(b, "affected-exon", GWC, "affected-exon", "string")
    component_rules(base, "allelic-read-depth", LOINC, "82121-5", "Quantity", "{reads}", number=True)
    component_rules(base, "exact-start-end", LOINC, "81254-5", "Range")
    component_rules(base, "ref-allele", LOINC, "69547-8", "string")
    component_rules(base, "alt-allele", LOINC, "69551-0", "string")
    item, at = item_of(base, LOINC, "48000-4", "CodeableConcept", "")
    twice(base, "chromosome-identifier", item, at, "ImpressVariant: component[chromosome-identifier] 0..1")
    at = pointer_of(base, "81254-5")
    path = path_of(base, at) + ".value"
    put("impress-value", base, at + "/valueRange", {"high": {"value": 25398284}}, "cardinality-min",
        "ImpressVariant: component[exact-start-end].valueRange.low 1..1", [path + ".low", path])
    hgvs = ["48004-6", "48005-3"]
    for code in ("81254-5", "69547-8", "69551-0"):
        broken(base, "impress-variant-defined", removal(base, hgvs + [code]))
    broken(other, "impress-variant-defined", removal(other, ["48004-6"]))
    broken(base, "impress-coordinate-system", removal(base, ["92822-6"]))
    position = added(LOINC, "81254-5", "valueRange", {"low": {"value": 140453136}})
    broken(other, "impress-coordinate-system", [position])
    depth = pointer_of(base, "82121-5") + "/valueQuantity/value"
    broken(base, "impress-allele-depth", [["set", depth, 601]])
    broken(base, "impress-not-total-depth", [["set", depth, 600]])
    broken(base, "impress-allele-depth", [["set", pointer_of(base, "total-read-depth") + "/valueQuantity/value", 149]])
    broken(other, "impress-allele-depth", [added(LOINC, "82121-5", "valueQuantity", quantity(90, "{reads}")),
                                           added(GWC, "total-read-depth", "valueQuantity", quantity(60, "{reads}"))])


def copy_numbers():
    for base in ("ImpressCopyNumber/valid-1", "ImpressCopyNumber/valid-2", "ImpressExonCopyNumber/valid-1"):
        only_of_others(base)
        component_rules(base, "fold-change", GWC, "fold-change", "Quantity", "1", number=True)
        component_rules(base, "reported-type", GWC, "reported-type", "string")
    base = "ImpressCopyNumber/valid-2"
    item, at = item_of(base, LOINC, "82155-3", "Quantity", "1")
    path = path_of(base, at)
    put("impress-value", base, at, {"code": item["code"]}, "cardinality-min",
        "ImpressCopyNumber: component[copy-number].value[x] 1..1", [path + ".value", path])
    add("impress-type", base, "all", at, [["remove", at + "/valueQuantity", None], ["add", at + "/valueInteger", 8]],
        "type-wrong", [path + ".value", path + ".valueInteger", path], "GR 3.0.0 variant: copy-number value[x] Quantity or Range")
    twice(base, "copy-number", item, at, "GR 3.0.0 variant: component[copy-number] 0..1")
    for base in ("ImpressCopyNumber/valid-1", "ImpressExonCopyNumber/valid-1"):
        broken(base, "impress-copy-number-stated", removal(base, ["48019-4", "fold-change"]))
    broken("ImpressCopyNumber/valid-2", "impress-copy-number-stated",
           removal("ImpressCopyNumber/valid-2", ["48019-4", "82155-3", "fold-change"]))
    broken("ImpressCopyNumber/valid-2", "impress-fold-change",
           [["set", pointer_of("ImpressCopyNumber/valid-2", "82155-3") + "/valueQuantity/value", 3.1]])
    broken("ImpressCopyNumber/valid-1", "impress-fold-change",
           [added(LOINC, "82155-3", "valueQuantity", quantity(5.8, "1"))])
    base = "ImpressExonCopyNumber/valid-1"
    broken(base, "impress-fold-change", [added(LOINC, "82155-3", "valueQuantity", quantity(0.5, "1"))])
    broken(base, "impress-coordinate-system", removal(base, ["92822-6"]))
    component_rules(base, "outer-start-end", LOINC, "81301-4", "Range")
    component_rules(base, "affected-exon", GWC, "affected-exon", "string")


def only_of_others(base):
    """Components that only a small variant has."""
    banned(base, "exact-start-end", "81254-5", "Range")
    banned(base, "sample-allelic-frequency", "81258-6", "Quantity", "1")
    banned(base, "allelic-read-depth", "82121-5", "Quantity", "{reads}")


def losses():
    base = "ImpressLossOfHeterozygosity/valid-1"
    only_of_others(base)
    component_rules(base, "minor-copy-number", GWC, "minor-copy-number", "Quantity", "1", number=True)
    item, at = item_of(base, LOINC, "82155-3", "Quantity", "1")
    path = path_of(base, at)
    put("impress-value", base, at, {"code": item["code"]}, "cardinality-min",
        "ImpressLossOfHeterozygosity: component[copy-number].value[x] 1..1", [path + ".value", path])
    at = pointer_of(base, "finding-class")
    path = path_of(base, at)
    drop("impress-slice", base, at, "ImpressLossOfHeterozygosity: component[finding-class] 1..1", "slice-min", "finding-class")
    twice(base, "finding-class", get(IMPRESS[base], at), at, "ImpressLossOfHeterozygosity: component[finding-class] 1..1")
    for code in ("loss", "copy-neutral"):
        put("impress-pattern", base, at + "/valueCodeableConcept", coding(GW + "CodeSystem/gateway-finding-class", code),
            "pattern-value", "ImpressLossOfHeterozygosity: component[finding-class].value = loss-of-heterozygosity",
            bound(base, at + "/valueCodeableConcept"))
    add("impress-value", base, "remove", at + "/valueCodeableConcept", None, "cardinality-min", [path + ".value", path],
        "ImpressLossOfHeterozygosity: component[finding-class].value[x] 1..1")
    broken(base, "impress-minor-copy-number",
           [["set", pointer_of(base, "minor-copy-number") + "/valueQuantity/value", 3]])


def fusions():
    base, other = "ImpressFusion/valid-1", "ImpressFusion/valid-2"
    for b in (base, other):
        frequency(b)
        banned(b, "allelic-read-depth", "82121-5", "Quantity", "{reads}")
        banned(b, "copy-number", "82155-3", "Quantity", "1")
        at = pointer_of(b, "direction-known")
        drop("impress-slice", b, at, "ImpressFusion: component[direction-known] 1..1", "slice-min", "direction-known")
        component_rules(b, "direction-known", GWC, "direction-known", "boolean")
        add("impress-slice", b, "all", "/component/0", removal(b, ["48018-6"]) + [["remove", "/component/0"]],
            "slice-min", ["Observation.component", "Observation"], "ImpressFusion: component[gene-studied] 1..*", "gene-studied")
        for code in ("reported-gene-pair", "breakpoint-1", "breakpoint-2"):
            component_rules(b, code, GWC, code, "string")
        for code in ("supporting-reads", "gene-1-reference-reads", "gene-2-reference-reads"):
            component_rules(b, code, GWC, code, "Quantity", "{reads}", number=True)
        broken(b, "impress-fusion-change-type",
               [added(LOINC, "48019-4", "valueCodeableConcept", coding("http://www.sequenceontology.org", "SO:0001565"))])
    for code in ("five-prime-partner", "three-prime-partner"):
        component_rules(base, code, GWC, code, "CodeableConcept", most=None)
    component_rules(base, "gene-fusion", LOINC, "95123-6", "CodeableConcept")
    at = pointer_of(base, "95123-6")
    path = path_of(base, at)
    put("impress-value", base, at + "/valueCodeableConcept", coding(LOINC, "LA9633-4"), "cardinality-min",
        "ImpressFusion: component[gene-fusion].valueCodeableConcept.text 1..1", [path + ".value.text", path + ".value"])
    for text in ("EML4-ALK", "EML4/ALK", "EML4:ALK", "EML4::", "::ALK", "EML4::ALK::ROS1"):
        broken(base, "impress-fusion-designation", [["set", at + "/valueCodeableConcept/text", text]], path)
    broken(base, "impress-fusion-direction", removal(base, ["95123-6"]))
    broken(base, "impress-fusion-no-direction", [["set", pointer_of(base, "direction-known") + "/valueBoolean", False]])
    broken(other, "impress-fusion-no-direction", [added(LOINC, "95123-6", "valueCodeableConcept", {"text": "CD74::ROS1"})])
    for code in ("five-prime-partner", "three-prime-partner"):
        broken(other, "impress-fusion-no-direction", [added(GWC, code, "valueCodeableConcept", {"text": "CD74"})])


def splices():
    for base in ("ImpressSplice/valid-1", "ImpressSplice/valid-2"):
        only_of_others(base)
        banned(base, "copy-number", "82155-3", "Quantity", "1")
        for code in ("breakpoint-1", "breakpoint-2", "affected-exon"):
            component_rules(base, code, GWC, code, "string")
        for code in ("supporting-reads", "reference-reads"):
            component_rules(base, code, GWC, code, "Quantity", "{reads}", number=True)


def biomarkers():
    tmb, msi, gis = (f"ImpressBiomarker/valid-{number}" for number in (1, 2, 3))
    for base in (tmb, msi, gis):
        for index, slice_name in ((0, "labCategory"), (1, "mbCategory"), (2, "geCategory")):
            drop("impress-slice", base, f"/category/{index}", f"ImpressBiomarker: category[{slice_name}] 1..1", "slice-min",
                 slice_name)
        at = pointer_of(base, "biomarker-category")
        drop("impress-slice", base, at, "ImpressBiomarker: component[biomarker-category] 1..*", "slice-min", "biomarker-category")
        for code in ("85147-7", "94077-5"):
            put("impress-code", base, "/code", coding(LOINC, code), "code-not-in-value-set",
                "ImpressBiomarker: code from ImpressBiomarkerCode (required)", bound(base, "/code"))
        put("impress-code", base, "/code", {"text": "TMB"}, "code-not-in-value-set",
            "ImpressBiomarker: code from ImpressBiomarkerCode (required)", bound(base, "/code"))
    put("impress-twice", tmb, "/category/-", get(IMPRESS[tmb], "/category/2"), "slice-max",
        "ImpressBiomarker: category[geCategory] 1..1",
        ["Observation.category", "Observation.category[3]", "Observation.category[2]"], "geCategory")
    table = [("coding-region-size", "1000000{Base}"), ("eligible-variants", "{variants}"), ("usable-msi-sites", "{sites}"),
             ("unstable-msi-sites", "{sites}"), ("percent-unstable-msi-sites", "%"), ("sum-jsd", ""), ("ploidy", "1")]
    for code, unit in table:
        base = next((b for b in (tmb, msi, gis) if at_code(b, code) is not None), msi)
        component_rules(base, code, GWC, code, "Quantity", unit, number=True)
    component_rules(gis, "tumor-fraction", GWC, "tumor-fraction", "Quantity", number=True)
    at = pointer_of(gis, "tumor-fraction") + "/valueQuantity"
    path = path_of(gis, at)
    put("impress-unit", gis, at + "/system", "http://example.org/units", "pattern-value",
        "ImpressBiomarker: component[tumor-fraction].valueQuantity.system UCUM", [path + ".system", path])
    for base in (tmb, gis):
        for key, value in (("valueString", "7.1"), ("valueInteger", 7), ("valueRatio", {"numerator": {"value": 7}, "denominator": {"value": 1}})):
            add("impress-type", base, "all", "/valueQuantity", [["remove", "/valueQuantity", None], ["add", "/" + key, value]],
                "type-wrong", ["Observation.value", f"Observation.{key}", "Observation"],
                "ImpressBiomarker: value[x] only Quantity or CodeableConcept")
    biomarker_values(tmb, msi, gis)


def biomarker_values(tmb, msi, gis):
    for value in (quantity(7.1, "1"), quantity(-1, "1/1000000{Base}"), {"value": 7.1, "unit": "Mutations/Megabase"}):
        broken(tmb, "impress-tmb-value", [["set", "/valueQuantity", value]])
    broken(tmb, "impress-tmb-value", [["remove", "/valueQuantity"]])
    broken(tmb, "impress-tmb-value", [["remove", "/valueQuantity"], ["add", "/valueCodeableConcept", {"text": "high"}]])
    broken(msi, "impress-msi-value", [["add", "/valueQuantity", quantity(4.13, "%")]])
    for value in (quantity(47, "1"), quantity(47, "%"), {"value": 47}):
        broken(gis, "impress-gis-value", [["set", "/valueQuantity", value]])
    broken(gis, "impress-gis-value", [["remove", "/valueQuantity"]])
    broken(msi, "impress-msi-sites", [["set", pointer_of(msi, "unstable-msi-sites") + "/valueQuantity/value", 122]])
    at = pointer_of(msi, "percent-unstable-msi-sites")
    for number in (-1, 100.5):
        broken(msi, "impress-percent-range", [["set", at + "/valueQuantity/value", number]], path_of(msi, at))


def consequences():
    for base in ("ImpressMolecularConsequence/valid-1", "ImpressMolecularConsequence/valid-2"):
        drop("impress-drop", base, "/component", "ImpressMolecularConsequence: component 1..*")
        drop("impress-drop", base, "/derivedFrom", "GR 3.0.0 implication: derivedFrom 1..*")
        put("impress-forbidden", base, "/valueCodeableConcept", coding(LOINC, "LA9633-4"), "cardinality-max",
            "GR 3.0.0 implication: value[x] 0..0", ["Observation.value", "Observation.valueCodeableConcept"])
        put("impress-pattern", base, "/code", coding(TBD, "therapeutic-implication"), "pattern-value",
            "GR 3.0.0 molecular-consequence: pattern of code", bound(base, "/code"))


def implications():
    therapeutic, diagnostic = "ImpressImplication/valid-1", "ImpressImplication/valid-2"
    for base, slice_name, code in ((therapeutic, "evidence-level", "93044-6"), (diagnostic, "clinical-significance", "53037-8")):
        drop("impress-drop", base, "/subject", "ImpressImplication: subject 1..1")
        put("impress-target", base, "/subject/reference", "Group/g1", "reference-target",
            "ImpressImplication: subject only Reference(Patient)", ["Observation.subject", "Observation.subject.reference"])
        drop("impress-drop", base, "/component", "ImpressImplication: component 1..*")
        drop("impress-drop", base, "/derivedFrom", "GR 3.0.0 implication: derivedFrom 1..*")
        for other in ("molecular-consequence", "prognostic-implication"):
            put("impress-code", base, "/code", coding(TBD, other), "code-not-in-value-set",
                "ImpressImplication: code from ImpressImplicationCode (required)", bound(base, "/code"))
        put("impress-code", base, "/code", {"text": "Implication"}, "code-not-in-value-set",
            "ImpressImplication: code from ImpressImplicationCode (required)", bound(base, "/code"))
        for key, value in (("valueCodeableConcept", coding(LOINC, "LA6668-3")), ("valueString", "Pathogenic"),
                           ("valueBoolean", True)):
            put("impress-forbidden", base, "/" + key, value, "cardinality-max", "GR 3.0.0 implication: value[x] 0..0",
                ["Observation.value", f"Observation.{key}"])
        at = pointer_of(base, code) + "/valueCodeableConcept"
        path = path_of(base, at)
        rule = f"ImpressImplication: component[{slice_name}].valueCodeableConcept.coding"
        put("impress-value", base, at, {"text": "IIB"}, "cardinality-min", rule + " 1..*", [path + ".coding", path])
        for part in ("system", "version", "code"):
            drop("impress-value", base, f"{at}/coding/0/{part}", f"{rule}.{part} 1..1")
    at = pointer_of(diagnostic, "53037-8")
    twice(diagnostic, "clinical-significance", get(IMPRESS[diagnostic], at), at,
          "GR 3.0.0 implication: component[clinical-significance] 0..1")


def numbers():
    """Counts, amounts and positions that nothing gives."""
    variant, fusion, splice = "ImpressVariant/valid-1", "ImpressFusion/valid-1", "ImpressSplice/valid-1"
    copies, exons, loss = "ImpressCopyNumber/valid-2", "ImpressExonCopyNumber/valid-1", "ImpressLossOfHeterozygosity/valid-1"
    tmb, msi, gis = (f"ImpressBiomarker/valid-{number}" for number in (1, 2, 3))
    counts = [(variant, LOINC, "82121-5", "{reads}"), (variant, GWC, "total-read-depth", "{reads}"),
              (msi, GWC, "usable-msi-sites", "{sites}"), (msi, GWC, "unstable-msi-sites", "{sites}"),
              (tmb, GWC, "eligible-variants", "{variants}")]
    counts += [(fusion, GWC, code, "{reads}") for code in ("supporting-reads", "gene-1-reference-reads", "gene-2-reference-reads")]
    counts += [(splice, GWC, code, "{reads}") for code in ("supporting-reads", "reference-reads")]
    for base, system, code, unit in counts:
        item, at = item_of(base, system, code, "Quantity", unit)
        comparator(base, "allelic-read-depth" if system == LOINC else code, item, at)
        value_of(base, item, at, "impress-count", (-5, 12.5, -0.5, 12.0001))
    amounts = [(copies, LOINC, "82155-3", "1"), (copies, GWC, "fold-change", "1"), (exons, GWC, "fold-change", "1"),
               (loss, GWC, "minor-copy-number", "1"), (tmb, GWC, "coding-region-size", "1000000{Base}"),
               (msi, GWC, "sum-jsd", "1"), (gis, GWC, "tumor-fraction", "1"), (gis, GWC, "ploidy", "1")]
    for base, system, code, unit in amounts:
        item, at = item_of(base, system, code, "Quantity", unit)
        value_of(base, item, at, "impress-not-negative", (-1, -0.01))
    broken(gis, "impress-not-negative", [["set", "/valueQuantity/value", -1]])
    for base, code in ((variant, "81254-5"), (exons, "81301-4")):
        at = pointer_of(base, code)
        for value in ({"low": {"value": -10}}, {"low": {"value": 0.5}}, {"low": {"value": 10}, "high": {"value": 20.5}},
                      {"low": {"value": -10}, "high": {"value": 20}}, {"low": {"value": -20}, "high": {"value": -10}}):
            broken(base, "impress-position", [["set", at + "/valueRange", value]], path_of(base, at))


def value_of(base, item, at, key, numbers):
    for number in numbers:
        new = copy.deepcopy(item)
        new["valueQuantity"]["value"] = number
        broken(base, key, [["add" if at.endswith("-") else "set", at, new]], path_of(base, at))


def answers():
    """Two answers, or two genes, in one value."""
    for base in FINDINGS:
        for code in ("LA9634-2", "LA18198-4", "LA11883-8"):
            broken(base, "impress-one-answer",
                   [["add", "/valueCodeableConcept/coding/-", {"system": LOINC, "code": code}]])
        add_gene(base, pointer_of(base, "48018-6"))
    for code in ("five-prime-partner", "three-prime-partner"):
        add_gene("ImpressFusion/valid-1", pointer_of("ImpressFusion/valid-1", code))


def add_gene(base, at):
    gene = {"system": "http://www.genenames.org", "code": "HGNC:11998"}
    broken(base, "impress-one-gene", [["add", at + "/valueCodeableConcept/coding/-", gene]], path_of(base, at))


FAMILIES = (gathered, small_variants, copy_numbers, losses, fusions, splices, biomarkers, consequences, implications, numbers,
            answers)
