//! Receipts of what trusts were told: AppRec in, and the alarm where none comes within 96 hours (HITS 1168).

mod overdue;

use std::sync::Arc;

use super::consent::Who;
use super::status_out::{KIND, Told};
use super::{Answer, Arrival, FHIR_JSON, Intake, TRIES, audit, damaged, hash_of, issue};
use crate::domain::disposition::Disposition;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::org_number::OrgNumber;
use crate::fhir::operation_outcome::operation_outcome;
use crate::journal::{Audit, CaseWrite, Change, Committed, JournalError, MessageRow, NewMessage, Redisposition};
use crate::linking::case::status_of;
use crate::sources::henvisning::{ReadReceipt, read_app_rec};

/// What a receipt does to the message that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It ends the wait, or an alarm.
    Settles(Disposition),
    /// The same was known.
    Known,
    /// It says otherwise than the first one.
    Contradicts,
}

fn effect(known: &str, is_positive: bool) -> Option<Effect> {
    let new = if is_positive { Disposition::Receipted } else { Disposition::ReceiptNegative };
    match Disposition::parse(known)? {
        Disposition::AwaitingReceipt | Disposition::ReceiptOverdue => Some(Effect::Settles(new)),
        known @ (Disposition::Receipted | Disposition::ReceiptNegative) => {
            Some(if known == new { Effect::Known } else { Effect::Contradicts })
        }
        // Nobody waits for a receipt of it.
        _ => None,
    }
}

impl Intake {
    /// Takes a receipt. What is answered with success is durable.
    pub async fn receive_receipt(self: &Arc<Self>, arrival: Arrival) -> Answer {
        match self.receipt(&arrival).await {
            Ok(answer) => answer,
            Err(error) => Answer::failed(&error),
        }
    }

    async fn receipt(&self, arrival: &Arrival) -> Result<Answer, JournalError> {
        let content_hash = hash_of(&arrival.bytes);
        let receipt = match read_app_rec(&arrival.bytes, &self.referrals.limits) {
            Ok(receipt) => receipt,
            Err(error) => {
                let place = Location::file(&"receipt".into()).line(error.line);
                let xml = error.xml.map(|code| Issue::new(code, place.clone(), error.text.clone()));
                let why = Issue::new(IssueCode::ReceiptUnreadable, place, error.text);
                let issues: Vec<Issue> = [Some(why), xml].into_iter().flatten().collect();
                return self.refuse_receipt(arrival, &content_hash, (400, &issues)).await;
            }
        };
        for _ in 0..TRIES {
            let Some((told, key, notice)) = self.answered(&receipt.original, Some(&arrival.organisation)).await? else {
                return self.refuse_unknown(arrival, &content_hash).await;
            };
            let Some(effect) = effect(&notice.disposition, receipt.is_positive) else {
                return self.refuse_unknown(arrival, &content_hash).await;
            };
            let (mut change, answer) = self.taken(arrival, &content_hash, (&receipt, &notice), effect)?;
            if let Effect::Settles(disposition) = effect {
                self.settle(&mut change, (told, key), &notice, (disposition, &reason_of(&receipt)), &arrival.who())?;
            }
            match self.journal.commit(change).await? {
                Committed::Stored => {
                    tell(&notice, &receipt, effect);
                    return Ok(answer);
                }
                Committed::Known(row) if row.content_hash == content_hash => {
                    self.record_repeat(&arrival.who(), &row).await?;
                    return Ok(again(&row));
                }
                Committed::Known(_) => {
                    let text = "another receipt with this id was taken before; this one was not";
                    let issues = [issue(IssueCode::IntakeIdReused, text)];
                    return self.refuse_receipt(arrival, &content_hash, (409, &issues)).await;
                }
                Committed::Stale => tokio::task::yield_now().await,
            }
        }
        Err(JournalError::Busy)
    }

    /// The status that a receipt answers, with its case as read before it; none where it was not sent to the caller. The gateway
    /// itself (no caller) sees each.
    async fn answered(
        &self,
        id: &str,
        caller: Option<&str>,
    ) -> Result<Option<(Told, CaseWrite, MessageRow)>, JournalError> {
        let is_told =
            |row: &MessageRow| row.kind == KIND && caller.is_none_or(|caller| self.is_same_trust(caller, &row.sender));
        let first = self.journal.message(id.to_owned()).await?.filter(is_told);
        let Some(key) = first.and_then(|row| row.case).map(|case| status_of(&case)) else { return Ok(None) };
        let row = self.journal.cases(vec![key.clone()]).await?.pop().ok_or_else(|| damaged(&key))?;
        // Read after the case: what was settled meanwhile has changed the case, too.
        let Some(notice) = self.journal.message(id.to_owned()).await? else { return Ok(None) };
        let told = Told::of(&row)?;
        let write = CaseWrite { key, read_revision: row.revision, state: String::new() };
        Ok(Some((told, write, notice)))
    }

