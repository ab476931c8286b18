//! What a trust has received, counted from the gateway's FHIR API with the trust's own token.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::client::{Client, Trouble};
use super::funnel::Funnel;

/// Statuses of a ResearchSubject, in the order of a patient's way.
pub const STATUSES: [&str; 11] = [
    "potential-candidate",
    "screening",
    "ineligible",
    "not-registered",
    "candidate",
    "eligible",
    "pending-on-study",
    "on-study-intervention",
    "follow-up",
    "off-study",
    "withdrawn",
];

/// Resources of a page, and pages at most.
const COUNT: usize = 500;
const PAGES: usize = 200;

/// What a trust has received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Patients, each number counted by itself.
    pub funnel: Funnel,
    /// Patients by status: screenings and enrolments together.
    pub statuses: Vec<(&'static str, u64)>,
    /// Tasks of referrals.
    pub tasks: u64,
    /// Cohorts that it sees.
    pub cohorts: u64,
}

/// Counts.
///
/// # Errors
/// The API cannot be asked.
pub async fn received(client: &Client) -> Result<Received, Trouble> {
    let mut statuses = Vec::new();
    for status in STATUSES {
        statuses.push((status, total(client, &format!("ResearchSubject?status={status}")).await?));
    }
    let studies = all(client, "ResearchStudy").await?;
    let cohorts: HashSet<&str> = studies.iter().filter(|study| is_cohort(study)).filter_map(id).collect();
    let subjects = all(client, "ResearchSubject").await?;
    let evaluations = all(client, "Observation?code=week-16-disease-control").await?;
    Ok(Received {
        funnel: funnel(&subjects, &cohorts, &evaluations),
        statuses,
        tasks: total(client, "Task").await?,
        cohorts: cohorts.len() as u64,
    })
}

/// How many a search finds.
async fn total(client: &Client, search: &str) -> Result<u64, Trouble> {
    let sign = if search.contains('?') { '&' } else { '?' };
    let answer = client.get(&format!("/fhir/{search}{sign}_summary=count")).await?;
    answer.get("total").and_then(Value::as_u64).ok_or_else(|| Trouble::Other(format!("{search} has no total")))
}

/// Everything that a search finds, page by page.
///
/// # Errors
/// The API cannot be asked.
pub async fn all(client: &Client, search: &str) -> Result<Vec<Value>, Trouble> {
    let sign = if search.contains('?') { '&' } else { '?' };
    let mut found = Vec::new();
    let mut path = Some(format!("/fhir/{search}{sign}_count={COUNT}"));
    for _ in 0..PAGES {
        let Some(next) = path else { break };
        let mut bundle = client.get(&next).await?;
        path = next_page(&bundle);
        let entries = bundle.get_mut("entry").map(Value::take);
        let Some(Value::Array(entries)) = entries else { continue };
        found.extend(entries.into_iter().filter_map(|mut entry| entry.get_mut("resource").map(Value::take)));
    }
    Ok(found)
}

/// Path and query of the link to the next page.
fn next_page(bundle: &Value) -> Option<String> {
    let links = bundle.get("link")?.as_array()?;
    let next = links.iter().find(|link| link.get("relation").is_some_and(|relation| relation == "next"))?;
    let url = next.get("url")?.as_str()?;
    let at = url.find("/fhir")?;
    url.get(at..).map(str::to_owned)
}

fn id(resource: &Value) -> Option<&str> {
    resource.get("id")?.as_str()
}

/// Whether a study is a cohort: it is part of another one.
pub fn is_cohort(study: &Value) -> bool {
    study.get("partOf").is_some()
}

fn funnel(subjects: &[Value], cohorts: &HashSet<&str>, evaluations: &[Value]) -> Funnel {
    let enrolments = subjects.iter().filter(|subject| study_of(subject).is_some_and(|study| cohorts.contains(study)));
    let statuses: Vec<&str> = enrolments.filter_map(|subject| subject.get("status")?.as_str()).collect();
    let is_started = |status: &&&str| ["on-study-intervention", "follow-up", "off-study"].contains(*status);
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let has_value = |wanted: &[Value]| {
        let values = evaluations.iter().filter_map(|evaluation| evaluation.get("valueBoolean"));
        number(values.filter(|value| wanted.contains(value)).count())
    };
    Funnel {
        screened: number(subjects.len() - statuses.len()),
        matched: number(statuses.len()),
        started: number(statuses.iter().filter(is_started).count()),
        week16: number(evaluations.len()),
        evaluable: has_value(&[json!(true), json!(false)]),
        control: has_value(&[json!(true)]),
    }
}

/// Id of the study of a subject.
pub fn study_of(subject: &Value) -> Option<&str> {
    subject.pointer("/study/reference")?.as_str()?.rsplit('/').next()
}

/// Code of an extension of the gateway.
pub fn extension<'v>(resource: &'v Value, name: &str) -> Option<&'v Value> {
    let extensions = resource.get("extension")?.as_array()?;
    extensions.iter().find(|extension| {
        extension
            .get("url")
            .and_then(Value::as_str)
            .is_some_and(|url| url == name || url.ends_with(&format!("/{name}")))
    })
}

/// Number of messages by disposition, and of deliveries by destination, from the gateway's numbers.
pub fn numbers(text: &str, name: &str, label: &str) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let Some((labels, value)) = line.strip_prefix(name).and_then(|rest| rest.strip_prefix('{')?.split_once('}'))
        else {
            continue;
        };
        let mut parts = labels.split(',').filter_map(|part| part.split_once('='));
        let value = value.trim().split('.').next().and_then(|digits| digits.parse::<u64>().ok());
        if let (Some((_, word)), Some(value)) = (parts.find(|(key, _)| *key == label), value) {
            *found.entry(word.trim_matches('"').to_owned()).or_default() += value;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(study: &str, status: &str) -> Value {
        json!({"resourceType": "ResearchSubject", "study": {"reference": format!("ResearchStudy/{study}")}, "status": status})
    }

    #[test]
    fn screenings_and_enrolments_are_counted_apart() {
        let subjects = [
            subject("impress", "screening"),
            subject("impress", "off-study"),
            subject("c", "candidate"),
            subject("c", "off-study"),
            subject("c", "withdrawn"),
            subject("d", "on-study-intervention"),
        ];
        let evaluations =
            [json!({"valueBoolean": true}), json!({"valueBoolean": false}), json!({"dataAbsentReason": {}})];
        let funnel = funnel(&subjects, &HashSet::from(["c", "d"]), &evaluations);
        let wanted = Funnel { screened: 2, matched: 4, started: 2, week16: 3, evaluable: 2, control: 1 };
        assert_eq!(funnel, wanted);
    }

    #[test]
    fn the_next_page_is_asked_for_by_path() {
        let link =
            |relation: &str| json!({"link": [{"relation": relation, "url": "http://127.0.0.1:1/fhir/Task?_count=1"}]});
        assert_eq!(next_page(&link("next")).as_deref(), Some("/fhir/Task?_count=1"));
        assert_eq!(next_page(&link("self")), None);
    }

    #[test]
    fn numbers_are_read_by_their_label() {
        let text = "# TYPE a gauge\na{disposition=\"routed\"} 3\na{disposition=\"parked\",x=\"y\"} 2\nb{disposition=\"x\"} 1\n";
        let found = numbers(text, "a", "disposition");
        assert_eq!(found, BTreeMap::from([("parked".to_owned(), 2), ("routed".to_owned(), 3)]));
    }
}
