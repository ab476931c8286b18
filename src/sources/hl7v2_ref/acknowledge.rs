//! Receipts (HL7 v2.5.1, 2.9 and 2.14): the answer that a sender expects, from the header of its message and the issues.
//!
//! In the original mode (MSH-15 and MSH-16 empty) there is one receipt, AA, AE or AR. In the enhanced mode the accept receipt
//! (CA, CE, CR) says whether the message was taken into keeping, the application receipt what became of it. A referral that is
//! refused is kept all the same, so only what cannot be read at all is no CA.

mod error_segment;

use super::er7::{CharacterSet, Content, Writer};
use super::header::Header;
use crate::domain::issue::{Issue, IssueCode, Severity};

/// Which receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The only one of the original mode.
    Original,
    /// The first one of the enhanced mode.
    Accept,
    /// The second one of the enhanced mode.
    Application,
}

/// What a receipt needs that is in no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp<'s> {
    /// MSH-10 of the receipt: another one for each.
    pub control_id: &'s str,
    /// MSH-7 of the receipt, as HL7 v2 writes times: `20260301101500+0100`.
    pub time: &'s str,
}

/// The receipts that a message of this header gets, where their conditions hold.
pub fn levels(header: &Header) -> &'static [Level] {
    let is_original = header.accept_acknowledgement.is_empty() && header.application_acknowledgement.is_empty();
    if is_original { &[Level::Original] } else { &[Level::Accept, Level::Application] }
}

/// A receipt; `None` where the sender does not want it (MSH-15, MSH-16).
///
/// `issues` are all that were raised about the message; one of severity fatal refuses it.
pub fn acknowledge(header: &Header, issues: &[Issue], level: Level, stamp: Stamp<'_>) -> Option<Vec<u8>> {
    let verdict = Verdict::of(issues, level);
    is_wanted(header, level, verdict == Verdict::Accept).then(|| written(header, issues, level, verdict, stamp))
}

/// Why a message was not taken into keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be taken now: the sender sends it again.
    Later,
    /// The same message will never be taken.
    Never,
}

/// The only receipt of a message that was not taken into keeping, for the reason in `issue`; `None` where the sender wants
/// none.
///
/// In the enhanced mode it is the accept receipt: an application that never saw the message has nothing to say about it. It is
/// the application receipt only for a sender that wants no other.
pub fn refuse(header: &Header, issue: &Issue, refusal: Refusal, stamp: Stamp<'_>) -> Option<Vec<u8>> {
    let verdict = match refusal {
        Refusal::Later => Verdict::Error,
        Refusal::Never => Verdict::Reject,
    };
    let level = levels(header).iter().copied().find(|level| is_wanted(header, *level, false))?;
    Some(written(header, std::slice::from_ref(issue), level, verdict, stamp))
}

/// Whether the sender wants the receipt (MSH-15, MSH-16; HL7 table 0155).
fn is_wanted(header: &Header, level: Level, is_positive: bool) -> bool {
    let condition = match level {
        Level::Original => "AL",
        Level::Accept => &header.accept_acknowledgement,
        Level::Application => &header.application_acknowledgement,
    };
    match condition {
        "AL" => true,
        "ER" => !is_positive,
        "SU" => is_positive,
        // Never. So is what the sender leaves out while it says the other one.
        _ => false,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Accept,
    Error,
    Reject,
}

impl Verdict {
    /// Reject is for what the header alone says, error for all else.
    fn of(issues: &[Issue], level: Level) -> Self {
        let fatal = |issue: &&Issue| issue.code.severity() == Severity::Fatal;
        let is_header = |issue: &Issue| {
            matches!(
                issue.code,
                IssueCode::Hl7MessageUnsupported
                    | IssueCode::Hl7EventUnsupported
                    | IssueCode::Hl7VersionUnsupported
                    | IssueCode::Hl7ProcessingIdUnsupported
                    | IssueCode::Hl7CharacterSetUnsupported
            )
        };
        let mut fatal = issues.iter().filter(fatal).peekable();
        if fatal.peek().is_none() {
            return Self::Accept;
        }
        let fatal: Vec<&Issue> = fatal.collect();
        if fatal.iter().any(|issue| is_header(issue)) {
            return Self::Reject;
        }
        let is_unreadable = fatal.iter().any(|issue| {
            let code = issue.code.as_str();
            code.starts_with("hl7v2.")
                && !matches!(issue.code, IssueCode::Hl7ValueRequired | IssueCode::Hl7SegmentRepeated)
        });
        if level == Level::Accept && !is_unreadable { Self::Accept } else { Self::Error }
    }

    /// The code of HL7 table 0008.
    fn code(self, level: Level) -> &'static str {
        match (self, level) {
            (Self::Accept, Level::Accept) => "CA",
            (Self::Error, Level::Accept) => "CE",
            (Self::Reject, Level::Accept) => "CR",
            (Self::Accept, _) => "AA",
            (Self::Error, _) => "AE",
            (Self::Reject, _) => "AR",
        }
    }
}

fn written(header: &Header, issues: &[Issue], level: Level, verdict: Verdict, stamp: Stamp<'_>) -> Vec<u8> {
    let mut writer = Writer::new(header.delimiters);
    writer.segment("MSH", &message_header(header, level, stamp));
    let is_old = error_segment::is_old(&header.version);
    let told = told(header, issues, verdict);
    let text = told.first().filter(|_| is_old).map(|issue| error_segment::short(&issue.to_string(), 80));
    let text = text.unwrap_or_default();
    writer.segment("MSA", &[verdict.code(level).into(), header.control_id.as_str().into(), text.as_str().into()]);
    error_segment::write(&mut writer, &told, is_old);
    writer.finish(header.character_set)
}

/// The issues that the receipt names: those that refuse, or, where the binding says so, all that a person should look at.
fn told<'i>(header: &Header, issues: &'i [Issue], verdict: Verdict) -> Vec<&'i Issue> {
    let least = match verdict {
        Verdict::Accept if header.names_warnings => Severity::Warning,
        Verdict::Accept => return Vec::new(),
        Verdict::Error | Verdict::Reject => Severity::Error,
    };
    let mut told: Vec<&Issue> = issues.iter().filter(|issue| issue.code.severity() >= least).collect();
    told.sort_by_key(|issue| std::cmp::Reverse(issue.code.severity()));
    told
}

/// MSH-3 to MSH-18 of the receipt: sender and receiver change places, version and character set stay.
fn message_header(header: &Header, level: Level, stamp: Stamp<'_>) -> Vec<Content> {
    let [from_application, from_facility, to_application, to_facility] = header.parties.clone();
    let nothing = Content::default;
    let never = || if level == Level::Application { "NE".into() } else { Content::default() };
    // A receipt in ASCII needs no other set named, and the set of a message that could not be read is not known.
    let character_set = match header.character_set {
        CharacterSet::Ascii => "",
        _ => header.character_set_name.as_str(),
    };
    vec![
        to_application,
        to_facility,
        from_application,
        from_facility,
        stamp.time.into(),
        nothing(),
        Content::components(&["ACK", &header.event, "ACK"]),
        stamp.control_id.into(),
        header.processing_id.clone(),
        header.version_id.clone(),
        nothing(),
        nothing(),
        never(),
        never(),
        nothing(),
        character_set.into(),
    ]
}

#[cfg(test)]
mod tests;
