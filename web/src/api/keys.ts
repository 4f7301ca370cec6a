// Names in the query cache. Kept in one place because a live event or a change in one feature makes lists of others stale.

export const keys = {
  session: ['session'] as const,
  home: ['home'] as const,
  connectionTypes: ['connection-types'] as const,
  connections: ['connections'] as const,
  usableConnections: ['usable-connections'] as const,
  tables: ['tables'] as const,
  segments: ['segments'] as const,
  exportableTables: ['exportable-tables'] as const,
  exports: ['exports'] as const,
  runs: ['runs'] as const,
  jobs: ['jobs'] as const,
  job: (id: string) => ['jobs', 'one', id] as const,
  status: ['status'] as const,
  about: ['about'] as const,
  schedule: ['schedule'] as const,
  notices: ['notices'] as const,
  noticeSettings: ['notice-settings'] as const,
  audit: ['audit'] as const,
  requests: (run: string) => ['runs', 'requests', run] as const,
  run: (id: string) => ['runs', 'one', id] as const,
};
