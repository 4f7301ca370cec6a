// Server-sent events. The browser repeats a dropped connection by itself, except after a refusal (session ended, proxy
// down): then we open a new one after a pause.

export type LiveState = 'connecting' | 'open' | 'lost';

export interface LiveHandlers {
  onEvent: (name: string, data: unknown) => void;
  onState: (state: LiveState) => void;
}

const kNames = ['run', 'table', 'job', 'notice'];
const kRetryMs = 5_000;

export function openLive(url: string, handlers: LiveHandlers): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const open = () => {
    handlers.onState('connecting');
    source = new EventSource(url, { withCredentials: true });
    source.onopen = () => handlers.onState('open');
    source.onerror = () => {
      handlers.onState('lost');
      if (!closed && source?.readyState === EventSource.CLOSED) timer = setTimeout(open, kRetryMs);
    };
    for (const name of kNames) {
      source.addEventListener(name, (event) => {
        try {
          handlers.onEvent(name, JSON.parse((event as MessageEvent<string>).data));
        } catch {
          // Half a message is worth less than the next one.
        }
      });
    }
  };
  open();

  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}
