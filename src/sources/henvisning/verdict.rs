//! What a message is answered with: accepted, or refused for reasons that the sender's standard has codes for.

use crate::domain::issue::{Issue, IssueCode};

/// An error of an application receipt (Volven 8221).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorCode {
    /// The message id is not valid.
    E10,
    /// The receiver does not exist.
    E21,
    /// The national number of the patient is wrong.
    E31,
    /// What is said about the patient is not enough.
    E36,
    /// Not XML.
    T01,
    /// XML of another structure.
    T02,
    /// The format is not supported.
    T10,
    /// Another error.
    X99,
}

impl ErrorCode {
    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::E10 => "E10",
            Self::E21 => "E21",
            Self::E31 => "E31",
            Self::E36 => "E36",
            Self::T01 => "T01",
            Self::T02 => "T02",
            Self::T10 => "T10",
            Self::X99 => "X99",
        }
    }

    /// The text of the code in the list.
    pub fn text(self) -> &'static str {
        match self {
            Self::E10 => "Ugyldig meldingsidentifikator",
            Self::E21 => "Mottaker finnes ikke",
            Self::E31 => "Pasientens fødselsnummer er feil",
            Self::E36 => "Pasientopplysninger er utilstrekkelige",
            Self::T01 => "Ikke XML / ikke 'well formed' / uleselig",
            Self::T02 => "XML validerer ikke",
            Self::T10 => "Støtter ikke meldingsformatet",
            Self::X99 => "Annen feil",
        }
    }
}

/// An error and what is wrong in this message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The code.
    pub code: ErrorCode,
    /// What is wrong, in Norwegian, without a value of the message: it is shown to whoever reads the receipt.
    pub text: &'static str,
    /// The element that is wrong, e.g. `/MsgHead/MsgInfo/MsgId`; names of elements only.
    pub path: Option<String>,
}

/// The errors of a message that was refused, each code once, in the order of the issues.
pub(super) fn rejections(issues: &[Issue]) -> Vec<Rejection> {
    let mut rejections: Vec<Rejection> = Vec::new();
    let is_unidentifiable = issues.iter().any(|issue| issue.code == IssueCode::ReferralPatientUnidentifiable);
    for issue in issues {
        let Some((code, text)) = meaning(issue.code, is_unidentifiable) else { continue };
        if !rejections.iter().any(|other| other.code == code && other.text == text) {
            rejections.push(Rejection { code, text, path: issue.location.path.as_deref().map(str::to_owned) });
        }
    }
    rejections
}

/// A wrong number refuses a message only where nothing else says who the patient is.
fn meaning(code: IssueCode, is_unidentifiable: bool) -> Option<(ErrorCode, &'static str)> {
    Some(match code {
        IssueCode::HenvisningUnreadable => (ErrorCode::T01, "Meldingen kan ikke leses som XML"),
        IssueCode::HenvisningVersionUnsupported => {
            (ErrorCode::T10, "Mottaker leser Henvisning 2.0 (MsgHead 1.2), 1.1 og 1.0")
        }
        IssueCode::HenvisningElementMissing => (ErrorCode::T02, "Et obligatorisk element mangler"),
        IssueCode::HenvisningElementRepeated => (ErrorCode::T02, "Et element forekommer flere ganger enn tillatt"),
        IssueCode::IntakeMisaddressed => (ErrorCode::E21, "Meldingen er adressert til en annen mottaker"),
        IssueCode::HenvisningMessageIdInvalid => (ErrorCode::E10, "MsgId er ikke en gyldig UUID"),
        IssueCode::ReferralPatientUnidentifiable => (
            ErrorCode::E36,
            "Pasienten må ha navn og fødselsnummer, D-nummer eller felles hjelpenummer, eller navn, fødselsdato og kjønn",
        ),
        IssueCode::NationalNumberInvalid if is_unidentifiable => {
            (ErrorCode::E31, "Nummeret har feil form, dato eller kontrollsiffer")
        }
        IssueCode::SyntheticNumber if is_unidentifiable => {
            (ErrorCode::E31, "Nummeret tilhører en testpopulasjon og godtas ikke her")
        }
        IssueCode::ReferralAttachmentUnsupported => {
            (ErrorCode::X99, "Vedlegg i et format som ikke støttes; pdf, jpg og png støttes")
        }
        IssueCode::ReferralAttachmentInvalid => (ErrorCode::X99, "Innholdet i et vedlegg kan ikke leses"),
        IssueCode::HenvisningAttachmentTooLarge => (ErrorCode::X99, "Et vedlegg er for stort"),
        _ => return None,
    })
}

/// Whether a defect still refuses a message when the referral is an emergency: only one that leaves nothing to read
/// (HIS 80415, section 3.3.4: an emergency referral that can be read is always answered positively).
pub(super) fn refuses_emergencies(code: IssueCode) -> bool {
    matches!(
        code,
        IssueCode::HenvisningUnreadable
            | IssueCode::HenvisningVersionUnsupported
            | IssueCode::HenvisningElementMissing
            | IssueCode::HenvisningElementRepeated
    )
}
