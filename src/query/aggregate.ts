import type { FastifyRequest } from 'fastify';
import {
  type Aggregate,
  GROUP_FIELDS,
  MAX_GROUP_FIELDS,
  METRIC_FUNCTIONS,
  type MetricFunction,
} from '../../schemas/analytics.ts';
import { formatDuration } from '../core/duration.ts';
import { all } from '../core/filter.ts';
import { FilterError } from '../core/filter-error.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import { invalidParameter } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import { named } from '../http/parameters.ts';
import { asked } from './asking.ts';
import { readFields } from './fields.ts';
import { type Parameters, readFilter } from './parameters.ts';
import { bucketWidth, closedRange } from './ranges.ts';

/** Up to this length percentiles are always taken from the values themselves: that is quick enough. */
const EXACT_RANGE_MS = 86_400_000;
/** Groups of one answer: more than a chart has colours, and a bound to what a tag with many values makes. */
const MAX_GROUPS = 500;

/** Answers `GET /api/metrics/aggregate`. */
export function metricAggregate({ store, clock }: ModuleContext) {
  return async (
    request: Pick<FastifyRequest<{ Querystring: Parameters & { name: string } }>, 'query' | 'raw'>,
  ): Promise<Aggregate> => {
    const { fn = 'avg', step, group_by, exact, from: fromText, to: toText, ...choice } = request.query;
    const now = clock.now();
    const { range, stepMs, functions, groupBy } = named(() => {
      const range = closedRange(fromText, toText, now);
      return {
        range,
        stepMs: bucketWidth(step, range, 'step'),
        functions: readFunctions(fn),
        groupBy: group_by === undefined ? [] : readFields(group_by, GROUP_FIELDS, 'group_by', MAX_GROUP_FIELDS),
      };
    });
    const question = {
      kind: 'metric',
      where: all({ op: 'time', ...range }, readFilter('metric', choice, now)),
      functions,
      groupBy,
      stepMs,
      approximate: exact !== 'true' && range.to - range.from > EXACT_RANGE_MS,
    } as const;
    const found = await asked(request, clock, (options) => store.aggregate(question, options));
    if (found.groups.length > MAX_GROUPS) {
      const message = `makes ${found.groups.length} groups, and at most ${MAX_GROUPS} are answered: group by fewer fields, or filter`;
      throw invalidParameter('group_by', message);
    }
    const data = found.groups.map(({ group, points }) => ({
      group: { ...group } as Record<string, string | null>,
      points: points.map(({ time, values }) => ({ time: formatTimestamp(time), ...values })),
    }));
    return { name: choice.name, step: formatDuration(stepMs), data, exact: found.exact };
  };
}

function readFunctions(text: string): readonly MetricFunction[] {
  const functions = text.split(',').map((word) => {
    const known = METRIC_FUNCTIONS.find((name) => name === word);
    if (known === undefined) throw new FilterError('fn', `must be some of ${METRIC_FUNCTIONS.join(', ')}`);
    return known;
  });
  return [...new Set(functions)];
}
