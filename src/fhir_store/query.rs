//! The parameters of a search -> what the journal is asked for. Every value that is kept is safe to show in an address: none is a
//! number of a person.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::condition::{condition, of_patients, patients, targets};
use super::include::Include;
use super::parameters::Times;
use super::reference::is_id;
use super::value::{encoded, split, unescape};
use crate::domain::national_id::NationalId;
use crate::fhir::search::{self, Kind, Parameter};
use crate::journal::{AnyOf, Order, OrderBy, Search};

/// Resources of a page where none are asked for, and at most.
pub const COUNT: (usize, usize) = (50, 500);

/// Parameters of a search at most.
const PARAMETERS: usize = 64;

/// Values of one parameter at most.
const VALUES: usize = 200;

/// Longest name of a parameter that is told again, in bytes.
const NAME: usize = 40;

/// Stands for what is no value of a parameter, and finds nothing: it is not kept, since it could be anything.
const UNKNOWN: &str = "unknown";

/// What a search is read with.
pub struct Context<'c> {
    /// Base of the addresses of this server.
    pub base: &'c str,
    /// What becomes of parameters that are not known.
    pub handling: Handling,
    /// The id of the patient with a national number; none where the parameters stand in an address.
    pub patient_id: Option<&'c dyn Fn(&NationalId) -> String>,
    /// What is kept in place of an identifier of a person.
    pub sealed: &'c dyn Fn(&str) -> String,
    /// Whether a text may hold a national number.
    pub is_personal: &'c dyn Fn(&str) -> bool,
}

/// A parameter that a type has of its own, beside what the table has.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    /// Name.
    pub name: &'static str,
    /// Whether a text can be a value of it. None: any text can, and the audit trail is told of none.
    pub is_value: Option<fn(&str) -> bool>,
}

impl Own {
    /// The text of the parameter, with [`UNKNOWN`] for what is no value of it.
    fn known(&self, text: &str) -> Result<String, Invalid> {
        let Some(is_value) = self.is_value else { return Ok(text.to_owned()) };
        let known = values(text)?.into_iter().map(|value| if is_value(value) { value } else { UNKNOWN });
        Ok(known.collect::<Vec<_>>().join(","))
    }
}

/// What becomes of parameters that are not known (`Prefer: handling=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Handling {
    /// They are not used, and that is said.
    #[default]
    Lenient,
    /// The search is refused.
    Strict,
}

/// Why a search cannot be done as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Something of it is not of its form, or not served.
    #[error("{0}")]
    Form(String),
    /// A national number stands where none may stand.
    #[error("a national number stands in the address, or in a parameter that is none for it")]
    Personal,
}

/// A search.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What the journal is asked for, but for the time, the place and the number.
    pub(super) search: Search,
    /// When the resources may have been written.
    pub(super) times: Times,
    /// No resource can be what is asked for.
    pub(super) is_nothing: bool,
    pub(super) includes: Vec<Include>,
    pub(super) reverse_includes: Vec<Include>,
    /// Resources of a page.
    pub(super) count: usize,
    /// Only how many there are is asked for.
    pub(super) is_count: bool,
    /// How many there are is asked for, too.
    pub(super) has_total: bool,
    /// Where the page begins.
    pub(super) cursor: Option<String>,
    /// It is searched by what says who a person is: there is no link to a next page.
    pub(super) is_personal: bool,
    /// Parameters of the type that the caller of this looks after, in their order.
    pub(super) own: Vec<(&'static str, String)>,
    /// What was not used, in words.
    pub(super) ignored: Vec<String>,
    /// The parameters that are used, without that of the place; each ends in `&`.
    pub(super) text: String,
    /// The same for the audit trail: without what may be words about a person.
    detail: String,
}

impl Asked {
    /// Reads the parameters of a search for resources of a type, which must be one that is served.
    ///
    /// # Errors
    /// What is not of its form or not served; what is not known, where that is refused.
    pub fn read(kind: &'static str, pairs: &[(String, String)], context: &Context<'_>) -> Result<Self, Invalid> {
        Self::read_with(kind, &[], pairs, context)
    }

    /// The same of a type that is not searched by the table: `own` are its parameters, whose values [`Asked::own`] has.
    ///
    /// # Errors
    /// As [`Asked::read`].
    pub fn read_with(
        kind: &'static str,
        own: &[Own],
        pairs: &[(String, String)],
        context: &Context<'_>,
    ) -> Result<Self, Invalid> {
        if pairs.len() > PARAMETERS {
            return Err(Invalid::Form(format!("a search has at most {PARAMETERS} parameters")));
        }
        let mut reader = Reader { asked: Self::of(kind), kind, own, seen: BTreeSet::new(), context };
        for (name, value) in pairs {
            reader.parameter(name, value)?;
        }
        if reader.asked.is_personal {
            reader.asked.count = COUNT.1;
        }
        Ok(reader.asked)
    }

