import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type { Job, ListPage, SystemStatus } from '../../api/types';
import { http, query } from '../../lib/http';

export function useStatus() {
  return useQuery({ queryKey: keys.status, queryFn: ({ signal }) => http.get<SystemStatus>('/status', { signal }) });
}

export interface ConnectorFault {
  folder: string;
  detail: string;
}

/** Connection types of the operator that could not be loaded; for administrators. */
export function useConnectorFaults(wanted: boolean) {
  return useQuery({
    queryKey: keys.about,
    queryFn: ({ signal }) => http.get<{ connector_faults?: ConnectorFault[] }>('/about', { signal }),
    select: (about) => about.connector_faults ?? [],
    enabled: wanted,
  });
}

export function useJobs(limit: number) {
  return useQuery({
    queryKey: [...keys.jobs, 'list', limit],
    queryFn: ({ signal }) => http.get<ListPage<Job>>(`/jobs${query({ sort: '-queued_at', limit })}`, { signal }),
  });
}

/** With its tasks; live events keep it true while it is looked at. */
export function useJob(id: string) {
  return useQuery({ queryKey: keys.job(id), queryFn: ({ signal }) => http.get<Job>(`/jobs/${id}`, { signal }) });
}

function useRefreshed() {
  const cache = useQueryClient();
  return () => {
    for (const queryKey of [keys.status, keys.jobs, keys.runs]) void cache.invalidateQueries({ queryKey });
  };
}

export function useRefreshAll() {
  const refreshed = useRefreshed();
  return useMutation({ mutationFn: () => http.post<Job>('/refresh'), onSuccess: refreshed });
}

export function useCancelJob() {
  const refreshed = useRefreshed();
  return useMutation({ mutationFn: (id: string) => http.post<Job>(`/jobs/${id}/cancel`), onSuccess: refreshed });
}
