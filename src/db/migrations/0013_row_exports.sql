-- Exports of rows: which column of the Customer table goes to which attribute, and whether all rows go or only what changed.
ALTER TABLE exports ADD COLUMN mapping TEXT NOT NULL DEFAULT '{}';
ALTER TABLE exports ADD COLUMN mode TEXT NOT NULL DEFAULT 'full';

-- Until when a running run leaves the service alone, because that asked for it.
ALTER TABLE runs ADD COLUMN waiting_until BIGINT;

-- What the database knows of a ledger: a folder with less was lost or restored from an older backup. `part` is the segment
-- where each has its own audience at the service, else empty.
CREATE TABLE export_ledgers (
  export_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  part TEXT NOT NULL,
  generation BIGINT NOT NULL,
  head TEXT NOT NULL,
  held BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (export_id, connection_id, part)
);

-- The calls of a run, as JSON, the first ones and those that failed.
CREATE TABLE run_requests (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (run_id, position)
);
