//! The bindings of a mapping folder.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::check::Case;
use super::compile::compile;
use super::compile::header::{BINDING, find};
use super::dictionary::Dictionary;
use super::overlay::laid_over;
use super::plan::Plan;
use crate::domain::code_table::CodeTables;
use crate::domain::issue::IssueCode;
use crate::domain::org_number::OrgNumber;
use crate::mapping_file::tables::Tables;
use crate::mapping_file::yaml::{self, Entry, Node, Text, Value};
use crate::mapping_file::{MappingError, MappingFile, Position};
use crate::redact::quote;

/// Folder of the bindings below the mapping folder.
pub const FOLDER: &str = "referral/";

const OVERLAYS: &str = "referral/overlays/";
const TESTS: &str = "referral/tests/";
/// The base binding.
const BASE: &str = "referral/hl7v2-ref.yaml";

/// The base binding and the overlays, compiled.
#[derive(Clone)]
pub struct Bindings {
    base: Plan,
    overlays: BTreeMap<String, Overlay>,
    pub(super) cases: Vec<Case>,
    pub(super) dictionary: Dictionary,
}

#[derive(Debug, Clone)]
struct Overlay {
    plan: Plan,
    senders: Vec<Selector>,
}

/// How a sender is known: values of MSH-3 and MSH-4, in whatever component they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selector {
    application: Option<String>,
    facility: Option<String>,
    at: Position,
}

impl Selector {
    fn matches(&self, application: &[&str], facility: &[&str]) -> bool {
        let is_in =
            |wanted: &Option<String>, parts: &[&str]| wanted.as_deref().is_none_or(|wanted| parts.contains(&wanted));
        is_in(&self.application, application) && is_in(&self.facility, facility)
    }

    /// Whether one message can be meant by both.
    fn overlaps(&self, other: &Self) -> bool {
        let differs = |one: &Option<String>, two: &Option<String>| {
            one.as_ref().zip(two.as_ref()).is_some_and(|(one, two)| one != two)
        };
        !differs(&self.application, &other.application) && !differs(&self.facility, &other.facility)
    }
}

/// The organisations only: the rest is long.
impl fmt::Debug for Bindings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.organisations()).finish()
    }
}

impl Bindings {
    /// Compiles the bindings among the files of a mapping: `referral/hl7v2-ref.yaml`, `referral/overlays/<orgnr>.yaml`,
    /// `referral/tests/*.yaml`, with the tables of fields and types of HL7 v2, `referral/*.tsv`.
    ///
    /// # Errors
    /// Every defect, `mapping.*`.
    pub fn load(files: &[MappingFile], codes: &Arc<CodeTables>) -> Result<Self, Vec<MappingError>> {
        let is_table = |file: &&MappingFile| file.name.starts_with(FOLDER) && file.name.ends_with(".tsv");
        let tables = Tables::load(&files.iter().filter(is_table).cloned().collect::<Vec<_>>())?;
        let whole = |name: &str, text: &str| {
            let at = Position { file: name.into(), line: 0, column: 0 };
            vec![MappingError::new(IssueCode::MappingFileUnreadable, &at, text)]
        };
        let Some(base_file) = files.iter().find(|file| &*file.name == BASE) else {
            return Err(whole(BASE, "there is no such file"));
        };
        let Some(dictionary) = Dictionary::of(&tables) else {
            return Err(whole(FOLDER, "the tables `hl7v2-fields` and `hl7v2-types` are missing"));
        };
        let base_node = yaml::read(base_file).map_err(|error| vec![error])?;
        let base = compile(&base_node, None, codes, &dictionary)?;
        let (mut overlays, mut cases, mut errors) = (BTreeMap::new(), Vec::new(), Vec::new());
        for file in files {
            if let Some(name) = file.name.strip_prefix(OVERLAYS) {
                match overlay(file, name, &base_node, codes, &dictionary) {
                    Ok((organisation, overlay)) => {
                        overlays.insert(organisation, overlay);
                    }
                    Err(mut found) => errors.append(&mut found),
                }
            } else if file.name.starts_with(TESTS) {
                match Case::read(file) {
                    Ok(case) => cases.push(case),
                    Err(error) => errors.push(error),
                }
            }
        }
        errors.extend(ambiguous(&overlays));
        if errors.is_empty() { Ok(Self { base, overlays, cases, dictionary }) } else { Err(errors) }
    }

