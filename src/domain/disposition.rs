//! How a message ended, or what it waits for: no message is without one (DESIGN section 1, promise 3).

use std::fmt;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Disposition {
    /// Translated and routed; its deliveries say how far it is.
    Routed,
    /// Not acceptable: the sender was told why.
    Rejected,
    /// A person must decide; the reason says what.
    Quarantined,
    /// A change or cancellation whose new message has not come.
    Parked,
    /// A report whose referral has not come.
    AwaitingReferral,
    /// Nothing says that the patient consents: nothing about the person is sent to the trial.
    AwaitingConsent,
    /// A newer version was known already: kept, changes nothing.
    Outdated,
    /// The patient refused, or withdrew the consent: nothing is sent.
    ConsentRefused,
    /// Acceptable, but a resource that our mapping makes fails its profile: can be translated again.
    HeldMappingDefect,
    /// The id of another message with other content.
    IdReused,
    /// A status that was sent, or is being sent, and that its receiver has to confirm.
    AwaitingReceipt,
    /// The receiver of a status has accepted it.
    Receipted,
    /// The receiver of a status has rejected it: an alarm.
    ReceiptNegative,
    /// The receiver of a status has not confirmed it in time: an alarm, until a receipt comes.
    ReceiptOverdue,
}

impl Disposition {
    /// Every disposition.
    pub const ALL: [Self; 14] = [
        Self::Routed,
        Self::Rejected,
        Self::Quarantined,
        Self::Parked,
        Self::AwaitingReferral,
        Self::AwaitingConsent,
        Self::Outdated,
        Self::ConsentRefused,
        Self::HeldMappingDefect,
        Self::IdReused,
        Self::AwaitingReceipt,
        Self::Receipted,
        Self::ReceiptNegative,
        Self::ReceiptOverdue,
    ];

    /// The word in the journal, in URLs and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Routed => "routed",
            Self::Rejected => "rejected",
            Self::Quarantined => "quarantined",
            Self::Parked => "parked",
            Self::AwaitingReferral => "awaiting-referral",
            Self::AwaitingConsent => "awaiting-consent",
            Self::Outdated => "outdated",
            Self::ConsentRefused => "consent-refused",
            Self::HeldMappingDefect => "held-mapping-defect",
            Self::IdReused => "id-reused",
            Self::AwaitingReceipt => "awaiting-receipt",
            Self::Receipted => "receipted",
            Self::ReceiptNegative => "receipt-negative",
            Self::ReceiptOverdue => "receipt-overdue",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|disposition| disposition.as_str() == word)
    }

    /// Whether it is decided again when something that it waits for comes.
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Parked | Self::AwaitingReferral | Self::AwaitingConsent)
    }

    /// What a person reads.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Routed => "Translated and sent on; see the deliveries.",
            Self::Rejected => "Not accepted; the receipt says why.",
            Self::Quarantined => "Waits for a person to decide.",
            Self::Parked => "Waits for the new message of the referral that it changes or cancels.",
            Self::AwaitingReferral => "Waits for the referral of the patient.",
            Self::AwaitingConsent => "Waits for the patient's consent.",
            Self::Outdated => "A newer message about the same thing was known already.",
            Self::ConsentRefused => "The patient does not consent: nothing was sent to the trial.",
            Self::HeldMappingDefect => "Accepted; held by a defect of the mapping, which its owner has to put right.",
            Self::IdReused => "Not accepted: another message of the sender has the same id.",
            Self::AwaitingReceipt => "Told to the trust; waits for the receipt of its system.",
            Self::Receipted => "The system of the trust has accepted it.",
            Self::ReceiptNegative => "The system of the trust has rejected it: the trust has to be told otherwise.",
            Self::ReceiptOverdue => "No receipt came within 96 hours: it counts as rejected until one comes.",
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stands_for_one_disposition() {
        for disposition in Disposition::ALL {
            assert_eq!(Disposition::parse(disposition.as_str()), Some(disposition));
        }
        assert_eq!(Disposition::parse("received"), None);
    }
}
