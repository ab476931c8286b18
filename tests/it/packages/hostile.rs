//! Packages that are damaged or meant to do harm.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{CANONICAL, archive, header, manifest, profile, tgz};
use crate::support::{Folder, gateway};

/// What `validate --package` says about a package: exit status and standard error.
fn load(package: &Path) -> (Option<i32>, String) {
    let folder = Folder::new("loaded");
    let file = folder.write("patient.json", "{\"resourceType\":\"Patient\",\"active\":true}");
    let output = gateway(["validate", "--package", package.to_str().unwrap(), file.to_str().unwrap()]);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn assert_refused(package: &Path, code: &str, reason: &str) -> String {
    let (status, stderr) = load(package);
    assert_eq!(status, Some(2), "{reason}: {stderr}");
    assert!(stderr.contains(code) && stderr.contains(reason), "{code}, {reason}: {stderr}");
    stderr
}

#[test]
fn a_definition_that_cannot_be_compiled_is_named() {
    let valid = profile("Patient", &[json!({"id": "Patient.name", "path": "Patient.name", "min": 1, "max": "*"})]);
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut definition = valid.clone();
        change(&mut definition);
        definition
    };
    let element =
        |value: Value| changed(&move |definition: &mut Value| definition["snapshot"]["element"][1] = value.clone());
    let discriminators: Vec<Value> = (0..17).map(|_| json!({"type": "value", "path": "$this"})).collect();
    let many: Vec<Value> = (0..6_000).map(|number| json!({"id": format!("Patient.e{number}"), "min": 0})).collect();
    for (definition, reason) in [
        (changed(&|definition| definition["type"] = json!("Starship")), "its type Starship is not defined"),
        (changed(&|definition| drop(definition.as_object_mut().unwrap().remove("type"))), "it has no type"),
        (changed(&|definition| drop(definition.as_object_mut().unwrap().remove("snapshot"))), "it has no snapshot"),
        (changed(&|definition| definition["snapshot"]["element"] = json!([])), "its snapshot has 0 elements"),
        (changed(&|definition| definition["snapshot"]["element"] = json!(many)), "its snapshot has 6000 elements"),
        (element(json!({"path": "Patient.name"})), "an element has no id"),
        (element(json!({"id": format!("Patient{}", ".a".repeat(10_000))})), "deeper than 32 levels"),
        (element(json!({"id": format!("Patient.name:{}", "a/".repeat(10_000))})), "deeper than 32 levels"),
        (element(json!({"id": "Patient.name", "max": "many"})), "neither a number nor *"),
        (element(json!({"id": "Patient.name", "slicing": {"discriminator": discriminators}})), "16 discriminators"),
    ] {
        let folder = Folder::new("invalid");
        let package = archive(&folder, "p.tgz", &[("StructureDefinition-x.json", definition.to_string())]);
        let stderr = assert_refused(&package, "package.invalid", reason);
        assert!(stderr.contains(&format!("{CANONICAL}/StructureDefinition/tested")), "{stderr}");
    }
}

#[test]
fn an_archive_that_is_no_package_is_refused() {
    let folder = Folder::new("archive");
    let good = (String::from("package/package.json"), manifest());
    let with = |path: &str, content: &str| tgz(&[good.clone(), (path.to_owned(), content.to_owned())]);
    let whole = with("package/ValueSet-x.json", "{\"resourceType\":\"ValueSet\",\"url\":\"urn:x\"}");
    let definition = "package/StructureDefinition-x.json";
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let only = |content: Value| tgz(&[(good.0.clone(), content.to_string())]);
    for (bytes, reason) in [
        (Vec::new(), "cannot be read"),
        (b"no archive".to_vec(), "gzip"),
        (whole[..whole.len() / 2].to_vec(), "cannot be read"),
        (GzEncoder::new(Vec::new(), Compression::fast()).finish().unwrap(), "no package/package.json"),
        (tgz(&[("package/x.json".to_owned(), "{}".to_owned())]), "no package/package.json"),
        (tgz(&[(good.0.clone(), "{".to_owned())]), "json.invalid"),
        (only(json!({"version": "1"})), "has no name"),
        (only(json!({"name": "x"})), "has no version"),
        (only(json!({"name": "x", "version": "1", "fhirVersions": ["5.0.0"]})), "it is for FHIR `5.0.0`"),
        (with(definition, "{\"resourceType\":"), "json.invalid"),
        (with(definition, "{\"url\":1,\"url\":2}"), "json.key-repeated"),
        (with(definition, "\u{0}\u{1}"), "json.invalid"),
        (with(definition, &deep), "json.too-deep"),
        (with(definition, &format!("[{}1]", "1,".repeat(1_100_000))), "json.too-large"),
    ] {
        assert_refused(&folder.write("p.tgz", bytes), "package.unreadable", reason);
    }
}

