// Live events keep the query cache true: a run's numbers move in place, and what a finished run has changed is asked again.

import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { keys } from '../api/keys';
import { isEnded } from '../api/runs';
import type { Job, ListPage, Run, RunState, SystemStatus } from '../api/types';
import { API } from '../lib/http';
import { openLive, type LiveState } from '../lib/live';

const kAfterStateChange = [keys.exports, keys.home, keys.status];
const kAfterEnd = [keys.tables, keys.segments, keys.exportableTables];

/** The task as it is now, in the job that is being looked at. */
function applyTask(cache: QueryClient, run: Run): void {
  if (!run.job_id) return;
  cache.setQueryData<Job>(keys.job(run.job_id), (job) =>
    job && {
      ...job,
      stages: job.stages.map((stage) => ({ ...stage, tasks: stage.tasks?.map((task) => (task.id === run.id ? { ...task, ...run } : task)) })),
    },
  );
}

/** The event has no tasks, and what one may do is known from the answer only. */
function merged(old: Job, job: Job): Job {
  const stages = job.stages.map((stage) => ({ ...stage, tasks: old.stages.find((s) => s.name === stage.name)?.tasks }));
  return { ...old, ...job, stages, can: isEnded(job.state) ? [] : old.can };
}

function applyJob(cache: QueryClient, job: Job, before: RunState | undefined): void {
  cache.setQueryData<Job>(keys.job(job.id), (old) => old && merged(old, job));
  cache.setQueriesData<ListPage<Job>>({ queryKey: [...keys.jobs, 'list'] }, (page) =>
    page && { ...page, items: page.items.map((item) => (item.id === job.id ? merged(item, job) : item)) },
  );
  cache.setQueryData<SystemStatus>(keys.status, (status) =>
    status?.running_job?.id === job.id ? { ...status, running_job: merged(status.running_job, job) } : status,
  );
  if (before === job.state) return;
  for (const queryKey of [keys.jobs, keys.status, keys.schedule]) void cache.invalidateQueries({ queryKey });
}

function applyRun(cache: QueryClient, run: Run, before: RunState | undefined): void {
  cache.setQueryData<Run>(keys.run(run.id), (old) => (old ? { ...old, ...run } : old));
  applyTask(cache, run);
  let listed = false;
  cache.setQueriesData<ListPage<Run>>({ queryKey: [...keys.runs, 'list'] }, (page) => {
    if (!page?.items.some((r) => r.id === run.id)) return page;
    listed = true;
    return { ...page, items: page.items.map((r) => (r.id === run.id ? { ...r, ...run } : r)) };
  });
  if (before === run.state) return;
  if (!listed) void cache.invalidateQueries({ queryKey: [...keys.runs, 'list'] });
  for (const queryKey of kAfterStateChange) void cache.invalidateQueries({ queryKey });
  if (isEnded(run.state)) {
    // The event leaves out the list of files.
    void cache.invalidateQueries({ queryKey: keys.run(run.id) });
    if (run.kind === 'import') for (const queryKey of kAfterEnd) void cache.invalidateQueries({ queryKey });
  }
}

export function useLiveUpdates(): LiveState {
  const cache = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    if (typeof EventSource === 'undefined') return;
    const known = new Map<string, RunState>();
    let lost = false;
    return openLive(`${API}/events`, {
      onState: (next) => {
        setState((before) => (next === 'connecting' && before === 'lost' ? 'lost' : next));
        // What happened in between was not heard.
        if (next === 'open' && lost) void cache.invalidateQueries();
        if (next !== 'connecting') lost = next === 'lost';
      },
      onEvent: (name, data) => {
        if (name === 'run') {
          const run = data as Run;
          applyRun(cache, run, known.get(run.id));
          known.set(run.id, run.state);
        } else if (name === 'job') {
          const job = data as Job;
          applyJob(cache, job, known.get(job.id));
          known.set(job.id, job.state);
        } else if (name === 'notice') {
          void cache.invalidateQueries({ queryKey: keys.notices });
        } else if (name === 'table') {
          void cache.invalidateQueries({ queryKey: keys.tables });
        }
      },
    });
  }, [cache]);
  return state;
}
