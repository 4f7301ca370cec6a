import { useParams, useSearchParams } from 'react-router';
import { query } from '../../lib/http';

/** Where a connection of a type is set up: over the present tab, and with the way back to who asked for it. */
export function useNewPath(): (typeId: string) => string {
  const { tab = 'discover' } = useParams();
  const [params] = useSearchParams();
  return (typeId) => `/admin/connections/${tab}/new/${typeId}${query({ return_to: params.get('return_to') })}`;
}
