#!/usr/bin/env bash
# The same HL7 v2 messages through the gateway, hl7v2-fhir-bridge (Python) and @medplum/core (JavaScript): median time of each.
# Needs python3 with venv, node and npm; the packages go into a cache folder. What cannot be had is printed as SKIPPED.
set -euo pipefail
cd "$(dirname "$0")/../.."
here="$PWD/bench/referral"
work="${WORK:-${XDG_CACHE_HOME:-$HOME/.cache}/impress-gateway/referral}"
bridge=0.1.0
medplum=5.2.13
mkdir -p "$work/node"

golden=tests/golden/hl7v2-ref/new-2.5.1-utf8/input.hl7
python3 "$here/messages.py" "$golden" "$work"

rows="$work/rows.tsv"
: >"$rows"
skipped() { printf 'SKIPPED %s: %s\n' "$1" "$2"; }

if ! command -v python3 >/dev/null; then
  skipped hl7v2-fhir-bridge "no python3"
elif [ ! -x "$work/venv/bin/python" ] && ! python3 -m venv "$work/venv"; then
  skipped hl7v2-fhir-bridge "no virtual environment could be made"
elif ! "$work/venv/bin/pip" install --quiet --disable-pip-version-check "hl7v2-fhir-bridge==$bridge" >"$work/pip.log" 2>&1; then
  skipped hl7v2-fhir-bridge "not installed, see $work/pip.log"
else
  "$work/venv/bin/python" "$here/bridge.py" "$work" >>"$rows" 2>"$work/bridge.log" ||
    skipped hl7v2-fhir-bridge "failed, see $work/bridge.log"
fi

if ! command -v npm >/dev/null; then
  skipped @medplum/core "no npm"
elif ! npm install --prefix "$work/node" --no-audit --no-fund --silent "@medplum/core@$medplum" >"$work/npm.log" 2>&1; then
  skipped @medplum/core "not installed, see $work/npm.log"
else
  cp "$here/medplum.mjs" "$work/node/"
  node "$work/node/medplum.mjs" "$work" >>"$rows" 2>"$work/medplum.log" || skipped @medplum/core "failed, see $work/medplum.log"
fi

cargo bench --quiet --bench hl7v2_ref -- --min-time 2 >"$work/hl7v2_ref.txt"
cargo bench --quiet --bench referral -- --min-time 2 hl7v2 >"$work/referral.txt"
python3 "$here/table.py" "$work"
