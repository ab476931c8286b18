//! The TOML shape of the table, and what its values are.

use std::ops::Range;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::{DatedNumber, Period, Region, Site, Trust, TrustsError, Unit};
use crate::domain::her_id::HerId;
use crate::domain::org_number::OrgNumber;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    region: Vec<RegionTable>,
    trust: Vec<TrustTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionTable {
    id: Spanned<String>,
    name: String,
    organisation_number: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustTable {
    id: Spanned<String>,
    name: String,
    region: Spanned<String>,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    organisation_numbers: Vec<NumberTable>,
    #[serde(default)]
    units: Vec<UnitTable>,
    sites: Vec<SiteTable>,
    #[serde(default)]
    her_ids: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberTable {
    number: Spanned<String>,
    valid_from: Option<Spanned<Datetime>>,
    valid_to: Option<Spanned<Datetime>>,
    successor: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitTable {
    number: Spanned<String>,
    name: String,
    valid_from: Option<Spanned<Datetime>>,
    valid_to: Option<Spanned<Datetime>>,
    successor: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteTable {
    letter: Spanned<String>,
    name: String,
}

/// A region, and where it stands.
#[derive(Debug)]
pub(super) struct RegionRow {
    pub(super) region: Region,
    pub(super) at: Range<usize>,
}

/// A trust, and where the parts of it stand that can contradict others, in the order of the parts.
#[derive(Debug)]
pub(super) struct TrustRow {
    pub(super) trust: Trust,
    pub(super) id_at: Range<usize>,
    pub(super) region_at: Range<usize>,
    pub(super) numbers_at: Vec<Range<usize>>,
    pub(super) units_at: Vec<Range<usize>>,
    pub(super) sites_at: Vec<Range<usize>>,
    pub(super) her_ids_at: Vec<Range<usize>>,
}

/// Version, regions and trusts of a file whose values are each what they should be.
pub(super) fn read(text: &str) -> Result<(String, Vec<RegionRow>, Vec<TrustRow>), Vec<TrustsError>> {
    let file: File = toml::from_str(text).map_err(|error| vec![syntax(text, &error)])?;
    let mut reader = Reader { text, errors: Vec::new() };
    let regions: Vec<RegionRow> = file.region.into_iter().filter_map(|table| reader.region(table)).collect();
    let trusts: Vec<TrustRow> = file.trust.into_iter().map(|table| reader.trust(table)).collect();
    if reader.errors.is_empty() { Ok((file.version, regions, trusts)) } else { Err(reader.errors) }
}

/// A defect at a place of the text.
pub(super) fn defect(text: &str, at: &Range<usize>, key: &str, what: impl Into<String>) -> TrustsError {
    let before = text.get(..at.start).unwrap_or_default();
    let line = u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX);
    TrustsError { line, key: key.to_owned(), text: what.into() }
}

fn syntax(text: &str, error: &toml::de::Error) -> TrustsError {
    let message = error.message().lines().next().unwrap_or("not TOML");
    match error.span() {
        Some(at) => defect(text, &at, "trusts", message),
        None => TrustsError { line: 0, key: "trusts".to_owned(), text: message.to_owned() },
    }
}

struct Reader<'t> {
    text: &'t str,
    errors: Vec<TrustsError>,
}

impl Reader<'_> {
    fn refuse(&mut self, at: &Range<usize>, key: &str, what: impl Into<String>) {
        self.errors.push(defect(self.text, at, key, what));
    }

    fn region(&mut self, table: RegionTable) -> Option<RegionRow> {
        let at = table.id.span();
        let organisation_number = self.org_number(&table.organisation_number, "region.organisation_number")?;
        Some(RegionRow { region: Region { id: table.id.into_inner(), name: table.name, organisation_number }, at })
    }

    fn trust(&mut self, table: TrustTable) -> TrustRow {
        let (id_at, region_at) = (table.id.span(), table.region.span());
        let numbers_at = table.organisation_numbers.iter().map(|row| row.number.span()).collect();
        let units_at = table.units.iter().map(|row| row.number.span()).collect();
        let sites_at = table.sites.iter().map(|row| row.letter.span()).collect();
        let her_ids_at = table.her_ids.iter().map(Spanned::span).collect();
        let trust = Trust {
            id: table.id.into_inner(),
            name: table.name,
            region: table.region.into_inner(),
            private: table.private,
            organisation_numbers: table
                .organisation_numbers
                .into_iter()
                .filter_map(|row| self.dated("trust.organisation_numbers", row))
                .collect(),
            units: table.units.into_iter().filter_map(|row| self.unit(row)).collect(),
            sites: table.sites.into_iter().filter_map(|row| self.site(row)).collect(),
            her_ids: table.her_ids.iter().filter_map(|text| self.her_id(text)).collect(),
        };
        TrustRow { trust, id_at, region_at, numbers_at, units_at, sites_at, her_ids_at }
    }

    fn unit(&mut self, table: UnitTable) -> Option<Unit> {
        let UnitTable { number, name, valid_from, valid_to, successor } = table;
        let number = self.dated("trust.units", NumberTable { number, valid_from, valid_to, successor })?;
        Some(Unit { name, number })
    }

    fn dated(&mut self, key: &str, table: NumberTable) -> Option<DatedNumber> {
        let from = self.date(table.valid_from.as_ref(), &format!("{key}.valid_from"));
        let to = self.date(table.valid_to.as_ref(), &format!("{key}.valid_to"));
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            self.refuse(&table.number.span(), &format!("{key}.valid_to"), "the last day is before the first");
        }
        let successor = table.successor.as_ref();
        if let Some(successor) = successor.filter(|_| to.is_none()) {
            self.refuse(&successor.span(), &format!("{key}.successor"), "a number without last day has no successor");
        }
        let successor = match successor {
            Some(successor) => Some(self.org_number(successor, &format!("{key}.successor"))?),
            None => None,
        };
        let number = self.org_number(&table.number, &format!("{key}.number"))?;
        Some(DatedNumber { number, period: Period { from, to }, successor })
    }

    fn org_number(&mut self, text: &Spanned<String>, key: &str) -> Option<OrgNumber> {
        OrgNumber::parse(text.get_ref()).map_err(|error| self.refuse(&text.span(), key, error.to_string())).ok()
    }

    fn her_id(&mut self, text: &Spanned<String>) -> Option<HerId> {
        HerId::parse(text.get_ref()).map_err(|error| self.refuse(&text.span(), "trust.her_ids", error.to_string())).ok()
    }

    fn site(&mut self, table: SiteTable) -> Option<Site> {
        match *table.letter.get_ref().as_bytes() {
            [letter @ b'A'..=b'Z'] => Some(Site { letter: char::from(letter), name: table.name }),
            _ => {
                self.refuse(&table.letter.span(), "trust.sites.letter", "a site letter is one capital, A to Z");
                None
            }
        }
    }

    fn date(&mut self, value: Option<&Spanned<Datetime>>, key: &str) -> Option<Date> {
        let value = value?;
        let date = match value.get_ref() {
            Datetime { date: Some(date), time: None, offset: None } => {
                let part = |number: u8| i8::try_from(number).ok();
                i16::try_from(date.year)
                    .ok()
                    .zip(part(date.month).zip(part(date.day)))
                    .and_then(|(year, (month, day))| Date::new(year, month, day).ok())
            }
            _ => None,
        };
        if date.is_none() {
            self.refuse(&value.span(), key, "not a date");
        }
        date
    }
}
