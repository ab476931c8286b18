//! CHROM and POS.

use super::Refusal;
use crate::domain::issue::IssueCode;
use crate::redact::quote;
use crate::sources::tso500::cells::chromosome::parse_chromosome;
use crate::sources::tso500::vcf::grch37;
use crate::sources::tso500::vcf::header::Header;

/// A place on GRCh37.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::tso500::vcf) struct Locus {
    /// Chromosome without `chr`: 1 to 22, X, Y, M.
    pub(in crate::sources::tso500::vcf) chromosome: &'static str,
    /// 1-based position.
    pub(in crate::sources::tso500::vcf) position: u64,
}

/// Reads CHROM and POS. A sequence that the header names and that is no chromosome of GRCh37 is `vcf.contig-other`.
pub(in crate::sources::tso500::vcf) fn parse(
    chromosome: &str,
    position: &str,
    header: &Header,
) -> Result<Locus, Refusal> {
    let name = parse_chromosome(chromosome).map_err(|error| match header.has_contig(chromosome) {
        true => Refusal::new(IssueCode::VcfContigOther, "CHROM", format!("the call is on {}", quote(chromosome))),
        false => Refusal::new(IssueCode::VcfChromosomeInvalid, "CHROM", format!("{}: {error}", quote(chromosome))),
    })?;
    if !header.assembly.has(name) {
        let text = "the mitochondrial sequence of this genome is not that of GRCh37";
        return Err(Refusal::new(IssueCode::VcfContigOther, "CHROM", text));
    }
    Ok(Locus { chromosome: name, position: parse_position(position, name)? })
}

/// Reads POS: digits only. 0 is the telomere before the chromosome, which no call of a panel is at.
fn parse_position(cell: &str, chromosome: &str) -> Result<u64, Refusal> {
    let refuse =
        |text: &str| Err(Refusal::new(IssueCode::VcfPositionInvalid, "POS", format!("{}: {text}", quote(cell))));
    if cell.is_empty() || !cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return refuse("not a number");
    }
    let last = grch37::length(chromosome).unwrap_or(0);
    match cell.parse::<u64>() {
        Ok(position) if (1..=last).contains(&position) => Ok(position),
        _ => refuse("not on the chromosome"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let mut header = Header::default();
        header.read("##contig=<ID=GL000207.1,length=4262>");
        header.read("##contig=<ID=chrM,length=16571>");
        header
    }

    #[test]
    fn places_on_the_chromosomes() {
        for (chromosome, position, expected) in
            [("chr7", "140453136", ("7", 140_453_136)), ("7", "1", ("7", 1)), ("chrX", "155270560", ("X", 155_270_560))]
        {
            let locus = parse(chromosome, position, &header()).unwrap();
            assert_eq!((locus.chromosome, locus.position), expected);
        }
        assert!(parse("chrM", "263", &Header::default()).is_ok());
    }

    #[test]
    fn other_places_are_refused_by_column() {
        use IssueCode::{VcfChromosomeInvalid, VcfContigOther, VcfPositionInvalid};
        for (chromosome, position, code, column) in [
            ("", "5", VcfChromosomeInvalid, "CHROM"),
            ("chr99", "5", VcfChromosomeInvalid, "CHROM"),
            ("<7>", "5", VcfChromosomeInvalid, "CHROM"),
            ("chr 7", "5", VcfChromosomeInvalid, "CHROM"),
            ("hs37d5", "5", VcfChromosomeInvalid, "CHROM"),
            ("GL000207.1", "5", VcfContigOther, "CHROM"),
            ("chrM", "263", VcfContigOther, "CHROM"),
            ("chr7", "", VcfPositionInvalid, "POS"),
            ("chr7", "0", VcfPositionInvalid, "POS"),
            ("chr7", "-5", VcfPositionInvalid, "POS"),
            ("chr7", "+5", VcfPositionInvalid, "POS"),
            ("chr7", "5.0", VcfPositionInvalid, "POS"),
            ("chr7", "1e6", VcfPositionInvalid, "POS"),
            ("chr7", " 5", VcfPositionInvalid, "POS"),
            ("chr7", "159138664", VcfPositionInvalid, "POS"),
            ("chr7", "99999999999999999999", VcfPositionInvalid, "POS"),
        ] {
            let refusal = parse(chromosome, position, &header()).unwrap_err();
            assert_eq!((refusal.code, refusal.column), (code, column), "{chromosome}:{position}");
        }
    }
}
