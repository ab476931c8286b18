//! `profiles/packages/SOURCES.toml`: which packages the extracts were taken from.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Package, extract, read_extract, read_tgz, select, sha256, unreadable};
use crate::domain::issue::Issue;

const FILE: &str = "SOURCES.toml";

/// The list of packages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Packages, in the order in which they are compiled: the first definition of a URL counts.
    pub package: Vec<Source>,
}

/// One package.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// SHA-256 of the `.tgz`; absent for our own package, which is made from `profiles/fsh`.
    pub sha256: Option<String>,
    /// Licence (SPDX).
    pub licence: String,
    /// `all` structures, or only those `used` by packages of which all are taken.
    pub keep: Keep,
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
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error.kind().to_string()))?;
        toml::from_str(&text).map_err(|error| unreadable(&path, error.message()))
    }

    /// Reads the extracts beside `SOURCES.toml`.
    ///
    /// Errors: `package.unreadable`.
    pub fn extracts(&self, directory: &Path) -> Result<Vec<Package>, Issue> {
        self.package.iter().map(|source| read_extract(&source.extract_path(directory))).collect()
    }

    /// Makes the extracts from the packages in `from`: name and bytes of each.
    ///
    /// Errors: `package.unreadable`, also where a package is not the one that the list names.
    pub fn make_extracts(&self, from: &Path) -> Result<Vec<(String, Vec<u8>)>, Issue> {
        let mut packages = Vec::new();
        for source in &self.package {
            let path = from.join(format!("{}-{}.tgz", source.name, source.version));
            if let Some(expected) = &source.sha256 {
                let found = sha256(&path)?;
                if *expected != found {
                    return Err(unreadable(&path, &format!("its SHA-256 is {found}, not {expected}")));
                }
            }
            packages.push(read_tgz(&path)?);
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
