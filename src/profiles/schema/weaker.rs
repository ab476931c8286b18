//! What a schema leaves to the validator.

use std::fmt;

use crate::domain::issue::IssueCode;

/// A rule that the validator checks and the schema does not, or not in full.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weaker {
    /// Name of a type or canonical URL of a profile or extension.
    pub definition: String,
    /// Element inside it, with the slice, e.g. `component:gene-studied.value`; empty: all of it.
    pub path: String,
    /// Kind of rule.
    pub rule: Rule,
    /// What is not checked.
    pub what: String,
}

/// Kinds of rules that a schema leaves out, or loosens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// FHIRPath invariants.
    Invariant,
    /// Form and targets of references.
    Reference,
    /// A slice that only the target of a reference decides.
    Slice,
    /// The order of slices.
    SliceOrder,
    /// A value set.
    Binding,
    /// Codes against their code system.
    Code,
    /// Formats of primitives.
    Primitive,
    /// `null` in arrays of primitives.
    Null,
    /// Entries of a Bundle.
    Bundle,
    /// Profiles that a resource claims.
    Claim,
    /// Where an extension may stand, and its definition.
    Extension,
    /// Profiles on datatypes.
    TypeProfile,
    /// Resources inside a resource.
    Contained,
    /// Fixed numbers.
    Number,
    /// Limits on dates, times and quantities.
    Limit,
    /// Levels of nesting.
    Depth,
}

impl Rule {
    /// Every kind.
    pub const ALL: &'static [Rule] = &[
        Self::Invariant,
        Self::Reference,
        Self::Slice,
        Self::SliceOrder,
        Self::Binding,
        Self::Code,
        Self::Primitive,
        Self::Null,
        Self::Bundle,
        Self::Claim,
        Self::Extension,
        Self::TypeProfile,
        Self::Contained,
        Self::Number,
        Self::Limit,
        Self::Depth,
    ];

    /// Name in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invariant => "invariant",
            Self::Reference => "reference",
            Self::Slice => "slice",
            Self::SliceOrder => "slice-order",
            Self::Binding => "binding",
            Self::Code => "code",
            Self::Primitive => "primitive",
            Self::Null => "null",
            Self::Bundle => "bundle",
            Self::Claim => "claim",
            Self::Extension => "extension",
            Self::TypeProfile => "type-profile",
            Self::Contained => "contained",
            Self::Number => "number",
            Self::Limit => "limit",
            Self::Depth => "depth",
        }
    }

    /// What it means for somebody who has only the schema.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Invariant => {
                "Rules between elements that FHIR writes in FHIRPath, e.g. that a range is not upside down."
            }
            Self::Reference => {
                "The form of a reference, the type or profile of its target, and whether the target is there."
            }
            Self::Slice => "Slices whose members only the target of a reference tells apart.",
            Self::SliceOrder => "The order of the items of an ordered slicing.",
            Self::Binding => "Value sets that cannot be written out, and extensible ones, which warn only.",
            Self::Code => "Whether a code is one of its code system, or has its form (LOINC, HGVS, HGNC, UCUM, ...).",
            Self::Primitive => {
                "Details of a format: days that do not exist, integers written 1.0, the length of base64."
            }
            Self::Null => {
                "That a null in an array of primitives has an id or extension at the same place of the other array."
            }
            Self::Bundle => "Full URLs, requests and uniqueness of the entries of a Bundle.",
            Self::Claim => "Profiles in meta.profile other than those that the schema is made of.",
            Self::Extension => {
                "Where an extension may stand, and the definitions of extensions that the profile does not name."
            }
            Self::TypeProfile => "Profiles of datatypes that the definition of a type names (SimpleQuantity).",
            Self::Contained => {
                "The content of a resource inside the resource that is of another type than the usual ones."
            }
            Self::Number => "The digits of a fixed number: 1.0 equals 1.",
            Self::Limit => "The least and greatest date, time or quantity.",
            Self::Depth => "The limit of nesting.",
        }
    }

    /// Issues that the validator may raise where a schema is silent for this reason.
    pub fn codes(self) -> &'static [IssueCode] {
        use IssueCode as Code;
        match self {
            Self::Invariant => &[Code::InvariantFailed],
            Self::Reference => &[Code::ReferenceTarget, Code::ReferenceUnresolved, Code::ReferenceInvalid],
            Self::Slice => &[
                Code::SliceMin,
                Code::SliceMax,
                Code::SliceClosed,
                Code::CardinalityMin,
                Code::CardinalityMax,
                Code::TypeWrong,
                Code::PatternValue,
                Code::FixedValue,
                Code::CodeNotInValueSet,
            ],
            Self::SliceOrder => &[Code::SliceClosed],
            Self::Binding => &[Code::CodeNotInValueSet, Code::CodeNotPreferred],
            Self::Code => &[Code::CodeUnknown],
            Self::Primitive => &[Code::PrimitiveInvalid],
            Self::Null => &[Code::ElementEmpty],
            Self::Bundle => &[Code::BundleRule, Code::ReferenceUnresolved],
            Self::Claim => &[Code::ProfileUnknown, Code::ProfileWrongType],
            Self::Extension => &[Code::ExtensionInvalid, Code::ExtensionUndefined, Code::ModifierExtensionUnknown],
            Self::TypeProfile => &[Code::PatternValue, Code::CardinalityMax],
            Self::Contained => &[],
            Self::Number => &[Code::FixedValue, Code::PatternValue],
            Self::Limit => &[Code::ValueOutOfRange],
            Self::Depth => &[Code::JsonTooDeep],
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
