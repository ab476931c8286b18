//! What a binding file says beside the fields of the referral.

use std::sync::Arc;

use super::Compiler;
use crate::domain::issue::IssueCode;
use crate::mapping_file::yaml::{Entry, Node, Value};
use crate::redact::quote;
use crate::sources::hl7v2_ref::binding::path::Path;
use crate::sources::hl7v2_ref::binding::plan::{CharacterSets, Plan, Preference};
use crate::sources::hl7v2_ref::binding::target::Target;
use crate::sources::hl7v2_ref::er7::{CharacterSet, SegmentName};

/// The value of `binding`.
pub(in crate::sources::hl7v2_ref::binding) const BINDING: &str = "hl7v2-referral";

/// Keys of a binding file; `sender`, of an overlay, is read elsewhere.
const KEYS: [&str; 13] = [
    "binding",
    "events",
    "versions",
    "processing_ids",
    "character_set",
    "structure",
    "ignore",
    "keep",
    "prefer",
    "coding_systems",
    "acknowledge_warnings",
    "referral",
    "sender",
];

impl Compiler<'_> {
    pub(super) fn file(&mut self, file: &Node, organisation: Option<&str>) -> Option<Plan> {
        let entries = self.entries(file, "the keys of a binding")?;
        for entry in entries.iter().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
            let text = format!("no key {} (known: {})", quote(&entry.key), KEYS.join(", "));
            self.invalid::<()>(&entry.at, text);
        }
        let binding = self.required(entries, "binding", file)?;
        if self.text(binding, "`hl7v2-referral`")?.text != BINDING {
            return self.invalid(&binding.at, "expected `binding: hl7v2-referral`");
        }
        let versions = self.required(entries, "versions", file)?;
        self.versions = self.texts(versions, "versions")?;
        let events = self.required(entries, "events", file)?;
        let processing_ids = self.required(entries, "processing_ids", file)?;
        let character_set = self.required(entries, "character_set", file)?;
        let coding_systems = self.required(entries, "coding_systems", file)?;
        let name = self.text(coding_systems, "the name of a table")?.text.clone();
        if !self.tables.table(&name).is_some_and(|table| table.has_property("system")) {
            let text = format!("no table {} with a column `system`", quote(&name));
            return self.error(IssueCode::MappingTableUnknown, &coding_systems.at, text);
        }
        let referral = self.required(entries, "referral", file)?;
        let fields = self.entries(referral, "the fields of the referral")?;
        Some(Plan {
            organisation: organisation.map(str::to_owned),
            events: self.texts(events, "events")?,
            versions: self.versions.clone(),
            processing_ids: self.texts(processing_ids, "processing ids")?,
            character_sets: self.character_sets(character_set)?,
            structure: self.structure(find(entries, "structure"))?,
            ignore: self.ignored(find(entries, "ignore"))?,
            keep: self.kept(find(entries, "keep"))?,
            prefer: self.preferences(find(entries, "prefer"))?,
            code_tables: Arc::clone(self.tables),
            coding_systems: name,
            acknowledge_warnings: self.flag(find(entries, "acknowledge_warnings"))?,
            fields: self.fields(fields.iter(), Target::referral()),
        })
    }

    fn required<'n>(&mut self, entries: &'n [Entry], key: &str, file: &Node) -> Option<&'n Node> {
        match find(entries, key) {
            Some(node) => Some(node),
            None => self.invalid(&file.at, format!("no `{key}`")),
        }
    }

    fn flag(&mut self, node: Option<&Node>) -> Option<bool> {
        match node.map(|node| (&node.value, &node.at)) {
            None => Some(false),
            Some((Value::Boolean(flag), _)) => Some(*flag),
            Some((_, at)) => self.invalid(at, "expected true or false"),
        }
    }

    fn character_sets(&mut self, node: &Node) -> Option<CharacterSets> {
        let entries = self.entries(node, "`default`, and `always` where MSH-18 is wrong")?;
        let mut sets = CharacterSets { default: CharacterSet::Ascii, always: None };
        for entry in entries {
            let name = self.text(&entry.node, "a name of HL7 table 0211")?;
            let Some(set) = CharacterSet::parse(&name.text) else {
                return self.invalid(&entry.node.at, format!("{} is no character set that is read", quote(&name.text)));
            };
            match entry.key.as_str() {
                "default" => sets.default = set,
                "always" => sets.always = Some(set),
                key => return self.invalid(&entry.at, format!("{} is neither `default` nor `always`", quote(key))),
            }
        }
        Some(sets)
    }

    fn structure(&mut self, node: Option<&Node>) -> Option<Vec<(SegmentName, Vec<SegmentName>)>> {
        let Some(node) = node else { return Some(Vec::new()) };
        let mut structure = Vec::new();
        for entry in self.entries(node, "segments with those under them")? {
            let names = self.texts(&entry.node, "segments")?;
            let under = names.iter().map(|name| segment(name)).collect::<Option<_>>();
            match (segment(&entry.key), under) {
                (Some(name), Some(under)) => structure.push((name, under)),
                _ => return self.invalid(&entry.at, "expected names of segments"),
            }
        }
        Some(structure)
    }

    fn ignored(&mut self, node: Option<&Node>) -> Option<Vec<(Path, Arc<str>)>> {
        let Some(node) = node else { return Some(Vec::new()) };
        let mut ignored = Vec::new();
        for entry in self.entries(node, "reasons with lists of paths")? {
            let reason: Arc<str> = entry.key.as_str().into();
            let paths = self.kept(Some(&entry.node))?;
            ignored.extend(paths.into_iter().map(|path| (path, Arc::clone(&reason))));
        }
        Some(ignored)
    }

    fn preferences(&mut self, node: Option<&Node>) -> Option<Vec<Preference>> {
        let Some(node) = node else { return Some(Vec::new()) };
        let mut preferences = Vec::new();
        for entry in self.entries(node, "components with lists of their codes")? {
            let path = Path::parse(&entry.key).filter(|path| path.component > 0 && path.repetition == 0);
            let Some(path) = path else { return self.invalid(&entry.at, "expected a component, such as PID-5.7") };
            let path = self.known(path, &entry.at)?;
            preferences.push(Preference { path, kinds: self.texts(&entry.node, "codes")? });
        }
        Some(preferences)
    }

    /// A list of paths.
    fn kept(&mut self, node: Option<&Node>) -> Option<Vec<Path>> {
        let Some(node) = node else { return Some(Vec::new()) };
        let Value::List(elements) = &node.value else { return self.invalid(&node.at, "expected a list of paths") };
        elements.iter().map(|element| self.path(element)).collect()
    }
}

/// The node of a key.
pub(in crate::sources::hl7v2_ref::binding) fn find<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Node> {
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
}

fn segment(name: &str) -> Option<SegmentName> {
    SegmentName::parse(name.as_bytes()).filter(|_| name.len() == 3)
}
