//! The shape of the code: which module may use which, where codes may stand, how large a file may be.

use std::path::{Path, PathBuf};

/// Module -> modules it may use. `redact` is used by everybody and uses nothing; `startup` and `cli` wire everything.
const EDGES: &[(&str, &[&str])] = &[
    ("domain", &["redact"]),
    ("redact", &[]),
    ("fhir", &["domain", "redact"]),
    ("mapping_file", &["domain", "redact"]),
    ("sources", &["domain", "fhir", "mapping_file", "redact"]),
    ("mapping", &["domain", "fhir", "mapping_file", "redact"]),
    ("linking", &["domain", "fhir"]),
    ("routing", &["domain", "linking"]),
    ("release", &["fhir"]),
    ("fhir_store", &["domain", "fhir", "journal"]),
    ("config", &["domain", "redact"]),
    ("clock", &[]),
    ("journal", &["domain", "planted"]),
    ("audit", &["domain", "fhir", "journal"]),
    ("operators", &["clock", "domain", "outbound"]),
    ("identity", &["authz", "operators"]),
    ("authz", &["identity", "operators"]),
    ("outbound", &["clock", "domain", "redact"]),
    ("destinations", &["domain", "mllp", "outbound", "sources"]),
    ("delivery", &["clock", "destinations", "domain", "journal", "linking", "planted"]),
    (
        "pipeline",
        &[
            "clock", "domain", "fhir", "journal", "linking", "mapping", "planted", "profiles", "redact", "release",
            "routing", "sources",
        ],
    ),
    (
        "http",
        &[
            "audit",
            "authz",
            "clock",
            "domain",
            "fhir",
            "fhir_store",
            "identity",
            "journal",
            "operators",
            "pipeline",
            "subscriptions",
            "telemetry",
            "tokens",
        ],
    ),
    ("subscriptions", &["delivery", "domain", "fhir", "journal", "outbound", "pipeline", "planted"]),
    ("mllp", &["authz", "domain", "identity", "pipeline", "telemetry"]),
    ("folder", &["authz", "domain", "fhir", "identity", "pipeline", "telemetry"]),
    ("telemetry", &["pipeline"]),
    ("trial_poll", &["destinations", "domain", "pipeline"]),
    ("tokens", &["authz", "clock", "domain", "identity", "journal", "outbound", "planted", "redact"]),
    ("profiles", &["domain", "fhir", "redact"]),
    // The world around the gateway, which knows it by its interfaces only.
    ("sandbox", &["clock", "domain", "fhir"]),
    (
        "startup",
        &[
            "authz",
            "clock",
            "config",
            "delivery",
            "destinations",
            "domain",
            "fhir",
            "folder",
            "http",
            "identity",
            "journal",
            "linking",
            "mapping",
            "mapping_file",
            "mllp",
            "operators",
            "outbound",
            "pipeline",
            "profiles",
            "redact",
            "release",
            "routing",
            "sources",
            "subscriptions",
            "tokens",
            "trial_poll",
        ],
    ),
    (
        "cli",
        &[
            "audit",
            "clock",
            "config",
            "delivery",
            "domain",
            "fhir",
            "folder",
            "http",
            "journal",
            "linking",
            "mapping",
            "mapping_file",
            "mllp",
            "outbound",
            "pipeline",
            "profiles",
            "redact",
            "sandbox",
            "sources",
            "startup",
            "subscriptions",
            "trial_poll",
        ],
    ),
    // Faults of a build that no release is.
    ("planted", &[]),
    ("main", &[]),
    ("lib", &[]),
];

const MAX_LINES: usize = 500;

fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).unwrap();
                let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((module, relative.to_owned(), text));
            }
        }
    }
    assert!(files.len() > 30, "the sources were not found");
    files
}

/// The part of a file before its tests; nothing of a file that is tests.
fn without_tests<'a>(path: &Path, text: &'a str) -> &'a str {
    let is_tests = path.iter().any(|part| part == "tests" || part == "tests.rs");
    if is_tests { "" } else { text.split("#[cfg(test)]").next().unwrap() }
}

/// Every `crate::<module>` that a text names, in code or documentation, `use crate::{a, b}` included.
fn used_modules(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let list = list.split('}').next().unwrap();
            used.extend(list.split(',').map(|item| item.trim().split("::").next().unwrap().to_owned()));
        } else {
            used.push(rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().to_owned());
        }
    }
    used.retain(|module| !module.is_empty() && module != "record");
    used
}

#[test]
fn modules_use_only_what_they_may() {
    for (module, path, text) in sources() {
        let allowed = EDGES.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} has no row")).1;
        for used in used_modules(without_tests(&path, &text)) {
            let is_allowed = used == module || allowed.contains(&used.as_str());
            assert!(is_allowed, "{}: {module} must not use {used}", path.display());
        }
    }
}

#[test]
fn the_scan_sees_every_form_of_use() {
    let text = "use crate::domain::x;\nuse crate::{fhir, redact::quote};\ncrate::sources::y();";
    assert_eq!(used_modules(text), ["domain", "fhir", "redact", "sources"]);
}

/// Whether a word looks like a LOINC code or answer, a Sequence Ontology, HGNC or SNOMED CT code.
fn is_code(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let loinc = |text: &str| {
        text.rsplit_once('-').is_some_and(|(number, check)| {
            (3..=6).contains(&number.len()) && digits(number) && check.len() == 1 && digits(check)
        })
    };
    loinc(word)
        || word.strip_prefix("LA").is_some_and(loinc)
        || word.strip_prefix("SO:").is_some_and(digits)
        || word.strip_prefix("HGNC:").is_some_and(digits)
        || SNOMED_CODES.contains(&word)
}

/// SNOMED CT codes are bare numbers, so those that the mapping uses are named.
const SNOMED_CODES: &[&str] = &["3457005", "399223003", "444734003", "709491003", "110465008"];

const TERMINOLOGY_URIS: &[&str] = &[
    "http://loinc.org",
    "http://snomed.info",
    "http://www.sequenceontology.org",
    "http://www.genenames.org",
    "http://varnomen.hgvs.org",
    "http://terminology.hl7.org",
    "http://unitsofmeasure.org",
];

#[test]
fn codes_stand_in_the_templates_or_in_systems() {
    for (_, path, text) in sources() {
        if path == Path::new("fhir/systems.rs") {
            continue;
        }
        let is_comment = |line: &&str| line.trim_start().starts_with("//");
        for line in without_tests(&path, &text).lines().filter(|line| !is_comment(line)) {
            for word in line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == ':')) {
                assert!(!is_code(word), "{}: code {word}", path.display());
            }
            for uri in TERMINOLOGY_URIS {
                assert!(!line.contains(uri), "{}: {uri}", path.display());
            }
        }
    }
}

#[test]
fn the_scan_knows_a_code() {
    for code in ["69548-6", "LA9633-4", "SO:0001565", "HGNC:1097", "3457005"] {
        assert!(is_code(code), "{code}");
    }
    for word in ["2.2.0.12", "2026-11-22", "1-2", "chr7", "LA", "SO:", "12345-67"] {
        assert!(!is_code(word), "{word}");
    }
}

#[test]
fn there_is_one_http_client() {
    for (_, path, text) in sources() {
        let makes = ["reqwest::Client::", "Client::builder()", "ClientBuilder"];
        let made = makes.iter().find(|make| without_tests(&path, &text).contains(**make));
        assert!(made.is_none() || path == Path::new("outbound.rs"), "{}: {made:?}", path.display());
    }
}

#[test]
fn no_file_outgrows_its_room() {
    for (_, path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{}: {lines} lines", path.display());
    }
}
