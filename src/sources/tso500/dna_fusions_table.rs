//! `Fusions.csv` of the ctDNA pipeline: the fusions that its caller found in cell-free DNA.
//!
//! Columns are those of section DNA Fusions as its caller names them, found by name: `Sample`, `Name`, `Chr1`, `Pos1`, `Chr2`,
//! `Pos2`, `Direction`, `Alt_Depth`, `BP1_Depth`, `BP2_Depth`, `Total_Depth`, `VAF`, `Gene1`, `Gene2`, `Contig`, `Filter`,
//! `Is_Cosmic_GenePair`, and from version 2 `Fusion Directionality Known`. A row whose `Filter` is not `PASS` is no finding.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::domain::sample_id::PatientKey;
use crate::redact::quote;

use super::combined_variant_output::dna_fusions;
use super::combined_variant_output::table::read_table;
use super::csv_table::{read_csv, scope};
use super::text::Text;
use super::wire::Fusion;

/// The fusions of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnaFusionsTable {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Fusions that passed, in file order.
    pub fusions: Vec<Fusion>,
}

/// Column that repeats the sample id.
const SAMPLE: &str = "Sample";

/// Reads a file that belongs to the sample `sample_id`, by its name. Every row is opened in `account`; the row of a fusion
/// stays open. A row that names another sample is `tso500.id-mismatch` and listed.
///
/// None where the file has too many cells; its rows are then all listed.
pub fn parse(text: &Text, sample_id: &str, limits: &Limits, account: &mut Account) -> Option<DnaFusionsTable> {
    let table = read_csv(text, limits, account)?;
    let rows = read_table(&table.section, &dna_fusions::LAYOUT, &scope(text, limits), account, dna_fusions::read);
    let mut fusions = DnaFusionsTable { file: Arc::clone(&text.file), fusions: Vec::new() };
    let mut warned = false;
    for mut fusion in rows {
        let named = fusion.extra.iter().position(|(column, _)| column == SAMPLE);
        let named = named.map(|at| fusion.extra.remove(at).1).filter(|named| named != sample_id);
        let place = Location::file(&text.file).line(fusion.line).column(SAMPLE);
        match named {
            Some(named) if is_other_sample(&named, sample_id) => {
                let words = "the line is of another sample than the file name";
                account.reject(fusion.row, IssueCode::IdMismatch, place, words);
                continue;
            }
            Some(named) if !warned => {
                warned = true;
                let words = format!("the file name is another sample's than {} in the file", quote(&named));
                account.issue(IssueCode::IdDiffers, place, words);
            }
            _ => {}
        }
        fusions.fusions.push(fusion);
    }
    Some(fusions)
}

/// Two InPreD sample ids that differ are two samples, be they of one patient.
fn is_other_sample(first: &str, second: &str) -> bool {
    let is_sample = |id: &str| {
        id.get(..7).and_then(PatientKey::parse).is_some() && id.get(7..).is_some_and(|rest| rest.starts_with('-'))
    };
    let core = |id: &str| id.strip_suffix("_P").unwrap_or(id).to_owned();
    is_sample(first) && is_sample(second) && core(first) != core(second)
}

#[cfg(test)]
mod tests;
