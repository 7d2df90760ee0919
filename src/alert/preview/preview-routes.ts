import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Preview, PreviewBody } from '../../../schemas/preview.ts';
import type { Clock } from '../../core/clock.ts';
import { timeRange } from '../../core/time-range.ts';
import { invalidParameter, LightwatchError } from '../../errors.ts';
import { named } from '../../http/parameters.ts';
import type { Store } from '../../store/store.ts';
import type { Window } from '../event-data.ts';
import type { ReadRoutes } from '../route.ts';
import type { Rules } from '../rules.ts';
import { preview } from './preview.ts';

const DAY_MS = 86_400_000;
const DEFAULT_RANGE_MS = 14 * DAY_MS;
const MAX_RANGE_MS = 90 * DAY_MS;
/** One takes seconds, most of them in the store: who drafts a rule waits that long, those who search must not. */
const TIME_LIMIT_MS = 20_000;
const MAX_AT_ONCE = 2;

interface PreviewRouteOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly rules: Rules;
  readonly readRoutes: ReadRoutes;
  readonly intervalMs: number;
}

/** What a rule that is not there yet would have done. */
export const previewRoutes: FastifyPluginAsyncTypebox<PreviewRouteOptions> = async (
  app,
  { store, clock, rules, readRoutes, intervalMs },
) => {
  let running = 0;
  const schema = {
    tags: ['alerts'],
    summary: 'Tries a draft of a rule on the past (14 days if not given): the incidents, and whom it would have called',
    body: PreviewBody,
    response: { 200: Preview },
  };
  app.post('', { config: { scope: 'read' }, schema }, async ({ body }) => {
    const spec = await rules.read(body.rule);
    const range = rangeOf(body, clock.now());
    if (running >= MAX_AT_ONCE) {
      throw new LightwatchError('LW_OVERLOADED', 'other previews are under way; try again', { retryAfterS: 5 });
    }
    const stop = new AbortController();
    const timer = clock.after(TIME_LIMIT_MS, () => stop.abort(tooSlow()));
    running += 1;
    try {
      return await preview(spec, range, { store, routes: await readRoutes(), intervalMs, signal: stop.signal });
    } finally {
      timer.cancel();
      running -= 1;
    }
  });
};

function rangeOf(body: { from?: string; to?: string }, now: number): Window {
  const { to = now, from = to - DEFAULT_RANGE_MS } = named(() => timeRange(body.from, body.to, now));
  if (from > to) throw invalidParameter('from', 'must not be after to');
  if (to > now) throw invalidParameter('to', 'must not be in the future');
  if (to - from > MAX_RANGE_MS)
    throw invalidParameter('from', `must be at most ${MAX_RANGE_MS / DAY_MS} days before to`);
  return { from, to };
}

function tooSlow(): LightwatchError {
  const message = `the preview took longer than ${TIME_LIMIT_MS / 1000} s: try a shorter time (from, to)`;
  return new LightwatchError('LW_QUERY_TIMEOUT', message);
}
