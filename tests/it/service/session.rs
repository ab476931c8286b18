//! The log-in of operators under a clock that a test sets.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use impress_gateway::clock::{Clock, ManualClock};
use impress_gateway::operators::{
    Answer, ClientAuthentication, Levels, LoginError, OperatorRole, Operators, Options, ProviderOptions, Roles,
};
use impress_gateway::outbound;
use jiff::{SignedDuration, Timestamp};
use openidconnect::IssuerUrl;
use serde_json::json;

use super::provider::{CLIENT, CLIENT_SECRET, Provider, Request, Signing};

/// 1 January 2030.
const BEGAN: i64 = 1_893_456_000;

struct Setting {
    provider: Provider,
    operators: Operators,
    clock: Arc<ManualClock>,
    runtime: tokio::runtime::Runtime,
}

impl Setting {
    fn new(secret: &str) -> Self {
        Self::with(secret, Levels::default(), None)
    }

    /// `issuer`: where the provider is said to be, in place of where it is.
    fn with(secret: &str, levels: Levels, issuer: Option<String>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let provider = Provider::start();
        let mut policy = outbound::Policy::default();
        let issuer = issuer.unwrap_or_else(|| provider.issuer());
        policy.allow(&issuer.parse().unwrap()).unwrap();
        let options = outbound::Options { timeout: Duration::from_secs(5), ca: None, identity: None };
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(BEGAN).unwrap()));
        let count = AtomicU8::new(0);
        let operators = Operators::new(Options {
            provider: ProviderOptions {
                issuer: IssuerUrl::new(issuer).unwrap(),
                client_id: CLIENT.to_owned(),
                authentication: ClientAuthentication::Secret(secret.to_owned()),
                scopes: Vec::new(),
                roles: Roles { claim: "roles".to_owned(), viewer: vec!["see".to_owned()], ..Roles::default() },
                levels,
                key: vec![7; 32],
                http: outbound::Client::new(&options, Arc::new(policy)).unwrap(),
            },
            base: "https://gateway.example".to_owned(),
            idle: SignedDuration::from_mins(15),
            absolute: SignedDuration::from_hours(8),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random: Box::new(move || Some([count.fetch_add(1, Ordering::SeqCst); 32])),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { provider, operators, clock, runtime }
    }

    fn at(&self, second: i64) {
        self.clock.set(Timestamp::from_second(BEGAN + second).unwrap());
    }

    fn second(&self) -> i64 {
        self.clock.now().as_second()
    }

    fn begin(&self) -> (Request, String) {
        let begun = self.runtime.block_on(self.operators.begin(None)).unwrap_or_else(|error| panic!("{error}"));
        (Request::of(&begun.url), begun.browser)
    }

    /// The id of the session.
    fn finish(&self, (request, browser): &(Request, String), code: &str) -> Result<String, LoginError> {
        let answer: Answer = serde_json::from_value(json!({"code": code, "state": request.get("state")})).unwrap();
        let finished = self.runtime.block_on(self.operators.finish(answer, Some(browser), None))?;
        assert_eq!(finished.person.role(), OperatorRole::Viewer);
        Ok(finished.session)
    }

    fn log_in(&self) -> Result<String, LoginError> {
        let begun = self.begin();
        let claims = self.provider.claims(&begun.0, self.second(), &["see"]);
        let code = self.provider.grant(&begun.0, claims, Signing::Own);
        self.finish(&begun, &code)
    }
}

#[test]
fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
    let setting = Setting::new(CLIENT_SECRET);
    let idle = setting.log_in().unwrap();
    setting.at(15 * 60 - 1);
    assert!(setting.operators.session(&idle).is_some());
    setting.at(30 * 60 - 1);
    assert!(setting.operators.session(&idle).is_none());
    let used = setting.log_in().unwrap();
    let began = setting.second() - BEGAN;
    for minute in (10..480).step_by(10) {
        setting.at(began + 60 * minute);
        assert!(setting.operators.session(&used).is_some(), "{minute}");
    }
    setting.at(began + 8 * 3_600);
    assert!(setting.operators.session(&used).is_none());
}

