import { useConnectionType } from '../../api/connection-types';
import type { Run } from '../../api/types';

/** The run delivers rows to a service, not files to a folder. */
export function useSendsRows(run: Run): boolean {
  const type = useConnectionType(run.connection?.type);
  return run.kind === 'export' && (type ? type.payload === 'segments' : run.tables.some((t) => (t.rows_unchanged ?? 0) + (t.rows_rejected ?? 0) + (t.rows_removed ?? 0) > 0));
}
