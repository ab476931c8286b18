//! Lets subscribers see what their organisations see today: trusts merge, and numbers end.

use jiff::Timestamp;

use crate::domain::trust::Trusts;
use crate::journal::{Journal, JournalError, Scope, SubscriptionScope};

/// Compares what each subscription was made with to what its organisation sees now, by the function that every request is
/// judged by, and writes what differs; how many did. What came before is read, not told.
///
/// Errors: the journal.
pub async fn refresh(journal: &dyn Journal, trusts: &Trusts, now: Timestamp) -> Result<usize, JournalError> {
    let mut count = 0;
    for kept in journal.scopes().await? {
        let scope = Scope::of_organisation(trusts, &kept.owner, now);
        if scope != kept.scope && journal.rescope(SubscriptionScope { scope, ..kept }).await? {
            count += 1;
        }
    }
    Ok(count)
}
