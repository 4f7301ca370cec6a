CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  filename TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- Tables and segments share one space of names, because exports name both.
CREATE TABLE table_names (
  name_folded TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  owner_id TEXT NOT NULL
);

CREATE TABLE tables (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  key_column TEXT,
  columns TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  data_version TEXT,
  state TEXT NOT NULL,
  error_reason TEXT,
  error_detail TEXT,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_by_name TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE segments (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  rule TEXT,
  list_version TEXT,
  state TEXT NOT NULL,
  status TEXT NOT NULL,
  members BIGINT NOT NULL,
  refreshed_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_by_name TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE exports (
  id TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  connection_id TEXT REFERENCES connections (id),
  type TEXT NOT NULL,
  tables TEXT NOT NULL,
  columns TEXT NOT NULL,
  settings TEXT NOT NULL,
  refreshed_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_by_name TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX exports_name_key ON exports (name_folded);
CREATE INDEX exports_connection_id ON exports (connection_id);

CREATE TABLE export_tables (
  export_id TEXT NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
  name_folded TEXT NOT NULL,
  PRIMARY KEY (export_id, name_folded)
);
CREATE INDEX export_tables_name ON export_tables (name_folded);

-- What uses a connection, for the feature that owns connections and may not look into exports.
CREATE VIEW connection_dependants AS
  SELECT connection_id, 'export' AS kind, id, display_name, 'active' AS state, created_by AS owner_id, created_by_name AS owner_name
    FROM exports WHERE connection_id IS NOT NULL;

-- What uses a table or a segment, likewise.
CREATE VIEW table_dependants AS
  SELECT t.name_folded, 'export' AS kind, e.id, e.display_name
    FROM export_tables t JOIN exports e ON e.id = t.export_id;

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  connection_id TEXT,
  connection_name TEXT,
  connection_type TEXT,
  state TEXT NOT NULL,
  trigger_kind TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_by_name TEXT NOT NULL,
  defined_by TEXT,
  defined_by_name TEXT,
  plan TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  lease_owner TEXT,
  lease_token BIGINT NOT NULL,
  lease_until BIGINT,
  is_cancel_requested BOOLEAN NOT NULL,
  expected_rows BIGINT,
  counts TEXT NOT NULL,
  tables TEXT NOT NULL,
  files TEXT NOT NULL,
  error_reason TEXT,
  error_detail TEXT,
  queued_at BIGINT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
-- At most one active run of a subject (EXP-65), whoever starts it and wherever.
CREATE UNIQUE INDEX runs_active_key ON runs (kind, subject_id) WHERE state IN ('queued', 'running', 'retrying', 'needs_approval');
CREATE INDEX runs_subject ON runs (subject_id, queued_at);
CREATE INDEX runs_state ON runs (state, queued_at);
CREATE INDEX runs_updated_at ON runs (updated_at);
CREATE INDEX runs_queued_at ON runs (queued_at, id);

-- What every role may know of a connection that is in use: its name and type (ROL-39).
CREATE VIEW connection_labels AS
  SELECT id, type, display_name, name_folded, sharing FROM connections;
