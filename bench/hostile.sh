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

# Bodies and packages for `validate`.
judge() {
  local title="$1" status=0 code user system memory
  shift
  /usr/bin/time -f '%U %S %M' -o "$folder/time" "$gateway" validate --json "$@" >"$folder/verdict" 2>"$folder/stderr" || status=$?
  code="$(cat "$folder/verdict" "$folder/stderr" | grep -oE '"code":"(json|profile|package)\.[a-z-]+"' | sort | uniq -c | sort -rn | sed -E '1!d; s/.*"code":"([^"]*)".*/\1/' || true)"
  read -r user system memory < <(tail -n 1 "$folder/time")
  printf '| %s | %s | `%s` | %s | %s MB |\n' "$title" "$status" "${code:-none}" \
    "$(awk -v a="$user" -v b="$system" 'BEGIN { printf "%.2f", a + b }')" "$((memory / 1024))"
}
body="$folder/body.json"
list() { awk -v item="$1" -v count="$2" 'BEGIN { printf "["; for (i = 1; i < count; i++) printf "%s,", item; printf "%s]", item }'; }
filled() { awk -v n="$1" 'BEGIN { s = "x"; while (length(s) < n) s = s s; printf "%s", substr(s, 1, n) }'; }

printf '\n| body or package | exit status | most frequent issue | CPU seconds | peak memory |\n|---|---|---|---|---|\n'
{ printf '{"resourceType":"Patient","name":[{"text":"'; filled 51000000; printf '"}]}'; } >"$body"
judge "text of 51 MB" "$body"
{ printf '{"resourceType":"Patient","name":[{"text":"'; filled 45000000; printf '"}]}'; } >"$body"
judge "string of 45 MB" "$body"
{ printf '{"resourceType":"Patient","extension":'; list '{"url":"urn:x","valueString":"y"}' 700000; printf '}'; } >"$body"
judge "700,000 unknown extensions" "$body"
{ printf '{"resourceType":"Patient","name":'; list 1 1000000; printf '}'; } >"$body"
judge "1,000,000 items of the wrong type" "$body"
{ printf '{"resourceType":"Patient","name":'; list '{"family":"x"}' 999990; printf '}'; } >"$body"
judge "999,990 names without fault" "$body"
{ printf '{"resourceType":"Observation","status":"final","code":{"text":"x"},"hasMember":'; list '{"reference":"#x"}' 900000; printf '}'; } >"$body"
judge "900,000 references to nothing" "$body"
awk 'BEGIN { printf "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["; for (i = 0; i < 200000; i++) printf "%s{\"fullUrl\":\"urn:oid:1.2.%d\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p%d\",\"link\":[{\"type\":\"seealso\",\"other\":{\"reference\":\"Patient/p%d\"}}]}}", (i ? "," : ""), i, i, (i + 1) % 200000; print "]}" }' >"$body"
judge "Bundle of 200,000 linked patients" "$body"
awk 'BEGIN { for (i = 0; i < 10000; i++) printf "{\"a\":"; printf "1"; for (i = 0; i < 10000; i++) printf "}" }' >"$body"
judge "10,000 levels" "$body"

echo '{"resourceType":"Patient","active":true}' >"$body"
mkdir -p "$folder/pack/package" "$folder/pack/other"
echo '{"name": "x", "version": "1"}' >"$folder/pack/package/package.json"
truncate -s 1G "$folder/pack/other/zeros.bin"
tar -C "$folder/pack" -czf "$folder/bomb.tgz" package other
judge "package of 1 GB of zeros" --package "$folder/bomb.tgz" "$body"
rm "$folder/pack/other/zeros.bin"
{ printf '['; list 1 900000; for _ in $(seq 1 13); do printf ','; list 1 1000; done; printf ']'; } >"$folder/pack/package/numbers.json"
for i in $(seq 1 50); do cp "$folder/pack/package/numbers.json" "$folder/pack/package/numbers-$i.json"; done
tar -C "$folder/pack" -czf "$folder/numbers.tgz" package
judge "package of 50 files of 900,000 numbers" --package "$folder/numbers.tgz" "$body"
