//! Types of FHIR R4: every element, none besides.

use serde_json::{Value, json};

use super::build::Builder;
use super::json::{ANYTHING, NOTHING, ObjectRules, all_of, any_of, property, required, unless};
use super::weaker::Rule;
use super::{binding, extension, primitive};
use crate::profiles::form::{ElementDef, Form, TypeKind, TypeRef};

/// A property that can hold occurrences of an element.
pub(in crate::profiles) struct Slot<'f> {
    /// Name of the JSON property.
    pub(in crate::profiles) name: String,
    /// Its type.
    pub(in crate::profiles) used: &'f TypeRef,
    /// Whether it is a primitive, so that a `_` sibling may stand beside it.
    pub(in crate::profiles) is_primitive: bool,
    /// Elements inside a value; of a primitive inside its sibling.
    pub(in crate::profiles) inside: &'f [ElementDef],
}

impl Slot<'_> {
    /// The property of id and extensions.
    pub(super) fn sibling(&self) -> String {
        format!("_{}", self.name)
    }

    /// Holds where the property is there, with a value or without.
    pub(super) fn presence(&self) -> Value {
        let sibling = if self.is_primitive { required(&self.sibling()) } else { NOTHING };
        any_of([required(&self.name), sibling])
    }
}

/// The properties of an element of a type.
pub(in crate::profiles) fn slots<'f>(form: &'f Form, element: &'f ElementDef) -> Vec<Slot<'f>> {
    if let (Some(path), true) = (&element.content_reference, element.types.is_empty()) {
        let inside = form.element(path).map(|found| found.children.as_slice()).unwrap_or_default();
        return vec![Slot { name: element.name.clone(), used: &BACKBONE, is_primitive: false, inside }];
    }
    let slot = |used: &'f TypeRef| {
        let capital = if element.choice { capital(&used.code) } else { String::new() };
        let type_def = form.types.get(&used.code);
        let of_type = type_def.map(|type_def| type_def.children.as_slice()).unwrap_or_default();
        let inside = if element.children.is_empty() { of_type } else { element.children.as_slice() };
        let is_primitive = type_def.is_some_and(|found| found.kind == TypeKind::Primitive);
        Slot { name: format!("{}{capital}", element.name), used, is_primitive, inside }
    };
    element.types.iter().map(slot).collect()
}

impl<'f> Builder<'f> {
    pub(super) fn slots(&self, element: &'f ElementDef) -> Vec<Slot<'f>> {
        slots(self.form, element)
    }
}

/// The type of an element whose content is that of another one.
static BACKBONE: std::sync::LazyLock<TypeRef> =
    std::sync::LazyLock::new(|| TypeRef { code: "BackboneElement".to_owned(), ..TypeRef::default() });

/// A primitive's value, a datatype or a resource.
pub(super) fn type_def<'f>(builder: &mut Builder<'f>, name: &'f str) -> Value {
    let Some(found) = builder.form.types.get(name) else { return ANYTHING };
    if found.kind == TypeKind::Primitive {
        let (schema, weaker) = primitive::schema(name);
        if let Some(what) = weaker {
            builder.weaker(name, "", Rule::Primitive, what);
        }
        return schema;
    }
    for key in &found.constraints {
        builder.weaker(name, "", Rule::Invariant, key);
    }
    let mut schema = shape(builder, name, &found.children);
    match name {
        "Extension" => schema = all_of([schema, extension::rules(builder, found)]),
        "Reference" => {
            builder.weaker(name, "reference", Rule::Reference, "the form, and whether the target is there");
            builder.weaker(name, "type", Rule::Reference, "whether it is the type of the target");
        }
        "Coding" | "Quantity" => builder.weaker(name, "code", Rule::Code, "the code system is not looked up"),
        "Meta" => builder.weaker(name, "profile", Rule::Claim, "profiles that the schema is not made of"),
        "Bundle" => {
            builder.weaker(name, "entry", Rule::Bundle, "full URLs, requests, uniqueness, references between entries")
        }
        "Element" => builder.weaker(name, "", Rule::Depth, "64 levels"),
        _ => {}
    }
    schema
}

/// The elements of a type, or of an element with elements of its own.
pub(super) fn shape<'f>(builder: &mut Builder<'f>, path: &str, children: &'f [ElementDef]) -> Value {
    let mut rules = ObjectRules::default();
    let mut names: Vec<String> = Vec::new();
    let mut choices = Vec::new();
    if builder.form.types.get(path).is_some_and(|found| found.kind == TypeKind::Resource) {
        rules.require("resourceType");
        rules.property("resourceType", json!({ "const": path }));
        names.push("resourceType".to_owned());
    }
    for element in children {
        list_weaker(builder, path, element);
        let slots = builder.slots(element);
        for slot in &slots {
            names.push(slot.name.clone());
            names.extend(slot.is_primitive.then(|| slot.sibling()));
            fill(builder, path, element, slot, &mut rules);
        }
        match slots.as_slice() {
            [only] if element.min > 0 => require(only, &mut rules),
            [_, _, ..] => choices.push((slots, element.min > 0)),
            _ => {}
        }
    }
    for (slots, is_required) in choices {
        rules.all(one_of(&slots, is_required, &names));
    }
    let closed = json!({ "type": "object", "minProperties": 1, "additionalProperties": false });
    all_of([closed, rules.into_schema()])
}

