#!/usr/bin/env bash
# Feeds hostile referrals to the release build: exit status, gravest issue code, CPU seconds, peak memory. Names of cases as
# arguments run only those. bench/hostile.sh runs this last. Needs GNU time and 1.1 GB of temporary space.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --release --locked --quiet
gateway="${CARGO_TARGET_DIR:-target}/release/impress-gateway"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export IMPRESS_GATEWAY__IDENTITY__ACCEPT_SYNTHETIC=true

printf '\n| referral | exit status | most frequent of the gravest issues | Bundle | CPU seconds | peak memory |\n|---|---|---|---|---|---|\n'
python3 bench/hostile/referrals.py | while IFS=$'\t' read -r name title; do
  [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
  python3 bench/hostile/referrals.py "$name" >"$folder/message"
  status=0
  rm -f "$folder/issues.json"
  /usr/bin/time -f '%U %S %M' -o "$folder/time" "$gateway" translate referral "$folder/message" \
    --issues "$folder/issues.json" >"$folder/bundle" 2>"$folder/stderr" || status=$?
  code="$(python3 - "$folder/issues.json" <<'PYTHON'
import collections, json, sys
ranks = ["information", "warning", "error", "fatal"]
issues = json.load(open(sys.argv[1]))["issue"]
coded = [(ranks.index(issue["severity"]), code["code"]) for issue in issues for code in issue["details"].get("coding", [])]
coded = [(rank, code) for rank, code in coded if code != "config.demo-secret"]
gravest = max((rank for rank, _ in coded), default=0)
codes = collections.Counter(code for rank, code in coded if rank == gravest)
print("`, `".join(code for code, _ in codes.most_common(2)) if codes else "none")
PYTHON
  )"
  read -r user system memory < <(tail -n 1 "$folder/time")
  bundle="$(stat -c %s "$folder/bundle")"
  printf '| %s | %s | `%s` | %s | %s | %s MB |\n' "$title" "$status" "$code" "$([ "$bundle" -gt 1 ] && echo yes || echo no)" \
    "$(awk -v a="$user" -v b="$system" 'BEGIN { printf "%.2f", a + b }')" "$((memory / 1024))"
done
