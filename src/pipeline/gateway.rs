//! What a translation needs: tables, templates, ids, limits, checked before anything is read.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::domain::gene::GeneTable;
use crate::domain::limits::Limits;
use crate::domain::policy::Policies;
use crate::domain::sample_id::Nomenclature;
use crate::fhir::ids::ResourceIds;
use crate::mapping::{Tables, Templates};
use crate::profiles::walk::Validator;
use crate::sources::tso500;

/// Table of the Sequence Ontology terms that callers give as consequences.
const CONSEQUENCES: &str = "consequences";

/// Everything a translation needs, checked.
#[derive(Debug)]
pub struct Gateway {
    /// Compiled templates.
    pub templates: Templates,
    /// Ids of the identified face.
    pub ids: ResourceIds,
    /// Limits on input.
    pub limits: Limits,
    /// Threads on which patients are translated.
    pub threads: NonZeroUsize,
    /// Whether ids are derived with the public demo secret.
    pub demo_secret: bool,
    /// Checks what the mapping makes before it is given out.
    pub validator: Validator,
    /// Code tables.
    pub tables: Tables,
    /// Gene symbols.
    pub genes: GeneTable,
    /// Sample id nomenclature.
    pub nomenclature: Nomenclature,
    /// Categories for numbers.
    pub policies: Policies,
    /// Name of the file that shows a sign-off, with `{sample_id}`.
    pub sign_off_file: Option<String>,
}

impl Gateway {
    /// What the TSO500 source needs to know; `path` is the folder in which evidence of a sign-off lies.
    pub fn read_tso500<T>(&self, path: &Path, read: impl FnOnce(tso500::Context<'_>) -> T) -> T {
        let signed_off = Evidence { folder: folder_of(path), file: self.sign_off_file.as_deref() };
        let is_known_consequence = |term: &str| self.tables.has(CONSEQUENCES, term);
        read(tso500::Context {
            limits: &self.limits,
            knowledge: tso500::Knowledge {
                genes: &self.genes,
                nomenclature: &self.nomenclature,
                policies: &self.policies,
                signed_off: &signed_off,
                is_known_consequence: &is_known_consequence,
            },
        })
    }
}

fn folder_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.to_owned() } else { path.parent().map(Path::to_owned).unwrap_or_default() }
}

/// A file whose presence shows that the laboratory signed a sample off.
#[derive(Debug)]
struct Evidence<'a> {
    folder: PathBuf,
    file: Option<&'a str>,
}

impl tso500::SignedOff for Evidence<'_> {
    fn is_signed_off(&self, sample_id: &str) -> bool {
        // A sample id is input: it must not lead out of the folder.
        let is_name = !sample_id.is_empty() && !sample_id.contains(['/', '\\']) && !sample_id.contains("..");
        self.file.is_some_and(|file| is_name && self.folder.join(file.replace("{sample_id}", sample_id)).is_file())
    }
}
