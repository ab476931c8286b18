//! FHIR packages (NPM packages of definitions), and the structure-only extracts of them that are committed.

mod archive;
mod select;
mod sources;
mod strip;

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::issue::{Issue, IssueCode, Location};

pub use archive::unpack;
pub use select::select;
pub use sources::{Source, Sources};

/// Largest package file; the largest official one (`hl7.terminology`) has 5 MB.
const MAX_FILE: u64 = 64 << 20;
/// Largest sum of what is unpacked; `hl7.terminology.r4` has 68 MB.
const MAX_UNPACKED: u64 = 256 << 20;
/// Most files in a package; `hl7.fhir.r4.core` has 4,582.
const MAX_ENTRIES: usize = 50_000;

/// The definitions of one package, without prose: StructureDefinition, ValueSet, CodeSystem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// Name, e.g. `hl7.fhir.uv.genomics-reporting`.
    pub name: String,
    /// Version.
    pub version: String,
    /// URL under which every profile of the package lies, if it says so.
    pub canonical: Option<String>,
    /// Definitions, sorted by URL.
    pub definitions: Vec<Value>,
}

/// Reads a package `.tgz`.
///
/// Errors: `package.unreadable`.
pub fn read_tgz(path: &Path) -> Result<Package, Issue> {
    let bytes = read_limited(path)?;
    unpack(&bytes).map_err(|reason| unreadable(path, &reason))
}

/// Reads a committed extract.
///
/// Errors: `package.unreadable`.
pub fn read_extract(path: &Path) -> Result<Package, Issue> {
    let bytes = read_limited(path)?;
    let text = gunzip(&bytes).map_err(|reason| unreadable(path, &reason))?;
    serde_json::from_slice(&text).map_err(|error| unreadable(path, &error.to_string()))
}

/// Reads the definitions in the `.json` files of a folder, by URL.
///
/// Errors: `package.unreadable`.
pub fn read_folder(path: &Path) -> Result<Vec<Value>, Issue> {
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error.kind().to_string()))?;
    let mut definitions = Vec::new();
    for entry in entries.take(MAX_ENTRIES) {
        let file = entry.map_err(|error| unreadable(path, &error.kind().to_string()))?.path();
        if file.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let value: Value =
            serde_json::from_slice(&read_limited(&file)?).map_err(|error| unreadable(&file, &error.to_string()))?;
        definitions.extend(strip::definition(&value));
    }
    definitions.sort_by(|a, b| url(a).cmp(url(b)));
    Ok(definitions)
}

/// The bytes of an extract: the same for the same package on every machine.
pub fn extract(package: &Package) -> Result<Vec<u8>, String> {
    gzip(&serde_json::to_vec(package).map_err(|error| error.to_string())?)
}

/// Compresses without time and name, so that the same content gives the same bytes.
pub(super) fn gzip(content: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder: GzEncoder<Vec<u8>> = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(content).and_then(|()| encoder.finish()).map_err(|error| error.to_string())
}

/// Uncompresses within the limit of a package.
pub(super) fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let read = GzDecoder::new(bytes).take(MAX_UNPACKED).read_to_end(&mut text);
    read.map(|_| text).map_err(|error| error.to_string())
}

/// SHA-256 of a file, in hexadecimal.
///
/// Errors: `package.unreadable`.
pub fn sha256(path: &Path) -> Result<String, Issue> {
    let digest = Sha256::digest(read_limited(path)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(super) fn url(definition: &Value) -> &str {
    definition.get("url").and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn read_limited(path: &Path) -> Result<Vec<u8>, Issue> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| unreadable(path, &error.kind().to_string()))?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error.kind().to_string()))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(unreadable(path, &format!("larger than {MAX_FILE} bytes")));
    }
    Ok(bytes)
}

pub(super) fn unreadable(path: &Path, reason: &str) -> Issue {
    let location = Location { file: Some(path.display().to_string().into()), ..Location::default() };
    Issue::new(IssueCode::PackageUnreadable, location, format!("the package cannot be read: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tgz(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append_data(&mut header, name, content.as_bytes()).unwrap();
        }
        gzip(&builder.into_inner().unwrap()).unwrap()
    }

    const MANIFEST: (&str, &str) =
        ("package/package.json", r#"{"name": "x.y", "version": "1.0.0", "canonical": "http://x.example"}"#);

    #[test]
    fn prose_is_left_behind() {
        let definition = r#"{"resourceType": "ValueSet", "url": "http://x.example/v", "description": "long",
            "compose": {"include": [{"system": "http://s", "concept": [{"code": "a", "display": "words"}]}]}}"#;
        let package = unpack(&tgz(&[MANIFEST, ("package/ValueSet-v.json", definition)])).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("x.y", "1.0.0"));
        let expected = json!({"resourceType": "ValueSet", "url": "http://x.example/v",
            "compose": {"include": [{"system": "http://s", "concept": [{"code": "a"}]}]}});
        assert_eq!(package.definitions, [expected]);
    }

    #[test]
    fn a_damaged_package_is_refused() {
        assert!(unpack(b"not gzip").is_err());
        assert!(unpack(&tgz(&[("package/ValueSet-v.json", "{}")])).unwrap_err().contains("package.json"));
        assert!(unpack(&tgz(&[MANIFEST, ("package/ValueSet-v.json", "{")])).unwrap_err().contains("not JSON"));
    }

    #[test]
    fn an_extract_is_the_same_every_time() {
        let package = unpack(&tgz(&[MANIFEST])).unwrap();
        assert_eq!(extract(&package).unwrap(), extract(&package).unwrap());
        let text = gunzip(&extract(&package).unwrap()).unwrap();
        assert_eq!(serde_json::from_slice::<Package>(&text).unwrap(), package);
    }
}
