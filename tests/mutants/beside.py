#!/usr/bin/env python3
"""Prints, per family, how many mutants another validator rejects: beside.py MUTANTS_FOLDER VERDICTS

MUTANTS_FOLDER is what the test wrote, VERDICTS the output of `conformance/run verdicts` on its files. A mutant is
rejected when there is an error that its base does not have. `-v` behind lists the mutants that are not.
"""
import collections
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


def errors(line):
    return collections.Counter((issue["id"], issue["path"], issue["message"]) for issue in line["issues"])


def main():
    folder, verdicts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    found = {}
    for text in verdicts.read_text().splitlines():
        line = json.loads(text)
        found[pathlib.Path(line["file"]).name] = errors(line)
    survivors = {line.split("\t")[0] for line in (HERE / "survivors.tsv").read_text().splitlines()[1:]}
    rows = [line.split("\t") for line in (HERE / "mutants.tsv").read_text().splitlines()[1:]]
    families = collections.defaultdict(collections.Counter)
    for mutant, base, *_ in rows:
        family = mutant.rpartition("-")[0]
        before = found[f"valid.{base.replace('/', '.')}.json"]
        is_rejected = bool(found[f"{mutant}.json"] - before)
        families[family]["mutants"] += 1
        families[family]["ours"] += mutant not in survivors
        families[family]["other"] += is_rejected
        if not is_rejected and sys.argv[3:] == ["-v"]:
            print(mutant, (folder / f"{mutant}.json").name, base)
    total = sum(families.values(), collections.Counter())
    for name, counts in [*families.items(), ("all", total)]:
        print(f"{name:<26} {counts['mutants']:>5} mutants {counts['ours']:>5} as expected {counts['other']:>5} rejected by the other")


if __name__ == "__main__":
    main()
