-- The audit trail as chains: each row holds the hash of the one before. What was written before is put into the first chain
-- by the program, which computes the hashes, in the same transaction.
ALTER TABLE audit RENAME TO audit_before;
DROP INDEX audit_by_message;
DROP INDEX audit_by_patient;

CREATE TABLE audit (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain BIGINT NOT NULL,
    number BIGINT NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    organisation TEXT NOT NULL,
    role TEXT NOT NULL,
    client TEXT NOT NULL,
    network TEXT,
    message TEXT,
    patient TEXT,
    trace TEXT NOT NULL,
    detail TEXT,
    purpose TEXT,
    count BIGINT NOT NULL,
    UNIQUE (chain, number)
);
CREATE INDEX audit_by_message ON audit (message);
CREATE INDEX audit_by_patient ON audit (patient, sequence);

-- Last row of each chain, signed.
CREATE TABLE audit_heads (
    chain BIGINT PRIMARY KEY,
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    signature BYTEA NOT NULL
);

-- Whose patients they are.
CREATE INDEX messages_by_patient ON messages (patient, sender);

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''the audit trail is append-only'' USING ERRCODE = ''23514''; END';
CREATE TRIGGER audit_keeps_rows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_keeps_all BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_keeps_heads BEFORE DELETE ON audit_heads FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_keeps_all_heads BEFORE TRUNCATE ON audit_heads FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
