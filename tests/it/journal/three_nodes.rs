//! Three processes on one database: senders to all of them, one of them killed and started again.

mod node;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use impress_gateway::domain::national_id::{NationalId, SyntheticNumbers};
use serde_json::{Value, json};

use self::node::{Node, Place, request};
use self::trial::Noted;
use super::store::Store;
use crate::support::Folder;

const PATIENTS: usize = 8;
const VERSIONS: usize = 3;
const SECRET: &str = "a secret of the trust, for these tests only";

/// Long enough for a lease of a killed process to run out, on a machine that does other things.
const DEADLINE: Duration = Duration::from_secs(120);

/// A number of a test population; the next one for each patient.
fn number(patient: usize) -> String {
    let is_number = |text: &String| NationalId::parse(text, None, SyntheticNumbers::Accepted).is_ok();
    let candidates = (0..100_000).map(|number| format!("058985{number:05}"));
    candidates.filter(is_number).nth(patient).unwrap()
}

/// The golden referral, of another patient: the first version is new, the others change it.
fn referral(patient: usize, version: usize) -> Vec<u8> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/ehr-fhir/message-new/input.json");
    let mut bundle: Value = serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    bundle["identifier"]["value"] = json!(format!("urn:uuid:0f000001-0000-4000-8000-00000000{patient:02}{version:02}"));
    bundle["timestamp"] = json!(format!("2026-03-0{version}T10:00:00+01:00"));
    for entry in bundle["entry"].as_array_mut().unwrap() {
        let resource = &mut entry["resource"];
        match resource["resourceType"].as_str().unwrap() {
            "MessageHeader" if version > 1 => resource["eventCoding"]["code"] = json!("I13"),
            "ServiceRequest" => resource["identifier"][0]["value"] = json!(format!("H-2026-{patient}")),
            "Patient" => resource["identifier"][0]["value"] = json!(number(patient)),
            _ => {}
        }
    }
    bundle.to_string().into_bytes()
}

fn configure(folder: &Folder, connection: &str, trial: u16) -> std::path::PathBuf {
    folder.write("ids", "a secret for the ids of these tests, and of nothing else");
    folder.write("trust", SECRET);
    folder.write("connection", connection);
    let text = format!(
        "[ids]\nsecret_file = \"ids\"\n[identity]\naccept_synthetic = true\n[server]\nlisten = \"127.0.0.1:0\"\n\
         [journal]\nstore = \"postgres\"\nconnection_file = \"connection\"\n\
         [[caller]]\nname = \"trust\"\norganisation = \"983974732\"\nrole = \"trust\"\nsecret_file = \"trust\"\n\
         [[destination]]\nname = \"trial-system\"\nurl = \"http://127.0.0.1:{trial}/fhir\"\n\
         first_retry_seconds = 1\nlongest_retry_seconds = 1\ntimeout_seconds = 2\n"
    );
    folder.write("gateway.toml", text)
}

/// Looks until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The ids that a message was answered with: posted to each node once, and until one has taken it.
fn post(nodes: &[Place], first: usize, body: &[u8]) -> BTreeSet<String> {
    let deadline = Instant::now() + DEADLINE;
    let mut ids = BTreeSet::new();
    let mut take = |place: &Place| {
        let Some(answer) = request(place, "POST", "/intake/referrals", SECRET, body) else { return };
        match answer.status {
            200 => {
                assert_eq!(answer.headers["x-disposition"], "routed");
                ids.insert(answer.headers["x-message-id"].clone());
            }
            // Nothing was stored: to be sent again.
            429 | 503 => assert!(answer.headers.contains_key("retry-after")),
            other => panic!("{other}: {}", String::from_utf8_lossy(&answer.body)),
        }
    };
    for turn in 0..nodes.len() {
        take(&nodes[(first + turn) % nodes.len()]);
    }
    let mut turn = first;
    while ids.is_empty() {
        assert!(Instant::now() < deadline, "no node takes the message");
        std::thread::sleep(Duration::from_millis(50));
        let again = |place: &Place| {
            let answer = request(place, "POST", "/intake/referrals", SECRET, body)?;
            (answer.status == 200).then(|| answer.headers["x-message-id"].clone())
        };
        ids.extend(again(&nodes[turn % nodes.len()]));
        turn += 1;
    }
    ids
}

