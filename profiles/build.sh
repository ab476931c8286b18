#!/bin/sh
# Builds profiles/generated from profiles/fsh without a network: build.sh FOLDER-OF-PACKAGE-ARCHIVES
set -eu
here=$(cd "$(dirname "$0")" && pwd)
archives=$(cd "${1:?the folder of package archives is missing}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -x "$here/fsh/node_modules/.bin/sushi" ]; then
  (cd "$here/fsh" && npm ci --no-audit --no-fund --ignore-scripts)
fi

for package in hl7.fhir.r4.core-4.0.1 hl7.fhir.uv.extensions.r4-5.2.0 hl7.terminology.r4-7.0.1 \
  hl7.fhir.uv.genomics-reporting-3.0.0 hl7.fhir.no.basis-2.2.2 hl7.fhir.uv.subscriptions-backport.r4-1.1.0; do
  folder="$work/home/.fhir/packages/${package%-*}#${package##*-}"
  mkdir -p "$folder"
  tar -xzf "$archives/$package.tgz" -C "$folder"
done
# Genomics Reporting 3.0.0 asks for older versions; the pinned ones stand in for them.
for pair in hl7.terminology.r4:7.0.1:6.1.0 hl7.fhir.uv.extensions.r4:5.2.0:5.1.0; do
  name=${pair%%:*} versions=${pair#*:}
  ln -s "$name#${versions%:*}" "$work/home/.fhir/packages/$name#${versions#*:}"
done

mkdir "$work/fsh"
cp -r "$here/fsh/input" "$here/fsh/sushi-config.yaml" "$work/fsh/"
node "$here/fsh/issue-codes.js" "$here/../docs/errors.md" > "$work/fsh/input/fsh/issue-codes.fsh"
HOME="$work/home" "$here/fsh/node_modules/.bin/sushi" build --snapshot "$work/fsh"

rm -rf "$here/generated"
mkdir "$here/generated"
node "$here/fsh/strip.js" "$work/fsh/fsh-generated/resources" "$here/generated"
