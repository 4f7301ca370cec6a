-- Each entry of the audit log has its number and a hash over itself and the hash of the entry before (BEY-05). Entries from
-- before this migration are taken into the chain at the next start, before anything else is written: SQL has no SHA-256.
ALTER TABLE audit_entries ADD COLUMN seq BIGINT;
ALTER TABLE audit_entries ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_entries_seq_key ON audit_entries (seq);
CREATE INDEX audit_entries_event ON audit_entries (event, at);

-- The last entry. Whoever appends changes this row in the same transaction, so that two nodes cannot follow the same entry.
CREATE TABLE audit_head (
  id BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
