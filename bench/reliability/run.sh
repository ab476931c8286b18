#!/usr/bin/env bash
# The reliability harnesses: short (a few minutes) or, with `long`, as in docs/reliability.md.
# GATEWAY is the program, PLANTED the same built with the feature planted-faults; both are built where they are not given.
# IMPRESS_POSTGRES, a connection string, adds PostgreSQL. Last line for each: passed, FAILED or SKIPPED, and its name.
set -uo pipefail
cd "$(dirname "$0")"
form="${1:-short}"
target="${CARGO_TARGET_DIR:-$(pwd)/../../target}"
programs="$(mktemp -d)"
trap 'rm -rf "$programs"' EXIT
if [ -z "${PLANTED:-}" ]; then
  cargo build --locked --quiet --features planted-faults || exit 1
  PLANTED="$programs/planted"
  cp "$target/debug/impress-gateway" "$PLANTED"
fi
if [ -z "${GATEWAY:-}" ]; then
  cargo build --locked --quiet || exit 1
  GATEWAY="$target/debug/impress-gateway"
fi
export GATEWAY PYTHONDONTWRITEBYTECODE=1
results="$programs/results"

harness() { # name, program, arguments
  local name="$1"
  shift
  printf '\n-- %s: %s\n' "$name" "$*"
  python3 "$@" 2>&1 | tee "$results.out"
  local status="${PIPESTATUS[0]}"
  if [ "$status" -ne 0 ]; then
    echo "FAILED $name" >>"$results"
  elif grep -q '^SKIPPED' "$results.out"; then
    grep '^SKIPPED' "$results.out" >>"$results"
  else
    echo "passed $name" >>"$results"
  fi
}

if [ "$form" = long ]; then
  kills=200 messages=10000 cuts=20 outage=5000 slow=1000
else
  kills=5 messages=200 cuts=2 outage=150 slow=200
fi
harness kill-sqlite kill.py --kills "$kills" --messages "$messages"
harness power-cut power_cut.py --cuts "$cuts"
harness outage outage.py --messages "$outage"
harness slow-clients slow_clients.py --slow "$slow"
harness disk-full disk_full.py
if [ -n "${IMPRESS_POSTGRES:-}" ]; then
  harness kill-postgres kill.py --store postgres --kills "$kills" --messages "$messages"
else
  echo "SKIPPED kill-postgres: IMPRESS_POSTGRES is not set" >>"$results"
fi
# The controls: what these harnesses are for must make them fail.
GATEWAY="$PLANTED" harness control-answer-first kill.py --kills 3 --messages 100 --expect-loss
GATEWAY="$PLANTED" harness control-no-fsync power_cut.py --cuts 1 --expect-loss
if [ "$form" = long ]; then
  harness load-sqlite load.py
  if [ -n "${IMPRESS_POSTGRES:-}" ]; then harness load-postgres load.py --store postgres; fi
fi
echo
cat "$results"
! grep -q '^FAILED' "$results"
