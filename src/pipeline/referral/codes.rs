//! Codes that cannot stand as codings: they become words, because an invalid code value is never a ground to refuse a message
//! (HIS 80415) and must not hold back the rest of the referral either.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::personal::Personal;
use crate::domain::referral::{Code, Referral};
use crate::fhir::public_code::{is_listed, is_public};
use crate::profiles::terminology::code_issue;

/// Takes every coding out of the referral that its profile would not accept; its words join the text beside it. Raises
/// `code.unusable` for each.
pub(super) fn settle(referral: &mut Referral, file: &Arc<str>, account: &mut Account) {
    let mut settled = Settled { file, account };
    for (index, diagnosis) in referral.diagnoses.iter_mut().enumerate() {
        let path = format!("diagnoses[{index}]");
        let mut words = settled.list(&path, &mut diagnosis.codes, Demand::System);
        words.extend(settled.one(&format!("{path}.pathway"), &mut diagnosis.pathway));
        if diagnosis.codes.is_empty() && diagnosis.pathway.is_none() {
            diagnosis.is_coded = None;
        }
        diagnosis.text = joined(diagnosis.text.take(), &words);
    }
    for (index, medication) in referral.medications.iter_mut().enumerate() {
        let words = settled.list(&format!("medications[{index}]"), &mut medication.codes, Demand::Shape);
        medication.is_coded = medication.is_coded.filter(|_| !medication.codes.is_empty());
        medication.text = joined(medication.text.take(), &words);
    }
    for (index, treatment) in referral.treatments.iter_mut().enumerate() {
        let words = settled.list(&format!("treatments[{index}]"), &mut treatment.codes, Demand::Shape);
        treatment.is_coded = treatment.is_coded.filter(|_| !treatment.codes.is_empty());
        treatment.text = joined_personal(treatment.text.take(), &words);
    }
    let lists = [("clinical_items", &mut referral.clinical_items), ("precautions", &mut referral.precautions)];
    for (name, items) in lists {
        for (index, item) in items.iter_mut().enumerate() {
            let path = format!("{name}[{index}]");
            let mut words = settled.list(&path, &mut item.codes, Demand::Shape);
            words.extend(settled.one(&format!("{path}.kind"), &mut item.kind));
            item.text = joined_personal(item.text.take(), &words);
        }
    }
    if let Some(requester) = &mut referral.requester {
        // What profession a code of no form names, nobody can say.
        settled.one("requester.profession", &mut requester.profession);
    }
}

/// What a coding needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// The form of a code, and of those of its system.
    Shape,
    /// A system as well.
    System,
}

struct Settled<'a> {
    file: &'a Arc<str>,
    account: &'a mut Account,
}

impl Settled<'_> {
    fn list(&mut self, path: &str, codes: &mut Vec<Code>, demand: Demand) -> Vec<String> {
        let mut words = Vec::new();
        let mut index = 0;
        codes.retain(|code| {
            let is_usable = is_usable(code, demand);
            if !is_usable {
                words.push(words_of(code));
                self.raise(&format!("{path}.codes[{index}]"));
            } else if is_of_no_form(code) {
                self.raise_hidden(&format!("{path}.codes[{index}]"));
            }
            index += 1;
            is_usable
        });
        words
    }

    fn one(&mut self, path: &str, slot: &mut Option<Code>) -> Option<String> {
        if slot.as_ref().is_some_and(is_of_no_form) {
            self.raise_hidden(path);
        }
        let unusable = slot.take_if(|code| !is_usable(code, Demand::Shape))?;
        self.raise(path);
        Some(words_of(&unusable))
    }

    fn raise(&mut self, path: &str) {
        let location = Location { column: Some(path.into()), ..Location::file(self.file) };
        let text = "not a code of its system, or of no known system: it stands as text";
        self.account.issue(IssueCode::CodeUnusable, location, text);
    }

    /// A code that only the care chain sees.
    fn raise_hidden(&mut self, path: &str) {
        let location = Location { column: Some(path.into()), ..Location::file(self.file) };
        let text = "it has not the form of its code system: kept as sent, and not shown to the trial";
        self.account.issue(IssueCode::CodeUnmapped, location, text);
    }
}

/// Whether a code has not the form of its system, where that is known: it can be a name or a number of a person.
fn is_of_no_form(code: &Code) -> bool {
    code.system.as_deref().is_some_and(|system| is_listed(system) && !is_public(system, &code.code))
}

/// FHIR R4 datatype `code`: no whitespace at its ends, and single blanks inside.
fn is_usable(code: &Code, demand: Demand) -> bool {
    let text = code.code.as_str();
    let mut parts = text.split(' ');
    let has_shape = !text.is_empty() && parts.all(|part| !part.is_empty() && !part.contains(char::is_whitespace));
    let is_of_system = match code.system.as_deref() {
        Some(system) => code_issue(system, text, Location::default()).is_none(),
        None => demand == Demand::Shape,
    };
    has_shape && is_of_system
}

fn words_of(code: &Code) -> String {
    match code.display.as_deref().filter(|display| *display != code.code) {
        Some(display) if !code.code.is_empty() => format!("{display} ({})", code.code),
        Some(display) => display.to_owned(),
        None => code.code.clone(),
    }
}

/// The text with the words that are not in it yet.
fn joined(text: Option<String>, words: &[String]) -> Option<String> {
    let mut text = text.unwrap_or_default();
    for word in words.iter().filter(|word| !word.trim().is_empty()) {
        if text.is_empty() {
            text.clone_from(word);
        } else if !text.contains(word.as_str()) {
            text = format!("{text}; {word}");
        }
    }
    Some(text).filter(|text| !text.is_empty())
}

fn joined_personal(text: Option<Personal>, words: &[String]) -> Option<Personal> {
    if words.is_empty() { text } else { joined(text.map(|text| text.expose().to_owned()), words).map(Personal::new) }
}
