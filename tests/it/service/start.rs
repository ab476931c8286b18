//! What the service refuses to start with.

use crate::support::{Folder, gateway};

/// Standard error of `serve` with a configuration that it must refuse.
fn refused(name: &str, text: &str) -> String {
    let folder = Folder::new(name);
    folder.write("ids.secret", "a secret of the tests, long enough to be one");
    folder.write("trust.secret", "trust-secret-trust-secret-trust-secret");
    let config = folder.write("gateway.toml", text);
    let output = gateway([std::ffi::OsStr::new("serve"), std::ffi::OsStr::new("--config"), config.as_os_str()]);
    assert_eq!(output.status.code(), Some(2), "{name}");
    String::from_utf8(output.stderr).unwrap()
}

const SECRET: &str = "[ids]\nsecret_file = \"ids.secret\"\n[journal]\npath = \"journal.sqlite\"\n";
const CALLER: &str =
    "[[caller]]\nname = \"a\"\norganisation = \"983974732\"\nrole = \"trust\"\nsecret_file = \"trust.secret\"\n";

#[test]
fn a_configuration_that_is_not_safe_is_refused() {
    for (name, text, place) in [
        ("start-secret", "[journal]\npath = \"journal.sqlite\"\n".to_owned(), "ids.secret_file"),
        ("start-plain", format!("{SECRET}[server]\nlisten = \"0.0.0.0:0\"\n{CALLER}"), "server.listen"),
        ("start-role", format!("{SECRET}{}", CALLER.replace("\"trust\"\n", "\"doctor\"\n")), "no such role"),
        ("start-journal", "[ids]\nsecret_file = \"ids.secret\"\n".to_owned(), "journal.path"),
        (
            "start-destination",
            format!("{SECRET}[[destination]]\nname = \"trial-system\"\nurl = \"http://trial.example/fhir\"\n"),
            "neither https nor on this host",
        ),
    ] {
        let stderr = refused(name, &text);
        assert!(stderr.contains("config.invalid") && stderr.contains(place), "{name}: {stderr}");
    }
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let stderr = refused("start-taken", &format!("{SECRET}[server]\nlisten = \"{address}\"\n"));
    assert!(stderr.contains("service.failed"), "{stderr}");
}
