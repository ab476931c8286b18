use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Request, Url, redirect};

use self::listener::Listener;
use super::resolver::{Found, Guarded, Lookup};
use super::*;

mod listener;
mod table;

/// Every name is this host.
struct AllHere;

impl Lookup for AllHere {
    fn lookup(&self, _name: &str) -> Found {
        Box::pin(async { Ok(vec!["127.0.0.1".parse().unwrap()]) })
    }
}

/// Another answer each time; the last one stays.
struct Rebinding(Mutex<Vec<Vec<IpAddr>>>);

impl Lookup for Rebinding {
    fn lookup(&self, _name: &str) -> Found {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Box::pin(async move { Ok(answer) })
    }
}

fn client(policy: Policy, redirects: redirect::Policy) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = Options { timeout: Duration::from_secs(5), ..Options::default() };
    Client::build(&options, Arc::new(policy), Arc::new(AllHere), redirects).unwrap()
}

fn policy(urls: &[&str]) -> Policy {
    let mut policy = Policy::default();
    policy.allow_private("10.0.0.0/8").unwrap();
    for url in urls {
        policy.allow(&Url::parse(url).unwrap()).unwrap();
    }
    policy
}

async fn get(client: &Client, url: &str, most: usize) -> Result<Answer, SendError> {
    let mut request = Request::new(Method::GET, Url::parse(url).unwrap());
    request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer synthetic"));
    client.send(request, most).await
}

/// A policy that allows what a deployment would: a trial system, and a server on this host.
fn configured(honest: &Listener, tripwire: &Listener) -> Policy {
    let port = tripwire.port;
    let trial = format!("https://trial.example:{port}/fhir");
    policy(&[&trial, &format!("https://rebind.example:{port}/"), &format!("http://127.0.0.1:{}/", honest.port)])
}

#[tokio::test]
async fn no_url_leads_to_where_the_configuration_does_not() {
    let (tripwire, honest) = (Listener::start(), Listener::start());
    let client = client(configured(&honest, &tripwire), redirect::Policy::none());
    let rows = table::rows(tripwire.port, honest.port);
    assert!(rows.len() >= 40, "{}", rows.len());
    for row in &rows {
        let answer = get(&client, &row.url, 1_000).await;
        match (row.redirects, answer) {
            (true, Ok(answer)) => assert!((300..=399).contains(&answer.status), "{}", row.url),
            (false, Err(SendError::Refused(refusal))) => assert_eq!(refusal, row.refusal, "{}", row.url),
            (_, other) => panic!("{}: {other:?}", row.url),
        }
        assert_eq!((tripwire.connections(), tripwire.authorizations()), (0, 0), "{}", row.url);
    }
    // The server that is allowed is reached, with what proves who we are.
    let answer = get(&client, &format!("http://127.0.0.1:{}/", honest.port), 1_000).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(honest.authorizations() > 0);
}

#[tokio::test]
async fn without_the_checks_the_same_urls_lead_there() {
    let (tripwire, honest) = (Listener::start(), Listener::start());
    let mut policy = configured(&honest, &tripwire);
    policy.is_off = true;
    let client = client(policy, redirect::Policy::limited(3));
    let (mut reached, mut leaked) = (0, 0);
    for row in table::rows(tripwire.port, honest.port).iter().filter(|row| row.would_arrive) {
        let (connections, authorizations) = (tripwire.connections(), tripwire.authorizations());
        let _ = get(&client, &row.url, 1_000).await;
        // IPv6 may not be there.
        assert!(tripwire.connections() > connections || row.url.contains('['), "{}", row.url);
        reached += usize::from(tripwire.connections() > connections);
        leaked += usize::from(tripwire.authorizations() > authorizations);
    }
    assert!(reached >= 30 && leaked >= 20, "{reached} reached, {leaked} leaked");
}

