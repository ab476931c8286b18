//! REF.

use super::Refusal;
use crate::domain::issue::IssueCode;
use crate::domain::limits::VcfLimits;
use crate::redact::quote;

/// Reads REF: the bases A, C, G, T and N, in either case.
pub(in crate::sources::tso500::vcf) fn check(cell: &str, limits: &VcfLimits) -> Result<(), Refusal> {
    let refuse = |text: String| Err(Refusal::new(IssueCode::VcfReferenceInvalid, "REF", text));
    if cell.len() > limits.allele_bases {
        return refuse(format!("more than {} bases", limits.allele_bases));
    }
    if is_bases(cell) { Ok(()) } else { refuse(format!("{} is not a sequence of bases", quote(cell))) }
}

/// Whether a text is a sequence of bases.
pub(super) fn is_bases(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|base| matches!(base | 0x20, b'a' | b'c' | b'g' | b't' | b'n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_only() {
        let limits = VcfLimits { allele_bases: 5, ..VcfLimits::default() };
        for cell in ["A", "acgtn", "NNNNN"] {
            assert_eq!(check(cell, &limits), Ok(()), "{cell}");
        }
        for cell in ["", ".", "-", "R", "A,T", "A T", "<DEL>", "*", "ACGTAC", "\u{41}\u{301}", "!", "\u{1}"] {
            let refusal = check(cell, &limits).unwrap_err();
            assert_eq!((refusal.code, refusal.column), (IssueCode::VcfReferenceInvalid, "REF"), "{cell}");
        }
    }
}
