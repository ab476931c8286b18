//! The health trusts of the trial: who an organisation number, an inclusion site or a HER-id belongs to.
//!
//! The table is data (`mappings/trusts.toml`), because trusts merge: an organisation number counts for a period.

mod check;
mod file;
mod tenancy;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

pub use self::tenancy::Tenancy;
use super::her_id::HerId;
use super::issue::{Issue, IssueCode, Location};
use super::org_number::OrgNumber;

/// The table, with its indexes.
#[derive(Debug, Clone)]
pub struct Trusts {
    version: String,
    regions: Vec<Region>,
    trusts: Vec<Trust>,
    by_number: HashMap<OrgNumber, Vec<Place>>,
    by_letter: BTreeMap<char, (usize, usize)>,
    by_her_id: HashMap<HerId, usize>,
}

/// Where a number stands: trust, then its own number or one of its units.
#[derive(Debug, Clone, Copy)]
struct Place {
    trust: usize,
    unit: Option<usize>,
    period: Period,
}

/// A regional health authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Name in the table.
    pub id: String,
    /// Name for a person.
    pub name: String,
    /// Organisation number of the regional authority.
    pub organisation_number: OrgNumber,
}

/// A health trust, or a private hospital with an inclusion site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// Name in the table; it stays when the organisation number changes.
    pub id: String,
    /// Name for a person.
    pub name: String,
    /// Id of the region.
    pub region: String,
    /// A private hospital, none of the health trusts.
    pub private: bool,
    /// Organisation numbers of the legal entity; empty where none is known.
    pub organisation_numbers: Vec<DatedNumber>,
    /// Sub-units that act for the trust.
    pub units: Vec<Unit>,
    /// Inclusion sites.
    pub sites: Vec<Site>,
    /// HER-ids of the trust as a whole.
    pub her_ids: Vec<HerId>,
}

/// An organisation number and when it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedNumber {
    /// The number.
    pub number: OrgNumber,
    /// When it counts.
    pub period: Period,
    /// The number that took over.
    pub successor: Option<OrgNumber>,
}

/// A sub-unit of a trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Name for a person.
    pub name: String,
    /// Its number.
    pub number: DatedNumber,
}

/// An inclusion site, as study subject ids name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Letter in the study subject id, a capital.
    pub letter: char,
    /// Name for a person.
    pub name: String,
}

/// A span of days; an end that is left out is not bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

impl Period {
    /// Whether the day lies in the period.
    pub fn contains(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether the periods have a day in common.
    fn overlaps(self, other: Self) -> bool {
        let before = |to: Option<Date>, from: Option<Date>| to.zip(from).is_some_and(|(to, from)| to < from);
        !before(self.to, other.from) && !before(other.to, self.from)
    }
}

/// Who an organisation number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// The trust.
    pub trust: &'a Trust,
    /// The unit of it, where the number is not that of the trust itself.
    pub unit: Option<&'a Unit>,
}

/// Why an organisation number belongs to nobody on a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationError {
    /// No row has the number.
    #[error("organisation number {0} is that of no trust")]
    Unknown(OrgNumber),
    /// Rows have it, for other days.
    #[error("organisation number {number} does not count on {day}{}", successor_text(successor.as_ref()))]
    NotValid {
        /// The number.
        number: OrgNumber,
        /// The day that was asked for.
        day: Date,
        /// The number that took over.
        successor: Option<OrgNumber>,
    },
}

fn successor_text(successor: Option<&OrgNumber>) -> String {
    successor.map_or_else(String::new, |successor| format!("; its successor is {successor}"))
}

impl OrganisationError {
    /// The issue that a receiver of the number raises.
    pub fn code(&self) -> IssueCode {
        match self {
            Self::Unknown(_) => IssueCode::OrganisationUnknown,
            Self::NotValid { .. } => IssueCode::OrganisationNotValid,
        }
    }
}

/// A defect of the table, found when it is loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {key}: {text}")]
pub struct TrustsError {
    /// Line, from 1; 0 where the parser gives none.
    pub line: u32,
    /// Key, e.g. `trust.sites.letter`.
    pub key: String,
    /// What is wrong.
    pub text: String,
}

impl Trusts {
    /// Reads the table.
    ///
    /// # Errors
    /// Text that is not TOML of the documented shape; else every defect: an invalid number, letter or period, an id, letter
    /// or HER-id twice, a number twice on one day, an unknown region or successor.
    pub fn parse(toml_text: &str) -> Result<Self, Vec<TrustsError>> {
        let (version, regions, rows) = file::read(toml_text)?;
        let errors = check::check(toml_text, &regions, &rows);
        if !errors.is_empty() {
            return Err(errors);
        }
        let regions = regions.into_iter().map(|row| row.region).collect();
        Ok(Self::index(version, regions, rows.into_iter().map(|row| row.trust).collect()))
    }

