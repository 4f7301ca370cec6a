import type { RequestRecord } from '../../api/types';
import { StatusCell } from '../../components/status-cell';
import { isFailed } from './request-rules';
import { texts } from './texts';

export function RequestStatus({ request }: { request: RequestRecord }) {
  if (request.status === 0) return <StatusCell tone="danger" title={request.error}>{texts.no_answer}</StatusCell>;
  return <StatusCell tone={isFailed(request) ? 'danger' : request.status >= 300 ? 'warning' : 'success'}>{String(request.status)}</StatusCell>;
}
