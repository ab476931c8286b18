//! The compact constraint form: what FHIR definitions demand of the structure of a resource, without any prose.
//!
//! A [`Form`] is made by the compiler from FHIR packages and read by the walker and by the JSON Schema back end. It has
//! two layers. A [`TypeDef`] is a whole type of FHIR R4 with every element. A [`ProfileDef`] is *sparse*: it holds only
//! what it demands beyond its type, so a resource is checked against its type once and then against each profile.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything that was compiled from a set of packages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Primitives, datatypes and resources, by name.
    pub types: BTreeMap<String, TypeDef>,
    /// Profiles and extension definitions, by canonical URL without version.
    pub profiles: BTreeMap<String, ProfileDef>,
    /// Value sets of required and extensible bindings, by canonical URL without version.
    pub value_sets: BTreeMap<String, ValueSetDef>,
    /// Code systems that can be enumerated, by URI.
    pub code_systems: BTreeMap<String, CodeSystemDef>,
    /// Packages by the prefix of their canonical URLs: an unknown profile under one of them does not exist.
    pub packages: BTreeMap<String, PackageDef>,
    /// What the definitions demand and this form cannot say.
    pub not_expressed: Vec<NotExpressed>,
}

/// A package that was compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageDef {
    /// Version; a canonical with another one names something else.
    pub version: String,
}

impl Form {
    /// The package that a canonical URL lies in: the one with the longest prefix.
    pub fn package_of(&self, url: &str) -> Option<&PackageDef> {
        let packages = self.packages.iter().filter(|(prefix, _)| url.starts_with(prefix.as_str()));
        packages.max_by_key(|(prefix, _)| prefix.len()).map(|(_, package)| package)
    }

    /// The element of a type at a path, e.g. `Observation.referenceRange`.
    pub fn element(&self, path: &str) -> Option<&ElementDef> {
        let mut steps = path.split('.');
        let mut inside = &self.types.get(steps.next()?)?.children;
        let mut found = None;
        for step in steps {
            let element = inside.iter().find(|element| element.name == step.trim_end_matches("[x]"))?;
            inside = &element.children;
            found = Some(element);
        }
        found
    }
}

/// A type of FHIR R4.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypeDef {
    /// Primitive, datatype or resource.
    pub kind: TypeKind,
    /// Whether the type has no instances of its own (`Resource`, `Element`).
    #[serde(rename = "abstract", default, skip_serializing_if = "is_default")]
    pub is_abstract: bool,
    /// Type that it specialises, e.g. `Quantity` for `Age`, `string` for `code`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub base: Option<String>,
    /// Of a primitive: JSON kind of the value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub json: JsonKind,
    /// Of a primitive: the expression that the whole value must match, as in the specification (unanchored there).
    #[serde(default, skip_serializing_if = "is_default")]
    pub regex: Option<String>,
    /// Keys of the invariants of the type itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub constraints: Vec<String>,
    /// Every element, in the order of the specification. A primitive has `id` and `extension` (of its `_` sibling).
    #[serde(default, skip_serializing_if = "is_default")]
    pub children: Vec<ElementDef>,
}

/// What kind of type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypeKind {
    /// A JSON string, number or boolean.
    Primitive,
    /// A datatype.
    Complex,
    /// A resource.
    Resource,
}

/// How a primitive is written in JSON (R4, 2.6.2.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonKind {
    /// Every primitive but those below.
    #[default]
    String,
    /// `integer`, `positiveInt`, `unsignedInt`, `decimal`.
    Number,
    /// `boolean`.
    Boolean,
}

/// A profile or an extension definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileDef {
    /// Type that it constrains; `Extension` for an extension.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Canonical URL of the profile that it derives from; `None` where that is the type itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub base: Option<String>,
    /// Whether the profile is abstract.
    #[serde(rename = "abstract", default, skip_serializing_if = "is_default")]
    pub is_abstract: bool,
    /// Of an extension: where it may stand.
    #[serde(default, skip_serializing_if = "is_default")]
    pub context: Vec<ExtensionContext>,
    /// The root element. Rules of the bases are included.
    pub root: ElementDef,
}

/// Where an extension may stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionContext {
    /// `element`, `extension` or `fhirpath`.
    pub kind: String,
    /// Element path, URL of an extension, or expression.
    pub expression: String,
}

