//! New, change and cancel of one referral, in whatever order they arrive.
//!
//! The messages of one referral share its document id (HIS 1208:2018: `DocumentId` stays the same through `N`, `M` and `C`,
//! a change repeats the full content). The sender's `GenDate` orders them: what arrives late never overwrites what is newer,
//! and where the times do not say which of two is newer, a person decides.

use crate::domain::ids::Identity;
use crate::domain::moment::Moment;
use crate::domain::referral::{Action, Referral};

/// What is known of a referral before a message about it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The patient it is about.
    pub patient: Identity,
    /// When its newest message was made; none where it does not say.
    pub generated: Option<Moment>,
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
    /// Its time and that of the newest message known do not say which of them is newer.
    OrderUnknown,
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
    let order = order(moment(incoming), known.generated);
    if order == Order::Older {
        return Decision::Outdated;
    }
    match action {
        Action::New => Decision::Review(Reason::SecondNew),
        Action::Change if known.is_cancelled => Decision::Review(Reason::ChangeAfterCancel),
        Action::Change | Action::Cancel if order == Order::Unknown => Decision::Review(Reason::OrderUnknown),
        Action::Change => Decision::Update,
        Action::Cancel => match known.progress {
            Progress::Referred => Decision::Cancel,
            Progress::Sequenced => Decision::Review(Reason::CancelAfterSequencing),
            Progress::Treated => Decision::Review(Reason::CancelDuringTreatment),
        },
    }
}

/// How a message stands to the newest one that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Older,
    Newer,
    /// One of them has no time, or the times overlap: a date alone is the whole day, and the same instant tells nothing.
    Unknown,
}

fn order(incoming: Option<Moment>, known: Option<Moment>) -> Order {
    match (incoming, known) {
        (Some(incoming), Some(known)) if incoming.is_before(known) => Order::Older,
        (Some(incoming), Some(known)) if known.is_before(incoming) => Order::Newer,
        _ => Order::Unknown,
    }
}

/// Decides about the parked messages of a referral when its new message has come: in the order in which they were made.
pub fn unpark(parked: &[Referral], mut known: Known) -> Vec<(usize, Decision)> {
    let mut order: Vec<usize> = (0..parked.len()).collect();
    order.sort_by_key(|&index| parked.get(index).and_then(moment));
    let mut decisions = Vec::with_capacity(parked.len());
    for index in order {
        let Some(message) = parked.get(index) else { continue };
        let decision = decide(message, Some(&known));
        if matches!(decision, Decision::Update | Decision::Cancel) {
            known.generated = moment(message);
            known.is_cancelled |= decision == Decision::Cancel;
        }
        decisions.push((index, decision));
    }
    decisions
}

/// When a message was made; none where it does not say so in a way that can be compared.
pub fn moment(referral: &Referral) -> Option<Moment> {
    Moment::parse(referral.message.generated.as_deref()?)
}

/// The instant at which a message was made; none where it does not say one.
pub fn generated(referral: &Referral) -> Option<jiff::Timestamp> {
    referral.message.generated.as_deref()?.parse().ok()
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
            generated: Moment::parse(generated),
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
        // The same instant in another zone says nothing; a minute before it or after it does.
        assert_eq!(change("2026-03-02T09:00:00Z"), Decision::Review(Reason::OrderUnknown));
        assert_eq!(change("2026-03-02T08:59:00Z"), Decision::Outdated);
        assert_eq!(change("2026-03-02T09:01:00Z"), Decision::Update);
    }

    #[test]
    fn workflow_3_a_date_is_the_whole_day() {
        let decide = |incoming: &str, newest: &str| decide(&message(Action::Change, incoming), Some(&known(newest)));
        let unknown = Decision::Review(Reason::OrderUnknown);
        for (incoming, newest, decision) in [
            ("2026-03-02", "2026-03-02T10:00:00+01:00", unknown),
            ("2026-03-02T10:00:00+01:00", "2026-03-02", unknown),
            ("2026-03-02", "2026-03-02", unknown),
            ("2026-03-01", "2026-03-02T10:00:00+01:00", Decision::Outdated),
            ("2026-03-03", "2026-03-02T10:00:00+01:00", Decision::Update),
            ("2026-03-02T10:00:00+01:00", "2026-03-03", Decision::Outdated),
        ] {
            assert_eq!(decide(incoming, newest), decision, "{incoming} after {newest}");
        }
    }

    #[test]
    fn workflow_3_without_a_time_a_person_decides() {
        let timeless = |action| {
            let mut message = message(action, "");
            message.message.generated = None;
            message
        };
        let at = known("2026-03-02T10:00:00+01:00");
        let without = Known { generated: None, ..at.clone() };
        let unknown = Decision::Review(Reason::OrderUnknown);
        for action in [Action::Change, Action::Cancel] {
            assert_eq!(decide(&timeless(action), Some(&at)), unknown);
            assert_eq!(decide(&timeless(action), Some(&without)), unknown);
            assert_eq!(decide(&message(action, "2026-03-03T10:00:00+01:00"), Some(&without)), unknown);
            assert_eq!(decide(&message(action, "yesterday"), Some(&at)), unknown);
            assert_eq!(decide(&timeless(action), None), Decision::Park);
        }
        assert_eq!(decide(&timeless(Action::New), None), Decision::Accept);
        assert_eq!(decide(&timeless(Action::New), Some(&at)), Decision::Review(Reason::SecondNew));
    }

    #[test]
    fn parked_messages_without_order_are_for_a_person() {
        let parked = [
            message(Action::Change, "2026-03-03"),
            message(Action::Cancel, "2026-03-03T10:00:00+01:00"),
            message(Action::Change, ""),
        ];
        let unknown = Decision::Review(Reason::OrderUnknown);
        assert_eq!(
            unpark(&parked, known("2026-03-02T10:00:00+01:00")),
            [(2, unknown), (0, Decision::Update), (1, unknown)]
        );
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
