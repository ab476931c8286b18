//! One line of the trace.

use std::sync::Arc;

use super::cells::{is_allele, read_bool, read_chromosome};
use super::{Origin, TraceRow};
use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::issue::{IssueCode, Location};
use crate::redact::quote;
use crate::sources::tso500::cells::is_missing;
use crate::sources::tso500::cells::number::{NumberError, parse_count, parse_number};
use crate::sources::tso500::sheet::SheetLine;

/// Where the columns stand.
pub(super) struct Columns {
    pub(super) width: usize,
    pub(super) chromosome: usize,
    pub(super) position: usize,
    pub(super) reference: usize,
    pub(super) alternative: usize,
    pub(super) allele_frequency: Option<usize>,
    pub(super) depth: Option<usize>,
    pub(super) gene: Option<usize>,
    /// `GermlineFilterDatabase` and `GermlineFilterProxi`; `None` where one is missing.
    pub(super) germline_filters: Option<(usize, usize)>,
}

type Refusal = (IssueCode, Location, String);

/// Reads a line. A value that only describes the variant may be left out with an issue; the line is refused where the
/// variant itself cannot be read.
pub(super) fn read(
    line: &SheetLine<'_>,
    columns: &Columns,
    row: RowId,
    file: &Arc<str>,
    account: &mut Account,
) -> Result<TraceRow, Refusal> {
    let place = Location::file(file).line(line.number);
    let Some(cells) = line.cells.as_deref() else {
        return Err((IssueCode::FileEncodingInvalid, place, "the line is not UTF-8".to_owned()));
    };
    if cells.len() > columns.width {
        return Err((IssueCode::RowLong, place, "the line has cells beyond the last column".to_owned()));
    }
    let required = |index: usize, name: &str| match line.cell(index) {
        cell if !is_missing(cell) => Ok(cell),
        _ if index >= cells.len() => {
            Err((IssueCode::RowShort, place.clone().column(name), "the line ends before this column".to_owned()))
        }
        _ => Err((IssueCode::ValueRequired, place.clone().column(name), "the value is missing".to_owned())),
    };
    let chromosome_cell = required(columns.chromosome, "Chromosome")?;
    let chromosome = read_chromosome(chromosome_cell)
        .ok_or_else(|| (IssueCode::ChromosomeInvalid, place.clone().column("Chromosome"), quote(chromosome_cell)))?;
    let position_cell = required(columns.position, "Position")?;
    let position = match parse_count(position_cell) {
        Ok(0) => Err(NumberError::OutOfRange),
        other => other,
    }
    .map_err(|error| {
        (number_code(&error), place.clone().column("Position"), format!("{error}: {}", quote(position_cell)))
    })?;
    let allele = |index: usize, name: &str| {
        let cell = required(index, name)?;
        if is_allele(cell) {
            Ok(cell.to_owned())
        } else {
            Err((IssueCode::AlleleInvalid, place.clone().column(name), quote(cell)))
        }
    };
    let (reference, alternative) = (allele(columns.reference, "RefCall")?, allele(columns.alternative, "AltCall")?);
    let optional = |index: Option<usize>| index.map(|index| line.cell(index)).filter(|cell| !is_missing(cell));
    Ok(TraceRow {
        chromosome,
        position,
        reference,
        alternative,
        allele_frequency: optional(columns.allele_frequency).and_then(|cell| read_frequency(cell, &place, account)),
        depth: optional(columns.depth).and_then(|cell| read_depth(cell, &place, account)),
        gene: optional(columns.gene).map(str::to_owned),
        origin: columns.germline_filters.and_then(|filters| read_origin(line, filters, &place, account)),
        row,
        line: line.number,
    })
}

fn read_frequency(cell: &str, place: &Location, account: &mut Account) -> Option<Decimal> {
    let place = place.clone().column("VAF");
    match parse_number(cell) {
        Ok(number) if number.percent => {
            account.issue(IssueCode::NumberInvalid, place, format!("not a fraction of 1: {}", quote(cell)));
            None
        }
        Ok(number) if !(0.0..=1.0).contains(&number.value.to_f64()) => {
            account.issue(IssueCode::NumberOutOfRange, place, format!("not a fraction of 1: {}", quote(cell)));
            None
        }
        Ok(number) => {
            if number.decimal_comma {
                account.issue(IssueCode::DecimalComma, place, format!("decimal comma: {}", quote(cell)));
            }
            Some(number.value)
        }
        Err(error) => {
            account.issue(number_code(&error), place, format!("{error}: {}", quote(cell)));
            None
        }
    }
}

fn read_depth(cell: &str, place: &Location, account: &mut Account) -> Option<u64> {
    parse_count(cell)
        .map_err(|error| {
            account.issue(number_code(&error), place.clone().column("Depth"), format!("{error}: {}", quote(cell)));
        })
        .ok()
}

/// A filter that cannot be read makes no variant somatic.
fn read_origin(
    line: &SheetLine<'_>,
    (database, proximity): (usize, usize),
    place: &Location,
    account: &mut Account,
) -> Option<Origin> {
    match (read_bool(line.cell(database)), read_bool(line.cell(proximity))) {
        (Some(true), Some(_)) => Some(Origin::GermlineDatabase),
        (Some(false), Some(true)) => Some(Origin::GermlineProximity),
        (Some(false), Some(false)) => Some(Origin::Somatic),
        _ => {
            let text = format!(
                "germline filters {} and {} are not both true or false",
                quote(line.cell(database)),
                quote(line.cell(proximity))
            );
            account.issue(IssueCode::OriginUnknown, place.clone(), text);
            None
        }
    }
}

fn number_code(error: &NumberError) -> IssueCode {
    match error {
        NumberError::Empty => IssueCode::ValueRequired,
        NumberError::Invalid => IssueCode::NumberInvalid,
        NumberError::Ambiguous => IssueCode::NumberAmbiguous,
        NumberError::OutOfRange => IssueCode::NumberOutOfRange,
    }
}
