import { useEffect, useSyncExternalStore } from 'react';
import { identityQuery, queryClient } from './queries';
import type { RunEvent } from './types';

/** How what happens reaches this page: as it happens; asked for now and then, where something between refuses the stream; not at all. */
export type Connection = 'connecting' | 'live' | 'slow' | 'lost';

type Listener = (event: RunEvent) => void;

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
let connection: Connection = 'connecting';

function become(next: Connection): void {
  if (connection === next) return;
  connection = next;
  for (const watcher of watchers) watcher();
}

/** Runs change many times a second; what is on the screen is asked for again four times a second at most. */
const stale = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

function makeStale(...keys: string[]): void {
  for (const key of keys) stale.add(key);
  timer ??= setTimeout(() => {
    timer = undefined;
    const keysNow = [...stale];
    stale.clear();
    for (const key of keysNow) void queryClient.invalidateQueries({ queryKey: key.split('\u0000') });
  }, 250);
}

function took(event: RunEvent): void {
  makeStale(`run\u0000${event.run}`);
  if (event.kind === 'Asked' || event.kind === 'Escalated' || event.kind === 'Ended' || event.kind === 'StepUnknown') makeStale('questions');
  if (event.kind === 'Started' || event.kind === 'Ended' || event.kind === 'Waiting' || event.kind === 'Paused') makeStale('runs', 'alerts', 'alert');
  if (event.kind === 'StepEnded') makeStale('containments');
  if (event.kind === 'Started' || event.kind === 'Ended') makeStale('cases', 'case');
  for (const listener of listeners) listener(event);
}

/** A connection that ends by itself, as each does after a while, is back within this: nobody needs to know. */
const patience = 6_000;
const again = 3_000;

/** Listens while somebody is logged in and looks. The browser connects again by itself; what was missed meanwhile is asked for. */
export function useLiveEvents(): void {
  useEffect(() => {
    let source: EventSource | undefined;
    let lostSince: number | undefined;
    let waiting: ReturnType<typeof setTimeout> | undefined;

    const calm = () => {
      clearTimeout(waiting);
      waiting = undefined;
    };
    const opened = () => {
      calm();
      become('live');
      if (lostSince !== undefined) void queryClient.invalidateQueries();
      lostSince = undefined;
    };
    const failed = () => {
      lostSince ??= Date.now();
      // A refusal closes the source for good: then who is logged in is asked first, which leads to the log-in when nobody is, and tells whether the server is there.
      const closed = source?.readyState === EventSource.CLOSED;
      // The browser tries again by itself, and fails again by itself: that is one loss.
      if (closed) calm();
      waiting ??= setTimeout(() => {
        waiting = undefined;
        if (!closed) {
          become('lost');
          return;
        }
        queryClient.fetchQuery({ ...identityQuery, staleTime: 0, retry: false }).then(() => { become('slow'); }, () => { become('lost'); }).finally(connect);
      }, closed ? again : patience);
    };
    function connect(): void {
      if (gone) return;
      source?.close();
      source = new EventSource('/api/events');
      source.onopen = opened;
      source.onerror = failed;
      source.addEventListener('run', message => { took(JSON.parse((message as MessageEvent<string>).data) as RunEvent); });
      // The server no longer has what happened meanwhile.
      source.addEventListener('reset', () => { void queryClient.invalidateQueries(); });
    }
    // A browser has few connections to one server: a page that nobody sees holds none.
    let gone = false;
    const looked = () => {
      if (document.visibilityState === 'visible') {
        lostSince ??= Date.now();
        connect();
      } else {
        calm();
        source?.close();
      }
    };
    document.addEventListener('visibilitychange', looked);
    connect();
    return () => {
      document.removeEventListener('visibilitychange', looked);
      gone = true;
      calm();
      source?.close();
      become('connecting');
    };
  }, []);
}

export function useConnection(): Connection {
  return useSyncExternalStore(watcher => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, () => connection);
}

export function useRunEvents(listener: Listener): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listener]);
}
