//! The application receipt: AppRec 1.1 (HIS 80415:2012) for Henvisning 2.0 and 1.1, AppRec 1.0 for Henvisning 1.0.
//!
//! Read tolerantly, written strictly: the elements and their order are those of the schema.

mod read;

use jiff::Timestamp;

use super::header::{Format, Header, Party, Unit};
use super::verdict::Rejection;
use super::write::Writer;

pub use read::{ReadReceipt, Unreadable, read as read_app_rec};

/// What is known of the delivery beside the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// A message with this id from this sender was handled before: it is ignored without a second receipt.
    pub is_duplicate: bool,
    /// It is meant for somebody else: nobody here may answer it.
    pub is_misaddressed: bool,
    /// It was answered positively before: what fails later is told by a person (HIS 80415, section 3.3.4).
    pub was_accepted: bool,
}

/// Who the receipt is by: passed in, so that the same message always gets the same receipt.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// Id of the receipt, a UUID.
    pub id: &'a str,
    /// When it is made.
    pub generated: Timestamp,
}

const NAMESPACE_1_1: &str = "http://www.kith.no/xmlstds/apprec/2012-02-15";
const NAMESPACE_1_0: &str = "http://www.kith.no/xmlstds/apprec/2004-11-21";
/// OID of Volven 8221.
const ERRORS: &str = "2.16.578.1.12.4.1.1.8221";

/// The receipt of a message; `rejections` is empty where it was accepted. None where there must not be one: for a duplicate,
/// a misaddressed message, a message of which nothing says who sent it, and a refusal after an acceptance.
pub fn app_rec(header: &Header, rejections: &[Rejection], delivery: Delivery, stamp: Stamp<'_>) -> Option<String> {
    let contradicts = delivery.was_accepted && !rejections.is_empty();
    let is_addressed = !(header.sender.units.is_empty() && header.sender.persons.is_empty());
    if delivery.is_duplicate || delivery.is_misaddressed || contradicts || !is_addressed {
        return None;
    }
    let is_1_0 = header.format == Some(Format::Version1_0);
    let (namespace, version) = match is_1_0 {
        true => (NAMESPACE_1_0, "1.0 2004-11-21"),
        false => (NAMESPACE_1_1, "v1.1 2012-02-15"),
    };
    let generated = local(stamp.generated);
    let mut xml = Writer::new("AppRec", namespace);
    xml.code("MsgType", Some("APPREC"), Some("Applikasjonskvittering"));
    xml.text("MIGversion", version);
    xml.text("GenDate", &generated);
    xml.text("Id", stamp.id);
    // What the message says, the other way round. Roles came with version 1.1.
    let role = |code, text| if is_1_0 { None } else { Some((code, text)) };
    party(&mut xml, "Sender", &header.receiver, role("PRIM", "Primærmottaker"));
    party(&mut xml, "Receiver", &header.sender, role("AVS", "Avsender"));
    if rejections.is_empty() {
        xml.code("Status", Some("1"), Some("OK"));
    } else {
        xml.code("Status", Some("2"), Some("Avvist"));
    }
    for rejection in rejections {
        error(&mut xml, rejection);
    }
    xml.open("OriginalMsgId");
    xml.code("MsgType", header.kind.as_deref(), header.kind_text.as_deref());
    xml.text("IssueDate", &issue_date(header.generated.as_deref()).unwrap_or(generated));
    xml.text("Id", &header.message_id);
    xml.close("OriginalMsgId");
    Some(xml.finish("AppRec"))
}

fn error(xml: &mut Writer, rejection: &Rejection) {
    let text = match &rejection.path {
        Some(path) => format!("{} ({path})", rejection.text),
        None => rejection.text.to_owned(),
    };
    let (code, meaning) = (rejection.code.as_str(), rejection.code.text());
    xml.empty("Error", &[("V", code), ("S", ERRORS), ("DN", meaning), ("OT", &text)]);
}

fn party(xml: &mut Writer, name: &'static str, party: &Party, role: Option<(&str, &str)>) {
    xml.open(name);
    if let Some((code, text)) = role {
        xml.code("Role", Some(code), Some(text));
    }
    xml.open("HCP");
    match party.units.split_first() {
        Some((institution, departments)) => {
            xml.open("Inst");
            let additional = unit(xml, institution);
            for department in departments {
                xml.open("Dept");
                let more = unit(xml, department);
                additional_ids(xml, more);
                xml.close("Dept");
            }
            additional_ids(xml, additional);
            for person in &party.persons {
                xml.open("HCPerson");
                let more = unit(xml, person);
                additional_ids(xml, more);
                xml.close("HCPerson");
            }
            xml.close("Inst");
        }
        None => {
            // The schema has one professional here; without any, an institution of which nothing is known.
            let name = if party.persons.is_empty() { "Inst" } else { "HCProf" };
            xml.open(name);
            if let Some(person) = party.persons.first() {
                let more = unit(xml, person);
                additional_ids(xml, more);
            }
            xml.close(name);
        }
    }
    xml.close("HCP");
    xml.close(name);
}

type Id = (String, Option<String>, Option<String>);

/// Name and first id; gives the other ids, which stand further back in the schema.
fn unit<'u>(xml: &mut Writer, unit: &'u Unit) -> &'u [Id] {
    if let Some(name) = &unit.name {
        xml.text("Name", name);
    }
    let Some(((id, kind, text), others)) = unit.ids.split_first() else { return &[] };
    xml.text("Id", id);
    xml.code("TypeId", kind.as_deref(), text.as_deref());
    others
}

fn additional_ids(xml: &mut Writer, ids: &[Id]) {
    for (id, kind, text) in ids {
        xml.open("AdditionalId");
        xml.text("Id", id);
        xml.code("Type", kind.as_deref(), text.as_deref());
        xml.close("AdditionalId");
    }
}

/// Norwegian time with its offset.
pub(super) fn local(instant: Timestamp) -> String {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get("Europe/Oslo").unwrap_or(jiff::tz::TimeZone::UTC);
    instant.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The time of the original message as sent, where it is a time that the schema accepts; a date counts as its beginning.
fn issue_date(sent: Option<&str>) -> Option<String> {
    let sent = sent?;
    let date_time = if sent.len() == 10 { format!("{sent}T00:00:00") } else { sent.to_owned() };
    let (date, time) = date_time.split_once('T')?;
    let (clock, offset) = time.split_at(time.find(['Z', '+', '-']).unwrap_or(time.len()));
    let is_date = date.len() == 10 && date.parse::<jiff::civil::Date>().is_ok();
    let is_clock = clock.len() >= 8
        && !clock.ends_with('.')
        && clock.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'))
        && clock.parse::<jiff::civil::Time>().is_ok();
    let is_offset = matches!(offset, "" | "Z") || is_offset(offset);
    (is_date && is_clock && is_offset).then_some(date_time)
}

fn is_offset(text: &str) -> bool {
    let Some((hours, minutes)) = text.get(1..).and_then(|text| text.split_once(':')) else { return false };
    let number = |text: &str, max: u32| {
        text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse().is_ok_and(|it: u32| it <= max)
    };
    number(hours, 13) && number(minutes, 59)
}

#[cfg(test)]
mod tests;
