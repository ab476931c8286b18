//! New, change and cancel of one referral, in whatever order they arrive.
//!
//! The messages of one referral share its document id (HIS 1208:2018: `DocumentId` stays the same through `N`, `M` and `C`,
//! a change repeats the full content). The sender's `GenDate` orders them: what arrives late never overwrites what is newer.

use crate::domain::ids::Identity;
use crate::domain::referral::{Action, Referral};

/// What is known of a referral before a message about it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The patient it is about.
    pub patient: Identity,
    /// When its newest message was made: instant with offset.
    pub generated: Option<jiff::Timestamp>,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
    /// How far the patient is.
    pub progress: Progress,
}

/// How far the patient of a referral is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Progress {
    /// Nothing was done yet.
    #[default]
    Referred,
    /// A sample was sequenced.
    Sequenced,
    /// The patient is treated in a cohort.
    Treated,
}

/// What is done with a message about a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It becomes the referral.
    Accept,
    /// It becomes the newest version of the referral.
    Update,
    /// The referral is revoked and what follows from it is cancelled.
    Cancel,
    /// The new message of the referral has not come: kept by document id until it does.
    Park,
    /// A newer message is known: kept in the history, changes nothing.
    Outdated,
    /// A person decides.
    Review(Reason),
}

/// Why a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The message is about another patient than the referral.
    OtherPatient,
    /// A second new message with the document id of a referral that is known.
    SecondNew,
    /// It cancels a referral whose sample was sequenced.
    CancelAfterSequencing,
    /// It cancels a referral whose patient is treated.
    CancelDuringTreatment,
    /// It changes a referral that was cancelled.
    ChangeAfterCancel,
}

/// Decides what is done with a message; `known` is the referral with the same owner and document id.
pub fn decide(incoming: &Referral, known: Option<&Known>) -> Decision {
    let action = incoming.message.action;
    let Some(known) = known else {
        return if action == Action::New { Decision::Accept } else { Decision::Park };
    };
    // Before the order in time: a late message about somebody else is no version of this referral.
    if incoming.patient.identity != known.patient {
        return Decision::Review(Reason::OtherPatient);
    }
    if is_older(incoming, known) {
        return Decision::Outdated;
    }
    match action {
        Action::New => Decision::Review(Reason::SecondNew),
        Action::Change if known.is_cancelled => Decision::Review(Reason::ChangeAfterCancel),
        Action::Change => Decision::Update,
        Action::Cancel => match known.progress {
            Progress::Referred => Decision::Cancel,
            Progress::Sequenced => Decision::Review(Reason::CancelAfterSequencing),
            Progress::Treated => Decision::Review(Reason::CancelDuringTreatment),
        },
    }
}

/// Decides about the parked messages of a referral when its new message has come: in the order in which they were made.
pub fn unpark(parked: &[Referral], mut known: Known) -> Vec<(usize, Decision)> {
    let mut order: Vec<usize> = (0..parked.len()).collect();
    order.sort_by_key(|&index| parked.get(index).and_then(generated));
    let mut decisions = Vec::with_capacity(parked.len());
    for index in order {
        let Some(message) = parked.get(index) else { continue };
        let decision = decide(message, Some(&known));
        if matches!(decision, Decision::Update | Decision::Cancel) {
            known.generated = generated(message).or(known.generated);
            known.is_cancelled |= decision == Decision::Cancel;
        }
        decisions.push((index, decision));
    }
    decisions
}

/// When a message was made; none where it does not say so in a way that can be compared.
pub fn generated(referral: &Referral) -> Option<jiff::Timestamp> {
    referral.message.generated.as_deref()?.parse().ok()
}

