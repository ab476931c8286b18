//! The attributes of an element that is one row.

use crate::domain::accounting::Account;
use crate::domain::decimal::Decimal;
use crate::domain::issue::IssueCode;
use crate::redact::quote;
use crate::sources::tso500::cells::is_missing;
use crate::sources::tso500::cells::number::{NumberError, parse_count};
use crate::sources::tso500::cells::quantity::{Quantity, parse_quantity};
use crate::sources::tso500::cells::symbol::parse_symbol;
use crate::sources::xml::Element;

use super::rows::Opened;
use super::wire::Extra;

/// An element that is one row.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    element: &'a Element,
    pub(super) opened: Opened,
    /// Values that no field holds, so far.
    pub(super) extra: Extra,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(element: &'a Element, opened: Opened) -> Self {
        Self { element, opened, extra: Vec::new() }
    }

    /// The text of an attribute; none where it says that there is no value.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.element.attribute(name).filter(|text| !is_missing(text)).map(str::to_owned)
    }

    /// `strand`: `+` or `-`, which elsewhere says that a value is missing.
    pub(super) fn strand(&self) -> Option<String> {
        self.element.attribute("strand").filter(|strand| matches!(*strand, "+" | "-")).map(str::to_owned)
    }

    /// The gene symbol that the finding needs; a row without one is rejected.
    pub(super) fn required_symbol(&self, name: &'static str, account: &mut Account) -> Option<String> {
        let Some(text) = self.text(name) else {
            self.reject(name, IssueCode::ValueRequired, "the value is missing", account);
            return None;
        };
        match parse_symbol(&text) {
            Ok(_) => Some(text),
            Err(error) => {
                self.reject(name, IssueCode::GeneInvalid, format!("{}: {error}", quote(&text)), account);
                None
            }
        }
    }

    /// A number that the finding can do without.
    pub(super) fn number(&mut self, name: &'static str, quantity: Quantity, account: &mut Account) -> Option<Decimal> {
        let text = self.text(name)?;
        let number = parse_quantity(&text, quantity).map(|number| number.value);
        number.map_err(|error| self.keep_unread(name, text, &error, account)).ok()
    }

    /// A count that the finding can do without.
    pub(super) fn count(&mut self, name: &'static str, account: &mut Account) -> Option<u64> {
        let text = self.text(name)?;
        parse_count(&text).map_err(|error| self.keep_unread(name, text, &error, account)).ok()
    }

    /// `allele-fraction`; older reports give `percent-reads`, which becomes a fraction digit by digit.
    pub(super) fn allele_fraction(&mut self, account: &mut Account) -> Option<Decimal> {
        const FRACTION: &str = "allele-fraction";
        const PERCENT: &str = "percent-reads";
        if self.text(FRACTION).is_some() {
            return self.number(FRACTION, Quantity::Fraction, account);
        }
        let text = self.text(PERCENT)?;
        let number = parse_quantity(&format!("{}%", text.trim_end_matches('%')), Quantity::Fraction);
        number.map(|number| number.value).map_err(|error| self.keep_unread(PERCENT, text, &error, account)).ok()
    }

    /// Keeps every attribute that is none of `known` as a note.
    pub(super) fn keep_others(&mut self, known: &[&str]) {
        for attribute in self.element.attributes.iter().filter(|it| it.namespace.is_none()) {
            let text = attribute.value.trim();
            if !known.contains(&attribute.name.as_str()) && !is_missing(text) {
                self.extra.push((attribute.name.clone(), text.to_owned()));
            }
        }
    }

    /// Rejects the row for what stands in an attribute.
    pub(super) fn reject(&self, name: &'static str, code: IssueCode, text: impl Into<String>, account: &mut Account) {
        account.reject(self.opened.row, code, self.opened.place.clone().column(name), text);
    }

    fn keep_unread(&mut self, name: &'static str, text: String, error: &NumberError, account: &mut Account) {
        let code = match error {
            NumberError::Empty => IssueCode::ValueRequired,
            NumberError::Invalid => IssueCode::NumberInvalid,
            NumberError::Ambiguous => IssueCode::NumberAmbiguous,
            NumberError::OutOfRange => IssueCode::NumberOutOfRange,
        };
        account.issue(code, self.opened.place.clone().column(name), format!("{}: {error}", quote(&text)));
        self.extra.push((name.to_owned(), text));
    }
}
