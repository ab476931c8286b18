//! The spine of referrals: one message in whatever format -> referral -> resources of one face -> Bundle, and the receipt that
//! the sender's standard promises.

mod codes;
mod receipt;
mod reply;
mod trial;

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::bundle::{self, Carried, Making, close};
use super::trial::TrialMapping;
use crate::domain::accounting::{Account, RowId};
use crate::domain::addressees::Addressees;
use crate::domain::code_table::CodeTables;
use crate::domain::ids::{Face, Identity};
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::domain::national_id::SyntheticNumbers;
use crate::domain::referral::{Action, Referral};
use crate::domain::trust::Trusts;
use crate::fhir::ids::ResourceIds;
use crate::linking::reply::Reply;
use crate::mapping::Templates;
use crate::profiles::gate::{Gate, Schemas};
use crate::profiles::inbound;
use crate::profiles::walk::Validator;
use crate::sources::ehr_fhir::Genomic;
use crate::sources::ehr_fhir::genomics::{identified, pseudonymous};
use crate::sources::hl7v2_ref::binding::Bindings;
use crate::sources::{ehr_fhir, henvisning, hl7v2_ref};

use self::receipt::Answer;
pub use self::receipt::{Receipt, Refusal, Stamp, refuse};
pub(in crate::pipeline) use self::receipt::{control_id, local_time};

/// Everything that the translation of a referral needs, checked.
#[derive(Debug)]
pub struct ReferralGateway {
    /// Compiled templates of a referral.
    pub templates: Templates,
    /// Ids of the identified face.
    pub identified: ResourceIds,
    /// Ids of the pseudonymous face.
    pub pseudonymous: ResourceIds,
    /// Whether ids are derived with the public demo secret.
    pub demo_secret: bool,
    /// Checks what the mapping makes before it is given out.
    pub validator: Validator,
    /// The first gate for resources of others, compiled once.
    pub schemas: Schemas,
    /// Limits on input.
    pub limits: Limits,
    /// Who organisation numbers, inclusion sites and HER-ids belong to.
    pub trusts: Trusts,
    /// What codes mean and become.
    pub code_tables: Arc<CodeTables>,
    /// How messages in HL7 v2 are read.
    pub bindings: Bindings,
    /// Whether numbers of test populations identify a patient.
    pub synthetic: SyntheticNumbers,
    /// Who messages to this installation are addressed to.
    pub addressees: Addressees,
    /// The way back.
    pub trial: TrialMapping,
}

/// Kinds of what a message can mention without saying who it is.
const PARTIES: [&str; 2] = ["organisation", "practitioner"];

/// Formats that a referral can come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// National XML: Henvisning 1.0, 1.1, 2.0.
    Henvisning,
    /// HL7 v2, `REF^I12` to `I14`.
    Hl7v2,
    /// FHIR R4: a Bundle in JSON.
    Fhir,
}

/// What became of a message.
#[derive(Debug)]
pub struct Translation {
    /// The format; none where it is none that is read.
    pub format: Option<Format>,
    /// What the message says; none where it was refused.
    pub referral: Option<Referral>,
    /// Transaction Bundle, JSON; none where the message was refused or a resource fails its profile.
    pub bundle: Option<String>,
    /// The Bundle of the other face that was asked for; none where none was, or as above.
    pub other_bundle: Option<String>,
    /// The answer to the sender; none where there must not be one.
    pub receipt: Option<Receipt>,
    /// How the sender is told later what became of the referral; none where the message was refused.
    pub reply: Option<Reply>,
    /// Codes of the message without a counterpart in the tables, counted for its sender.
    pub unmapped_codes: UnmappedCodes,
    /// What became of each value of the message, and the issues.
    pub account: Account,
}

/// How many codes of a sender have no counterpart in the tables: what tells the owner of the mapping where to look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnmappedCodes {
    /// Organisation number, HER-id or name of the sender; empty where the message was refused.
    pub sender: String,
    /// Codes; each is an issue `code.unmapped`.
    pub count: usize,
}

/// What a source made of a message.
struct Reading {
    referral: Option<Referral>,
    held: Vec<(RowId, Identity)>,
    genomics: Vec<Genomic>,
    answer: Answer,
}