/// A message without a time is not known to be older.
fn is_older(incoming: &Referral, known: &Known) -> bool {
    matches!((generated(incoming), known.generated), (Some(incoming), Some(known)) if incoming < known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::referral::{Message, Person};

    fn patient(key: &str) -> Identity {
        Identity::new("983974732", "patient", &[key])
    }

    fn message(action: Action, generated: &str) -> Referral {
        let message = Message { action, generated: Some(generated.to_owned()), ..Message::default() };
        let patient = Person { identity: patient("a"), ..Person::default() };
        Referral { patient, message, ..Referral::default() }
    }

    fn known(generated: &str) -> Known {
        Known {
            patient: patient("a"),
            generated: Some(generated.parse().unwrap()),
            is_cancelled: false,
            progress: Progress::Referred,
        }
    }

    #[test]
    fn workflow_3_a_change_before_its_new_message_is_parked() {
        for action in [Action::Change, Action::Cancel] {
            assert_eq!(decide(&message(action, "2026-03-01T10:00:00+01:00"), None), Decision::Park);
        }
        assert_eq!(decide(&message(Action::New, "2026-03-01T10:00:00+01:00"), None), Decision::Accept);
    }

    #[test]
    fn workflow_3_an_older_change_never_overwrites() {
        let known = known("2026-03-02T10:00:00+01:00");
        let change = |generated| decide(&message(Action::Change, generated), Some(&known));
        assert_eq!(change("2026-03-02T10:00:01+01:00"), Decision::Update);
        assert_eq!(change("2026-03-02T09:59:59+01:00"), Decision::Outdated);
        // The same instant in another zone is not older; a minute before it is.
        assert_eq!(change("2026-03-02T09:00:00Z"), Decision::Update);
        assert_eq!(change("2026-03-02T08:59:00Z"), Decision::Outdated);
    }

    #[test]
    fn workflow_3_a_change_of_the_patient_is_for_a_person_however_old_it_is() {
        let known = known("2026-03-02T10:00:00+01:00");
        for generated in ["2026-03-01T10:00:00+01:00", "2026-03-03T10:00:00+01:00"] {
            let mut change = message(Action::Change, generated);
            change.patient.identity = patient("b");
            assert_eq!(decide(&change, Some(&known)), Decision::Review(Reason::OtherPatient));
        }
    }

    #[test]
    fn workflow_4_a_cancel_of_a_sequenced_or_treated_patient_is_for_a_person() {
        let cancel = message(Action::Cancel, "2026-03-03T10:00:00+01:00");
        for (progress, decision) in [
            (Progress::Referred, Decision::Cancel),
            (Progress::Sequenced, Decision::Review(Reason::CancelAfterSequencing)),
            (Progress::Treated, Decision::Review(Reason::CancelDuringTreatment)),
        ] {
            let known = Known { progress, ..known("2026-03-02T10:00:00+01:00") };
            assert_eq!(decide(&cancel, Some(&known)), decision);
        }
    }

    #[test]
    fn workflow_4_nothing_follows_a_cancel_by_itself() {
        let known = Known { is_cancelled: true, ..known("2026-03-02T10:00:00+01:00") };
        let change = message(Action::Change, "2026-03-03T10:00:00+01:00");
        assert_eq!(decide(&change, Some(&known)), Decision::Review(Reason::ChangeAfterCancel));
        let new = message(Action::New, "2026-03-03T10:00:00+01:00");
        assert_eq!(decide(&new, Some(&known)), Decision::Review(Reason::SecondNew));
    }

    #[test]
    fn parked_messages_are_taken_in_the_order_they_were_made_in() {
        let parked = [
            message(Action::Cancel, "2026-03-05T10:00:00+01:00"),
            message(Action::Change, "2026-03-03T10:00:00+01:00"),
            message(Action::Change, "2026-03-01T10:00:00+01:00"),
            message(Action::Change, "2026-03-06T10:00:00+01:00"),
        ];
        assert_eq!(
            unpark(&parked, known("2026-03-02T10:00:00+01:00")),
            [
                (2, Decision::Outdated),
                (1, Decision::Update),
                (0, Decision::Cancel),
                (3, Decision::Review(Reason::ChangeAfterCancel)),
            ]
        );
    }
}
