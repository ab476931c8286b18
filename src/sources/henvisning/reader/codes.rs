//! Codes: the coding as sent, with the system that it is really of.

use super::Reader;
use crate::domain::issue::IssueCode;
use crate::domain::referral::Code;
use crate::redact;
use crate::sources::henvisning::tree::Node;

/// What a code is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::henvisning) enum List {
    /// A Volven list with a table of its own, by the number of the list; data type CS, which has no OID.
    Volven(&'static str),
    /// The same in data type CV, which has one.
    Qualified(&'static str),
    /// A diagnosis: ICD-10 or ICPC-2.
    Diagnosis,
    /// A drug: ATC.
    Drug,
    /// Whatever the sender says.
    Any,
}

/// A code that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::sources::henvisning) struct Coded {
    /// The coding; none where there is a text alone.
    pub(in crate::sources::henvisning) code: Option<Code>,
    /// What the code becomes by its table.
    pub(in crate::sources::henvisning) target: Option<String>,
    /// The text beside or in place of the code.
    pub(in crate::sources::henvisning) text: Option<String>,
    /// Whether the code system is one with a table or a known URI.
    pub(in crate::sources::henvisning) is_known: bool,
}

const VOLVEN: &str = "2.16.578.1.12.4.1.1.";
const ICD_10: &str = "2.16.578.1.12.4.1.1.7110";
const ATC: &str = "2.16.578.1.12.4.1.1.7180";
const CODE_SYSTEMS: &str = "code-systems";

impl Reader<'_> {
    /// Reads a code (data types CS and CV of the national standards: attributes V, S, DN, OT). A code is never a reason to
    /// refuse a message (HIS 80415, section 3.3.2).
    pub(in crate::sources::henvisning) fn coded(&self, node: Node<'_>, list: List) -> Coded {
        let (value, system) = (node.attribute("V"), node.attribute("S"));
        let (display, other) = (node.attribute("DN"), node.attribute("OT"));
        let text = display.or(other).map(str::to_owned);
        let Some(value) = value else { return Coded { text, ..Coded::default() } };
        let code: String = value.chars().filter(|character| !character.is_whitespace()).collect();
        if code != value {
            self.issue(IssueCode::HenvisningCodeBlank, node, format!("{} has blanks in it", redact::code(value)));
        }
        let mut coded = match list {
            List::Volven(number) => self.volven(node, number, &code, system),
            List::Qualified(number) => {
                if system.is_none() {
                    self.system_missing(node, &code);
                }
                self.volven(node, number, &code, system)
            }
            List::Diagnosis | List::Drug | List::Any => self.by_system(node, list, code, system),
        };
        let sent = display.map(str::to_owned);
        if let Some(code) = &mut coded.code {
            code.display = sent.or_else(|| code.display.take()).or_else(|| other.map(str::to_owned));
            if code.display.is_none() {
                self.issue(
                    IssueCode::HenvisningDisplayMissing,
                    node,
                    format!("{} has no text", redact::code(&code.code)),
                );
            }
        }
        coded.text = text.or_else(|| coded.code.as_ref()?.display.clone());
        coded
    }

    /// The same for an element inside.
    pub(in crate::sources::henvisning) fn child_code(&self, node: Node<'_>, name: &'static str, list: List) -> Coded {
        node.child(name).map(|node| self.coded(node, list)).unwrap_or_default()
    }

    /// What a code says to a person: its text, otherwise the code. Nothing but that is used of it.
    pub(in crate::sources::henvisning) fn child_text(&self, node: Node<'_>, name: &'static str) -> Option<String> {
        let node = node.child(name)?;
        let (code, display, other) = (node.attribute("V"), node.attribute("DN"), node.attribute("OT"));
        node.attribute("S");
        display.or(other).or(code).or_else(|| node.text()).map(str::to_owned)
    }

    fn system_missing(&self, node: Node<'_>, code: &str) {
        let text = format!("{} names no code system", redact::code(code));
        self.issue(IssueCode::HenvisningCodeSystemMissing, node, text);
    }

    fn volven(&self, node: Node<'_>, number: &'static str, code: &str, system: Option<&str>) -> Coded {
        let tables = self.context.code_tables;
        let name = format!("volven-{number}");
        let is_other = system.is_some_and(|system| system.strip_prefix(VOLVEN) != Some(number));
        let is_in_table = tables.lookup(&name, code).is_some();
        if is_other && !is_in_table {
            // The data type CV allows another list, such as headings of SNOMED CT.
            return self.by_system(node, List::Any, code.to_owned(), system);
        }
        if is_other {
            let text = format!("{} of list {number} is sent with the OID of another list", redact::code(code));
            self.issue(IssueCode::HenvisningCodeSystemWrong, node, text);
        }
        let translation = tables.translate(&name, code, &self.place(node));
        if let Some(issue) = translation.issue {
            self.raise(issue);
        }
        Coded {
            code: Some(translation.original.to_code()),
            target: translation.target.map(|target| target.code.to_owned()),
            text: None,
            is_known: is_in_table,
        }
    }

    /// A code of one of several systems: that of its OID, unless it cannot be of it.
    fn by_system(&self, node: Node<'_>, list: List, code: String, system: Option<&str>) -> Coded {
        let oid = self.oid(node, list, &code, system);
        let tables = self.context.code_tables;
        let known = oid.as_deref().and_then(|oid| tables.lookup(CODE_SYSTEMS, oid)?.property("system"));
        let table = oid.as_deref().and_then(|oid| tables.table_of_oid(oid));
        let uri = known.or_else(|| table.and_then(|(_, table)| table.head().system.as_deref()));
        let display = table.and_then(|(_, table)| Some(table.entry(&code)?.display().to_owned()));
        let system = match (uri, &oid) {
            (Some(uri), _) => Some(uri.to_owned()),
            (None, Some(oid)) if is_oid(oid) => {
                let text = format!("{}: no table knows its code system", redact::code(&code));
                self.issue(IssueCode::CodeUnmapped, node, text);
                Some(format!("urn:oid:{oid}"))
            }
            _ => None,
        };
        Coded { code: Some(Code { system, code, display }), target: None, text: None, is_known: uri.is_some() }
    }

    /// The OID of the system that a code is of; none where nothing tells.
    fn oid(&self, node: Node<'_>, list: List, code: &str, system: Option<&str>) -> Option<String> {
        let by_form = match list {
            List::Diagnosis => is_icd_10_alone(code).then_some(ICD_10),
            List::Drug => is_atc(code).then_some(ATC),
            List::Volven(_) | List::Qualified(_) | List::Any => None,
        };
        match (system, by_form) {
            (None, form) => {
                self.system_missing(node, code);
                form.map(str::to_owned)
            }
            (Some(system), _) => {
                let form = match (list, system) {
                    // Official samples send ICD-10 with the OID of ATC; no diagnosis is a drug.
                    (List::Diagnosis, ATC) if is_icd_10(code) => Some(ICD_10),
                    (List::Drug, other) if other != ATC && is_atc(code) && code.len() == 7 => Some(ATC),
                    _ => None,
                };
                if form.is_some() {
                    let text =
                        format!("{} is sent with the OID {}", redact::code(code), redact::word(system, &[ICD_10, ATC]));
                    self.issue(IssueCode::HenvisningCodeSystemWrong, node, text);
                }
                Some(form.unwrap_or(system).to_owned())
            }
        }
    }
}

