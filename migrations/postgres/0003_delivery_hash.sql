-- SHA-256 of what a delivery is and carries; none for one that was written before.
ALTER TABLE deliveries ADD COLUMN content_hash TEXT;
