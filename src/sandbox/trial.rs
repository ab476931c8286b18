//! A trial system: a FHIR server that takes the gateway's transactions, keeps them in memory, and writes back.
//!
//! Of a patient it knows what the gateway sends: diagnosis, trust and findings. These say which cohort suits; which draw of
//! [`plan`](super::plan) a patient gets is the next one of the same trust and cohort.

mod play;
mod resources;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::catalogue::{BIOMARKERS, TRUSTS, TUMOURS};
use super::plan::Plan;
use crate::fhir::systems::{HGNC, HGNC_PREFIX, ICD_10_NO, ORGANISATION_NUMBER};

pub use play::{Played, play};

/// A patient whose referral came.
#[derive(Debug, Clone)]
pub(super) struct Referred {
    /// The pseudonymous Patient.
    pub(super) patient: Value,
    /// Id of it.
    pub(super) id: String,
    /// Place in [`TRUSTS`].
    pub(super) trust: usize,
    /// Date of the referral.
    pub(super) on: String,
    /// Place in [`TUMOURS`].
    tumour: usize,
}

#[derive(Default)]
struct Kept {
    /// Versions by type and id, the newest one.
    resources: BTreeMap<String, Value>,
    referrals: HashMap<String, Referred>,
    /// Referred, not yet asked for.
    new: VecDeque<Referred>,
    reported: HashSet<String>,
    /// Profiled, by trust and cohort, not yet asked for.
    profiled: HashMap<(usize, Option<usize>), VecDeque<String>>,
    bundles: u32,
}

/// The trial system.
pub struct Trial {
    plan: Plan,
    kept: Mutex<Kept>,
    changed: Notify,
}

impl Trial {
    /// With what will happen.
    pub fn new(plan: Plan) -> Self {
        Self { plan, kept: Mutex::default(), changed: Notify::new() }
    }

