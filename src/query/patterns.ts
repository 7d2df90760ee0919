import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { PATTERNS, type Patterns } from '../../schemas/analytics.ts';
import { type StoredEvent, toWire } from '../core/event.ts';
import type { Filter } from '../core/filter.ts';
import { LogPatterns } from '../core/log-patterns.ts';
import type { ModuleContext } from '../http/module.ts';
import type { ReadOptions, Store } from '../store/store.ts';
import { asked } from './asking.ts';
import { type Parameters, readFilter } from './parameters.ts';

/** Logs that one answer is made of, the newest: a second of work. */
const MAX_READ = 50_000;
/** Logs after which others get their turn: some milliseconds of work. */
const TURN = 500;

/** Answers `GET /api/logs/patterns`. */
export function logPatterns({ store, clock }: ModuleContext) {
  return async (request: FastifyRequest<{ Querystring: Parameters }>): Promise<Patterns> => {
    const { limit: most, ...choice } = request.query;
    const limit = Math.min(Number(most ?? PATTERNS.usual), PATTERNS.most);
    const where = readFilter('log', choice, clock.now());
    return asked(request, clock, async (options) => {
      const patterns = await readPatterns(store, where, options);
      const read = patterns.size;
      const total = read < MAX_READ ? read : await countOf(store, where, options);
      const data = patterns
        .list()
        .slice(0, limit)
        .map(({ text, count, levels, example }) => ({
          pattern: text,
          count,
          share: count / read,
          levels,
          example: toWire(example),
        }));
      return { data, read, total: Math.max(total, read), exact: total <= read };
    });
  };
}

/** The patterns of the newest logs that match. */
export async function readPatterns(store: Store, where: Filter, { signal }: ReadOptions) {
  const patterns = new LogPatterns<StoredEvent<'log'>>();
  const query = { kind: 'log', where, order: 'desc', limit: MAX_READ } as const;
  for await (const batch of store.scan(query, signal === undefined ? {} : { signal })) {
    for (const [index, event] of batch.entries()) {
      patterns.add(event);
      if (index % TURN === TURN - 1) await nextTurn(undefined, { ...(signal !== undefined && { signal }) });
    }
  }
  return patterns;
}

async function countOf(store: Store, where: Filter, options: ReadOptions): Promise<number> {
  const { groups } = await store.aggregate({ kind: 'log', where, functions: ['count'], groupBy: [] }, options);
  return groups[0]?.points[0]?.values.count ?? 0;
}
