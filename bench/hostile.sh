#!/usr/bin/env bash
# Feeds hostile input to the release build and prints exit status, first issue code, CPU seconds and peak memory of each.
# Needs GNU time (/usr/bin/time) and 2.5 GB of temporary space; takes some minutes. bench/hostile/referrals.sh runs the referrals alone.
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
  code="$(python3 - "$folder/issues.json" <<'PYTHON'
import collections, json, sys
ranks = ["information", "warning", "error", "fatal"]
issues = json.load(open(sys.argv[1]))["issue"]
coded = [(ranks.index(issue["severity"]), code["code"]) for issue in issues for code in issue["details"].get("coding", [])]
gravest = max((rank for rank, _ in coded), default=0)
codes = collections.Counter(code for rank, code in coded if rank == gravest and code != "config.demo-secret")
print(codes.most_common(1)[0][0] if codes else "none")
PYTHON
  )"
  read -r user system memory < <(tail -n 1 "$folder/time")
  printf '| %s | %s | `%s` | %s | %s MB |\n' "$title" "$status" "$code" \
    "$(awk -v a="$user" -v b="$system" 'BEGIN { printf "%.2f", a + b }')" "$((memory / 1024))"
}

printf '| input | exit status | most frequent of the gravest issues | CPU seconds | peak memory |\n|---|---|---|---|---|\n'

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

# VCF. Beside each file lies a CombinedVariantOutput, so that there is a report.
vcf=IPD9090-D01-P01-A08_MergedSmallVariants.genome.vcf
vcf_head() {
  printf '##fileformat=VCFv4.2\n##source=Pisces 5.2.11.63\n##reference=hg19\n##FORMAT=<ID=AD,Number=R>\n%s' "${1-}"
  printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tsample1.bam\n'
}
vcf_case() {
  mkdir "$folder/$1"
  head >"$folder/$1/$name"
}

for size in 10M 100M 1G 10G; do
  vcf_case "line-$size"
  { vcf_head; yes A | tr -d '\n' | dd bs=1M iflag=fullblock count="$(numfmt --from=iec --to-unit=1Mi "$size")" 2>/dev/null || :; } \
    | gzip -1 >"$folder/line-$size/$vcf.gz"
  run "gzip bomb of $size, one line" "$folder/line-$size"
  rm -r "$folder/line-$size"
  vcf_case "rows-$size"
  { vcf_head; yes "$(printf 'chr7\t5\t.\tT\t.\t100\tPASS\tDP=523\tGT:AD:DP:VF\t0/0:522:523:0.00191')" \
    | dd bs=1M iflag=fullblock count="$(numfmt --from=iec --to-unit=1Mi "$size")" 2>/dev/null || :; } \
    | gzip -6 >"$folder/rows-$size/$vcf.gz"
  run "gzip bomb of $size, many lines" "$folder/rows-$size"
  rm -r "$folder/rows-$size"
done

vcf_case contigs
vcf_head "$(seq -f '##contig=<ID=c%.0f,length=1>' 100000)
" >"$folder/contigs/$vcf"
run "100,000 contigs" "$folder/contigs"

vcf_case info
{ vcf_head; printf 'chr7\t5\t.\tT\tA\t.\tPASS\t'; seq -f 'A%.0f=1;' 1000000 | tr -d '\n'; printf '\tGT\t0/1\n'; } >"$folder/info/$vcf"
run "1,000,000 INFO fields on a line" "$folder/info"

vcf_case info-many
{ vcf_head; awk 'BEGIN { for (i = 0; i < 250000; i++) info = info "A=1;"
    for (i = 1; i <= 50; i++) printf "chr7\t%d\t.\tT\tA\t.\tPASS\t%s\tGT\t0/1\n", i, info }'; } >"$folder/info-many/$vcf"
run "50 lines of 250,000 INFO fields" "$folder/info-many"

vcf_case alleles
{ vcf_head; printf 'chr7\t5\t.\tT\tA'; seq -f ',A%.0f' 1000000 | tr -d '\n' | tr 0-9 A; printf '\t.\tPASS\t.\tGT\t0/1\n'; } >"$folder/alleles/$vcf"
run "1,000,000 alleles on a line" "$folder/alleles"

vcf_case alleles-many
{ vcf_head; awk 'BEGIN { for (i = 0; i < 100000; i++) alleles = alleles ",AA"
    for (i = 1; i <= 50; i++) printf "chr7\t%d\t.\tT\tA%s\t.\tPASS\t.\tGT\t0/1\n", i, alleles }'; } >"$folder/alleles-many/$vcf"
run "50 lines of 100,000 alleles" "$folder/alleles-many"

vcf_case keys
{ vcf_head; awk 'BEGIN { for (i = 0; i < 60000; i++) { keys = keys ":K" i; values = values ":1" }
    for (i = 1; i <= 50; i++) printf "chr7\t%d\t.\tT\tA\t.\tPASS\t.\tGT%s\t0/1%s\n", i, keys, values }'; } >"$folder/keys/$vcf"
run "50 lines of 60,000 FORMAT keys" "$folder/keys"

vcf_case filters
{ vcf_head; awk 'BEGIN { for (i = 1; i <= 1000000; i++) printf "chr7\t%d\t.\tT\tA\t.\tf%d\t.\tGT\t0/1\n", i, i }'; } >"$folder/filters/$vcf"
run "1,000,000 different filters" "$folder/filters"

vcf_case bad-lines
{ vcf_head; awk 'BEGIN { for (i = 1; i <= 1000000; i++) printf "chr99\t%d\t.\tT\tA\t.\tPASS\t.\tGT\t0/1\n", i }'; } >"$folder/bad-lines/$vcf"
run "1,000,000 lines with an error" "$folder/bad-lines"

vcf_case components
{ vcf_head; awk 'BEGIN { for (i = 0; i < 5000; i++) { reference = reference "T"; alternative = alternative "A" }
    tag = "MNVTAG=chr7:100_" reference "->" alternative
    printf "chr7\t100\t.\t%s\t%s\t.\tPASS\t%s\tGT\t0/1\n", reference, alternative, tag
    for (i = 0; i < 20000; i++) printf "chr7\t%d\t.\tT\tA\t.\tPASS\t%s\tGT\t0/1\n", 100 + i % 5000, tag }'; } >"$folder/components/$vcf"
run "20,000 parts of one variant of 5,000 bases" "$folder/components"

vcf_case genome
{ vcf_head; awk 'BEGIN { for (i = 1; i <= 2000000; i++) printf "chr7\t%d\t.\tT\t.\t100\tPASS\tDP=523\tGT:AD:DP:VF\t0/0:522:523:0.00191\n", i }'; } \
  | gzip -6 >"$folder/genome/$vcf.gz"
run "genome VCF of 2,000,000 reference lines (not hostile)" "$folder/genome"
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

bench/hostile/referrals.sh
