import { useConnectionType } from '../../api/connection-types';
import type { Run } from '../../api/types';

/** The run delivers rows to a service, not files to a folder. */
export function useSendsRows(run: Run | undefined): boolean {
  const type = useConnectionType(run?.connection?.type);
  return run?.kind === 'export' && type?.payload === 'segments';
}
