//! The entries of a Bundle as text: of each only the head is read, so that a Bundle of any length can be checked entry by
//! entry, with its references, in the memory of one entry.

use std::cell::RefCell;
use std::collections::HashMap;

use super::claims::claimed_in;
use super::demand::{Profile, ProfileIndex};
use super::model::Model;
use super::overlay::contains;
use crate::fhir::bundle::EntryText;
use crate::fhir::json::{read_borrowed, read_members};
use crate::fhir::value::{Arena, Value};

/// Entries by full URL and by `Type/id`.
pub(super) struct Entries<'r> {
    heads: Vec<Head<'r>>,
    by_url: HashMap<&'r str, usize>,
    by_reference: HashMap<&'r str, usize>,
    /// Whether an entry meets a profile that it does not claim.
    known: RefCell<HashMap<(usize, ProfileIndex), bool>>,
}

/// What a reference to an entry needs to know of it.
pub(super) struct Head<'r> {
    pub(super) number: usize,
    /// The resource as JSON.
    pub(super) text: &'r str,
    /// The `resourceType`, where it is one of FHIR R4.
    pub(super) type_name: Option<&'r str>,
    /// The profiles of `meta.profile` that are loaded.
    pub(super) claims: Box<[ProfileIndex]>,
    /// The `code` as JSON: it tells most profiles of a type apart.
    code: Option<&'r str>,
}

impl Head<'_> {
    /// Whether the code is none that the profile asks for, so that the rest need not be read.
    pub(super) fn is_excluded(&self, profile: &Profile) -> bool {
        let pattern =
            profile.root.children.iter().find(|child| child.definition.name == "code" && !child.definition.array);
        let pattern = pattern.and_then(|code| code.pattern.as_ref());
        let arena = Arena::new();
        let code = || self.code.and_then(|text| read_borrowed(text, &arena));
        pattern.is_some_and(|pattern| code().is_some_and(|code| !contains(pattern, &code)))
    }
}

impl<'r> Entries<'r> {
    /// Reads the heads. A resource that is no JSON has an empty one; the entry itself is reported when it is checked.
    pub(super) fn new<'t: 'r>(model: &'r Model, entries: impl Iterator<Item = EntryText<'t>>) -> Self {
        let mut all =
            Self { heads: Vec::new(), by_url: HashMap::new(), by_reference: HashMap::new(), known: RefCell::default() };
        let mut arena = Arena::new();
        for (number, entry) in entries.enumerate() {
            arena.reset();
            all.by_url.entry(entry.full_url).or_insert(number);
            all.by_reference.entry(entry.reference).or_insert(number);
            let names = ["resourceType", "meta", "code"];
            let [type_name, meta, code] = read_members(entry.resource, names).unwrap_or_default();
            let type_name = type_name.and_then(|text| read_borrowed(text, &arena));
            let meta = meta.and_then(|text| read_borrowed(text, &arena)).unwrap_or(Value::Null);
            all.heads.push(Head {
                number,
                text: entry.resource,
                claims: claimed_in(&meta).filter_map(|url| model.profile_index(url)).collect(),
                type_name: type_name.and_then(|name| Some(model.type_of(name.as_str()?)?.name.as_str())),
                code,
            });
        }
        all
    }

    pub(super) fn by_url(&self, url: &str) -> Option<&Head<'r>> {
        self.heads.get(*self.by_url.get(url)?)
    }

    /// `reference` is `Type/id`.
    pub(super) fn by_reference(&self, reference: &str) -> Option<&Head<'r>> {
        self.heads.get(*self.by_reference.get(reference)?)
    }

    /// The number of the first entry with a full URL.
    pub(super) fn number_of(&self, url: &str) -> Option<usize> {
        self.by_url.get(url).copied()
    }

    pub(super) fn known(&self, entry: usize, profile: ProfileIndex) -> Option<bool> {
        self.known.borrow().get(&(entry, profile)).copied()
    }

    pub(super) fn learn(&self, entry: usize, profile: ProfileIndex, meets: bool) {
        self.known.borrow_mut().insert((entry, profile), meets);
    }
}