    fn of(kind: &str) -> Self {
        Self {
            search: Search::of(kind, 0),
            times: Times::default(),
            is_nothing: false,
            includes: Vec::new(),
            reverse_includes: Vec::new(),
            count: COUNT.0,
            is_count: false,
            has_total: false,
            cursor: None,
            is_personal: false,
            own: Vec::new(),
            ignored: Vec::new(),
            text: String::new(),
            detail: String::new(),
        }
    }

    /// Types that the answer can hold beside the one that is searched.
    pub fn other_types(&self) -> BTreeSet<&'static str> {
        let forward = self.includes.iter().flat_map(Include::targets);
        forward.chain(self.reverse_includes.iter().map(|include| include.source)).collect()
    }

    /// The values of each parameter that is the type's own: all of these must hold, of each one of the values.
    ///
    /// # Errors
    /// Too many values.
    pub fn own(&self) -> Result<Vec<(&'static str, Vec<&str>)>, Invalid> {
        self.own.iter().map(|(name, value)| Ok((*name, values(value)?))).collect()
    }

    /// The parameters for the audit trail.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

struct Reader<'r> {
    asked: Asked,
    kind: &'static str,
    own: &'r [Own],
    /// Parameters of the result that stand once.
    seen: BTreeSet<&'static str>,
    context: &'r Context<'r>,
}

