//! Slices of an element, with what decides which occurrence belongs to which.

use serde_json::Value as Json;

use super::demand::{Compiler, Demand, Target};
use super::model::HashMap;
use crate::fhir::value::Value;
use crate::profiles::form::{MatchRule, Slice as SliceDef, SliceMatch, Slicing, SlicingRules, Step};

/// Fewer slices are tried one after the other.
const MIN_INDEXED: usize = 4;

/// How occurrences are divided.
#[derive(Debug)]
pub(super) struct Slices {
    pub(super) ordered: bool,
    pub(super) rules: SlicingRules,
    /// Those that can be decided, in order.
    pub(super) slices: Vec<Slice>,
    pub(super) are_all_decided: bool,
    pub(super) codes: Option<CodeIndex>,
    /// Whether something is demanded even where there is no occurrence.
    pub(super) needs_any: bool,
}

/// One slice.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) name: String,
    /// Element and slice, for reports.
    pub(super) label: String,
    pub(super) matches: Vec<Match>,
    pub(super) element: Demand,
    pub(super) needs_any: bool,
}

/// One discriminator.
#[derive(Debug)]
pub(super) struct Match {
    pub(super) path: Vec<Step>,
    pub(super) rule: Matched,
}

/// What a discriminator asks.
#[derive(Debug)]
pub(super) enum Matched {
    Fixed(Json),
    Pattern(Json),
    /// Index of the value set; absent where the form does not have it.
    ValueSet(Option<usize>),
    Exists(bool),
    Type(Vec<String>),
    Profile(Vec<Target>),
}

/// Slices by the code that their pattern asks for. A profile of variants has some thirty slices of components and a variant
/// some twenty components, so trying each would be most of the work.
#[derive(Debug)]
pub(super) struct CodeIndex {
    key: Key,
    /// Code -> slices, ascending.
    by_code: HashMap<String, Vec<usize>>,
    /// Slices that ask for something else, ascending.
    pub(super) others: Vec<usize>,
}

/// Where the code is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// Property of the occurrence.
    property: String,
    /// Whether its value is a Coding; else a CodeableConcept.
    is_coding: bool,
}

impl Slices {
    pub(super) fn new(compiler: &Compiler<'_>, element: &str, slicing: &Slicing) -> Self {
        let decided = slicing.slices.iter().filter(|slice| !slice.matches.is_empty());
        let slices: Vec<Slice> = decided.map(|slice| Slice::new(compiler, element, slice)).collect();
        Self {
            ordered: slicing.ordered,
            rules: slicing.rules,
            are_all_decided: slices.len() == slicing.slices.len(),
            codes: CodeIndex::new(&slices),
            needs_any: slices.iter().any(|slice| slice.needs_any),
            slices,
        }
    }
}

impl Slice {
    fn new(compiler: &Compiler<'_>, element: &str, slice: &SliceDef) -> Self {
        let inner = compiler.demand(&slice.element);
        Self {
            name: slice.name.clone(),
            label: format!("{element}:{}", slice.name),
            matches: slice.matches.iter().map(|asked| Match::new(compiler, asked)).collect(),
            needs_any: inner.definition.min > 0 || inner.slices.as_ref().is_some_and(|slices| slices.needs_any),
            element: inner,
        }
    }

    /// The code that an occurrence must have to belong to the slice.
    fn key(&self) -> Option<(Key, &str)> {
        let [Match { path, rule: Matched::Pattern(pattern) }] = self.matches.as_slice() else { return None };
        let [Step::Property(property)] = path.as_slice() else { return None };
        if let Some(code) = pattern.get("code").and_then(Json::as_str) {
            return Some((Key { property: property.clone(), is_coding: true }, code));
        }
        let coding = pattern.get("coding").and_then(Json::as_array)?.first()?;
        Some((Key { property: property.clone(), is_coding: false }, coding.get("code").and_then(Json::as_str)?))
    }
}

impl Match {
    fn new(compiler: &Compiler<'_>, asked: &SliceMatch) -> Self {
        let rule = match &asked.rule {
            MatchRule::Fixed(value) => Matched::Fixed(value.clone()),
            MatchRule::Pattern(value) => Matched::Pattern(value.clone()),
            MatchRule::ValueSet(url) => Matched::ValueSet(compiler.model.value_set_index(url)),
            MatchRule::Exists(expected) => Matched::Exists(*expected),
            MatchRule::Type(types) => Matched::Type(types.clone()),
            MatchRule::Profile(profiles) => {
                Matched::Profile(profiles.iter().map(|profile| compiler.target(profile)).collect())
            }
        };
        Self { path: asked.path.clone(), rule }
    }
}

impl CodeIndex {
    fn new(slices: &[Slice]) -> Option<Self> {
        let keys: Vec<Option<(Key, &str)>> = slices.iter().map(Slice::key).collect();
        let mut counts: HashMap<&Key, usize> = HashMap::default();
        for (key, _) in keys.iter().flatten() {
            *counts.entry(key).or_default() += 1;
        }
        let (key, count) =
            counts.into_iter().max_by_key(|(key, count)| (*count, key.property.clone(), key.is_coding))?;
        if count < MIN_INDEXED {
            return None;
        }
        let mut index = Self { key: key.clone(), by_code: HashMap::default(), others: Vec::new() };
        for (number, found) in keys.iter().enumerate() {
            match found.as_ref().filter(|(own, _)| own == key) {
                Some((_, code)) => index.by_code.entry((*code).to_owned()).or_default().push(number),
                None => index.others.push(number),
            }
        }
        Some(index)
    }

    /// Visits the slices that ask for a code of the occurrence, those of one code in order. False where the occurrence is
    /// not of the form that the index knows, so that each slice has to be tried.
    pub(super) fn visit(&self, occurrence: &Value<'_>, visit: &mut dyn FnMut(usize)) -> bool {
        let Some(value) = occurrence.get(&self.key.property) else { return false };
        let items = value.as_array().unwrap_or(std::slice::from_ref(value));
        for item in items {
            if item.is_array() {
                return false;
            }
            if self.key.is_coding {
                self.coding(item, visit);
            } else {
                for coding in item.get("coding").and_then(Value::as_array).into_iter().flatten() {
                    self.coding(coding, visit);
                }
            }
        }
        true
    }

    fn coding(&self, coding: &Value<'_>, visit: &mut dyn FnMut(usize)) {
        let code = coding.get("code").and_then(Value::as_str);
        for number in code.and_then(|code| self.by_code.get(code)).into_iter().flatten() {
            visit(*number);
        }
    }
}
