-- Proofs of possession that were used, each by its hash, until they are too old to be used again (milliseconds since 1970, UTC).
CREATE TABLE proofs (
    proof TEXT PRIMARY KEY,
    expires BIGINT NOT NULL
);
CREATE INDEX proofs_by_expiry ON proofs (expires);