/// Names that lead elsewhere, links and devices are passed over; nothing is written.
#[test]
fn nothing_is_unpacked_outside_or_at_all() {
    let folder = Folder::new("traversal");
    let outside = folder.path().join("evil.json");
    let definition = profile("Patient", &[]).to_string();
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let names = [
        "package/package.json",
        "../evil.json",
        "package/../../evil.json",
        outside.to_str().unwrap(),
        "package/../evil.json",
        "/etc/evil.json",
        "package/.evil.json",
    ];
    for name in names {
        let content = if name == "package/package.json" { manifest() } else { definition.clone() };
        builder.append(&header(name, tar::EntryType::Regular, content.len()), content.as_bytes()).unwrap();
    }
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Char, tar::EntryType::Fifo] {
        let mut header = header("package/StructureDefinition-x.json", kind, 0);
        header.set_link_name(&outside).unwrap();
        header.set_cksum();
        builder.append(&header, &b""[..]).unwrap();
    }
    let package = folder.write("p.tgz", builder.into_inner().unwrap().finish().unwrap());
    assert_eq!(load(&package), (Some(0), String::new()));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["p.tgz"]);
}

/// A file of a few hundred kilobytes that unpacks to much more: in one file, in many, in files that are not read, in a name.
#[test]
fn a_package_that_unpacks_to_too_much_is_refused() {
    const MEGABYTE: usize = 1 << 20;
    let folder = Folder::new("bomb");
    let zeros = vec![b' '; MEGABYTE];
    let bomb = |entries: &[(&str, tar::EntryType, usize)]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        for (name, kind, megabytes) in entries {
            encoder.write_all(header(name, *kind, megabytes * MEGABYTE).as_bytes()).unwrap();
            for _ in 0..*megabytes {
                encoder.write_all(&zeros).unwrap();
            }
        }
        encoder.finish().unwrap()
    };
    let (file, long_name) = (tar::EntryType::Regular, tar::EntryType::GNULongName);
    for (entries, reason) in [
        (vec![("package/ValueSet-x.json", file, 40)], "is larger than 33554432 bytes"),
        (vec![("other/x.bin", file, 30); 12], "more than 268435456 bytes unpacked"),
        (vec![("././@LongLink", long_name, 300)], "more than 268435456 bytes unpacked"),
    ] {
        let bytes = bomb(&entries);
        assert!(bytes.len() < 4 * MEGABYTE, "{}", bytes.len());
        assert_refused(&folder.write("p.tgz", bytes), "package.unreadable", reason);
    }
}

/// Value sets that include one another, in a circle or many times, end; what they hold is then not known.
#[test]
fn value_sets_that_include_one_another_end() {
    let include = |url: &str, count: usize| -> Vec<Value> {
        (0..count).map(|_| json!({"valueSet": [format!("urn:vs:{url}")]})).collect()
    };
    let set = |name: String, includes: Vec<Value>| {
        (
            format!("ValueSet-{name}.json"),
            json!({"resourceType": "ValueSet", "url": format!("urn:vs:{name}"), "compose": {"include": includes}})
                .to_string(),
        )
    };
    let mut files: Vec<(String, String)> =
        (0..30).map(|level| set(level.to_string(), include(&(level + 1).to_string(), 50))).collect();
    files.push(set("circle".to_owned(), include("circle", 50)));
    let bound = |name: &str, set: &str| {
        json!({"id": format!("Patient.{name}"), "path": format!("Patient.{name}"), "min": 0, "max": "1",
            "binding": {"strength": "required", "valueSet": format!("urn:vs:{set}")}})
    };
    let definition = profile("Patient", &[bound("maritalStatus", "0"), bound("language", "circle")]);
    files.push(("StructureDefinition-x.json".to_owned(), definition.to_string()));
    let folder = Folder::new("circle");
    let files: Vec<(&str, String)> = files.iter().map(|(name, content)| (name.as_str(), content.clone())).collect();
    assert_eq!(load(&archive(&folder, "p.tgz", &files)), (Some(0), String::new()));
}
