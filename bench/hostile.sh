#!/usr/bin/env bash
# Feeds hostile input to the release build and prints exit status, first issue code, CPU seconds and peak memory of each.
# Needs GNU time (/usr/bin/time) and 2.2 GB of temporary space; takes about a minute.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked --quiet
gateway="${CARGO_TARGET_DIR:-target}/release/impress-gateway"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
name=IPD9090-D01-P01-A08_CombinedVariantOutput.tsv

head() {
  printf 'TruSight Oncology 500 - Combined Variant Output\n\n[Analysis Details]\nPair ID\tIPD9090-D01-P01-A08_P\n'
  printf 'DNA Sample ID\tIPD9090-D01-P01-A08\nRNA Sample ID\tNA\nPipeline Version\truo-2.2.0.12\n\n[Small Variants]\n'
  printf 'Gene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\n'
}

run() {
  local title="$1" path="$2" status=0
  /usr/bin/time -f '%U %S %M' -o "$folder/time" "$gateway" translate report "$path" --out "$folder/out" \
    --issues "$folder/issues.json" >/dev/null 2>"$folder/stderr" || status=$?
  local code user system memory
  code="$(grep -oE '"code":"[a-z0-9]+\.[a-z-]+"' "$folder/issues.json" | grep -v demo-secret | sort | uniq -c | sort -rn | sed -E '1!d; s/.*"code":"([^"]*)".*/\1/')"
  read -r user system memory < <(tail -n 1 "$folder/time")
  printf '| %s | %s | `%s` | %s | %s MB |\n' "$title" "$status" "$code" \
    "$(awk -v a="$user" -v b="$system" 'BEGIN { printf "%.2f", a + b }')" "$((memory / 1024))"
}

printf '| input | exit status | most frequent issue | CPU seconds | peak memory |\n|---|---|---|---|---|\n'

mkdir "$folder/line"
{ head; printf 'BRAF\tchr7\t'; } >"$folder/line/$name"
# A sparse file: two gigabytes of NUL bytes without a line break.
truncate -s 2G "$folder/line/$name"
run "line of 2 GB" "$folder/line"

mkdir "$folder/sections"
{ head; seq -f '[Section %.0f]' 1000000; } >"$folder/sections/$name"
run "1,000,000 sections" "$folder/sections"

mkdir "$folder/rows"
{ head; awk 'BEGIN { for (i = 0; i < 49000; i++) printf "BRAF\tchr7\t%d\tA\tT\t0.5\t100\n", i + 1 }'; } >"$folder/rows/$name"
run "49,000 small variants" "$folder/rows"

mkdir "$folder/bad"
{ head; awk 'BEGIN { for (i = 0; i < 49000; i++) printf "BRAF\tchr99\t%d\tA\tT\t0.5\t100\n", i + 1 }'; } >"$folder/bad/$name"
run "49,000 rows with an error" "$folder/bad"

mkdir "$folder/cells"
{ head; for _ in $(seq 1 60); do dd if=/dev/zero bs=1000000 count=1 2>/dev/null | tr '\0' '\t'; echo x; done; } >"$folder/cells/$name"
run "60 lines of 1,000,000 cells" "$folder/cells"

mkdir "$folder/large"
{ head; for _ in $(seq 1 300); do dd if=/dev/zero bs=1000000 count=1 2>/dev/null | tr '\0' 'x'; echo; done; } >"$folder/large/$name"
run "file of 300 MB" "$folder/large"

mkdir "$folder/files"
(cd "$folder/files" && seq 1 100000 | xargs touch)
head >"$folder/files/$name"
run "folder of 100,000 other files" "$folder/files"

mkdir "$folder/many"
for i in $(seq 1000 1009); do
  { head | sed "s/IPD9090/IPD$i/"; awk 'BEGIN { for (i = 0; i < 49000; i++) print "x" }'; } \
    >"$folder/many/IPD$i-D01-P01-A08_CombinedVariantOutput.tsv"
done
run "10 files of 49,000 bad lines" "$folder/many"

mkdir "$folder/patients"
for i in $(seq 1000 2999); do
  head | sed "s/IPD9090/IPD$i/" >"$folder/patients/IPD$i-D01-P01-A08_CombinedVariantOutput.tsv"
done
run "2,000 patients" "$folder/patients"

mkdir "$folder/deep"
(cd "$folder/deep" && for _ in $(seq 1 200); do mkdir d && cd d; done)
head >"$folder/deep/$name"
run "200 levels of folders" "$folder/deep"
