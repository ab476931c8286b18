//! The message that brought a referral.

use crate::domain::personal::Personal;

/// What the sender wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    /// A new referral (Volven 7309 `N`).
    #[default]
    New,
    /// The full content of a referral that was sent before (`M`).
    Change,
    /// The referral no longer holds (`C`).
    Cancel,
}

/// The envelope of a message. It is for linking, receipts and the journal, not for a receiver of resources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Id of the message, as sent.
    pub message_id: String,
    /// Kind of message, e.g. `HENVISNING_VIDERE`, `REF^I12`, or the type of the Bundle.
    pub kind: String,
    /// Version of the standard, e.g. `2.0`.
    pub version: String,
    /// New, change or cancel.
    pub action: Action,
    /// When the message was made: instant with offset (Europe/Oslo where the sender gives none), for telling old from new.
    pub generated: Option<String>,
    /// Id of the message that this one answers or follows.
    pub parent: Option<String>,
    /// Id of the first message of the conversation.
    pub conversation: Option<String>,
    /// The course of care that a forwarded referral belongs to (`ForlopsId`).
    pub care_course: Option<String>,
    /// The requisition number of the laboratory, where the referral names it.
    pub requisition: Option<Personal>,
}
