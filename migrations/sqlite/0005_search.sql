-- Versions of a resource belong to an owner: two trusts that refer the same person have each their own.
ALTER TABLE resources RENAME TO resources_before;
DROP INDEX resources_by_patient;
CREATE TABLE resources (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    owner TEXT NOT NULL,
    -- The case that wrote the version.
    case_key TEXT,
    patient TEXT,
    updated BIGINT NOT NULL,
    -- None: deleted.
    json TEXT,
    UNIQUE (kind, id, owner, version)
);
INSERT INTO resources (sequence, kind, id, version, owner, patient, updated, json)
    SELECT sequence, kind, id, version, owner, patient, updated, json FROM resources_before ORDER BY sequence;
DROP TABLE resources_before;
CREATE INDEX resources_by_patient ON resources (patient, kind);
CREATE INDEX resources_in_order ON resources (kind, sequence);
CREATE INDEX resources_of_owner ON resources (kind, owner, sequence);

-- The newest version of each, deleted or not.
CREATE TABLE newest (
    entry INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- Of the version.
    sequence BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    is_deleted BIGINT NOT NULL,
    -- SHA-256 of its search tokens; empty where they were never made.
    tokens_hash TEXT NOT NULL,
    UNIQUE (kind, id, owner)
);
CREATE INDEX newest_by_time ON newest (kind, updated, id);
CREATE INDEX newest_of_owner_by_time ON newest (kind, owner, updated, id);
CREATE INDEX newest_of_owner_by_id ON newest (kind, owner, id);

INSERT INTO newest (kind, id, owner, version, sequence, updated, is_deleted, tokens_hash)
    SELECT kind, id, owner, version, sequence, updated, CASE WHEN json IS NULL THEN 1 ELSE 0 END, '' FROM resources r
    WHERE NOT EXISTS (SELECT 1 FROM resources later WHERE later.kind = r.kind AND later.id = r.id
        AND later.owner = r.owner AND later.version > r.version)
    ORDER BY sequence;

-- The cases that a resource belongs to: a patient can be referred more than once.
CREATE TABLE resource_cases (
    entry BIGINT NOT NULL,
    case_key TEXT NOT NULL,
    PRIMARY KEY (entry, case_key)
);
CREATE INDEX resource_cases_by_case ON resource_cases (case_key, entry);

-- Values of search parameters, of the newest versions. Times are milliseconds since 1970 (UTC), first and last.
CREATE TABLE search_tokens (
    entry BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    system TEXT NOT NULL,
    value TEXT NOT NULL,
    earliest BIGINT,
    latest BIGINT
);
CREATE INDEX search_tokens_by_value ON search_tokens (kind, name, value, system, entry) WHERE earliest IS NULL;
CREATE INDEX search_tokens_of_entry ON search_tokens (entry, name);

-- Further trusts that see what belongs to a case. Rows stay: an end is written into them.
CREATE TABLE grants (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    case_key TEXT NOT NULL,
    trust TEXT NOT NULL,
    reason TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT
);
CREATE UNIQUE INDEX grants_in_force ON grants (trust, case_key, reason) WHERE until IS NULL;
CREATE INDEX grants_by_case ON grants (case_key, sequence);
