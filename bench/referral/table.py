"""Prints one table of the medians: those of the other programs, and those of the benches of the gateway."""
import json
import pathlib
import re
import subprocess
import sys

UNITS = {"ns": 0.001, "µs": 1, "us": 1, "ms": 1000, "s": 1_000_000}
folder = pathlib.Path(sys.argv[1])


def medians(name):
    """(bench, argument) -> microseconds, of the table that the benches print."""
    found, bench = {}, ""
    for line in (folder / f"{name}.txt").read_text("utf-8").splitlines():
        columns = line.split("│")
        words = re.sub(r"[│├╰─]", " ", columns[0]).split()
        if not words:
            continue
        if re.match(r"[├╰]─", line):
            bench = words[0]
        # The third number of a row is the median.
        median = re.fullmatch(r"\s*([\d.]+) (\S+)\s*", columns[-4]) if len(columns) >= 5 else None
        if median and median[2] in UNITS:
            found[bench, words[0]] = float(median[1]) * UNITS[median[2]]
    return found


package = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--no-deps"]))["packages"][0]
source, whole = medians("hl7v2_ref"), medians("referral")
path = "hl7v2-ref/new-2.5.1-utf8/input.hl7"
ours = [
    ("referral", "parse, every value", source["split", "0"]),
    ("referral-100", "parse, every value", source["split", "100"]),
    ("referral", "parse and map to the domain", source["referral", "0"]),
    ("referral-100", "parse and map to the domain", source["referral", "100"]),
    ("referral", "parse, map and validate", whole["one_face", path]),
    ("referral", "parse, map and validate, both faces", whole["both_faces", path]),
]
rows = [(package["name"], package["version"], message, step, f"{time:.1f}") for message, step, time in ours]
rows += [tuple(line.split("\t")) for line in (folder / "rows.tsv").read_text("utf-8").splitlines()]
print("| message | step | program | version | median, us |\n|---|---|---|---|---|")
for name, version, message, step, time in sorted(rows, key=lambda row: (row[2], row[3], float(row[4]))):
    print(f"| {message} | {step} | {name} | {version} | {time} |")