fn is_oid(text: &str) -> bool {
    let is_number = |arc: &str| !arc.is_empty() && arc.len() <= 39 && arc.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 255 && text.contains('.') && text.split('.').all(is_number)
}

/// A letter, two digits, and in the Norwegian edition up to two further characters, with or without a point.
fn is_icd_10(code: &str) -> bool {
    let mut characters = code.chars();
    let is_category = characters.next().is_some_and(|letter| letter.is_ascii_uppercase())
        && characters.next().is_some_and(|digit| digit.is_ascii_digit())
        && characters.next().is_some_and(|digit| digit.is_ascii_digit());
    let rest = characters.as_str();
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    is_category && rest.len() <= 2 && rest.chars().all(|digit| digit.is_ascii_digit())
}

/// Whether a code can be of ICD-10 and not of ICPC-2, which has three characters and no chapters C, E, G, I, J, M, O, Q, V.
fn is_icd_10_alone(code: &str) -> bool {
    is_icd_10(code) && (code.len() > 3 || code.starts_with(['C', 'E', 'G', 'I', 'J', 'M', 'O', 'Q', 'V']))
}

/// A01AA01 or the beginning of one: one letter, two digits, a letter, a letter, two digits.
fn is_atc(code: &str) -> bool {
    let is_level = matches!(code.len(), 1 | 3 | 4 | 5 | 7);
    is_level
        && code.char_indices().all(|(index, character)| match index {
            0 | 3 | 4 => character.is_ascii_uppercase(),
            _ => character.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_by_their_form() {
        for (code, icd_10, alone, atc) in [
            ("C61", true, true, true),
            ("C50.9", true, true, false),
            ("C509", true, true, false),
            ("L88", true, false, true),
            ("L88.1", true, true, false),
            ("A16CK", false, false, true),
            ("C05AA04", false, false, true),
            ("L02AE03", false, false, true),
            ("c61", false, false, false),
            ("", false, false, false),
            ("Æ61", false, false, false),
        ] {
            assert_eq!((is_icd_10(code), is_icd_10_alone(code), is_atc(code)), (icd_10, alone, atc), "{code}");
        }
        assert!(is_oid("2.16.578.1.12.4.1.1.7110") && !is_oid("7110") && !is_oid("2..1") && !is_oid("2.x"));
    }
}
