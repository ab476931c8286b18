#!/usr/bin/env bash
# Every harness, short; with `long` as long as the figures of docs/reliability.md need.
#
#     bench/reliability/run.sh [long]
#
# GATEWAY and GATEWAY_PLANTED name the programs; left out, both are built here. The last lines say what became of each harness.
set -uo pipefail
cd "$(dirname "$0")/../.."

export PYTHONDONTWRITEBYTECODE=1
form="${1:-short}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
target="${CARGO_TARGET_DIR:-target}"
# The planted build first: the plain one is left in its usual place.
if [ -z "${GATEWAY_PLANTED:-}" ]; then
  cargo build --locked --quiet --features planted-faults || exit 1
  cp "$target/debug/impress-gateway" "$work/planted"
  export GATEWAY_PLANTED="$work/planted"
fi
if [ -z "${GATEWAY:-}" ]; then
  cargo build --locked --quiet || exit 1
  cp "$target/debug/impress-gateway" "$work/gateway"
  export GATEWAY="$work/gateway"
fi

# What some harnesses need; a harness says SKIPPED where it is not there.
packages=()
command -v strace >/dev/null || packages+=(strace)
ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || packages+=(libfaketime)
if [ "${#packages[@]}" -gt 0 ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

verdicts=()
failed=0
harness() {
  local name="$1" status=0 verdict
  shift
  timeout "$limit" "$@" >"$work/out" 2>&1 || status=$?
  cat "$work/out"
  verdict="$(grep -E '^(passed|FAILED|SKIPPED) ' "$work/out" | tail -n 1)"
  case "$status:$verdict" in
    0:SKIPPED*) verdict="SKIPPED $name: ${verdict#*: }" ;;
    0:passed*) verdict="passed $name" ;;
    124:*) verdict="FAILED $name: not done after $limit" ;;
    *) verdict="FAILED $name: exit status $status; ${verdict:-no verdict}" ;;
  esac
  case "$verdict" in FAILED*) failed=1 ;; esac
  verdicts+=("$verdict")
}

here=bench/reliability
if [ "$form" = long ]; then
  limit=2h
  kills=(--kills 200 --messages 10000) control=(--kills 20 --messages 1000 --drain 60) cuts=20 rounds=20 outage=5000 slow=1000
  slow_messages=1000 gone=(--rounds 10 --messages 2000) load=(--seconds 10) reads=(--resources 100000)
  told=(--kills 50 --messages 2000 --stores sqlite,postgres)
  points=100 clock=(--jumps 20 --messages 2000) flips=(--flips 2000 --runs 400) hostile=(--stops 30 --connections 1000)
else
  limit=2m
  kills=(--kills 4 --messages 150) control=(--kills 3 --messages 100 --drain 10) cuts=3 rounds=2 outage=200 slow=1000
  slow_messages=60 gone=(--rounds 1 --messages 150) load=(--seconds 3 --clients 8 --formats fhir --stores sqlite --per-client 200)
  reads=(--resources 2000 --stores sqlite --requests 40 --clients 2)
  told=(--kills 3 --messages 100 --drain 40)
  points=3 clock=(--jumps 5 --messages 150 --outage 200) flips=(--flips 200 --runs 8) hostile=(--stops 3 --connections 100)
fi
harness kill-sqlite python3 $here/kill.py "${kills[@]}"
harness kill-postgres python3 $here/kill.py "${kills[@]}" --store postgres
harness kill-control python3 $here/kill.py "${control[@]}" --expect-loss
harness power-cut python3 $here/power_cut.py --cuts "$cuts"
harness power-cut-control python3 $here/power_cut.py --cuts 3 --expect-loss
harness disk-full python3 $here/disk_full.py --rounds "$rounds"
harness slow-clients python3 $here/slow_clients.py --slow "$slow" --messages "$slow_messages"
harness outage python3 $here/outage.py --messages "$outage"
harness database-gone python3 $here/database_gone.py "${gone[@]}"
harness failing-io python3 $here/failing_io.py --points "$points"
harness failing-io-control python3 $here/failing_io.py --expect-loss
harness clock python3 $here/clock.py "${clock[@]}"
harness clock-control python3 $here/clock.py --jumps 5 --messages 150 --expect-fault
harness corruption python3 $here/corruption.py "${flips[@]}"
harness corruption-control python3 $here/corruption.py --expect-fault
harness hostile-io python3 $here/hostile_io.py "${hostile[@]}"
harness hostile-io-control python3 $here/hostile_io.py --stops 3 --expect-loss
harness notifications python3 $here/notifications.py "${told[@]}"
harness notifications-control python3 $here/notifications.py --kills 3 --messages 100 --drain 10 --expect-loss
harness load python3 $here/load.py "${load[@]}"
harness reads python3 $here/reads.py "${reads[@]}"

printf '\n'
printf '%s\n' "${verdicts[@]}"
exit "$failed"
