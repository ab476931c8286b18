//! The values of search parameters in a resource.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::table::parameters;
use super::time::period;
use super::{Kind, Parameter};
use crate::domain::search::Token;

/// Characters of a text that are looked at: enough to tell titles and names apart.
const TEXT: usize = 100;

/// Members of a HumanName that are texts.
const NAME: [&str; 5] = ["text", "family", "given", "prefix", "suffix"];

/// The values of all parameters of the resource's type. `seal` makes of system and value of an identifier of a person what is kept
/// instead of it; whoever looks for one seals it the same way.
pub fn tokens(resource: &Value, seal: &dyn Fn(&str, &str) -> String) -> Vec<Token> {
    let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    let mut tokens = Vec::new();
    for parameter in parameters(kind) {
        for path in parameter.paths {
            let mut found = Vec::new();
            walk(resource, path, &mut found);
            for value in found {
                add(parameter, value, seal, &mut tokens);
            }
        }
    }
    tokens
}

/// A text as it is compared: without difference between great and small letters, without marks on letters, cut to a length.
pub fn fold(text: &str) -> String {
    let lower = text.trim().nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    lower.nfc().take(TEXT).collect()
}

fn walk<'v>(value: &'v Value, path: &str, found: &mut Vec<&'v Value>) {
    if let Value::Array(items) = value {
        items.iter().for_each(|item| walk(item, path, found));
        return;
    }
    if path.is_empty() {
        found.push(value);
        return;
    }
    let (member, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(value) = value.get(member) {
        walk(value, rest, found);
    }
}

fn add(parameter: &Parameter, value: &Value, seal: &dyn Fn(&str, &str) -> String, tokens: &mut Vec<Token>) {
    let name = parameter.name;
    match parameter.kind {
        Kind::Token => add_token(parameter, value, seal, tokens),
        Kind::Reference => {
            let reference = value.get("reference").or(Some(value)).and_then(Value::as_str).map(relative);
            let is_target = |reference: &&str| {
                let kind = reference.split('/').next();
                parameter.targets.is_empty() || parameter.targets.iter().any(|target| kind == Some(target))
            };
            tokens.extend(reference.filter(is_target).map(|reference| Token::new(name, "", reference)));
        }
        Kind::Date => {
            let span = match value {
                Value::String(text) => period(text),
                value => span_of_period(value),
            };
            tokens.extend(span.map(|(first, last)| Token::time(name, first, last)));
        }
        Kind::String => {
            if let Some(text) = value.as_str() {
                tokens.push(Token::new(name, "", &fold(text)));
            }
            for member in NAME {
                let mut texts = Vec::new();
                walk(value, member, &mut texts);
                let texts = texts.into_iter().filter_map(Value::as_str);
                tokens.extend(texts.map(|text| Token::new(name, "", &fold(text))));
            }
        }
        Kind::Uri => tokens.extend(value.as_str().map(|uri| Token::new(name, "", uri))),
    }
}

fn add_token(parameter: &Parameter, value: &Value, seal: &dyn Fn(&str, &str) -> String, tokens: &mut Vec<Token>) {
    let text = |member: &str| value.get(member).and_then(Value::as_str);
    let system = text("system").unwrap_or_default();
    match value {
        Value::String(code) => tokens.push(Token::new(parameter.name, "", code)),
        Value::Bool(is_so) => tokens.push(Token::new(parameter.name, "", if *is_so { "true" } else { "false" })),
        _ => {}
    }
    if let Some(Value::Array(codings)) = value.get("coding") {
        codings.iter().for_each(|coding| add_token(parameter, coding, seal, tokens));
    }
    if let Some(code) = text("code") {
        tokens.push(Token::new(parameter.name, system, code));
    }
    if let Some(identifier) = text("value") {
        let kept = if parameter.is_personal { seal(system, identifier) } else { identifier.to_owned() };
        tokens.push(Token::new(parameter.name, system, &kept));
    }
}

/// A reference without the version that it names.
fn relative(reference: &str) -> &str {
    reference.split_once("/_history/").map_or(reference, |(resource, _)| resource)
}

/// A Period that has no start or no end is open there.
fn span_of_period(value: &Value) -> Option<(i64, i64)> {
    let bound = |member: &str| value.get(member).and_then(Value::as_str).and_then(period);
    let (start, end) = (bound("start"), bound("end"));
    if start.is_none() && end.is_none() {
        return None;
    }
    Some((start.map_or(i64::MIN, |(first, _)| first), end.map_or(i64::MAX, |(_, last)| last)))
}

#[cfg(test)]
mod tests;
