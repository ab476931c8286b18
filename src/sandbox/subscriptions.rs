//! What trusts hear by subscription (Subscriptions R5 Backport): each subscribes to every topic. Some are called at an endpoint, others
//! ask for events and wait for the answer.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::catalogue::{Hearing, TRUSTS, Trust};
use super::client::{Client, Trouble};
use crate::fhir::systems::{BACKPORT, CANONICAL_BASE};

/// Topics, and the types of what they are about.
pub const TOPICS: [(&str, &str); 4] = [
    ("referral-status-changed", "Task"),
    ("enrolment-changed", "ResearchSubject"),
    ("cohort-status-changed", "ResearchStudy"),
    ("report-available", "DiagnosticReport"),
];

/// Seconds of one request that waits for events.
const WAIT: u32 = 10;

/// How often, and how long, a handshake is waited for.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// What came of one subscription.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heard {
    id: String,
    /// Events came up to this number, each one.
    pub last: u64,
    /// A number came before the one that it follows.
    pub has_gap: bool,
    /// What the events are about, as `Type/id`.
    pub about: BTreeSet<String>,
}

impl Heard {
    /// Takes a notification, or an answer of `$events`; none where it is neither. What has a known number is known.
    fn hear(&mut self, bundle: &Value) -> Option<()> {
        let parameters = bundle.pointer("/entry/0/resource/parameter")?.as_array()?;
        for event in parameters.iter().filter(|parameter| is_named(parameter, "notification-event")) {
            let number: u64 = value(event, "part", "event-number")?.get("valueString")?.as_str()?.parse().ok()?;
            if number > self.last + 1 {
                self.has_gap = true;
                return None;
            }
            self.last = self.last.max(number);
            let focus = value(event, "part", "focus").and_then(|part| part.pointer("/valueReference/reference"));
            self.about.extend(focus.and_then(Value::as_str).and_then(relative));
        }
        Some(())
    }
}

/// What all trusts heard.
pub struct Subscriptions {
    heard: Mutex<[[Heard; TOPICS.len()]; TRUSTS.len()]>,
    base: String,
    secret: String,
    end: Timestamp,
}

impl Subscriptions {
    /// Endpoints below `base` that want the secret; `now` is what time it is.
    pub fn new(base: &str, secret: String, now: Timestamp) -> Self {
        let end = now.checked_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
        Self { heard: Mutex::default(), base: base.to_owned(), secret, end }
    }

    /// What each trust heard, by topic.
    pub fn heard(&self) -> [[Heard; TOPICS.len()]; TRUSTS.len()] {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn with<T>(&self, trust: usize, topic: usize, change: impl FnOnce(&mut Heard) -> T) -> Option<T> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        Some(change(heard.get_mut(trust)?.get_mut(topic)?))
    }

    /// Takes a notification at the endpoint of a trust for a topic; none where it is not wanted.
    pub fn notified(&self, (trust, topic): (&str, &str), secret: &str, bundle: &Value) -> Option<()> {
        let trust = TRUSTS.iter().position(|row| row.id == trust && row.hears == Hearing::RestHook)?;
        let topic = TOPICS.iter().position(|(name, _)| *name == topic)?;
        (secret == self.secret).then_some(())?;
        self.with(trust, topic, |heard| heard.hear(bundle))?
    }

    fn resource(&self, trust: &Trust, topic: &str) -> Value {
        let mut channel = json!({
            "type": "rest-hook",
            "payload": "application/fhir+json",
            "_payload": {"extension": [{"url": format!("{BACKPORT}backport-payload-content"), "valueCode": "id-only"}]},
        });
        if let (Hearing::RestHook, Some(members)) = (trust.hears, channel.as_object_mut()) {
            members.insert("endpoint".to_owned(), json!(format!("{}/{}/{topic}", self.base, trust.id)));
            members.insert("header".to_owned(), json!([format!("Authorization: Bearer {}", self.secret)]));
        }
        json!({
            "resourceType": "Subscription",
            "status": "requested",
            "end": self.end.to_string(),
            "reason": "What becomes of our referrals",
            "criteria": format!("{CANONICAL_BASE}/SubscriptionTopic/{topic}"),
            "channel": channel,
        })
    }

    /// Subscribes for every trust, and waits until each subscription is active.
    ///
    /// # Errors
    /// One is refused, or does not become active.
    pub async fn subscribe(&self, clients: &[Arc<Client>]) -> Result<(), Trouble> {
        for (place, (trust, client)) in TRUSTS.iter().zip(clients).enumerate() {
            for (topic, (name, _)) in TOPICS.iter().enumerate() {
                let body = self.resource(trust, name).to_string();
                let content = ("application/fhir+json", body.as_bytes());
                let made = client.call("POST", "/fhir/Subscription", content).await?.json();
                let id = made.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                self.with(place, topic, |heard| heard.id = id);
            }
            active(trust, client).await?;
        }
        Ok(())
    }

    /// Asks for the events of trusts that are not called, until it is dropped.
    pub async fn listen(self: &Arc<Self>, clients: &[Arc<Client>]) -> Trouble {
        let mut polls = JoinSet::new();
        for (trust, (row, client)) in TRUSTS.iter().zip(clients).enumerate() {
            if row.hears == Hearing::LongPoll {
                for topic in 0..TOPICS.len() {
                    let (own, client) = (Arc::clone(self), Arc::clone(client));
                    polls.spawn(async move { own.poll(trust, topic, &client).await });
                }
            }
        }
        match polls.join_next().await {
            Some(Ok(trouble)) => trouble,
            Some(Err(error)) => Trouble::Other(error.to_string()),
            None => std::future::pending().await,
        }
    }

