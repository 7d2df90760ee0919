import type { Kind } from '../../schemas/event.ts';
import type { Clock } from '../core/clock.ts';
import type { EventOf } from '../core/event.ts';

/** Stores events as any sender's: given by the composition root. */
export type RecordEvents = <K extends Kind>(kind: K, events: readonly EventOf<K>[]) => Promise<unknown>;

/** The same, but it resolves whatever happens. */
export type SafeRecord = <K extends Kind>(kind: K, events: readonly EventOf<K>[]) => Promise<void>;

/** After a failure nothing is recorded for a while: reporting trouble must not add to it, nor report itself. */
const COOL_OFF_MS = 15_000;

/** Makes recording harmless to whoever reports: a failure is neither thrown nor logged, it is waited out. */
export function safely(record: RecordEvents, clock: Clock): SafeRecord {
  let failedAt: number | undefined;
  return async (kind, events) => {
    if (failedAt !== undefined && Math.abs(clock.now() - failedAt) < COOL_OFF_MS) return;
    try {
      await record(kind, events);
      failedAt = undefined;
    } catch {
      failedAt = clock.now();
    }
  };
}