/// What is demanded of one element.
///
/// In a [`TypeDef`] every field says what the type says. In a [`ProfileDef`] a default (`min` 0, `max` absent, `types`
/// empty, ...) means "no more than the type demands", and elements without any rule are absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ElementDef {
    /// Name of the JSON property; of a choice element without `[x]` and type.
    pub name: String,
    /// Whether the property is the name followed by the type, e.g. `valueQuantity`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub choice: bool,
    /// Whether the property is an array (by the type, whatever the profile's maximum). Set in profiles too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub array: bool,
    /// Least number of occurrences.
    #[serde(default, skip_serializing_if = "is_default")]
    pub min: u32,
    /// Greatest number of occurrences; absent: no limit (in a type with `array`), no further rule (in a profile).
    #[serde(default, skip_serializing_if = "is_default")]
    pub max: Option<u32>,
    /// Types allowed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub types: Vec<TypeRef>,
    /// The value must be equal.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fixed: Option<Value>,
    /// The value must contain this: objects by property, each item of an array by some item, primitives by equality.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pattern: Option<Value>,
    /// Required or extensible value set.
    #[serde(default, skip_serializing_if = "is_default")]
    pub binding: Option<Binding>,
    /// Least and greatest value, longest text.
    #[serde(default, skip_serializing_if = "is_default")]
    pub limits: Limits,
    /// Path of the element whose children it has, e.g. `Observation.referenceRange`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub content_reference: Option<String>,
    /// Keys of the invariants to be checked at each occurrence.
    #[serde(default, skip_serializing_if = "is_default")]
    pub constraints: Vec<String>,
    /// Elements inside; empty where those of the type suffice.
    #[serde(default, skip_serializing_if = "is_default")]
    pub children: Vec<ElementDef>,
    /// How occurrences are divided into slices.
    #[serde(default, skip_serializing_if = "is_default")]
    pub slicing: Option<Slicing>,
}

/// Limits on a value (R4, ElementDefinition.minValue, maxValue, maxLength).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Least value allowed: a number, a date or time, or a Quantity.
    #[serde(default, skip_serializing_if = "is_default")]
    pub min: Option<Value>,
    /// Greatest value allowed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max: Option<Value>,
    /// Longest text, in characters.
    #[serde(default, skip_serializing_if = "is_default")]
    pub length: Option<u64>,
}

/// A type that an element may have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeRef {
    /// Name of the type.
    pub code: String,
    /// Profiles of which the value must meet at least one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub profiles: Vec<String>,
    /// Of a reference or canonical: what it may lead to; a resource type of R4 by its name (`Resource` = any), a profile
    /// by its canonical URL. Empty: anything.
    #[serde(default, skip_serializing_if = "is_default")]
    pub targets: Vec<String>,
}

/// Value set of a coded element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// How strong.
    pub strength: Strength,
    /// Canonical URL of the value set, without version.
    pub value_set: String,
}

/// Strength of a binding; preferred and example bindings demand nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// The code must be from the value set.
    Required,
    /// The code must be from the value set where one applies.
    Extensible,
}

/// Slices of an element.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Slicing {
    /// What may stand outside the slices.
    pub rules: SlicingRules,
    /// Whether the slices must occur in the order of their definition.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ordered: bool,
    /// The slices, in order.
    pub slices: Vec<Slice>,
}

/// What may stand outside the slices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SlicingRules {
    /// Anything, anywhere.
    #[default]
    Open,
    /// Anything, behind the slices.
    OpenAtEnd,
    /// Nothing.
    Closed,
}

/// One slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Name, for reports.
    pub name: String,
    /// An occurrence belongs to the slice when all of these hold. Empty: cannot be decided (listed in `not_expressed`),
    /// no rule of the slice applies.
    pub matches: Vec<SliceMatch>,
    /// What the slice demands: `min` and `max` count its occurrences, the rest applies to each. May be sliced again.
    pub element: ElementDef,
}

/// One discriminator of a slice, resolved to what it asks of an occurrence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceMatch {
    /// Steps from the occurrence to the value asked for; none is the occurrence itself. A step into an array asks whether
    /// *some* item matches.
    #[serde(default, skip_serializing_if = "is_default")]
    pub path: Vec<Step>,
    /// What is asked.
    pub rule: MatchRule,
}

/// One step of a discriminator path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Into a property; of a choice element the name without type.
    Property(String),
    /// Into the extensions with this URL.
    Extension(String),
    /// To the resource that a reference leads to.
    Resolve,
}

/// What a discriminator asks of the value at its path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MatchRule {
    /// Equal to the value.
    Fixed(Value),
    /// Contains the value, like [`ElementDef::pattern`].
    Pattern(Value),
    /// A code of the value set (a required binding).
    ValueSet(String),
    /// There or not there.
    Exists(bool),
    /// Of one of these types.
    Type(Vec<String>),
    /// Meets one of these profiles (URL) or is of one of these resource types (name).
    Profile(Vec<String>),
}

/// The codes of a value set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueSetDef {
    /// Per code system, the codes.
    pub systems: BTreeMap<String, Codes>,
    /// Whether a part of the definition could not be expressed, so that a code outside may still belong to it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub partial: bool,
    /// Of a partial set: the systems whose codes may still belong to it. Empty: those of any system.
    #[serde(default, skip_serializing_if = "is_default")]
    pub open: BTreeSet<String>,
}

/// Which codes of a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Codes {
    /// All: the system itself decides.
    Any,
    /// These.
    These(BTreeSet<String>),
}

/// A code system that can be enumerated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeSystemDef {
    /// Every code, at any depth.
    pub codes: BTreeSet<String>,
}

/// A rule that the form cannot express.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotExpressed {
    /// Canonical URL of the definition.
    pub profile: String,
    /// Id of the element, or empty.
    #[serde(default, skip_serializing_if = "is_default")]
    pub path: String,
    /// What is not expressed.
    pub what: String,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
