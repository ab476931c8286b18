//! What the service refuses to start with.

use std::io::{Read, Write};

use super::certificates::Authority;
use super::setting::{Gateway, Response, TRUST, golden, until};
use crate::support::{Folder, gateway};

/// Standard error of `serve` with a configuration that it must refuse.
fn refused(name: &str, text: &str) -> String {
    let folder = Folder::new(name);
    folder.write("ids.secret", "a secret of the tests, long enough to be one");
    folder.write("demo.secret", "impress-gateway demo secret: public, not for patient data\n");
    folder.write("short.secret", "short");
    folder.write("trust.secret", "trust-secret-trust-secret-trust-secret");
    let issued = Authority::new().issue("localhost");
    folder.write("server.pem", issued.0.pem());
    folder.write("server.key", issued.1.serialize_pem());
    folder.write("other.key", Authority::new().issue("localhost").1.serialize_pem());
    let config = folder.write("gateway.toml", text);
    let output = gateway([std::ffi::OsStr::new("serve"), std::ffi::OsStr::new("--config"), config.as_os_str()]);
    assert_eq!(output.status.code(), Some(2), "{name}");
    String::from_utf8(output.stderr).unwrap()
}

const SECRET: &str = "[ids]\nsecret_file = \"ids.secret\"\n[journal]\npath = \"journal.sqlite\"\n";
const CALLER: &str =
    "[[caller]]\nname = \"a\"\norganisation = \"983974732\"\nrole = \"trust\"\nsecret_file = \"trust.secret\"\n";

const TLS: &str = "[server.tls]\ncertificate_file = \"server.pem\"\nkey_file = \"server.key\"\n";

const ISSUER: &str = "issuer = \"https://issuer.example\"\n";

/// A destination with access tokens of these keys.
fn oauth(keys: &str) -> String {
    let destination = "[[destination]]\nname = \"trial-system\"\nurl = \"https://trial.example/fhir\"\n";
    format!("{SECRET}{destination}[destination.oauth]\nclient_id = \"gateway\"\n{keys}")
}

#[test]
fn a_configuration_that_is_not_safe_is_refused() {
    for (name, text, place) in [
        ("start-secret", "[journal]\npath = \"journal.sqlite\"\n".to_owned(), "ids.secret_file"),
        ("start-plain", format!("{SECRET}[server]\nlisten = \"0.0.0.0:0\"\n{CALLER}"), "server.listen"),
        ("start-demo", format!("{SECRET}{CALLER}").replace("ids.secret", "demo.secret"), "ids.secret_file"),
        ("start-role", format!("{SECRET}{}", CALLER.replace("\"trust\"\n", "\"doctor\"\n")), "no such role"),
        ("start-journal", "[ids]\nsecret_file = \"ids.secret\"\n".to_owned(), "journal.path"),
        ("start-nobody", format!("{SECRET}[server]\nlisten = \"0.0.0.0:0\"\n{TLS}"), "a caller that can be recognised"),
        (
            "start-named",
            format!(
                "{SECRET}[server]\nlisten = \"0.0.0.0:0\"\n{TLS}{}",
                CALLER.replace("secret_file = \"trust.secret\"\n", "")
            ),
            "a caller that can be recognised",
        ),
        ("start-key", format!("{SECRET}[server]\n{}", TLS.replace("server.key", "other.key")), "private key"),
        (
            "start-crl",
            format!("{SECRET}[server]\n{TLS}client_ca_file = \"server.pem\"\nclient_crl_file = \"server.pem\"\n"),
            "the lists of revoked client certificates",
        ),
        ("start-crl-alone", format!("{SECRET}[server]\n{TLS}client_crl_file = \"x.pem\"\n"), "needs client_ca_file"),
        ("start-short", format!("{SECRET}{}", CALLER.replace("trust.secret", "short.secret")), "shorter than 32"),
        ("start-twice", format!("{SECRET}{CALLER}{}", CALLER.replace("\"a\"", "\"b\"")), "the same secret"),
        (
            "start-credentials",
            format!("{SECRET}{CALLER}certificate_name = \"engine.forde.example\"\n"),
            "exclude each other",
        ),
        ("start-unknown", format!("{SECRET}{CALLER}scope = \"all\"\n"), "scope"),
        ("start-address", format!("{SECRET}[server]\nlisten = \"localhost\"\n{CALLER}"), "server.listen"),
        (
            "start-destinations",
            format!("{SECRET}{0}{0}", "[[destination]]\nname = \"trial-system\"\nurl = \"http://127.0.0.1:1/fhir\"\n"),
            "destination.name",
        ),
        (
            "start-destination",
            format!("{SECRET}[[destination]]\nname = \"trial-system\"\nurl = \"http://trial.example/fhir\"\n"),
            "neither https nor on this host",
        ),
        (
            "start-private",
            format!("{SECRET}[[destination]]\nname = \"trial-system\"\nurl = \"https://10.0.0.1/fhir\"\n"),
            "the address of the host is not allowed",
        ),
        (
            "start-oauth-source",
            oauth("key_file = \"other.key\"\nalgorithm = \"ES256\"\n"),
            "either issuer or token_url",
        ),
        (
            "start-oauth-both",
            oauth(
                "issuer = \"https://a.example\"\ntoken_url = \"https://a.example/t\"\nkey_file = \"other.key\"\nalgorithm = \"ES256\"\n",
            ),
            "either issuer or token_url",
        ),
        (
            "start-oauth-algorithm",
            oauth(&format!("{ISSUER}key_file = \"other.key\"\nalgorithm = \"HS256\"\n")),
            "no such algorithm",
        ),
        (
            "start-oauth-key",
            oauth(&format!("{ISSUER}key_file = \"other.key\"\nalgorithm = \"PS256\"\n")),
            "key_file: the key is none",
        ),
        (
            "start-oauth-pem",
            oauth(&format!("{ISSUER}key_file = \"ids.secret\"\nalgorithm = \"ES256\"\n")),
            "key_file: the key file holds no",
        ),
        (
            "start-oauth-dpop",
            oauth(&format!("{ISSUER}key_file = \"other.key\"\nalgorithm = \"ES256\"\ndpop_key_file = \"other.key\"\n")),
            "dpop_key_file without dpop",
        ),
        (
            "start-oauth-plain",
            oauth("token_url = \"http://issuer.example/token\"\nkey_file = \"other.key\"\nalgorithm = \"ES256\"\n"),
            "neither https nor on this host",
        ),
        ("start-network", format!("{SECRET}[outbound]\nprivate = [\"0.0.0.0/0\"]\n"), "outbound.private"),
        ("start-allow", format!("{SECRET}[outbound]\nallow = [\"http://issuer.example\"]\n"), "outbound.allow"),
    ] {
        let stderr = refused(name, &text);
        assert!(stderr.contains("config.invalid") && stderr.contains(place), "{name}: {stderr}");
    }
}

