//! What the laboratory says about a finding beyond the call: known variants, curation, implications.
//!
//! A value of a scale is only a value together with the scale and its version: tiers of PCGR 1 are not tiers of PCGR 2, and
//! none of them is an AMP tier. Nothing is converted from one scale to another.

use super::finding::{Note, SmallVariant, SpecimenLink};
use super::ids::Identity;
use crate::record;

record! {
    /// A variant under the id of a public database.
    pub struct VariationCode {
        /// Database: `clinvar`, `dbsnp` or `cosmic`.
        pub source: String,
        /// Id in the database, as the file writes it.
        pub code: String,
    }
}

record! {
    /// What the laboratory set for a variant in its table: a flag, not an implication.
    pub struct CurationFlag {
        /// Code in the gateway's code system: `class-judgement`, `reporting-judgement`, `igv-qc`, `run-qc` or `curation-filter`.
        pub kind: String,
        /// Value as the file writes it.
        pub value: String,
    }
}

record! {
    /// Link to the finding that a statement is about.
    pub struct FindingLink {
        /// Business key of the finding.
        pub identity: Identity,
    }
}

record! {
    /// A class or tier of a finding on one scale.
    pub struct DiagnosticImplication {
        /// Business key: that of the finding, scale and version.
        pub identity: Identity,
        /// The finding.
        pub finding: FindingLink,
        /// Sample the finding was made in.
        pub specimen: SpecimenLink,
        /// Scale: `pcgr-tier`, `cpsr-acmg-class` or `cpsr-clinvar-class`.
        pub scale: String,
        /// Version of the scale: that of the program that gave the value.
        pub scale_version: String,
        /// Value where the scale tells the strength of evidence, e.g. `TIER_2`.
        pub evidence_level: Option<String>,
        /// Value where the scale tells the clinical significance, e.g. `Likely_Pathogenic`.
        pub clinical_significance: Option<String>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
}

record! {
    /// Drugs that a knowledge base names for a finding.
    pub struct TherapeuticImplication {
        /// Business key: that of the finding and source.
        pub identity: Identity,
        /// The finding.
        pub finding: FindingLink,
        /// Sample the finding was made in.
        pub specimen: SpecimenLink,
        /// Drugs, in the order of the file.
        pub drugs: Vec<Drug>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
}

record! {
    /// A drug.
    pub struct Drug {
        /// Name as the file writes it.
        pub name: String,
    }
}

impl SmallVariant {
    /// Takes what another telling of the same variant states beyond the call: codes, curation, implications. Call, rows and
    /// notes are not touched.
    ///
    /// Gives scale, own and other value for each scale on which the two tellings differ; the own value stays.
    pub fn take_statements(&mut self, other: &Self) -> Vec<(String, String, String)> {
        extend_new(&mut self.variation_codes, &other.variation_codes);
        extend_new(&mut self.curation, &other.curation);
        let mut differences = Vec::new();
        for theirs in &other.diagnostic_implications {
            match self.diagnostic_implications.iter().find(|ours| ours.identity == theirs.identity) {
                None => self.diagnostic_implications.push(theirs.clone()),
                Some(ours) if ours.value() == theirs.value() => {}
                Some(ours) => {
                    let value = |it: &DiagnosticImplication| it.value().unwrap_or("nothing").to_owned();
                    differences.push((ours.scale.clone(), value(ours), value(theirs)));
                }
            }
        }
        for theirs in &other.therapeutic_implications {
            match self.therapeutic_implications.iter_mut().find(|ours| ours.identity == theirs.identity) {
                None => self.therapeutic_implications.push(theirs.clone()),
                Some(ours) => extend_new(&mut ours.drugs, &theirs.drugs),
            }
        }
        differences
    }
}

impl DiagnosticImplication {
    /// The value on the scale.
    pub fn value(&self) -> Option<&str> {
        self.evidence_level.as_deref().or(self.clinical_significance.as_deref())
    }
}

fn extend_new<T: PartialEq + Clone>(own: &mut Vec<T>, other: &[T]) {
    for item in other {
        if !own.contains(item) {
            own.push(item.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(value: &str) -> DiagnosticImplication {
        DiagnosticImplication {
            identity: Identity::new("IPD", "diagnostic-implication", &["pcgr-tier"]),
            scale: "pcgr-tier".to_owned(),
            evidence_level: Some(value.to_owned()),
            ..DiagnosticImplication::default()
        }
    }

    fn with_tier(value: &str) -> SmallVariant {
        SmallVariant { diagnostic_implications: vec![tier(value)], ..SmallVariant::default() }
    }

    #[test]
    fn the_same_statement_is_taken_once() {
        let flag = CurationFlag { kind: "igv-qc".to_owned(), value: "OK".to_owned() };
        let mut variant = SmallVariant { curation: vec![flag.clone()], ..with_tier("TIER_1") };
        let before = variant.clone();
        assert_eq!(variant.take_statements(&before), []);
        assert_eq!(variant, before);
    }

    #[test]
    fn two_tiers_of_one_scale_are_told_apart() {
        let mut variant = with_tier("TIER_1");
        let expected = ["pcgr-tier", "TIER_1", "TIER_3"].map(str::to_owned).into();
        assert_eq!(variant.take_statements(&with_tier("TIER_3")), [expected]);
        assert_eq!(variant.diagnostic_implications, [tier("TIER_1")]);
    }

    #[test]
    fn drugs_of_one_source_are_joined() {
        let drug = |name: &str| Drug { name: name.to_owned() };
        let with = |names: &[&str]| SmallVariant {
            therapeutic_implications: vec![TherapeuticImplication {
                drugs: names.iter().copied().map(drug).collect(),
                ..TherapeuticImplication::default()
            }],
            ..SmallVariant::default()
        };
        let mut variant = with(&["a", "b"]);
        variant.take_statements(&with(&["b", "c"]));
        assert_eq!(variant.therapeutic_implications[0].drugs, [drug("a"), drug("b"), drug("c")]);
    }
}