/// The property of one type of an element, with its sibling.
fn fill<'f>(builder: &mut Builder<'f>, path: &str, element: &'f ElementDef, slot: &Slot<'f>, rules: &mut ObjectRules) {
    let mut value = value(builder, path, element, slot);
    if element.name == "id" && slot.is_primitive {
        // R4, Element.id: "any string value that does not contain spaces".
        value = all_of([value, json!({ "not": { "pattern": " " } })]);
    }
    if !slot.is_primitive {
        rules.property(&slot.name, if element.array { array(value, element.max, true) } else { value });
        return;
    }
    let (name, sibling) = (slot.name.as_str(), slot.sibling());
    let beside = beside(builder, slot);
    if !element.array {
        rules.property(name, value);
        rules.property(&sibling, beside);
        return;
    }
    // An array with null at some places needs the other array there; which place it is cannot be said.
    builder.weaker(&slot.used.code, "", Rule::Null, "null at the same place of both arrays");
    let alone = |of: Value| json!({ "minItems": 1, "items": of });
    let kind = primitive::json_type(&slot.used.code);
    rules.property(name, array(or_null(value), element.max, false));
    rules.property(&sibling, array(or_null(beside), element.max, false));
    rules.all(unless(required(&sibling), property(name, alone(kind))));
    rules.all(unless(required(name), property(&sibling, alone(json!({ "type": "object" })))));
}

fn value<'f>(builder: &mut Builder<'f>, path: &str, element: &'f ElementDef, slot: &Slot<'f>) -> Value {
    let Some(found) = builder.form.types.get(&slot.used.code) else { return ANYTHING };
    let of_type = match found.kind {
        TypeKind::Resource => return builder.resource_ref(),
        _ if !element.children.is_empty() => builder.inside_ref(&format!("{path}.{}", element.name), &element.children),
        _ => match &element.content_reference {
            Some(target) => builder.inside_ref(target, slot.inside),
            None => builder.type_ref(&slot.used.code),
        },
    };
    let (definition, inside) = path.split_once('.').unwrap_or((path, ""));
    let place = if inside.is_empty() { element.name.clone() } else { format!("{inside}.{}", element.name) };
    let of_type = match slot.used.profiles.as_slice() {
        [only] if builder.form.profiles.contains_key(only) => all_of([of_type, builder.profile_ref(only)]),
        _ => of_type,
    };
    match binding::rule(builder, definition, &place, element.binding.as_ref(), slot) {
        // A list of strings says what the type says.
        Some(codes) if slot.is_primitive => codes,
        Some(codes) => all_of([of_type, codes]),
        None => of_type,
    }
}

/// What may stand in the `_` sibling of a primitive.
fn beside<'f>(builder: &mut Builder<'f>, slot: &Slot<'f>) -> Value {
    let of_element = builder.form.types.get("Element").map(|element| element.children.as_slice());
    if of_element == Some(slot.inside) {
        builder.type_ref("Element")
    } else {
        builder.inside_ref(&format!("_{}", slot.used.code), slot.inside)
    }
}

fn array(items: Value, max: Option<u32>, is_filled: bool) -> Value {
    let mut schema = json!({ "type": "array", "items": items });
    if let Value::Object(schema) = &mut schema {
        schema.extend(is_filled.then(|| ("minItems".to_owned(), json!(1))));
        schema.extend(max.map(|max| ("maxItems".to_owned(), json!(max))));
    }
    schema
}

/// `null` holds a place in the arrays of a primitive.
pub(super) fn or_null(schema: Value) -> Value {
    unless(json!({ "type": "null" }), schema)
}

/// The element is there: its value, or of a primitive its sibling.
pub(super) fn require(slot: &Slot<'_>, rules: &mut ObjectRules) {
    if slot.is_primitive {
        rules.all(unless(required(&slot.sibling()), required(&slot.name)));
    } else {
        rules.require(&slot.name);
    }
}

/// One type of a choice element at most, or exactly one. `names` are all properties of the object.
fn one_of(slots: &[Slot<'_>], is_required: bool, names: &[String]) -> Value {
    let is_chosen = |name: &&String| slots.iter().any(|slot| *name.trim_start_matches('_') == slot.name);
    let others: Vec<&String> = names.iter().filter(|name| !is_chosen(name)).collect();
    let none = json!({ "propertyNames": { "enum": others } });
    let branches: Vec<Value> =
        (!is_required).then_some(none).into_iter().chain(slots.iter().map(Slot::presence)).collect();
    json!({ "oneOf": branches })
}

fn list_weaker(builder: &mut Builder<'_>, path: &str, element: &ElementDef) {
    let (definition, inside) = path.split_once('.').unwrap_or((path, ""));
    let place = if inside.is_empty() { element.name.clone() } else { format!("{inside}.{}", element.name) };
    for key in &element.constraints {
        builder.weaker(definition, &place, Rule::Invariant, key);
    }
    for used in &element.types {
        if !used.targets.is_empty() {
            builder.weaker(definition, &place, Rule::Reference, format!("target: {}", used.targets.join(", ")));
        }
        let is_written = matches!(&used.profiles[..], [only] if builder.form.profiles.contains_key(only));
        for profile in used.profiles.iter().filter(|_| !is_written) {
            builder.weaker(definition, &place, Rule::TypeProfile, profile);
        }
    }
}

/// A name with a capital first letter, as in the property of a choice element.
fn capital(name: &str) -> String {
    let mut rest = name.chars();
    rest.next().map(|first| format!("{}{}", first.to_ascii_uppercase(), rest.as_str())).unwrap_or_default()
}
