-- What people should hear of: shown by the bell, sent by mail and to webhooks.
CREATE TABLE notices (
  id TEXT PRIMARY KEY,
  topic TEXT NOT NULL,
  collapse_key TEXT NOT NULL,
  severity TEXT NOT NULL,
  reason TEXT NOT NULL,
  title TEXT NOT NULL,
  detail TEXT NOT NULL,
  public_detail TEXT NOT NULL,
  link TEXT NOT NULL,
  audience TEXT NOT NULL,
  count BIGINT NOT NULL,
  at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  resolved_at BIGINT,
  version BIGINT NOT NULL
);
-- What happens again while it is open is counted, not told again.
CREATE UNIQUE INDEX notices_open_key ON notices (collapse_key) WHERE resolved_at IS NULL;
CREATE INDEX notices_topic ON notices (topic) WHERE resolved_at IS NULL;
CREATE INDEX notices_at ON notices (at, id);
CREATE INDEX notices_changed_at ON notices (changed_at);

CREATE TABLE notice_reads (
  notice_id TEXT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  read_at BIGINT NOT NULL,
  PRIMARY KEY (notice_id, user_id)
);

CREATE TABLE notice_settings (
  id BIGINT PRIMARY KEY,
  mail TEXT NOT NULL,
  version BIGINT NOT NULL
);
INSERT INTO notice_settings (id, mail, version) VALUES (1, '', 1);

-- Where messages go and how the last one fared: 'mail', and each webhook by its id.
CREATE TABLE notice_targets (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  is_on BOOLEAN NOT NULL,
  last_status TEXT,
  last_detail TEXT,
  last_at BIGINT
);
INSERT INTO notice_targets (id, url, is_on) VALUES ('mail', '', FALSE);

-- The outbox: written with the notice, removed when delivered.
CREATE TABLE notice_messages (
  id TEXT PRIMARY KEY,
  notice_id TEXT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
  target_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  event_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  next_at BIGINT NOT NULL
);
CREATE INDEX notice_messages_notice_id ON notice_messages (notice_id);
CREATE INDEX notice_messages_next_at ON notice_messages (next_at) WHERE state = 'pending';