#[test]
fn what_was_answered_is_delivered_once_and_in_order() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(store) = runtime.block_on(Store::postgres()) else { return };
    let Store::Postgres(connection) = &store else { unreachable!() };
    let (trial, noted) = trial::start();
    let folder = Folder::new("three-nodes");
    let config = configure(&folder, connection, trial);
    let log = folder.path().join("log");
    let start = || Mutex::new(Some(Node::start(&config, &log)));
    // All three at once: each of them may be the one that makes the tables.
    let nodes: Vec<Place> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
        starting.into_iter().map(|node| node.join().unwrap()).collect()
    });

    let answered: Mutex<BTreeMap<String, (usize, usize)>> = Mutex::default();
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for patient in 0..PATIENTS {
            let (nodes, answered, count) = (&nodes, &answered, &count);
            scope.spawn(move || {
                for version in 1..=VERSIONS {
                    let body = referral(patient, version);
                    // The same message to several nodes at the same moment.
                    let ids: BTreeSet<String> = std::thread::scope(|scope| {
                        let posts: Vec<_> = (0..2)
                            .map(|first| {
                                let body = &body;
                                scope.spawn(move || post(nodes, patient + first, body))
                            })
                            .collect();
                        posts.into_iter().flat_map(|post| post.join().unwrap()).collect()
                    });
                    assert_eq!(ids.len(), 1, "one message has the ids {ids:?}");
                    answered.lock().unwrap().extend(ids.into_iter().map(|id| (id, (patient, version))));
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        // In the middle: some was answered, some was delivered, some is on the way.
        until("a part is done", || {
            count.load(Ordering::SeqCst) >= PATIENTS && noted.lock().unwrap().effects().len() >= 4
        });
        let mut killed = nodes[1].lock().unwrap().take().unwrap();
        killed.kill();
        let again = Node::start(&config, &log);
        *nodes[1].lock().unwrap() = Some(again);
    });
    let answered = answered.into_inner().unwrap();
    assert_eq!(answered.len(), PATIENTS * VERSIONS, "a message has the id of another");
    until("everything is delivered", || noted.lock().unwrap().effects().len() >= answered.len());
    until("nothing waits", || {
        runtime.block_on(store.number("SELECT COUNT(*) FROM deliveries WHERE state <> 'delivered'")) == 0
    });
    check(&answered, &noted.lock().unwrap());

    // Every node tells the same of them.
    let all: BTreeSet<&str> = answered.keys().map(String::as_str).collect();
    for node in &nodes {
        let answer = request(node, "GET", "/messages?_count=500", SECRET, b"").unwrap();
        assert_eq!(answer.status, 200);
        let list: Value = serde_json::from_slice(&answer.body).unwrap();
        let listed: Vec<&str> =
            list["messages"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(listed.len(), all.len());
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), all);
    }
    drop(nodes);
    runtime.block_on(store.remove());
}

/// What the trial system got, against what was answered.
fn check(answered: &BTreeMap<String, (usize, usize)>, noted: &Noted) {
    // The id of a delivery is that of its message and its number.
    let message = |id: &str| id.rsplit_once('-').unwrap().0.to_owned();
    let effects = noted.effects();
    let of_messages: BTreeSet<String> = effects.iter().map(|id| message(id)).collect();
    assert_eq!(of_messages, answered.keys().cloned().collect(), "what was answered is what has an effect");
    assert_eq!(effects.len(), answered.len(), "a message has two effects");
    // What comes twice is the same.
    let mut bodies: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for (id, body, _) in &noted.requests {
        let first = *bodies.entry(id).or_insert(body);
        assert!(first == body.as_slice(), "{id} was two different things");
    }
    // Of one patient nothing older comes after something newer, and nothing newer before what is older has its effect.
    for patient in 0..PATIENTS {
        let of_patient = noted.requests.iter().filter(|(id, _, _)| answered[&message(id)].0 == patient);
        let (mut current, mut is_there) = (0, true);
        for (id, _, is_stored) in of_patient {
            let version = answered[&message(id)].1;
            assert!(
                version == current || (version == current + 1 && is_there),
                "version {version} of patient {patient} came after {current}, which was there: {is_there}"
            );
            is_there = *is_stored || (version == current && is_there);
            current = version;
        }
        assert!(current == VERSIONS && is_there);
    }
}