const TOKEN_ISSUER: &str =
    "[[issuer]]\nname = \"i\"\nurl = \"https://issuer.example\"\nprofile = \"helseid\"\naudience = \"a\"\n";
const CLIENT: &str = "[[client]]\nissuer = \"i\"\nclient_id = \"c\"\nrole = \"trust\"\n";

#[test]
fn issuers_and_clients_that_are_not_safe_are_refused() {
    let dpop = "[server]\nauthorization = \"dpop\"\n";
    let address = "public_url = \"https://gateway.example\"\n";
    let more = |line: &str| format!("{SECRET}{TOKEN_ISSUER}{line}\n{CLIENT}");
    for (name, text, place) in [
        ("access-secrets", format!("{SECRET}{dpop}{address}{CALLER}"), "no caller can have a secret_file"),
        ("access-address", format!("{SECRET}{dpop}"), "server.public_url"),
        ("access-plain", format!("{SECRET}{dpop}public_url = \"http://gateway.example\"\n"), "server.public_url"),
        ("access-query", format!("{SECRET}{dpop}public_url = \"https://gateway.example/?a\"\n"), "with a query"),
        ("access-scheme", format!("{SECRET}[server]\nauthorization = \"both\"\n"), "unknown variant `both`"),
        ("access-none", more("algorithms = [\"none\"]"), "algorithms names none"),
        ("access-shared", more("algorithms = [\"RS256\", \"HS256\"]"), "algorithms names none"),
        ("access-empty", more("algorithms = []"), "algorithms names none"),
        ("access-typ", more("typ = \"id_token\""), "typ is neither"),
        ("access-keys", more("jwks_url = \"http://keys.example\""), "neither https nor on this host"),
        ("access-http", more("").replace("https://issuer", "http://issuer"), "neither https nor on this host"),
        ("access-profile", more("").replace("\"helseid\"", "\"other\""), "neither helseid nor smart"),
        ("access-audience", more("").replace("audience = \"a\"", "audience = \"\""), "no audience"),
        ("access-twice", format!("{SECRET}{TOKEN_ISSUER}{TOKEN_ISSUER}"), "stands twice"),
        ("access-nobody", format!("{SECRET}{CLIENT}"), "no [[issuer]] has this name"),
        ("access-role", more("").replace("\"trust\"", "\"doctor\""), "no such role"),
        ("access-client", more(CLIENT), "stand twice"),
        ("access-number", format!("{}organisation = \"123\"\n", more("")), "no organisation number"),
        ("access-nowhere", format!("{}organisation = \"974754118\"\n", more("")), "of no trust of trusts.toml"),
        ("access-unit", format!("{}organisation = \"874716782\"\n", more("")), "of no trust of trusts.toml"),
        (
            "access-caller",
            format!("{SECRET}{}", CALLER.replace("983974732", "991324968")),
            "of no trust of trusts.toml",
        ),
        ("access-supplier", format!("{}suppliers = [\"123\"]\n", more("")), "suppliers names one"),
        ("access-smart", more("").replace("\"helseid\"", "\"smart\""), "no organisation"),
        ("access-laboratory", more("").replace("\"trust\"", "\"laboratory\""), "no organisation"),
    ] {
        let stderr = refused(name, &text);
        assert!(stderr.contains("config.invalid") && stderr.contains(place), "{name}: {stderr}");
    }
}

