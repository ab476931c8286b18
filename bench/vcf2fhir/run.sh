#!/usr/bin/env bash
# Compares the gateway with vcf2fhir on generated somatic VCF files: CPU seconds, peak memory, bytes, correctness.
# Needs python3 with venv and GNU time; installs vcf2fhir into a virtual environment of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=bench/vcf2fhir
work="${WORK:-${XDG_CACHE_HOME:-$HOME/.cache}/impress-gateway/vcf2fhir}"
mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet vcf2fhir==0.1.1
fi
cargo build --release --quiet
gateway="$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/release/impress-gateway"
timed() { # NAME COMMAND...: CPU seconds and peak KB into the variables cpu and memory
  local times="$work/times"
  /usr/bin/time -f '%U %S %M' -o "$times" "${@:2}" 2>"$work/$1.err" || { [ "$?" -le 1 ] || { cat "$work/$1.err"; exit 1; }; }
  read -r user system memory < <(tail -n 1 "$times")
  cpu=$(awk "BEGIN { print $user + $system }")
}
printf '%8s %-10s %12s %12s %14s\n' lines converter "CPU s" "peak MB" "bytes"
for count in ${COUNTS:-100 1000 5000 20000}; do
  vcf="$work/IPD9090-D01-P01-A08.hard-filtered.vcf"
  python3 "$here/generate.py" "$count" "$vcf"
  for again in "" -again; do
    timed gateway "$gateway" translate report "$vcf" --out "$work/gateway$again" --accounting "$work/rows.json"
    [ -n "$again" ] || ours=("$cpu" "$memory")
    timed vcf2fhir "$work/venv/bin/python" "$here/convert.py" "$vcf" "$work/vcf2fhir$again.json"
    [ -n "$again" ] || theirs=("$cpu" "$memory")
  done
  bundle="$work/gateway/IPD9090.json"
  row() { printf '%8s %-10s %12s %12.0f %14s\n' "$count" "$1" "$2" "$(awk "BEGIN { print $3 / 1024 }")" "$(stat -c %s "$4")"; }
  row gateway "${ours[0]}" "${ours[1]}" "$bundle"
  row vcf2fhir "${theirs[0]}" "${theirs[1]}" "$work/vcf2fhir.json"
  awk "BEGIN { printf \"%8s ratio      %12.1f %12.1f\\n\", $count, ${theirs[0]} / ${ours[0]}, ${theirs[1]} / ${ours[1]} }"
  python3 "$here/compare.py" "$vcf" "$bundle" "$work/gateway-again/IPD9090.json" "$work/rows.json" "$work/vcf2fhir.json" "$work/vcf2fhir-again.json"
done
