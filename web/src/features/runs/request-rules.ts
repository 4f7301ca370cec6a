import type { RequestRecord } from '../../api/types';

export const isFailed = (request: RequestRecord): boolean => request.status === 0 || request.status >= 400;

/** "/v1/lists/42?x=1" of an address, or the address itself where it is none. */
export function pathOf(url: string): string {
  try {
    const { pathname, search } = new URL(url);
    return pathname + search;
  } catch {
    return url;
  }
}
