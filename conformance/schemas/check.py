"""Asks a second implementation (Python `jsonschema`) for its verdict on the exported schemas.

    check.py FOLDER VERDICTS

FOLDER is what `impress-gateway profiles export` wrote. VERDICTS has one JSON object per line: `schema` (file), `case`, `valid`
(the verdict of the Rust implementation) and `resource`. Exit code 1 on any difference.
"""

import json
import multiprocessing
import pathlib
import re
import sys

from jsonschema import Draft202012Validator

# What is shown of many differences.
SHOWN = 20

schemas = {}


def keywords(schema, keyword):
    """Every text under a keyword, at any depth."""
    if isinstance(schema, dict):
        if isinstance(schema.get(keyword), str):
            yield schema[keyword]
        for inner in schema.values():
            yield from keywords(inner, keyword)
    elif isinstance(schema, list):
        for inner in schema:
            yield from keywords(inner, keyword)


def load(path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for reference in keywords(schema, "$ref"):
        assert reference.startswith("#/$defs/"), f"{path.name}: {reference} is not in the file"
    for pattern in keywords(schema, "pattern"):
        re.compile(pattern)
    return Draft202012Validator(schema)


def load_all(folder):
    for path in sorted(pathlib.Path(folder).glob("*.schema.json")):
        schemas[path.name] = load(path)


def compare(line):
    """The schema, the verdict, and in what it differs."""
    case = json.loads(line)
    schema = schemas[case["schema"]]
    valid = schema.is_valid(case["resource"])
    if valid == case["valid"]:
        return case["schema"], valid, None
    fault = next((error.message[:200] for error in schema.iter_errors(case["resource"])), "valid here")
    return case["schema"], valid, f"{case['schema']} {case['case']}: {fault}"


def main(folder, verdicts):
    load_all(folder)
    if not schemas:
        sys.exit(f"schemas: no schema in {folder}")
    # Forked, so that the schemas are loaded once.
    with open(verdicts, encoding="utf-8") as lines, multiprocessing.get_context("fork").Pool() as pool:
        results = pool.map(compare, lines, chunksize=50)
    differences = [difference for _, _, difference in results if difference]
    for difference in differences[:SHOWN]:
        print(difference)
    unused = sorted(set(schemas) - {schema for schema, _, _ in results})
    for name in unused:
        print(f"{name}: no verdict")
    valid = sum(valid for _, valid, _ in results)
    print(
        f"schemas: {len(schemas)} schemas, {len(results)} verdicts ({valid} valid, {len(results) - valid} not), "
        f"{len(differences)} differences"
    )
    return 1 if differences or unused or valid in (0, len(results)) else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