impl Reader<'_> {
    fn parameter(&mut self, name: &str, value: &str) -> Result<(), Invalid> {
        let (plain, modifier) = name.split_once(':').map_or((name, None), |(plain, word)| (plain, Some(word)));
        if let Some(parameter) = self.named_by_number(name, value)? {
            return self.of_number(parameter, name, value);
        }
        // A cursor is the gateway's own, and holds a time and an id.
        if name != "_cursor" && ((self.context.is_personal)(value) || (self.context.is_personal)(name)) {
            return Err(Invalid::Personal);
        }
        if let Some(own) = self.own.iter().find(|own| own.name == plain) {
            if modifier.is_some() {
                return Err(Invalid::Form(format!("{plain} does not take a modifier here")));
            }
            let known = own.known(value)?;
            self.keep(name, &known, own.is_value.is_some());
            self.asked.own.push((own.name, known));
            return Ok(());
        }
        // What the table has of a type with parameters of its own is not looked after by anybody.
        let table = if self.own.is_empty() { search::parameters(self.kind) } else { &[] };
        let known = table.iter().find(|parameter| parameter.name == plain);
        if let Some(parameter) = known {
            if parameter.is_personal && self.context.patient_id.is_none() {
                return Err(Invalid::Form(format!(
                    "{plain} says who a person is: it is asked for in the body of a _search"
                )));
            }
            let condition = condition(parameter, modifier, value, self.context)?;
            self.asked.search.all_of.push(condition);
            if parameter.is_personal {
                self.asked.is_personal = true;
                let _ = write!(self.asked.detail, "{}=...&", encoded(name));
            } else {
                self.keep(name, value, parameter.kind != Kind::String);
            }
            return Ok(());
        }
        match (plain, modifier) {
            ("_id", None) => {
                let ids: Vec<String> = values(value)?.into_iter().filter_map(unescape).filter(|id| is_id(id)).collect();
                let known = if ids.is_empty() { UNKNOWN.to_owned() } else { ids.join(",") };
                self.narrow_ids(ids);
                self.keep(name, &known, true);
            }
            ("_lastUpdated", None) => {
                self.asked.times.narrow(value)?;
                self.keep(name, value, true);
            }
            ("_include", None) => {
                let include = Include::forward(value, self.kind)?;
                self.asked.includes.push(include);
                self.keep(name, value, true);
            }
            ("_revinclude", None) => {
                let include = Include::reverse(value, self.kind)?;
                self.asked.reverse_includes.push(include);
                self.keep(name, value, true);
            }
            ("_id" | "_lastUpdated" | "_include" | "_revinclude", Some(_)) => {
                return Err(Invalid::Form(format!("{plain} does not take a modifier here")));
            }
            _ => self.of_result(name, value)?,
        }
        Ok(())
    }

    /// The parameter that names a patient by a national number: a reference to a Patient, or the identifier of one.
    fn named_by_number(&self, name: &str, value: &str) -> Result<Option<Option<&'static Parameter>>, Invalid> {
        if self.kind == "Patient" && name == "identifier" {
            let is_number = values(value)?.iter().any(|value| (self.context.is_personal)(value));
            return Ok(is_number.then_some(None));
        }
        let Some(plain) = name.strip_suffix(".identifier") else { return Ok(None) };
        let leads = |known: &&Parameter| {
            known.name == plain && known.kind == Kind::Reference && targets(known).contains(&"Patient")
        };
        Ok(search::parameters(self.kind).iter().find(leads).map(Some))
    }

    /// The patients are found by their ids, which are derived from the numbers, and kept by them.
    fn of_number(&mut self, parameter: Option<&'static Parameter>, name: &str, value: &str) -> Result<(), Invalid> {
        let ids = patients(name, value, self.context)?;
        match parameter {
            Some(parameter) => {
                let kept: Vec<String> = ids.iter().map(|id| format!("Patient/{id}")).collect();
                self.asked.search.all_of.push(of_patients(parameter, &ids));
                self.keep(parameter.name, &kept.join(","), true);
            }
            None => {
                self.keep("_id", &ids.join(","), true);
                self.narrow_ids(ids);
            }
        }
        Ok(())
    }

    fn narrow_ids(&mut self, mut ids: Vec<String>) {
        let known = &mut self.asked.search.ids;
        if !known.is_empty() {
            ids.retain(|id| known.contains(id));
        }
        // No id at all would mean every one.
        self.asked.is_nothing |= ids.is_empty();
        *known = ids;
    }

    /// What is said of the result, not of the resources.
    fn of_result(&mut self, name: &str, value: &str) -> Result<(), Invalid> {
        let known = ["_count", "_sort", "_total", "_summary", "_cursor", "_format", "_pretty"];
        let Some(known) = known.into_iter().find(|known| *known == name) else { return self.ignore(name) };
        if !self.seen.insert(known) {
            return Err(Invalid::Form(format!("{name} stands twice")));
        }
        match (known, value) {
            ("_count", _) => {
                let count: usize = value.parse().map_err(|_| Invalid::Form("_count is no number".to_owned()))?;
                self.asked.count = count.min(COUNT.1);
                self.asked.is_count |= count == 0;
            }
            ("_sort", _) => match order(value) {
                Some(order) => self.asked.search.order = order,
                None => return self.ignore("_sort"),
            },
            ("_total", "none") => {}
            ("_total", "accurate" | "estimate") => self.asked.has_total = true,
            ("_summary", "count") => self.asked.is_count = true,
            ("_summary", "false") => {}
            ("_cursor", _) => {
                self.asked.cursor = Some(value.to_owned());
                return Ok(());
            }
            // They say how the answer is written, which is not decided here.
            ("_format" | "_pretty", _) => {}
            _ => return self.ignore(known),
        }
        self.keep(name, value, true);
        Ok(())
    }

    fn ignore(&mut self, name: &str) -> Result<(), Invalid> {
        // What is told again is the name of a parameter, not whatever stands in its place.
        let is_name = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | ':' | '.');
        let shown = if name.len() <= NAME && name.chars().all(is_name) { name } else { "a parameter" };
        let text = format!("{shown} is not known for {} here, or has a value that is not served", self.kind);
        match self.context.handling {
            Handling::Strict => Err(Invalid::Form(text)),
            Handling::Lenient => {
                self.asked.ignored.push(text);
                Ok(())
            }
        }
    }

    fn keep(&mut self, name: &str, value: &str, is_told: bool) {
        let _ = write!(self.asked.text, "{}={}&", encoded(name), encoded(value));
        let told = if is_told { value } else { "..." };
        let _ = write!(self.asked.detail, "{}={}&", encoded(name), encoded(told));
    }
}

fn order(value: &str) -> Option<Order> {
    let (key, is_descending) = value.strip_prefix('-').map_or((value, false), |key| (key, true));
    let by = match key {
        "_lastUpdated" => OrderBy::LastUpdated,
        "_id" => OrderBy::Id,
        _ => return None,
    };
    Some(Order { by, is_descending })
}

/// The values of a parameter, any of which holds.
pub(super) fn values(text: &str) -> Result<Vec<&str>, Invalid> {
    let values = split(text, ',');
    if values.len() > VALUES {
        return Err(Invalid::Form(format!("a parameter has at most {VALUES} values")));
    }
    Ok(values)
}

/// What must hold of a resource that refers to one of these, `Type/id`.
pub(super) fn refers_to(parameter: &str, references: impl Iterator<Item = String>) -> AnyOf {
    use crate::journal::{Match, Term};
    let term = |value| Term { name: parameter.to_owned(), matches: Match::Value { system: None, value } };
    AnyOf { terms: references.map(term).collect(), is_not: false }
}

#[cfg(test)]
mod tests;
