//! Drafts to the referral: what needs thought beside where a value stands.

mod attachment;
mod clinical;
mod document_id;
mod envelope;
mod party;

use std::collections::HashMap;

use super::Context;
use super::bind::{Bound, Draft, Drafted, Use, Uses};
use super::binding::Plan;
use super::er7::{Defect, Message, Part, Place};
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Severity};
use crate::domain::limits::Limits;
use crate::domain::national_id::SyntheticNumbers;
use crate::domain::referral::{Action, Consent, Referral, Remark, identity};
use crate::domain::trust::Trusts;

/// What became of a record of a binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holder {
    /// It is part of what has this identity.
    Identity(Identity),
    /// It is in nothing.
    Dropped(IssueCode),
}

/// The referral, and what holds each record of the binding.
#[derive(Debug)]
pub(super) struct Assembled {
    pub(super) referral: Referral,
    pub(super) holders: HashMap<u32, Holder>,
    pub(super) uses: Uses,
    pub(super) parents: Vec<u32>,
}

/// Makes the referral.
///
/// Errors: a defect that leaves no referral (severity fatal) is among `defects`.
pub(super) fn assemble(
    message: &Message<'_>,
    plan: &Plan,
    bound: Bound,
    context: Context<'_>,
    defects: &mut Vec<Defect>,
) -> Option<Assembled> {
    let Bound { referral: draft, uses, parents } = bound;
    let Context { synthetic, trusts, limits, .. } = context;
    let (holders, sender) = (HashMap::new(), String::new());
    let assembler = Assembler { message, plan, synthetic, trusts, limits, defects, holders, uses, sender };
    assembler.referral(draft, parents)
}

struct Assembler<'a> {
    message: &'a Message<'a>,
    plan: &'a Plan,
    synthetic: SyntheticNumbers,
    trusts: Option<&'a Trusts>,
    limits: &'a Limits,
    defects: &'a mut Vec<Defect>,
    holders: HashMap<u32, Holder>,
    uses: Uses,
    /// What the sender is known by: owner of the keys.
    sender: String,
}

/// What the elements of the lists of a referral are known by.
#[derive(Debug, Clone, Copy)]
struct Key<'k> {
    sender: &'k str,
    document_id: &'k str,
}

impl Key<'_> {
    fn part(self, kind: &'static str) -> Identity {
        identity::part(self.sender, kind, self.document_id)
    }

    fn element(self, kind: &'static str, index: usize) -> Identity {
        identity::element(self.sender, kind, self.document_id, &index.saturating_add(1).to_string())
    }
}

