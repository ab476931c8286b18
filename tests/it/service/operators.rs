//! Persons log in with a browser, and what can go wrong with it.

use std::collections::BTreeMap;

use impress_gateway::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use super::destination::{Behaviour, Destination};
use super::provider::{CLIENT, CLIENT_SECRET, Provider, Request, Signing};
use super::referral::Referral;
use super::setting::{Gateway, Response, until};
use crate::support::Folder;

fn now() -> i64 {
    SystemClock.now().as_second()
}

fn start(name: &str, provider: &Provider, destinations: &[(&str, &Destination)]) -> Gateway {
    let folder = Folder::new(name);
    folder.write("client.secret", CLIENT_SECRET);
    let sections = format!(
        "[limits]\nfailures_per_minute = 10000\n[operators]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\n\
         client_secret_file = \"client.secret\"\nscopes = [\"profile\"]\nviewer = [\"see\"]\noperator = [\"act\"]\n\
         security = [\"audit\"]\n",
        provider.issuer()
    );
    Gateway::start_in(folder, destinations, &sections)
}

/// A browser: it keeps cookies.
struct Browser<'g> {
    gateway: &'g Gateway,
    cookies: BTreeMap<String, String>,
}

impl<'g> Browser<'g> {
    fn new(gateway: &'g Gateway) -> Self {
        Self { gateway, cookies: BTreeMap::new() }
    }

    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Response {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {}\r\n", cookies.join("; ")) };
        let head = format!("Accept: text/html\r\n{cookies}{headers}");
        let response = self.gateway.request(method, path, "", &head, body.as_bytes());
        for cookie in response.header("set-cookie").lines() {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    fn get(&mut self, path: &str) -> Response {
        self.ask("GET", path, "", "")
    }

    /// A form of a page of the gateway.
    fn post(&mut self, path: &str, token: &str) -> Response {
        let headers = format!(
            "Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n",
            self.gateway.address
        );
        self.ask("POST", path, &headers, &format!("csrf={token}"))
    }

    /// Goes to the provider.
    fn begin(&mut self) -> Request {
        let response = self.get("/operator/login?return_to=/messages");
        assert_eq!(response.status, 303, "{}", text(&response));
        Request::of(response.header("location"))
    }

    fn back(&mut self, code: &str, state: &str) -> Response {
        self.get(&format!("/operator/callback?code={code}&state={state}"))
    }

    fn log_in(&mut self, provider: &Provider, roles: &[&str]) -> Response {
        let request = self.begin();
        let code = provider.grant(&request, provider.claims(&request, now(), roles), Signing::Own);
        self.back(&code, request.get("state"))
    }

    /// The secret of the forms.
    fn token(&mut self) -> String {
        let page = text(&self.get("/operator"));
        page.split("name=\"csrf\" value=\"")
            .nth(1)
            .unwrap_or_else(|| panic!("{page}"))
            .split('"')
            .next()
            .unwrap()
            .to_owned()
    }
}

fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

#[test]
fn a_person_logs_in_acts_and_logs_out() {
    let (provider, trial) = (Provider::start(), Destination::start());
    trial.will(&[Behaviour::Status(422)]);
    let mut gateway = start("operators-whole", &provider, &[("trial-system", &trial)]);
    let id = gateway.send(&Referral::consented(1).fhir());
    until("a dead letter", || (gateway.deliveries(&id).0 == ["dead"]).then_some(()));
    let mut browser = Browser::new(&gateway);
    let invited = browser.get("/messages");
    assert_eq!(invited.status, 401);
    assert!(text(&invited).contains("/operator/login?return_to=/messages\""), "{}", text(&invited));
    assert!(text(&browser.get("/operator")).contains("operator/login"));
    // The request to the provider: code flow, PKCE with S256, state and nonce of 256 bits.
    let request = browser.begin();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("scope", "openid profile"),
        ("code_challenge_method", "S256"),
        ("redirect_uri", &format!("http://{}/operator/callback", gateway.address)),
    ] {
        assert_eq!(request.get(name), value, "{name}");
    }
    assert!(request.get("state").len() == 43 && request.get("nonce").len() == 43);
    let code = provider.grant(&request, provider.claims(&request, now(), &["x", "act"]), Signing::Own);
    let response = browser.back(&code, request.get("state"));
    assert_eq!((response.status, response.header("location")), (303, &*format!("http://{}/messages", gateway.address)));
    let cookie = response.header("set-cookie").lines().find(|cookie| cookie.starts_with("impress=")).unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    assert!(!browser.cookies.contains_key("impress-login"), "the cookie of the log-in is gone");
    assert_eq!(browser.get("/messages").status, 200);
    assert_eq!(browser.get(&format!("/messages/{id}/original")).status, 200);
    // The page of the message has a form that delivers it again.
    let page = text(&browser.get(&format!("/messages/{id}")));
    assert!(page.contains(&format!("action=\"{id}/replay\"")), "{page}");
    let token = browser.token();
    let replayed = browser.post(&format!("/messages/{id}/replay"), &token);
    assert_eq!(
        (replayed.status, replayed.header("location")),
        (303, &*format!("http://{}/messages/{id}", gateway.address))
    );
    trial.until_stored(1);
    let actions: Vec<Value> =
        gateway.message(&id)["audit"].as_array().unwrap().iter().map(|row| row["action"].clone()).collect();
    assert!(actions.contains(&json!("replay")), "{actions:?}");
    let session = browser.cookies["impress"].clone();
    let left = browser.post("/operator/logout", &token);
    assert_eq!((left.status, browser.cookies.len()), (303, 0));
    // Whoever kept the cookie has nothing.
    browser.cookies.insert("impress".to_owned(), session);
    assert_eq!(browser.get("/messages").status, 401);
    let journal = gateway.open_journal();
    let came: i64 = journal
        .query_row("SELECT count(*) FROM audit WHERE action IN ('login', 'logout') AND role = 'operator'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(came, 2);
    drop(journal);
    // Of the person nothing is kept or logged.
    assert_eq!(gateway.terminate(), Some(0));
    let kept = std::fs::read(gateway.folder.path().join("journal.sqlite")).unwrap();
    for personal in ["nordmann", "Nordmann", "code-1"] {
        assert!(!kept.windows(personal.len()).any(|part| part == personal.as_bytes()), "{personal}");
        assert!(!gateway.log().contains(personal), "{personal}");
    }
}

#[test]
fn a_log_in_that_is_not_as_it_should_be_is_refused() {
    let provider = Provider::start();
    let gateway = start("operators-refused", &provider, &[]);
    let refused = |response: &Response, status: u16, code: &str, case: &str| {
        let page = text(response);
        assert_eq!((response.status, page.contains(&format!("<b>{code}</b>"))), (status, true), "{case}: {page}");
        assert!(!page.contains("<script"), "{case}: {page}");
        assert!(!response.header("set-cookie").contains("impress="), "{case}");
    };
    let other = || provider.issuer().replace("127.0.0.1", "localhost");
    for (case, reason, code, signing, change) in [
        ("nonce", "another log-in", "operator.token-invalid", Signing::Own, json!({"nonce": "another"})),
        ("no nonce", "another log-in", "operator.token-invalid", Signing::Own, json!({"nonce": null})),
        ("expired", "another time", "operator.token-invalid", Signing::Own, json!({"exp": now() - 1})),
        ("old", "another time", "operator.token-invalid", Signing::Own, json!({"iat": now() - 3_600})),
        ("of the future", "another time", "operator.token-invalid", Signing::Own, json!({"iat": now() + 3_600})),
        ("audience", "somebody else", "operator.token-invalid", Signing::Own, json!({"aud": "another"})),
        ("no audience", "somebody else", "operator.token-invalid", Signing::Own, json!({"aud": []})),
        (
            "second audience",
            "somebody else",
            "operator.token-invalid",
            Signing::Own,
            json!({"aud": [CLIENT, "another"]}),
        ),
        ("party", "another client", "operator.token-invalid", Signing::Own, json!({"azp": "another"})),
        ("issuer", "another issuer", "operator.token-invalid", Signing::Own, json!({"iss": other()})),
        (
            "at_hash",
            "another access token",
            "operator.token-invalid",
            Signing::Own,
            json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
        ),
        ("alg none", "signature", "operator.token-invalid", Signing::Nothing, json!({})),
        ("shared secret", "signature", "operator.token-invalid", Signing::Secret, json!({})),
        ("another key", "signature", "operator.token-invalid", Signing::Stranger, json!({})),
        ("changed", "signature", "operator.token-invalid", Signing::Broken, json!({})),
        ("no role", "no role", "operator.role-missing", Signing::Own, json!({"roles": ["nurse"]})),
        (
            "role in another claim",
            "no role",
            "operator.role-missing",
            Signing::Own,
            json!({"roles": null, "groups": ["act"]}),
        ),
        ("acts and audits", "no role", "operator.role-missing", Signing::Own, json!({"roles": ["act", "audit"]})),
    ] {
        let mut browser = Browser::new(&gateway);
        let request = browser.begin();
        let mut claims = provider.claims(&request, now(), &["act"]);
        for (name, value) in change.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        let grant = provider.grant(&request, claims, signing);
        refused(&browser.back(&grant, request.get("state")), 403, code, case);
        let log = gateway.log();
        assert!(log.lines().last().unwrap().contains(reason), "{case}: {log}");
        assert_eq!(browser.get("/messages").status, 401, "{case}");
    }
    // The answer to another log-in, to none, of another browser, of another provider, or the same one again.
    let unknown = (400, "operator.login-unknown");
    let mut browser = Browser::new(&gateway);
    let request = browser.begin();
    let grant = |request: &Request| provider.grant(request, provider.claims(request, now(), &["act"]), Signing::Own);
    let code = grant(&request);
    refused(&browser.back(&code, "another"), unknown.0, unknown.1, "state");
    refused(&browser.get(&format!("/operator/callback?code={code}")), unknown.0, unknown.1, "no state");
    let request = browser.begin();
    refused(&Browser::new(&gateway).back(&grant(&request), request.get("state")), unknown.0, unknown.1, "browser");
    refused(&browser.back(&grant(&request), request.get("state")), unknown.0, unknown.1, "state that was used");
    let request = browser.begin();
    let foreign =
        format!("/operator/callback?code={}&state={}&iss=https://evil.example", grant(&request), request.get("state"));
    refused(&browser.get(&foreign), unknown.0, unknown.1, "another provider");
    // The provider says no, and what it says is not shown.
    let request = browser.begin();
    let path = format!(
        "/operator/callback?state={}&error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E",
        request.get("state")
    );
    refused(&browser.get(&path), 403, "operator.login-refused", "error");
    let request = browser.begin();
    refused(&browser.back("guessed", request.get("state")), 403, "operator.login-refused", "code");
    // A code of one log-in in another: the provider has no proof for it.
    let (first, second) = (browser.begin(), browser.begin());
    refused(&browser.back(&grant(&first), second.get("state")), 403, "operator.login-refused", "code of another");
    assert_eq!(browser.log_in(&provider, &["act"]).status, 303, "and a good one is let in");
}

#[test]
fn a_session_is_a_new_one_at_every_log_in() {
    let provider = Provider::start();
    let gateway = start("operators-fixation", &provider, &[]);
    let mut browser = Browser::new(&gateway);
    browser.cookies.insert("impress".to_owned(), "chosen-by-somebody-else".to_owned());
    assert_eq!(browser.log_in(&provider, &["see"]).status, 303);
    let first = browser.cookies["impress"].clone();
    assert_ne!(first, "chosen-by-somebody-else");
    assert_eq!(browser.log_in(&provider, &["see"]).status, 303);
    assert_ne!(browser.cookies["impress"], first);
    assert_eq!(browser.get("/messages").status, 200);
    for old in [first, "chosen-by-somebody-else".to_owned()] {
        let mut other = Browser::new(&gateway);
        other.cookies.insert("impress".to_owned(), old);
        assert_eq!(other.get("/messages").status, 401);
    }
}

#[test]
fn a_page_of_another_site_changes_nothing() {
    let provider = Provider::start();
    let gateway = start("operators-csrf", &provider, &[]);
    let id = gateway.send(&Referral::new(1).fhir());
    let mut browser = Browser::new(&gateway);
    browser.log_in(&provider, &["act"]);
    let token = browser.token();
    let mut other = Browser::new(&gateway);
    other.log_in(&provider, &["act"]);
    let foreign = other.token();
    let (own, form) =
        (format!("Origin: http://{}\r\n", gateway.address), "Content-Type: application/x-www-form-urlencoded\r\n");
    let path = format!("/messages/{id}/replay");
    for (case, headers, body) in [
        ("nothing", String::new(), String::new()),
        ("no token", format!("{own}{form}"), String::new()),
        ("empty token", format!("{own}{form}"), "csrf=".to_owned()),
        ("wrong token", format!("{own}{form}"), "csrf=wrong".to_owned()),
        ("token of another", format!("{own}{form}"), format!("csrf={foreign}")),
        ("twice", format!("{own}{form}"), format!("csrf={token}&csrf=wrong")),
        ("no form", own.clone(), format!("csrf={token}")),
        ("long form", format!("{own}{form}"), format!("x={}&csrf={token}", "x".repeat(5_000))),
        ("no origin", form.to_owned(), format!("csrf={token}")),
        ("null origin", format!("Origin: null\r\n{form}"), format!("csrf={token}")),
        ("other origin", format!("Origin: https://evil.example\r\n{form}"), format!("csrf={token}")),
        ("other port", format!("Origin: http://127.0.0.1:1\r\n{form}"), format!("csrf={token}")),
        ("cross-site", format!("{own}Sec-Fetch-Site: cross-site\r\n{form}"), format!("csrf={token}")),
        ("same site", format!("{own}Sec-Fetch-Site: same-site\r\n{form}"), format!("csrf={token}")),
        ("typed in", format!("{own}Sec-Fetch-Site: none\r\n{form}"), format!("csrf={token}")),
    ] {
        for path in [path.as_str(), "/operator/logout"] {
            let refused = browser.ask("POST", path, &headers, &body);
            assert_eq!((refused.status, refused.code().as_str()), (403, "request.cross-site"), "{case} {path}");
        }
    }
    assert_eq!(browser.get("/messages").status, 200, "nobody was logged out");
    // Not even of a system that a browser could speak for, as with a client certificate.
    let cross = "Sec-Fetch-Site: cross-site\r\n";
    let refused = gateway.request("POST", "/fhir", super::setting::TRUST, cross, &Referral::new(2).fhir());
    assert_eq!((refused.status, refused.code().as_str()), (403, "request.cross-site"));
    // As a header, and as a form.
    let header = format!("{own}X-CSRF-Token: {token}\r\nAccept: application/json\r\n");
    assert_eq!(browser.ask("POST", &path, &header, "").status, 303);
    assert_eq!(browser.post(&path, &token).status, 303);
}

#[test]
fn a_person_does_what_the_role_allows() {
    let provider = Provider::start();
    let gateway = start("operators-roles", &provider, &[]);
    let id = gateway.send(&Referral::new(1).fhir());
    for (role, [list, one, original, replay, metrics, send]) in [
        ("see", [200, 200, 403, 403, 403, 403]),
        ("act", [200, 200, 200, 303, 200, 403]),
        ("audit", [200, 200, 403, 403, 403, 403]),
    ] {
        let mut browser = Browser::new(&gateway);
        browser.log_in(&provider, &[role]);
        let token = browser.token();
        assert_eq!(browser.get("/messages").status, list, "{role}");
        assert_eq!(browser.get(&format!("/messages/{id}")).status, one, "{role}");
        assert_eq!(browser.get(&format!("/messages/{id}/original")).status, original, "{role}");
        assert_eq!(browser.get("/metrics").status, metrics, "{role}");
        assert_eq!(browser.post(&format!("/messages/{id}/replay"), &token).status, replay, "{role}");
        assert_eq!(browser.post("/fhir", &token).status, send, "{role}");
        // Nobody is who a wrong secret says, whatever cookie is beside it.
        assert_eq!(browser.ask("GET", "/messages", "Authorization: Bearer wrong\r\n", "").status, 401, "{role}");
    }
}

#[test]
fn a_provider_that_is_not_there_is_told_and_without_one_nobody_logs_in() {
    let provider = Provider::start();
    let mut gateway = start("operators-away", &provider, &[]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", taken.local_addr().unwrap());
    drop(taken);
    gateway.kill();
    gateway.edit(&provider.issuer(), &nowhere);
    gateway.run();
    let response = Browser::new(&gateway).get("/operator/login");
    assert_eq!((response.status, text(&response).contains("operator.provider-unavailable")), (503, true));
    let gateway = Gateway::start("operators-none", &[]);
    for path in ["/operator", "/operator/login", "/operator/callback?code=x&state=y"] {
        let nothing = gateway.get(path, "");
        assert_eq!((nothing.status, nothing.code().as_str()), (404, "request.not-found"), "{path}");
    }
}

#[test]
fn with_a_public_address_cookies_and_origin_are_those_of_https() {
    let provider = Provider::start();
    let mut gateway = start("operators-public", &provider, &[]);
    gateway.kill();
    gateway.edit("[server]\n", "[server]\npublic_url = \"https://gateway.example/\"\n");
    gateway.run();
    let mut browser = Browser::new(&gateway);
    let request = browser.begin();
    assert_eq!(request.get("redirect_uri"), "https://gateway.example/operator/callback");
    let code = provider.grant(&request, provider.claims(&request, now(), &["act"]), Signing::Own);
    let response = browser.back(&code, request.get("state"));
    assert_eq!((response.status, response.header("location")), (303, "https://gateway.example/messages"));
    for cookie in response.header("set-cookie").lines() {
        assert!(cookie.starts_with("__Host-impress"), "{cookie}");
        assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    }
    let token = browser.token();
    assert_eq!(browser.post("/operator/logout", &token).status, 403, "that page was of another address");
    let own = "Origin: https://gateway.example\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(browser.ask("POST", "/operator/logout", own, &format!("csrf={token}")).status, 303);
}
