//! Cells of the trace that no other file has in this form.

/// Chromosome without `chr`; `None` where it is no human chromosome. hg19 writes `chrM`, GRCh37 writes `MT`.
pub(super) fn read_chromosome(cell: &str) -> Option<String> {
    let name = cell.strip_prefix("chr").unwrap_or(cell);
    match name {
        "X" | "Y" | "M" => Some(name.to_owned()),
        "MT" => Some("M".to_owned()),
        _ => {
            let number: u8 = name.parse().ok()?;
            ((1..=22).contains(&number) && number.to_string() == name).then(|| name.to_owned())
        }
    }
}

/// `True` and `False` in any case, or `1` and `0` (spreadsheet programs rewrite them).
pub(super) fn read_bool(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Bases of the VCF alphabet.
pub(super) fn is_allele(cell: &str) -> bool {
    !cell.is_empty() && cell.bytes().all(|base| matches!(base.to_ascii_uppercase(), b'A' | b'C' | b'G' | b'T' | b'N'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn human_chromosomes_only() {
        for (cell, name) in
            [("chr1", "1"), ("22", "22"), ("chrX", "X"), ("Y", "Y"), ("chrM", "M"), ("chrMT", "M"), ("MT", "M")]
        {
            assert_eq!(read_chromosome(cell).as_deref(), Some(name), "{cell}");
        }
        for cell in ["", "chr", "chr0", "chr23", "chr01", "+1", "chrchr1", "x", "chr1_gl000191_random", "1.0"] {
            assert_eq!(read_chromosome(cell), None, "{cell}");
        }
    }

    #[test]
    fn bools_and_alleles() {
        for (cell, value) in
            [("True", true), ("TRUE", true), ("1", true), ("False", false), ("false", false), ("0", false)]
        {
            assert_eq!(read_bool(cell), Some(value), "{cell}");
        }
        for cell in ["", "NA", "yes", "-1", "2", "T"] {
            assert_eq!(read_bool(cell), None, "{cell}");
        }
        assert!(["A", "acgt", "N"].iter().all(|cell| is_allele(cell)));
        assert!(!["", "-", ".", "A,C", "<DEL>", "R", "*"].iter().any(|cell| is_allele(cell)));
    }
}
