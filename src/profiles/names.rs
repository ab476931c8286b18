//! The names of the specification, by which what a stranger wrote is told apart from them.

use std::collections::HashSet;

use super::form::{ElementDef, Form};

/// Names of types, elements, profiles, value sets and code systems that are loaded.
#[derive(Debug)]
pub(super) struct Names {
    words: HashSet<String>,
    /// Choice elements with their type, in lower case.
    choices: HashSet<String>,
}

impl Names {
    pub(super) fn of(form: &Form) -> Self {
        let mut names = Self { words: HashSet::new(), choices: HashSet::new() };
        names.words.insert("resourceType".to_owned());
        names.words.extend(form.types.keys().cloned());
        form.types.values().for_each(|found| names.elements(&found.children));
        for url in form.profiles.keys().chain(form.value_sets.keys()).chain(form.code_systems.keys()) {
            names.words.extend(url.rsplit('/').next().map(str::to_owned));
            names.words.insert(url.clone());
        }
        names
    }

    fn elements(&mut self, elements: &[ElementDef]) {
        for element in elements {
            let name = element.name.trim_end_matches("[x]");
            self.words.insert(name.to_owned());
            if element.types.len() > 1 {
                let choice = |code: &str| format!("{name}{code}").to_ascii_lowercase();
                self.choices.extend(element.types.iter().map(|of_type| choice(&of_type.code)));
            }
            self.elements(&element.children);
        }
    }

    /// Whether a word is one of them; a choice element with or without its type.
    pub(super) fn hold(&self, word: &str) -> bool {
        self.words.contains(word) || self.choices.contains(&word.to_ascii_lowercase())
    }
}
