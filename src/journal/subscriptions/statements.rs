//! The statements on subscriptions, for both stores.

macro_rules! columns {
    () => {
        "id, owner, kind, status, is_pushed, definition, secrets, version, updated, events, sent, purged, attempts, \
         heartbeat, error"
    };
}

/// The condition that an endpoint is to be called: now, the horizon, and the latest end of a lease.
macro_rules! callable {
    ($now:literal, $horizon:literal, $until:literal) => {
        concat!(
            "is_pushed = 1 AND (status = 'requested' OR (status = 'active' AND (events > sent OR (heartbeat > 0 AND beat <= ",
            $now,
            ")))) AND (due <= ",
            $now,
            " OR due > ",
            $horizon,
            ") AND (lease_until <= ",
            $now,
            " OR lease_until > ",
            $until,
            ")"
        )
    };
}

/// What counts events: everything that is not off, also what is in error.
pub(super) const LISTENING: &str =
    "SELECT id, owner, trust, owners, filters, ends FROM subscriptions WHERE kind = $1 AND status <> 'off' ORDER BY id";
pub(super) const COUNT_EVENTS: &str =
    "UPDATE subscriptions SET events = events + $1 WHERE id = $2 AND kind = $3 AND status <> 'off' RETURNING events";
pub(super) const INSERT_EVENT: &str = "INSERT INTO subscription_events \
    (subscription, number, kind, id, owner, version, patient, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

pub(super) const INSERT: &str = "INSERT INTO subscriptions (id, owner, trust, owners, kind, filters, status, is_pushed, \
    definition, secrets, created, updated, ends, batch, heartbeat, patience, version, events, sent, purged, beat, attempts, due, \
    lease_until, error) \
    SELECT $1, $2, $3, $4, $5, $6, $7, CAST($8 AS BIGINT), $9, $10, CAST($11 AS BIGINT), CAST($11 AS BIGINT), \
    CAST($12 AS BIGINT), CAST($13 AS BIGINT), CAST($14 AS BIGINT), CAST($15 AS BIGINT), 1, 0, 0, 0, 0, 0, 0, 0, '' \
    WHERE (SELECT COUNT(*) FROM subscriptions WHERE owner = $2) < CAST($16 AS BIGINT)";
/// Whoever was calling the endpoint holds it no longer. What was being sent is still to be sent; what had failed is not.
pub(super) const REPLACE: &str = "UPDATE subscriptions SET trust = $1, owners = $2, kind = $3, filters = $4, \
    sent = CASE WHEN status IN ('error', 'off') THEN events ELSE sent END, status = $5, is_pushed = $6, \
    definition = $7, secrets = $8, updated = $9, ends = $10, batch = $11, heartbeat = $12, patience = $13, version = version + 1, \
    beat = 0, attempts = 0, due = 0, lease = NULL, lease_until = 0, error = '' WHERE id = $14 AND owner = $15 \
    AND (CAST($16 AS BIGINT) IS NULL OR version = CAST($16 AS BIGINT))";
pub(super) const DELETE: &str = "DELETE FROM subscriptions WHERE id = $1 AND owner = $2 \
    AND (CAST($3 AS BIGINT) IS NULL OR version = CAST($3 AS BIGINT))";
pub(super) const DELETE_EVENTS: &str = "DELETE FROM subscription_events WHERE subscription = $1";

pub(super) const ONE: &str = concat!("SELECT ", columns!(), " FROM subscriptions WHERE id = $1 AND owner = $2");
pub(super) const OF_OWNER: &str =
    concat!("SELECT ", columns!(), " FROM subscriptions WHERE owner = $1 ORDER BY created, id");
/// In the order of the columns of one that is there; what was sent is not of a version.
pub(super) const VERSIONS: &str = "SELECT s.id, s.owner, v.kind, v.status, s.is_pushed, v.definition, s.secrets, v.version, \
    v.updated, s.events, s.sent, s.purged, s.attempts, s.heartbeat, v.error FROM subscriptions s \
    JOIN subscription_versions v ON v.subscription = s.id WHERE s.id = $1 AND s.owner = $2 ORDER BY v.version DESC";
pub(super) const EVENTS: &str = "SELECT number, kind, id, patient, at FROM subscription_events \
    WHERE subscription = $1 AND number >= $2 AND number <= $3 ORDER BY number LIMIT $4";

pub(super) const END: &str = "UPDATE subscriptions SET status = 'off', version = version + 1, updated = $1, \
    lease = NULL, lease_until = 0 WHERE ends <= $1 AND status <> 'off'";
pub(super) const CALLABLE: &str =
    concat!("SELECT id FROM subscriptions WHERE ", callable!("$1", "$2", "$3"), " ORDER BY due, id LIMIT $4");
/// The whole condition stands here again: between two nodes the row may have been taken and given back, with nothing left to
/// send, or put off. Attempts are counted when they are settled: a lease that ran out says nothing of the endpoint.
pub(super) const LEASE: &str = concat!(
    "UPDATE subscriptions SET lease = $1, lease_until = patience + $2 WHERE id = $3 AND ",
    callable!("$2", "$4", "$5"),
    " RETURNING batch, ",
    columns!()
);
pub(super) const SETTLE: &str = "UPDATE subscriptions SET version = CASE WHEN status = $1 THEN version ELSE version + 1 END, \
    updated = CASE WHEN status = $1 THEN updated ELSE $2 END, status = $1, sent = $3, attempts = $4, due = $5, \
    beat = $6, error = $7, lease = NULL, lease_until = 0 WHERE id = $8 AND lease = $9";

/// The last event of each that is too old, and none after it that is to be sent.
pub(super) const PURGEABLE: &str = "SELECT s.id, MAX(e.number) FROM subscriptions s \
    JOIN subscription_events e ON e.subscription = s.id WHERE e.at < $1 \
    AND (s.is_pushed = 0 OR s.status IN ('error', 'off') OR e.number <= s.sent) GROUP BY s.id ORDER BY s.id";
pub(super) const PURGE: &str = "UPDATE subscriptions SET purged = $1 WHERE id = $2 AND purged < $1";
pub(super) const PURGE_EVENTS: &str = "DELETE FROM subscription_events WHERE subscription = $1 AND number <= $2";
