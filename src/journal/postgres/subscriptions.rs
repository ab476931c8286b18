//! Subscriptions in PostgreSQL.

use std::sync::Arc;

use jiff::Timestamp;

use super::PostgresJournal;
use super::connection::{Remote, failure};
use crate::domain::trust::Trusts;
use crate::journal::subscriptions::{
    self, Changed, ClaimTimes, ClaimedSubscription, EventRow, NewSubscription, Notified, SubscriptionRow, Subscriptions,
};
use crate::journal::{Audit, Pending};

impl Subscriptions for PostgresJournal {
    fn subscribe(&self, new: NewSubscription, most: i64, audits: Vec<Audit>) -> Pending<'_, bool> {
        transaction!(self, |sql| subscriptions::subscribe(&sql, new, most, audits), |is_new| *is_new)
    }

    fn resubscribe(&self, new: NewSubscription, version: Option<i64>, audits: Vec<Audit>) -> Pending<'_, Changed> {
        transaction!(self, |sql| subscriptions::resubscribe(&sql, new, version, audits), |changed| {
            *changed == Changed::Done
        })
    }

    fn unsubscribe(&self, owner: String, id: String, version: Option<i64>, audits: Vec<Audit>) -> Pending<'_, Changed> {
        transaction!(self, |sql| subscriptions::unsubscribe(&sql, (owner, id), version, audits), |changed| {
            *changed == Changed::Done
        })
    }

    fn subscription(&self, owner: String, id: String) -> Pending<'_, Option<SubscriptionRow>> {
        transaction!(self, |sql| subscriptions::subscription(&sql, owner, id), |_| true)
    }

    fn subscription_versions(&self, owner: String, id: String) -> Pending<'_, Vec<SubscriptionRow>> {
        transaction!(self, |sql| subscriptions::versions(&sql, owner, id), |_| true)
    }

    fn subscriptions(&self, owner: String) -> Pending<'_, Vec<SubscriptionRow>> {
        transaction!(self, |sql| subscriptions::of_owner(&sql, owner), |_| true)
    }

    fn events(&self, id: String, numbers: (i64, i64), limit: i64) -> Pending<'_, Vec<EventRow>> {
        transaction!(self, |sql| subscriptions::events(&sql, id, numbers, limit), |_| true)
    }

    fn claim_subscriptions(&self, limit: i64, times: ClaimTimes) -> Pending<'_, Vec<ClaimedSubscription>> {
        let lease = uuid::Uuid::new_v4().to_string();
        transaction!(self, |sql| subscriptions::claim(&sql, limit, times, lease), |_| true)
    }

    fn notified(&self, notified: Notified) -> Pending<'_, bool> {
        transaction!(self, |sql| subscriptions::notified(&sql, notified), |_| true)
    }

    fn see_by(&self, trusts: Arc<Trusts>) {
        let _ = self.trusts.set(trusts);
    }

    fn purge_events(&self, before: Timestamp) -> Pending<'_, u64> {
        transaction!(self, |sql| subscriptions::purge(&sql, before), |_| true)
    }
}
