import type { FastifyRequest } from 'fastify';
import { FACET_FIELDS, FACET_VALUES, type Facets, MAX_FACETS } from '../../schemas/analytics.ts';
import type { ModuleContext } from '../http/module.ts';
import { named } from '../http/parameters.ts';
import { asked } from './asking.ts';
import { readFields } from './fields.ts';
import { type Parameters, readFilter } from './parameters.ts';

/** Answers `GET /api/logs/facets`. */
export function logFacets({ store, clock }: ModuleContext) {
  return async (request: FastifyRequest<{ Querystring: Parameters }>): Promise<Facets> => {
    const { fields: names = 'service,level,host', limit: most, ...choice } = request.query;
    const fields = named(() => readFields(names, FACET_FIELDS, 'fields', MAX_FACETS));
    const limit = Math.min(Number(most ?? FACET_VALUES.usual), FACET_VALUES.most);
    const where = readFilter('log', choice, clock.now());
    const { values, total, exact } = await asked(request, clock, (options) =>
      store.facets({ kind: 'log', where, fields, limit }, options),
    );
    const data = Object.fromEntries(fields.map((field) => [field, [...(values[field] ?? [])]]));
    return { data, total, exact };
  };
}
