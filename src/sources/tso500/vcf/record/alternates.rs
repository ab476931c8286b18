//! ALT.

use super::Refusal;
use super::reference::is_bases;
use crate::domain::issue::IssueCode;
use crate::domain::limits::VcfLimits;
use crate::redact::quote;

/// One alternative allele.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::tso500::vcf) enum Alternate<'a> {
    /// A sequence of bases.
    Bases(&'a str),
    /// Holds the place of alleles that are not named: `*` (deleted by another call), `<*>`, `<NON_REF>`, `<M>` (Pisces: told
    /// in a line of its own).
    Placeholder,
    /// `<DEL>` and other symbolic alleles, with their brackets.
    Symbolic(&'a str),
    /// A breakend.
    Breakend(&'a str),
}

/// The alternative alleles; none where the caller sees the reference (`.`).
///
/// An allele that is the reference, or that is named twice, is refused: its values could not be told apart.
pub(in crate::sources::tso500::vcf) fn parse<'a>(
    cell: &'a str,
    reference: &str,
    limits: &VcfLimits,
) -> Result<Vec<Alternate<'a>>, Refusal> {
    if cell == "." {
        return Ok(Vec::new());
    }
    let refuse = |text: String| Err(Refusal::new(IssueCode::VcfAlternateInvalid, "ALT", text));
    let mut alternates = Vec::new();
    for text in cell.split(',') {
        if alternates.len() == limits.alleles {
            return refuse(format!("more than {} alleles", limits.alleles));
        }
        if text.len() > limits.allele_bases {
            return refuse(format!("an allele has more than {} characters", limits.allele_bases));
        }
        let Some(alternate) = parse_one(text) else {
            return refuse(format!("{} is not an allele", quote(text)));
        };
        if let Alternate::Bases(bases) = alternate {
            if bases.eq_ignore_ascii_case(reference) {
                return refuse(format!("{} is the reference", quote(bases)));
            }
            if alternates.iter().any(|other| is_same(other, bases)) {
                return refuse(format!("{} stands twice", quote(bases)));
            }
        }
        alternates.push(alternate);
    }
    Ok(alternates)
}

fn is_same(alternate: &Alternate<'_>, bases: &str) -> bool {
    matches!(alternate, Alternate::Bases(other) if other.eq_ignore_ascii_case(bases))
}

fn parse_one(text: &str) -> Option<Alternate<'_>> {
    if is_bases(text) {
        return Some(Alternate::Bases(text));
    }
    if let Some(name) = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
        return match name {
            "*" | "NON_REF" | "M" => Some(Alternate::Placeholder),
            _ => is_name.then_some(Alternate::Symbolic(text)),
        };
    }
    match text {
        "*" => Some(Alternate::Placeholder),
        _ if is_breakend(text) => Some(Alternate::Breakend(text)),
        _ => None,
    }
}

/// `A[chr1:5[`, `]chr1:5]A` and single breakends `A.`, `.A` (VCF 4.4 section 5.4).
fn is_breakend(text: &str) -> bool {
    if let Some(bases) = text.strip_prefix('.').or_else(|| text.strip_suffix('.')) {
        return is_bases(bases);
    }
    let Some(bracket) = text.chars().find(|character| matches!(character, '[' | ']')) else { return false };
    let mut parts = text.split(bracket);
    let (Some(before), Some(mate), Some(after), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let is_place = mate.rsplit_once(':').is_some_and(|(contig, position)| {
        !contig.is_empty() && !position.is_empty() && position.bytes().all(|byte| byte.is_ascii_digit())
    });
    is_place && ((before.is_empty() && is_bases(after)) || (after.is_empty() && is_bases(before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> Result<Vec<Alternate<'_>>, Refusal> {
        parse(cell, "C", &VcfLimits { alleles: 3, allele_bases: 15, ..VcfLimits::default() })
    }

    #[test]
    fn alleles_of_every_kind() {
        use Alternate::{Bases, Breakend, Placeholder, Symbolic};
        for (cell, expected) in [
            (".", vec![]),
            ("T", vec![Bases("T")]),
            ("t,CA,G", vec![Bases("t"), Bases("CA"), Bases("G")]),
            ("<NON_REF>", vec![Placeholder]),
            ("T,<NON_REF>", vec![Bases("T"), Placeholder]),
            ("<M>,T", vec![Placeholder, Bases("T")]),
            ("*,<*>", vec![Placeholder, Placeholder]),
            ("<DUP:TANDEM>", vec![Symbolic("<DUP:TANDEM>")]),
            ("]1:1234]CTG", vec![Breakend("]1:1234]CTG")]),
            ("[1:100[AGT", vec![Breakend("[1:100[AGT")]),
            ("AGT]chr1:100]", vec![Breakend("AGT]chr1:100]")]),
            ("C.", vec![Breakend("C.")]),
            (".C", vec![Breakend(".C")]),
        ] {
            assert_eq!(read(cell), Ok(expected), "{cell}");
        }
    }

    #[test]
    fn what_is_no_allele_is_refused() {
        for cell in [
            "",
            ",",
            "T,",
            ",T",
            "T,.",
            "R",
            "-",
            "C",
            "c",
            "T,C",
            "T,t",
            "T,G,T",
            "T,G,A,CA",
            "CCCCCCCCCCCCCCCC",
            "<DUP:TANDEM:LONG>",
            "<>",
            "<DEL",
            "DEL>",
            "<a b>",
            "<a<b>>",
            "T G",
            "[1:100[",
            "[1[A",
            "[1:x[A",
            "[:5[A",
            "A[1:5[A",
            "A[1:5]",
            "..",
            "0",
        ] {
            let refusal = read(cell).unwrap_err();
            assert_eq!((refusal.code, refusal.column), (IssueCode::VcfAlternateInvalid, "ALT"), "{cell}");
        }
    }
}
