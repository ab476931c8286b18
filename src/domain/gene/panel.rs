//! The genes of the TSO500 panel.

use std::collections::BTreeMap;

const COLUMNS: [&str; 6] = ["tso500_symbol", "current_symbol", "hgnc_id", "dna_small_variant", "dna_cnv", "rna_fusion"];

/// One gene of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelGene {
    /// Symbol as the panel's documentation writes it.
    pub tso500_symbol: String,
    /// Current HGNC symbol.
    pub current_symbol: String,
    /// HGNC id with prefix.
    pub hgnc_id: String,
    /// Small variants are reported from DNA.
    pub dna_small_variant: bool,
    /// Copy number is reported from DNA.
    pub dna_copy_number: bool,
    /// Fusions are reported from RNA.
    pub rna_fusion: bool,
}

/// Why a panel table was refused; lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PanelError {
    /// The first line after the comments does not name the columns.
    #[error("the line of column names is missing or not as expected")]
    Header,
    /// A line has another number of cells, an empty symbol, or a flag that is neither `Y` nor empty.
    #[error("line {line}: not a panel gene")]
    Line {
        /// Line of the file.
        line: usize,
    },
    /// A symbol stands twice.
    #[error("line {line}: a symbol stands twice")]
    Repeated {
        /// Line of the file.
        line: usize,
    },
}

/// The panel, by either symbol.
#[derive(Debug)]
pub(super) struct Panel {
    genes: Vec<PanelGene>,
    by_panel_symbol: BTreeMap<String, usize>,
    by_current_symbol: BTreeMap<String, usize>,
}

impl Panel {
    pub(super) fn parse(tsv: &str) -> Result<Self, PanelError> {
        let mut lines = tsv.lines().zip(1..).filter(|(text, _)| !text.starts_with('#'));
        if !lines.next().is_some_and(|(text, _)| text.split('\t').eq(COLUMNS)) {
            return Err(PanelError::Header);
        }
        let mut panel =
            Self { genes: Vec::new(), by_panel_symbol: BTreeMap::new(), by_current_symbol: BTreeMap::new() };
        for (text, line) in lines {
            let gene = parse_gene(text).ok_or(PanelError::Line { line })?;
            let index = panel.genes.len();
            let first = panel.by_panel_symbol.insert(gene.tso500_symbol.clone(), index).is_none()
                && panel.by_current_symbol.insert(gene.current_symbol.clone(), index).is_none();
            if !first {
                return Err(PanelError::Repeated { line });
            }
            panel.genes.push(gene);
        }
        Ok(panel)
    }

    pub(super) fn genes(&self) -> &[PanelGene] {
        &self.genes
    }

    pub(super) fn by_panel_symbol(&self, symbol: &str) -> Option<&PanelGene> {
        self.by_panel_symbol.get(symbol).and_then(|&index| self.genes.get(index))
    }

    pub(super) fn by_current_symbol(&self, symbol: &str) -> Option<&PanelGene> {
        self.by_current_symbol.get(symbol).and_then(|&index| self.genes.get(index))
    }
}

fn parse_gene(text: &str) -> Option<PanelGene> {
    let cells: Vec<&str> = text.split('\t').collect();
    let [panel, current, id, small_variant, copy_number, fusion] = cells.as_slice() else { return None };
    if panel.is_empty() || current.is_empty() || id.is_empty() {
        return None;
    }
    Some(PanelGene {
        tso500_symbol: (*panel).to_owned(),
        current_symbol: (*current).to_owned(),
        hgnc_id: (*id).to_owned(),
        dna_small_variant: parse_flag(small_variant)?,
        dna_copy_number: parse_flag(copy_number)?,
        rna_fusion: parse_flag(fusion)?,
    })
}

fn parse_flag(text: &str) -> Option<bool> {
    match text {
        "Y" => Some(true),
        "" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_another_shape_is_refused() {
        let head = COLUMNS.join("\t");
        for (body, expected) in [
            ("AAA\tAAA\tHGNC:1\tY\t", PanelError::Line { line: 3 }),
            ("AAA\tAAA\tHGNC:1\tY\t\t\t", PanelError::Line { line: 3 }),
            ("\tAAA\tHGNC:1\tY\t\t", PanelError::Line { line: 3 }),
            ("AAA\tAAA\t\tY\t\t", PanelError::Line { line: 3 }),
            ("AAA\tAAA\tHGNC:1\tyes\t\t", PanelError::Line { line: 3 }),
            ("AAA\tAAA\tHGNC:1\tY\t\t\nAAA\tBBB\tHGNC:2\tY\t\t", PanelError::Repeated { line: 4 }),
            ("AAA\tBBB\tHGNC:1\tY\t\t\nBBB\tBBB\tHGNC:1\tY\t\t", PanelError::Repeated { line: 4 }),
        ] {
            assert_eq!(Panel::parse(&format!("# source\n{head}\n{body}\n")).unwrap_err(), expected, "{body}");
        }
        assert_eq!(Panel::parse("").unwrap_err(), PanelError::Header);
        assert_eq!(Panel::parse("symbol\thgnc_id\n").unwrap_err(), PanelError::Header);
    }
}
