//! Statuses that wait for their receipts.

use std::collections::BTreeMap;

use super::super::consent::Who;
use super::super::{Intake, TRIES};
use super::sound;
use crate::domain::disposition::Disposition;
use crate::domain::issue::IssueCode;
use crate::journal::{Change, Committed, Filter, JournalError, MessageRow};

/// How long a receipt may take after the message was made; without one the message counts as rejected.
const PATIENCE: jiff::SignedDuration = jiff::SignedDuration::from_hours(96);

/// Messages of a page.
const PAGE: i64 = 500;

impl Intake {
    /// Looks at every status that waits for its receipt: one that came in the answer of the destination takes effect, and one
    /// that did not come within 96 hours is an alarm.
    ///
    /// Errors: the journal.
    pub async fn look_at_receipts(&self) -> Result<(), JournalError> {
        let mut before = None;
        loop {
            let disposition = Some(Disposition::AwaitingReceipt.as_str().to_owned());
            let page = self.journal.messages(Filter { disposition, before, limit: PAGE, ..Filter::default() }).await?;
            before = page.last().map(|row| row.sequence);
            let ids: Vec<String> = page.iter().map(|row| row.id.clone()).collect();
            let tried = self.journal.last_attempts(ids).await?;
            let mut codes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (message, code) in &tried {
                codes.entry(message).or_default().push(code);
            }
            for row in &page {
                let codes = codes.get(row.id.as_str()).map(Vec::as_slice).unwrap_or_default();
                if let Some((disposition, reason)) = self.ending(row, codes) {
                    self.end(&row.id, (disposition, &reason)).await?;
                }
            }
            if before.is_none() || page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                return Ok(());
            }
        }
    }

    /// How a status ends that waits for its receipt, by what came of the last attempt of each of its deliveries; none while it
    /// waits.
    fn ending(&self, row: &MessageRow, codes: &[&str]) -> Option<(Disposition, String)> {
        for code in codes {
            let reason = |text: &str| format!("{text} came in the answer of the destination");
            if *code == IssueCode::ReceiptPositive.as_str() {
                return Some((Disposition::Receipted, reason("its receipt")));
            }
            if *code == IssueCode::ReceiptNegative.as_str() {
                return Some((Disposition::ReceiptNegative, reason("receipt.negative: a rejection")));
            }
        }
        let is_late = self.clock.now().duration_since(row.received) >= PATIENCE;
        let text = "receipt.overdue: no receipt came within 96 hours";
        is_late.then(|| (Disposition::ReceiptOverdue, text.to_owned()))
    }

    /// Ends the wait of a status, unless a receipt was quicker.
    async fn end(&self, id: &str, (disposition, reason): (Disposition, &str)) -> Result<(), JournalError> {
        for _ in 0..TRIES {
            let Some((told, key, notice)) = self.answered(id, None).await? else { return Ok(()) };
            if notice.disposition != Disposition::AwaitingReceipt.as_str() {
                return Ok(());
            }
            let mut change = Change::default();
            self.settle(&mut change, (told, key), &notice, (disposition, reason), &Who::gateway(&notice.trace))?;
            match self.journal.commit(change).await? {
                Committed::Stale => tokio::task::yield_now().await,
                Committed::Stored | Committed::Known(_) => {
                    sound(&notice, disposition);
                    return Ok(());
                }
            }
        }
        Err(JournalError::Busy)
    }
}
