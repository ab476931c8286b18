//! What a health trust without FHIR is told about its referral: a code of Volven 9148 and a text. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::personal::Personal;

/// Longest reason of the trial that is told, in characters.
const REASON: usize = 1_000;

/// The state in which nobody is told anything: the sender withdrew the referral itself.
const SILENT: &str = "cancelled";

/// The state that is told of in two ways: by whether the patient was treated.
const OFF_STUDY: &str = "off-study";

/// What stands in the sentences for who is off study and was never treated.
const UNTREATED: &str = "off-study-untreated";

/// Status of the assessment of a referral (Volven 9148).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum NoticeCode {
    /// The patient is called in.
    #[serde(rename = "1")]
    CalledIn,
    /// The patient is taken up, the time is to come.
    #[serde(rename = "2")]
    TakenUp,
    /// The referral was forwarded.
    #[serde(rename = "3")]
    Forwarded,
    /// The referral is rejected.
    #[serde(rename = "4")]
    Rejected,
}

impl NoticeCode {
    /// Every code.
    pub const ALL: [Self; 4] = [Self::CalledIn, Self::TakenUp, Self::Forwarded, Self::Rejected];

    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CalledIn => "1",
            Self::TakenUp => "2",
            Self::Forwarded => "3",
            Self::Rejected => "4",
        }
    }

    /// The name that the list gives the code.
    pub fn display(self) -> &'static str {
        match self {
            Self::CalledIn => "Innkalles til helsehjelp",
            Self::TakenUp => "Rett til helsehjelp, tidspunkt kommer",
            Self::Forwarded => "Henvisningen er videresendt",
            Self::Rejected => "Henvisningen er avvist",
        }
    }
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusNotice {
    /// Code.
    pub code: NoticeCode,
    /// Text: the state, and the reason where there is one.
    pub text: String,
}

/// The patient, as far as a notice names one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticePatient {
    /// Family name.
    pub family_name: Personal,
    /// Middle name.
    pub middle_name: Option<Personal>,
    /// Given names, one text.
    pub given_name: Personal,
    /// `yyyy-mm-dd`.
    pub birth_date: Option<Personal>,
    /// FHIR administrative-gender.
    pub gender: Option<String>,
    /// National numbers: code of Volven 8116, number.
    pub numbers: Vec<(&'static str, Personal)>,
}

/// An organisation or a service, as the sender of a referral named it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeUnit {
    /// Name.
    pub name: String,
    /// Ids: code of Volven 9051, id.
    pub ids: Vec<(String, String)>,
}

/// Who answers: the trial, as it presents itself to the trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeSender {
    /// Name of the organisation.
    pub name: String,
    /// Its HER-id.
    pub her_id: String,
    /// Name of the service in it.
    pub service_name: String,
    /// HER-id of the service.
    pub service_her_id: String,
    /// Whom to ask.
    pub contact: NoticeContact,
}

/// The health professional who is responsible for the assessment (HIS 1206, section 4.2.1: always named, with a telephone).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeContact {
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// HPR number.
    pub hpr_number: Option<String>,
    /// Telephone.
    pub telephone: String,
}

