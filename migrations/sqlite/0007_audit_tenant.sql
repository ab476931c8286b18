-- Whose patient an event is about: the organisation number of the trust that the resource or the message belongs to. None where
-- the message alone says it, as in every row that was written before.
ALTER TABLE audit ADD COLUMN tenant TEXT;
CREATE INDEX audit_by_tenant ON audit (tenant, sequence);
