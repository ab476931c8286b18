//! Issues: what a reader of a translation must know, with a stable code and a place.

use std::fmt;
use std::sync::Arc;

/// How bad an issue is (FHIR R4 value set issue-severity).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// For the reader's information.
    Information,
    /// Translated, but a person should look.
    Warning,
    /// A part could not be translated.
    Error,
    /// Nothing could be translated.
    Fatal,
}

impl Severity {
    /// The FHIR code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

/// Who can put an issue right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fixer {
    /// The laboratory that wrote the files.
    Laboratory,
    /// The person who runs the gateway (paths, permissions, configuration).
    Operator,
    /// The owner of the mapping files.
    MappingOwner,
    /// Nobody needs to: it is as it should be.
    Nobody,
}

impl Fixer {
    /// The word used in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Laboratory => "laboratory",
            Self::Operator => "operator",
            Self::MappingOwner => "mapping owner",
            Self::Nobody => "nobody",
        }
    }
}

/// Whether sending the same thing again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resend {
    /// The same bytes give the same issue.
    No,
    /// After the cause is put right.
    AfterFix,
    /// The same bytes may pass later.
    Yes,
}

impl Resend {
    /// The words used in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::AfterFix => "after the fix",
            Self::Yes => "yes",
        }
    }
}

macro_rules! issue_codes {
    ($( $variant:ident = $code:literal, $severity:ident, $fhir:literal, $fixer:ident, $resend:ident, $meaning:literal; )*) => {
        /// The stable codes, `area.noun-problem`; never reused. `docs/errors.md` lists the same set.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum IssueCode {
            $( #[doc = $meaning] $variant, )*
        }

        impl IssueCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [IssueCode] = &[ $( Self::$variant, )* ];

            /// The stable code.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )* }
            }

            /// The severity, which does not vary with the occurrence.
            pub fn severity(self) -> Severity {
                match self { $( Self::$variant => Severity::$severity, )* }
            }

            /// The FHIR R4 issue type (value set issue-type).
            pub fn fhir_type(self) -> &'static str {
                match self { $( Self::$variant => $fhir, )* }
            }

            /// Who can put it right.
            pub fn fixer(self) -> Fixer {
                match self { $( Self::$variant => Fixer::$fixer, )* }
            }

            /// Whether sending again helps.
            pub fn resend(self) -> Resend {
                match self { $( Self::$variant => Resend::$resend, )* }
            }

            /// What the code means.
            pub fn meaning(self) -> &'static str {
                match self { $( Self::$variant => $meaning, )* }
            }
        }
    };
}

include!("issue/codes.rs");

impl fmt::Display for IssueCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Where an issue is. Every part is optional; a place never holds cell contents.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Location {
    /// File, relative to the folder that was given.
    pub file: Option<Arc<str>>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Section of the file, without brackets.
    pub section: Option<Arc<str>>,
    /// Column by its name, or key of a key-value line.
    pub column: Option<Arc<str>>,
}

impl Location {
    /// A place in `file`.
    pub fn file(file: &Arc<str>) -> Self {
        Self { file: Some(Arc::clone(file)), ..Self::default() }
    }

    /// The same place, at `line`.
    pub fn line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// The same place, in `section`.
    pub fn section(mut self, section: &Arc<str>) -> Self {
        self.section = Some(Arc::clone(section));
        self
    }

    /// The same place, in `column`.
    pub fn column(mut self, column: &str) -> Self {
        self.column = Some(Arc::from(column));
        self
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if let Some(file) = &self.file {
            write!(formatter, "{file}")?;
            separator = ", ";
        }
        if let Some(line) = self.line {
            write!(formatter, "{separator}line {line}")?;
            separator = ", ";
        }
        if let Some(section) = &self.section {
            write!(formatter, "{separator}section [{section}]")?;
            separator = ", ";
        }
        if let Some(column) = &self.column {
            write!(formatter, "{separator}column {column}")?;
        }
        Ok(())
    }
}

/// One issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Stable code.
    pub code: IssueCode,
    /// Where.
    pub location: Location,
    /// What was wrong here, in words; values are quoted through [`crate::redact`].
    pub text: String,
}

impl Issue {
    /// An issue at a place.
    pub fn new(code: IssueCode, location: Location, text: impl Into<String>) -> Self {
        Self { code, location, text: text.into() }
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.text)?;
        if self.location != Location::default() {
            write!(formatter, " ({})", self.location)?;
        }
        Ok(())
    }
}
