//! How the sender of a referral is told later what became of it.

use super::receipt::Answer;
use crate::domain::referral::Referral;
use crate::domain::status_notice::NoticeUnit;
use crate::linking::reply::{Hl7v2Reply, Reply, ReplyFormat};
use crate::sources::henvisning::{Party, Unit};

/// Priority of a referral for help at once.
const EMERGENCY: &str = "stat";

/// What is kept of a message for its later answers: no word of a person.
pub(super) fn of(referral: &Referral, answer: &Answer) -> Reply {
    let reply = Reply {
        message_id: referral.message.message_id.clone(),
        conversation: referral.message.conversation.clone().unwrap_or_default(),
        document_id: referral.document_id.clone(),
        is_emergency: referral.priority.as_deref() == Some(EMERGENCY),
        ..Reply::default()
    };
    match answer {
        Answer::Henvisning(Some(header), _) => {
            Reply { format: ReplyFormat::Henvisning, receiver: units(&header.sender), ..reply }
        }
        Answer::Hl7v2(Some(header)) => {
            let answered = header.answered();
            let hl7v2 = Hl7v2Reply {
                parties: answered.parties,
                processing_id: answered.processing_id,
                version: answered.version,
                character_set: answered.character_set,
            };
            Reply { format: ReplyFormat::Hl7v2, hl7v2: Some(hl7v2), ..reply }
        }
        Answer::Fhir | Answer::Henvisning(None, _) | Answer::Hl7v2(None) => reply,
    }
}

/// Organisation and service: two levels (HIS 1153), the outermost and the innermost.
fn units(party: &Party) -> Vec<NoticeUnit> {
    let service = party.units.last().filter(|_| party.units.len() > 1);
    party.units.first().into_iter().chain(service).map(unit).collect()
}

fn unit(unit: &Unit) -> NoticeUnit {
    let ids = unit.ids.iter().filter_map(|(id, kind, _)| Some((kind.clone()?, id.clone())));
    NoticeUnit { name: unit.name.clone().unwrap_or_default(), ids: ids.collect() }
}
