//! Messages that wait, decided again.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::consent::Who;
use super::decide::{Outcome, link_case, referral_case, waiting};
use super::decide_report::WAITS_FOR;
use super::{Intake, audit, grants};
use crate::domain::disposition::Disposition;
use crate::journal::{Audit, Case, Committed, Filter, JournalError, MessageRow, Redisposition};
use crate::linking::case::{Candidates, Numbered, candidates, is_subject_key};
use crate::linking::consent::ConsentState;

/// Messages of one disposition that a sweep looks at in one go.
const SWEEP: i64 = 500;

impl Intake {
    /// Decides about messages again, and about those that this lets go on.
    pub(super) async fn follow(self: &Arc<Self>, messages: Vec<String>) {
        let mut open = messages;
        // Every message is looked at once, so that this ends.
        let mut seen = std::collections::BTreeSet::new();
        while let Some(message) = open.pop() {
            if seen.insert(message.clone())
                && let Ok(more) = self.reconsider(&message).await
            {
                open.extend(more);
            }
            // What fails here is still waiting, and the sweep comes by.
        }
        self.wake.notify_one();
    }

    /// Decides again about everything that waits: what was cut off between a commit and what follows from it.
    ///
    /// Errors: the journal cannot be read.
    pub async fn sweep(self: &Arc<Self>) -> Result<(), JournalError> {
        for disposition in Disposition::ALL.into_iter().filter(|disposition| disposition.is_waiting()) {
            let mut before = None;
            loop {
                let filter = Filter {
                    disposition: Some(disposition.as_str().to_owned()),
                    before,
                    limit: SWEEP,
                    ..Filter::default()
                };
                let page = self.journal.messages(filter).await?;
                before = page.last().map(|row| row.sequence);
                let ready = self.ready(&page).await?;
                self.follow(ready).await;
                if before.is_none() || page.len() < usize::try_from(SWEEP).unwrap_or(usize::MAX) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Those of the messages for which what they wait for is there, without translating them.
    async fn ready(&self, page: &[MessageRow]) -> Result<Vec<String>, JournalError> {
        let keys: Vec<String> = page.iter().map(|row| row.case.clone().unwrap_or_default()).collect();
        let cases = self.journal.cases(keys).await?;
        let mut ready = Vec::new();
        for (row, case) in page.iter().zip(cases) {
            let is_ready = match Disposition::parse(&row.disposition) {
                Some(Disposition::Parked) => referral_case(&case)?.message.is_some(),
                Some(Disposition::AwaitingConsent) => {
                    let case = referral_case(&case)?;
                    let is_overtaken = row.kind == "referral" && case.message.as_ref() != Some(&row.id);
                    case.consent.state != ConsentState::Unknown || is_overtaken
                }
                Some(Disposition::AwaitingReferral) => self.has_referral(row).await?,
                _ => false,
            };
            if is_ready {
                ready.push(row.id.clone());
            }
        }
        Ok(ready)
    }

    /// Whether what a report waits for leads to a referral that has taken effect.
    async fn has_referral(&self, row: &MessageRow) -> Result<bool, JournalError> {
        let explanation: serde_json::Value = serde_json::from_str(&row.explanation).unwrap_or_default();
        let named = explanation.get(WAITS_FOR).and_then(serde_json::Value::as_array).into_iter().flatten();
        let mut keys: Vec<String> = named.filter_map(|key| key.as_str().map(str::to_owned)).collect();
        if keys.is_empty() {
            // A report that waits since before its keys were kept.
            keys.extend(row.case.clone());
        }
        let links = |cases: Vec<Case>| cases.iter().map(link_case).collect::<Result<Vec<_>, _>>();
        let of_subject = |key: &String| is_subject_key(key);
        let (subject, keys): (Vec<String>, Vec<String>) = keys.into_iter().partition(of_subject);
        let (subject, other) = (links(self.journal.cases(subject).await?)?, links(self.journal.cases(keys).await?)?);
        let numbered = self.numbered(&other).await?;
        let numbered: Vec<Numbered> = numbered.into_iter().map(|(_, _, numbered)| numbered).collect();
        let Candidates::Referrals(found) = candidates(&other, &numbered, &subject, &BTreeSet::new()) else {
            return Ok(false);
        };
        for case in self.journal.cases(found).await? {
            if referral_case(&case)?.message.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Decides about a stored message again; the messages that may go on then.
    ///
    /// Errors: the journal; `Damaged` where the original cannot be opened.
    pub async fn reconsider(self: &Arc<Self>, message: &str) -> Result<Vec<String>, JournalError> {
        let Some(row) = self.journal.message(message.to_owned()).await? else { return Ok(Vec::new()) };
        let is_open = Disposition::parse(&row.disposition)
            .is_some_and(|disposition| disposition.is_waiting() || disposition == Disposition::HeldMappingDefect);
        if !is_open {
            return Ok(Vec::new());
        }
        let Some(bytes) = self.original(&row.id).await? else { return Ok(Vec::new()) };
        match row.kind.as_str() {
            "referral" => self.reconsider_referral(&row, &bytes).await,
            "report" => self.reconsider_report(&row).await.map(|()| Vec::new()),
            "run" => self.reconsider_run(&row, &bytes).await.map(|()| Vec::new()),
            _ => Ok(Vec::new()),
        }
    }

    async fn reconsider_referral(
        self: &Arc<Self>,
        row: &MessageRow,
        bytes: &[u8],
    ) -> Result<Vec<String>, JournalError> {
        let translation = self.translate(bytes, &row.trace, None).await?;
        let Some(referral) = &translation.referral else { return Ok(Vec::new()) };
        let incoming = self.incoming(&row.id, referral, Some(&row.sender));
        let keys = self.keys(&incoming);
        for _ in 0..super::TRIES {
            let cases = self.journal.cases(keys.clone()).await?;
            let case = cases.first().map(referral_case).transpose()?.unwrap_or_default();
            let is_newest = case.message.as_deref() == Some(row.id.as_str());
            let was_overtaken = !is_newest && row.disposition == Disposition::AwaitingConsent.as_str();
            let outcome = if was_overtaken {
                waiting(Disposition::Outdated, "a newer message about the referral is known")
            } else {
                self.decide(&incoming, &cases, &translation, bytes).await?
            };
            let Outcome { disposition, reason, explanation, mut change, follow } = outcome;
            if disposition.as_str() == row.disposition {
                return Ok(Vec::new());
            }
            change.dispositions.push(Redisposition {
                message: row.id.clone(),
                disposition,
                reason,
                case: None,
                patient: None,
                explanation: Some(explanation),
                at: incoming.now,
            });
            let left = Audit {
                message: Some(row.id.clone()),
                patient: Some(incoming.patient.clone()),
                ..audit(&Who::gateway(&row.trace), "update", incoming.now)
            };
            change.audits.extend(grants::rows(&change.grants, &left));
            change.audits.push(left);
            match self.journal.commit(change).await {
                Ok(Committed::Stored) => return Ok(follow),
                Ok(Committed::Known(_)) => return Ok(Vec::new()),
                Ok(Committed::Stale) => tokio::task::yield_now().await,
                Err(error) => return Err(error),
            }
        }
        Err(JournalError::Busy)
    }
}
