//! What the page shows: asked of the gateway when it is asked for, each part with the token of who may see it.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::catalogue::{LABORATORIES, TRUSTS, Trust};
use super::client::{Client, Trouble};
use super::count::{STATUSES, all, extension, is_cohort, numbers, study_of};
use super::funnel::{Funnel, PUBLISHED};
use super::statuses::Statuses;
use super::subscriptions::{Subscriptions, TOPICS, counted};
use super::trial::{Played, Trial};

/// Where the demonstration is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Phase {
    /// Messages and events are under way.
    #[default]
    Running,
    /// Everything that was drawn has come back.
    Closed,
    /// It did not, for a reason.
    Failed(String),
}

/// Everything that the page can ask about.
pub struct Scene {
    /// Seed of the draws.
    pub seed: u64,
    /// The trial system.
    pub trial: Arc<Trial>,
    /// Its client.
    pub trial_client: Arc<Client>,
    /// Clients of the trusts.
    pub trusts: Vec<Arc<Client>>,
    /// The operator's client.
    pub operator: Arc<Client>,
    /// Referrals that were sent, by trust.
    pub referrals: watch::Receiver<[u32; TRUSTS.len()]>,
    /// Samples that were sent, by laboratory.
    pub reports: watch::Receiver<[u32; LABORATORIES.len()]>,
    /// What trusts without FHIR were told.
    pub statuses: Arc<Statuses>,
    /// What trusts heard by subscription.
    pub subscriptions: Arc<Subscriptions>,
    /// How far the trial is.
    pub played: watch::Receiver<Played>,
    /// Where the demonstration is.
    pub phase: watch::Receiver<Phase>,
}

fn funnel(funnel: Funnel) -> Value {
    let Funnel { screened, matched, started, week16, evaluable, control } = funnel;
    json!({
        "screened": screened, "matched": matched, "started": started, "week16": week16, "evaluable": evaluable,
        "control": control,
    })
}

impl Scene {
    /// How far everybody is.
    pub fn run(&self) -> Value {
        let plan = self.trial.plan();
        let (phase, reason) = match &*self.phase.borrow() {
            Phase::Running => ("running", None),
            Phase::Closed => ("closed", None),
            Phase::Failed(reason) => ("failed", Some(reason.clone())),
        };
        let played = *self.played.borrow();
        let referrals = *self.referrals.borrow();
        let reports = *self.reports.borrow();
        let [bundles, referred, profiled] = self.trial.counts();
        let trusts: Vec<Value> = (0..)
            .zip(TRUSTS.iter().zip(referrals).zip(self.statuses.told()))
            .map(|(place, ((trust, sent), told))| {
                let drawn = funnel(plan.of_trust(place));
                let format = trust.format.name();
                json!({
                    "id": trust.id, "name": trust.name, "format": format, "sent": sent, "drawn": drawn, "told": told.messages,
                })
            })
            .collect();
        let laboratories: Vec<Value> = LABORATORIES
            .iter()
            .zip(reports)
            .map(|(laboratory, sent)| json!({"id": laboratory.id, "name": laboratory.name, "sent": sent}))
            .collect();
        json!({
            "phase": phase, "reason": reason, "seed": self.seed.to_string(), "patients": plan.patients.len(),
            "events": {"told": played.events, "of": plan.events.len(), "written": played.written},
            "date": super::referrals::date_of(played.day).to_string(),
            "trial": {"bundles": bundles, "referred": referred, "screened": played.screened, "profiled": profiled},
            "trusts": trusts, "laboratories": laboratories,
            "drawn": funnel(plan.funnel), "published": funnel(PUBLISHED), "contests": plan.contests.len(),
        })
    }

    /// Messages by disposition, deliveries that wait.
    ///
    /// # Errors
    /// The gateway cannot be asked.
    pub async fn flow(&self) -> Result<Value, Trouble> {
        let reply = self.operator.call("GET", "/metrics", ("", &[])).await?;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        Ok(json!({
            "messages": numbers(&text, "impress_journal_messages", "disposition"),
            "queue": numbers(&text, "impress_queue_deliveries", "destination"),
        }))
    }

    fn client(&self, viewer: &str) -> Option<(&Client, Option<&'static Trust>)> {
        if viewer == "trial" {
            return Some((&self.trial_client, None));
        }
        let place = TRUSTS.iter().position(|trust| trust.id == viewer)?;
        Some((self.trusts.get(place)?, TRUSTS.get(place)))
    }

