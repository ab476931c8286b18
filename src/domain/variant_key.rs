//! The key of a small variant: build, chromosome, parsimonious position and alleles.

/// A position with alleles, trimmed to the shortest form that keeps one base in each allele.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VariantKey {
    /// Chromosome without `chr`.
    pub chromosome: String,
    /// 1-based position of the first base of `reference`.
    pub position: u64,
    /// Reference bases.
    pub reference: String,
    /// Alternative bases.
    pub alternative: String,
}

impl VariantKey {
    /// Trims the common suffix, then the common prefix, leaving at least one base in each allele (VCF 4.2 section 1.4.1;
    /// parsimony as in Tan et al. 2015). Without the reference sequence the result is not shown to be left-aligned.
    pub fn new(chromosome: &str, position: u64, reference: &str, alternative: &str) -> Self {
        let mut reference = reference.to_ascii_uppercase().into_bytes();
        let mut alternative = alternative.to_ascii_uppercase().into_bytes();
        while reference.len() > 1 && alternative.len() > 1 && reference.last() == alternative.last() {
            reference.pop();
            alternative.pop();
        }
        let shorter = reference.len().min(alternative.len());
        let common =
            reference.iter().zip(&alternative).take(shorter.saturating_sub(1)).take_while(|(r, a)| r == a).count();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes.get(common..).unwrap_or_default()).into_owned();
        Self {
            chromosome: chromosome.to_owned(),
            position: position.saturating_add(common as u64),
            reference: text(&reference),
            alternative: text(&alternative),
        }
    }

    /// What kind of change the trimmed alleles are: `snv`, `mnv`, `insertion`, `deletion` or `delins`.
    pub fn change_type(&self) -> &'static str {
        let (reference, alternative) = (self.reference.as_bytes(), self.alternative.as_bytes());
        match (reference.len(), alternative.len()) {
            (1, 1) => "snv",
            (r, a) if r == a => "mnv",
            (1, _) if reference.first() == alternative.first() => "insertion",
            (_, 1) if reference.first() == alternative.first() => "deletion",
            _ => "delins",
        }
    }

    /// `GRCh37`, chromosome, position and alleles as key fields.
    pub fn fields(&self) -> [String; 5] {
        [
            "GRCh37".to_owned(),
            self.chromosome.clone(),
            self.position.to_string(),
            self.reference.clone(),
            self.alternative.clone(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_to_the_shortest_form() {
        // (position, ref, alt) -> (position, ref, alt, type); worked by hand from VCF 4.2 section 1.1 and 5.
        for (input, expected) in [
            ((100, "A", "G"), (100, "A", "G", "snv")),
            ((100, "CA", "C"), (100, "CA", "C", "deletion")),
            ((100, "C", "CA"), (100, "C", "CA", "insertion")),
            ((100, "CAG", "CTG"), (101, "A", "T", "snv")),
            ((100, "GTC", "GTCT"), (102, "C", "CT", "insertion")),
            ((100, "TCAG", "TG"), (100, "TCA", "T", "deletion")),
            ((100, "AT", "GC"), (100, "AT", "GC", "mnv")),
            ((100, "CTC", "TGT"), (100, "CTC", "TGT", "mnv")),
            ((100, "AT", "GCC"), (100, "AT", "GCC", "delins")),
            ((100, "acc", "a"), (100, "ACC", "A", "deletion")),
            ((100, "AA", "AAA"), (100, "A", "AA", "insertion")),
        ] {
            let key = VariantKey::new("7", input.0, input.1, input.2);
            assert_eq!(
                (key.position, key.reference.as_str(), key.alternative.as_str(), key.change_type()),
                expected,
                "{input:?}"
            );
        }
    }
}
