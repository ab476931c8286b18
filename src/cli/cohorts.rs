//! `cohorts`: the board of the cohorts.

use serde_json::Value;

use super::End;
use super::arguments::CohortsArguments;
use super::journal::{Environment, one, print, with};
use crate::domain::issue::Issue;
use crate::journal::{Cursor, PUBLIC, Scope, Search};
use crate::startup::service;

/// Cohorts that are read at once.
const PAGE: i64 = 500;

const HEAD: &str = "status\tstage\tslots\tbiomarker\ttumour type\tdrug\tcohort";

pub(super) fn cohorts(arguments: &CohortsArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    let has_counts = arguments.counts;
    with(&arguments.config, environment, |config| async move {
        let journal = service::journal(&config).await.map_err(|issue| vec![issue])?;
        let public = Scope { owners: Some(vec![PUBLIC.to_owned()]), trust: None };
        let scope = if has_counts { Scope::trial() } else { public };
        let mut search = Search::of("ResearchStudy", PAGE);
        let mut lines = Vec::new();
        loop {
            let page = journal.search(scope.clone(), search.clone()).await.map_err(|error| one(&error))?;
            search.after = page.last().map(Cursor::of);
            let is_last = i64::try_from(page.len()).unwrap_or(PAGE) < PAGE;
            let studies = page.into_iter().filter_map(|row| serde_json::from_str(&row.json?).ok());
            lines.extend(studies.filter_map(|study: Value| line(&study, has_counts)));
            if is_last {
                break;
            }
        }
        lines.sort();
        let head = if has_counts { format!("{HEAD}\tpatients\tevaluable\tbenefit") } else { HEAD.to_owned() };
        let text: String = std::iter::once(head).chain(lines).map(|line| line + "\n").collect();
        print(&text)
    })
}

/// The line of a cohort; none for the parent study.
fn line(study: &Value, has_counts: bool) -> Option<String> {
    let design = extension(study, "/gateway-two-stage")?;
    let slots = extension(study, "/gateway-slots-open").and_then(|part| part.get("valueBoolean")?.as_bool());
    let biomarkers = items(study, "extension").filter(|part| text(part, "url").ends_with("/gateway-cohort-biomarker"));
    let biomarkers = biomarkers.filter_map(|part| part.get("valueCodeableConcept")).map(words);
    let all = |name: &str| items(study, name).map(words).collect::<Vec<_>>().join(", ");
    let mut cells = vec![
        text(study, "status").to_owned(),
        extension(design, "stage").map_or_else(String::new, |stage| text(stage, "valueCode").to_owned()),
        match slots {
            Some(true) => "open",
            Some(false) => "full",
            None => "",
        }
        .to_owned(),
        biomarkers.collect::<Vec<_>>().join(", "),
        all("condition"),
        all("focus"),
        items(study, "identifier").next().map_or_else(String::new, |identifier| text(identifier, "value").to_owned()),
    ];
    if has_counts {
        let recruitment = extension(study, "extension-ResearchStudy.recruitment");
        cells.push(recruitment.map_or_else(String::new, |part| number(part, "actualNumber")));
        cells.push(number(design, "evaluable"));
        cells.push(number(design, "benefit"));
    }
    // A cell is one line, whatever the trial wrote.
    let clean = |cell: String| cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    Some(cells.into_iter().map(clean).collect::<Vec<_>>().join("\t"))
}

fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn extension<'v>(value: &'v Value, end: &str) -> Option<&'v Value> {
    items(value, "extension").find(|part| text(part, "url").ends_with(end))
}

fn number(value: &Value, part: &str) -> String {
    let number = extension(value, part).and_then(|part| part.get("valueUnsignedInt"));
    number.map(Value::to_string).unwrap_or_default()
}

fn words(concept: &Value) -> String {
    let coding = items(concept, "coding").next();
    let coded = |name: &str| coding.map(|coding| text(coding, name)).unwrap_or_default();
    let all = [text(concept, "text"), coded("display"), coded("code")];
    all.into_iter().find(|words| !words.is_empty()).unwrap_or_default().to_owned()
}
