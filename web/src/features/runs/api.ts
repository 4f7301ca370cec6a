import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import { isEnded } from '../../api/runs';
import type { ListPage, RequestRecord, Run } from '../../api/types';
import { API, http } from '../../lib/http';

/** The calls of a run; asked again while it is going. */
export function useRequests(run: Run) {
  return useQuery({
    queryKey: [...keys.requests(run.id), isEnded(run.state)],
    queryFn: ({ signal }) => http.get<ListPage<RequestRecord>>(`/runs/${run.id}/requests`, { signal }),
    select: (page) => page.items,
    placeholderData: (before) => before,
    refetchInterval: isEnded(run.state) ? false : 4_000,
  });
}

export const rejectedPath = (run: Run): string => `${API}/runs/${run.id}/rejected`;

/** Sends the rows of a corrected file alone; answers with the new run. */
export function useResend() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ run, file }: { run: Run; file: File }) =>
      http.post<Run>(`/runs/${run.id}/resend`, undefined, { content: { data: file, type: 'text/csv' } }),
    onSuccess: () => {
      for (const queryKey of [keys.runs, keys.exports, keys.home, keys.status]) void cache.invalidateQueries({ queryKey });
    },
  });
}
