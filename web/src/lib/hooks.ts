import { useEffect, useRef, useState, useSyncExternalStore } from 'react';

export function useDebounced<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

export function useMediaQuery(text: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(text);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    () => window.matchMedia(text).matches,
  );
}

// One clock for all relative times on a page, so that they turn over together.
let now = Date.now();
const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

// One function for all renders: a new one each time would be taken for another clock, and subscribed to anew, without end.
function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  if (!ticking) {
    now = Date.now();
    ticking = setInterval(() => {
      now = Date.now();
      listeners.forEach((l) => l());
    }, 15_000);
  }
  return () => {
    listeners.delete(changed);
    if (listeners.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** The newest value in a stable holder, for callbacks that outlive a render. */
export function useLatest<T>(value: T) {
  const ref = useRef(value);
  useEffect(() => {
    ref.current = value;
  });
  return ref;
}

export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} – Sluice` : 'Sluice';
  }, [title]);
}
