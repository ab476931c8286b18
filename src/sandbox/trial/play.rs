//! The trial writes back: what happens in the plan, in its order, as soon as those whom it happens to have come.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::resources::{self, Order, STUDY, Step, Subject};
use super::{Referred, Trial};
use crate::sandbox::catalogue::TRUSTS;
use crate::sandbox::client::{Client, Trouble};
use crate::sandbox::plan::{Event, Reason, What};
use crate::sandbox::referrals::date_of;
use crate::sandbox::simon::Cohort;

/// Cohorts of one transaction.
const BATCH: usize = 50;

/// How far the trial has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Played {
    /// Patients whose screening was told.
    pub screened: usize,
    /// Events that were told.
    pub events: usize,
    /// Day of the last one.
    pub day: u32,
    /// Resources that were written.
    pub written: u64,
}

struct Player<'t> {
    trial: &'t Trial,
    client: &'t Client,
    sequence: AtomicU64,
    told: watch::Sender<Played>,
    /// Screening of each patient, once it was told.
    screenings: tokio::sync::Mutex<HashMap<String, Subject>>,
    screened: watch::Sender<usize>,
}

/// Plays everything; `told` hears how far it is.
///
/// # Errors
/// The gateway refuses something, or cannot be reached.
pub async fn play(trial: Arc<Trial>, client: &Client, told: watch::Sender<Played>) -> Result<(), Trouble> {
    let player = Player {
        trial: &trial,
        client,
        sequence: AtomicU64::new(0),
        told,
        screenings: tokio::sync::Mutex::default(),
        screened: watch::Sender::new(0),
    };
    player.open().await?;
    tokio::try_join!(player.screen(), player.events())?;
    Ok(())
}

