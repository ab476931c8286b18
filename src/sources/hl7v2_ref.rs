//! HL7 v2 patient referrals: `REF^I12` (new), `I13` (change), `I14` (cancel), versions 2.3.1 to 2.6.
//!
//! [`read`] is the recipe: the bytes become segments and fields ([`er7`]), the header says whose message it is, the binding
//! of that sender ([`binding`], reviewed data) says which part is which field of the referral, and what needs thought is
//! done when the drafts become the referral. [`acknowledge`] answers the sender.

pub mod acknowledge;
pub mod bind;
pub mod binding;
pub mod er7;
pub mod rri;

mod accounting;
mod assemble;
mod header;

use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::addressees::Addressees;
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Severity};
use crate::domain::limits::Limits;
use crate::domain::national_id::SyntheticNumbers;
use crate::domain::referral::Referral;
use crate::domain::trust::Trusts;
use crate::redact;

use self::binding::{Bindings, Plan};
pub use self::er7::looks_like;
use self::er7::{CharacterSet, Defect, Message, Opened, Place};
pub use self::header::Header;

/// What reading needs to know beside the message.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Name of the message in issues and in the accounting.
    pub file: &'a Arc<str>,
    /// Limits on input.
    pub limits: &'a Limits,
    /// The bindings.
    pub bindings: &'a Bindings,
    /// Who HER-ids belong to; none where that is not known.
    pub trusts: Option<&'a Trusts>,
    /// Whether numbers of test populations identify a patient.
    pub synthetic: SyntheticNumbers,
    /// Who messages to this installation are addressed to.
    pub addressees: &'a Addressees,
}

/// A message that became a referral.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The referral.
    pub referral: Referral,
    /// For the receipt.
    pub header: Header,
    /// The rows that a resource will hold: that of what has the identity. All others are listed already.
    pub held: Vec<(RowId, Identity)>,
}

/// A message that became none; the issues say why.
#[derive(Debug, Clone)]
pub struct Refused {
    /// For the receipt; none where the header cannot be read, so that nobody can be answered, and where the message is for
    /// somebody else.
    pub header: Option<Box<Header>>,
}

/// Reads a message.
///
/// # Errors
/// A message that leaves no referral: at least one issue in `account` is fatal.
pub fn read(bytes: &[u8], context: Context<'_>, account: &mut Account) -> Result<Reading, Refused> {
    let opened = er7::open(bytes, context.limits).map_err(|defect| {
        raise(&[defect], context.file, account);
        Refused { header: None }
    })?;
    let plan = plan_of(&opened, context.bindings);
    let mut defects = Vec::new();
    let set = character_set(&opened, plan);
    let readable = set.as_ref().copied().unwrap_or(CharacterSet::Ascii);
    let header = opened.header(readable, context.limits).map(|message| Box::new(Header::of(&message, plan))).ok();
    // What is for somebody else is answered by nobody here, whatever is wrong with it.
    let header = header.filter(|header| context.addressees.are_ours(header.receivers()));
    let message = set.and_then(|set| opened.decode(set, context.limits, &mut defects));
    let message = message.map_err(|defect| {
        raise(&[&[defect], defects.as_slice()].concat(), context.file, account);
        Refused { header: header.clone() }
    })?;
    let header = Header::of(&message, plan);
    let is_ours = context.addressees.are_ours(header.receivers());
    if !is_ours {
        let text = "the receiving facility is not of this installation";
        raise(&[Defect::at(Place::header().field(6), IssueCode::IntakeMisaddressed, text)], context.file, account);
        accounting::refuse(&message, IssueCode::IntakeMisaddressed, context.file, account);
        return Err(Refused { header: None });
    }
    match referral(&message, &header, plan, context, &mut defects) {
        Some(assembled) => {
            raise(&defects, context.file, account);
            let held = accounting::close(&message, &assembled, context.file, account);
            Ok(Reading { referral: assembled.referral, header, held })
        }
        None => {
            let fatal = defects.iter().find(|defect| defect.code.severity() == Severity::Fatal);
            let code = fatal.map_or(IssueCode::Hl7ValueRequired, |defect| defect.code);
            raise(&defects, context.file, account);
            accounting::refuse(&message, code, context.file, account);
            Err(Refused { header: Some(Box::new(header)) })
        }
    }
}

/// The header of a message, for whoever answers it without reading it; where it has none that can be read, one that names
/// nobody.
pub fn header_of(bytes: &[u8], limits: &Limits, bindings: &Bindings) -> Header {
    let Ok(opened) = er7::open(bytes, limits) else { return Header::unreadable() };
    let plan = plan_of(&opened, bindings);
    let set = character_set(&opened, plan).unwrap_or(CharacterSet::Ascii);
    opened.header(set, limits).map_or_else(|_| Header::unreadable(), |message| Header::of(&message, plan))
}

/// The referral of a message; a fatal defect where there is none.
fn referral(
    message: &Message<'_>,
    header: &Header,
    plan: &Plan,
    context: Context<'_>,
    defects: &mut Vec<Defect>,
) -> Option<assemble::Assembled> {
    let unsupported = header.defects(plan, message);
    if !unsupported.is_empty() {
        defects.extend(unsupported);
        return None;
    }
    escapes(message, defects);
    let bound = bind::bind(message, plan, &header.version, defects);
    assemble::assemble(message, plan, bound, context, defects)
}

/// The binding of the sender that the header names.
fn plan_of<'b>(opened: &Opened<'_>, bindings: &'b Bindings) -> &'b Plan {
    let (application, facility) = (opened.header_field(3), opened.header_field(4));
    let component = char::from(opened.delimiters.component);
    let application: Vec<&str> = application.split(component).map(str::trim).collect();
    let facility: Vec<&str> = facility.split(component).map(str::trim).collect();
    bindings.for_sender(&application, &facility)
}

/// The character set of the message: what the binding says always, else MSH-18, else what the binding says for an empty one.
///
/// Errors: `hl7v2.character-set-unsupported`.
fn character_set(opened: &Opened<'_>, plan: &Plan) -> Result<CharacterSet, Defect> {
    if let Some(set) = plan.character_sets.always {
        return Ok(set);
    }
    let name = opened.header_field(18);
    if name.trim().is_empty() || name == "\"\"" {
        return Ok(plan.character_sets.default);
    }
    CharacterSet::parse(&name).filter(|_| !is_repeated(&name, opened)).ok_or_else(|| {
        let text =
            format!("the character set {} is none of ASCII, 8859/1, 8859/15 and UNICODE UTF-8", redact::code(&name));
        Defect::at(Place::header().field(18), IssueCode::Hl7CharacterSetUnsupported, text)
    })
}

/// Whether MSH-18 names several sets, between which the text switches.
fn is_repeated(name: &str, opened: &Opened<'_>) -> bool {
    opened.delimiters.repetition.is_some_and(|repetition| name.contains(char::from(repetition)))
}

/// Flags the escape sequences that stay as they are.
fn escapes(message: &Message<'_>, defects: &mut Vec<Defect>) {
    for field in message.segments().flat_map(|segment| segment.fields()) {
        for leaf in field.leaves().filter(er7::Part::has_unknown_escape) {
            let text = "an escape sequence has no known meaning and stays as it is";
            defects.push(Defect::at(leaf.place(), IssueCode::Hl7EscapeUnknown, text));
        }
    }
}

fn raise(defects: &[Defect], file: &Arc<str>, account: &mut Account) {
    for defect in defects {
        let issue = defect.to_issue(file);
        account.issue(issue.code, issue.location, issue.text);
    }
}

#[cfg(test)]
mod tests;
