#!/usr/bin/env python3
"""Writes the expected files of the golden cases, or with --check says which differ.

Each case is described by hand in cases/<case>.py (findings, sentences, what became of each row); this program only
expands the description to JSON and computes the ids. It reads the input files for nothing but the numbers of their rows.
"""

import importlib
import pathlib
import re
import sys

from report import bundle
from text import file_row_lines, write

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODES = ROOT.parent.parent / "src" / "domain" / "issue" / "codes.rs"


def expected_files(case, described):
    """Name -> content of the expected files of a case."""
    files = {f"expected{name}.bundle.json": write(bundle(reports)) + "\n" for name, reports in described["bundles"].items()}
    files["expected.issues.txt"] = "".join(code + "\n" for code in sorted(described["issues"]))
    lines = []
    for name, outcomes in sorted(described["accounting"].items()):
        for number, outcome in numbered(case, name, outcomes):
            outcome, *counted = [outcome] if isinstance(outcome, str) else outcome
            word = "represented" if "/" in outcome else "listed"
            lines.append("\t".join([name, str(number), word, outcome, *counted]) + "\n")
    files["expected.accounting.tsv"] = "".join(lines)
    check(described, files)
    return files


def numbered(case, name, outcomes):
    """Outcomes with the lines of their rows. In JSON and XML a row is an element: there the first text that marks it and its
    outcome are described, in the order of the file."""
    data = (case / "input" / name).read_bytes()
    numbers = file_row_lines(name, data)
    if numbers is None:
        numbers, described, at = [], outcomes, 0
        lines = data.decode("utf-8").split("\n")
        for mark, _ in described:
            at = next(number for number, line in enumerate(lines, 1) if number > at and mark in line)
            numbers.append(at)
        outcomes = [outcome for _, outcome in described]
    assert len(numbers) == len(outcomes), f"{case.name}: {name} has {len(numbers)} rows, {len(outcomes)} are described"
    return zip(numbers, outcomes)


def check(described, files):
    """Codes exist, and every resource that the accounting names is in a bundle, as is every resource referred to."""
    codes = set(re.findall(r'= "([a-z0-9]+\.[a-z0-9-]+)"', CODES.read_text()))
    named = {line.split("\t")[3].strip() for line in files["expected.accounting.tsv"].splitlines()}
    assert set(described["issues"]) <= codes, set(described["issues"]) - codes
    assert {name for name in named if "/" not in name} <= codes, named
    bundles = "".join(text for name, text in files.items() if name.endswith(".bundle.json"))
    urls = set(re.findall(r'"url": "([A-Z][A-Za-z]+/[0-9a-f-]{36})"', bundles))
    assert {name for name in named if "/" in name} <= urls, "the accounting names a resource that is in no bundle"
    for text in (text for name, text in files.items() if name.endswith(".bundle.json")):
        known = set(re.findall(r'"fullUrl": "(urn:uuid:[0-9a-f-]{36})"', text))
        assert set(re.findall(r'"reference": "([^"]+)"', text)) <= known, "a reference leads out of the bundle"


def main():
    differing = 0
    for source in sorted((ROOT / "oracle" / "cases").glob("*.py")):
        described = importlib.import_module("cases." + source.stem).describe()
        case = ROOT / "tso500" / described["case"]
        for name, content in expected_files(case, described).items():
            path = case / name
            if "--check" not in sys.argv:
                path.write_text(content, encoding="utf-8")
            elif not path.exists() or path.read_text(encoding="utf-8") != content:
                print(f"{path.relative_to(ROOT)} differs")
                differing += 1
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
