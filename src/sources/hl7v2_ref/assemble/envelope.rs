//! The envelope of the message.

use super::Assembler;
use crate::domain::issue::IssueCode;
use crate::domain::personal::Personal;
use crate::domain::referral::{Action, Message};
use crate::sources::hl7v2_ref::bind::Draft;
use crate::sources::hl7v2_ref::er7::{Defect, Place};

impl Assembler<'_> {
    /// `None` where there is no message id or nothing says what the sender wants.
    pub(super) fn envelope(&mut self, mut draft: Draft) -> Option<Message> {
        let header = |field: u32| Place::header().field(field);
        let message_id = draft.text("message_id");
        if message_id.is_none() {
            self.required(header(10), "no message control id");
        }
        let action = match draft.drafted("action") {
            None => {
                self.required(header(9), "nothing says whether the referral is new, changed or cancelled");
                None
            }
            Some(action) => match action.text.as_str() {
                "new" => Some(Action::New),
                "change" => Some(Action::Change),
                "cancel" => Some(Action::Cancel),
                _ => {
                    let text = "the binding gives an action that is none of new, change and cancel";
                    self.defects
                        .push(Defect { place: action.place, ..Defect::whole(IssueCode::Hl7MessageUnsupported, text) });
                    None
                }
            },
        };
        let field = |number: u32| self.message.first("MSH").and_then(|segment| segment.field(number));
        let component = |number: u32, component: u32| {
            field(number).and_then(|field| field.component(component)?.value().text()).unwrap_or_default().into_owned()
        };
        Some(Message {
            message_id: message_id?,
            kind: format!("{}^{}", component(9, 1), component(9, 2)),
            version: component(12, 1),
            action: action?,
            generated: draft.text("generated"),
            parent: draft.text("parent"),
            conversation: draft.text("conversation"),
            care_course: draft.text("care_course"),
            requisition: draft.text("requisition").map(Personal::new),
        })
    }
}
