//! A compiled binding.

use std::sync::Arc;

use super::path::Path;
use super::syntax::Comparison;
use crate::domain::code_table::{CodeTables, Entry};
use crate::sources::hl7v2_ref::er7::{CharacterSet, SegmentName};

/// What is done with the messages of one sender.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Organisation number of the sender, where an overlay says it.
    pub organisation: Option<String>,
    /// Trigger events that are read, e.g. `I12`.
    pub events: Vec<String>,
    /// Versions that are read.
    pub versions: Vec<String>,
    /// Processing ids that are read.
    pub processing_ids: Vec<String>,
    /// How bytes become text.
    pub character_sets: CharacterSets,
    /// Segments that can stand directly under a segment.
    pub structure: Vec<(SegmentName, Vec<SegmentName>)>,
    /// Parts that are not taken over, with the reason.
    pub ignore: Vec<(Path, Arc<str>)>,
    /// Parts that are kept as notes.
    pub keep: Vec<Path>,
    /// Which repetition of a field comes first.
    pub prefer: Vec<Preference>,
    /// The code tables.
    pub code_tables: Arc<CodeTables>,
    /// The table of the coding systems of CE and CWE, with a column `system`.
    pub coding_systems: String,
    /// Whether a positive receipt names the warnings.
    pub acknowledge_warnings: bool,
    /// The fields of the referral.
    pub fields: Vec<(&'static str, Rule)>,
}

/// Which repetition of a field comes first.
#[derive(Debug, Clone)]
pub struct Preference {
    /// The component that says what kind a repetition is of.
    pub path: Path,
    /// Kinds, the best first; an empty one where nothing is said, [`Preference::OTHERS`] for those that are not named.
    pub kinds: Vec<String>,
}

impl Preference {
    /// Stands for every kind that is not named.
    pub const OTHERS: &'static str = "*";

    /// The place of a kind; the smallest comes first.
    pub fn rank(&self, kind: &str) -> usize {
        let place = |wanted: &str| self.kinds.iter().position(|kind| kind == wanted);
        place(kind).or_else(|| place(Self::OTHERS)).unwrap_or(self.kinds.len())
    }
}

/// How bytes become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CharacterSets {
    /// The set where MSH-18 is empty.
    pub default: CharacterSet,
    /// The set whatever MSH-18 says: for a sender that says another one than it writes.
    pub always: Option<CharacterSet>,
}

/// What fills a field.
#[derive(Debug, Clone)]
pub enum Rule {
    /// A text, number or date: the first alternative that has one.
    Text(Vec<Alternative>),
    /// Codes: those of the first alternative that has any, or the first one of them.
    Codes {
        /// The alternatives, in order.
        alternatives: Vec<Alternative>,
        /// Whether the field is a list.
        many: bool,
    },
    /// Records: the first group that makes one, or all that all groups make.
    Records {
        /// The groups, in order.
        groups: Vec<Group>,
        /// Whether the field is a list.
        many: bool,
    },
}

/// A value under conditions.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// All must hold.
    pub when: Vec<Condition>,
    /// The value.
    pub value: Expression,
}

/// Makes records.
#[derive(Debug, Clone)]
pub struct Group {
    /// One record for each of these; one record where there is none.
    pub each: Option<Path>,
    /// All must hold.
    pub when: Vec<Condition>,
    /// Why what it is about is not taken over; then it makes no record.
    pub ignore: Option<Arc<str>>,
    /// What is in the record.
    pub fields: Vec<(&'static str, Rule)>,
}

/// A column of a code table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// The counterpart of the code.
    Target,
    /// Its text.
    Display,
    /// Another column.
    Property(String),
}

impl Column {
    /// The cell of a row.
    pub fn of<'t>(&self, row: Entry<'t>) -> Option<&'t str> {
        match self {
            Self::Target => row.target().map(|target| target.code),
            Self::Display => Some(row.display()),
            Self::Property(name) => row.property(name),
        }
    }
}

/// A condition.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Whether the test must fail.
    pub negated: bool,
    /// The test.
    pub test: Test,
}

/// What a condition asks.
#[derive(Debug, Clone)]
pub enum Test {
    /// There is a value.
    Filled(Expression),
    /// Two values are the same.
    Equal(Expression, Expression),
    /// The value is one of these.
    OneOf(Expression, Vec<String>),
    /// No rule before has read it.
    Unread(Path),
    /// How the version of the message compares.
    Version(Comparison, String),
}

/// A value.
#[derive(Debug, Clone)]
pub enum Expression {
    /// A text.
    Literal(String),
    /// The first value at a path.
    Path(Path),
    /// Every value at a path, a line each.
    All(Path),
    /// The first one that says something; a null ends the search.
    First(Vec<Expression>),
    /// The cell of a table.
    Lookup {
        /// Name of the table.
        table: String,
        /// What is taken of its row.
        column: Column,
        /// Code.
        key: Box<Expression>,
        /// Whether a code that the table lacks is an issue.
        is_strict: bool,
    },
    /// Those that say something, with a text between them.
    Join(String, Vec<Expression>),
    /// A text in front, where there is a value.
    Labelled(String, Box<Expression>),
    /// The first one that is an organisation number.
    OrganisationNumber(Vec<Expression>),
    /// A date or time of HL7 v2 as FHIR has it.
    Date(Box<Expression>),
    /// The codes of a CE or CWE.
    Code(Path),
    /// A code of a system that is known: URI, code, text.
    Coding(String, Box<Expression>, Option<Box<Expression>>),
}
