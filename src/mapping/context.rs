//! What a rendering knows while it runs.

use foldhash::{HashMap, HashMapExt};

use super::expression::ResourceKey;
use super::path::identity;
use crate::domain::ids::Identity;
use crate::domain::record::Record;
use crate::fhir::ids::{ResourceId, ResourceIds};

/// The variables in scope and what was derived so far.
pub(super) struct Context<'a> {
    /// The root record, then the records of the loops from outside in.
    pub(super) variables: Vec<&'a dyn Record>,
    ids: &'a ResourceIds,
    /// Ids come up again and again (the patient in every resource), and each costs several hash blocks.
    known: HashMap<(&'a str, &'a str, &'a Identity), ResourceId>,
}

impl<'a> Context<'a> {
    /// A context with only the root in scope.
    pub(super) fn new(root: &'a dyn Record, ids: &'a ResourceIds) -> Self {
        Self { variables: vec![root], ids, known: HashMap::new() }
    }

    /// The business key that `key` leads to.
    pub(super) fn identity(&self, key: &ResourceKey) -> Option<&'a Identity> {
        identity(key.record.record(&self.variables)?, key.identity)
    }

    /// The id of the resource that `key` stands for; `None` where the record is missing.
    pub(super) fn id(&mut self, key: &'a ResourceKey) -> Option<ResourceId> {
        let identity = self.identity(key)?;
        let ids = self.ids;
        let derive = || ids.id(&key.resource_type, identity, &key.part);
        Some(*self.known.entry((&key.resource_type, &key.part, identity)).or_insert_with(derive))
    }
}
