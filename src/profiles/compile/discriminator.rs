//! Discriminators: from the path in a definition to what is asked of an occurrence (R4, 5.1.0.9).

use serde_json::{Map, Value};

use super::tree::Node;
use super::types::{binding, short, types};
use super::{Compiler, text, unversioned};
use crate::profiles::form::{MatchRule, SliceMatch, Step, Strength};

/// What makes an occurrence of `sliced` a member of `slice`; the error says why that cannot be decided.
pub(super) fn matches(compiler: &Compiler<'_>, sliced: &Node<'_>, slice: &Node<'_>) -> Result<Vec<SliceMatch>, String> {
    let discriminators = sliced.definition.pointer("/slicing/discriminator").and_then(Value::as_array);
    let Some(discriminators) = discriminators.filter(|list| !list.is_empty()) else {
        return by_type(sliced, slice);
    };
    let mut all = Vec::new();
    for discriminator in discriminators {
        let kind = text(discriminator, "type").unwrap_or_default();
        let path = text(discriminator, "path").unwrap_or_default();
        let steps = steps(path).ok_or_else(|| format!("the path {path} is not understood"))?;
        let found = one(compiler, slice, kind, &steps)?;
        if found.is_empty() {
            return Err(format!("nothing is said about the {kind} at {path}"));
        }
        all.extend(found);
    }
    Ok(all)
}

/// Slices of a choice element are told apart by their type, also where no discriminator says so.
fn by_type(sliced: &Node<'_>, slice: &Node<'_>) -> Result<Vec<SliceMatch>, String> {
    let (all, own) = (types(sliced), types(slice));
    if !sliced.name.ends_with("[x]") || own.is_empty() || own.len() >= all.len() {
        return Err("there is no discriminator".to_owned());
    }
    let rule = MatchRule::Type(own.into_iter().map(|used| used.code).collect());
    Ok(vec![SliceMatch { path: Vec::new(), rule }])
}

/// `$this`, `a.b`, `extension('url').value`, `a.resolve()`, `value.ofType(Quantity)`.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path.trim();
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix("extension(") {
            let (url, behind) = inside.split_once(')')?;
            steps.push(Step::Extension(url.trim_matches(['\'', '"']).to_owned()));
            rest = behind.strip_prefix('.').unwrap_or(behind);
            continue;
        }
        let (step, behind) = rest.split_once('.').unwrap_or((rest, ""));
        match step {
            "$this" => {}
            "resolve()" => steps.push(Step::Resolve),
            _ if step.starts_with("ofType(") => {}
            _ if step.bytes().all(|byte| byte.is_ascii_alphanumeric()) => steps.push(Step::Property(step.to_owned())),
            _ => return None,
        }
        rest = behind;
    }
    Some(steps)
}

fn one(compiler: &Compiler<'_>, slice: &Node<'_>, kind: &str, steps: &[Step]) -> Result<Vec<SliceMatch>, String> {
    if kind == "value" || kind == "pattern" {
        return Ok(values(compiler, slice, &[], steps));
    }
    let to_resource = steps.last() == Some(&Step::Resolve);
    let inner = if to_resource { steps.get(..steps.len() - 1).unwrap_or_default() } else { steps };
    let node = inner.iter().try_fold(slice.clone(), |node, step| child(compiler, &node, step));
    let node = node.ok_or_else(|| format!("the element of the {kind} is not in the snapshot"))?;
    let types = types(&node);
    let rule = match kind {
        "exists" if node.max() == Some(0) => MatchRule::Exists(false),
        "exists" if node.min() > 0 => MatchRule::Exists(true),
        "type" if to_resource => {
            MatchRule::Type(types.iter().flat_map(|used| &used.targets).map(|target| short(target)).collect())
        }
        "type" => MatchRule::Type(types.iter().map(|used| used.code.clone()).collect()),
        "profile" if to_resource => MatchRule::Profile(types.iter().flat_map(|used| used.targets.clone()).collect()),
        "profile" => MatchRule::Profile(types.iter().flat_map(|used| used.profiles.clone()).collect()),
        _ => return Err(format!("a discriminator of the kind {kind} asks for nothing")),
    };
    let is_empty = matches!(&rule, MatchRule::Type(list) | MatchRule::Profile(list) if list.is_empty());
    Ok(if is_empty { Vec::new() } else { vec![SliceMatch { path: steps.to_vec(), rule }] })
}