impl Reading {
    fn refused(answer: Answer) -> Self {
        Self { referral: None, held: Vec::new(), genomics: Vec::new(), answer }
    }
}

/// What is asked for beside the message.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Face of the Bundle that the accounting speaks of.
    pub face: Face,
    /// A second face.
    pub other: Option<Face>,
    /// What is known better than the message, e.g. a consent that was withdrawn since; applied before anything is mapped.
    pub amend: &'a dyn Fn(&mut Referral),
}

/// Translates a message; `name` is what issues and accounting call it.
///
/// The receipt says what became of the message, and so does not depend on the face or on our own templates: where a
/// resource of ours fails its profile, the message was acceptable all the same (DESIGN of receipts: a mapping defect is ours).
pub fn translate(gateway: &ReferralGateway, bytes: &[u8], name: &str, face: Face, stamp: Stamp<'_>) -> Translation {
    translate_as(gateway, bytes, name, stamp, Asked { face, other: None, amend: &|_| {} })
}

/// Translates a message, as [`translate`] does, into what is asked for.
pub fn translate_as(
    gateway: &ReferralGateway,
    bytes: &[u8],
    name: &str,
    stamp: Stamp<'_>,
    asked: Asked<'_>,
) -> Translation {
    let mut account = Account::new(gateway.limits.issues);
    if gateway.demo_secret {
        let text = "no secret file is configured: ids use the demo secret";
        account.issue(IssueCode::DemoSecret, Location::default(), text);
    }
    let file: Arc<str> = name.into();
    let format = format_of(bytes);
    let Some(Reading { mut referral, held, genomics, answer }) =
        format.map(|format| read(gateway, format, bytes, &file, &mut account))
    else {
        let text = "neither an XML referral, nor an HL7 v2 message, nor FHIR in JSON";
        account.issue(IssueCode::ReferralFormatUnknown, Location::file(&file), text);
        return Translation::of_nothing(account);
    };
    if referral
        .as_ref()
        .is_some_and(|referral| referral.diagnoses.is_empty() && referral.message.action != Action::Cancel)
    {
        account.issue(IssueCode::ReferralDiagnosisMissing, Location::file(&file), "the referral names no diagnosis");
    }
    if let Some(referral) = &mut referral {
        referral.settle_parties();
        codes::settle(referral, &file, &mut account);
        (asked.amend)(referral);
    }
    let receipt = answer.receipt(&account.issues, stamp);
    let message = referral.as_ref().map(|referral| (referral, genomics.as_slice()));
    let bundle = message.and_then(|message| bundle_of(gateway, message, &held, asked.face, &mut account));
    let other_bundle = asked.other.zip(message).and_then(|(face, message)| {
        // The rows are those of the first face; what fails here counts all the same.
        let mut other = Account::new(gateway.limits.issues);
        let bundle = bundle_of(gateway, message, &[], face, &mut other);
        let failed = other.issues.into_iter().filter(|issue| issue.code == IssueCode::MappingProfileFailed);
        account.issues.extend(failed);
        bundle
    });
    close(&mut account);
    let unmapped_codes = UnmappedCodes {
        sender: referral.as_ref().map(|referral| referral.identity.owner.clone()).unwrap_or_default(),
        count: account.issues.iter().filter(|issue| issue.code == IssueCode::CodeUnmapped).count(),
    };
    let reply = referral.as_ref().map(|referral| reply::of(referral, &answer));
    Translation { format, referral, bundle, other_bundle, receipt, reply, unmapped_codes, account }
}

impl Translation {
    /// Of bytes in no format that is read.
    fn of_nothing(account: Account) -> Self {
        let unmapped_codes = UnmappedCodes::default();
        Self {
            format: None,
            referral: None,
            bundle: None,
            other_bundle: None,
            receipt: None,
            reply: None,
            unmapped_codes,
            account,
        }
    }
}

/// The format of a message, by its beginning.
pub fn format_of(bytes: &[u8]) -> Option<Format> {
    if hl7v2_ref::looks_like(bytes) {
        Some(Format::Hl7v2)
    } else if henvisning::looks_like(bytes) {
        Some(Format::Henvisning)
    } else if ehr_fhir::looks_like(bytes) {
        Some(Format::Fhir)
    } else {
        None
    }
}