    /// The cohorts as a viewer sees them; none where there is no such viewer.
    ///
    /// # Errors
    /// The gateway cannot be asked.
    pub async fn cohorts(&self, viewer: &str) -> Result<Option<Value>, Trouble> {
        let Some((client, _)) = self.client(viewer) else { return Ok(None) };
        let studies = all(client, "ResearchStudy").await?;
        let mut cohorts: Vec<Value> = studies.iter().filter(|study| is_cohort(study)).map(cohort).collect();
        cohorts.sort_by_key(|cohort| cohort.get("title").map(Value::to_string));
        Ok(Some(Value::Array(cohorts)))
    }

    /// What a trust has: its patients by status, and each of them.
    ///
    /// # Errors
    /// The gateway cannot be asked.
    pub async fn trust(&self, id: &str) -> Result<Option<Value>, Trouble> {
        let Some((client, Some(trust))) = self.client(id) else { return Ok(None) };
        let studies = all(client, "ResearchStudy").await?;
        let subjects = all(client, "ResearchSubject?_sort=-_lastUpdated").await?;
        let tasks = all(client, "Task").await?;
        let evaluations = all(client, "Observation?code=week-16-disease-control").await?;
        let counted = counted(client).await?;
        let heard = TRUSTS.iter().zip(self.subscriptions.heard()).find(|(row, _)| row.id == trust.id);
        let events: Vec<Value> = (heard.into_iter().flat_map(|(_, heard)| TOPICS.into_iter().zip(heard)))
            .zip(counted)
            .map(|(((topic, kind), heard), counted)| {
                json!({"topic": topic, "type": kind, "heard": heard.last, "gap": heard.has_gap, "counted": counted})
            })
            .collect();
        let count = |status: &str| subjects.iter().filter(|subject| text(subject, "/status") == Some(status)).count();
        let statuses: Vec<Value> = STATUSES
            .iter()
            .map(|status| json!({"status": status, "count": count(status)}))
            .filter(|row| row.get("count") != Some(&json!(0)))
            .collect();
        let rows: Vec<Value> = subjects.iter().map(|subject| row(subject, &studies)).collect();
        let value = |wanted: bool| {
            evaluations.iter().filter(|it| it.get("valueBoolean").and_then(Value::as_bool) == Some(wanted)).count()
        };
        Ok(Some(json!({
            "id": trust.id, "name": trust.name, "statuses": statuses, "subjects": rows,
            "tasks": by_status(&tasks), "hears": trust.hears.name(), "events": events,
            "week16": {"all": evaluations.len(), "control": value(true), "noControl": value(false)},
        })))
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

fn cohort(study: &Value) -> Value {
    let design = extension(study, "gateway-two-stage").unwrap_or(&Value::Null);
    let number = |name: &str| {
        let part = extension(design, name)?;
        part.get("valuePositiveInt").or_else(|| part.get("valueUnsignedInt")).cloned()
    };
    let stage = extension(design, "stage").and_then(|part| part.get("valueCode"));
    let recruitment = extension(study, "extension-ResearchStudy.recruitment").unwrap_or(&Value::Null);
    let started = extension(recruitment, "actualNumber").and_then(|part| part.get("valueUnsignedInt"));
    json!({
        "id": study.get("id"), "title": text(study, "/title"), "status": text(study, "/status"),
        "stage": stage, "open": extension(study, "gateway-slots-open").and_then(|part| part.get("valueBoolean")),
        "drug": text(study, "/focus/0/text"), "tumour": text(study, "/condition/0/text"),
        "biomarker": extension(study, "gateway-cohort-biomarker").and_then(|it| text(it, "/valueCodeableConcept/text")),
        "n1": number("n1"), "n": number("n"), "r": number("r"), "started": started, "evaluable": number("evaluable"),
        "benefit": number("benefit"), "updated": text(study, "/meta/lastUpdated"),
    })
}

fn row(subject: &Value, studies: &[Value]) -> Value {
    let study = studies.iter().find(|study| text(study, "/id") == study_of(subject));
    let cohort = study.filter(|study| is_cohort(study)).and_then(|study| text(study, "/title"));
    let since = subject.get("extension").and_then(Value::as_array).and_then(|extensions| {
        let last = extensions.iter().rfind(|part| text(part, "/url").is_some_and(|url| url.ends_with("progress")))?;
        text(extension(last, "startDate")?, "/valueDateTime")
    });
    json!({
        "subject": text(subject, "/identifier/0/value"), "cohort": cohort, "status": text(subject, "/status"),
        "state": extension(subject, "gateway-subject-state").and_then(|part| part.get("valueCode")), "since": since,
    })
}

fn by_status(tasks: &[Value]) -> Value {
    let mut counts = serde_json::Map::new();
    for task in tasks {
        let status = text(task, "/businessStatus/coding/0/code").unwrap_or("unknown");
        let count = counts.get(status).and_then(Value::as_u64).unwrap_or_default() + 1;
        counts.insert(status.to_owned(), json!(count));
    }
    Value::Object(counts)
}