impl Player<'_> {
    fn order(&self, on: &str) -> Order {
        let sequence = self.sequence.fetch_add(1, Ordering::SeqCst) + 1;
        Order { sequence, occurred: format!("{on}T12:00:00+01:00") }
    }

    async fn put(&self, resource: &Value) -> Result<(), Trouble> {
        self.client.put(resource).await?;
        self.told.send_modify(|told| told.written += 1);
        Ok(())
    }

    /// The study and its cohorts, in transactions.
    async fn open(&self) -> Result<(), Trouble> {
        self.put(&resources::study()).await?;
        let opened = date_of(0).to_string();
        let cohorts: Vec<Value> = (self.trial.plan.cohorts.iter().enumerate())
            .filter_map(|(place, basket)| resources::cohort(place, *basket, &Cohort::default(), &self.order(&opened)))
            .collect();
        for batch in cohorts.chunks(BATCH) {
            let entry = |resource: &Value| {
                let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
                json!({"resource": resource, "request": {"method": "PUT", "url": format!("ResearchStudy/{id}")}})
            };
            let entries: Vec<Value> = batch.iter().map(entry).collect();
            let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string();
            self.client.call("POST", "/fhir", ("application/fhir+json", bundle.as_bytes())).await?;
            self.told.send_modify(|told| told.written += batch.len() as u64);
        }
        Ok(())
    }

    /// Gives each patient who is referred a study subject id, and tells that screening began.
    async fn screen(&self) -> Result<(), Trouble> {
        for number in 1..=self.trial.plan.patients.len() {
            let Referred { patient, id, trust, on, .. } = self.trial.next_referred().await;
            let site = TRUSTS.get(trust).map_or('X', |trust| trust.site);
            let name = format!("IMPR.{site}-{number:04}");
            self.put(&resources::patient(&patient, &name)).await?;
            let step = Step { state: "screening", on: on.clone(), reason: None };
            let subject = Subject {
                id: format!("screening-{number}"),
                cohort: None,
                patient: id.clone(),
                name,
                history: vec![step],
            };
            self.put(&subject.resource(&self.order(&on))).await?;
            self.screenings.lock().await.insert(id, subject);
            self.screened.send_modify(|screened| *screened += 1);
            self.told.send_modify(|told| told.screened += 1);
        }
        Ok(())
    }

    async fn screening(&self, patient: &str) -> Result<Subject, Trouble> {
        let mut screened = self.screened.subscribe();
        loop {
            if let Some(subject) = self.screenings.lock().await.get(patient) {
                return Ok(subject.clone());
            }
            screened.changed().await.map_err(|error| Trouble::Other(error.to_string()))?;
        }
    }

    /// Every event of the plan, in its order.
    async fn events(&self) -> Result<(), Trouble> {
        // Of each patient of the plan who came: screening and enrolment.
        let mut subjects: HashMap<usize, (Subject, Option<Subject>)> = HashMap::new();
        for event in &self.trial.plan.events {
            let subjects = match subjects.entry(event.patient) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(first) => {
                    let Some(patient) = self.trial.plan.patients.get(event.patient) else { continue };
                    let id = self.trial.next_profiled(patient.trust, patient.cohort).await;
                    first.insert((self.screening(&id).await?, None))
                }
            };
            self.event(event, subjects).await?;
            self.told.send_modify(|told| (told.events, told.day) = (told.events + 1, event.day));
        }
        Ok(())
    }

    async fn event(&self, event: &Event, subjects: &mut (Subject, Option<Subject>)) -> Result<(), Trouble> {
        let place = self.trial.plan.patients.get(event.patient).and_then(|patient| patient.cohort);
        let on = date_of(event.day).to_string();
        // A place is taken before it is offered.
        if event.what == What::Offered {
            self.cohort(event, place).await?;
        }
        if let Some((state, reason)) = state(event.what) {
            let step = Step { state, on: on.clone(), reason };
            let (screening, enrolment) = subjects;
            let is_screening = matches!(event.what, What::NoMatch | What::NotPrioritised);
            let subject = match (is_screening, place) {
                (false, Some(place)) => enrolment.get_or_insert_with(|| Subject {
                    id: screening.id.replace("screening", "enrolment"),
                    cohort: Some(resources::cohort_id(place)),
                    history: Vec::new(),
                    ..screening.clone()
                }),
                _ => screening,
            };
            subject.history.push(step);
            self.put(&subject.resource(&self.order(&on))).await?;
        }
        if let (What::Evaluated(outcome), Some(place)) = (event.what, place) {
            let id = subjects.0.id.replace("screening", "week16");
            let cohort = resources::cohort_id(place);
            self.put(&resources::evaluation(&id, &subjects.0.patient, &cohort, outcome, &on)).await?;
        }
        if event.what != What::Offered {
            self.cohort(event, place).await?;
        }
        Ok(())
    }

    async fn cohort(&self, event: &Event, place: Option<usize>) -> Result<(), Trouble> {
        let (Some(place), Some(now)) = (place, event.cohort) else { return Ok(()) };
        let Some(basket) = self.trial.plan.cohorts.get(place) else { return Ok(()) };
        match resources::cohort(place, *basket, &now, &self.order(&date_of(event.day).to_string())) {
            Some(resource) => self.put(&resource).await,
            None => Err(Trouble::Other(format!("no tumour or biomarker of {STUDY}"))),
        }
    }
}

/// The state of the patient after it, and why.
fn state(what: What) -> Option<(&'static str, Option<&'static str>)> {
    Some(match what {
        What::NoMatch => ("no-match", None),
        What::Matched => ("matched", None),
        What::NotPrioritised => ("not-prioritised", Some("No place in the cohort")),
        What::Offered => ("offered", None),
        What::Declined => ("offer-declined", Some("Offer declined")),
        What::Expired => ("offer-expired", Some("Offer expired")),
        What::Withdrawn => ("withdrawn", Some("Withdrawn before registration")),
        What::Accepted => ("accepted", None),
        What::OnTreatment => ("on-treatment", None),
        What::FollowUp => ("follow-up", Some("End of treatment")),
        What::OffStudy(Reason::Patient) => ("off-study", Some("Withdrawn by the patient after registration")),
        What::OffStudy(Reason::Death) => ("off-study", Some("Death")),
        What::Evaluated(_) | What::Analysed => return None,
    })
}