fn read(gateway: &ReferralGateway, format: Format, bytes: &[u8], file: &Arc<str>, account: &mut Account) -> Reading {
    let ReferralGateway { limits, code_tables, trusts, bindings, addressees, .. } = gateway;
    let synthetic = gateway.synthetic;
    match format {
        Format::Henvisning => {
            let context = henvisning::Context { file, limits, code_tables, trusts, synthetic, addressees };
            match henvisning::read(bytes, context, account) {
                Ok(reading) => {
                    let answer = Answer::Henvisning(Some(Box::new(reading.header)), Vec::new());
                    Reading { referral: Some(reading.referral), held: reading.held, genomics: Vec::new(), answer }
                }
                Err(refused) => Reading::refused(Answer::Henvisning(refused.header.map(Box::new), refused.rejections)),
            }
        }
        Format::Hl7v2 => {
            let context = hl7v2_ref::Context { file, limits, bindings, trusts: Some(trusts), synthetic, addressees };
            match hl7v2_ref::read(bytes, context, account) {
                Ok(reading) => {
                    let answer = Answer::Hl7v2(Some(Box::new(reading.header)));
                    Reading { referral: Some(reading.referral), held: reading.held, genomics: Vec::new(), answer }
                }
                Err(refused) => Reading::refused(Answer::Hl7v2(refused.header)),
            }
        }
        Format::Fhir => {
            let gate = Gate::of(gateway.validator.form(), &gateway.schemas);
            let conformance = |bundle: &Value| inbound::check(&gate, &gateway.validator, bundle);
            let context = ehr_fhir::Context { file, limits, code_tables, trusts, synthetic, conformance: &conformance };
            match ehr_fhir::read(bytes, context, account) {
                Ok(reading) => Reading {
                    referral: Some(reading.referral),
                    held: reading.held,
                    genomics: reading.genomics,
                    answer: Answer::Fhir,
                },
                Err(_) => Reading::refused(Answer::Fhir),
            }
        }
    }
}

fn bundle_of(
    gateway: &ReferralGateway,
    (referral, genomics): (&Referral, &[Genomic]),
    held: &[(RowId, Identity)],
    face: Face,
    account: &mut Account,
) -> Option<String> {
    let ids = match face {
        Face::Identified => &gateway.identified,
        Face::Pseudonymous => &gateway.pseudonymous,
    };
    let making = Making { templates: &gateway.templates, ids, validator: &gateway.validator };
    let carried = carried(genomics, face, ids);
    let shown = match face {
        Face::Identified => Cow::Borrowed(referral),
        Face::Pseudonymous => Cow::Owned(trial::shown(referral, &gateway.trusts)),
    };
    let made = bundle::make_with(making, &[shown.as_ref()], &carried, account);
    for (row, identity) in held {
        let none = match (made.resource(0, identity), face) {
            (Some(_), _) => None,
            (None, Face::Pseudonymous) => Some(IssueCode::ReferralWithheld),
            (None, Face::Identified) => PARTIES.contains(&identity.kind).then_some(IssueCode::ReferralNobodyNamed),
        };
        match none {
            Some(code) => account.ledger.list(*row, code, code.meaning()),
            None => made.represent(0, identity, &[*row], account),
        }
    }
    made.validated(making, account)
}

/// The genomic resources that came with the referral, as the face sees them.
fn carried(genomics: &[Genomic], face: Face, ids: &ResourceIds) -> Vec<Carried> {
    let id = |kind: &str, identity: &Identity| ids.id(kind, identity, "").to_string();
    let shown: Vec<(Identity, Value)> = match face {
        Face::Identified => {
            genomics.iter().map(|genomic| (genomic.identity.clone(), identified(genomic, &id))).collect()
        }
        Face::Pseudonymous => pseudonymous(genomics, &id),
    };
    let carried = |(identity, resource): (Identity, Value)| {
        let kind = genomics.iter().find(|genomic| genomic.identity == identity)?.kind.clone();
        let id = ids.id(&kind, &identity, "");
        Some(Carried { kind, id, identity, json: resource.to_string() })
    };
    shown.into_iter().filter_map(carried).collect()
}
