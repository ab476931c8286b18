//! Persons whom nobody is: national numbers of the synthetic population (month + 80), names that are words.

use std::collections::HashSet;

use super::random::Random;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// National number.
    pub number: String,
    /// Date of birth.
    pub born: String,
    /// Whether the third digit of the individual number is odd.
    pub is_male: bool,
    /// Given name.
    pub given: &'static str,
    /// Family name.
    pub family: &'static str,
}

const GIVEN: [&str; 12] =
    ["Rolig", "Blid", "Kvikk", "Stille", "Munter", "Sindig", "Raus", "Lett", "Varm", "Klok", "Djerv", "Mild"];
const FAMILY: [&str; 14] = [
    "Fjell",
    "Bekk",
    "Furu",
    "Lyng",
    "Tind",
    "Strand",
    "Brisk",
    "Myr",
    "Rogn",
    "Selje",
    "Ås",
    "Østavind",
    "Ærfugl",
    "Bølge",
];

/// So many persons, no two with the same number.
pub fn persons(seed: u64, count: usize) -> Vec<Person> {
    let mut random = Random::new(seed, "persons");
    let mut numbers = HashSet::new();
    let mut persons = Vec::with_capacity(count);
    while persons.len() < count {
        let Some(person) = person(&mut random) else { continue };
        if numbers.insert(person.number.clone()) {
            persons.push(person);
        }
    }
    persons
}

/// Somebody born in 1940 to 1999; none where no check digits belong to what was drawn.
fn person(random: &mut Random) -> Option<Person> {
    let (day, month, year) = (random.below(28) + 1, random.below(12) + 1, random.below(60) + 1940);
    let individual = random.below(500);
    let text = format!("{day:02}{:02}{:02}{individual:03}", month + 80, year % 100);
    let mut digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(10)).collect();
    for weights in [&[3, 7, 6, 1, 8, 9, 4, 5, 2][..], &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]] {
        let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
        digits.push((11 - sum % 11) % 11);
    }
    if digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    Some(Person {
        number: digits.iter().map(u32::to_string).collect(),
        born: format!("{year}-{month:02}-{day:02}"),
        is_male: individual % 2 == 1,
        given: random.pick(&GIVEN)?,
        family: random.pick(&FAMILY)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::national_id::{NationalId, SyntheticNumbers};

    #[test]
    fn numbers_are_synthetic_valid_and_of_one_person_each() {
        let persons = persons(1, 1_167);
        let numbers: HashSet<&str> = persons.iter().map(|person| person.number.as_str()).collect();
        assert_eq!(numbers.len(), 1_167);
        for person in &persons {
            let read = |synthetic| NationalId::parse(&person.number, None, synthetic);
            assert!(read(SyntheticNumbers::Accepted).is_ok(), "{person:?}");
            assert!(read(SyntheticNumbers::Refused).is_err());
            assert_eq!(person.number[..2], person.born[8..]);
        }
        assert_eq!(super::persons(1, 5), persons[..5]);
        assert_ne!(super::persons(2, 5), persons[..5]);
    }
}
