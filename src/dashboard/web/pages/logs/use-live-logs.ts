import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { get } from '../../api/client.ts';
import { type LiveState, LiveTail } from '../../api/live-tail.ts';
import { plural } from '../../lib/format.ts';
import { duration } from '../../lib/time.ts';
import { LiveBuffer } from './live-buffer.ts';

/** Lines that are there when the tail begins. */
const HISTORY = 100;

export interface LiveLogs {
  readonly buffer: LiveBuffer;
  readonly state: LiveState;
  readonly error: ApiError | undefined;
}

/** The live tail of a filter: the newest lines that are there, then what comes. */
export function useLiveLogs(filter: Readonly<Record<string, string>>): LiveLogs {
  const key = JSON.stringify(filter);
  const [buffer, setBuffer] = useState(() => new LiveBuffer());
  const [state, setState] = useState<LiveState>({ name: 'connecting' });
  const [error, setError] = useState<ApiError>();
  useEffect(() => {
    const wanted: Record<string, string> = JSON.parse(key);
    const own = new LiveBuffer();
    const stop = new AbortController();
    let tail: LiveTail<'logs'> | undefined;
    setBuffer(own);
    setError(undefined);
    setState({ name: 'connecting' });
    const begin = (shown: readonly string[]) => {
      const [oldest, ...others] = shown.toSorted(byArrival);
      const since = others.at(-1) ?? oldest;
      tail = new LiveTail({
        channel: 'logs',
        filter: wanted,
        shown,
        ...(since !== undefined && { since }),
        // A server of several replicas begins some seconds before `since`.
        onEvents: (logs) => own.add(oldest === undefined ? logs : logs.filter(({ id }) => byArrival(id, oldest) > 0)),
        onGap: (dropped) => own.note(gapNote(dropped)),
        onState: setState,
        onBack: (awayMs) => own.note(`The connection was away for ${duration(awayMs)}; what came meanwhile follows`),
      });
    };
    get('/api/logs', { query: { ...wanted, limit: HISTORY, total: 'none' }, signal: stop.signal }).then(
      ({ data }) => {
        own.add(data.toReversed());
        begin(data.map(({ id }) => id));
      },
      (failure: ApiError) => {
        if (!stop.signal.aborted) setError(failure);
      },
    );
    return () => {
      stop.abort();
      tail?.close();
    };
  }, [key]);
  useSyncExternalStore(buffer.subscribe, buffer.version);
  return { buffer, state, error };
}

function gapNote(dropped: number | undefined): string {
  const what =
    dropped === undefined ? 'Some lines were' : `${plural(dropped, 'line')} ${dropped === 1 ? 'was' : 'were'}`;
  return `${what} left out here: more came than could be followed. A search finds them.`;
}

/** Ids grow in the order of arrival, which is not always that of the timestamps. */
function byArrival(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
