//! Reads the archive of a package, which anybody may have made: nothing is written, and every size has a limit.

use std::io::{Cursor, Read};

use flate2::read::GzDecoder;
use serde_json::Value;

use super::{MAX_ENTRIES, MAX_UNPACKED, Package, strip, url};
use crate::fhir::json::{self, JsonLimits};
use crate::redact::quote;

/// Largest file that is read; the largest definition of `hl7.terminology.r4` has 8 MB.
const MAX_ENTRY: u64 = 32 << 20;
/// Objects, arrays and values of one file; `hl7.terminology.r4` has a file with 103,845.
const MAX_FILE_VALUES: usize = 1_000_000;
/// The same of all definitions, without prose; `hl7.fhir.r4.core` has 868,332 with it.
const MAX_VALUES: usize = 4_000_000;
/// Levels of one file; official ones have 19.
const MAX_DEPTH: usize = 64;

/// The package of a `.tgz` in memory; the error is the reason.
///
/// Of the archive only `package/package.json` and the `.json` files beside it are read; other names, links among them, are
/// passed over.
pub fn unpack(bytes: &[u8]) -> Result<Package, String> {
    let mut archive = tar::Archive::new(GzDecoder::new(Cursor::new(bytes)).take(MAX_UNPACKED));
    let contents = read_entries(&mut archive);
    // What the limit cuts off reads like a damaged archive, or like the end of one.
    if archive.into_inner().limit() == 0 {
        return Err(format!("it has more than {MAX_UNPACKED} bytes unpacked"));
    }
    let (manifest, definitions) = contents?;
    of_manifest(&manifest.ok_or("there is no package/package.json")?, definitions)
}

/// The manifest, if there is one, and the definitions, sorted by URL.
fn read_entries(archive: &mut tar::Archive<impl Read>) -> Result<(Option<Value>, Vec<Value>), String> {
    let (mut manifest, mut definitions, mut values) = (None, Vec::new(), 0);
    for (count, entry) in archive.entries().map_err(|error| error.to_string())?.enumerate() {
        let mut entry = entry.map_err(|error| error.to_string())?;
        if count >= MAX_ENTRIES {
            return Err(format!("more than {MAX_ENTRIES} files"));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let is_manifest = name == "package/package.json";
        if !entry.header().entry_type().is_file() || !(is_manifest || is_definition(&name)) {
            continue;
        }
        let value = read_json(&mut entry, &name)?;
        if is_manifest {
            manifest = Some(value);
        } else if let Some(definition) = strip::definition(&value) {
            values += count_values(&definition);
            if values > MAX_VALUES {
                return Err(format!("the definitions have more than {MAX_VALUES} values"));
            }
            definitions.push(definition);
        }
    }
    definitions.sort_by(|a, b| url(a).cmp(url(b)));
    Ok((manifest, definitions))
}

fn of_manifest(manifest: &Value, definitions: Vec<Value>) -> Result<Package, String> {
    let text = |key: &str| manifest.get(key).and_then(Value::as_str).map(str::to_owned);
    let versions = ["fhirVersions", "fhir-version-list"].iter().find_map(|key| manifest.get(*key)?.as_array());
    let is_r4 = |version: &Value| version.as_str().is_some_and(|version| version.starts_with("4.0"));
    if let Some(versions) = versions.filter(|versions| !versions.iter().any(is_r4)) {
        let versions: Vec<&str> = versions.iter().filter_map(Value::as_str).take(3).collect();
        return Err(format!("it is for FHIR {}, not for R4 (4.0.1)", quote(&versions.join(", "))));
    }
    Ok(Package {
        name: text("name").ok_or("package.json has no name")?,
        version: text("version").ok_or("package.json has no version")?,
        canonical: text("canonical"),
        definitions,
    })
}

/// Whether a file may hold a definition: packages name them as they like, so the content decides (`strip`).
fn is_definition(name: &str) -> bool {
    let Some(file) = name.strip_prefix("package/") else { return false };
    !file.contains('/') && !file.starts_with('.') && file.ends_with(".json")
}

fn read_json(entry: &mut impl Read, name: &str) -> Result<Value, String> {
    let mut text = Vec::new();
    entry.take(MAX_ENTRY + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_ENTRY {
        return Err(format!("{} is larger than {MAX_ENTRY} bytes", quote(name)));
    }
    let limits = JsonLimits { depth: MAX_DEPTH, values: MAX_FILE_VALUES, ..JsonLimits::default() };
    let bytes = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    json::read(bytes, &limits).map_err(|issues| {
        let reason = issues.first().map(ToString::to_string).unwrap_or_default();
        format!("{} is not JSON within the limits: {reason}", quote(name))
    })
}

fn count_values(value: &Value) -> usize {
    match value {
        Value::Object(object) => 1 + object.values().map(count_values).sum::<usize>(),
        Value::Array(items) => 1 + items.iter().map(count_values).sum::<usize>(),
        _ => 1,
    }
}
