//! What is asked of the audit trail. Every value that is accepted is safe to keep: none is an identifier of a person.

use std::fmt::Write;

use actix_web::web;
use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};

use crate::audit::event::{actions, outcome};
use crate::domain::ids::Identity;
use crate::domain::national_id::{NationalId, SyntheticNumbers};
use crate::domain::referral::identity;
use crate::fhir::search::period;
use crate::http::error::Problem;
use crate::http::personal::has_number;
use crate::journal::AuditFilter;

/// Events of a page where none is asked for, and at most.
const COUNT: (i64, i64) = (50, 500);

/// Longest name of an agent, in characters.
const NAME: usize = 64;

/// Ids of events that a search names at most.
const IDS: usize = 200;

/// Stands for an agent or event that is none.
const UNKNOWN: &str = "unknown";

/// The id of the patient with an identity.
type PatientId<'a> = &'a dyn Fn(&Identity) -> String;

/// A search.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Which rows, but for whose they are.
    pub(super) filter: AuditFilter,
    /// No row can be what is asked for.
    pub(super) is_nothing: bool,
    /// Only how many there are is asked for.
    pub(super) is_count: bool,
    /// How many there are is asked for, too.
    pub(super) has_total: bool,
    /// What is said of the form of the answer.
    pub(super) form: Vec<(String, String)>,
    /// Where the page begins.
    pub(super) cursor: Option<String>,
    /// The parameters in one order, without those of paging; each ends in `&`.
    pub(super) text: String,
}

