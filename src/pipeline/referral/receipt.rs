//! The answer to a sender in the format of its message: a pure function of what became of the message.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::ReferralGateway;
use crate::domain::issue::Issue;
use crate::sources::ehr_fhir;
use crate::sources::henvisning::{self, Delivery, Rejection, app_rec};
use crate::sources::hl7v2_ref::{self, acknowledge};

pub use acknowledge::Refusal;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// AppRec, XML.
    AppRec(String),
    /// HL7 v2 acknowledgements in the order in which they are sent: one in the original mode, those that the sender wants in
    /// the enhanced mode. In the character set of the message.
    Acknowledgements(Vec<Vec<u8>>),
    /// OperationOutcome, JSON.
    OperationOutcome(String),
}

impl Receipt {
    /// The bytes, those of several acknowledgements one after the other.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::AppRec(text) | Self::OperationOutcome(text) => text.as_bytes().to_vec(),
            Self::Acknowledgements(messages) => messages.concat(),
        }
    }
}

/// What a receipt needs that is in no message: passed in, so that the same message always gets the same receipt.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'s> {
    /// Id of the receipt, a UUID.
    pub id: &'s str,
    /// When it is made.
    pub generated: Timestamp,
}

/// The acknowledgement of an HL7 v2 message that was not taken into keeping, for the reason in `issue`; none where the sender
/// wants none.
pub fn refuse(
    gateway: &ReferralGateway,
    bytes: &[u8],
    (refusal, issue): (Refusal, &Issue),
    stamp: Stamp<'_>,
) -> Option<Vec<u8>> {
    let header = hl7v2_ref::header_of(bytes, &gateway.limits, &gateway.bindings);
    let (control_id, time) = (control_id(stamp.id, 1), local_time(stamp.generated));
    acknowledge::refuse(&header, issue, refusal, acknowledge::Stamp { control_id: &control_id, time: &time })
}

/// Who is answered, and with what.
pub(super) enum Answer {
    /// The header, where one was read, and the reasons to refuse the message.
    Henvisning(Option<Box<henvisning::Header>>, Vec<Rejection>),
    /// The header, where one was read; the issues say the rest.
    Hl7v2(Option<Box<hl7v2_ref::Header>>),
    /// The issues say all.
    Fhir,
}

impl Answer {
    /// The receipt of a message that came for the first time, to us. `issues` are all that were raised about the message.
    pub(super) fn receipt(&self, issues: &[Issue], stamp: Stamp<'_>) -> Option<Receipt> {
        match self {
            Self::Fhir => Some(Receipt::OperationOutcome(ehr_fhir::outcome(issues).resource.to_string())),
            Self::Henvisning(header, rejections) => {
                let stamp = henvisning::Stamp { id: stamp.id, generated: stamp.generated };
                app_rec(header.as_deref()?, rejections, Delivery::default(), stamp).map(Receipt::AppRec)
            }
            Self::Hl7v2(header) => {
                let header = header.as_ref()?;
                let time = local_time(stamp.generated);
                let written: Vec<Vec<u8>> = acknowledge::levels(header)
                    .iter()
                    .zip(1..)
                    .filter_map(|(level, number)| {
                        let control_id = control_id(stamp.id, number);
                        let stamp = acknowledge::Stamp { control_id: &control_id, time: &time };
                        acknowledge::acknowledge(header, issues, *level, stamp)
                    })
                    .collect();
                (!written.is_empty()).then_some(Receipt::Acknowledgements(written))
            }
        }
    }
}

/// MSH-10 of the receipt of a number, at most 20 characters (HL7 v2.5.1, section 2.15.9.10).
pub(in crate::pipeline) fn control_id(id: &str, number: u32) -> String {
    const RANDOM: usize = 18;
    let random: String = id.chars().filter(char::is_ascii_hexdigit).take(RANDOM).collect();
    format!("{random}-{number}")
}

/// A time as HL7 v2 writes it, Norwegian with offset.
pub(in crate::pipeline) fn local_time(instant: Timestamp) -> String {
    let zone = TimeZoneDatabase::bundled().get("Europe/Oslo").unwrap_or(TimeZone::UTC);
    instant.to_zoned(zone).strftime("%Y%m%d%H%M%S%z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_ids_are_short_and_differ() {
        let id = "0f000001-0000-4000-8000-0000000000ff";
        assert_eq!(control_id(id, 1), "0f0000010000400080-1");
        assert_eq!(control_id(id, 2).len(), 20);
    }

    #[test]
    fn times_are_norwegian() {
        assert_eq!(local_time("2026-03-01T09:00:00Z".parse().unwrap()), "20260301100000+0100");
        assert_eq!(local_time("2026-07-01T09:00:00Z".parse().unwrap()), "20260701110000+0200");
    }
}
