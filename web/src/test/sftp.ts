// A connection type and a connection, as the server sends them.

import type { Connection, ConnectionType, Verification } from '../api/types';

export const sftp: ConnectionType = {
  id: 'sftp',
  title: 'SFTP',
  subtitle: 'Files on an SFTP server',
  summary: 'Delivers tables as CSV files.',
  category: 'export_destination',
  serves: ['export'],
  status: 'preview',
  icon: '/api/v1/connection-types/sftp/icon',
  help: '/help/sftp',
  help_markdown: '# SFTP',
  enabled: true,
  disabled_reason: null,
  connections: 1,
  verify: 'required',
  vault: false,
  payload: 'tables',
  columns: true,
  sharing_fixed: false,
  fields: [
    { name: 'host', title: 'Host', type: 'host', required: true, target: true },
    { name: 'password', title: 'Password', type: 'secret', required: true, secret: true },
    { name: 'host_key', title: 'Host key', type: 'fingerprint', required: false },
  ],
  export_fields: [
    {
      name: 'compression',
      title: 'Compression',
      type: 'choice',
      required: true,
      default: 'gzip',
      choices: [
        { value: 'gzip', title: 'Gzipped' },
        { value: 'none', title: 'Unzipped' },
      ],
    },
  ],
  consent: { version: 2, target: 'the SFTP server you name', text: 'Data is sent to the SFTP server you name.' },
};

const ada = { id: 'u1', display_name: 'Ada Lovelace' };

export const dropBox: Connection = {
  id: 'c1',
  type: 'sftp',
  type_title: 'SFTP',
  serves: ['export'],
  display_name: 'Agency drop box',
  settings: { host: 'files.example.net' },
  secrets: { password: { is_set: true, source: 'stored', set_at: '2025-11-01T10:00:00Z' } },
  sharing: { with: 'administrators' },
  consent: { agreed_by: ada, agreed_at: '2025-11-01T10:00:00Z', statement_version: 2 },
  health: 'ok',
  verification: null,
  dependants: { exports: 1, enrichments: 0 },
  version: 3,
  created_at: '2025-11-01T10:00:00Z',
  created_by: ada,
  updated_at: '2025-11-01T10:00:00Z',
  updated_by: ada,
  can: ['update', 'share', 'verify', 'remove'],
};

export const passed: Verification = {
  result: 'passed',
  at: '2025-11-25T10:00:00Z',
  token: 'proof',
  duration_ms: 412,
  steps: [{ name: 'sign_in', title: 'Sign in', state: 'passed', duration_ms: 120, detail: 'Signed in.' }],
};

export const unpinned: Verification = {
  result: 'failed',
  at: '2025-11-25T10:00:00Z',
  duration_ms: 40,
  steps: [
    {
      name: 'host_key',
      title: 'Compare the host key',
      state: 'failed',
      duration_ms: 4,
      detail: 'The key is not pinned yet.',
      advice: 'Compare it, then pin it.',
      proposal: { field: 'host_key', value: 'SHA256:abc', title: 'Pin this host key' },
    },
  ],
};
