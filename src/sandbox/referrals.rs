//! Referrals in the three formats, made from templates.

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};
use uuid::Uuid;

use super::catalogue::{Format, TRUSTS, TUMOURS};
use super::persons::Person;
use super::plan::Patient;
use super::random::Random;

const XML: &str = include_str!("templates/henvisning.xml");
const HL7V2: &str = include_str!("templates/ref-i12.hl7");
const FHIR: &str = include_str!("templates/referral.json");

/// Who takes referrals: the sponsor's organisation number.
const RECEIVER: &str = "993467049";

/// A referral.
#[derive(Debug, Clone)]
pub struct Referral {
    /// Id of the document, as UUID.
    pub document: String,
    /// The message.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub content_type: &'static str,
}

/// The date of a day of the plan; the first one is that on which the first site opened.
pub fn date_of(day: u32) -> Date {
    date(2021, 4, 1).checked_add(Span::new().days(i64::from(day))).unwrap_or(Date::MAX)
}

/// The referral of the patient of that number.
pub fn referral(seed: u64, number: usize, patient: &Patient, person: &Person) -> Option<Referral> {
    let trust = TRUSTS.get(patient.trust)?;
    let tumour = TUMOURS.get(patient.tumour)?;
    let mut random = Random::new(seed, &format!("referral/{number}"));
    let (document, message) = (uuid(&mut random), uuid(&mut random));
    let at = date_of(patient.day).at(8, 0, 0, 0) + i64::try_from(number % 600).unwrap_or_default().minutes();
    let (template, content_type) = match trust.format {
        Format::Xml => (XML, "application/xml"),
        Format::Hl7v2 => (HL7V2, "x-application/hl7-v2+er7"),
        Format::Fhir => (FHIR, "application/fhir+json"),
    };
    let (sex, gender, letter) = if person.is_male { ("1", "male", "M") } else { ("2", "female", "F") };
    let mut text = template.to_owned();
    for (name, value) in [
        ("{document}", document.as_str()),
        ("{DOCUMENT}", &document.to_uppercase()),
        ("{message}", &message),
        ("{authored}", &format!("{}+01:00", at.strftime("%Y-%m-%dT%H:%M:%S"))),
        ("{AUTHORED}", &format!("{}+0100", at.strftime("%Y%m%d%H%M%S"))),
        ("{consented}", &format!("{}+01:00", at.strftime("%Y-%m-%dT%H:%M:%S"))),
        ("{trust}", trust.number),
        ("{trust_name}", trust.name),
        ("{receiver}", RECEIVER),
        ("{number}", &person.number),
        ("{born}", &person.born),
        ("{BORN}", &person.born.replace('-', "")),
        ("{family}", person.family),
        ("{given}", person.given),
        ("{sex}", sex),
        ("{gender}", gender),
        ("{SEX}", letter),
        ("{icd10}", tumour.code),
        ("{diagnosis}", tumour.norwegian),
    ] {
        text = text.replace(name, value);
    }
    if trust.format == Format::Hl7v2 {
        // Segments end with a carriage return, whatever the template is stored with.
        text = text.lines().flat_map(|line| [line, "\r"]).collect();
    }
    Some(Referral { document, bytes: text.into_bytes(), content_type })
}

/// A UUID of the form of random ones.
fn uuid(random: &mut Random) -> String {
    let bytes = (u128::from(random.draw()) << 64 | u128::from(random.draw())).to_be_bytes();
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// Whether a text is the id of a document of ours, as `urn:uuid:` or bare.
pub fn document_of(text: &str) -> Option<String> {
    let bare = text.strip_prefix("urn:uuid:").unwrap_or(text);
    Uuid::parse_str(bare).ok().map(|uuid| uuid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::persons::persons;

    fn made(trust: usize) -> (String, Referral) {
        let patient = Patient { trust, day: 0, tumour: 0, cohort: None };
        let person = persons(1, 1).remove(0);
        let referral = referral(1, 0, &patient, &person).unwrap();
        (String::from_utf8(referral.bytes.clone()).unwrap(), referral)
    }

    #[test]
    fn templates_are_filled() {
        for (trust, row) in TRUSTS.iter().enumerate() {
            let (text, referral) = made(trust);
            let lower = text.to_lowercase();
            for word in [row.number, "c61", referral.document.as_str(), persons(1, 1)[0].number.as_str()] {
                assert!(lower.contains(word), "{word}: {text}");
            }
            // JSON has braces of its own.
            let is_filled = !text.contains("{document") && !text.contains("{trust") && !text.contains("{icd10");
            assert!(is_filled && !text.contains("{number") && !text.contains("{born"), "{text}");
        }
        assert!(made(2).0.ends_with('\r') && !made(2).0.contains('\n'));
    }

    #[test]
    fn another_patient_has_another_document() {
        let patient = Patient { trust: 0, day: 0, tumour: 0, cohort: None };
        let person = persons(1, 1).remove(0);
        let document = |number| referral(1, number, &patient, &person).unwrap().document;
        assert_ne!(document(0), document(1));
        assert_eq!(document_of(&format!("urn:uuid:{}", document(0))), Some(document(0)));
        assert_eq!((document_of("x"), date_of(365).to_string()), (None, "2022-04-01".to_owned()));
    }
}