impl Assembler<'_> {
    fn referral(mut self, mut draft: Draft, parents: Vec<u32>) -> Option<Assembled> {
        let envelope = self.envelope(draft.record("message").unwrap_or_default());
        let (sender, owner) = self.sender(draft.record("sender"));
        self.sender = owner;
        let (document_id, original) = self.document_id(draft.drafted("document_id"));
        let sender_id = self.sender.clone();
        let key = Key { sender: &sender_id, document_id: &document_id };
        let own = key.part("referral");
        self.hold(0, &own);
        let patient = self.patient(draft.record("patient"));
        let mut referral = Referral {
            identity: own,
            document_id: document_id.clone(),
            sender,
            sender_service: draft.record("sender_service").map(|draft| self.organisation(draft)),
            receiver: draft.record("receiver").map(|draft| self.organisation(draft)),
            receiver_service: draft.record("receiver_service").map(|draft| self.organisation(draft)),
            requester: draft.record("requester").map(|draft| self.practitioner(draft)),
            priority: draft.text("priority"),
            reported_priority: draft.codes("reported_priority").into_iter().next(),
            authored_on: draft.text("authored_on"),
            consent: self.consent(draft.record("consent"), key),
            ..Referral::default()
        };
        self.clinical(&mut draft, &mut referral, key);
        referral.attachments = self.attachments(draft.records("attachments"), key);
        let notes = draft.records("notes").into_iter().filter_map(|mut note| note.text("text"));
        referral.notes.extend(notes.map(Remark::new));
        referral.notes.extend(original.map(|id| Remark::new(format!("Referral id of the sender: {id}"))));
        self.keep_notes(&mut referral);
        referral.patient = patient?;
        referral.message = envelope?;
        referral.settle_treatments();
        referral.status = if referral.message.action == Action::Cancel { "revoked" } else { "active" }.to_owned();
        let is_fatal = |defect: &Defect| defect.code.severity() == Severity::Fatal;
        if self.defects.iter().any(is_fatal) {
            return None;
        }
        Some(Assembled { referral, holders: self.holders, uses: self.uses, parents })
    }

    fn consent(&mut self, draft: Option<Draft>, key: Key<'_>) -> Consent {
        let identity = key.part("consent");
        let Some(mut draft) = draft else { return Consent::unknown(identity) };
        let Some(state) = draft.text("state").filter(|state| state != "unknown") else {
            return Consent::unknown(identity);
        };
        self.hold(draft.number, &identity);
        let (status, date, remark) = (draft.text("status"), draft.text("date"), draft.text("remark"));
        Consent { identity, state, status, date, remark }
    }

    /// The parts that are kept as notes: those that the binding names, local segments, and what could not be used.
    fn keep_notes(&mut self, referral: &mut Referral) {
        for segment in self.message.segments() {
            let place = segment.place();
            let is_kept = |field: u32| {
                self.plan
                    .keep
                    .iter()
                    .any(|path| path.segment() == Some(place.segment) && (path.field == 0 || path.field == field))
            };
            for field in segment.fields().filter(|_| place.segment.is_local() || is_kept(0)) {
                self.keep(field.leaves().map(|leaf| leaf.place()).collect());
            }
            for field in segment.fields().filter(|field| is_kept(field.place().field)) {
                self.keep(field.leaves().map(|leaf| leaf.place()).collect());
            }
        }
        for (place, text) in self.kept_texts() {
            referral.notes.push(Remark::new(format!("{}: {text}", place.field(place.field))));
        }
    }

    /// Notes leaves as kept, where nothing else uses them.
    fn keep(&mut self, leaves: Vec<Place>) {
        for leaf in leaves.into_iter().filter(|leaf| self.uses.of(*leaf).is_none()).collect::<Vec<_>>() {
            self.uses.withdraw(leaf, Use::Kept(IssueCode::Hl7FieldKept));
        }
    }

    /// The kept leaves of each field, as one text.
    fn kept_texts(&self) -> Vec<(Place, String)> {
        let mut texts = Vec::new();
        for field in self.message.segments().flat_map(|segment| segment.fields()) {
            let is_kept = |leaf: &Part<'_>| matches!(self.uses.of(leaf.place()), Some(Use::Kept(_)));
            let kept: Vec<_> = field.leaves().filter(is_kept).filter_map(|leaf| leaf.value().text()).collect();
            if !kept.is_empty() {
                texts.push((field.place(), kept.join("; ")));
            }
        }
        texts
    }

    fn hold(&mut self, number: u32, identity: &Identity) {
        self.holders.insert(number, Holder::Identity(identity.clone()));
    }

    fn drop_record(&mut self, number: u32, code: IssueCode) {
        self.holders.insert(number, Holder::Dropped(code));
    }

    /// A value that has another form than it must have: an issue, and the text is kept as a note.
    fn unusable(&mut self, value: &Drafted, code: IssueCode, text: String) {
        self.report(value, code, text);
        if let Some(place) = value.place {
            self.uses.withdraw(place, Use::Kept(code));
        }
    }

    /// The same for an identifier, which is not repeated in a note.
    fn rejected(&mut self, value: &Drafted, code: IssueCode, text: String) {
        self.report(value, code, text);
        if let Some(place) = value.place {
            self.uses.withdraw(place, Use::Rejected(code));
        }
    }

    fn report(&mut self, value: &Drafted, code: IssueCode, text: String) {
        let place = value.place;
        self.defects.push(Defect { place, ..Defect::whole(code, text) });
    }

    fn required(&mut self, place: Place, text: &str) {
        self.defects.push(Defect::at(place, IssueCode::Hl7ValueRequired, text));
    }

    /// The place of a field in the first segment of a name, for a value that is missing there.
    fn place(&self, segment: &str, field: u32) -> Option<Place> {
        self.message.first(segment).map(|segment| segment.place().field(field))
    }
}
