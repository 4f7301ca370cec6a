// An export and a run, as the server sends them.

import type { Export, Run } from '../api/types';

const grace = { id: 'u2', display_name: 'Grace Hopper' };

export const anExport = (id: string, more: Partial<Export> = {}): Export => ({
  id,
  display_name: `Export ${id}`,
  connection: { id: 'c1', display_name: 'Agency drop box', type: 'sftp', type_title: 'SFTP' },
  type: 'sftp',
  type_title: 'SFTP',
  state: 'active',
  tables: ['Customer'],
  columns: {},
  settings: {},
  mode: 'full',
  schedule: { kind: 'system', rule: null, summary: 'With the system refresh', next_at: '2026-11-26T05:30:00Z' },
  last_run: null,
  refreshed_at: null,
  needs_attention: [],
  version: 5,
  created_at: '2026-11-01T10:00:00Z',
  created_by: grace,
  updated_at: '2026-11-01T10:00:00Z',
  can: ['update', 'run', 'disconnect', 'remove'],
  ...more,
});

export const aRun = (id: string, more: Partial<Run> = {}): Run => ({
  id,
  kind: 'export',
  subject: { id: 'e1', display_name: 'Weekly' },
  connection: null,
  state: 'succeeded',
  trigger: 'manual',
  requested_by: grace,
  queued_at: '2026-11-25T09:00:00Z',
  started_at: '2026-11-25T09:00:00Z',
  ended_at: '2026-11-25T09:04:00Z',
  duration_ms: 240_000,
  counts: { rows_read: 10, rows_sent: 10, rows_unchanged: 0, rows_omitted: 0, rows_rejected: 0, rows_removed: 0, bytes: 100, files: 1 },
  tables: [],
  expected_rows: 10,
  error: null,
  version: 1,
  can: [],
  ...more,
});
