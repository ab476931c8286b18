"""How a mutant is written down: pointers, FHIRPaths and lines of mutants.tsv."""
import json
import pathlib
import re

HERE = pathlib.Path(__file__).parent
EXAMPLES = HERE.parent.parent / "profiles/examples"
# The examples of FHIR R4 and Genomics Reporting, and those of our own profiles (`ImpressVariant/valid-1`).
BASES = {file.stem: json.loads(file.read_text()) for file in sorted((HERE / "base").glob("*.json"))
         if not file.stem.startswith("impress-")}
IMPRESS = {file.stem: json.loads(file.read_text()) for file in sorted((HERE / "base").glob("impress-*.json"))}
IMPRESS |= {f"{file.parent.name}/{file.stem}": json.loads(file.read_text())
            for file in sorted(EXAMPLES.glob("*/valid-*.json"))}
GR = "http://hl7.org/fhir/uv/genomics-reporting/"
SD = GR + "StructureDefinition/"
TBD = GR + "CodeSystem/tbd-codes-cs"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
CHOICES = "value|effective|performed|deceased|multipleBirth|onset|abatement|collected|occurrence|quantity|asNeeded"
ROWS = []
COUNTS = {}


def base_of(name):
    return BASES.get(name) or IMPRESS[name]


def get(document, pointer):
    for step in pointer.split("/")[1:]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def path_of(base, pointer):
    """FHIRPath of a JSON pointer: indexes of lists, the stem of choice elements, no underscore."""
    document, path, parent = base_of(base), base_of(base)["resourceType"], ""
    for step in pointer.split("/")[1:]:
        if step == "-":
            path, document = f"{path}[{len(document)}]", None
        elif isinstance(document, list):
            path, document = f"{path}[{step}]", (document[int(step)] if int(step) < len(document) else None)
        else:
            name = step.removeprefix("_")
            choice = re.fullmatch(f"({CHOICES})[A-Z]\\w*", name)
            name = choice[1] if choice and not path.startswith("Device.property") else name
            path, parent = f"{path}.{name}", step
            document = document.get(step) if isinstance(document, dict) else None
    return path


def up(path):
    """The parent of a path: without its index, or without its last name."""
    return path[: path.rindex("[")] if path.endswith("]") else path.rpartition(".")[0] or path


def add(family, base, operation, pointer, value, code, paths, source, names=""):
    COUNTS[family] = COUNTS.get(family, 0) + 1
    codes = code if isinstance(code, list) else [code]
    codes = [c if c.startswith("json.") else "profile." + c for c in codes]
    paths = [p for p in (paths if isinstance(paths, list) else [paths]) if p]
    text = "" if value is None and operation in ("remove", "duplicate") else json.dumps(value, ensure_ascii=False)
    ROWS.append([f"{family}-{COUNTS[family]:03}", base, operation, pointer, text,
                 " | ".join(codes), " | ".join(dict.fromkeys(paths)), names, source])


def drop(family, base, pointer, source, code="cardinality-min", names=""):
    path = path_of(base, pointer)
    path = re.sub(r"\[\d+\]$", "", path)
    add(family, base, "remove", pointer, None, code, [path, up(path)], source, names)


def put(family, base, pointer, value, code, source, paths=None, names=""):
    path = path_of(base, pointer)
    operation = "set"
    try:
        get(base_of(base), pointer)
    except (KeyError, IndexError, ValueError, TypeError):
        operation = "add"
    add(family, base, operation, pointer, value, code, paths or path, source, names)


def text(family, base, old, new, code, source, paths=()):
    add(family, base, "text", "", [old, new], code, list(paths), source)


def component(base, code):
    """Pointer of the component with this code."""
    for index, item in enumerate(base_of(base)["component"]):
        if any(coding["code"] == code for coding in item["code"]["coding"]):
            return f"/component/{index}"
    raise KeyError(code)


def extension(base, name):
    for index, item in enumerate(base_of(base)["extension"]):
        if item["url"].endswith(name):
            return f"/extension/{index}"
    raise KeyError(name)


def entry(kind, nth=0):
    found = [i for i, e in enumerate(BASES["bundle-transaction"]["entry"]) if e["resource"]["resourceType"] == kind]
    return found[nth]


def entry_of(profile, nth=0):
    found = [i for i, e in enumerate(BASES["bundle-transaction"]["entry"])
             if e["resource"].get("meta", {}).get("profile", [""])[0] == SD + profile]
    return found[nth]


def url_of(index):
    return BASES["bundle-transaction"]["entry"][index]["fullUrl"]


def coding(system, code):
    return {"coding": [{"system": system, "code": code}]}


def bound(base, pointer):
    """A binding is on the element; the offender may be its coding."""
    path = path_of(base, pointer)
    value = get(base_of(base), pointer)
    if not isinstance(value, dict):
        return [path]
    return [path, f"{path}.coding[0]", f"{path}.coding[0].code", f"{path}.coding"]
