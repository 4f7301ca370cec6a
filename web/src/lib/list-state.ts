// Search, order and page of a list. Search and order live in the address, so a link shows the same list; the cursor
// does not, because it means nothing a day later.

import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';

export interface ListState {
  q: string;
  sort: string;
  cursor: string | undefined;
  /** Zero for the first page. */
  page: number;
  /** A search or a filter is on. */
  filtered: boolean;
  filter: (name: string) => string;
  setQ: (q: string) => void;
  setSort: (sort: string) => void;
  setFilter: (name: string, value: string | null) => void;
  next: (cursor: string) => void;
  back: () => void;
  reset: () => void;
}

export function useListState(defaultSort: string, filters: string[] = []): ListState {
  const [params, setParams] = useSearchParams();
  const [place, setPlace] = useState<{ key: string; cursors: string[] }>({ key: '', cursors: [] });

  const q = params.get('q') ?? '';
  const sort = params.get('sort') ?? defaultSort;
  const key = JSON.stringify([q, sort, ...filters.map((name) => params.get(name))]);
  const cursors = place.key === key ? place.cursors : [];

  const set = useCallback(
    (name: string, value: string | null) =>
      setParams(
        (before) => {
          if (value) before.set(name, value);
          else before.delete(name);
          return before;
        },
        { replace: true },
      ),
    [setParams],
  );

  return useMemo(
    () => ({
      q,
      sort,
      cursor: cursors.at(-1),
      page: cursors.length,
      filtered: q !== '' || filters.some((name) => params.get(name)),
      filter: (name) => params.get(name) ?? '',
      setQ: (value) => set('q', value),
      setSort: (value) => set('sort', value === defaultSort ? null : value),
      setFilter: set,
      next: (cursor) => setPlace({ key, cursors: [...cursors, cursor] }),
      back: () => setPlace({ key, cursors: cursors.slice(0, -1) }),
      reset: () =>
        setParams(
          (before) => {
            ['q', ...filters].forEach((name) => before.delete(name));
            return before;
          },
          { replace: true },
        ),
    }),
    // `filters` is a constant list at every call.
    [params, place, key, q, sort, defaultSort, set, setParams],
  );
}

/** Search and order for the short lists that the server sends whole. */
export function arrange<T>(
  items: T[],
  list: Pick<ListState, 'q' | 'sort'>,
  value: (item: T, column: string) => string | number | null | undefined,
  searched: (item: T) => string,
): T[] {
  const needle = list.q.trim().toLowerCase();
  const hits = needle ? items.filter((item) => searched(item).toLowerCase().includes(needle)) : [...items];
  const down = list.sort.startsWith('-');
  const column = down ? list.sort.slice(1) : list.sort;
  return hits.sort((a, b) => {
    const x = value(a, column) ?? '';
    const y = value(b, column) ?? '';
    const order =
      typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true });
    return down ? -order : order;
  });
}