/// Fixed values, patterns and required bindings at the end of the path, on the way to it, or inside it; those of slices
/// that must be there where the element itself has none.
fn values(compiler: &Compiler<'_>, node: &Node<'_>, done: &[Step], rest: &[Step]) -> Vec<SliceMatch> {
    let found = own_values(compiler, node, done, rest);
    // The slices of the slice itself do not say what belongs to it.
    if !found.is_empty() || done.is_empty() {
        return found;
    }
    let required = node.slices.iter().filter(|slice| slice.min() > 0);
    required.flat_map(|slice| own_values(compiler, slice, done, rest)).collect()
}

fn own_values(compiler: &Compiler<'_>, node: &Node<'_>, done: &[Step], rest: &[Step]) -> Vec<SliceMatch> {
    let found = |rule: MatchRule| vec![SliceMatch { path: done.to_vec(), rule }];
    if let Some(value) = node.value("fixed") {
        let exact = rest.is_empty();
        return restrict(value, rest).map_or_else(Vec::new, |part| {
            found(if exact { MatchRule::Fixed(part) } else { MatchRule::Pattern(part) })
        });
    }
    if let Some(part) = node.value("pattern").and_then(|value| restrict(value, rest)) {
        return found(MatchRule::Pattern(part));
    }
    let Some((step, behind)) = rest.split_first() else {
        if let Some(binding) = binding(node).filter(|binding| binding.strength == Strength::Required) {
            return found(MatchRule::ValueSet(binding.value_set));
        }
        let inside = node.children.iter().filter(|child| child.name != "extension");
        let inside = inside.flat_map(|child| {
            let step = Step::Property(child.name.trim_end_matches("[x]").to_owned());
            values(compiler, child, &[done, &[step]].concat(), &[])
        });
        return inside.filter(|inner| !matches!(inner.rule, MatchRule::ValueSet(_))).collect();
    };
    let next = child(compiler, node, step);
    next.map_or_else(Vec::new, |next| values(compiler, &next, &[done, std::slice::from_ref(step)].concat(), behind))
}

/// The element behind one step: in the snapshot itself or in the profile that the element must meet.
fn child<'a>(compiler: &Compiler<'a>, node: &Node<'a>, step: &Step) -> Option<Node<'a>> {
    let profile = |key: &str| {
        let profiles = node.types().filter_map(|used| used.get(key)?.as_array()).flatten();
        let mut profiles = profiles.filter_map(Value::as_str);
        profiles.next().filter(|_| profiles.next().is_none()).and_then(|url| compiler.trees.get(unversioned(url)))
    };
    match step {
        Step::Property(name) => {
            let own =
                node.child(name).filter(|child| !matches!(name.as_str(), "url") || child.value("fixed").is_some());
            own.or_else(|| profile("profile")?.child(name)).cloned()
        }
        Step::Extension(url) => {
            let slices = &node.child("extension")?.slices;
            let meant = |slice: &&Node<'_>| {
                slice.types().filter_map(|used| used.get("profile")?.as_array()).flatten().any(|item| item == url)
            };
            slices.iter().find(meant).cloned()
        }
        Step::Resolve => profile("targetProfile").cloned(),
    }
}

/// The part of a value that lies on a path.
fn restrict(value: &Value, path: &[Step]) -> Option<Value> {
    let Some((step, rest)) = path.split_first() else { return Some(value.clone()) };
    match (value, step) {
        (Value::Array(items), _) => {
            let parts: Vec<Value> = items.iter().filter_map(|item| restrict(item, path)).collect();
            (!parts.is_empty()).then_some(Value::Array(parts))
        }
        (Value::Object(object), Step::Property(name)) => {
            let part = restrict(object.get(name)?, rest)?;
            Some(Value::Object(Map::from_iter([(name.clone(), part)])))
        }
        _ => None,
    }
}
