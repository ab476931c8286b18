"""What each converter made of a VCF: one line of a table per question, judged by the VCF alone.

usage: compare.py VCF GATEWAY.json GATEWAY-AGAIN.json GATEWAY-ROWS.json REFERENCE.json REFERENCE-AGAIN.json
"""
import json
import sys

VARIANT, REF, ALT, POSITION, SEQUENCE, VAF = "69548-6", "69547-8", "69551-0", "81254-5", "48013-7", "81258-6"


def expected(path):
    """(alleles that passed with their frequency, lines that did not pass)."""
    alleles, filtered = {}, 0
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            chromosome, position, _, reference, alternatives, _, status, _, _, sample = line.rstrip("\n").split("\t")
            if status != "PASS":
                filtered += 1
                continue
            frequencies = sample.split(":")[2].split(",")
            for alternative, frequency in zip(alternatives.split(","), frequencies):
                alleles[(chromosome.removeprefix("chr"), int(position), reference, alternative)] = frequency
    return alleles, filtered


def resources(path):
    with open(path, encoding="utf-8") as text:
        content = json.loads(text.read(), parse_float=str)
    if content["resourceType"] == "Bundle":
        return [entry["resource"] for entry in content["entry"]]
    return content["contained"]


def component(resource, code):
    for part in resource.get("component", []):
        if any(coding.get("code") == code for coding in part["code"].get("coding", [])):
            return part
    return {}


def chromosome_of(sequence):
    number = int(sequence.split(".")[0].removeprefix("NC_"))
    return {23: "X", 24: "Y"}.get(number, str(number))


def found(path):
    alleles = {}
    for resource in resources(path):
        if resource.get("code", {}).get("coding", [{}])[0].get("code") != VARIANT:
            continue
        sequence = component(resource, SEQUENCE)["valueCodeableConcept"]["coding"][0]["code"]
        key = (
            chromosome_of(sequence),
            int(component(resource, POSITION)["valueRange"]["low"]["value"]),
            component(resource, REF).get("valueString"),
            component(resource, ALT).get("valueString"),
        )
        alleles[key] = component(resource, VAF).get("valueQuantity", {}).get("value")
    return alleles


def ids(path):
    return sorted(resource["id"] for resource in resources(path))


def main():
    vcf, gateway, gateway_again, rows, reference, reference_again = sys.argv[1:]
    alleles, filtered = expected(vcf)
    sites = {}
    for key in alleles:
        sites.setdefault(key[:3], []).append(key)
    multi = [keys for keys in sites.values() if len(keys) > 1]
    print(f"{'question':<44} {'gateway':>16} {'vcf2fhir':>16}")
    with open(rows, encoding="utf-8") as text:
        accounting = json.load(text)["rows"]
    listed = sum(row.get("count", 1) for row in accounting if row["outcome"] == "listed")
    columns = [found(gateway), found(reference)]

    def line(question, *cells):
        print(f"{question:<44} " + " ".join(f"{cell:>16}" for cell in cells))

    line("alleles that passed, found", *(f"{sum(k in c for k in alleles)}/{len(alleles)}" for c in columns))
    line("alleles that are not in the VCF or filtered", *(sum(k not in alleles for k in c) for c in columns))
    line("allele frequency there, equal to the VCF's", *(
        f"{sum(c.get(k) is not None and float(c[k]) == float(v) for k, v in alleles.items())}/{len(alleles)}" for c in columns))
    line("multi-allelic sites with every allele apart", *(f"{sum(all(k in c for k in keys) for keys in multi)}/{len(multi)}" for c in columns))
    line("lines left out that are listed with a reason", f"{listed}/{filtered}", f"0/{filtered}")
    line("same ids when run again", *("yes" if ids(a) == ids(b) else "no" for a, b in ((gateway, gateway_again), (reference, reference_again))))


if __name__ == "__main__":
    main()
