//! Laboratories: they get requests through the gateway, sequence the tissue, link the samples and send the runs.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use super::catalogue::{LABORATORIES, TRUSTS, TUMOURS};
use super::client::{Client, Trouble};
use super::plan::Plan;
use super::referrals::{Referral, document_of};
use super::reports::{Sample, run_folder};

/// Samples of a run, and how long a run waits for its next sample.
const RUN: usize = 8;
const WAIT: Duration = Duration::from_millis(500);

/// First number of a patient at a laboratory.
const FIRST: usize = 5_001;

/// A request that came.
#[derive(Debug, Clone)]
struct Request {
    /// Id of the ServiceRequest.
    id: String,
    sample: Sample,
}

#[derive(Default)]
struct Waiting {
    /// Ids of the requests that came.
    known: HashSet<String>,
    /// Requests without a run, by laboratory.
    queues: HashMap<usize, VecDeque<Request>>,
}

/// What the laboratories have, by their place in [`LABORATORIES`].
pub struct Benches {
    /// What is in the tissue that came with a document: the laboratory, and the sample.
    tissue: HashMap<String, (usize, Sample)>,
    waiting: Mutex<Waiting>,
    changed: Notify,
}

impl Benches {
    /// With the tissue of every patient.
    pub fn new(plan: &Plan, referrals: &[(usize, Referral)]) -> Self {
        let mut counts = [0; LABORATORIES.len()];
        let tissue = referrals.iter().filter_map(|(number, referral)| {
            let patient = plan.patients.get(*number)?;
            let laboratory = TRUSTS.get(patient.trust)?.laboratory;
            let count = counts.get_mut(laboratory)?;
            *count += 1;
            let cohort = patient.cohort.and_then(|place| plan.cohorts.get(place));
            let sample = Sample {
                number: FIRST + *count - 1,
                site: TUMOURS.get(patient.tumour)?.site,
                biomarker: cohort.map(|basket| basket.biomarker),
            };
            Some((referral.document.clone(), (laboratory, sample)))
        });
        Self { tissue: tissue.collect(), waiting: Mutex::default(), changed: Notify::new() }
    }

    /// How many patients a laboratory has.
    pub fn expected(&self, laboratory: usize) -> usize {
        self.tissue.values().filter(|(own, _)| *own == laboratory).count()
    }

    /// Takes a transaction with requests; the answer to it, none where it is none.
    pub fn receive(&self, bundle: &Value) -> Option<Value> {
        let entries = bundle.get("entry")?.as_array()?;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Waiting { known, queues } = &mut *waiting;
        let mut answers = Vec::with_capacity(entries.len());
        for entry in entries {
            answers.push(json!({"response": {"status": "201 Created"}}));
            let Some((laboratory, request)) = entry.get("resource").and_then(|resource| self.request(resource)) else {
                continue;
            };
            if known.insert(request.id.clone()) {
                queues.entry(laboratory).or_default().push_back(request);
            }
        }
        drop(waiting);
        self.changed.notify_waiters();
        Some(json!({"resourceType": "Bundle", "type": "transaction-response", "entry": answers}))
    }

    fn request(&self, resource: &Value) -> Option<(usize, Request)> {
        if resource.get("resourceType")? != "ServiceRequest" || resource.get("status")? != "active" {
            return None;
        }
        let identifiers = resource.get("identifier")?.as_array()?;
        let mut values = identifiers.iter().filter_map(|identifier| identifier.get("value")?.as_str());
        let (laboratory, sample) = values.find_map(|value| self.tissue.get(&document_of(value)?))?;
        Some((*laboratory, Request { id: resource.get("id")?.as_str()?.to_owned(), sample: *sample }))
    }

    /// The requests of the next run: full, or all that came until nothing more did for a while.
    async fn run(&self, laboratory: usize) -> Vec<Request> {
        let mut run = Vec::new();
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(queue) = waiting.queues.get_mut(&laboratory) {
                    run.extend(queue.drain(..queue.len().min(RUN - run.len())));
                }
            }
            if run.len() == RUN {
                return run;
            }
            match run.is_empty() {
                true => changed.await,
                false if tokio::time::timeout(WAIT, changed).await.is_err() => return run,
                false => {}
            }
        }
    }

    /// Sequences, links and sends until every sample was sent; `sent` counts them.
    ///
    /// # Errors
    /// A link or a run was not taken.
    pub async fn work(
        self: Arc<Self>,
        laboratory: usize,
        client: Arc<Client>,
        sent: &watch::Sender<[u32; LABORATORIES.len()]>,
    ) -> Result<(), Trouble> {
        let Some(row) = LABORATORIES.get(laboratory) else { return Ok(()) };
        let mut left = self.expected(laboratory);
        let mut number = 0;
        while left > 0 {
            let run = self.run(laboratory).await;
            for request in &run {
                let link = json!({
                    "resourceType": "Specimen",
                    "identifier": [{"value": request.sample.id(row)}],
                    "request": [{"reference": format!("ServiceRequest/{}", request.id)}],
                });
                client.call("POST", "/fhir/Specimen", ("application/fhir+json", link.to_string().as_bytes())).await?;
            }
            number += 1;
            let samples: Vec<Sample> = run.iter().map(|request| request.sample).collect();
            let folder = run_folder(row, number, &samples).map_err(|error| Trouble::Other(error.to_string()))?;
            client.call("POST", "/intake/reports", ("application/x-tar", &folder)).await?;
            left = left.saturating_sub(run.len());
            sent.send_modify(|sent| {
                if let Some(count) = sent.get_mut(laboratory) {
                    *count += u32::try_from(run.len()).unwrap_or_default();
                }
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::funnel::Scale;
    use crate::sandbox::trusts::referrals;

    #[tokio::test]
    async fn a_request_leads_to_the_tissue_that_came_with_its_document() {
        let plan = Plan::draw(1, Scale::parse("0.02").unwrap()).unwrap();
        let referrals = referrals(1, &plan);
        let benches = Benches::new(&plan, &referrals);
        assert_eq!(benches.expected(0) + benches.expected(1), plan.patients.len());
        let (number, referral) = referrals.iter().find(|(number, _)| plan.patients[*number].trust == 0).unwrap();
        let request = json!({"resource": {"resourceType": "ServiceRequest", "id": "r", "status": "active",
            "identifier": [{"value": format!("urn:uuid:{}", referral.document)}]}});
        let other = json!({"resource": {"resourceType": "ServiceRequest", "id": "s", "status": "active",
            "identifier": [{"value": "x"}]}});
        let bundle = json!({"entry": [request, other]});
        for _ in 0..2 {
            assert_eq!(benches.receive(&bundle).unwrap()["entry"].as_array().unwrap().len(), 2);
        }
        let run = benches.run(0).await;
        let basket = plan.patients[*number].cohort.map(|place| plan.cohorts[place].biomarker);
        assert_eq!(run.len(), 1);
        assert_eq!((run[0].id.as_str(), run[0].sample.number, run[0].sample.biomarker), ("r", FIRST, basket));
    }
}