    async fn poll(&self, trust: usize, topic: usize, client: &Client) -> Trouble {
        loop {
            let Some((id, next)) = self.with(trust, topic, |heard| (heard.id.clone(), heard.last + 1)) else {
                return Trouble::Other("no such subscription".to_owned());
            };
            let path = format!("/fhir/Subscription/{id}/$events?eventsSinceNumber={next}");
            let told = match client.wait(&path, WAIT).await {
                Ok(told) => told,
                Err(trouble) => return trouble,
            };
            if self.with(trust, topic, |heard| heard.hear(&told)).flatten().is_none() {
                return Trouble::Other(format!("what came after event {} cannot be used", next - 1));
            }
        }
    }
}

async fn active(trust: &Trust, client: &Client) -> Result<(), Trouble> {
    for _ in 0..ATTEMPTS {
        let statuses = statuses(client).await?;
        if statuses.iter().filter(|(_, status, _)| status == "active").count() == TOPICS.len() {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Trouble::Other(format!("the subscriptions of {} do not become active", trust.name)))
}

/// How many events the gateway has counted, by topic.
///
/// # Errors
/// It cannot be asked.
pub async fn counted(client: &Client) -> Result<[u64; TOPICS.len()], Trouble> {
    let mut counted = [0; TOPICS.len()];
    for (topic, _, events) in statuses(client).await? {
        let place = TOPICS.iter().position(|(name, _)| topic.ends_with(&format!("/{name}")));
        if let Some(count) = place.and_then(|place| counted.get_mut(place)) {
            *count = events;
        }
    }
    Ok(counted)
}

/// Topic, status and `events-since-subscription-start` of each subscription of a trust.
async fn statuses(client: &Client) -> Result<Vec<(String, String, u64)>, Trouble> {
    let bundle = client.get("/fhir/Subscription/$status").await?;
    let entries = bundle.get("entry").and_then(Value::as_array).cloned().unwrap_or_default();
    let read = |entry: &Value| {
        let resource = entry.get("resource")?;
        let text = |name: &str, kind: &str| value(resource, "parameter", name)?.get(kind)?.as_str().map(str::to_owned);
        let events = text("events-since-subscription-start", "valueString")?.parse().ok()?;
        Some((text("topic", "valueCanonical")?, text("status", "valueCode")?, events))
    };
    Ok(entries.iter().filter_map(read).collect())
}

fn is_named(parameter: &Value, name: &str) -> bool {
    parameter.get("name").is_some_and(|found| found == name)
}

/// The member of a list that has a name.
fn value<'v>(of: &'v Value, list: &str, name: &str) -> Option<&'v Value> {
    of.get(list)?.as_array()?.iter().find(|one| is_named(one, name))
}

/// `Type/id` of an address.
fn relative(address: &str) -> Option<String> {
    let mut parts = address.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    Some(format!("{kind}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(numbers: &[u64]) -> Value {
        let event = |number: &u64| {
            json!({"name": "notification-event", "part": [
                {"name": "event-number", "valueString": number.to_string()},
                {"name": "focus", "valueReference": {"reference": format!("http://gateway.example/fhir/Task/t{}", number % 2)}},
            ]})
        };
        let mut parameters = vec![json!({"name": "events-since-subscription-start", "valueString": "9"})];
        parameters.extend(numbers.iter().map(event));
        json!({"entry": [{"resource": {"resourceType": "Parameters", "parameter": parameters}}]})
    }

    #[test]
    fn events_are_counted_once_and_a_gap_is_seen() {
        let mut heard = Heard::default();
        // A handshake; then the same notification twice.
        for numbers in [&[][..], &[1, 2], &[1, 2], &[3]] {
            assert_eq!(heard.hear(&bundle(numbers)), Some(()));
        }
        let about = BTreeSet::from(["Task/t0".to_owned(), "Task/t1".to_owned()]);
        assert_eq!((heard.last, heard.has_gap, &heard.about), (3, false, &about));
        assert_eq!(heard.hear(&bundle(&[5])), None);
        assert_eq!((heard.last, heard.has_gap), (3, true));
        assert_eq!(heard.hear(&json!({"entry": []})), None);
    }

    #[test]
    fn an_endpoint_is_of_one_trust_and_wants_its_secret() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let subscriptions = Subscriptions::new("http://127.0.0.1:1/hook", "s".to_owned(), now);
        let notified = |to: (&str, &str), secret: &str| subscriptions.notified(to, secret, &bundle(&[1]));
        assert_eq!(notified(("oslo", "report-available"), "other"), None);
        assert_eq!(notified(("nobody", "report-available"), "s"), None);
        assert_eq!(notified(("oslo", "nothing"), "s"), None);
        // Førde asks, and is not called.
        assert_eq!(notified(("forde", "report-available"), "s"), None);
        assert!(subscriptions.heard().iter().flatten().all(|heard| heard.last == 0));
        assert_eq!(notified(("oslo", "report-available"), "s"), Some(()));
        let heard = subscriptions.heard();
        assert_eq!(heard[0].each_ref().map(|one| one.last), [0, 0, 0, 1]);
        let made = subscriptions.resource(&TRUSTS[0], "report-available");
        assert_eq!(made["channel"]["endpoint"], "http://127.0.0.1:1/hook/oslo/report-available");
        assert_eq!(subscriptions.resource(&TRUSTS[2], "report-available")["channel"].get("endpoint"), None);
    }
}