impl Asked {
    /// Reads parameters. `patient_id` where they come in a body: then a patient can be named by a national number.
    /// `is_agent`: whether a name or number is that of somebody who can call. Others are not kept: they could be a person's.
    pub(super) fn read(
        text: &str,
        patient_id: Option<PatientId<'_>>,
        is_agent: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Problem> {
        let form = || Problem::invalid("the parameters cannot be read");
        let pairs = web::Query::<Vec<(String, String)>>::from_query(text).map_err(|_| form())?.into_inner();
        let mut asked = Self::default();
        asked.filter.limit = COUNT.0;
        let mut kept: Vec<(&str, String)> = Vec::new();
        for (name, value) in &pairs {
            let name = name.as_str();
            if ["_format", "_pretty"].contains(&name) {
                asked.form.push((name.to_owned(), value.clone()));
                continue;
            }
            if !["date", "_lastUpdated"].contains(&name) && pairs.iter().filter(|(other, _)| other == name).count() > 1
            {
                return Err(Problem::invalid("a parameter stands twice"));
            }
            if let Some(part) = asked.parameter(name, value, patient_id, is_agent)? {
                kept.push(part);
            }
        }
        if kept.iter().filter(|(name, _)| *name == "patient").count() > 1 {
            return Err(Problem::invalid("patient and patient.identifier exclude each other"));
        }
        kept.sort();
        for (name, value) in kept {
            let _ = write!(asked.text, "{name}={value}&");
        }
        Ok(asked)
    }

    /// Takes a parameter; its part of [`Asked::text`].
    fn parameter(
        &mut self,
        name: &str,
        value: &str,
        patient_id: Option<PatientId<'_>>,
        is_agent: &dyn Fn(&str) -> bool,
    ) -> Result<Option<(&'static str, String)>, Problem> {
        let text = |wrong| Problem::invalid(wrong);
        let part = match (name, patient_id) {
            ("patient", _) => {
                let id = uuid(value.strip_prefix("Patient/").unwrap_or(value));
                let id = id.ok_or_else(|| text("patient is the id of a Patient"))?;
                self.filter.patient = Some(id.clone());
                ("patient", id)
            }
            ("patient.identifier", Some(patient_id)) => {
                let number = value.rsplit_once('|').map_or(value, |(_, number)| number).trim();
                let number = NationalId::parse(number, None, SyntheticNumbers::Accepted)
                    .map_err(|_| text("patient.identifier is no national number"))?;
                let id = patient_id(&identity::patient(number.expose()));
                self.filter.patient = Some(id.clone());
                ("patient", id)
            }
            ("entity", _) => {
                let id = uuid(value.strip_prefix("MessageHeader/").unwrap_or(value));
                let id = id.ok_or_else(|| text("entity is the id of a message"))?;
                self.filter.message = Some(id.clone());
                ("entity", id)
            }
            ("agent", _) => {
                let agent = value.rsplit_once('|').map_or(value, |(_, agent)| agent);
                let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
                if agent.is_empty() || agent.len() > NAME || !agent.chars().all(is_name) || has_number(agent) {
                    return Err(text("agent is an organisation or the name of a client"));
                }
                let is_number = agent.len() == 9 && agent.bytes().all(|byte| byte.is_ascii_digit());
                if !is_number && !is_agent(agent) {
                    self.is_nothing = true;
                    return Ok(Some(("agent", UNKNOWN.to_owned())));
                }
                self.filter.agent = Some(agent.to_owned());
                ("agent", agent.to_owned())
            }
            ("action", _) if matches!(value, "C" | "R" | "U" | "D" | "E") => {
                self.filter.actions = actions(value);
                self.is_nothing |= self.filter.actions.is_empty();
                ("action", value.to_owned())
            }
            ("outcome", _) if matches!(value, "0" | "4" | "8" | "12") => {
                self.filter.outcomes = outcome(value).into_iter().collect();
                self.is_nothing |= self.filter.outcomes.is_empty();
                ("outcome", value.to_owned())
            }
            ("date", _) => {
                self.date(value).ok_or_else(|| text("date is a day or an instant, with ge, gt, le, lt or eq"))?;
                ("date", escaped(value))
            }
            ("_id", _) => ("_id", self.ids(value)?),
            ("_lastUpdated", _) => {
                let wrong = "_lastUpdated is a time of any precision, with ge, gt, le, lt, sa, eb or eq";
                self.last_updated(value).ok_or_else(|| text(wrong))?;
                ("_lastUpdated", escaped(value))
            }
            ("action" | "outcome", _) => return Err(text("a parameter is not of its form")),
            ("patient.identifier", None) => return Err(Problem::personal_in_url()),
            ("_count" | "_sort" | "_total" | "_summary" | "_cursor", _) => return self.of_result(name, value),
            _ => return Err(text("there is no such parameter")),
        };
        Ok(Some(part))
    }

    /// Takes a parameter of the result; its part of [`Asked::text`].
    fn of_result(&mut self, name: &str, value: &str) -> Result<Option<(&'static str, String)>, Problem> {
        let text = |wrong| Problem::invalid(wrong);
        let part = match name {
            "_count" => {
                let count: i64 = value.parse().map_err(|_| text("_count is no number"))?;
                self.filter.limit = count.clamp(1, COUNT.1);
                self.is_count |= count == 0;
                return Ok(None);
            }
            "_sort" if matches!(value, "date" | "-date" | "_lastUpdated" | "-_lastUpdated") => {
                self.filter.is_oldest_first = !value.starts_with('-');
                "_sort"
            }
            "_total" if matches!(value, "accurate" | "estimate") => {
                self.has_total = true;
                "_total"
            }
            "_summary" if value == "count" => {
                self.is_count = true;
                "_summary"
            }
            "_cursor" => {
                self.cursor = Some(value.to_owned());
                return Ok(None);
            }
            "_total" if value == "none" => return Ok(None),
            "_summary" if value == "false" => return Ok(None),
            _ => return Err(text("a parameter is not of its form")),
        };
        Ok(Some((part, value.to_owned())))
    }

    /// Narrows it to these events; what is no id of one is none of them, and is not kept: it could be anything.
    fn ids(&mut self, value: &str) -> Result<String, Problem> {
        let values: Vec<&str> = value.split(',').collect();
        if values.len() > IDS {
            return Err(Problem::invalid("_id has too many values"));
        }
        let known: Vec<&str> = values.into_iter().filter(|value| event_id(value).is_some()).collect();
        self.filter.ids = known.iter().filter_map(|value| event_id(value)).collect();
        // No id at all would mean every one.
        self.is_nothing |= known.is_empty();
        Ok(if known.is_empty() { UNKNOWN.to_owned() } else { known.join(",") })
    }

    /// Narrows the time to a moment or period as the other types are asked for: a day is Norway's.
    fn last_updated(&mut self, value: &str) -> Option<()> {
        let (prefix, time) = value.split_at_checked(value.find(|c: char| c.is_ascii_digit())?)?;
        let (first, last) = period(&time.replace(' ', "+"))?;
        let first = Timestamp::from_millisecond(first).unwrap_or(Timestamp::MAX);
        let after = Timestamp::from_millisecond(last.saturating_add(1)).unwrap_or(Timestamp::MAX);
        self.within(prefix, first, after)
    }

    /// Narrows the time; a day is all of it (UTC).
    fn date(&mut self, value: &str) -> Option<()> {
        let split = value.find(|c: char| c.is_ascii_digit())?;
        let (prefix, value) = value.split_at_checked(split)?;
        let (first, after) = match value.replace(' ', "+").parse::<Timestamp>() {
            Ok(instant) => (instant, instant.checked_add(Span::new().milliseconds(1)).ok()?),
            Err(_) if value.len() == DAY => {
                let day: Date = value.parse().ok()?;
                // The last days that can be written are beyond the last time.
                let start = |day: Date| day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |start| start.timestamp());
                (start(day), day.tomorrow().map_or(Timestamp::MAX, start))
            }
            Err(_) => return None,
        };
        self.within(prefix, first, after)
    }

    fn within(&mut self, prefix: &str, first: Timestamp, after: Timestamp) -> Option<()> {
        let (from, to) = match prefix {
            "ge" => (Some(first), None),
            "gt" | "sa" => (Some(after), None),
            "lt" | "eb" => (None, Some(first)),
            "le" => (None, Some(after)),
            "" | "eq" => (Some(first), Some(after)),
            _ => return None,
        };
        self.filter.from = self.filter.from.max(from);
        self.filter.to = [self.filter.to, to].into_iter().flatten().min();
        Some(())
    }
}

