//! Every route of the gateway, from its own table, with every credential that must not open it; and every trust beside every
//! other.

use std::collections::BTreeSet;

use impress_gateway::http::{Access, ROUTES, Route};
use impress_gateway::identity::Role;
use serde_json::{Value, json};

use crate::service::referral::{Referral, national_number};
use crate::service::setting::{Gateway, Response};
use crate::service::signing::Signer;
use crate::service::tokens::{Issuer, bearer, now};
use crate::support::Folder;

const ABSENT: &str = "00000000-0000-8000-8000-000000000000";

/// No limit stands before a refusal.
const LIMITS: &str = "[limits]\nrequests_per_second = 100000\nburst = 100000\nfailures_per_minute = 100000\n";

/// Whose tokens the gateway takes: a client of each role, and one of each trust.
fn configuration(issuer: &Issuer) -> String {
    let mut text = format!(
        "[[issuer]]\nname = \"helseid\"\nurl = \"{}\"\nprofile = \"helseid\"\naudience = \"impress:gateway\"\n{LIMITS}",
        issuer.url
    );
    for role in Role::ALL {
        let word = role.as_str();
        let organisation = if role == Role::Trust { String::new() } else { format!("organisation = \"{word}\"\n") };
        text.push_str(&format!(
            "[[client]]\nissuer = \"helseid\"\nclient_id = \"{word}\"\nrole = \"{word}\"\n{organisation}"
        ));
    }
    text
}

/// A token with every scope; of a trust that of Førde.
fn token(issuer: &Issuer, role: Role, change: &Value) -> String {
    let words = ["referral", "report", "messages", "status", "audit", "operate", "trial"];
    let scope: Vec<String> = words.iter().map(|word| format!("impress:gateway/{word}")).collect();
    let mut claims = json!({"client_id": role.as_str(), "scope": scope.join(" ")});
    for (claim, value) in change.as_object().unwrap() {
        claims[claim] = value.clone();
    }
    issuer.token(&claims)
}

fn ask(gateway: &Gateway, (method, path): (&str, &str), headers: &str) -> Response {
    // A body that is none of any kind: who is refused is refused before it is looked at.
    gateway.request(method, path, "", headers, if method == "GET" { b"" } else { b"<" })
}

fn of_message(route: &Route, id: &str) -> String {
    route.path.replace("{id}", id).replace("{type}", "Patient").replace("{version}", "1")
}

/// Ids of what is a trust's.
struct Ids {
    message: String,
    /// The ServiceRequest of its referral.
    request: String,
    /// The event of the audit trail that it sent that.
    event: String,
    subscription: String,
}

/// Ids of what nobody has.
fn absent() -> Ids {
    let id = ABSENT.to_owned();
    Ids { message: id.clone(), request: id.clone(), event: "1-999999999".to_owned(), subscription: id }
}

/// The address of what is a trust's: what the route is about, or its message.
fn of_trust(route: &Route, ids: &Ids) -> String {
    let id = match route.path {
        path if path.contains("{type}") => &ids.request,
        path if path.starts_with("/fhir/AuditEvent/") => &ids.event,
        path if path.starts_with("/fhir/Subscription/") => &ids.subscription,
        _ => &ids.message,
    };
    route.path.replace("{id}", id).replace("{type}", "ServiceRequest").replace("{version}", "1")
}

fn protected() -> impl Iterator<Item = (&'static Route, &'static [Role])> {
    ROUTES.iter().filter_map(|route| match route.access {
        Access::Roles(roles) => Some((route, roles)),
        Access::Open => None,
    })
}

