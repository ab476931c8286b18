//! Who takes part: patient, organisations, professionals.

use crate::domain::her_id::HerId;
use crate::domain::ids::Identity;
use crate::domain::moment::Moment;
use crate::domain::personal::Personal;
use crate::domain::trust::Trusts;
use crate::record;

record! {
    /// A code of a code system.
    pub struct Code {
        /// Canonical URI of the system; empty where the sender names none that is known.
        pub system: Option<String>,
        /// Code.
        pub code: String,
        /// Text of the code, as sent or as the code list has it.
        pub display: Option<String>,
    }
}

record! {
    /// A patient.
    pub struct Person {
        /// Business key: the national number, or what identifies the patient without one.
        pub identity: Identity,
        /// National and local numbers.
        pub identifiers: Vec<PersonIdentifier>,
        /// Family name.
        pub family_name: Personal,
        /// Given names, one text.
        pub given_name: Personal,
        /// Middle name.
        pub middle_name: Option<Personal>,
        /// `yyyy-mm-dd`, or a part of it.
        pub birth_date: Option<Personal>,
        /// `yyyy`, the only part of the date of birth that the trial sees.
        pub year_of_birth: Option<String>,
        /// FHIR administrative-gender, as the sender states it; never derived from a number.
        pub gender: Option<String>,
        /// Whether the patient is dead, where the message says so or gives a date of death.
        pub is_deceased: Option<bool>,
        /// The same, empty where the date of death is known.
        pub is_deceased_undated: Option<bool>,
        /// Date of death, or instant with offset.
        pub death_date: Option<Personal>,
        /// Street address, one text.
        pub address: Option<Personal>,
        /// Postal code.
        pub postal_code: Option<Personal>,
        /// City.
        pub city: Option<Personal>,
        /// Telephone numbers and the like.
        pub telecoms: Vec<Telecom>,
    }
}

record! {
    /// A number that identifies a patient.
    pub struct PersonIdentifier {
        /// Identifier system (no-basis), e.g. `urn:oid:2.16.578.1.12.4.1.4.1`; empty for a local number of no named system.
        pub system: Option<String>,
        /// Who counts a local number of no named system, as the end of a URI: sender and assigner
        /// ([`local_namespace`](super::identity::local_namespace)).
        pub namespace: Option<String>,
        /// The number.
        pub value: Personal,
        /// Code of Volven 8327 where the number has a type of its own there: `HNR`.
        pub kind: Option<String>,
        /// Who gave a local number.
        pub assigner: Option<String>,
    }
}

/// Administrative gender of whom nothing is known.
const UNKNOWN: &str = "unknown";

impl Person {
    /// Whether the sex is said: `unknown` (Volven 3101 0 and 9) helps nobody to tell who it is (HIS 80415, section 3.3.4).
    pub fn has_known_sex(&self) -> bool {
        self.gender.as_deref().is_some_and(|gender| gender != UNKNOWN)
    }

    /// Fills what is known of a death. Whoever has a date of death is dead, whatever else is said.
    #[must_use]
    pub fn with_death(mut self, is_deceased: Option<bool>, date: Option<String>) -> Self {
        self.is_deceased = if date.is_some() { Some(true) } else { is_deceased };
        self.death_date = date.filter(|date| Moment::parse(date).is_some()).map(Personal::new);
        self.is_deceased_undated = self.is_deceased.filter(|_| self.death_date.is_none());
        self
    }
}

impl Organisation {
    /// Fills the organisation number of a sender that gives its HER-id alone, so that its referrals have the same keys
    /// however it names itself. False where no trust has the HER-id.
    pub fn derive_number(&mut self, trusts: &Trusts) -> bool {
        let Some(her_id) = self.her_id.as_deref().filter(|_| self.organisation_number.is_none()) else { return true };
        let number = HerId::parse(her_id).ok().and_then(|her_id| trusts.number_of_her_id(her_id));
        self.organisation_number = number.map(|number| number.as_str().to_owned());
        self.organisation_number.is_some()
    }

    /// Whether nothing says which organisation it is.
    pub fn is_unnamed(&self) -> bool {
        let numbers = [&self.organisation_number, &self.her_id, &self.resh_id];
        self.name.is_none() && numbers.into_iter().all(Option::is_none)
    }
}

impl Practitioner {
    /// Whether nothing says who it is.
    pub fn is_unnamed(&self) -> bool {
        let numbers = [&self.hpr_number, &self.her_id].into_iter().all(Option::is_none);
        numbers && self.family_name.is_none() && self.given_name.is_none() && self.telecoms.is_empty()
    }
}

impl PersonIdentifier {
    /// Gives a number of no named system the namespace of who sends it.
    #[must_use]
    pub fn in_namespace_of(mut self, sender: &str) -> Self {
        if self.system.is_none() {
            self.namespace = Some(super::identity::local_namespace(sender, self.assigner.as_deref()));
        }
        self
    }
}

record! {
    /// A telephone number, mail address and the like.
    pub struct Telecom {
        /// FHIR contact-point-system.
        pub system: String,
        /// The number or address.
        pub value: Personal,
    }
}

record! {
    /// An organisation or one of its services.
    pub struct Organisation {
        /// Business key: organisation number, otherwise HER-id, otherwise name.
        pub identity: Identity,
        /// Organisation number (ENH).
        pub organisation_number: Option<String>,
        /// HER-id.
        pub her_id: Option<String>,
        /// RESH-id.
        pub resh_id: Option<String>,
        /// Name as sent.
        pub name: Option<String>,
        /// Telephone numbers and the like.
        pub telecoms: Vec<Telecom>,
    }
}

record! {
    /// A health professional.
    pub struct Practitioner {
        /// Business key: HPR number, otherwise HER-id, otherwise name.
        pub identity: Identity,
        /// HPR number.
        pub hpr_number: Option<String>,
        /// HER-id.
        pub her_id: Option<String>,
        /// Family name.
        pub family_name: Option<Personal>,
        /// Given name.
        pub given_name: Option<Personal>,
        /// Profession (Volven 9060).
        pub profession: Option<Code>,
        /// Telephone numbers and the like.
        pub telecoms: Vec<Telecom>,
    }
}
