//! A field, or a part of it.

use std::borrow::Cow;

use super::escape::{Unescaped, unescape};
use super::{Message, Place};

/// What a part says. An explicit null is the two characters `""`: the sender says that there is no value, which is not
/// the same as saying nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'m> {
    /// Nothing is said.
    Absent,
    /// There is no value.
    Null,
    /// A value, without escape sequences and without blanks around it.
    Text(Cow<'m, str>),
}

impl<'m> Value<'m> {
    /// The text, where there is one.
    pub fn text(self) -> Option<Cow<'m, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Null => None,
        }
    }
}

/// How far a part is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Field,
    Repetition,
    Component,
    Subcomponent,
}

/// A field, repetition, component or subcomponent of a message.
#[derive(Debug, Clone, Copy)]
pub struct Part<'m> {
    message: &'m Message<'m>,
    raw: &'m str,
    place: Place,
    level: Level,
}

impl<'m> Part<'m> {
    pub(super) fn field(message: &'m Message<'m>, raw: &'m str, place: Place) -> Self {
        Self { message, raw, place, level: Level::Field }
    }

    /// A part without parts: MSH-1 and MSH-2, which hold the delimiters themselves.
    pub(super) fn opaque(message: &'m Message<'m>, raw: &'m str, place: Place) -> Self {
        let place = Place { repetition: 1, component: 1, subcomponent: 1, ..place };
        Self { message, raw, place, level: Level::Subcomponent }
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        self.place
    }

    /// As it stands in the message.
    pub fn raw(&self) -> &'m str {
        self.raw
    }

    /// Whether nothing is said in it.
    pub fn is_absent(&self) -> bool {
        let delimiters = self.message.delimiters;
        let separators = [Some(delimiters.component), delimiters.repetition, delimiters.subcomponent];
        let is_separator = |byte: u8| self.level != Level::Subcomponent && separators.contains(&Some(byte));
        self.raw.bytes().all(|byte| byte == b' ' || is_separator(byte))
    }

    /// The repetitions of a field; a part of one as it is.
    pub fn repetitions(&self) -> impl Iterator<Item = Self> + use<'m> {
        self.split_to(Level::Repetition)
    }

    /// The components of a repetition; those of the first one of a field.
    pub fn components(&self) -> impl Iterator<Item = Self> + use<'m> {
        self.first_of(Level::Repetition).split_to(Level::Component)
    }

    /// The component of a number.
    pub fn component(&self, number: u32) -> Option<Self> {
        self.components().nth(index(number)?)
    }

    /// The subcomponents of a component; those of the first one of a field or repetition.
    pub fn subcomponents(&self) -> impl Iterator<Item = Self> + use<'m> {
        self.first_of(Level::Component).split_to(Level::Subcomponent)
    }

    /// The subcomponent of a number.
    pub fn subcomponent(&self, number: u32) -> Option<Self> {
        self.subcomponents().nth(index(number)?)
    }

    /// The first subcomponent of the first component of the first repetition: what a reader sees who knows no parts.
    pub fn first_leaf(&self) -> Self {
        self.first_of(Level::Subcomponent)
    }

    /// Every subcomponent in it that says something.
    pub fn leaves(&self) -> impl Iterator<Item = Self> + use<'m> {
        let repetitions = self.repetitions();
        let components = repetitions.flat_map(|repetition| repetition.split_to(Level::Component));
        components.flat_map(|component| component.split_to(Level::Subcomponent)).filter(|leaf| !leaf.is_absent())
    }

    /// What its first leaf says.
    pub fn value(&self) -> Value<'m> {
        match self.first_leaf().unescaped() {
            _ if self.first_leaf().raw == "\"\"" => Value::Null,
            Unescaped { text: Cow::Borrowed(text), .. } => match text.trim_matches(' ') {
                "" => Value::Absent,
                text => Value::Text(Cow::Borrowed(text)),
            },
            Unescaped { text: Cow::Owned(text), .. } => match text.trim_matches(' ') {
                "" => Value::Absent,
                trimmed if trimmed.len() == text.len() => Value::Text(Cow::Owned(text)),
                trimmed => Value::Text(Cow::Owned(trimmed.to_owned())),
            },
        }
    }

    /// What all of it says, where it has no parts although there are delimiters in it.
    pub fn undivided(&self) -> Value<'m> {
        let delimiters = &self.message.delimiters;
        match unescape(self.raw, delimiters, self.message.character_set).text {
            _ if self.raw == "\"\"" => Value::Null,
            text if text.trim_matches(' ').is_empty() => Value::Absent,
            text => Value::Text(Cow::Owned(text.trim_matches(' ').to_owned())),
        }
    }

    /// Whether it holds an escape sequence whose meaning is not known.
    pub fn has_unknown_escape(&self) -> bool {
        self.unescaped().has_unknown
    }

    fn unescaped(&self) -> Unescaped<'m> {
        // The delimiters themselves are not escaped.
        if self.place.field <= 2 && self.place.segment == super::SegmentName::MSH {
            return Unescaped { text: Cow::Borrowed(self.raw), has_unknown: false };
        }
        unescape(self.first_leaf().raw, &self.message.delimiters, self.message.character_set)
    }

    fn first_of(&self, level: Level) -> Self {
        let mut part = *self;
        while part.level < level {
            part = part.split().next().unwrap_or(Self { level, ..part });
        }
        part
    }

    fn split_to(&self, level: Level) -> impl Iterator<Item = Self> + use<'m> {
        let split = (self.level < level).then(|| self.split());
        let whole = (self.level >= level).then_some(*self);
        split.into_iter().flatten().chain(whole)
    }

    /// The parts one level down.
    fn split(&self) -> impl Iterator<Item = Self> + use<'m> {
        let delimiters = self.message.delimiters;
        let (separator, level) = match self.level {
            Level::Field => (delimiters.repetition, Level::Repetition),
            Level::Repetition => (Some(delimiters.component), Level::Component),
            Level::Component | Level::Subcomponent => (delimiters.subcomponent, Level::Subcomponent),
        };
        let part = *self;
        // A byte that occurs in no message stands for a delimiter that MSH-2 leaves out.
        let separator = separator.map_or('\0', char::from);
        part.raw.split(separator).zip(1..).map(move |(raw, number)| {
            let place = match level {
                Level::Field | Level::Repetition => Place { repetition: number, ..part.place },
                Level::Component => Place { component: number, ..part.place },
                Level::Subcomponent => Place { subcomponent: number, ..part.place },
            };
            Self { raw, place, level, ..part }
        })
    }
}

fn index(number: u32) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}
