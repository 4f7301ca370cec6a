-- The history is swept in the order of the ends.
CREATE INDEX runs_ended_at ON runs (ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX jobs_ended_at ON jobs (ended_at, id) WHERE ended_at IS NOT NULL;
