//! Where the reader is, as a FHIRPath.

use std::fmt;

use serde_json::Value;

use crate::redact::quote;

/// Root of a path as long as no resource type was read.
const UNKNOWN_ROOT: &str = "Resource";

/// Longest resource type or key that is printed as it is; FHIR's are far shorter.
const MAX_NAME: usize = 64;

/// The keys and indices from the root to the value that is read.
#[derive(Debug, Default)]
pub(super) struct Path {
    root: Option<String>,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    pub(super) fn enter_key(&mut self, key: &str) {
        self.steps.push(Step::Key(if is_name(key) { key.to_owned() } else { quote(key) }));
    }

    pub(super) fn enter_index(&mut self, index: usize) {
        self.steps.push(Step::Index(index));
    }

    pub(super) fn leave(&mut self) {
        self.steps.pop();
    }

    /// Takes the resource type as the first step of every path.
    pub(super) fn set_root(&mut self, resource_type: &Value) {
        self.root = resource_type.as_str().filter(|name| is_name(name)).map(str::to_owned);
    }

    /// `path` with the resource type before it.
    pub(super) fn rooted(&self, path: &str) -> String {
        format!("{}{path}", self.root.as_deref().unwrap_or(UNKNOWN_ROOT))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step {
                Step::Key(key) => write!(formatter, ".{key}")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    let name = text.strip_prefix('_').unwrap_or(text);
    text.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        // Eleven digits can be a national identity number.
        && name.bytes().filter(u8::is_ascii_digit).count() < 11
}
