-- What trusts want to be told of. The number of the last event is in the row, so that who makes an event has the row to itself.
CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    -- Organisation that it belongs to.
    owner TEXT NOT NULL,
    -- What it sees: the trust whose grants count, and owners of resources (JSON).
    trust TEXT,
    owners TEXT NOT NULL,
    -- Type of the resources that it is about, and what they must have (JSON).
    kind TEXT NOT NULL,
    filters TEXT NOT NULL,
    status TEXT NOT NULL,
    -- Whether it has an endpoint.
    is_pushed BIGINT NOT NULL,
    -- JSON; the values of headers are secrets, and apart.
    definition TEXT NOT NULL,
    secrets BLOB NOT NULL,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    -- Number of the last event, of the last that the endpoint has, and of the last that is no longer kept.
    events BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    purged BIGINT NOT NULL,
    -- Events of one notification at most.
    batch BIGINT NOT NULL,
    -- Milliseconds after which a sign of life is sent; 0: never. When the next is due.
    heartbeat BIGINT NOT NULL,
    beat BIGINT NOT NULL,
    -- Milliseconds of a lease: longer than a call can take.
    patience BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    due BIGINT NOT NULL,
    lease TEXT,
    lease_until BIGINT NOT NULL,
    -- Code of what went wrong last; empty where nothing did.
    error TEXT NOT NULL
);
CREATE INDEX subscriptions_of_kind ON subscriptions (kind, id);
CREATE INDEX subscriptions_of_owner ON subscriptions (owner, created, id);

-- Events, numbered from 1 for each subscription.
CREATE TABLE subscription_events (
    subscription TEXT NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    version BIGINT NOT NULL,
    patient TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (subscription, number)
);
