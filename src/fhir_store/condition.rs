//! One search parameter with its values -> what must hold of a resource.

use super::query::{Context, Invalid};
use super::reference::references;
use super::value::{split, system_and_value, unescape};
use super::{date, query};
use crate::domain::national_id::{NationalId, SyntheticNumbers};
use crate::fhir::search::{self, Kind, Parameter, fold};
use crate::journal::{AnyOf, Match, Term};

/// What must hold. `modifier` is what stands behind a colon.
pub(super) fn condition(
    parameter: &Parameter,
    modifier: Option<&str>,
    text: &str,
    context: &Context<'_>,
) -> Result<AnyOf, Invalid> {
    if modifier == Some("missing") {
        let is_not = match text {
            "true" => true,
            "false" => false,
            _ => return Err(wrong(parameter, "with :missing is true or false")),
        };
        return Ok(AnyOf { terms: vec![term(parameter, Match::Any)], is_not });
    }
    if !supports(parameter, modifier) {
        return Err(wrong(parameter, "does not take this modifier here"));
    }
    let mut terms = Vec::new();
    for value in query::values(text)? {
        terms.extend(matches(parameter, modifier, value, context)?.into_iter().map(|found| term(parameter, found)));
    }
    Ok(AnyOf { terms, is_not: modifier == Some("not") })
}

fn supports(parameter: &Parameter, modifier: Option<&str>) -> bool {
    let Some(modifier) = modifier else { return true };
    match parameter.kind {
        Kind::Token => modifier == "not",
        Kind::String => matches!(modifier, "exact" | "contains"),
        Kind::Uri => modifier == "below",
        Kind::Reference => targets(parameter).contains(&modifier),
        Kind::Date => false,
    }
}

/// The modifiers of a kind of parameter, as the documentation lists them; `:missing` goes with every one.
pub(super) fn modifiers(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Token => &["not"],
        Kind::String => &["exact", "contains"],
        Kind::Uri => &["below"],
        Kind::Reference => &["[type]"],
        Kind::Date => &[],
    }
}

fn matches(
    parameter: &Parameter,
    modifier: Option<&str>,
    value: &str,
    context: &Context<'_>,
) -> Result<Vec<Match>, Invalid> {
    let form = || wrong(parameter, "is not of its form");
    let plain = || unescape(value).filter(|value| !value.is_empty()).ok_or_else(form);
    let whole = |value: String| Match::Value { system: None, value };
    Ok(match parameter.kind {
        Kind::Token if parameter.is_personal => vec![sealed(parameter, value, context)?],
        Kind::Token => {
            let mut token = system_and_value(value).ok_or_else(form)?;
            // The system of a code is that of its value set, and does not stand in the resource.
            if parameter.is_code && token.value.is_some() {
                token.system = None;
            }
            vec![match (token.system, token.value) {
                (Some(_), None) if parameter.is_code => Match::Any,
                (system, Some(value)) => Match::Value { system, value },
                (Some(system), None) => Match::System(system),
                (None, None) => return Err(form()),
            }]
        }
        Kind::Reference => {
            let targets = modifier.map_or_else(|| targets(parameter), |kind| vec![kind]);
            let found = references(&plain()?, &targets, context.base).ok_or_else(form)?;
            found.into_iter().map(whole).collect()
        }
        Kind::Date => {
            let (comparison, (first, last)) = date::wanted(value).ok_or_else(form)?;
            vec![Match::Time { comparison, first, last }]
        }
        Kind::String => {
            let text = fold(&plain()?);
            vec![match modifier {
                Some("exact") => whole(text),
                Some("contains") => Match::Contains(text),
                _ => Match::Prefix(text),
            }]
        }
        Kind::Uri => match modifier {
            Some("below") => vec![Match::Prefix(plain()?)],
            _ => vec![whole(plain()?)],
        },
    })
}

/// An identifier of a person is kept sealed, and found by its seal.
fn sealed(parameter: &Parameter, value: &str, context: &Context<'_>) -> Result<Match, Invalid> {
    let token = system_and_value(value).ok_or_else(|| wrong(parameter, "is not of its form"))?;
    let value = token.value.ok_or_else(|| wrong(parameter, "is asked for with its value"))?;
    Ok(Match::Value { system: token.system, value: (context.sealed)(&value) })
}

/// Types that a reference may lead to: every one that is served where the parameter names none.
pub(super) fn targets(parameter: &Parameter) -> Vec<&'static str> {
    if parameter.targets.is_empty() { search::types().to_vec() } else { parameter.targets.to_vec() }
}

/// The ids of the patients with these national numbers: `number` or `system|number`. The numbers are looked at and forgotten.
pub(super) fn patients(name: &str, text: &str, context: &Context<'_>) -> Result<Vec<String>, Invalid> {
    let patient_id = context.patient_id.ok_or(Invalid::Personal)?;
    let id = |value: &str| {
        let number = split(value, '|').pop().and_then(unescape)?;
        let number = NationalId::parse(number.trim(), None, SyntheticNumbers::Accepted).ok()?;
        Some(patient_id(&number))
    };
    let ids: Option<Vec<String>> = query::values(text)?.into_iter().map(id).collect();
    ids.ok_or_else(|| Invalid::Form(format!("{name} is no national number")))
}

/// That a reference leads to one of these patients.
pub(super) fn of_patients(parameter: &Parameter, ids: &[String]) -> AnyOf {
    let found = |id: &String| Match::Value { system: None, value: format!("Patient/{id}") };
    AnyOf { terms: ids.iter().map(|id| term(parameter, found(id))).collect(), is_not: false }
}

fn term(parameter: &Parameter, matches: Match) -> Term {
    Term { name: parameter.name.to_owned(), matches }
}

fn wrong(parameter: &Parameter, text: &str) -> Invalid {
    Invalid::Form(format!("{} {text}", parameter.name))
}
