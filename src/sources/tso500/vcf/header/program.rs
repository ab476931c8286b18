//! Which program wrote a file, and in which pipeline.

use super::meta::attribute;
use crate::sources::tso500::wire::Dialect;

/// The program that called the variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Name, e.g. `Pisces` or `DRAGEN`.
    pub name: String,
    /// Version, where given.
    pub version: Option<String>,
}

/// Programs of the pipelines and the pipeline that alone has them.
const KNOWN: [(&str, Option<Dialect>); 5] = [
    ("Pisces", Some(Dialect::LocalApp)),
    ("Craft", Some(Dialect::LocalApp)),
    ("DRAGEN", Some(Dialect::Dragen)),
    ("SpliceGirl", None),
    ("LrCalculator", None),
];

/// The program that a header line names, if it names one.
pub(super) fn read(key: &str, value: &str) -> Option<Program> {
    match key {
        "source" => {
            let (name, version) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
            program(name, version)
        }
        // `SW: <version>, HW: <version>`: the software made the calls.
        "DRAGENVersion" | "DRAGENCommandLine" if attribute(value, "ID") == Some("dragen") => {
            let version = attribute(value, "Version").unwrap_or_default();
            let software = version.split(',').next().unwrap_or_default().trim();
            program("DRAGEN", software.strip_prefix("SW:").unwrap_or(software))
        }
        _ => None,
    }
}

fn program(name: &str, version: &str) -> Option<Program> {
    let version = Some(version.trim()).filter(|version| !version.is_empty()).map(str::to_owned);
    (!name.is_empty()).then(|| Program { name: name.to_owned(), version })
}

impl Program {
    /// Whether files of the program are known.
    pub(in crate::sources::tso500::vcf) fn is_known(&self) -> bool {
        KNOWN.iter().any(|(name, _)| *name == self.name)
    }

    /// The pipeline that the program belongs to; `None` where both have it.
    pub(super) fn dialect(&self) -> Option<Dialect> {
        KNOWN.iter().find(|(name, _)| *name == self.name).and_then(|(_, dialect)| *dialect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_the_program() {
        for (key, value, name, version, dialect) in [
            ("source", "Pisces 5.2.11.63", "Pisces", Some("5.2.11.63"), Some(Dialect::LocalApp)),
            ("source", "Craft 1.0.0.52", "Craft", Some("1.0.0.52"), Some(Dialect::LocalApp)),
            ("source", "SpliceGirl 1.0.0.614", "SpliceGirl", Some("1.0.0.614"), None),
            ("source", "freebayes", "freebayes", None, None),
            (
                "DRAGENVersion",
                "<ID=dragen,Version=\"SW: 07.021.624.3.11.2, HW: 07.021.624\">",
                "DRAGEN",
                Some("07.021.624.3.11.2"),
                Some(Dialect::Dragen),
            ),
            ("DRAGENCommandLine", "<ID=dragen,Date=\"x\">", "DRAGEN", None, Some(Dialect::Dragen)),
        ] {
            let program = read(key, value).unwrap();
            assert_eq!((program.name.as_str(), program.version.as_deref()), (name, version), "{key}");
            assert_eq!(program.dialect(), dialect, "{key}");
        }
        for (key, value) in [
            ("DRAGENCommandLine", "<ID=HashTableBuild,Version=\"SW: 01.003.044.3.11.2\">"),
            ("VariantPhaser", "Scylla 5.2.11.63"),
            ("filteringProgram", "Pepe 2.0.0.23"),
            ("source", " "),
        ] {
            assert_eq!(read(key, value), None, "{key}={value}");
        }
    }
}