/// Chain and number of an event, as its id names them.
pub(super) fn event_id(text: &str) -> Option<(i64, i64)> {
    let (chain, number) = text.split_once('-')?;
    let number_of = |digits: &str| {
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        is_plain.then(|| digits.parse::<i64>().ok()).flatten()
    };
    Some((number_of(chain)?, number_of(number)?))
}

/// A time as a parameter of an address, where the `+` of a zone would be read as a space.
fn escaped(time: &str) -> String {
    time.replace(['+', ' '], "%2B")
}

/// `2026-05-28`
const DAY: usize = 10;

/// A UUID in lower case.
fn uuid(text: &str) -> Option<String> {
    (text.len() == 36).then(|| uuid::Uuid::parse_str(text).ok()).flatten().map(|id| id.hyphenated().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Asked, String> {
        Asked::read(text, None, &|name| name == "forde").map_err(|problem| problem.to_string())
    }

    fn instant(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_number_is_asked_for_in_a_body_only() {
        assert_eq!(read("patient.identifier=05898597468").unwrap_err(), "request.personal-in-url");
    }

    #[test]
    fn a_day_is_all_of_it_and_an_instant_a_millisecond() {
        let next = instant("2026-05-29T00:00:00Z");
        let day = instant("2026-05-28T00:00:00Z");
        for (value, from, to) in [
            ("2026-05-28", day, next),
            ("eq2026-05-28", day, next),
            ("ge2026-05-28", day, None),
            ("gt2026-05-28", next, None),
            ("lt2026-05-28", None, day),
            ("le2026-05-28", None, next),
            ("ge2026-05-28T12:00:00%2B02:00", instant("2026-05-28T10:00:00Z"), None),
            ("le2026-05-28T10:00:00Z", None, instant("2026-05-28T10:00:00.001Z")),
        ] {
            let filter = read(&format!("date={value}")).unwrap().filter;
            assert_eq!((filter.from, filter.to), (from, to), "{value}");
        }
        for value in ["date=le9999-12-31", "date=le9999-12-30"] {
            assert_eq!(read(value).unwrap().filter.to, Some(Timestamp::MAX), "{value}");
        }
        let both = read("date=ge2026-05-28&date=lt2026-05-29").unwrap().filter;
        assert_eq!((both.from, both.to), (day, next));
        for wrong in ["date=", "date=x", "date=ne2026-05-28", "date=2026-13-01", "date=2026"] {
            assert_eq!(read(wrong).unwrap_err(), "request.invalid", "{wrong}");
        }
    }

    #[test]
    fn a_parameter_that_is_not_known_or_not_of_its_form_is_refused() {
        for wrong in [
            "x=1",
            "patient=1",
            "patient=Patient/x",
            "entity=1",
            "action=X",
            "outcome=1",
            "_total=x",
            "_sort=agent",
            "_sort=-date,_lastUpdated",
            "_summary=true",
            "_summary=count&_summary=count",
            "_lastUpdated=",
            "_lastUpdated=ne2026",
            "_lastUpdated=2026-13",
            "_lastUpdated=2026,2027",
            "_id:not=1-1",
            "_count=many",
            "agent=",
            "agent=a%20b",
            "agent=05898597468",
            "action=R&action=C",
        ] {
            assert_eq!(read(wrong).unwrap_err(), "request.invalid", "{wrong}");
        }
        assert!(read("outcome=12").unwrap().is_nothing);
    }

    #[test]
    fn a_name_that_is_no_callers_is_not_kept() {
        for (agent, kept) in [("forde", "forde"), ("983974732", "983974732"), ("123456789", "123456789")] {
            let asked = read(&format!("agent={agent}")).unwrap();
            assert_eq!((asked.filter.agent.as_deref(), asked.is_nothing), (Some(kept), false));
        }
        for agent in ["Kari.Nordmann", "kari", "IPD", "98397473", "9839747321", "x%7CNordmann"] {
            let asked = read(&format!("agent={agent}")).unwrap();
            assert_eq!((asked.filter.agent.as_deref(), asked.is_nothing), (None, true), "{agent}");
            assert_eq!(asked.text, "agent=unknown&", "{agent}");
        }
    }

    #[test]
    fn in_a_body_a_patient_is_named_by_a_number_of_which_nothing_is_kept() {
        let id = |_: &Identity| "11111111-1111-8111-8111-111111111111".to_owned();
        for value in ["05898597468", "urn:oid:2.16.578.1.12.4.1.4.1|05898597468"] {
            let asked = Asked::read(&format!("patient.identifier={value}&action=R"), Some(&id), &|_| false).unwrap();
            assert_eq!(asked.filter.patient.as_deref(), Some("11111111-1111-8111-8111-111111111111"));
            assert_eq!(asked.text, "action=R&patient=11111111-1111-8111-8111-111111111111&");
        }
        let wrong = Asked::read("patient.identifier=05898597469", Some(&id), &|_| false).unwrap_err();
        assert_eq!(wrong.to_string(), "request.invalid");
    }
}
