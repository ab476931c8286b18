//! What profiles demand, with everything that refers to a profile, value set or invariant looked up once.

use serde_json::Value;

use super::model::{BoundSet, Model};
use super::rules::{KeyedRule, rules};
use super::slices::Slices;
use crate::profiles::form::{ElementDef, ExtensionContext, Form, ProfileDef, TypeRef};

/// Index of a [`Profile`].
pub(super) type ProfileIndex = usize;

/// Longer chains of profiles do not occur; a circle must end.
const MAX_ANCESTORS: usize = 32;

/// A profile or extension definition.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) url: String,
    pub(super) type_name: String,
    /// The profiles it derives from, nearest first.
    pub(super) ancestors: Vec<ProfileIndex>,
    pub(super) context: Vec<ExtensionContext>,
    pub(super) root: Demand,
}

/// What a profile demands of one element.
#[derive(Debug)]
pub(super) struct Demand {
    /// Without the elements inside, slices and values.
    pub(super) definition: ElementDef,
    pub(super) types: Vec<DemandType>,
    pub(super) fixed: Option<Value>,
    pub(super) pattern: Option<Value>,
    pub(super) binding: Option<BoundSet>,
    pub(super) rules: Vec<KeyedRule>,
    pub(super) children: Vec<Demand>,
    /// Whether something must be inside, so that a value without inside is at fault.
    pub(super) needs_inside: bool,
    pub(super) slices: Option<Slices>,
}

/// A type that a profile allows.
#[derive(Debug)]
pub(super) struct DemandType {
    pub(super) code: String,
    pub(super) targets: Vec<Target>,
    /// Profiles of which a value must meet one; `None` where one is not loaded.
    pub(super) profiles: Vec<Option<ProfileIndex>>,
}

/// What a reference may lead to.
#[derive(Debug)]
pub(super) struct Target {
    /// A resource type, `Resource`, or the URL of a profile.
    pub(super) name: String,
    /// The profile, where it is loaded.
    pub(super) profile: Option<ProfileIndex>,
    /// The resource type, where it is known.
    pub(super) type_name: Option<String>,
}

/// Compiles profiles against types and value sets that are known already.
pub(super) struct Compiler<'a> {
    pub(super) form: &'a Form,
    pub(super) model: &'a Model,
}

impl Compiler<'_> {
    pub(super) fn profile(&self, url: &str, profile: &ProfileDef) -> Profile {
        let base_of = |profile: &ProfileDef| profile.base.clone();
        let mut ancestors = Vec::new();
        let mut next = base_of(profile);
        while let Some((base, index)) =
            next.and_then(|url| Some((self.form.profiles.get(&url)?, self.model.profile_index(&url)?)))
        {
            if ancestors.len() == MAX_ANCESTORS {
                break;
            }
            ancestors.push(index);
            next = base_of(base);
        }
        Profile {
            url: url.to_owned(),
            type_name: profile.type_name.clone(),
            ancestors,
            context: profile.context.clone(),
            root: self.demand(&profile.root),
        }
    }

    pub(super) fn demand(&self, element: &ElementDef) -> Demand {
        Demand {
            definition: outside(element),
            types: element.types.iter().map(|used| self.type_of(used)).collect(),
            fixed: element.fixed.clone(),
            pattern: element.pattern.clone(),
            binding: element.binding.as_ref().map(|binding| self.model.bound(binding)),
            rules: rules(&element.constraints),
            children: element.children.iter().map(|child| self.demand(child)).collect(),
            needs_inside: element.children.iter().any(|child| child.min > 0),
            slices: element.slicing.as_ref().map(|slicing| Slices::new(self, &element.name, slicing)),
        }
    }

    pub(super) fn target(&self, name: &str) -> Target {
        self.model.target(name, self.form)
    }

    fn type_of(&self, used: &TypeRef) -> DemandType {
        DemandType {
            code: used.code.clone(),
            targets: used.targets.iter().map(|target| self.target(target)).collect(),
            profiles: used.profiles.iter().map(|url| self.model.profile_index(url)).collect(),
        }
    }
}

/// What a definition says of the element itself: what is kept in another form is left out.
pub(super) fn outside(element: &ElementDef) -> ElementDef {
    ElementDef {
        children: Vec::new(),
        slicing: None,
        fixed: None,
        pattern: None,
        types: Vec::new(),
        constraints: Vec::new(),
        ..element.clone()
    }
}
