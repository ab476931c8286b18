//! What is needed to tell the sender of a referral its status later, in the sender's own format.
//!
//! Nothing of a person: this stands in a case, which is not encrypted. Who the patient is, is read when something is told.

use serde::{Deserialize, Serialize};

use crate::domain::status_notice::NoticeUnit;

/// The format that a sender is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplyFormat {
    /// The sender reads FHIR, or the referral is older than this was kept.
    #[default]
    None,
    /// Status på henvisning (HIS 1206) in MsgHead 1.2.
    Henvisning,
    /// `RRI^I12` of HL7 v2.
    Hl7v2,
}

/// How a referral is answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reply {
    /// Key of the referral's case.
    pub case: String,
    /// Format.
    pub format: ReplyFormat,
    /// Id of the newest message that took effect, as sent.
    pub message_id: String,
    /// Id of the first message of the conversation (RefToConversation).
    pub conversation: String,
    /// The requester's own id of the referral.
    pub document_id: String,
    /// Whether help was asked for at once: then there is no Status på henvisning (HIS 1206, section 2.2).
    pub is_emergency: bool,
    /// Who sent the referral: organisation, service.
    pub receiver: Vec<NoticeUnit>,
    /// What an HL7 v2 message is answered with.
    pub hl7v2: Option<Hl7v2Reply>,
}

/// What an HL7 v2 message is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hl7v2Reply {
    /// MSH-3 to MSH-6 of the referral: repetitions, components, subcomponents.
    pub parties: [Vec<Vec<Vec<String>>>; 4],
    /// MSH-11.1.
    pub processing_id: String,
    /// MSH-12.1.
    pub version: String,
    /// Name of the character set (HL7 table 0211).
    pub character_set: String,
}

impl Reply {
    /// The same for the referral with this key, after what was known before: the conversation is that of the first message.
    #[must_use]
    pub fn after(mut self, before: Option<&Self>, case: &str) -> Self {
        case.clone_into(&mut self.case);
        if self.conversation.is_empty() {
            let first = before.filter(|before| before.format == self.format).map(|before| &before.conversation);
            self.conversation = first.filter(|first| !first.is_empty()).unwrap_or(&self.message_id).clone();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(message_id: &str, conversation: &str) -> Reply {
        Reply {
            format: ReplyFormat::Henvisning,
            message_id: message_id.to_owned(),
            conversation: conversation.to_owned(),
            ..Reply::default()
        }
    }

    #[test]
    fn the_conversation_is_that_of_the_first_message() {
        let first = reply("m1", "").after(None, "referral/1");
        assert_eq!((first.case.as_str(), first.conversation.as_str()), ("referral/1", "m1"));
        let changed = reply("m2", "").after(Some(&first), "referral/1");
        assert_eq!((changed.message_id.as_str(), changed.conversation.as_str()), ("m2", "m1"));
    }

    #[test]
    fn a_forwarded_referral_names_its_conversation() {
        let forwarded = reply("m2", "m0").after(Some(&reply("m1", "m1")), "referral/1");
        assert_eq!(forwarded.conversation, "m0");
    }

    #[test]
    fn a_conversation_of_another_format_is_another_one() {
        let before = Reply { format: ReplyFormat::Hl7v2, ..reply("H0001", "H0001") };
        assert_eq!(reply("m1", "").after(Some(&before), "referral/1").conversation, "m1");
    }

    #[test]
    fn a_case_that_is_older_than_replies_has_none() {
        assert_eq!(serde_json::from_str::<Reply>("{}").unwrap(), Reply::default());
    }
}