#[test]
fn an_answer_that_comes_too_late_is_not_taken() {
    let setting = Setting::new(CLIENT_SECRET);
    for (waits, expected) in [(599, None), (600, Some(LoginError::Unknown))] {
        let begun = setting.begin();
        setting.at(setting.second() - BEGAN + waits);
        let claims = setting.provider.claims(&begun.0, setting.second(), &["see"]);
        let code = setting.provider.grant(&begun.0, claims, Signing::Own);
        assert_eq!(setting.finish(&begun, &code).err(), expected, "{waits}");
    }
}

#[test]
fn an_id_token_holds_until_its_last_second() {
    let setting = Setting::new(CLIENT_SECRET);
    for (left, is_taken) in [(1, true), (0, false)] {
        let begun = setting.begin();
        let mut claims = setting.provider.claims(&begun.0, setting.second(), &["see"]);
        claims["exp"] = (setting.second() + left).into();
        let code = setting.provider.grant(&begun.0, claims, Signing::Own);
        let refused = setting.finish(&begun, &code).err();
        assert_eq!(refused.is_none(), is_taken, "{refused:?}");
        assert!(is_taken || matches!(refused, Some(LoginError::Token(_))), "{refused:?}");
    }
}

#[test]
fn a_new_key_of_the_provider_is_asked_for_but_not_all_the_time() {
    let setting = Setting::new(CLIENT_SECRET);
    setting.log_in().unwrap();
    setting.provider.rotate();
    // The key set was read a moment ago: whoever sends unknown keys does not make us ask again and again.
    assert!(matches!(setting.log_in(), Err(LoginError::Token(_))));
    setting.at(30);
    assert!(setting.log_in().is_ok());
}

#[test]
fn a_provider_that_does_not_know_the_gateway_lets_nobody_in() {
    assert_eq!(Setting::new("another secret").log_in().err(), Some(LoginError::Refused));
}

#[test]
fn a_person_who_logged_in_at_too_low_a_level_is_not_let_in() {
    const HELSE_ID: &str = "helseid://claims/identity/security_level";
    for (claim, change, is_taken) in [
        ("acr", json!({"acr": "idporten-loa-high"}), true),
        ("acr", json!({"acr": "idporten-loa-substantial"}), false),
        ("acr", json!({}), false),
        ("acr", json!({HELSE_ID: "4"}), false),
        (HELSE_ID, json!({HELSE_ID: "4"}), true),
        (HELSE_ID, json!({HELSE_ID: 4}), true),
        (HELSE_ID, json!({HELSE_ID: "3"}), false),
        (HELSE_ID, json!({HELSE_ID: ["4"]}), false),
        (HELSE_ID, json!({"acr": "4"}), false),
    ] {
        let accepted = ["idporten-loa-high", "4"].map(str::to_owned).to_vec();
        let setting = Setting::with(CLIENT_SECRET, Levels { claim: claim.to_owned(), accepted }, None);
        let begun = setting.begin();
        let mut claims = setting.provider.claims(&begun.0, setting.second(), &["see"]);
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let code = setting.provider.grant(&begun.0, claims, Signing::Own);
        let refused = setting.finish(&begun, &code).err();
        let low = LoginError::Token("the person did not log in at a level that is asked for");
        assert_eq!(refused, (!is_taken).then_some(low), "{claim} {change}");
    }
}

#[test]
fn a_provider_that_does_not_answer_is_asked_once_by_all_who_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.unwrap().write_all(b"HTTP/1.1 503 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let setting = Setting::with(CLIENT_SECRET, Levels::default(), Some(issuer));
    let begin = || setting.operators.begin(None);
    let all = setting.runtime.block_on(async { tokio::join!(begin(), begin(), begin(), begin()) });
    for begun in [all.0, all.1, all.2, all.3] {
        assert_eq!(begun.err(), Some(LoginError::Unavailable));
    }
    let asked = count.load(Ordering::SeqCst);
    assert_eq!(asked, 1);
    setting.at(4);
    assert_eq!(setting.runtime.block_on(begin()).err(), Some(LoginError::Unavailable));
    assert_eq!(count.load(Ordering::SeqCst), 1, "not again at once");
    setting.at(5);
    assert_eq!(setting.runtime.block_on(begin()).err(), Some(LoginError::Unavailable));
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
