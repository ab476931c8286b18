//! A gateway with endpoints of two trusts.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use impress_gateway::profiles::walk::Validator;
use serde_json::{Value, json};

use crate::service::referral::Referral;
use crate::service::setting::{Gateway, OTHER, Response, TRUST, until};

pub(super) const FORDE: &str = "983974732";
pub(super) const OSLO: &str = "993467049";
pub(crate) const BASE: &str = "https://impress-gateway.example/fhir";
const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition";

/// A request that an endpoint got.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) bundle: Value,
    pub(super) status: u16,
}

impl Received {
    /// Why it was sent.
    pub(crate) fn occasion(&self) -> String {
        parameter(&self.bundle, "type", "valueCode")
    }

    pub(super) fn numbers(&self) -> Vec<i64> {
        numbers(&self.bundle)
    }
}

/// A value of the status of a notification, or of an answer of `$events`.
pub(crate) fn parameter(bundle: &Value, name: &str, kind: &str) -> String {
    let parameters = bundle["entry"][0]["resource"]["parameter"].as_array().unwrap_or_else(|| panic!("{bundle}"));
    let parameter = parameters.iter().find(|parameter| parameter["name"] == name);
    parameter.unwrap_or_else(|| panic!("{bundle}"))[kind].as_str().unwrap().to_owned()
}

fn told(bundle: &Value) -> Vec<&Value> {
    let parameters = bundle["entry"][0]["resource"]["parameter"].as_array().unwrap_or_else(|| panic!("{bundle}"));
    parameters.iter().filter(|parameter| parameter["name"] == "notification-event").collect()
}

/// Numbers of the events.
pub(super) fn numbers(bundle: &Value) -> Vec<i64> {
    let number = |event: &&Value| event["part"][0]["valueString"].as_str().unwrap().parse().unwrap();
    told(bundle).iter().map(number).collect()
}

/// References of the events; none where nothing is shown.
pub(crate) fn focuses(bundle: &Value) -> Vec<Option<String>> {
    let focus = |event: &&Value| event["part"][2]["valueReference"]["reference"].as_str().map(str::to_owned);
    told(bundle).iter().map(focus).collect()
}

pub(crate) fn assert_valid(bundle: &Value) {
    let validator = Validator::embedded().unwrap();
    let issues = validator.validate(bundle, &[&format!("{BASE}/StructureDefinition/ImpressNotification")]);
    assert!(issues.iter().all(|issue| issue.code.severity().as_str() != "error"), "{issues:?} {bundle}");
}

/// An endpoint.
pub(crate) struct Hook {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    /// The next answers, and the one after them; 0: none.
    plan: Arc<Mutex<(VecDeque<u16>, u16)>>,
}

impl Hook {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let hook = Self { port, received: Arc::default(), plan: Arc::new(Mutex::new((VecDeque::new(), 200))) };
        let (received, plan) = (Arc::clone(&hook.received), Arc::clone(&hook.plan));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (received, plan) = (Arc::clone(&received), Arc::clone(&plan));
                std::thread::spawn(move || serve(&stream, &received, &plan));
            }
        });
        hook
    }

    pub(super) fn will(&self, statuses: &[u16]) {
        self.plan.lock().unwrap().0.extend(statuses);
    }

    pub(super) fn always(&self, status: u16) {
        *self.plan.lock().unwrap() = (VecDeque::new(), status);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Numbers of the events that it has taken, in the order in which they came.
    pub(crate) fn taken(&self) -> Vec<i64> {
        self.received().iter().filter(|one| one.status == 200).flat_map(Received::numbers).collect()
    }

    pub(crate) fn until_taken(&self, numbers: &[i64]) {
        until(&format!("events {numbers:?}, {:?}", self.taken()), || (self.taken() == numbers).then_some(()));
    }
}

fn serve(stream: &TcpStream, received: &Mutex<Vec<Received>>, plan: &Mutex<(VecDeque<u16>, u16)>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut headers, mut line) = (BTreeMap::new(), String::new());
        while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
            if let Some((name, value)) = line.trim_end().split_once(": ") {
                headers.insert(name.to_ascii_lowercase(), value.to_owned());
            }
            line.clear();
        }
        let Some(length) = headers.get("content-length") else { return };
        let mut body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let status = {
            let mut plan = plan.lock().unwrap();
            plan.0.pop_front().unwrap_or(plan.1)
        };
        received.lock().unwrap().push(Received { headers, bundle: serde_json::from_slice(&body).unwrap(), status });
        if status == 0 {
            return;
        }
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        if { stream }.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// A gateway, and the endpoints of Førde and Oslo.
pub(super) struct Scene {
    pub(super) gateway: Gateway,
    pub(super) forde: Hook,
    pub(super) oslo: Hook,
}

