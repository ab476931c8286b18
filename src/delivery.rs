//! Deliveries: one worker per destination, so that a slow or dead one delays nobody else's messages.
//!
//! The journal gives out what may be sent, of a patient one after the other and a stop ahead, under a lease. What is not
//! settled before the lease runs out is given out again: a destination can get the same delivery twice, with the same
//! `X-Request-Id`, and never two different ones of one state.

mod breaker;
mod schedule;
mod set_back;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::destinations::{Destination, End, Sending, Verdict};
use crate::domain::issue::IssueCode;
use crate::journal::{AttemptRecord, Audit, Claimed, DeliveryState, Journal, JournalError, Settlement};
use crate::linking::case::{ReferralCase, referral_of};
use crate::linking::consent::ConsentState;

pub use self::breaker::Breaker;
pub use self::schedule::Schedule;
use self::set_back::Watch;

/// How long the worker rests where nothing wakes it: a lease of another node may have run out.
const REST: Duration = Duration::from_millis(500);

/// Attempts after which what a destination answers with its own error, while it takes others, is a dead letter: it must not
/// hold its patient for ever without a person knowing.
const ATTEMPTS: i64 = 20;

/// A destination and how it is treated.
pub struct Worker {
    /// Name.
    pub name: String,
    /// Where it goes.
    pub destination: Arc<dyn Destination>,
    /// Whether it may only get what the patient consents to.
    pub needs_consent: bool,
    /// When to try again.
    pub schedule: Schedule,
    /// Deliveries on the way at once.
    pub parallel: usize,
    /// Time of a lease: longer than an attempt can take.
    pub lease: SignedDuration,
    /// Where deliveries are kept.
    pub journal: Arc<dyn Journal>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Told when something new is to be sent.
    pub wake: Arc<Notify>,
    /// Random fraction of 1, for jitter.
    pub random: fn() -> f64,
}