    /// The binding of a sender: that of the overlay that names it, or whose organisation number stands in MSH-4; else the
    /// base. `application` and `facility` are the components of MSH-3 and MSH-4.
    pub fn for_sender(&self, application: &[&str], facility: &[&str]) -> &Plan {
        let mut overlays = self.overlays.values();
        let named = overlays.find(|overlay| overlay.senders.iter().any(|sender| sender.matches(application, facility)));
        let numbered = || facility.iter().find_map(|part| self.overlays.get(*part));
        named.or_else(numbered).map_or(&self.base, |overlay| &overlay.plan)
    }

    /// The organisations that have an overlay, by organisation number.
    pub fn organisations(&self) -> impl Iterator<Item = &str> {
        self.overlays.keys().map(String::as_str)
    }
}

fn overlay(
    file: &MappingFile,
    name: &str,
    base: &Node,
    codes: &Arc<CodeTables>,
    dictionary: &Dictionary,
) -> Result<(String, Overlay), Vec<MappingError>> {
    let node = yaml::read(file).map_err(|error| vec![error])?;
    let invalid = |at: &Position, text: String| vec![MappingError::new(IssueCode::MappingBindingInvalid, at, text)];
    let number = name.strip_suffix(".yaml").unwrap_or(name);
    let organisation = OrgNumber::parse(number)
        .map_err(|error| invalid(&node.at, format!("the file is not named after an organisation number: {error}")))?;
    let senders = senders(&node).map_err(|error| vec![error])?;
    let merged = laid_over(base, node);
    let plan = compile(&merged, Some(organisation.as_str()), codes, dictionary)?;
    Ok((organisation.as_str().to_owned(), Overlay { plan, senders }))
}

/// `sender`: a list of `application` and `facility`.
fn senders(file: &Node) -> Result<Vec<Selector>, MappingError> {
    let invalid = |at: &Position, text: &str| Err(MappingError::new(IssueCode::MappingBindingInvalid, at, text));
    let Value::Object(entries) = &file.value else { return invalid(&file.at, "expected the keys of a binding") };
    let is_binding = |node: &Node| matches!(&node.value, Value::Text(Text { text, .. }) if text == BINDING);
    if !find(entries, "binding").is_some_and(is_binding) {
        return invalid(&file.at, "expected `binding: hl7v2-referral`");
    }
    let Some(node) = find(entries, "sender") else { return Ok(Vec::new()) };
    let Value::List(elements) = &node.value else { return invalid(&node.at, "expected a list of senders") };
    let mut senders = Vec::new();
    for element in elements {
        let Value::Object(entries) = &element.value else {
            return invalid(&element.at, "expected application, facility");
        };
        let mut sender = Selector { application: None, facility: None, at: element.at.clone() };
        for Entry { key, at, node } in entries {
            let Value::Text(Text { text, .. }) = &node.value else {
                return invalid(&node.at, "expected a text in quotation marks");
            };
            match key.as_str() {
                "application" => sender.application = Some(text.clone()),
                "facility" => sender.facility = Some(text.clone()),
                _ => return invalid(at, &format!("{} is neither `application` nor `facility`", quote(key))),
            }
        }
        if sender.application.is_none() && sender.facility.is_none() {
            return invalid(&element.at, "a sender without application and facility would be every sender");
        }
        senders.push(sender);
    }
    Ok(senders)
}

/// Senders of different overlays that one message could be from.
fn ambiguous(overlays: &BTreeMap<String, Overlay>) -> Vec<MappingError> {
    let senders: Vec<(&String, &Selector)> =
        overlays.iter().flat_map(|(name, overlay)| overlay.senders.iter().map(move |sender| (name, sender))).collect();
    let mut errors = Vec::new();
    for (index, (name, sender)) in senders.iter().enumerate() {
        for (other_name, other) in senders.iter().take(index) {
            if name != other_name && sender.overlaps(other) {
                let text = format!("a message of this sender could also be of overlay {other_name}");
                errors.push(MappingError::new(IssueCode::MappingBindingInvalid, &sender.at, text));
            }
        }
    }
    errors
}
