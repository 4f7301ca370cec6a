-- When something starts of itself: the system refresh (one row), and exports that do not follow it.
CREATE TABLE schedules (
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  mode TEXT NOT NULL,
  rule TEXT,
  is_active BOOLEAN NOT NULL,
  anchor_at BIGINT NOT NULL,
  next_at BIGINT,
  last_due_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (kind, subject_id)
);
CREATE INDEX schedules_next_at ON schedules (next_at) WHERE next_at IS NOT NULL;

-- Occurrences that were due and did not run, with the reason (SCH-12).
CREATE TABLE missed_occurrences (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  noted_at BIGINT NOT NULL
);
CREATE INDEX missed_occurrences_noted_at ON missed_occurrences (noted_at);

-- For the features that own the subjects.
CREATE VIEW schedule_labels AS
  SELECT kind, subject_id, mode, rule, next_at FROM schedules;