/// The sentences of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusTexts {
    /// Version, as the file names it.
    pub version: String,
    states: BTreeMap<String, (NoticeCode, String)>,
    reasons: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    state: Vec<StateText>,
    #[serde(default)]
    reason: Vec<ReasonText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateText {
    state: String,
    code: NoticeCode,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonText {
    code: String,
    text: String,
}

impl StatusTexts {
    /// Reads the sentences.
    ///
    /// # Errors
    /// Text that is not TOML of the documented shape; a state or reason twice, or without a sentence; a sentence for a state
    /// of which nobody is told; one of who is off study that does not tell who was never treated.
    pub fn parse(toml_text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(toml_text).map_err(|error| error.message().to_owned())?;
        let (mut states, mut reasons) = (BTreeMap::new(), BTreeMap::new());
        for StateText { state, code, text } in file.state {
            if state == SILENT {
                return Err(format!("of the state {SILENT} nobody is told"));
            }
            if text.trim().is_empty() || states.insert(state.clone(), (code, text)).is_some() {
                return Err(format!("the state {state} stands twice, or has no text"));
            }
        }
        for ReasonText { code, text } in file.reason {
            if text.trim().is_empty() || reasons.insert(code.clone(), text).is_some() {
                return Err(format!("the reason {code} stands twice, or has no text"));
            }
        }
        if states.contains_key(OFF_STUDY) != states.contains_key(UNTREATED) {
            return Err(format!("{OFF_STUDY} and {UNTREATED} stand together"));
        }
        Ok(Self { version: file.version, states, reasons })
    }

    /// What is told of a state; none where nothing is. Who is off study and was never treated was not taken.
    pub fn notice(&self, state: &str, is_treated: bool, reason: Option<&str>) -> Option<StatusNotice> {
        let state = if state == OFF_STUDY && !is_treated { UNTREATED } else { state };
        let (code, sentence) = self.states.get(state)?;
        let mut text = sentence.clone();
        if let Some(reason) = reason.map(str::trim).filter(|reason| !reason.is_empty()) {
            let told = self.reasons.get(reason).map_or(reason, String::as_str);
            text.push_str(" Begrunnelse: ");
            text.extend(told.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REASON));
        }
        Some(StatusNotice { code: *code, text })
    }

    /// Whether a state is told of.
    pub fn has(&self, state: &str) -> bool {
        self.states.contains_key(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMBEDDED: &str = include_str!("../../mappings/trial/status-texts.toml");

    fn texts() -> StatusTexts {
        StatusTexts::parse(EMBEDDED).unwrap()
    }

    /// Rows `| states | code | why |` of the section on the way back.
    fn documented() -> BTreeMap<String, String> {
        let document = include_str!("../../profiles/README.md");
        let (_, section) = document.split_once("| state of the referral | code of 9148 | why |").unwrap();
        let rows = section.lines().skip(2).take_while(|line| line.starts_with("| "));
        let cells = rows.map(|row| row.trim_matches(|c| c == '|' || c == ' ').split(" | ").collect::<Vec<_>>());
        cells
            .flat_map(|cells| {
                let states: Vec<&str> = cells[0].split(", ").collect();
                states.into_iter().map(move |state| (state.to_owned(), cells[1].to_owned())).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn every_state_has_the_code_that_is_documented() {
        let documented = documented();
        assert_eq!(documented.len(), 18);
        for (state, code) in documented {
            let (state, note) = state.split_once(" (").unwrap_or((&state, ""));
            let is_treated = note != "never treated)";
            let told = texts().notice(state, is_treated, None).map(|notice| notice.code.as_str().to_owned());
            let expected = Some(code).filter(|code| !(code == "none" || state.starts_with('(')));
            assert_eq!(told, expected, "{state} {note}");
        }
    }

    #[test]
    fn the_names_are_those_of_the_list() {
        let list = include_str!("../../mappings/codes/volven-9148.csv");
        for code in NoticeCode::ALL {
            let row = format!("{},{}", code.as_str(), code.display());
            let quoted = format!("{},\"{}\"", code.as_str(), code.display());
            assert!(list.lines().any(|line| line == row || line == quoted), "{code:?}");
        }
    }

    #[test]
    fn a_rejection_is_told_with_its_reason() {
        let notice = texts().notice("rejected", false, Some("  Ikke målbar sykdom\n")).unwrap();
        assert_eq!(notice.code, NoticeCode::Rejected);
        assert_eq!(notice.text, "Henvisningen er ikke tatt inn i studien. Begrunnelse: Ikke målbar sykdom");
        let coded =
            StatusTexts::parse(&format!("{EMBEDDED}[[reason]]\ncode = \"ecog\"\ntext = \"ECOG er 2 eller mer.\"\n"));
        let notice = coded.unwrap().notice("rejected", false, Some("ecog")).unwrap();
        assert!(notice.text.ends_with(" Begrunnelse: ECOG er 2 eller mer."), "{}", notice.text);
        let long = "x".repeat(REASON + 1);
        let notice = texts().notice("rejected", false, Some(&long)).unwrap();
        assert!(notice.text.ends_with(&format!(" {}", &long[1..])));
    }

    #[test]
    fn of_a_cancelled_referral_nobody_is_told() {
        assert_eq!(texts().notice("cancelled", false, None), None);
        let told = format!("{EMBEDDED}[[state]]\nstate = \"cancelled\"\ncode = \"4\"\ntext = \"x\"\n");
        assert_eq!(StatusTexts::parse(&told).unwrap_err(), "of the state cancelled nobody is told");
    }

    #[test]
    fn who_was_never_treated_was_not_taken() {
        let treated = texts().notice("off-study", true, Some("progression")).unwrap();
        let untreated = texts().notice("off-study", false, Some("progression")).unwrap();
        assert_eq!((treated.code, untreated.code), (NoticeCode::CalledIn, NoticeCode::Rejected));
        assert!(treated.text != untreated.text && untreated.text.ends_with(" Begrunnelse: progression"));
        // Nor is anything else told by whether the patient was treated.
        for state in ["referred", "offered", "withdrawn"] {
            assert_eq!(texts().notice(state, true, None), texts().notice(state, false, None), "{state}");
        }
        let alone = EMBEDDED.replace("off-study-untreated", "other");
        assert_eq!(StatusTexts::parse(&alone).unwrap_err(), "off-study and off-study-untreated stand together");
    }

    #[test]
    fn a_file_of_another_shape_is_refused() {
        let twice = format!("{EMBEDDED}[[state]]\nstate = \"referred\"\ncode = \"2\"\ntext = \"x\"\n");
        assert_eq!(StatusTexts::parse(&twice).unwrap_err(), "the state referred stands twice, or has no text");
        for (text, said) in [
            (EMBEDDED.replace("code = \"2\"", "code = \"5\""), "unknown variant `5`"),
            (EMBEDDED.replace("version", "other"), "unknown field `other`"),
        ] {
            let error = StatusTexts::parse(&text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