    /// Whether two organisations are one trust: the number of its parts and of former times count, too.
    fn is_same_trust(&self, one: &str, other: &str) -> bool {
        let trust = |number: &str| {
            let number = OrgNumber::parse(number).ok()?;
            self.referrals.trusts.ever(&number).map(|trust| trust.id.clone())
        };
        one == other || trust(one).is_some_and(|one| trust(other) == Some(one))
    }

    /// The receipt as a message, and its answer.
    fn taken(
        &self,
        arrival: &Arrival,
        content_hash: &str,
        (receipt, notice): (&ReadReceipt, &MessageRow),
        effect: Effect,
    ) -> Result<(Change, Answer), JournalError> {
        let (disposition, reason, code) = match effect {
            Effect::Settles(_) if receipt.is_positive => {
                (Disposition::Routed, "it took effect", IssueCode::ReceiptPositive)
            }
            Effect::Settles(_) => (Disposition::Routed, "it took effect", IssueCode::ReceiptNegative),
            Effect::Known => (Disposition::Outdated, "the same was known already", IssueCode::ReceiptPositive),
            Effect::Contradicts => (
                Disposition::Quarantined,
                "receipt.contradicts: an earlier receipt says otherwise",
                IssueCode::ReceiptContradicts,
            ),
        };
        // The trust is told that its receipt was taken, whatever it says.
        let said = if code == IssueCode::ReceiptContradicts { code } else { IssueCode::ReceiptPositive };
        let text = "the receipt was taken";
        let body = operation_outcome(&[issue(said, text)]).to_string().into_bytes();
        let id = self.message_id(&arrival.organisation, content_hash, "");
        let message = NewMessage {
            key: Some(format!("receipt|{}", receipt.id)),
            disposition,
            reason: reason.to_owned(),
            patient: notice.patient.clone(),
            case: notice.case.clone(),
            answer: (200, FHIR_JSON.to_owned(), body.clone()),
            ..self.receipt_message(arrival, &id, content_hash, &[issue(code, code.meaning())])?
        };
        let mut left = audit(&arrival.who(), "create", message.received);
        (left.message, left.patient) = (Some(id.clone()), notice.patient.clone());
        let answer = Answer {
            status: 200,
            content_type: FHIR_JSON.to_owned(),
            body,
            message: Some(id),
            is_repeat: false,
            disposition: Some(disposition),
        };
        Ok((Change { message: Some(message), audits: vec![left], ..Change::default() }, answer))
    }

    /// Adds to a change how a status ends.
    fn settle(
        &self,
        change: &mut Change,
        (mut told, mut write): (Told, CaseWrite),
        notice: &MessageRow,
        (disposition, reason): (Disposition, &str),
        who: &Who,
    ) -> Result<(), JournalError> {
        let now = self.clock.now();
        told.receipts = told.receipts.saturating_add(1);
        write.state = serde_json::to_string(&told).map_err(|_| damaged(&write.key))?;
        change.cases.push(write);
        change.dispositions.push(Redisposition {
            message: notice.id.clone(),
            disposition,
            reason: reason.to_owned(),
            case: None,
            patient: None,
            explanation: None,
            at: now,
        });
        change.audits.push(Audit {
            message: Some(notice.id.clone()),
            patient: notice.patient.clone(),
            outcome: if disposition == Disposition::Receipted { "success" } else { "failed" },
            detail: Some(disposition.as_str().to_owned()),
            ..audit(who, "update", now)
        });
        Ok(())
    }

    async fn refuse_unknown(&self, arrival: &Arrival, content_hash: &str) -> Result<Answer, JournalError> {
        let issues = [issue(IssueCode::ReceiptMessageUnknown, IssueCode::ReceiptMessageUnknown.meaning())];
        self.refuse_receipt(arrival, content_hash, (404, &issues)).await
    }

