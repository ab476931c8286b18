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
    /// The organisation that sent the message.
    Sender,
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
            Self::Sender => "sender",
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
    /// FHIRPath of the element of a resource, e.g. `Observation.component[2].value`.
    pub path: Option<Arc<str>>,
    /// Canonical URL of the profile whose rule is not met.
    pub profile: Option<Arc<str>>,
    /// Slice of the profile, e.g. `category:geCategory`.
    pub slice: Option<Arc<str>>,
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

    /// An element of a resource.
    pub fn path(path: &str) -> Self {
        Self { path: Some(Arc::from(path)), ..Self::default() }
    }

    /// The same place, under a rule of `profile`.
    pub fn profile(mut self, profile: &str) -> Self {
        self.profile = Some(Arc::from(profile));
        self
    }

    /// The same place, in `slice`.
    pub fn slice(mut self, slice: &str) -> Self {
        self.slice = Some(Arc::from(slice));
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
        let parts: [(&str, Option<String>, &str); 7] = [
            ("", self.file.as_ref().map(ToString::to_string), ""),
            ("line ", self.line.map(|line| line.to_string()), ""),
            ("section [", self.section.as_ref().map(ToString::to_string), "]"),
            ("column ", self.column.as_ref().map(ToString::to_string), ""),
            ("", self.path.as_ref().map(ToString::to_string), ""),
            ("slice ", self.slice.as_ref().map(ToString::to_string), ""),
            ("profile ", self.profile.as_ref().map(ToString::to_string), ""),
        ];
        let mut separator = "";
        for (before, value, after) in parts {
            if let Some(value) = value {
                write!(formatter, "{separator}{before}{value}{after}")?;
                separator = ", ";
            }
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
