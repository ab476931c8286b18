//! `profiles/packages/SOURCES.toml`: which packages the extracts were taken from.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Package, extract, read_extract, read_folder, read_limited, read_tgz, select, sha256, unreadable};
use crate::domain::issue::Issue;

const FILE: &str = "SOURCES.toml";

/// The list of packages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Packages, in the order in which they are compiled: the first definition of a URL counts.
    pub package: Vec<Source>,
    /// Folders of definitions, compiled after the packages.
    #[serde(default)]
    pub folder: Vec<Folder>,
}

/// A folder of definitions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Licence (SPDX).
    pub licence: String,
    /// The folder, seen from `SOURCES.toml`.
    pub directory: PathBuf,
    /// URL under which every profile of the folder lies.
    pub canonical: Option<String>,
}

/// One package.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// SHA-256 of the `.tgz`.
    pub sha256: String,
    /// Licence (SPDX).
    pub licence: String,
    /// `all` structures, or only those `used` by packages of which all are taken.
    pub keep: Keep,
    /// URL under which every profile of the package lies, where its `package.json` does not say so.
    pub canonical: Option<String>,
}

/// Which structures of a package are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// All.
    All,
    /// Those that other structures name.
    Used,
}

impl Sources {
    /// Reads `SOURCES.toml` in `directory`.
    ///
    /// Errors: `package.unreadable`.
    pub fn read(directory: &Path) -> Result<Self, Issue> {
        let path = directory.join(FILE);
        let bytes = read_limited(&path)?;
        let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(&path, &error.to_string()))?;
        toml::from_str(text).map_err(|error| unreadable(&path, error.message()))
    }

    /// Reads the extracts beside `SOURCES.toml` and the folders.
    ///
    /// Errors: `package.unreadable`.
    pub fn extracts(&self, directory: &Path) -> Result<Vec<Package>, Issue> {
        let extracts = self.package.iter().map(|source| read_extract(&source.extract_path(directory)));
        let folders = self.folder.iter().map(|folder| {
            let definitions = read_folder(&directory.join(&folder.directory))?;
            let (name, version) = (folder.name.clone(), folder.version.clone());
            Ok(Package { name, version, canonical: folder.canonical.clone(), definitions })
        });
        extracts.chain(folders).collect()
    }

    /// Makes the extracts from the packages in `from`: name and bytes of each.
    ///
    /// Errors: `package.unreadable`, also where a package is not the one that the list names.
    pub fn make_extracts(&self, from: &Path) -> Result<Vec<(String, Vec<u8>)>, Issue> {
        let mut packages = Vec::new();
        for source in &self.package {
            let path = from.join(format!("{}-{}.tgz", source.name, source.version));
            let found = sha256(&path)?;
            if source.sha256 != found {
                return Err(unreadable(&path, &format!("its SHA-256 is {found}, not {}", source.sha256)));
            }
            let package = read_tgz(&path)?;
            packages.push(Package { canonical: package.canonical.or_else(|| source.canonical.clone()), ..package });
        }
        let is_kept = |package: &Package| {
            self.package.iter().any(|source| source.name == package.name && source.keep == Keep::All)
        };
        select(&mut packages, is_kept);
        let bytes = |(source, package): (&Source, &Package)| {
            let bytes = extract(package).map_err(|reason| unreadable(from, &reason))?;
            Ok((source.extract_name(), bytes))
        };
        self.package.iter().zip(&packages).map(bytes).collect()
    }
}

impl Source {
    /// Name of the extract.
    pub fn extract_name(&self) -> String {
        format!("{}-{}.json.gz", self.name, self.version)
    }

    fn extract_path(&self, directory: &Path) -> PathBuf {
        directory.join(self.extract_name())
    }
}