#[test]
fn no_route_is_opened_by_what_must_not_open_it() {
    let issuer = Issuer::start();
    let stranger = Issuer::start();
    let gateway = Gateway::start_with("authz-coverage", &[], &configuration(&issuer));
    let referral = gateway.request(
        "POST",
        "/fhir",
        "",
        &bearer(&token(&issuer, Role::Trust, &json!({}))),
        &Referral::new(1).fhir(),
    );
    let id = referral.header("x-message-id").to_owned();
    assert!(!id.is_empty(), "{}", String::from_utf8_lossy(&referral.body));
    let mut cells = 0;
    for (route, roles) in protected() {
        let call = (route.method, &*of_message(route, &id));
        let place = format!("{} {}", route.method, route.path);
        let good = roles[0];
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "k1"});
        let forged = Signer::p256().token(&header, &issuer.claims());
        let invalid = "Bearer error=\"invalid_token\"";
        let cases = [
            ("no token", String::new(), 401, "Bearer"),
            ("no secret of anybody", bearer("0123456789abcdef0123456789abcdef"), 401, invalid),
            ("expired", bearer(&token(&issuer, good, &json!({"exp": now() - 60}))), 401, invalid),
            ("not yet", bearer(&token(&issuer, good, &json!({"nbf": now() + 600}))), 401, invalid),
            ("wrong issuer", bearer(&token(&issuer, good, &json!({"iss": "https://evil.example"}))), 401, invalid),
            ("a key that is not the issuer's", bearer(&forged), 401, invalid),
            ("an issuer nobody knows", bearer(&token(&stranger, good, &json!({}))), 401, invalid),
            ("wrong audience", bearer(&token(&issuer, good, &json!({"aud": "https://other.example"}))), 401, invalid),
            (
                "two audiences",
                bearer(&token(&issuer, good, &json!({"aud": ["impress:gateway", "https://other.example"]}))),
                401,
                invalid,
            ),
            (
                "wrong scope",
                bearer(&token(&issuer, good, &json!({"scope": "openid impress:other/referral"}))),
                403,
                "Bearer error=\"insufficient_scope\"",
            ),
            ("unknown client", bearer(&token(&issuer, good, &json!({"client_id": "nobody"}))), 403, ""),
            (
                "a bound token without its proof",
                bearer(&token(&issuer, good, &json!({"cnf": {"jkt": "x"}}))),
                401,
                invalid,
            ),
        ];
        for (name, headers, status, challenge) in cases {
            let answer = ask(&gateway, call, &headers);
            assert_eq!((answer.status, answer.header("www-authenticate")), (status, challenge), "{place}: {name}");
            let code = if status == 401 { "request.unauthenticated" } else { "request.forbidden" };
            assert_eq!(answer.code(), code, "{place}: {name}");
            cells += 1;
        }
        for role in Role::ALL {
            let answer = ask(&gateway, call, &bearer(&token(&issuer, role, &json!({}))));
            if roles.contains(&role) {
                assert!(![401, 403].contains(&answer.status), "{place}: {role:?} may");
            } else {
                assert_eq!((answer.status, answer.code().as_str()), (403, "request.forbidden"), "{place}: {role:?}");
            }
            cells += 1;
        }
    }
    assert_eq!(cells, protected().count() * (12 + Role::ALL.len()));
}

#[test]
fn where_proofs_are_asked_for_no_route_is_opened_without_one() {
    let issuer = Issuer::start();
    let server =
        format!("public_url = \"https://gateway.example\"\nauthorization = \"dpop\"\n{}", configuration(&issuer));
    let gateway = Gateway::start_without_callers(Folder::new("authz-dpop"), &server);
    for (route, roles) in protected() {
        let call = (route.method, &*of_message(route, ABSENT));
        let bound = token(&issuer, roles[0], &json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}));
        for (name, headers, word) in [
            ("no token", String::new(), ""),
            ("bearer", bearer(&token(&issuer, roles[0], &json!({}))), ""),
            ("bound token as bearer", bearer(&bound), ""),
            ("no proof", format!("Authorization: DPoP {bound}\r\n"), "invalid_dpop_proof"),
            ("proof that is none", format!("Authorization: DPoP {bound}\r\nDPoP: x\r\n"), "invalid_dpop_proof"),
        ] {
            let answer = ask(&gateway, call, &headers);
            let challenge = answer.header("www-authenticate");
            assert_eq!(answer.status, 401, "{} {}: {name}", route.method, route.path);
            assert!(challenge.starts_with("DPoP ") && challenge.contains("algs="), "{name}: {challenge}");
            assert!(word.is_empty() || challenge.contains(&format!("error=\"{word}\"")), "{name}: {challenge}");
        }
    }
}