    /// Keeps what cannot be used, as a message of its own each time.
    async fn refuse_receipt(
        &self,
        arrival: &Arrival,
        content_hash: &str,
        (status, issues): (u16, &[Issue]),
    ) -> Result<Answer, JournalError> {
        let body = operation_outcome(issues).to_string().into_bytes();
        let id = self.message_id(&arrival.organisation, content_hash, &arrival.trace);
        let is_reused = status == 409;
        let disposition = if is_reused { Disposition::IdReused } else { Disposition::Rejected };
        let message = NewMessage {
            disposition,
            reason: issues.first().map(|issue| issue.code.as_str().to_owned()).unwrap_or_default(),
            answer: (status, FHIR_JSON.to_owned(), body.clone()),
            ..self.receipt_message(arrival, &id, content_hash, issues)?
        };
        let mut left = audit(&arrival.who(), "create", message.received);
        (left.message, left.outcome) = (Some(id.clone()), "refused");
        self.keep_refused(message, left).await?;
        let content_type = FHIR_JSON.to_owned();
        Ok(Answer { status, content_type, body, message: Some(id), is_repeat: false, disposition: Some(disposition) })
    }

    fn receipt_message(
        &self,
        arrival: &Arrival,
        id: &str,
        content_hash: &str,
        issues: &[Issue],
    ) -> Result<NewMessage, JournalError> {
        Ok(NewMessage {
            id: id.to_owned(),
            kind: "receipt",
            format: "apprec",
            channel: arrival.channel,
            sender: arrival.organisation.clone(),
            key: None,
            content_hash: content_hash.to_owned(),
            received: self.clock.now(),
            trace: arrival.trace.clone(),
            disposition: Disposition::Rejected,
            reason: String::new(),
            patient: None,
            case: None,
            content_type: arrival.content_type.clone(),
            original: self.seal(id, &arrival.bytes)?,
            answer: (500, String::new(), Vec::new()),
            issues: operation_outcome(issues).to_string(),
            explanation: "{\"routes\":[]}".to_owned(),
        })
    }
}

/// Why a status ends, with the codes of the errors alone: their texts are the sender's.
fn reason_of(receipt: &ReadReceipt) -> String {
    match receipt.is_positive {
        true => "its receipt came".to_owned(),
        false => format!("receipt.negative: it was rejected with {}", receipt.codes.join(", ")),
    }
}

/// The answer to a receipt that came before: the first answer again.
fn again(row: &MessageRow) -> Answer {
    Answer {
        status: row.answer_status,
        content_type: row.answer_type.clone(),
        body: row.answer.clone(),
        message: Some(row.id.clone()),
        is_repeat: true,
        disposition: Disposition::parse(&row.disposition),
    }
}

/// What operators see of a receipt.
fn tell(notice: &MessageRow, receipt: &ReadReceipt, effect: Effect) {
    match effect {
        Effect::Settles(disposition) => {
            if notice.disposition == Disposition::ReceiptOverdue.as_str() {
                tracing::warn!(message.id = %notice.id, "a receipt came after its time; the alarm of the message ends");
            }
            if !receipt.is_positive {
                tracing::error!(message.id = %notice.id, receipt.errors = %receipt.codes.join(","), "a status was rejected");
            }
            sound(notice, disposition);
        }
        Effect::Known => tracing::info!(message.id = %notice.id, "a second receipt says the same as the first"),
        Effect::Contradicts => tracing::error!(
            message.id = %notice.id, error.code = %IssueCode::ReceiptContradicts,
            "a second receipt says otherwise than the first and waits for a person"
        ),
    }
}

/// Logs a positive receipt; sounds the alarm of a negative one and of none.
fn sound(notice: &MessageRow, disposition: Disposition) {
    metrics::counter!("impress_receipts_total", "result" => disposition.as_str()).increment(1);
    let code = match disposition {
        Disposition::Receipted => {
            tracing::info!(message.id = %notice.id, "a status was accepted by its receiver");
            return;
        }
        Disposition::ReceiptOverdue => IssueCode::ReceiptOverdue,
        _ => IssueCode::ReceiptNegative,
    };
    tracing::error!(
        message.id = %notice.id, error.code = %code,
        "a trust does not know the status of its referral: it has to be told otherwise"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_receipt_holds_and_a_late_one_ends_the_alarm() {
        use Disposition::{AwaitingReceipt, ReceiptNegative, ReceiptOverdue, Receipted};
        for (known, positive, negative) in [
            (AwaitingReceipt, Effect::Settles(Receipted), Effect::Settles(ReceiptNegative)),
            (ReceiptOverdue, Effect::Settles(Receipted), Effect::Settles(ReceiptNegative)),
            (Receipted, Effect::Known, Effect::Contradicts),
            (ReceiptNegative, Effect::Contradicts, Effect::Known),
        ] {
            assert_eq!(effect(known.as_str(), true), Some(positive), "{known}");
            assert_eq!(effect(known.as_str(), false), Some(negative), "{known}");
        }
        assert_eq!(effect(Disposition::Routed.as_str(), true), None);
        assert_eq!(effect("", true), None);
    }
}
