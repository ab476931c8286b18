//! An object that is one row: its values, and what cannot be read of them.

use serde_json::{Map, Value};

use crate::domain::accounting::Account;
use crate::domain::decimal::Decimal;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::cells::boolean::parse_boolean;
use super::super::cells::breakpoint::{Breakpoint, parse_locus};
use super::super::cells::is_missing;
use super::super::cells::number::parse_count;
use super::super::cells::quantity::{Quantity, parse_quantity};
use super::super::cells::symbol::parse_symbol;
use super::super::combined_variant_output::row::number_code;
use super::super::wire::Extra;
use super::Opened;

/// An object that is one row.
#[derive(Debug)]
pub(in super::super) struct Item<'a> {
    pub(in super::super) object: &'a Map<String, Value>,
    pub(in super::super) opened: Opened,
    /// Values that no field holds, so far.
    pub(in super::super) extra: Extra,
}

/// The text of a value; none where it says that there is no value. Numbers keep their digits.
pub(in super::super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.trim()).filter(|text| !is_missing(text)).map(str::to_owned),
        other => Some(other.to_string()),
    }
}

/// The filter of an object that has one and did not pass.
pub(in super::super) fn filter_of(object: &Map<String, Value>) -> Option<String> {
    let is_filter =
        |key: &str| matches!(key.to_ascii_lowercase().as_str(), "filter" | "filters" | "vcffilter" | "vcffilters");
    let (_, value) = object.iter().find(|(key, _)| is_filter(key))?;
    let words: Vec<String> = match value {
        Value::Array(filters) => filters.iter().filter_map(text_of).collect(),
        other => text_of(other).into_iter().collect(),
    };
    let passed = words.iter().all(|word| word.eq_ignore_ascii_case("PASS"));
    (!passed).then(|| words.join(";"))
}

impl<'a> Item<'a> {
    pub(in super::super) fn new(object: &'a Map<String, Value>, opened: Opened) -> Self {
        Self { object, opened, extra: Vec::new() }
    }

    /// The text of a key.
    pub(in super::super) fn text(&self, key: &str) -> Option<String> {
        self.object.get(key).and_then(text_of)
    }

    /// The text of a key that the finding needs; a row without it is rejected.
    pub(in super::super) fn required(&self, key: &'static str, account: &mut Account) -> Option<String> {
        let text = self.text(key);
        if text.is_none() {
            self.reject(key, IssueCode::ValueRequired, "the value is missing", account);
        }
        text
    }

    /// A value that the finding needs, read by `parse`; a row without it is rejected with the code of the error.
    pub(in super::super) fn required_with<T, E: std::fmt::Display>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
        code: impl FnOnce(&E) -> IssueCode,
        account: &mut Account,
    ) -> Option<T> {
        let text = self.required(key, account)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.reject(key, code(&error), format!("{}: {error}", quote(&text)), account);
                None
            }
        }
    }

    /// The gene symbol that the finding needs; a row without one is rejected.
    pub(in super::super) fn required_symbol(&self, key: &'static str, account: &mut Account) -> Option<String> {
        let symbol = |text: &str| parse_symbol(text).map(str::to_owned);
        self.required_with(key, symbol, |_| IssueCode::GeneInvalid, account)
    }

    /// A number that the finding can do without.
    pub(in super::super) fn number(
        &mut self,
        key: &'static str,
        quantity: Quantity,
        account: &mut Account,
    ) -> Option<Decimal> {
        let read = |text: &str| parse_quantity(text, quantity).map(|number| number.value);
        self.optional(key, read, number_code, account)
    }

    /// A count that the finding can do without.
    pub(in super::super) fn count(&mut self, key: &'static str, account: &mut Account) -> Option<u64> {
        self.optional(key, parse_count, number_code, account)
    }

    /// True or false, where the key says so.
    pub(in super::super) fn boolean(&mut self, key: &'static str, account: &mut Account) -> Option<bool> {
        self.optional(key, parse_boolean, |_| IssueCode::BooleanInvalid, account)
    }

    /// A breakpoint from its chromosome and position; a text that is none stays text.
    pub(in super::super) fn breakpoint(&self, key: &'static str, account: &mut Account) -> Option<Breakpoint> {
        let text = match (self.text("chromosome"), self.text("position")) {
            (None, None) => return None,
            (chromosome, position) => {
                format!("{}:{}", chromosome.unwrap_or_default(), position.unwrap_or_default())
            }
        };
        let locus = parse_locus(&text);
        if let Err(error) = &locus {
            let place = self.opened.place.clone().column(key);
            account.issue(IssueCode::BreakpointInvalid, place, format!("{}: {error}", quote(&text)));
        }
        Some(Breakpoint { locus: locus.ok(), text })
    }

    /// Keeps every value that stands under none of `known` as a note; objects and arrays are named only.
    pub(in super::super) fn keep_others(&mut self, known: &[&str]) {
        for (key, value) in self.object.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let text = match value {
                Value::Object(_) | Value::Array(_) => Some("(several values)".to_owned()),
                other => text_of(other),
            };
            self.extra.extend(text.map(|text| (quote(key).trim_matches('`').to_owned(), text)));
        }
    }

    /// Rejects the row for what stands under a key.
    pub(in super::super) fn reject(
        &self,
        key: &'static str,
        code: IssueCode,
        text: impl Into<String>,
        account: &mut Account,
    ) {
        account.reject(self.opened.row, code, self.opened.place.clone().column(key), text);
    }

    /// A value that cannot be read is an issue and a note beside the finding.
    fn optional<T, E: std::fmt::Display>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
        code: impl FnOnce(&E) -> IssueCode,
        account: &mut Account,
    ) -> Option<T> {
        let text = self.text(key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                let place = self.opened.place.clone().column(key);
                account.issue(code(&error), place, format!("{}: {error}", quote(&text)));
                self.extra.push((key.to_owned(), text));
                None
            }
        }
    }
}
