import type { FastifyRequest } from 'fastify';
import type { Kind } from '../../../schemas/event.ts';
import { TOP, type TopList, type TopType } from '../../../schemas/v1.ts';
import { all, ERROR_LEVELS, type Field, type Filter } from '../../core/filter.ts';
import type { ModuleContext } from '../../http/module.ts';
import { named } from '../../http/parameters.ts';
import type { ReadOptions, Store } from '../../store/store.ts';
import { asked } from '../asking.ts';
import { readPatterns } from '../patterns.ts';
import { closedRange } from '../ranges.ts';
import { type RangeParameters, within } from './counts.ts';

type Request = FastifyRequest<{ Params: { type: TopType }; Querystring: RangeParameters & { limit?: string } }>;
type Ask = (store: Store, where: Filter, limit: number, options: ReadOptions) => Promise<TopList['data']>;

const ERRORS: Filter = { op: 'one_of', field: 'level', values: ERROR_LEVELS };

const LISTS: Readonly<Record<TopType, Ask>> = {
  errors: async (store, where, limit, options) => {
    const patterns = await readPatterns(store, all(where, ERRORS), options);
    return patterns
      .list()
      .slice(0, limit)
      .map(({ text, count }) => ({ value: text, count }));
  },
  services: mostOf('log', 'service'),
  hosts: mostOf('log', 'host'),
  levels: mostOf('log', 'level'),
  metrics: mostOf('metric', 'name'),
  sources: mostOf('security', 'source_ip'),
  slow: async (store, where, limit, options) => {
    const question = { kind: 'span', where, functions: ['count', 'p95'], groupBy: ['name'] } as const;
    const { groups } = await store.aggregate(question, options);
    return groups
      .map(({ group, points }) => ({
        value: group.name ?? '',
        count: points[0]?.values.count ?? 0,
        p95_ms: points[0]?.values.p95 ?? 0,
      }))
      .sort((a, b) => b.p95_ms - a.p95_ms)
      .slice(0, limit);
  },
};

function mostOf(kind: Kind, field: Field): Ask {
  return async (store, where, limit, options) => {
    const { values } = await store.facets({ kind, where, fields: [field], limit }, options);
    return [...(values[field] ?? [])];
  };
}

/** Answers `GET /api/v1/dashboard/top/:type`. */
export function topList({ store, clock }: ModuleContext) {
  return async (request: Request): Promise<TopList> => {
    const { from, to, service, limit: most } = request.query;
    const { type } = request.params;
    const range = named(() => closedRange(from, to, clock.now()));
    const limit = Math.min(Number(most ?? TOP.usual), TOP.most);
    const where = within(range, service);
    return { type, data: await asked(request, clock, (options) => LISTS[type](store, where, limit, options)) };
  };
}
