//! `backport-filter-criteria`: `Type?parameter=value&...`, of the parameters that a topic has.

use reqwest::Url;

use crate::domain::subscription::{Filters, Topic, Wanted};
use crate::fhir::search::{Kind, Parameter, parameter};

/// Filters of one subscription, values of one, and bytes of a value.
const FILTERS: usize = 16;
const VALUES: usize = 32;
const VALUE_BYTES: usize = 256;

/// Longest logical id (R4, `id`).
const ID_BYTES: usize = 64;

/// Reads the texts. Each parameter of each text must hold; of the values of one, one of them.
///
/// Errors: a text that says what is not supported, without a value.
pub(super) fn filters(topic: Topic, texts: &[&str], base: &str) -> Result<Filters, String> {
    let mut filters = Filters::new();
    for text in texts {
        let (kind, query) = text.split_once('?').ok_or("a filter is not of the form Type?parameter=value")?;
        if kind != topic.resource_type() {
            return Err(format!("the topic is about {}, not about another type", topic.resource_type()));
        }
        // Any base: only what follows the question mark is read.
        let parsed = Url::parse(&format!("http://localhost/?{query}")).map_err(|_| "a filter cannot be read")?;
        if parsed.fragment().is_some() {
            return Err("a filter cannot be read".to_owned());
        }
        let mut is_any = false;
        for (name, value) in parsed.query_pairs() {
            is_any = true;
            let known = topic.filters().iter().find(|known| **known == name);
            let name = known.ok_or_else(|| supported(topic))?;
            filters.push(one(topic, name, &value, base)?);
        }
        if !is_any || filters.len() > FILTERS {
            return Err("a filter has no parameter, or there are more than 16".to_owned());
        }
    }
    Ok(filters)
}

fn supported(topic: Topic) -> String {
    format!("of {} the filters are {}, without modifiers", topic.name(), topic.filters().join(", "))
}

fn one(topic: Topic, name: &str, value: &str, base: &str) -> Result<Vec<Wanted>, String> {
    let values: Vec<&str> = value.split(',').collect();
    if values.len() > VALUES || values.iter().any(|value| value.is_empty() || value.len() > VALUE_BYTES) {
        return Err(format!("{name} has no value, too many or one that is too long"));
    }
    let wrong = || format!("{name} has a value that is not of its form");
    let wanted = |system: Option<&str>, value: String| Wanted {
        name: name.to_owned(),
        system: system.map(str::to_owned),
        value,
    };
    let read = |value: &str| {
        if name == "_id" {
            return is_id(value).then(|| wanted(None, value.to_owned()));
        }
        let parameter = parameter(topic.resource_type(), name)?;
        match parameter.kind {
            Kind::Reference => reference(parameter, value, base).map(|reference| wanted(None, reference)),
            Kind::Token => match value.split_once('|') {
                Some((_, "")) => None,
                // The system of a code is that of the value set.
                Some((_, code)) if parameter.is_code => Some(wanted(None, code.to_owned())),
                Some((system, code)) => Some(wanted(Some(system), code.to_owned())),
                None => Some(wanted(None, value.to_owned())),
            },
            Kind::Date | Kind::String | Kind::Uri => None,
        }
    };
    values.into_iter().map(|value| read(value).ok_or_else(wrong)).collect()
}

/// `Type/id`, where only the id, or an address of the gateway, may have been given.
fn reference(parameter: &Parameter, value: &str, base: &str) -> Option<String> {
    let value = value.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')).unwrap_or(value);
    let (kind, id) = match (value.split_once('/'), parameter.targets) {
        (Some(parts), _) => parts,
        (None, [target]) => (*target, value),
        (None, _) => return None,
    };
    let is_type = kind.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (parameter.targets.is_empty() || parameter.targets.contains(&kind));
    (is_type && !kind.is_empty() && is_id(id)).then(|| format!("{kind}/{id}"))
}

/// A logical id that is no number of a person.
fn is_id(text: &str) -> bool {
    let is_form = !text.is_empty()
        && text.len() <= ID_BYTES
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    is_form && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://gateway.example/fhir";

    fn read(topic: Topic, text: &str) -> Result<Vec<(String, Option<String>, String)>, String> {
        let all = filters(topic, &[text], BASE)?;
        Ok(all.into_iter().flatten().map(|wanted| (wanted.name, wanted.system, wanted.value)).collect())
    }

    fn expected(name: &str, system: Option<&str>, value: &str) -> (String, Option<String>, String) {
        (name.to_owned(), system.map(str::to_owned), value.to_owned())
    }

    #[test]
    fn a_filter_is_read_as_a_search_is() {
        for (topic, text, wanted) in [
            (Topic::Enrolment, "ResearchSubject?patient=Patient/a1", expected("patient", None, "Patient/a1")),
            (Topic::Enrolment, "ResearchSubject?patient=a1", expected("patient", None, "Patient/a1")),
            (
                Topic::Enrolment,
                "ResearchSubject?study=https://gateway.example/fhir/ResearchStudy/c-1",
                expected("study", None, "ResearchStudy/c-1"),
            ),
            (
                Topic::Enrolment,
                "ResearchSubject?status=http://hl7.org/fhir/research-subject-status|on-study",
                expected("status", None, "on-study"),
            ),
            (
                Topic::Referral,
                "Task?business-status=https%3A%2F%2Fa.example%7Cscreening",
                expected("business-status", Some("https://a.example"), "screening"),
            ),
            (Topic::Referral, "Task?business-status=|screening", expected("business-status", Some(""), "screening")),
            (Topic::Referral, "Task?focus=ServiceRequest/a", expected("focus", None, "ServiceRequest/a")),
            (Topic::Cohort, "ResearchStudy?_id=c-1", expected("_id", None, "c-1")),
        ] {
            assert_eq!(read(topic, text), Ok(vec![wanted]), "{text}");
        }
        let two = filters(Topic::Enrolment, &["ResearchSubject?status=a,b&study=x"], BASE).unwrap();
        assert_eq!(two.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn what_is_not_supported_is_said() {
        for (text, said) in [
            ("ResearchSubject?individual=Patient/a", "patient, study, status"),
            ("ResearchSubject?status:not=on-study", "without modifiers"),
            ("ResearchSubject?date=2026", "patient, study, status"),
            ("Task?status=requested", "about ResearchSubject"),
            ("ResearchSubject", "of the form"),
            ("ResearchSubject?", "no parameter"),
            ("ResearchSubject?status=", "status has no value"),
            ("ResearchSubject?status=a,,b", "status has no value"),
            ("ResearchSubject?patient=Group/a", "patient has a value that is not of its form"),
            ("ResearchSubject?patient=Patient/05898597468", "patient has a value that is not of its form"),
            ("ResearchSubject?patient=https://other.example/Patient/a", "patient has a value that is not of its form"),
            ("ResearchSubject?status=x#y", "cannot be read"),
        ] {
            let error = read(Topic::Enrolment, text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
            assert!(!error.contains("05898597468"));
        }
        let many = ["ResearchSubject?status=a"; 17];
        assert!(filters(Topic::Enrolment, &many, BASE).unwrap_err().contains("more than 16"));
    }
}
