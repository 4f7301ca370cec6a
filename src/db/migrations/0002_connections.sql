-- Secrets are sealed under a data key; data keys are sealed under the master key, which is never in here.
CREATE TABLE data_keys (
  id TEXT PRIMARY KEY,
  master_key_id TEXT NOT NULL,
  sealed_key BYTEA NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE secrets (
  owner_id TEXT NOT NULL,
  field TEXT NOT NULL,
  data_key_id TEXT NOT NULL REFERENCES data_keys (id),
  format BIGINT NOT NULL,
  sealed_value BYTEA NOT NULL,
  set_at BIGINT NOT NULL,
  PRIMARY KEY (owner_id, field)
);

CREATE TABLE connections (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  serves TEXT NOT NULL,
  display_name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  sharing TEXT NOT NULL,
  settings TEXT NOT NULL,
  consent_by TEXT NOT NULL,
  consent_by_name TEXT NOT NULL,
  consent_at BIGINT NOT NULL,
  consent_version BIGINT NOT NULL,
  verification TEXT,
  verified_at BIGINT,
  health TEXT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_by_name TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by TEXT NOT NULL,
  updated_by_name TEXT NOT NULL
);
CREATE UNIQUE INDEX connections_name_key ON connections (type, name_folded);
CREATE INDEX connections_name ON connections (name_folded, id);
CREATE INDEX connections_created_at ON connections (created_at, id);
