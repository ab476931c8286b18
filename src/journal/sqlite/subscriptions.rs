//! Subscriptions in the embedded store.

use std::sync::Arc;

use jiff::Timestamp;

use super::SqliteJournal;
use super::connection::now;
use crate::domain::trust::Trusts;
use crate::journal::subscriptions::{
    self, Changed, ClaimTimes, ClaimedSubscription, EventRow, NewSubscription, Notified, SubscriptionRow, Subscriptions,
};
use crate::journal::{Audit, Pending};

impl Subscriptions for SqliteJournal {
    fn subscribe(&self, new: NewSubscription, most: i64, audits: Vec<Audit>) -> Pending<'_, bool> {
        self.write(move |sql| now(subscriptions::subscribe(sql, new, most, audits)), |is_new| *is_new)
    }

    fn resubscribe(&self, new: NewSubscription, version: Option<i64>, audits: Vec<Audit>) -> Pending<'_, Changed> {
        let is_done = |changed: &Changed| *changed == Changed::Done;
        self.write(move |sql| now(subscriptions::resubscribe(sql, new, version, audits)), is_done)
    }

    fn unsubscribe(&self, owner: String, id: String, version: Option<i64>, audits: Vec<Audit>) -> Pending<'_, Changed> {
        let is_done = |changed: &Changed| *changed == Changed::Done;
        self.write(move |sql| now(subscriptions::unsubscribe(sql, (owner, id), version, audits)), is_done)
    }

    fn subscription(&self, owner: String, id: String) -> Pending<'_, Option<SubscriptionRow>> {
        self.reading(|sql| now(subscriptions::subscription(sql, owner, id)))
    }

    fn subscription_versions(&self, owner: String, id: String) -> Pending<'_, Vec<SubscriptionRow>> {
        self.reading(|sql| now(subscriptions::versions(sql, owner, id)))
    }

    fn subscriptions(&self, owner: String) -> Pending<'_, Vec<SubscriptionRow>> {
        self.reading(|sql| now(subscriptions::of_owner(sql, owner)))
    }

    fn events(&self, id: String, numbers: (i64, i64), limit: i64) -> Pending<'_, Vec<EventRow>> {
        self.reading(move |sql| now(subscriptions::events(sql, id, numbers, limit)))
    }

    fn claim_subscriptions(&self, limit: i64, times: ClaimTimes) -> Pending<'_, Vec<ClaimedSubscription>> {
        let lease = uuid::Uuid::new_v4().to_string();
        self.write(move |sql| now(subscriptions::claim(sql, limit, times, lease)), |_| true)
    }

    fn notified(&self, notified: Notified) -> Pending<'_, bool> {
        self.write(|sql| now(subscriptions::notified(sql, notified)), |_| true)
    }

    fn see_by(&self, trusts: Arc<Trusts>) {
        let _ = self.trusts.set(trusts);
    }

    fn purge_events(&self, before: Timestamp) -> Pending<'_, u64> {
        self.write(move |sql| now(subscriptions::purge(sql, before)), |count| *count > 0)
    }
}