#[tokio::test]
async fn every_connection_looks_the_name_up_and_checks_what_it_finds() {
    use reqwest::dns::Resolve;
    let policy = Arc::new(policy(&["https://trial.example/", "http://localhost:8080/", "http://127.0.0.1:1/"]));
    let resolved = |guarded: &Guarded, name: &str| {
        let resolving = guarded.resolve(name.parse().unwrap());
        async move {
            let found = resolving.await.map_err(|error| *error.downcast::<Refusal>().unwrap())?;
            Ok::<_, Refusal>(found.map(|address| address.ip().to_string()).collect::<Vec<_>>())
        }
    };
    type Row = (&'static str, &'static [&'static str], Result<&'static [&'static str], Refusal>);
    let answers: &[Row] = &[
        ("trial.example", &["193.0.0.1"], Ok(&["193.0.0.1"])),
        // The same name a moment later.
        ("trial.example", &["127.0.0.1"], Err(Refusal::Address)),
        ("trial.example", &["169.254.169.254", "192.168.0.1", "::1"], Err(Refusal::Address)),
        ("trial.example", &["::ffff:127.0.0.1"], Err(Refusal::Address)),
        // What is allowed of several, and a network that the configuration names.
        ("trial.example", &["127.0.0.1", "193.0.0.1", "10.0.0.1"], Ok(&["193.0.0.1", "10.0.0.1"])),
        // Names that the configuration does not have; among them the host's own, other than as it is written there.
        ("other.example", &["193.0.0.1"], Err(Refusal::Address)),
        ("trial.example.", &["193.0.0.1"], Err(Refusal::Address)),
        ("localhost.", &["127.0.0.1"], Err(Refusal::Address)),
        // This host's name is this host, and nothing else.
        ("localhost", &["127.0.0.1", "::1"], Ok(&["127.0.0.1", "::1"])),
        ("localhost", &["193.0.0.1", "10.0.0.1"], Err(Refusal::Address)),
    ];
    let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
    let lookup = Rebinding(Mutex::new(answers.iter().map(|(_, found, _)| addresses(found)).collect()));
    let guarded = Guarded::new(Arc::new(lookup), policy);
    for (name, found, expected) in answers {
        let expected = expected.map(|texts| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(resolved(&guarded, name).await, expected, "{name} {found:?}");
    }
}

#[tokio::test]
async fn an_answer_has_a_bound_and_is_not_unpacked() {
    let honest = Listener::start();
    let base = format!("http://127.0.0.1:{}", honest.port);
    let client = client(policy(&[&base]), redirect::Policy::none());
    assert_eq!(get(&client, &format!("{base}/long"), 100_000).await.unwrap().body.len(), 100_000);
    let too_long = get(&client, &format!("{base}/long"), 99_999).await.unwrap_err();
    assert_eq!(too_long, SendError::TooLong { status: 200 });
    // As it came: what unpacks to more than the bound is not unpacked.
    let packed = get(&client, &format!("{base}/packed"), 100).await.unwrap();
    assert_eq!(packed.body, listener::PACKED);
    assert!(!honest.heads().iter().any(|head| head.to_ascii_lowercase().contains("accept-encoding")));
    assert_eq!(get(&client, &format!("{base}/cut"), 100).await.unwrap_err(), SendError::Cut);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = self::client(policy(&[&format!("http://{closed}/")]), redirect::Policy::none());
    assert_eq!(get(&client, &format!("http://{closed}/"), 1).await.unwrap_err(), SendError::Connect);
}

#[test]
fn what_could_never_be_reached_is_found_in_the_configuration() {
    let allow = |url: &str| Policy::default().allow(&Url::parse(url).unwrap());
    for (url, refusal) in [
        ("http://trial.example/fhir", Refusal::Plain),
        ("http://127.0.0.1.trial.example/fhir", Refusal::Plain),
        ("ftp://127.0.0.1/", Refusal::Plain),
        ("https://user@trial.example/", Refusal::UserInfo),
        ("https://10.0.0.1/", Refusal::Address),
        ("https://169.254.169.254/", Refusal::Address),
        ("https://[fe80::1]/", Refusal::Address),
    ] {
        assert_eq!(allow(url), Err(refusal), "{url}");
    }
    for url in ["https://trial.example/fhir", "http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost/"] {
        assert_eq!(allow(url), Ok(()), "{url}");
    }
}
