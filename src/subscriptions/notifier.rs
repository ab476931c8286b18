//! Calls endpoints: handshakes, events in order, signs of life.
//!
//! The journal gives out a subscription whose endpoint is to be called, under a lease. What is not settled before the lease runs
//! out is given out again: an endpoint can get the same events twice, with the same numbers, and never a later one before an
//! earlier one. Each subscription is called by a task of its own, so that one that is dead keeps no other waiting.
//!
//! An attempt is counted when it is settled. A process that dies while it calls counts none, so that restarts do not bring a
//! subscription into error; what keeps a process that dies at each start from calling without a pause is the lease, which it
//! leaves behind.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::Settings;
use super::bundle::{Occasion, Telling, notification};
use super::definition::{Content, Definition, MEDIA_TYPE, known_headers};
use super::look::{Told, look, patients};
use crate::delivery::Schedule;
use crate::domain::issue::IssueCode;
use crate::domain::subscription::Status;
use crate::journal::{
    Audit, ClaimTimes, ClaimedSubscription, EventRow, JournalError, Notified, Scope, SubscriptionRow,
};
use crate::outbound::{Client, SendError};
use crate::pipeline::intake::Intake;

/// How long the notifier rests where nothing wakes it: another node may have written something.
const REST: Duration = Duration::from_millis(500);

/// Longest answer that is read, in bytes: nothing of it is kept.
const ANSWER_BYTES: usize = 64 << 10;

/// Seconds of a lease beyond the time that the endpoint is given at most.
const LEASE: i64 = 60 + 15;

/// Calls endpoints.
pub struct Notifier {
    /// What takes messages: keeps the journal, the clock, the trusts, and what seals secrets.
    pub intake: Arc<Intake>,
    /// What subscriptions may be.
    pub settings: Arc<Settings>,
    /// Sends.
    pub client: Client,
    /// When to try again.
    pub schedule: Schedule,
    /// Attempts after which a subscription is in error.
    pub attempts: i64,
    /// Endpoints called at once.
    pub parallel: usize,
    /// Told when something new is to be sent.
    pub wake: Arc<Notify>,
    /// Random fraction of 1, for jitter.
    pub random: fn() -> f64,
    /// Makes ids.
    pub new_id: fn() -> String,
}

/// What came of a call.
struct Called {
    status: Option<u16>,
    code: IssueCode,
    /// Whether the endpoint was asked, or could have been.
    is_prepared: bool,
}

/// What is to be sent, and with what.
struct Prepared {
    definition: Definition,
    headers: Vec<(String, String)>,
    told: Vec<Told>,
}