impl Scene {
    pub(super) fn start(name: &str) -> Self {
        Self::start_with(name, "")
    }

    /// With further lines of `[subscriptions]`.
    pub(super) fn start_with(name: &str, lines: &str) -> Self {
        let (forde, oslo) = (Hook::start(), Hook::start());
        let sections = format!(
            "[subscriptions]\nmost = 3\nshortest_heartbeat_seconds = 1\nlongest_retry_seconds = 1\nattempts = 4\n{lines}\
             [[subscriptions.organisation]]\nnumber = \"{FORDE}\"\nendpoints = [\"http://127.0.0.1:{}/hook\"]\n\
             full_resource = true\n\
             [[subscriptions.organisation]]\nnumber = \"{OSLO}\"\nendpoints = [\"http://127.0.0.1:{}/hook\"]\n",
            forde.port, oslo.port
        );
        Self { gateway: Gateway::start_with(name, &[], &sections), forde, oslo }
    }

    /// A referral of Førde; its Task is an event of `referral-status-changed`.
    pub(super) fn refer(&self, number: usize) {
        self.gateway.send(&Referral::new(number).fhir());
    }

    pub(super) fn refer_of_oslo(&self, number: usize) {
        let text = String::from_utf8(Referral::new(number).fhir()).unwrap().replace(FORDE, OSLO);
        let answer = self.gateway.request("POST", "/fhir", OTHER, "", text.as_bytes());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    pub(super) fn post(&self, secret: &str, subscription: &Value) -> Response {
        let kind = "Content-Type: application/fhir+json\r\n";
        self.gateway.request("POST", "/fhir/Subscription", secret, kind, subscription.to_string().as_bytes())
    }

    pub(super) fn put(&self, secret: &str, id: &str, subscription: &Value) -> Response {
        let path = format!("/fhir/Subscription/{id}");
        self.gateway.request("PUT", &path, secret, "", subscription.to_string().as_bytes())
    }

    /// The id of a subscription that must be taken.
    pub(super) fn subscribe(&self, secret: &str, subscription: &Value) -> String {
        let answer = self.post(secret, subscription);
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        assert!(answer.header("location").ends_with(&format!("/fhir/Subscription/{id}")));
        id
    }

    /// Status and number of the last event, as `$status` says.
    pub(super) fn status(&self, id: &str) -> (String, String) {
        let bundle = self.gateway.get(&format!("/fhir/Subscription/{id}/$status"), TRUST).json();
        (
            parameter(&bundle, "status", "valueCode"),
            parameter(&bundle, "events-since-subscription-start", "valueString"),
        )
    }

    pub(super) fn until_status(&self, id: &str, status: &str) {
        until(&format!("{id} is {status}"), || (self.status(id).0 == status).then_some(()));
    }

    pub(super) fn events(&self, id: &str, query: &str) -> Value {
        let answer = self.gateway.get(&format!("/fhir/Subscription/{id}/$events{query}"), TRUST);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }
}

/// A subscription to the status of referrals; without an endpoint where `hook` is none.
pub(crate) fn subscription(hook: Option<&Hook>, content: &str) -> Value {
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let mut subscription = json!({
        "resourceType": "Subscription",
        "status": "requested",
        "end": end.to_string(),
        "reason": "Status of our referrals",
        "criteria": format!("{BASE}/SubscriptionTopic/referral-status-changed"),
        "channel": {
            "type": "rest-hook",
            "payload": "application/fhir+json",
            "_payload": {"extension": [{"url": format!("{BACKPORT}/backport-payload-content"), "valueCode": content}]},
        },
    });
    if let Some(hook) = hook {
        subscription["channel"]["endpoint"] = json!(format!("http://127.0.0.1:{}/hook/a", hook.port));
    }
    subscription
}

/// The address of a subscription that must be taken, once the handshake was made.
pub(crate) fn subscribed(gateway: &Gateway, secret: &str, asked: &Value) -> String {
    let made = gateway.request("POST", "/fhir/Subscription", secret, "", asked.to_string().as_bytes());
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    let path = format!("/fhir/Subscription/{}", made.json()["id"].as_str().unwrap());
    until("the handshake", || (gateway.get(&path, secret).json()["status"] == "active").then_some(()));
    path
}

pub(crate) fn with_filter(mut subscription: Value, filter: &str) -> Value {
    let extension = json!([{"url": format!("{BACKPORT}/backport-filter-criteria"), "valueString": filter}]);
    subscription["_criteria"] = json!({"extension": extension});
    subscription
}

pub(super) fn with_number(mut subscription: Value, name: &str, kind: &str, number: u32) -> Value {
    subscription["channel"]["extension"] = json!([{"url": format!("{BACKPORT}/{name}"), kind: number}]);
    subscription
}
