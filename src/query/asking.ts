import type { FastifyRequest } from 'fastify';
import type { Clock } from '../core/clock.ts';
import type { Filter } from '../core/filter.ts';
import { LightwatchError } from '../errors.ts';
import type { ReadOptions } from '../store/store.ts';

/** What a client may keep the store busy with one request, however many questions that takes. */
export const QUERY_TIMEOUT_MS = 10_000;

/**
 * Runs what may take long on a client's behalf: it ends when the client leaves, and when its time is up.
 * @throws LW_QUERY_TIMEOUT, LW_CLIENT_CLOSED
 */
export async function asked<T>(
  { raw: { socket } }: Pick<FastifyRequest, 'raw'>,
  clock: Clock,
  ask: (options: ReadOptions) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const leave = () => controller.abort(new LightwatchError('LW_CLIENT_CLOSED', 'the client has left'));
  const timer = clock.after(QUERY_TIMEOUT_MS, () => controller.abort(tooSlow()));
  socket.once('close', leave);
  try {
    return await ask({ signal: controller.signal });
  } catch (error) {
    // Timers and streams of Node reject with an AbortError of their own, not with the reason of the signal.
    throw error instanceof Error && error.name === 'AbortError' ? controller.signal.reason : error;
  } finally {
    socket.off('close', leave);
    timer.cancel();
  }
}

function tooSlow(): LightwatchError {
  return new LightwatchError(
    'LW_QUERY_TIMEOUT',
    `the query took longer than ${QUERY_TIMEOUT_MS / 1000} s: narrow its time range (from, to) or its filters (service, level)`,
  );
}

/** Whether a page of what matches can be slow to find. What asks for a service or a level never is. */
export function canBeSlow(filter: Filter): boolean {
  switch (filter.op) {
    case 'all':
    case 'any':
      return filter.filters.some(canBeSlow);
    case 'not':
      return canBeSlow(filter.filter);
    case 'one_of':
      return filter.field !== 'service' && filter.field !== 'level' && filter.field !== 'name';
    case 'time':
      return false;
    default:
      return true;
  }
}