impl Notifier {
    /// Works until `stop` is true; what is on the way then is finished.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut running: JoinSet<()> = JoinSet::new();
        while !*stop.borrow() {
            while running.try_join_next().is_some() {}
            let room = self.parallel.saturating_sub(running.len());
            let claimed = if room == 0 { Vec::new() } else { self.claim(room).await };
            let is_idle = claimed.is_empty();
            for claimed in claimed {
                let notifier = Arc::clone(&self);
                running.spawn(async move { notifier.attempt(claimed).await });
            }
            if is_idle {
                tokio::select! {
                    _ = running.join_next(), if !running.is_empty() => {}
                    () = self.wake.notified() => {}
                    () = tokio::time::sleep(REST) => {}
                    _ = stop.changed() => {}
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    fn now(&self) -> Timestamp {
        self.intake.clock.now()
    }

    async fn claim(&self, room: usize) -> Vec<ClaimedSubscription> {
        let now = self.now();
        let after = |time: SignedDuration| now.checked_add(time).unwrap_or(Timestamp::MAX);
        let until = after(SignedDuration::from_secs(LEASE));
        let times = ClaimTimes { now, until, horizon: after(self.schedule.most()) };
        match self.intake.journal.claim_subscriptions(i64::try_from(room).unwrap_or(1), times).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(error.code = %error.code(), "subscriptions cannot be claimed");
                tokio::time::sleep(REST).await;
                Vec::new()
            }
        }
    }

    /// One call, settled.
    async fn attempt(&self, claimed: ClaimedSubscription) {
        let occasion = occasion(&claimed);
        match self.prepare(&claimed).await {
            Ok(prepared) => {
                #[cfg(feature = "planted-faults")]
                if crate::planted::is_planted("notified-first") {
                    self.settle(&claimed, (&prepared.told, occasion), &of_status(200)).await;
                }
                let called = self.call(&claimed, &prepared, occasion).await;
                self.settle(&claimed, (&prepared.told, occasion), &called).await;
            }
            // Nothing is sent. It counts as an attempt: what can never be read must come to an end that the subscriber sees.
            Err(error) => {
                tracing::warn!(
                    subscription.id = %claimed.row.id, error.code = %error.code(),
                    "what a subscriber is told cannot be read; nothing is sent"
                );
                let called = Called { status: None, code: error.code(), is_prepared: false };
                self.settle(&claimed, (&untold(&claimed), occasion), &called).await;
            }
        }
        // More events may wait.
        self.wake.notify_one();
    }

    async fn prepare(&self, claimed: &ClaimedSubscription) -> Result<Prepared, JournalError> {
        let row = &claimed.row;
        let definition = Definition::of(row)?;
        let headers = known_headers(&self.intake.open(&row.id, &row.secrets)?)?;
        let scope = Scope::of_organisation(&self.intake.referrals.trusts, &row.owner, self.now());
        let told = look(&*self.intake.journal, &scope, self.content(row, &definition), &claimed.events).await?;
        Ok(Prepared { definition, headers, told })
    }

    /// What was allowed when the subscription was made need not be allowed any more.
    fn content(&self, row: &SubscriptionRow, definition: &Definition) -> Content {
        match definition.content {
            Content::FullResource if !self.settings.may_have_resources(&row.owner) => Content::IdOnly,
            content => content,
        }
    }

    async fn call(&self, claimed: &ClaimedSubscription, prepared: &Prepared, occasion: Occasion) -> Called {
        let row = &claimed.row;
        let Prepared { definition, headers, told } = prepared;
        let failed = |code| Called { status: None, code, is_prepared: true };
        let endpoint = definition.endpoint.as_deref().and_then(|url| self.settings.endpoint(&row.owner, url));
        let Some(url) = endpoint else { return failed(IssueCode::SubscriptionEndpointRefused) };
        let telling = Telling { row, status: Status::Active, occasion, told };
        let telling = match occasion {
            Occasion::Handshake => Telling { status: Status::Requested, ..telling },
            _ => telling,
        };
        let bundle = notification(telling, &self.settings, self.now(), self.new_id);
        match self.client.send(request(url, definition, headers, &bundle), ANSWER_BYTES).await {
            Ok(answer) => of_status(answer.status),
            Err(SendError::TooLong { status }) => of_status(status),
            Err(SendError::Refused(_)) => failed(IssueCode::DeliveryAddressRefused),
            Err(_) => failed(IssueCode::DeliveryUnreachable),
        }
    }

    async fn settle(&self, claimed: &ClaimedSubscription, (told, occasion): (&[Told], Occasion), called: &Called) {
        let row = &claimed.row;
        let now = self.now();
        let after = |time: SignedDuration| now.checked_add(time).unwrap_or(now);
        let is_done = called.code == IssueCode::DeliveryDone;
        let attempts = row.attempts.saturating_add(1);
        let (status, due) = match (is_done, self.is_over(occasion, called, attempts)) {
            (true, _) => (Status::Active, now),
            (false, true) => (Status::Error, now),
            (false, false) => (row.status, after(self.schedule.wait(attempts, None, (self.random)()))),
        };
        if status == Status::Error {
            tracing::error!(
                subscription.id = %row.id, error.code = %called.code,
                "a subscriber cannot be told; nothing is sent until it asks again"
            );
        }
        let last = told.last().map_or(row.sent, |one| one.number);
        let audits = if is_done || status == Status::Error {
            self.audits(claimed, (told, occasion), is_done)
        } else {
            Vec::new()
        };
        let notified = Notified {
            id: row.id.clone(),
            lease: claimed.lease.clone(),
            status,
            sent: if is_done { last } else { row.sent },
            attempts: if is_done { 0 } else { attempts },
            due,
            beat: after(SignedDuration::from_millis(row.heartbeat)),
            error: if is_done { String::new() } else { called.code.as_str().to_owned() },
            audits,
            at: now,
        };
        if let Err(error) = self.intake.journal.notified(notified).await {
            // The lease runs out and it is sent again, with the same numbers.
            tracing::warn!(subscription.id = %row.id, error.code = %error.code(), "a notification cannot be settled");
        }
        let labels = [("result", called.code.as_str())];
        metrics::counter!("impress_notifications_total", &labels).increment(1);
    }

    /// Whether what failed is given up. A handshake is tried once; whoever is gone for good is not asked again.
    fn is_over(&self, occasion: Occasion, called: &Called, attempts: i64) -> bool {
        let is_refused = called.is_prepared && occasion == Occasion::Handshake;
        is_refused || called.status == Some(410) || attempts >= self.attempts
    }

    /// One row for each patient of whom something was told.
    fn audits(
        &self,
        claimed: &ClaimedSubscription,
        (told, occasion): (&[Told], Occasion),
        is_done: bool,
    ) -> Vec<Audit> {
        let row = &claimed.row;
        let numbers = match (told.first(), told.last()) {
            (Some(first), Some(last)) => format!(" {}-{}", first.number, last.number),
            _ => String::new(),
        };
        let detail = format!("Subscription/{} {}{numbers}", row.id, occasion.as_str());
        let trace = (self.new_id)().replace('-', "");
        let at = self.now();
        let audit = |(patient, tenant)| Audit {
            at,
            action: "deliver",
            outcome: if is_done { "success" } else { "failed" },
            organisation: row.owner.clone(),
            role: "destination",
            patient,
            tenant,
            trace: trace.clone(),
            detail: Some(detail.clone()),
            ..Audit::default()
        };
        patients(told).into_iter().map(audit).collect()
    }
}

fn of_status(status: u16) -> Called {
    let code = match status {
        200..=299 => IssueCode::DeliveryDone,
        408 | 425 | 429 | 503 => IssueCode::DeliveryThrottled,
        _ => IssueCode::DeliveryFailed,
    };
    Called { status: Some(status), code, is_prepared: true }
}

fn occasion(claimed: &ClaimedSubscription) -> Occasion {
    match claimed.row.status {
        Status::Requested => Occasion::Handshake,
        _ if claimed.events.is_empty() => Occasion::Heartbeat,
        _ => Occasion::EventNotification,
    }
}

/// Events of which nothing could be told: their numbers.
fn untold(claimed: &ClaimedSubscription) -> Vec<Told> {
    let untold = |event: &EventRow| Told { number: event.number, at: event.at, focus: None, patient: None };
    claimed.events.iter().map(untold).collect()
}

fn request(url: Url, definition: &Definition, headers: &[(String, String)], bundle: &Value) -> Request {
    let mut request = Request::new(Method::POST, url);
    for (name, value) in headers {
        if let (Ok(name), Ok(mut value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
    }
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    *request.timeout_mut() = Some(Duration::from_secs(definition.seconds().into()));
    *request.body_mut() = Some(bundle.to_string().into());
    request
}
