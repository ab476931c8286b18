#!/usr/bin/env bash
# Times the validator of the gateway and the reference validator (HAPI, conformance/) in one run on the same resources:
# those of a golden Bundle, one of each profile, and the Bundle itself. CPU time of both, reading the JSON included; the
# reference validator is warm (CONFORMANCE_WARM_SECONDS of CPU, 30). Prints a table and the ratio.
# Needs what conformance/run needs, python3 and GNU time; takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked --quiet
gateway="${CARGO_TARGET_DIR:-target}/release/impress-gateway"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

python3 - "$folder" <<'PYTHON'
import json, pathlib, sys
bundle = json.loads(pathlib.Path("tests/golden/tso500/localapp-dna-rna/expected.bundle.json").read_text())
folder = pathlib.Path(sys.argv[1])
for resource in [bundle] + [entry["resource"] for entry in bundle["entry"]]:
    profile = resource.get("meta", {}).get("profile", [resource["resourceType"]])[0].rsplit("/", 1)[-1]
    path = folder / f"{profile}.json"
    if not path.exists():
        path.write_text(json.dumps(resource, separators=(",", ":"), ensure_ascii=False))
PYTHON
files=("$folder"/*.json)

# CPU seconds of the gateway for a number of arguments that are all the same file.
seconds() {
  local file="$1" count="$2" arguments=()
  for ((i = 0; i < count; i++)); do arguments+=("$file"); done
  # A resource out of its Bundle refers to nothing, which is no error here: the verdict is not what is timed.
  /usr/bin/time -f '%U %S' -o "$folder/time" "$gateway" validate --json "${arguments[@]}" >/dev/null 2>&1 || true
  tail -n 1 "$folder/time" | awk '{ print $1 + $2 }'
}

for file in "${files[@]}"; do
  count=$((40000000 / $(stat -c %s "$file")))
  [ "$count" -le 10000 ] || count=10000
  printf '%s %s %s %s\n' "$(basename "$file" .json)" "$count" "$(seconds "$file" 1)" "$(seconds "$file" "$count")"
done >"$folder/ours"

conformance/run timing "${files[@]}" >"$folder/theirs"

python3 - "$folder" <<'PYTHON'
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
theirs = {}
for line in (folder / "theirs").read_text().splitlines():
    entry = json.loads(line)
    if "file" in entry:
        theirs[pathlib.Path(entry["file"]).stem] = entry
print("| resource | gateway, us | reference validator, us | ratio |\n|---|---|---|---|")
sums = [0.0, 0.0]
for line in (folder / "ours").read_text().splitlines():
    name, count, once, all_of_them = line.split()
    ours = (float(all_of_them) - float(once)) / (int(count) - 1) * 1e6
    other = theirs[name]["cpu_us"]
    sums[0] += ours
    sums[1] += other
    print(f"| {name} ({theirs[name]['resources']}) | {ours:.0f} | {other} | {other / ours:.0f} |")
print(f"| all | {sums[0]:.0f} | {sums[1]:.0f} | {sums[1] / sums[0]:.0f} |")
PYTHON
