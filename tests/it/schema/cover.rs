//! Whether an error of the walker is one that a schema says it leaves out.

use std::collections::BTreeSet;

use impress_gateway::domain::issue::Issue;
use impress_gateway::profiles::form::{ElementDef, Form};
use impress_gateway::profiles::schema::{Rule, Schema, Weaker};
use serde_json::Value;

/// A schema, and the resource that it accepts.
pub(super) struct Cover<'a> {
    pub(super) form: &'a Form,
    pub(super) value: &'a Value,
    pub(super) schema: &'a Schema,
    /// Profiles that the schema holds.
    pub(super) own: &'a BTreeSet<String>,
}

/// A definition and an element in it.
type Anchor = (String, String);

impl Cover<'_> {
    pub(super) fn lists(&self, error: &Issue) -> bool {
        let path = error.location.path.as_deref().unwrap_or_default();
        let Walk { anchors, inner, .. } = self.follow(path);
        if inner.is_some_and(|name| self.has(name, Rule::Contained)) {
            return true;
        }
        if error.location.profile.is_some() && !self.is_held(path) {
            return self.has("Meta", Rule::Claim);
        }
        if let Some(url) = error.location.profile.as_deref() {
            let is_held = self.schema.weaker.iter().any(|entry| entry.definition == url) || self.own.contains(url);
            if !is_held {
                return self.is_left_out(url);
            }
            return self.schema.weaker.iter().any(|entry| entry.definition == url && fits(entry, error, path));
        }
        self.schema.weaker.iter().any(|entry| {
            let is_place = anchors.iter().any(|(definition, inside)| {
                let is_under = entry.rule == Rule::Bundle && inside.starts_with(&entry.path);
                *definition == entry.definition && (*inside == entry.path || is_under)
            });
            (is_place || entry.rule == Rule::Depth) && is_rule(entry, error)
        })
    }

    /// Whether the resource at a path claims a profile that the schema holds.
    fn is_held(&self, path: &str) -> bool {
        let nearest = self.follow(path).nearest;
        let claims = nearest.pointer("/meta/profile").and_then(Value::as_array).into_iter().flatten();
        claims.filter_map(Value::as_str).any(|url| self.own.contains(url.split('|').next().unwrap_or(url)))
    }

    fn has(&self, definition: &str, rule: Rule) -> bool {
        self.schema.weaker.iter().any(|entry| entry.definition == definition && entry.rule == rule)
    }

    /// A profile that the schema was not made of.
    fn is_left_out(&self, url: &str) -> bool {
        let Some(profile) = self.form.profiles.get(url) else { return false };
        match profile.type_name.as_str() {
            "Extension" => self.has("Extension", Rule::Extension),
            name if self.form.types[name].children.iter().any(|child| child.name == "meta") => {
                self.has("Meta", Rule::Claim)
            }
            _ => self.schema.weaker.iter().any(|entry| entry.rule == Rule::TypeProfile && entry.what == url),
        }
    }

    fn follow(&self, path: &str) -> Walk<'_> {
        let mut walk = Walk {
            form: self.form,
            value: Some(self.value),
            nearest: self.value,
            inner: None,
            anchors: Vec::new(),
            inside: Vec::new(),
        };
        walk.enter_type(path.split('.').next().unwrap_or_default());
        path.split('.').skip(1).for_each(|step| walk.step(step));
        walk
    }
}

/// The path and the slice of an error under a profile. The path of an entry counts from where its profile begins.
fn fits(entry: &Weaker, error: &Issue, path: &str) -> bool {
    let plain = |path: &str| -> Vec<String> {
        let step = |step: &str| step.split([':', '[']).next().unwrap_or_default().to_owned();
        path.split('.').map(step).filter(|step| !step.is_empty()).collect()
    };
    let (wanted, found) = (plain(&entry.path), plain(path));
    let is_place = found.ends_with(&wanted)
        // Everything in a slice that cannot be told from outside.
        || entry.rule == Rule::Slice && found.windows(wanted.len()).any(|part| part == wanted);
    let is_slice = |slice: &str| slice.rsplit(':').next().is_some_and(|name| entry.path.contains(&format!(":{name}")));
    let is_slice = entry.rule != Rule::Slice || error.location.slice.as_deref().is_some_and(is_slice);
    is_place && is_slice && is_rule(entry, error)
}

fn is_rule(entry: &Weaker, error: &Issue) -> bool {
    let names = entry.rule != Rule::Invariant || error.text.contains(&entry.what);
    entry.rule.codes().contains(&error.code) && names
}

/// From the root to the element at a path.
struct Walk<'a> {
    form: &'a Form,
    value: Option<&'a Value>,
    /// The innermost resource, and its type where it is inside another one.
    nearest: &'a Value,
    inner: Option<&'a str>,
    /// The element in its resource, and in each datatype on the way.
    anchors: Vec<Anchor>,
    inside: Vec<&'a ElementDef>,
}

impl<'a> Walk<'a> {
    fn enter_type(&mut self, name: &str) {
        self.anchors.push((name.to_owned(), String::new()));
        self.inside.extend(self.form.types.get(name).into_iter().flat_map(|found| &found.children));
    }

    /// `name[index]`.
    fn step(&mut self, step: &str) {
        let mut parts = step.split(['[', ']']).filter(|part| !part.is_empty());
        self.property(parts.next().unwrap_or_default());
        for index in parts {
            self.value = index.parse::<usize>().ok().and_then(|index| self.value?.get(index));
        }
        self.enter_resource();
    }

    fn property(&mut self, name: &str) {
        let found: Vec<&ElementDef> = self.inside.iter().copied().filter(|element| element.name == name).collect();
        for (_, inside) in &mut self.anchors {
            *inside = if inside.is_empty() { name.to_owned() } else { format!("{inside}.{name}") };
        }
        let object = self.value.and_then(Value::as_object);
        let of_choice = |key: &&String| found.iter().any(|element| element.choice) && key.starts_with(name);
        let key = object.and_then(|object| object.keys().find(|key| *key == name || of_choice(key)));
        self.value = object.zip(key).map(|(object, key)| &object[key]);
        self.inside = found.iter().flat_map(|element| &element.children).collect();
        for element in found {
            if let Some(target) = &element.content_reference {
                let (definition, inside) = target.split_once('.').unwrap();
                self.anchors.push((definition.to_owned(), inside.to_owned()));
                self.inside.extend(&self.form.element(target).unwrap().children);
            }
            element.types.iter().for_each(|used| self.enter_type(&used.code));
        }
    }

    fn enter_resource(&mut self) {
        let is_resource = self.anchors.iter().any(|(name, inside)| name == "Resource" && inside.is_empty());
        if let Some(value) = self.value.filter(|_| is_resource)
            && let Some(name) = value.get("resourceType").and_then(Value::as_str)
        {
            (self.nearest, self.inner) = (value, Some(name));
            self.enter_type(name);
        }
    }
}
