use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::*;
use crate::domain::report::GenomicReport;

fn mappings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings")
}

/// An empty directory of this test.
fn scratch(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("impress-gateway-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("a scratch directory");
    directory
}

fn write(directory: &Path, name: &str, content: &[u8]) {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("directory");
    fs::write(path, content).expect("file");
}

#[test]
fn the_program_carries_every_mapping_file() {
    let names = |set: &MappingSet| set.0.iter().map(|file| file.name.to_string()).collect::<BTreeSet<_>>();
    let directory = MappingSet::read(&mappings()).expect("readable");
    assert_eq!(names(&MappingSet::embedded()), names(&directory));
}

#[test]
fn the_embedded_mapping_compiles() {
    for subject in Subject::ALL {
        let compiled = MappingSet::embedded().compile(None, subject);
        let errors: Vec<String> = compiled.err().unwrap_or_default().iter().map(ToString::to_string).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn a_directory_is_read_with_its_overlays() {
    let directory = scratch("overlays");
    let template = |gender: &str| {
        format!(
            "template: patient\nprofile: http://example.org/p\nresource:\n  resourceType: Patient\n  \
             id: \"{{{{ id(report.patient) }}}}\"\n  gender: {gender}\n"
        )
    };
    write(&directory, "fhir/patient.yaml", template("unknown").as_bytes());
    write(&directory, "fhir/.hidden.yaml", b"[");
    write(&directory, "tables/t.tsv", b"a\tb\n");
    write(&directory, "genes/other.txt", b"not ours");
    write(&directory, "overlays/983971636/patient.yaml", format!("overlay: whole\n{}", template("other")).as_bytes());
    let set = MappingSet::read(&directory).expect("readable");
    assert_eq!(set.overlays(), ["983971636"]);
    let render = |overlay| {
        let templates = set.compile(overlay, Subject::Report).expect("valid");
        let ids =
            crate::fhir::ids::ResourceIds::new(crate::domain::ids::Face::Identified, &crate::fhir::ids::Secret::demo());
        let report = GenomicReport::default();
        templates.render(&report, &ids).first().map(|rendered| rendered.json.contains("\"gender\":\"other\""))
    };
    assert_eq!((render(None), render(Some("983971636")), render(Some("1"))), (Some(false), Some(true), Some(false)));
    fs::remove_dir_all(directory).expect("removed");
}

#[test]
fn what_cannot_be_read_is_named() {
    let directory = scratch("unreadable");
    write(&directory, "fhir/a.yml", b"");
    write(&directory, "fhir/b.yaml", b"\xff");
    write(&directory, "fhir/c.yaml", &vec![b'#'; MAX_BYTES + 1]);
    write(&directory, "fhir/d/e.yaml", b"");
    write(&directory, "overlays/1/d.txt", b"");
    write(&directory, "overlays/1/deep/e.yaml", b"");
    write(&directory, "overlays/2.yaml", b"");
    let errors = MappingSet::read(&directory).expect_err("defects");
    let found: Vec<(&str, IssueCode)> = errors.iter().map(|error| (error.file.as_ref(), error.code)).collect();
    let expected = [
        "fhir/a.yml",
        "fhir/b.yaml",
        "fhir/c.yaml",
        "fhir/d",
        "tables",
        "overlays/1/d.txt",
        "overlays/1/deep",
        "overlays/2.yaml",
    ];
    assert_eq!(found, expected.map(|name| (name, IssueCode::MappingFileUnreadable)));
    fs::remove_dir_all(&directory).expect("removed");
    assert_eq!(MappingSet::read(&directory).expect_err("nothing there").len(), 2);
}
