// Live events keep the query cache true: a run's numbers move in place, and what a finished run has changed is asked again.

import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { keys } from '../api/keys';
import { isEnded } from '../api/runs';
import type { ListPage, Run, RunState } from '../api/types';
import { API } from '../lib/http';
import { openLive, type LiveState } from '../lib/live';

const kAfterStateChange = [keys.exports, keys.home];
const kAfterEnd = [keys.tables, keys.segments, keys.exportableTables];

function applyRun(cache: QueryClient, run: Run, before: RunState | undefined): void {
  cache.setQueryData<Run>(keys.run(run.id), (old) => (old ? { ...old, ...run } : old));
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
        } else if (name === 'table') {
          void cache.invalidateQueries({ queryKey: keys.tables });
        }
      },
    });
  }, [cache]);
  return state;
}
