//! The trial system, asked for what is new: the same way in as a write, and its place is kept.
//!
//! Each look goes back by a margin before what was seen last, since a server may show what it stores a little later than the time
//! it gives it. What was seen in that margin is not taken again.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::watch;

use crate::destinations::fhir_source::{FhirSource, SourceError};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::pipeline::intake::{Address, Arrival, Intake, PollPlace, names_study_subject};

/// Types that are asked for, in the order in which they refer to each other.
const TYPES: [&str; 5] = ["ResearchStudy", "Patient", "ResearchSubject", "Observation", "Task"];

/// Pages of one look; what is beyond is taken by the next one.
const PAGES: usize = 1_000;

/// Asks.
#[derive(Debug)]
pub struct Poller {
    /// Where.
    pub source: FhirSource,
    /// Takes what comes.
    pub intake: Arc<Intake>,
    /// Between two looks.
    pub every: Duration,
    /// How far each look goes back.
    pub margin: SignedDuration,
}

impl Poller {
    /// Asks until it is stopped.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            for issue in self.once().await {
                tracing::warn!(error.code = %issue.code, "the trial system was not read: {}", issue.text);
            }
            tokio::select! {
                () = tokio::time::sleep(self.every) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Asks once for each type; what went wrong.
    pub async fn once(&self) -> Vec<Issue> {
        let mut issues = Vec::new();
        for kind in TYPES {
            if let Err(text) = self.look(kind).await {
                issues.push(Issue::new(IssueCode::TrialPollFailed, Location::default(), format!("{kind}: {text}")));
            }
        }
        issues
    }

    async fn look(&self, kind: &'static str) -> Result<(), String> {
        let place = self.intake.poll_place(kind).await.map_err(|error| error.to_string())?;
        let newest = place.newest.and_then(|at| Timestamp::from_millisecond(at).ok());
        let after = newest.map(|newest| newest.checked_sub(self.margin).unwrap_or(Timestamp::MIN));
        let mut seen = place.clone();
        let mut last = None;
        let mut page = self.source.changed(kind, after).await.map_err(|error| told(&error))?;
        for _ in 0..PAGES {
            if !seen.is_unordered && !ascends(&page.resources, &mut last) {
                // What was kept of the pages before may lie beyond what is still to come.
                seen.is_unordered = true;
                let place = PollPlace { is_unordered: true, ..place.clone() };
                self.intake.keep_poll_place(kind, &place).await.map_err(|error| error.to_string())?;
            }
            let taken = self.take(kind, &page.resources, &mut seen).await;
            let is_last = taken.is_ok() && page.next.is_none();
            // What was taken of a page is kept, whatever comes next, where nothing older can come next.
            if is_last || !seen.is_unordered {
                self.keep(kind, &place, &mut seen).await?;
            }
            taken?;
            match page.next.take() {
                None => return Ok(()),
                Some(next) => page = self.source.page(next).await.map_err(|error| told(&error))?,
            }
        }
        // In order, the next look goes on from here.
        if seen.is_unordered {
            return Err("it does not sort, and has more pages than are read in one look".to_owned());
        }
        Ok(())
    }

    async fn keep(&self, kind: &str, before: &PollPlace, seen: &mut PollPlace) -> Result<(), String> {
        let oldest = seen.newest.map_or(i64::MIN, |at| at.saturating_sub(self.margin_milliseconds()));
        seen.versions.retain(|_, at| *at > oldest);
        if before == seen {
            return Ok(());
        }
        self.intake.keep_poll_place(kind, seen).await.map_err(|error| error.to_string())
    }

    fn margin_milliseconds(&self) -> i64 {
        i64::try_from(self.margin.as_millis()).unwrap_or(i64::MAX)
    }

    async fn take(&self, kind: &'static str, resources: &[Value], seen: &mut PollPlace) -> Result<(), String> {
        for resource in resources {
            let text =
                |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            if text(resource, "resourceType") != kind {
                return Err("a resource is of another type than was asked for".to_owned());
            }
            let meta = resource.get("meta").unwrap_or(&Value::Null);
            let updated: Timestamp = text(meta, "lastUpdated")
                .parse()
                .map_err(|_| "a resource does not say when it was updated".to_owned())?;
            let id = text(resource, "id");
            let version = format!("{id}/{}/{}", text(meta, "versionId"), updated.as_millisecond());
            let is_told = kind != "Patient" || names_study_subject(resource);
            if is_told && !seen.versions.contains_key(&version) {
                let address = Address { kind, id, if_match: None };
                let answer = self.intake.receive_trial(arrival(resource), Some(address)).await;
                // What is refused is kept for a person and not asked for again; what failed here is.
                if answer.status == 429 || answer.status >= 500 {
                    return Err(format!("a resource could not be taken: {}", answer.status));
                }
            }
            let at = updated.as_millisecond();
            // A time that is still to come is none to go on from: what is written until then would never be asked for. It is
            // given again at each look, and told of once.
            if updated <= self.intake.clock.now() {
                seen.newest = seen.newest.max(Some(at));
            } else if !seen.versions.values().any(|known| *known == at) {
                tracing::warn!(trial.kind = kind, "a resource of the trial system was written in the future");
            }
            seen.versions.insert(version, at);
        }
        Ok(())
    }
}

/// Whether resources are in the order of their times, and after the last one before them.
fn ascends(resources: &[Value], last: &mut Option<Timestamp>) -> bool {
    let times = resources.iter().filter_map(|resource| resource.pointer("/meta/lastUpdated")?.as_str()?.parse().ok());
    for time in times {
        if last.is_some_and(|last| last > time) {
            return false;
        }
        *last = Some(time);
    }
    true
}

fn told(error: &SourceError) -> String {
    error.to_string()
}

fn arrival(resource: &Value) -> Arrival {
    Arrival {
        channel: "poll",
        organisation: "trial".to_owned(),
        role: "trial",
        client: "poll".to_owned(),
        bytes: resource.to_string().into_bytes(),
        content_type: "application/fhir+json".to_owned(),
        trace: uuid::Uuid::new_v4().simple().to_string(),
        ..Arrival::default()
    }
}
