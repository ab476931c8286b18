//! Whose data a trust has: under its own numbers, and under those of the trusts that became part of it.

use jiff::civil::Date;

use super::{DatedNumber, Trust, Trusts};
use crate::domain::org_number::OrgNumber;

/// The trust of an organisation number, and the numbers under which its data are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenancy<'t> {
    /// The trust.
    pub trust: &'t Trust,
    /// Numbers of its legal entity, of today and before, and those that it took over; sorted.
    pub numbers: Vec<&'t OrgNumber>,
}

impl Trusts {
    /// Whose data the trust of a legal entity's number has on a day; none where the number is no legal entity's that day.
    ///
    /// A number was taken over where its row ended before the day and names a successor that is one of the trust's. Units are
    /// left out: they can move from one trust to another, and nobody calls as a unit.
    pub fn tenancy(&self, number: &OrgNumber, day: Date) -> Option<Tenancy<'_>> {
        let member = self.by_organisation_number(number, day).ok()?;
        if member.unit.is_some() {
            return None;
        }
        let mut numbers: Vec<&OrgNumber> = member.trust.organisation_numbers.iter().map(|row| &row.number).collect();
        let ended = |row: &&DatedNumber| row.period.to.is_some_and(|to| to < day);
        let before: Vec<&DatedNumber> =
            self.trusts.iter().flat_map(|trust| &trust.organisation_numbers).filter(ended).collect();
        loop {
            let taken = before.iter().find(|row| {
                !numbers.contains(&&row.number) && row.successor.as_ref().is_some_and(|next| numbers.contains(&next))
            });
            match taken {
                Some(row) => numbers.push(&row.number),
                None => break,
            }
        }
        numbers.sort();
        numbers.dedup();
        Some(Tenancy { trust: member.trust, numbers })
    }

    /// The trust that has the data of a number on a day: that of the number, or the one that took it over.
    pub fn heir(&self, number: &OrgNumber, day: Date) -> Option<&Trust> {
        let (mut number, mut seen) = (number, Vec::new());
        loop {
            if let Ok(member) = self.by_organisation_number(number, day) {
                return Some(member.trust);
            }
            seen.push(number);
            let rows = self.trusts.iter().flat_map(|trust| &trust.organisation_numbers);
            let next = rows.filter(|row| row.number == *number).find_map(|row| row.successor.as_ref());
            number = next.filter(|next| !seen.contains(next))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three trusts: `north` became part of `west` on 2026-07-01, `west` had another number until 2019; `east` stands beside.
    const TABLE: &str = r#"
version = "1"

[[region]]
id = "vest"
name = "Vest"
organisation_number = "983658725"

[[trust]]
id = "west"
name = "West"
region = "vest"
organisation_numbers = [
  { number = "983971636", valid_to = 2019-12-31, successor = "983974732" },
  { number = "983974732", valid_from = 2020-01-01 },
]
units = [{ number = "974589095", name = "Unit" }]
sites = []

[[trust]]
id = "north"
name = "North"
region = "vest"
organisation_numbers = [{ number = "983974694", valid_to = 2026-06-30, successor = "983974732" }]
sites = []

[[trust]]
id = "east"
name = "East"
region = "vest"
organisation_numbers = [{ number = "993467049" }]
sites = []
"#;

    fn numbers(of: &str, day: &str) -> Option<(String, Vec<String>)> {
        let trusts = Trusts::parse(TABLE).unwrap();
        let tenancy = trusts.tenancy(&OrgNumber::parse(of).unwrap(), day.parse().unwrap())?;
        let numbers = tenancy.numbers.iter().map(|number| number.as_str().to_owned()).collect();
        Some((tenancy.trust.id.clone(), numbers))
    }

    #[test]
    fn a_trust_has_the_data_of_its_numbers_and_of_what_became_part_of_it() {
        let owned = |numbers: &[&str]| numbers.iter().map(|number| (*number).to_owned()).collect::<Vec<_>>();
        let before = Some(("west".to_owned(), owned(&["983971636", "983974732"])));
        assert_eq!(numbers("983974732", "2026-06-30"), before, "the merger is tomorrow");
        let after = Some(("west".to_owned(), owned(&["983971636", "983974694", "983974732"])));
        assert_eq!(numbers("983974732", "2026-07-01"), after);
        assert_eq!(numbers("993467049", "2026-07-01"), Some(("east".to_owned(), owned(&["993467049"]))));
    }

    #[test]
    fn a_number_that_ended_a_unit_and_a_stranger_have_nothing() {
        for number in ["983974694", "983971636", "974589095", "983658725"] {
            assert_eq!(numbers(number, "2026-07-01"), None, "{number}");
        }
        // Until it ends, the trust has its own.
        assert_eq!(numbers("983974694", "2026-06-30"), Some(("north".to_owned(), vec!["983974694".to_owned()])));
    }

    #[test]
    fn the_heir_of_a_number_is_who_took_it_over() {
        let trusts = Trusts::parse(TABLE).unwrap();
        let heir = |number: &str, day: &str| {
            let number = OrgNumber::parse(number).unwrap();
            trusts.heir(&number, day.parse().unwrap()).map(|trust| trust.id.clone())
        };
        assert_eq!(heir("983974694", "2026-06-30").as_deref(), Some("north"));
        assert_eq!(heir("983974694", "2026-07-01").as_deref(), Some("west"));
        assert_eq!(heir("983971636", "2026-07-01").as_deref(), Some("west"));
        assert_eq!(heir("983658725", "2026-07-01"), None);
    }
}
