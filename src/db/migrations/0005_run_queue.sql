-- A job is a set of runs that belong together, such as a system refresh; runs within it wait for one another.
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  trigger_kind TEXT NOT NULL,
  state TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_by_name TEXT NOT NULL,
  queued_at BIGINT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
-- One goes on and one waits; more are not piled up (SCH-11).
CREATE UNIQUE INDEX jobs_queued_key ON jobs (kind) WHERE state = 'queued';
CREATE UNIQUE INDEX jobs_running_key ON jobs (kind) WHERE state = 'running';
CREATE INDEX jobs_queued_at ON jobs (queued_at, id);

ALTER TABLE runs ADD COLUMN job_id TEXT REFERENCES jobs (id);
ALTER TABLE runs ADD COLUMN stage TEXT NOT NULL DEFAULT '';
-- When a queued or retrying run may start, and how many active runs it still waits for.
ALTER TABLE runs ADD COLUMN ready_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN blockers BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN lane TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN losses BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN cancel_requested_at BIGINT;
ALTER TABLE runs ADD COLUMN skipped_by TEXT;
ALTER TABLE runs ADD COLUMN skipped_by_name TEXT;
ALTER TABLE runs ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';
ALTER TABLE runs ADD COLUMN approval TEXT;
ALTER TABLE runs ADD COLUMN approved_at BIGINT;
UPDATE runs SET lane = COALESCE(connection_id, kind), ready_at = queued_at;

CREATE TABLE run_dependencies (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  upstream_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  must_succeed BOOLEAN NOT NULL,
  PRIMARY KEY (run_id, upstream_id)
);
CREATE INDEX run_dependencies_upstream ON run_dependencies (upstream_id);

-- Whoever shares a lane (a connection) shares its slots; the lane that was served longest ago is served next (SCH-33).
CREATE TABLE run_lanes (
  lane TEXT PRIMARY KEY,
  parallel BIGINT NOT NULL,
  claimed_at BIGINT NOT NULL
);
CREATE INDEX run_lanes_claimed_at ON run_lanes (claimed_at, lane);
INSERT INTO run_lanes (lane, parallel, claimed_at)
  SELECT DISTINCT lane, 4, 0 FROM runs WHERE state IN ('queued', 'running', 'retrying');

-- One run of a subject goes on and one waits behind it, whoever starts them and wherever (EXP-65).
DROP INDEX runs_active_key;
CREATE UNIQUE INDEX runs_queued_key ON runs (kind, subject_id) WHERE state = 'queued';
CREATE UNIQUE INDEX runs_going_key ON runs (kind, subject_id) WHERE state IN ('running', 'retrying', 'needs_approval');
CREATE INDEX runs_ready ON runs (lane, ready_at, id) WHERE state IN ('queued', 'retrying') AND blockers = 0;
CREATE INDEX runs_running ON runs (lane) WHERE state = 'running';
CREATE INDEX runs_job ON runs (job_id);
CREATE INDEX runs_newest ON runs (kind, subject_id, id);
