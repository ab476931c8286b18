-- Messages, cases, resources, deliveries, audit. Times are milliseconds since 1970 (UTC).
CREATE TABLE messages (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    format TEXT NOT NULL,
    channel TEXT NOT NULL,
    sender TEXT NOT NULL,
    message_key TEXT,
    content_hash TEXT NOT NULL,
    received BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    trace TEXT NOT NULL,
    disposition TEXT NOT NULL,
    reason TEXT NOT NULL,
    patient TEXT,
    case_key TEXT,
    content_type TEXT NOT NULL,
    answer_status BIGINT NOT NULL,
    answer_type TEXT NOT NULL,
    answer BYTEA NOT NULL,
    issues TEXT NOT NULL,
    explanation TEXT NOT NULL,
    -- The idempotency key: one message of a sender has an id.
    UNIQUE (sender, message_key)
);
CREATE INDEX messages_by_disposition ON messages (disposition, sequence);
CREATE INDEX messages_by_sender ON messages (sender, sequence);
CREATE INDEX messages_by_case ON messages (case_key, sequence);
CREATE INDEX messages_by_trace ON messages (trace);

-- Apart from the messages, so that lists do not read them and a purge gives their space back.
CREATE TABLE originals (
    message TEXT PRIMARY KEY REFERENCES messages (id),
    content BYTEA NOT NULL
);

CREATE TABLE cases (
    case_key TEXT PRIMARY KEY,
    revision BIGINT NOT NULL,
    state TEXT NOT NULL
);

CREATE TABLE resources (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    owner TEXT NOT NULL,
    patient TEXT,
    updated BIGINT NOT NULL,
    -- None: deleted.
    json TEXT,
    UNIQUE (kind, id, version)
);
CREATE INDEX resources_by_patient ON resources (patient, kind);

CREATE TABLE deliveries (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message TEXT NOT NULL REFERENCES messages (id),
    destination TEXT NOT NULL,
    patient TEXT NOT NULL,
    case_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due BIGINT NOT NULL,
    lease TEXT,
    lease_until BIGINT NOT NULL,
    created BIGINT NOT NULL,
    settled BIGINT,
    body TEXT NOT NULL
);
-- What may be sent, and what stands before it.
CREATE INDEX deliveries_open ON deliveries (destination, due) WHERE state IN ('due', 'leased');
CREATE INDEX deliveries_order ON deliveries (destination, patient, sequence) WHERE state IN ('due', 'leased', 'dead');
CREATE INDEX deliveries_by_message ON deliveries (message);
CREATE INDEX deliveries_by_case ON deliveries (case_key);

CREATE TABLE attempts (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    delivery BIGINT NOT NULL,
    at BIGINT NOT NULL,
    status BIGINT,
    code TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX attempts_by_delivery ON attempts (delivery);

CREATE TABLE audit (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    organisation TEXT NOT NULL,
    role TEXT NOT NULL,
    message TEXT,
    patient TEXT,
    trace TEXT NOT NULL
);
CREATE INDEX audit_by_message ON audit (message);
CREATE INDEX audit_by_patient ON audit (patient);

-- What a check of health writes to.
CREATE TABLE probe (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL
);
