//! A record before it has its type: values by name, with where they stood.

use std::collections::BTreeMap;

use crate::domain::referral::Code;
use crate::sources::hl7v2_ref::er7::Place;

/// A text, and the leaf that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drafted {
    /// The text.
    pub text: String,
    /// Where it stood; none for what the binding itself says.
    pub place: Option<Place>,
}

#[derive(Debug, Clone)]
enum Filling {
    Text(Drafted),
    Codes(Vec<Code>),
    Records(Vec<Draft>),
}

/// The fields of a record that the binding fills.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Number of the record, by which [`super::Uses`] name it.
    pub number: u32,
    /// The segment or repetition that it was made for.
    pub place: Option<Place>,
    fields: BTreeMap<&'static str, Filling>,
    /// Whether anything in it came from the message.
    is_said: bool,
}

impl Draft {
    pub(super) fn new(number: u32, place: Option<Place>) -> Self {
        Self { number, place, fields: BTreeMap::new(), is_said: false }
    }

    /// Whether nothing came from the message or the binding.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether the message says anything of it: constants of the binding alone make no record.
    pub fn is_said(&self) -> bool {
        self.is_said
    }

    pub(super) fn say(&mut self) {
        self.is_said = true;
    }

    pub(super) fn set_text(&mut self, name: &'static str, text: Drafted) {
        self.fields.insert(name, Filling::Text(text));
    }

    pub(super) fn set_codes(&mut self, name: &'static str, codes: Vec<Code>) {
        self.fields.insert(name, Filling::Codes(codes));
    }

    pub(super) fn set_records(&mut self, name: &'static str, records: Vec<Self>) {
        self.fields.insert(name, Filling::Records(records));
    }

    /// Takes a text with its place.
    pub fn drafted(&mut self, name: &str) -> Option<Drafted> {
        match self.fields.remove(name)? {
            Filling::Text(text) => Some(text),
            Filling::Codes(_) | Filling::Records(_) => None,
        }
    }

    /// Takes a text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.drafted(name).map(|drafted| drafted.text)
    }

    /// Takes codes.
    pub fn codes(&mut self, name: &str) -> Vec<Code> {
        match self.fields.remove(name) {
            Some(Filling::Codes(codes)) => codes,
            _ => Vec::new(),
        }
    }

    /// Takes records.
    pub fn records(&mut self, name: &str) -> Vec<Self> {
        match self.fields.remove(name) {
            Some(Filling::Records(records)) => records,
            _ => Vec::new(),
        }
    }

    /// Takes the only record.
    pub fn record(&mut self, name: &str) -> Option<Self> {
        self.records(name).into_iter().next()
    }
}
