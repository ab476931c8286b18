//! Documents that repeat what the code says must say the same.

use std::collections::BTreeSet;
use std::path::Path;

use impress_gateway::domain::issue::IssueCode;

use crate::support::gateway;

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn every_issue_code_is_in_errors_md_and_no_other() {
    let documented: Vec<String> =
        document("docs/errors.md").lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let expected: Vec<String> = IssueCode::ALL
        .iter()
        .map(|code| {
            let (severity, fixer, resend) = (code.severity().as_str(), code.fixer().as_str(), code.resend().as_str());
            format!("| `{code}` | {severity} | {} | {fixer} | {resend} | {} |", code.fhir_type(), code.meaning())
        })
        .collect();
    for line in &expected {
        assert!(documented.contains(line), "docs/errors.md lacks: {line}");
    }
    for line in &documented {
        assert!(expected.contains(line), "docs/errors.md says what the code does not: {line}");
    }
}

#[test]
fn issue_codes_are_unique_and_well_formed() {
    let mut codes: Vec<&str> = IssueCode::ALL.iter().map(|code| code.as_str()).collect();
    for code in &codes {
        let (area, problem) = code.split_once('.').unwrap();
        let is_word =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        assert!(is_word(area) && is_word(problem) && !area.is_empty() && !problem.is_empty(), "{code}");
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), IssueCode::ALL.len());
}

/// R4 value set issue-type.
const ISSUE_TYPES: &[&str] = &[
    "invalid",
    "structure",
    "required",
    "value",
    "invariant",
    "security",
    "login",
    "unknown",
    "expired",
    "forbidden",
    "suppressed",
    "processing",
    "not-supported",
    "duplicate",
    "multiple-matches",
    "not-found",
    "deleted",
    "too-long",
    "code-invalid",
    "extension",
    "too-costly",
    "business-rule",
    "conflict",
    "transient",
    "lock-error",
    "no-store",
    "exception",
    "timeout",
    "incomplete",
    "throttled",
    "informational",
];

#[test]
fn issue_types_are_those_of_fhir() {
    for code in IssueCode::ALL {
        assert!(ISSUE_TYPES.contains(&code.fhir_type()), "{code}: {}", code.fhir_type());
    }
}

#[test]
fn mapping_md_holds_the_fields_that_templates_can_name() {
    let fields = String::from_utf8(gateway(["mappings", "fields"]).stdout).unwrap();
    assert!(fields.contains("allele_frequency"));
    assert!(
        document("docs/mapping.md").contains(fields.trim()),
        "docs/mapping.md is not up to date: replace its field list by the output of `impress-gateway mappings fields`"
    );
}

/// The keys of a section, from what the program says when it meets an unknown one.
fn keys_of(section: &str) -> Vec<String> {
    let folder = crate::support::Folder::new("keys");
    let filled = match section {
        "policy.tmb" | "policy.msi" => "name = \"x\"\nbands = []\n",
        _ => "",
    };
    let head = match section {
        "" => String::new(),
        "caller" | "issuer" | "client" | "destination" | "subscriptions.organisation" => format!("[[{section}]]\n"),
        "destination.oauth" => "[[destination]]\n[destination.oauth]\n".to_owned(),
        _ => format!("[{section}]\n"),
    };
    let config = folder.write("gateway.toml", format!("{head}{filled}no_such_key = 1\n"));
    let stderr =
        String::from_utf8(gateway(["mappings", "check", "--config", config.to_str().unwrap()]).stderr).unwrap();
    let message = stderr.lines().find(|line| line.contains("unknown field `no_such_key`")).unwrap().to_owned();
    message.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn configuration_md_names_every_key() {
    let document = document("docs/configuration.md");
    let mut sections = keys_of("");
    let service = [
        "server",
        "caller",
        "issuer",
        "client",
        "operators",
        "limits",
        "care_chain",
        "journal",
        "mllp",
        "folder",
        "destination",
        "outbound",
        "trial",
        "status",
        "subscriptions",
    ];
    assert_eq!(sections, [&["ids", "mappings", "sign_off", "release", "identity", "policy"][..], &service].concat());
    sections.retain(|section| section != "policy");
    sections.push("destination.oauth".to_owned());
    sections.push("subscriptions.organisation".to_owned());
    sections.extend(keys_of("policy").into_iter().map(|section| format!("policy.{section}")));
    for section in sections {
        let keys = keys_of(&section);
        assert!(!keys.is_empty(), "{section}");
        for key in keys {
            assert!(document.contains(&format!("`{section}.{key}`")), "docs/configuration.md lacks {section}.{key}");
        }
    }
}

/// The example in docs/configuration.md is a configuration that the program takes.
#[test]
fn the_example_configuration_is_valid() {
    let document = document("docs/configuration.md");
    let example = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = crate::support::Folder::new("config");
    folder.write("secret", "0123456789abcdef0123456789abcdef\n");
    let example: String = example
        .lines()
        .map(|line| {
            if line.starts_with("secret_file") { "secret_file = \"secret\"\n".to_owned() } else { format!("{line}\n") }
        })
        .filter(|line| !line.starts_with("directory"))
        .collect();
    let config = folder.write("gateway.toml", example);
    let output = gateway(["mappings", "check", "--config", config.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Functions of a folder's Rust files, tests among them.
fn functions(folder: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
        let entry = entry.unwrap();
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let functions = text.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
            names.extend(functions.map(str::to_owned));
        }
    }
    names
}

#[test]
fn security_md_names_tests_that_exist() {
    let known: BTreeSet<String> = functions("src").into_iter().chain(functions("tests")).collect();
    let document = document("docs/security.md");
    let rows = document
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| threat") && !line.starts_with("| fault"));
    let mut count = 0;
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test: {row}");
        for name in names {
            assert!(known.contains(name), "there is no {name}");
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
}