impl Worker {
    /// Works until `stop` is true; what is on the way then is finished.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut breaker = Breaker::default();
        let mut times = Watch::default();
        let mut running: JoinSet<Option<End>> = JoinSet::new();
        while !*stop.borrow() {
            while let Some(ended) = running.try_join_next() {
                self.note(&mut breaker, ended.ok().flatten());
            }
            let now = self.clock.now();
            self.bring_forward(&mut times, now).await;
            let is_probe = breaker.is_down();
            let room = match is_probe {
                // One at a time asks whether it is back.
                true if !running.is_empty() => 0,
                true => breaker.room(now, self.parallel),
                false => self.parallel.saturating_sub(running.len()),
            };
            let claimed = if room == 0 { Vec::new() } else { self.claim(room, now).await };
            let is_idle = claimed.is_empty();
            for claimed in claimed {
                let worker = Arc::clone(&self);
                running.spawn(async move { worker.attempt(claimed, is_probe).await });
            }
            if is_idle {
                tokio::select! {
                    ended = running.join_next(), if !running.is_empty() => {
                        self.note(&mut breaker, ended.and_then(Result::ok).flatten());
                    }
                    () = self.wake.notified() => {}
                    () = tokio::time::sleep(REST) => {}
                    _ = stop.changed() => {}
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    fn note(&self, breaker: &mut Breaker, end: Option<End>) {
        let Some(end) = end else { return };
        let is_up = !matches!(end, End::Again(_));
        if let Some(is_down) = breaker.note(is_up, self.clock.now()) {
            // One alert when it goes down and one when it is back, however much waits.
            if is_down {
                tracing::error!(destination.name = %self.name, "a destination is down; its messages wait");
            } else {
                tracing::warn!(destination.name = %self.name, "a destination is back");
            }
            metrics::gauge!("impress_destination_down", "destination" => self.name.clone()).set(if is_down {
                1.0
            } else {
                0.0
            });
        }
    }

    async fn claim(&self, room: usize, now: Timestamp) -> Vec<Claimed> {
        let limit = i64::try_from(room).unwrap_or(1);
        let until = now.checked_add(self.lease).unwrap_or(now);
        match self.journal.claim(self.name.clone(), limit, now, until).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(destination.name = %self.name, error.code = %error.code(), "deliveries cannot be claimed");
                tokio::time::sleep(REST).await;
                Vec::new()
            }
        }
    }

    /// At the start, now and then, and where the clock was set back: what was due by the old time must not wait for it to come again.
    async fn bring_forward(&self, watch: &mut Watch, now: Timestamp) {
        let Some(is_usual) = watch.look(now) else { return };
        #[cfg(feature = "planted-faults")]
        if crate::planted::is_planted("no-set-back") {
            return;
        }
        // Otherwise only what no schedule can have meant is brought forward then.
        let wait = if is_usual { self.schedule.most() } else { SignedDuration::ZERO };
        let at = |after: SignedDuration| now.checked_add(after).unwrap_or(now);
        match self.journal.bring_forward(self.name.clone(), now, at(wait), at(self.lease)).await {
            Ok(0) => {}
            Ok(count) => {
                tracing::warn!(destination.name = %self.name, count, "the clock was set back; deliveries are due by the new time");
            }
            Err(error) => {
                watch.look_again();
                tracing::warn!(destination.name = %self.name, error.code = %error.code(), "deliveries cannot be brought forward");
            }
        }
    }

    /// One attempt, settled; how it ended, where something was sent.
    ///
    /// `is_probe`: the destination is down, so that a failure says nothing about what was sent.
    async fn attempt(&self, claimed: Claimed, is_probe: bool) -> Option<End> {
        if !claimed.is_whole {
            tracing::error!(
                destination.name = %self.name, message.id = %claimed.delivery.message,
                error.code = %IssueCode::JournalDamaged, "a delivery is not what was written; it waits for a person"
            );
            self.settle(&claimed, DeliveryState::Dead, self.clock.now(), Err(IssueCode::JournalDamaged)).await;
            return None;
        }
        if self.needs_consent && claimed.delivery.kind == "send" {
            match self.has_consent(&claimed).await {
                Ok(true) => {}
                Ok(false) => {
                    let code = IssueCode::DeliveryConsentGone;
                    self.settle(&claimed, DeliveryState::Cancelled, self.clock.now(), Err(code)).await;
                    return None;
                }
                // Whether the patient consents is not known: nothing is sent, the lease runs out.
                Err(error) => {
                    tracing::warn!(
                        destination.name = %self.name, message.id = %claimed.delivery.message,
                        error.code = %error.code(), "whether the patient consents cannot be read; nothing is sent"
                    );
                    return None;
                }
            }
        }
        let id = format!("{}-{}", claimed.delivery.message, claimed.delivery.sequence);
        let started = tokio::time::Instant::now();
        let verdict = self.destination.send(Sending { id: &id, body: &claimed.body }).await;
        let labels = [("destination", self.name.clone()), ("result", verdict.code.as_str().to_owned())];
        metrics::counter!("impress_delivery_attempts_total", &labels).increment(1);
        metrics::histogram!("impress_delivery_seconds", "destination" => self.name.clone())
            .record(started.elapsed().as_secs_f64());
        let now = self.clock.now();
        let is_spent = !is_probe && claimed.delivery.attempts >= ATTEMPTS && verdict.status.is_some();
        let (state, due) = match verdict.end {
            End::Again(_) if is_spent => {
                tracing::error!(
                    destination.name = %self.name, message.id = %claimed.delivery.message,
                    "a delivery was answered with an error too often and waits for a person"
                );
                (DeliveryState::Dead, now)
            }
            End::Delivered => (DeliveryState::Delivered, now),
            End::Dead => {
                tracing::error!(
                    destination.name = %self.name, message.id = %claimed.delivery.message,
                    error.code = %verdict.code, "a delivery is dead and waits for a person"
                );
                (DeliveryState::Dead, now)
            }
            End::Again(after) => {
                let wait = self.schedule.wait(claimed.delivery.attempts, after, (self.random)());
                (DeliveryState::Due, now.checked_add(wait).unwrap_or(now))
            }
        };
        let end = verdict.end;
        self.settle(&claimed, state, due, Ok(verdict)).await;
        // The next of the patient may go now.
        self.wake.notify_one();
        Some(end)
    }

    /// Errors: a case that cannot be read, e.g. of a newer node, says neither yes nor no.
    async fn has_consent(&self, claimed: &Claimed) -> Result<bool, JournalError> {
        let cases = self.journal.cases(vec![referral_of(&claimed.delivery.case).to_owned()]).await?;
        let Some(state) = cases.into_iter().next().and_then(|case| case.state) else { return Ok(false) };
        let case: ReferralCase = serde_json::from_str(&state)
            .map_err(|_| JournalError::Damaged("a case is not of the form that this program writes".to_owned()))?;
        Ok(case.consent.state == ConsentState::Given)
    }

    async fn settle(
        &self,
        claimed: &Claimed,
        state: DeliveryState,
        due: Timestamp,
        verdict: Result<Verdict, IssueCode>,
    ) {
        let at = self.clock.now();
        let outcome = if state == DeliveryState::Delivered { "success" } else { "refused" };
        let audit = |action| Audit {
            at,
            action,
            outcome,
            organisation: self.name.clone(),
            role: "destination",
            message: Some(claimed.delivery.message.clone()),
            patient: Some(claimed.delivery.patient.clone()),
            trace: format!("{}-{}", claimed.delivery.message, claimed.delivery.sequence),
            ..Audit::default()
        };
        let audits = if state == DeliveryState::Due { Vec::new() } else { vec![audit("deliver")] };
        let attempt = match verdict {
            Ok(verdict) => {
                AttemptRecord { status: verdict.status, code: verdict.code.as_str(), detail: verdict.detail }
            }
            // Nothing was sent.
            Err(code) => AttemptRecord { status: None, code: code.as_str(), detail: String::new() },
        };
        let settlement = Settlement {
            delivery: claimed.delivery.sequence,
            lease: claimed.lease.clone(),
            state,
            due,
            attempt: Some(attempt),
            audits,
            at,
        };
        if let Err(error) = self.journal.settle(settlement).await {
            // The lease runs out and it is sent again, with the same id.
            tracing::warn!(destination.name = %self.name, error.code = %error.code(), "a delivery cannot be settled");
        }
    }
}
