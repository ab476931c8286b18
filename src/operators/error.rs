//! Why a person was not let in.

use crate::domain::issue::IssueCode;

/// Why a person was not let in. No word of the provider or of the person is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// No log-in of this browser waits for the answer: it was answered, is too old, or was begun elsewhere.
    #[error("no log-in of this browser waits for this answer")]
    Unknown,
    /// The provider said no.
    #[error("the provider did not log the person in")]
    Refused,
    /// The provider cannot be reached, or does not answer as a provider does.
    #[error("the provider cannot be reached")]
    Unavailable,
    /// The ID token is not one for this log-in.
    #[error("what the provider said about the person cannot be trusted: {0}")]
    Token(&'static str),
    /// The person has no role here.
    #[error("the person has no role, or two that exclude each other")]
    Role,
    /// The system gives no randomness.
    #[error("no randomness")]
    Random,
}

impl LoginError {
    /// The stable code.
    pub fn code(self) -> IssueCode {
        match self {
            Self::Unknown => IssueCode::OperatorLoginUnknown,
            Self::Refused => IssueCode::OperatorLoginRefused,
            Self::Unavailable => IssueCode::OperatorProviderUnavailable,
            Self::Token(_) => IssueCode::OperatorTokenInvalid,
            Self::Role => IssueCode::OperatorRoleMissing,
            Self::Random => IssueCode::ServiceFailed,
        }
    }
}