    fn index(version: String, regions: Vec<Region>, trusts: Vec<Trust>) -> Self {
        let mut by_number: HashMap<OrgNumber, Vec<Place>> = HashMap::new();
        let (mut by_letter, mut by_her_id) = (BTreeMap::new(), HashMap::new());
        for (index, trust) in trusts.iter().enumerate() {
            let own = trust.organisation_numbers.iter().map(|number| (None, number));
            let units = trust.units.iter().enumerate().map(|(unit, row)| (Some(unit), &row.number));
            for (unit, number) in own.chain(units) {
                let place = Place { trust: index, unit, period: number.period };
                by_number.entry(number.number.clone()).or_default().push(place);
            }
            by_letter.extend(trust.sites.iter().enumerate().map(|(site, row)| (row.letter, (index, site))));
            by_her_id.extend(trust.her_ids.iter().map(|her_id| (*her_id, index)));
        }
        Self { version, regions, trusts, by_number, by_letter, by_her_id }
    }

    /// Version, as the file names it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Every trust and private hospital, as listed.
    pub fn trusts(&self) -> &[Trust] {
        &self.trusts
    }

    /// The regional health authorities.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Who an organisation number belongs to on a day.
    ///
    /// # Errors
    /// Nobody has the number, or not on that day.
    pub fn by_organisation_number(&self, number: &OrgNumber, day: Date) -> Result<Member<'_>, OrganisationError> {
        let places = self.by_number.get(number).ok_or_else(|| OrganisationError::Unknown(number.clone()))?;
        let place = places.iter().find(|place| place.period.contains(day));
        place.and_then(|place| self.member(*place)).ok_or_else(|| OrganisationError::NotValid {
            number: number.clone(),
            day,
            successor: places.iter().find_map(|place| self.successor(*place, number)),
        })
    }

    /// Who an organisation number belongs to, or has belonged to, on whatever day.
    pub fn ever(&self, number: &OrgNumber) -> Option<&Trust> {
        self.by_number.get(number)?.first().and_then(|place| self.trusts.get(place.trust))
    }

    /// The inclusion site of a letter, and whose it is.
    pub fn by_site_letter(&self, letter: char) -> Option<(&Trust, &Site)> {
        let (trust, site) = self.by_letter.get(&letter)?;
        let trust = self.trusts.get(*trust)?;
        Some((trust, trust.sites.get(*site)?))
    }

    /// The issue that a site letter raises: nobody has it, or nobody who can be recognised by an organisation number.
    pub fn site_issue(&self, letter: char, place: &Location) -> Option<Issue> {
        let issue = |code, text: String| Some(Issue::new(code, place.clone(), text));
        match self.by_site_letter(letter) {
            None => issue(
                IssueCode::SiteUnknown,
                format!("no trust has the site {}", crate::redact::quote(&letter.to_string())),
            ),
            Some((trust, _)) if trust.organisation_numbers.is_empty() => issue(
                IssueCode::SiteWithoutOrganisationNumber,
                format!("site {letter} is of {}, whose organisation number is not known", trust.name),
            ),
            Some(_) => None,
        }
    }

    /// The trust that a HER-id names as a whole. Services have HER-ids of their own, which are not listed.
    pub fn by_her_id(&self, her_id: HerId) -> Option<&Trust> {
        self.by_her_id.get(&her_id).and_then(|trust| self.trusts.get(*trust))
    }

    /// The organisation number of the trust that a HER-id names as a whole: the one that counts without end, since the id of
    /// a referral must not depend on the day of a message about it.
    pub fn number_of_her_id(&self, her_id: HerId) -> Option<&OrgNumber> {
        let numbers = self.by_her_id(her_id)?.organisation_numbers.iter();
        numbers.filter(|row| row.period.to.is_none()).map(|row| &row.number).next()
    }

    fn member(&self, place: Place) -> Option<Member<'_>> {
        let trust = self.trusts.get(place.trust)?;
        Some(Member { trust, unit: place.unit.and_then(|unit| trust.units.get(unit)) })
    }

    fn successor(&self, place: Place, number: &OrgNumber) -> Option<OrgNumber> {
        let member = self.member(place)?;
        let own = member.trust.organisation_numbers.iter();
        let mut rows = own.chain(member.unit.map(|unit| &unit.number));
        rows.find(|row| row.number == *number && row.period == place.period)?.successor.clone()
    }
}

impl Trust {
    /// The organisation number of the trust on a day.
    pub fn organisation_number(&self, day: Date) -> Option<&OrgNumber> {
        self.organisation_numbers.iter().find(|row| row.period.contains(day)).map(|row| &row.number)
    }
}

#[cfg(test)]
mod tests;