#[test]
fn a_channel_whose_sender_is_not_known_is_refused() {
    let laboratory =
        CALLER.replace("\"a\"", "\"lab\"").replace("983974732", "IPD").replace("\"trust\"\n", "\"laboratory\"\n");
    let operator = CALLER.replace("\"a\"", "\"op\"").replace("\"trust\"\n", "\"operator\"\n");
    let tls = "[mllp.tls]\ncertificate_file = \"c.pem\"\nkey_file = \"c.key\"\n";
    let issuers = format!("{tls}client_ca_file = \"ca.pem\"\n");
    let (here, beyond) = ("[mllp]\nlisten = \"127.0.0.1:0\"\n", "[mllp]\nlisten = \"0.0.0.0:0\"\n");
    for (name, section, caller, place) in [
        ("mllp-nobody", here.to_owned(), CALLER, "mllp.caller"),
        ("mllp-unknown", format!("{here}caller = \"b\"\n"), CALLER, "mllp.caller"),
        ("mllp-laboratory", format!("{here}caller = \"lab\"\n"), &laboratory, "mllp.caller"),
        ("mllp-beyond", format!("{beyond}caller = \"a\"\n"), CALLER, "mllp.listen"),
        ("mllp-no-issuers", format!("{beyond}caller = \"a\"\n{tls}"), CALLER, "mllp.listen"),
        ("mllp-no-certificate", format!("{beyond}{issuers}"), CALLER, "mllp.tls"),
        ("mllp-both", format!("{here}caller = \"a\"\n{issuers}"), CALLER, "mllp.caller"),
        ("mllp-address", "[mllp]\nlisten = \"2575\"\n".to_owned(), CALLER, "mllp.listen"),
        ("folder-nobody", "[folder]\npath = \".\"\n".to_owned(), CALLER, "folder.caller"),
        ("folder-role", "[folder]\npath = \".\"\ncaller = \"op\"\n".to_owned(), &operator, "folder.caller"),
        ("folder-none", "[folder]\npath = \"none\"\ncaller = \"a\"\n".to_owned(), CALLER, "folder.path"),
    ] {
        let text = format!("{SECRET}[server]\nlisten = \"127.0.0.1:0\"\n{section}{caller}");
        let stderr = refused(&format!("start-{name}"), &text);
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

#[test]
fn a_service_that_is_stopped_finishes_what_is_in_flight_and_takes_nothing_new() {
    let mut gateway = Gateway::start("start-stop", &[]);
    let body = golden("one-patient/ehr-fhir.json");
    let head = |length: usize, secret: &str| {
        format!(
            "POST /fhir HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {secret}\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    // One request is half sent, another one has its head sent to the last line.
    let mut flying = gateway.connect();
    flying.write_all(head(body.len(), TRUST).as_bytes()).unwrap();
    flying.write_all(&body[..100]).unwrap();
    let mut late = gateway.connect();
    let whole = head(2, TRUST);
    late.write_all(&whole.as_bytes()[..whole.len() - 2]).unwrap();
    // Both are with the service before it is told to stop: a whole request of a third connection was answered since.
    assert_eq!(gateway.get("/healthz", "").status, 200);
    gateway.tell_to_stop();
    until("it is stopping", || gateway.log().contains("being stopped").then_some(()));
    // It is not answered, or told to come again, by what was read first: nothing of it was taken.
    let _ = late.write_all(b"\r\n{}");
    let mut first = [0];
    if late.read(&mut first).is_ok_and(|count| count == 1) {
        let refused = Response::read(first.chain(late));
        assert_eq!((refused.status, refused.code().as_str()), (503, "service.stopping"));
    }
    flying.write_all(&body[100..]).unwrap();
    let answered = Response::read(flying);
    assert_eq!(answered.status, 200);
    assert_eq!(gateway.wait(), Some(0));
    gateway.run();
    assert_eq!(gateway.get(&format!("/messages/{}", answered.header("x-message-id")), TRUST).status, 200);
}
