//! What is known of a patient's consent to the trial, and which of two statements holds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether the patient consents (DESIGN section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentState {
    /// Nothing says so: nothing about the person is sent to the trial.
    #[default]
    Unknown,
    /// Given.
    Given,
    /// Asked, and said no.
    Refused,
    /// Given before, and taken back.
    Withdrawn,
}

impl ConsentState {
    /// The word, as in a referral.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Given => "given",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Unknown, Self::Given, Self::Refused, Self::Withdrawn].into_iter().find(|state| state.as_str() == word)
    }

    /// FHIR consent-state-codes; none where nothing is known.
    pub fn fhir_status(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Given => Some("active"),
            Self::Refused => Some("rejected"),
            Self::Withdrawn => Some("inactive"),
        }
    }
}

/// Who states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentSource {
    /// The message of the referral.
    #[default]
    Message,
    /// A person at the gateway.
    Operator,
}

/// A statement about consent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConsentStatement {
    /// What is stated.
    pub state: ConsentState,
    /// By whom.
    pub source: ConsentSource,
    /// When it was stated, in milliseconds since 1970; none where no time is known.
    pub at: Option<i64>,
}

impl ConsentStatement {
    /// A statement.
    pub fn new(state: ConsentState, source: ConsentSource, at: Option<Timestamp>) -> Self {
        Self { state, source, at: at.map(Timestamp::as_millisecond) }
    }

    /// The statement that holds when `later` comes after `self`.
    ///
    /// A refusal or withdrawal always takes effect. It ends only by a person at the gateway: a message, which may have waited
    /// anywhere, does not bring a withdrawn patient back. A message without a word on consent changes nothing, nor does one
    /// that says what is known.
    pub fn then(&self, later: &Self) -> Self {
        let is_known = later.state != ConsentState::Unknown;
        let is_message = later.source == ConsentSource::Message;
        let ended = matches!(self.state, ConsentState::Refused | ConsentState::Withdrawn);
        let lifts = later.state == ConsentState::Given && is_message && ended;
        // The first statement of a state stands: it says since when.
        let is_same = later.state == self.state;
        if !is_known || lifts || is_same { self.clone() } else { later.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(state: ConsentState, source: ConsentSource) -> ConsentStatement {
        ConsentStatement::new(state, source, None)
    }

    #[test]
    fn a_withdrawal_is_lifted_by_a_person_only() {
        let withdrawn = statement(ConsentState::Withdrawn, ConsentSource::Operator);
        let message = statement(ConsentState::Given, ConsentSource::Message);
        let person = statement(ConsentState::Given, ConsentSource::Operator);
        assert_eq!(withdrawn.then(&message), withdrawn);
        assert_eq!(withdrawn.then(&person), person);
        let refused = statement(ConsentState::Refused, ConsentSource::Message);
        assert_eq!(refused.then(&message).state, ConsentState::Refused);
    }

    #[test]
    fn a_message_without_a_word_changes_nothing_and_a_refusal_always_holds() {
        let given = statement(ConsentState::Given, ConsentSource::Operator);
        assert_eq!(given.then(&statement(ConsentState::Unknown, ConsentSource::Message)), given);
        for state in [ConsentState::Refused, ConsentState::Withdrawn] {
            assert_eq!(given.then(&statement(state, ConsentSource::Message)).state, state);
        }
        let unknown = ConsentStatement::default();
        assert_eq!(unknown.then(&statement(ConsentState::Given, ConsentSource::Message)).state, ConsentState::Given);
    }
}