/// Routes are only registered from the table that these tests are made from.
#[test]
fn there_is_no_route_beside_the_table() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let mut files = vec![folder.with_extension("rs")];
    files.extend(walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap().into_path()));
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    assert!(files.len() > 15);
    for file in files.iter().filter(|file| !file.ends_with("routes.rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        for word in [".route(", "web::resource(", "web::scope(", ".service("] {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

/// Organisation numbers of the trusts of the trial.
fn trusts() -> Vec<String> {
    let text = include_str!("../../mappings/trusts.toml");
    let lines = text.lines().filter_map(|line| line.strip_prefix("organisation_numbers = [{ number = \""));
    lines.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// What a trust finds of its own.
fn ids_of(gateway: &Gateway, header: &str, message: &str) -> Ids {
    let one = |path: &str| {
        let found = gateway.request("GET", path, "", header, b"").json();
        let entries = found["entry"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{path}");
        entries[0]["resource"]["id"].as_str().unwrap().to_owned()
    };
    let subscription = crate::subscriptions::setting::subscription(None, "id-only").to_string();
    let made = gateway.request("POST", "/fhir/Subscription", "", header, subscription.as_bytes());
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    Ids {
        message: message.to_owned(),
        request: one("/fhir/ServiceRequest"),
        event: one(&format!("/fhir/AuditEvent?action=C&entity={message}")),
        subscription: one("/fhir/Subscription"),
    }
}

fn ids(answer: &Response) -> BTreeSet<String> {
    if answer.status != 200 {
        return BTreeSet::new();
    }
    let list = answer.json()["messages"].as_array().cloned().unwrap_or_default();
    list.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// What an answer says, without what is another in each: the trace and the date.
fn told(answer: &Response) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = answer.headers.iter().filter(|(name, _)| !["date", "x-trace-id"].contains(&name.as_str()));
    (answer.status, headers.map(|(name, value)| (name.clone(), value.clone())).collect(), answer.body.clone())
}

/// How many refused requests a trust finds in its own trail, and the newest of them without what is another in each: id, time and
/// trace.
fn refusals(gateway: &Gateway, header: &str) -> (i64, Vec<Value>) {
    let search = "/fhir/AuditEvent?outcome=4&_total=accurate&_count=500";
    let bundle = gateway.request("GET", search, "", header, b"").json();
    let without = |entry: &Value| {
        let mut event = entry["resource"].clone();
        let members = event.as_object_mut().unwrap();
        for name in ["id", "meta", "recorded"] {
            members.remove(name);
        }
        let entities = members["entity"].as_array_mut().unwrap();
        entities.retain(|entity| entity["what"]["identifier"].is_null());
        event
    };
    let events = bundle["entry"].as_array().into_iter().flatten().map(without).collect();
    (bundle["total"].as_i64().unwrap(), events)
}

#[test]
fn no_trust_sees_anything_of_another() {
    let issuer = Issuer::start();
    let gateway = Gateway::start_with("authz-trusts", &[], &configuration(&issuer));
    let trusts = trusts();
    assert_eq!(trusts.len(), 17);
    let header_of = |number: &String| {
        let claims = json!({"helseid://claims/client/claims/orgnr_parent": number});
        bearer(&token(&issuer, Role::Trust, &claims))
    };
    let headers: Vec<String> = trusts.iter().map(header_of).collect();
    // A referral of each trust, about a patient of its own.
    let own: Vec<String> = (0..trusts.len())
        .map(|at| {
            let referral = String::from_utf8(Referral::new(at + 1).fhir()).unwrap().replace("983974732", &trusts[at]);
            let answer = gateway.request("POST", "/fhir", "", &headers[at], referral.as_bytes());
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            answer.header("x-message-id").to_owned()
        })
        .collect();
    // What each has, as it reads it itself.
    let of_each: Vec<Ids> =
        headers.iter().zip(&own).map(|(header, message)| ids_of(&gateway, header, message)).collect();
    // Others who may ask something: none of it is theirs.
    for role in [Role::Laboratory, Role::Registry, Role::Trial] {
        let header = bearer(&token(&issuer, role, &json!({})));
        let list = gateway.request("GET", "/messages?_count=500", "", &header, b"");
        let sees = if role == Role::Laboratory { 200 } else { 403 };
        assert_eq!((list.status, ids(&list)), (sees, BTreeSet::new()), "{role:?}");
        for (number, of_trust_ids) in trusts.iter().zip(&of_each) {
            let by_sender = gateway.request("GET", &format!("/messages?sender={number}"), "", &header, b"");
            assert_eq!((by_sender.status, ids(&by_sender)), (sees, BTreeSet::new()), "{role:?} of {number}");
            for route in ROUTES.iter().filter(|route| route.path.contains("{id}")) {
                // What the trial writes has names of the trial's.
                if role == Role::Trial && route.method == "PUT" {
                    continue;
                }
                let asked = |ids: &Ids| told(&ask(&gateway, (route.method, &of_trust(route, ids)), &header));
                let (forbidden, absent) = (asked(of_trust_ids), asked(&absent()));
                assert_eq!(forbidden, absent, "{role:?} asks for what is {number}'s: {}", route.path);
                assert!([403, 404].contains(&forbidden.0), "{role:?}: {}", route.path);
            }
        }
        let events = gateway.request("GET", "/fhir/AuditEvent", "", &header, b"");
        assert_eq!((events.status, events.code().as_str()), (403, "request.forbidden"), "{role:?}");
    }
    for (at, number) in trusts.iter().enumerate() {
        // A token is good for a minute, and all of this takes longer.
        let header = &header_of(number);
        let search = |patient: usize| {
            let body = format!("patient.identifier={}", national_number(patient + 1));
            gateway.request("POST", "/fhir/AuditEvent/_search", "", header, body.as_bytes())
        };
        let get = |path: &str| gateway.request("GET", path, "", header, b"");
        assert_eq!(ids(&get("/messages?_count=500")), BTreeSet::from([own[at].clone()]), "{}", trusts[at]);
        assert_eq!(get(&format!("/messages/{}", own[at])).status, 200);
        for (other, of_other) in of_each.iter().enumerate().filter(|(other, _)| *other != at) {
            let place = format!("{} asks for what is {}'s", trusts[at], trusts[other]);
            assert_eq!(ids(&get(&format!("/messages?sender={}", trusts[other]))), BTreeSet::new(), "{place}");
            // With a message of its own nothing is asked that the table does not have.
            let by_id = || ROUTES.iter().filter(|route| route.path.contains("{id}"));
            let asked = |route: &Route, ids: &Ids| {
                let conditional = format!(
                    "{header}If-Match: W/\"1\"\r\nIf-None-Match: W/\"1\"\r\n\
                     If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                );
                let path = of_trust(route, ids);
                [header, &conditional].map(|headers| told(&gateway.request(route.method, &path, "", headers, b"")))
            };
            let all = |ids: &Ids| by_id().map(|route| asked(route, ids)).collect::<Vec<_>>();
            let is_next = other == (at + 1) % trusts.len();
            let before = is_next.then(|| refusals(&gateway, header).0);
            let forbidden = all(of_other);
            let of_forbidden = is_next.then(|| refusals(&gateway, header));
            let absent = all(&absent());
            for (route, (forbidden, absent)) in by_id().zip(forbidden.iter().zip(&absent)) {
                assert_eq!(forbidden, absent, "{place}: {}", route.path);
                assert!([403, 404].contains(&forbidden[0].0), "{place}: {}", route.path);
            }
            // Nor does what its own trail says of its requests tell which is which.
            if let (Some(before), Some(of_forbidden)) = (before, of_forbidden) {
                let of_absent = refusals(&gateway, header);
                let each = 2 * forbidden.len();
                let counts = [of_forbidden.0 - before, of_absent.0 - of_forbidden.0];
                assert_eq!(counts, [i64::try_from(each).unwrap(); 2], "{place}");
                assert_eq!(of_forbidden.1[..each], of_absent.1[..each], "{place}");
            }
            let answer = search(other).json();
            let entries = answer["entry"].as_array().map_or(0, Vec::len);
            assert_eq!((answer["resourceType"].as_str(), entries), (Some("Bundle"), 0), "{place}");
        }
        assert!(search(at).json()["entry"].as_array().is_some_and(|entries| !entries.is_empty()), "{}", trusts[at]);
        // And what it asked the others for is there.
        for path in [
            format!("/fhir/ServiceRequest/{}/_history/1", of_each[at].request),
            format!("/fhir/AuditEvent/{}/_history/1", of_each[at].event),
            format!("/fhir/Subscription/{}/_history/1", of_each[at].subscription),
        ] {
            assert_eq!(get(&path).status, 200, "{} {path}", trusts[at]);
        }
    }
}
