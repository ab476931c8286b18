//! What `[status]` and its destinations must be, told before anything is taken.

use std::sync::Arc;

use impress_gateway::clock::SystemClock;
use impress_gateway::config::Config;
use impress_gateway::startup::{outbound, service};

use super::setting::{STATUS, destinations};
use crate::support::Folder;

/// What is wrong with a configuration; nothing where it is taken.
fn wrong(text: &str, routing: Option<&str>) -> Option<String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = Folder::new("status-configuration");
    folder.write("secret", "a secret of the tests, long enough to be one");
    let mut whole = format!("[ids]\nsecret_file = \"secret\"\n[journal]\npath = \"journal.sqlite\"\n{text}");
    if let Some(routing) = routing {
        let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
        for entry in walkdir::WalkDir::new(&own).into_iter().map(Result::unwrap).filter(|one| one.file_type().is_file())
        {
            let name = entry.path().strip_prefix(&own).unwrap().to_str().unwrap().to_owned();
            folder.write(&format!("mappings/{name}"), std::fs::read(entry.path()).unwrap());
        }
        folder.write("mappings/routing.toml", routing);
        whole.push_str("[mappings]\ndirectory = \"mappings\"\n");
    }
    let config = match Config::load(Some(&folder.write("gateway.toml", whole)), Vec::new()) {
        Ok(config) => config,
        Err(issue) => return Some(issue.to_string()),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let journal = runtime.block_on(service::journal(&config)).unwrap();
    let intake = match service::intake(&config, journal, Arc::new(SystemClock)) {
        Ok(intake) => intake,
        Err(issues) => return Some(issues[0].to_string()),
    };
    let workers = outbound::policy(&config).and_then(|policy| outbound::workers(&config, &intake, &policy));
    workers.err().map(|issue| issue.to_string())
}

#[test]
fn a_destination_of_a_status_names_its_trust_and_the_way_to_it() {
    let good = format!("{STATUS}{}", destinations(9, 9));
    assert_eq!(wrong(&good, None), None);
    for (from, to, said) in [
        ("trust = \"forde\"\n", "", "trust is missing"),
        ("trust = \"forde\"", "trust = \"nowhere\"", "no trust of mappings/trusts.toml"),
        ("kind = \"status-xml\"", "kind = \"fhir\"", "trust is for the kinds of status"),
        ("kind = \"status-xml\"", "kind = \"status\"", "unknown variant `status`"),
        ("kind = \"status-xml\"", "kind = \"status-hl7v2\"", "the same trust"),
        ("url = \"mllp://127.0.0.1:9\"", "url = \"http://127.0.0.1:9\"", "url is of another kind"),
        ("url = \"http://127.0.0.1:9/in\"", "url = \"mllp://127.0.0.1:9\"", "url is of another kind"),
        ("url = \"mllp://127.0.0.1:9\"", "url = \"mllp://ehr.example:9\"", "neither https nor on this host"),
        ("url = \"mllp://127.0.0.1:9\"", "url = \"mllps://ehr.example\"", "neither https nor on this host"),
        ("her_id = \"90011\"", "her_id = \"x\"", "status.her_id"),
        ("contact_telephone = \"+4700000002\"\n", "", "status.contact_telephone"),
        ("contact_hpr_number = \"222200068\"", "contact_hpr_number = \"22220006x\"", "status.contact_hpr_number"),
        ("name = \"Oslo universitetssykehus HF\"", "name = \" \"", "status.name"),
    ] {
        assert!(good.contains(from), "{from}");
        let told = wrong(&good.replacen(from, to, 1), None).unwrap_or_else(|| panic!("{from} -> {to} is taken"));
        assert!(told.contains("config.invalid") && told.contains(said), "{to}: {told}");
    }
    // Without such a destination nobody needs to be named.
    assert_eq!(wrong("", None), None);
}

#[test]
fn mllp_knows_no_bearer_secret() {
    let good = format!("{STATUS}{}", destinations(9, 9));
    let told = wrong(&good.replace("url = \"mllp:", "bearer_file = \"secret\"\nurl = \"mllp:"), None).unwrap();
    assert!(told.contains("neither bearer_file nor oauth"), "{told}");
}

#[test]
fn no_rule_sends_fhir_where_a_status_goes() {
    let rule = "version = \"1\"\n[[rule]]\nname = \"r\"\nkind = \"referral\"\ndestination = \"forde-xml\"\nface = \"identified\"\n";
    let told = wrong(&format!("{STATUS}{}", destinations(9, 9)), Some(rule)).unwrap();
    assert!(told.contains("config.invalid") && told.contains("a rule of routing.toml sends FHIR there"), "{told}");
}
