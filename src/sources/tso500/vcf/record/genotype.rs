//! FORMAT GT.

use super::Refusal;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

/// What the genotype says about one alternative allele.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::tso500::vcf) enum Call {
    /// It is in the genotype, or the caller gives no genotypes.
    Called,
    /// It is not in the genotype.
    NotCalled,
    /// The genotype is missing as a whole.
    Missing,
}

/// A genotype.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources::tso500::vcf) struct Genotype {
    /// Numbers of the alleles, 0 is the reference; `None` where one is missing.
    alleles: Vec<Option<usize>>,
}

/// Longest genotype that is read.
const MAX_PLOIDY: usize = 64;

/// Reads `0/1`, `0|1`, `1`, `./.` and, as VCF 4.4 allows, `/0/1`, for a line with `alternates` alternative alleles.
pub(in crate::sources::tso500::vcf) fn parse(text: &str, alternates: usize) -> Result<Genotype, Refusal> {
    let refuse =
        || Refusal::new(IssueCode::VcfGenotypeInvalid, "GT", format!("{} is not a genotype of the line", quote(text)));
    let unphased = text.strip_prefix(['/', '|']).unwrap_or(text);
    let mut alleles = Vec::new();
    for allele in unphased.split(['/', '|']) {
        if alleles.len() == MAX_PLOIDY {
            return Err(refuse());
        }
        let is_number = !allele.is_empty() && allele.bytes().all(|byte| byte.is_ascii_digit());
        alleles.push(match allele.parse::<usize>() {
            _ if allele == "." => None,
            Ok(number) if is_number && number <= alternates => Some(number),
            _ => return Err(refuse()),
        });
    }
    Ok(Genotype { alleles })
}

impl Genotype {
    /// What it says about the alternative allele `number`, from 1.
    pub(in crate::sources::tso500::vcf) fn call(&self, number: usize) -> Call {
        if self.alleles.contains(&Some(number)) {
            Call::Called
        } else if self.alleles.iter().all(Option::is_none) {
            Call::Missing
        } else {
            Call::NotCalled
        }
    }

    /// Whether every allele is the reference.
    pub(in crate::sources::tso500::vcf) fn is_reference(&self) -> bool {
        self.alleles.iter().all(|allele| *allele == Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alleles_are_called_by_their_number() {
        use Call::{Called, Missing, NotCalled};
        for (text, first, second, is_reference) in [
            ("0/1", Called, NotCalled, false),
            ("0|1", Called, NotCalled, false),
            ("1", Called, NotCalled, false),
            ("1/2", Called, Called, false),
            ("2/2", NotCalled, Called, false),
            ("0/0", NotCalled, NotCalled, true),
            ("0", NotCalled, NotCalled, true),
            ("./.", Missing, Missing, false),
            ("./1", Called, NotCalled, false),
            ("0/.", NotCalled, NotCalled, false),
            ("0/0/1", Called, NotCalled, false),
            ("/0/1", Called, NotCalled, false),
        ] {
            let genotype = parse(text, 2).unwrap();
            assert_eq!(
                (genotype.call(1), genotype.call(2), genotype.is_reference()),
                (first, second, is_reference),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_genotype_of_the_line_is_refused() {
        let long = vec!["0"; 65].join("/");
        for text in ["", "/", "0/", "0/3", "0//1", "A/B", "0/-1", "+1", "0 1", "0/1/", "99999999999999999999", &long] {
            let refusal = parse(text, 2).unwrap_err();
            assert_eq!((refusal.code, refusal.column), (IssueCode::VcfGenotypeInvalid, "GT"), "{text}");
        }
        assert!(parse("0/1", 0).is_err());
    }
}
