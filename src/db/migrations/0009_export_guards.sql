-- What stops a run until somebody approves it.
ALTER TABLE exports ADD COLUMN guard TEXT NOT NULL DEFAULT '{"max_decrease_percent":30,"first_run_rows":null}';
