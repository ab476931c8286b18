//! The fields that a binding can fill.

use crate::domain::record::{Described, FieldInfo, RecordType, Shape};
use crate::domain::referral::{Code, Referral};

/// What a group makes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    Record(&'static RecordType),
    /// The envelope of the message, which no template sees.
    Message,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holds {
    Text,
    Codes { many: bool },
    Records { target: Target, many: bool },
}

/// Fields that follow from others, by record.
const DERIVED: &[(&str, &[&str])] = &[
    ("Referral", &["status"]),
    ("Person", &["year_of_birth", "is_deceased_undated"]),
    ("PersonIdentifier", &["namespace"]),
    ("Diagnosis", &["clinical_status", "is_coded"]),
    ("Medication", &["is_coded"]),
    ("Treatment", &["is_coded"]),
    ("Attachment", &["size", "sha1_base64", "sha256", "content_base64"]),
];

/// What an attachment is made from.
const ATTACHMENT: &[&str] = &["content", "encoding"];

const MESSAGE: &[&str] = &["message_id", "action", "generated", "parent", "conversation", "care_course", "requisition"];

impl Target {
    /// The referral.
    pub(super) fn referral() -> Self {
        Self::Record(Referral::TYPE)
    }

    /// The field of a name.
    pub(super) fn field(self, name: &str) -> Option<(&'static str, Holds)> {
        self.fields().into_iter().find(|(field, _)| *field == name)
    }

    /// Every field.
    pub(super) fn fields(self) -> Vec<(&'static str, Holds)> {
        let texts = |names: &[&'static str]| names.iter().map(|name| (*name, Holds::Text)).collect();
        let Self::Record(record) = self else { return texts(MESSAGE) };
        let derived = DERIVED.iter().find(|(name, _)| *name == record.name).map_or(&[][..], |(_, fields)| fields);
        let bound = record.fields.iter().filter(|field| !derived.contains(&field.name));
        let mut fields: Vec<(&'static str, Holds)> =
            bound.filter_map(|field| Some((field.name, holds(field)?))).collect();
        match record.name {
            "Attachment" => fields.extend::<Vec<_>>(texts(ATTACHMENT)),
            "Referral" => fields.push(("message", Holds::Records { target: Self::Message, many: false })),
            _ => {}
        }
        fields
    }
}

/// `None` for what identifies a record, which follows from the others.
fn holds(field: &FieldInfo) -> Option<Holds> {
    Some(match field.shape {
        Shape::Identity => return None,
        Shape::Text | Shape::Integer | Shape::Decimal | Shape::Boolean => Holds::Text,
        Shape::Record(record) if record.name == Code::TYPE.name => Holds::Codes { many: false },
        Shape::List(record) if record.name == Code::TYPE.name => Holds::Codes { many: true },
        Shape::Record(record) => Holds::Records { target: Target::Record(record), many: false },
        Shape::List(record) => Holds::Records { target: Target::Record(record), many: true },
    })
}
