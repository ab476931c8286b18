//! What the rows of the table say about each other.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::file::{RegionRow, TrustRow, defect};
use super::{DatedNumber, OrgNumber, Period, TrustsError};

/// Every contradiction between rows, in the order of the file.
pub(super) fn check(text: &str, regions: &[RegionRow], trusts: &[TrustRow]) -> Vec<TrustsError> {
    let mut errors = Errors { text, found: Vec::new() };
    repeated(&mut errors, "region.id", regions.iter().map(|row| (row.region.id.as_str(), &row.at)));
    repeated(&mut errors, "trust.id", trusts.iter().map(|row| (row.trust.id.as_str(), &row.id_at)));
    for row in trusts {
        if !regions.iter().any(|other| other.region.id == row.trust.region) {
            errors.add(&row.region_at, "trust.region", "no such region");
        }
    }
    let sites = trusts.iter().flat_map(|row| row.trust.sites.iter().zip(&row.sites_at));
    repeated(&mut errors, "trust.sites.letter", sites.map(|(site, at)| (site.letter, at)));
    let her_ids = trusts.iter().flat_map(|row| row.trust.her_ids.iter().zip(&row.her_ids_at));
    repeated(&mut errors, "trust.her_ids", her_ids);
    let mut numbers = HashMap::new();
    for row in trusts {
        own_numbers_follow_each_other(&mut errors, row);
        numbers_are_used_once(&mut errors, row, &mut numbers);
    }
    for (row, at) in trusts.iter().flat_map(numbers_of) {
        successor_exists(&mut errors, row, at, trusts);
    }
    errors.found
}

struct Errors<'t> {
    text: &'t str,
    found: Vec<TrustsError>,
}

impl Errors<'_> {
    fn add(&mut self, at: &Range<usize>, key: &str, what: impl Into<String>) {
        self.found.push(defect(self.text, at, key, what));
    }
}

fn repeated<'a, T: Ord>(errors: &mut Errors<'_>, key: &str, values: impl Iterator<Item = (T, &'a Range<usize>)>) {
    let mut seen = BTreeMap::new();
    for (value, at) in values {
        if seen.insert(value, ()).is_some() {
            errors.add(at, key, "stands twice");
        }
    }
}

/// The numbers of the trust itself, then those of its units, each with its place.
fn numbers_of(row: &TrustRow) -> impl Iterator<Item = (&DatedNumber, &Range<usize>)> {
    let own = row.trust.organisation_numbers.iter().zip(&row.numbers_at);
    own.chain(row.trust.units.iter().map(|unit| &unit.number).zip(&row.units_at))
}

/// A trust has one organisation number at a time.
fn own_numbers_follow_each_other(errors: &mut Errors<'_>, row: &TrustRow) {
    let numbers = &row.trust.organisation_numbers;
    for (index, (number, at)) in numbers.iter().zip(&row.numbers_at).enumerate() {
        if numbers.iter().take(index).any(|earlier| earlier.period.overlaps(number.period)) {
            errors.add(at, "trust.organisation_numbers", "the period overlaps that of another number of the trust");
        }
    }
}

/// A number belongs to one row at a time.
fn numbers_are_used_once<'a>(
    errors: &mut Errors<'_>,
    row: &'a TrustRow,
    seen: &mut HashMap<&'a OrgNumber, Vec<Period>>,
) {
    for (number, at) in numbers_of(row) {
        let periods = seen.entry(&number.number).or_default();
        if periods.iter().any(|earlier| earlier.overlaps(number.period)) {
            let what = format!("organisation number {} counts twice on some day", number.number);
            errors.add(at, "trust.organisation_numbers", what);
        }
        periods.push(number.period);
    }
}

/// A successor counts on the day after the last one.
fn successor_exists(errors: &mut Errors<'_>, number: &DatedNumber, at: &Range<usize>, trusts: &[TrustRow]) {
    let (Some(successor), Some(last)) = (&number.successor, number.period.to) else { return };
    let takes_over =
        |row: &DatedNumber| row.number == *successor && last.tomorrow().is_ok_and(|next| row.period.contains(next));
    if !trusts.iter().flat_map(numbers_of).any(|(row, _)| takes_over(row)) {
        let what = format!("no row has {successor} on the day after the last one");
        errors.add(at, "trust.organisation_numbers.successor", what);
    }
}