    /// What will happen.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Transactions that came, and patients whose referral and report did.
    pub fn counts(&self) -> [u32; 3] {
        let kept = self.kept();
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        [kept.bundles, count(kept.referrals.len()), count(kept.reported.len())]
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a transaction; the answer to it, none where it is none.
    pub fn receive(&self, bundle: &Value) -> Option<Value> {
        if text(bundle, "type") != Some("transaction") {
            return None;
        }
        let entries: Vec<&Value> = items(bundle, "entry").iter().filter_map(|entry| entry.get("resource")).collect();
        let mut kept = self.kept();
        kept.bundles += 1;
        let mut answers = Vec::with_capacity(entries.len());
        for resource in &entries {
            let key = format!("{}/{}", text(resource, "resourceType")?, text(resource, "id")?);
            let is_new = kept.resources.insert(key.clone(), (*resource).clone()).is_none();
            let status = if is_new { "201 Created" } else { "200 OK" };
            answers.push(json!({"response": {"status": status, "location": key}}));
        }
        if let Some(referred) = referred(&entries)
            && !kept.referrals.contains_key(&referred.id)
        {
            kept.referrals.insert(referred.id.clone(), referred.clone());
            kept.new.push_back(referred);
        }
        for patient in reports(&entries) {
            let Some(referred) = kept.referrals.get(&patient) else { continue };
            let key = (referred.trust, self.cohort(referred.tumour, &entries));
            if kept.reported.insert(patient.clone()) {
                kept.profiled.entry(key).or_default().push_back(patient);
            }
        }
        drop(kept);
        self.changed.notify_waiters();
        Some(json!({"resourceType": "Bundle", "type": "transaction-response", "entry": answers}))
    }

    /// The cohort for a tumour and what was found in it.
    fn cohort(&self, tumour: usize, entries: &[&Value]) -> Option<usize> {
        let genes: HashSet<&str> = entries.iter().flat_map(|resource| codes(resource, HGNC)).collect();
        let is_found = |biomarker: usize| {
            BIOMARKERS.get(biomarker).is_some_and(|row| genes.contains(format!("{HGNC_PREFIX}{}", row.hgnc).as_str()))
        };
        self.plan.cohorts.iter().position(|basket| basket.tumour == tumour && is_found(basket.biomarker))
    }

    /// The next patient who was referred.
    async fn next_referred(&self) -> Referred {
        self.next(|kept| kept.new.pop_front()).await
    }

    /// The next patient of a trust whom a cohort, or none, suits.
    async fn next_profiled(&self, trust: usize, cohort: Option<usize>) -> String {
        self.next(|kept| kept.profiled.get_mut(&(trust, cohort))?.pop_front()).await
    }

    async fn next<T>(&self, take: impl Fn(&mut Kept) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // What comes between the look and the wait is not missed.
            changed.as_mut().enable();
            if let Some(taken) = take(&mut self.kept()) {
                return taken;
            }
            changed.await;
        }
    }
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

fn items<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Id in `Type/id` or `urn:uuid:id`.
fn id_of(reference: &str) -> &str {
    reference.rsplit(['/', ':']).next().unwrap_or_default()
}

fn of_type<'e>(entries: &'e [&Value], kind: &'static str) -> impl Iterator<Item = &'e Value> {
    entries.iter().copied().filter(move |resource| text(resource, "resourceType") == Some(kind))
}

/// The patient of an active referral.
fn referred(entries: &[&Value]) -> Option<Referred> {
    let request = of_type(entries, "ServiceRequest").find(|request| text(request, "status") == Some("active"))?;
    let id = id_of(text(request.get("subject")?, "reference")?).to_owned();
    let patient = of_type(entries, "Patient").find(|patient| text(patient, "id") == Some(&id))?;
    let identifiers = of_type(entries, "Organization").flat_map(|organisation| items(organisation, "identifier"));
    let mut numbers = identifiers
        .filter(|identifier| text(identifier, "system") == Some(ORGANISATION_NUMBER))
        .filter_map(|identifier| text(identifier, "value"));
    let trust = numbers.find_map(|number| TRUSTS.iter().position(|trust| trust.number == number))?;
    let mut diagnoses = of_type(entries, "Condition").flat_map(|condition| codes(condition, ICD_10_NO));
    let tumour = diagnoses.find_map(|code| TUMOURS.iter().position(|tumour| tumour.code == code))?;
    let on = text(request, "authoredOn")?.get(..10)?.to_owned();
    Some(Referred { patient: patient.clone(), id, trust, on, tumour })
}

/// Ids of the patients of reports.
fn reports(entries: &[&Value]) -> Vec<String> {
    let subject = |report: &Value| Some(id_of(text(report.get("subject")?, "reference")?).to_owned());
    of_type(entries, "DiagnosticReport").filter_map(subject).collect()
}

/// Codes of a system, wherever they stand in a resource.
fn codes<'v>(resource: &'v Value, system: &str) -> Vec<&'v str> {
    let mut found = Vec::new();
    let mut left = vec![resource];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(members) => {
                if members.get("system").and_then(Value::as_str) == Some(system) {
                    found.extend(members.get("code").and_then(Value::as_str));
                }
                left.extend(members.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::funnel::Scale;

    fn referral(id: &str) -> Value {
        let resources = [
            json!({"resourceType": "ServiceRequest", "id": format!("r-{id}"), "status": "active",
                "authoredOn": "2021-04-01T08:00:00+01:00",
                "subject": {"reference": format!("urn:uuid:{id}")}}),
            json!({"resourceType": "Patient", "id": id}),
            json!({"resourceType": "Organization", "id": "o", "identifier": [
                {"system": ORGANISATION_NUMBER, "value": TRUSTS[1].number}]}),
            json!({"resourceType": "Condition", "id": format!("c-{id}"), "code": {"coding": [
                {"system": ICD_10_NO, "code": TUMOURS[3].code}]}}),
        ];
        let entries = resources.map(|resource| json!({"resource": resource}));
        json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    }

    fn report(id: &str, genes: &[&str]) -> Value {
        let codings: Vec<Value> =
            genes.iter().map(|gene| json!({"system": HGNC, "code": format!("{HGNC_PREFIX}{gene}")})).collect();
        json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"resource": {"resourceType": "DiagnosticReport", "id": format!("d-{id}"),
                "subject": {"reference": format!("Patient/{id}")}}},
            {"resource": {"resourceType": "Observation", "id": format!("v-{id}"),
                "component": [{"valueCodeableConcept": {"coding": codings}}]}},
        ]})
    }

    #[tokio::test]
    async fn a_patient_gets_the_cohort_that_tumour_and_findings_lead_to() {
        let plan = Plan::draw(1, Scale::WHOLE).unwrap();
        let basket = plan.cohorts.iter().copied().find(|basket| basket.tumour == 3).unwrap();
        let place = plan.cohorts.iter().position(|other| *other == basket);
        let trial = Trial::new(plan);
        for id in ["a", "b"] {
            let answer = trial.receive(&referral(id)).unwrap();
            assert_eq!(answer["entry"].as_array().unwrap().len(), 4);
            assert_eq!(answer["type"], "transaction-response");
        }
        let referred = trial.next_referred().await;
        assert_eq!((referred.id.as_str(), referred.trust), ("a", 1));
        trial.receive(&report("a", &["11998", BIOMARKERS[basket.biomarker].hgnc])).unwrap();
        trial.receive(&report("b", &["11998"])).unwrap();
        // A corrected one changes nothing here, one of a stranger is kept and no more.
        trial.receive(&report("a", &[])).unwrap();
        trial.receive(&report("stranger", &[])).unwrap();
        assert_eq!(trial.next_profiled(1, place).await, "a");
        assert_eq!(trial.next_profiled(1, None).await, "b");
        assert_eq!(trial.counts(), [6, 2, 2]);
        assert_eq!(trial.receive(&json!({"type": "batch"})), None);
    }
}
