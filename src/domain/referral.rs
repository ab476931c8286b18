//! A referral of one patient to the trial: what every inbound format becomes.
//!
//! Texts that say who the patient is are [`Personal`](super::personal::Personal). Where a format has codes, the coding as
//! sent stands beside what was looked up for it; an unmapped code keeps its own coding.

pub mod allergy;
mod clinical;
pub mod document_id;
pub mod identity;
mod message;
mod party;
pub mod verification;

use super::ids::Identity;
use crate::record;

pub use clinical::{Attachment, ClinicalItem, Diagnosis, Medication, Passage, PerformanceStatus, Remark, Treatment};
pub use message::{Action, Message};
pub use party::{Code, Organisation, Person, PersonIdentifier, Practitioner, Telecom};

record! {
    /// A referral, in full: a change repeats everything that still holds.
    pub struct Referral {
        /// Business key: organisation number or HER-id of the sender, document id.
        pub identity: Identity,
        /// FHIR request-status: `active`, or `revoked` for a cancellation.
        pub status: String,
        /// FHIR request-priority: `routine`, `urgent`, `asap` or `stat`; empty where the priority is not known.
        pub priority: Option<String>,
        /// The priority as sent.
        pub reported_priority: Option<Code>,
        /// When the referral was written: date, or instant with offset.
        pub authored_on: Option<String>,
        /// The requester's own id of the referral, the same through new, change and cancel: a UUID in lower case.
        pub document_id: String,
        /// The patient.
        pub patient: Person,
        /// The organisation that refers, e.g. a health trust.
        pub sender: Organisation,
        /// The service in it, e.g. a department.
        pub sender_service: Option<Organisation>,
        /// The organisation that is referred to.
        pub receiver: Option<Organisation>,
        /// The service in it.
        pub receiver_service: Option<Organisation>,
        /// The health professional who refers.
        pub requester: Option<Practitioner>,
        /// Diagnoses, the main one first.
        pub diagnoses: Vec<Diagnosis>,
        /// Why the patient is referred, by heading.
        pub reasons: Vec<Passage>,
        /// ECOG performance status.
        pub performance_status: Option<PerformanceStatus>,
        /// Drugs that the patient takes or took.
        pub medications: Vec<Medication>,
        /// Operations and other treatment.
        pub treatments: Vec<Treatment>,
        /// History, findings and results.
        pub clinical_items: Vec<ClinicalItem>,
        /// Warnings and allergies.
        pub precautions: Vec<ClinicalItem>,
        /// Documents that came with the referral.
        pub attachments: Vec<Attachment>,
        /// What the sender says about the patient's consent to research.
        pub consent: Consent,
        /// What else the message says.
        pub notes: Vec<Remark>,
    }
    internal {
        /// The message that brought it.
        pub message: Message,
    }
}

record! {
    /// The patient's consent to research, as the message states it.
    pub struct Consent {
        /// Business key: that of the referral.
        pub identity: Identity,
        /// `given`, `refused`, `withdrawn` or `unknown`.
        pub state: String,
        /// FHIR consent-state-codes: `active`, `rejected` or `inactive`; empty where the consent is unknown.
        pub status: Option<String>,
        /// When it was given or refused.
        pub date: Option<String>,
        /// What the sender writes about it.
        pub remark: Option<String>,
    }
}

impl Referral {
    /// One organisation is told in one way: where the same one stands in several roles, the first telling holds (organisations
    /// before services, the sender's before the receiver's), and a name that differs becomes a note.
    ///
    /// Who is mentioned without name, number and telephone is nobody. A sender that the message does not name says so in its name, since an organisation of nothing is none (FHIR R4, org-1).
    pub fn settle_parties(&mut self) {
        if self.sender.is_unnamed() {
            self.sender.name = Some("Not named in the message".to_owned());
        }
        self.requester.take_if(|requester| requester.is_unnamed());
        let mut known = vec![self.sender.clone()];
        let mut notes = Vec::new();
        let roles = [
            ("Receiver", &mut self.receiver, true),
            ("Sending service", &mut self.sender_service, false),
            ("Receiving service", &mut self.receiver_service, false),
        ];
        for (role, slot, is_organisation) in roles {
            slot.take_if(|organisation| organisation.is_unnamed());
            let Some(organisation) = slot else { continue };
            let Some(first) = known.iter().find(|known| known.identity == organisation.identity) else {
                known.push(organisation.clone());
                continue;
            };
            let name = organisation.name.as_ref().filter(|name| Some(*name) != first.name.as_ref());
            notes.extend(name.map(|name| Remark::new(format!("{role} as sent: {name}"))));
            // A service that is the organisation itself is no part of it.
            *slot = is_organisation.then(|| first.clone());
        }
        self.notes.extend(notes);
    }
}

impl Referral {
    /// Fills the status of treatments that the message does not say, when the message itself is known.
    pub fn settle_treatments(&mut self) {
        let generated = self.message.generated.as_deref();
        for treatment in &mut self.treatments {
            *treatment = std::mem::take(treatment).with_status(generated);
        }
    }
}

impl Consent {
    /// Nothing is said about consent.
    pub fn unknown(identity: Identity) -> Self {
        Self { identity, state: "unknown".to_owned(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organisation(key: &str, name: &str) -> Organisation {
        let identity = Identity::new("983974732", "organisation", &[key]);
        Organisation { identity, name: Some(name.to_owned()), ..Organisation::default() }
    }

    #[test]
    fn an_organisation_in_several_roles_is_told_once() {
        let mut referral = Referral {
            sender: organisation("a", "Sykehus"),
            sender_service: Some(organisation("a", "Onkologi")),
            receiver: Some(organisation("a", "Sykehus")),
            receiver_service: Some(organisation("b", "Patologi")),
            ..Referral::default()
        };
        referral.settle_parties();
        assert_eq!(referral.sender_service, None);
        assert_eq!(referral.receiver, Some(organisation("a", "Sykehus")));
        assert_eq!(referral.receiver_service, Some(organisation("b", "Patologi")));
        assert_eq!(referral.notes, [Remark::new("Sending service as sent: Onkologi")]);
    }
}
