-- Versions of a resource belong to an owner: two trusts that refer the same person have each their own.
ALTER TABLE resources DROP CONSTRAINT resources_kind_id_version_key;
-- The case that wrote the version.
ALTER TABLE resources ADD COLUMN case_key TEXT;
ALTER TABLE resources ADD UNIQUE (kind, id, owner, version);
CREATE INDEX resources_in_order ON resources (kind, sequence);
CREATE INDEX resources_of_owner ON resources (kind, owner, sequence);

-- The newest version of each, deleted or not.
CREATE TABLE newest (
    entry BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
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
    system TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    earliest BIGINT,
    latest BIGINT
);
CREATE INDEX search_tokens_by_value ON search_tokens (kind, name, value, system, entry) WHERE earliest IS NULL;
CREATE INDEX search_tokens_of_entry ON search_tokens (entry, name);

-- Further trusts that see what belongs to a case. Rows stay: an end is written into them.
CREATE TABLE grants (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_key TEXT NOT NULL,
    trust TEXT NOT NULL,
    reason TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT
);
CREATE UNIQUE INDEX grants_in_force ON grants (trust, case_key, reason) WHERE until IS NULL;
CREATE INDEX grants_by_case ON grants (case_key, sequence);
