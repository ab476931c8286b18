//! Fields of a referral by path: `diagnoses[1].codes[1].code`, `diagnoses.count`, `message.action`.

use crate::domain::record::{Field, Record};
use crate::domain::referral::{Action, Message, Referral};
use crate::redact::quote;

/// The value at a path; none where the field is not filled.
///
/// Errors: a sentence that says which part of the path names nothing.
pub fn value_at(referral: &Referral, path: &str) -> Result<Option<String>, String> {
    match path.strip_prefix("message.") {
        Some(name) => in_message(&referral.message, name),
        None => in_record(referral, path),
    }
}

fn in_message(message: &Message, name: &str) -> Result<Option<String>, String> {
    let action = match message.action {
        Action::New => "new",
        Action::Change => "change",
        Action::Cancel => "cancel",
    };
    Ok(match name {
        "message_id" => Some(message.message_id.clone()),
        "kind" => Some(message.kind.clone()),
        "version" => Some(message.version.clone()),
        "action" => Some(action.to_owned()),
        "generated" => message.generated.clone(),
        "parent" => message.parent.clone(),
        "conversation" => message.conversation.clone(),
        "care_course" => message.care_course.clone(),
        "requisition" => message.requisition.as_ref().map(|number| number.expose().to_owned()),
        _ => return Err(format!("the message has no field {}", quote(name))),
    })
}

fn in_record(record: &dyn Record, path: &str) -> Result<Option<String>, String> {
    let (step, rest) = match path.split_once('.') {
        Some((step, rest)) => (step, Some(rest)),
        None => (path, None),
    };
    let (name, index) = match step.split_once('[') {
        Some((name, index)) => (name, Some(index.trim_end_matches(']'))),
        None => (step, None),
    };
    let fields = record.record_type().fields;
    let Some(position) = fields.iter().position(|field| field.name == name) else {
        return Err(format!("{} has no field {}", record.record_type().name, quote(name)));
    };
    match (record.field(position), index, rest) {
        (Field::Missing, ..) => Ok(None),
        (Field::Text(text), None, None) => Ok(Some(text.to_owned())),
        (Field::Integer(number), None, None) => Ok(Some(number.to_string())),
        (Field::Decimal(number), None, None) => Ok(Some(number.to_string())),
        (Field::Boolean(value), None, None) => Ok(Some(value.to_string())),
        (Field::Record(inner), None, Some(rest)) => in_record(inner, rest),
        (Field::List(list), None, Some("count")) => Ok(Some(list.len().to_string())),
        (Field::List(list), Some(index), Some(rest)) => {
            let index = index.parse::<usize>().ok().and_then(|index| index.checked_sub(1));
            match index {
                Some(index) => list.get(index).map_or(Ok(None), |record| in_record(record, rest)),
                None => Err(format!("elements of {} are counted from 1", quote(name))),
            }
        }
        _ => Err(format!("{} does not lead to a value", quote(path))),
    }
}
