import type { FastifyRequest } from 'fastify';
import type { ServiceOverview } from '../../schemas/analytics.ts';
import { all, ERROR_LEVELS, equals, type Filter } from '../core/filter.ts';
import { heartbeatsByService } from '../core/service-heartbeats.ts';
import { compareText } from '../core/text-order.ts';
import type { TimeRange } from '../core/time-range.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import { LightwatchError } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import { named } from '../http/parameters.ts';
import type { AggregateGroup, ReadOptions, Store } from '../store/store.ts';
import { asked } from './asking.ts';
import { closedRange } from './ranges.ts';
import { stateOf } from './service-state.ts';

type Request = FastifyRequest<{ Params: { service: string }; Querystring: { from?: string; to?: string } }>;

/** Answers `GET /api/services/:service`: how it is, and what it did in a range of time. */
export function serviceOverview({ store, clock }: ModuleContext) {
  return async (request: Request): Promise<ServiceOverview> => {
    const { service } = request.params;
    const { query } = request;
    const now = clock.now();
    const range = named(() =>
      closedRange(query.from ?? (query.to === undefined ? 'now-1h' : undefined), query.to, now),
    );
    const [heartbeats] = heartbeatsByService((await store.services()).filter((record) => record.service === service));
    const state = heartbeats === undefined ? undefined : stateOf(heartbeats, now);
    const did = await asked(request, clock, (options) => activityOf(store, service, range, options));
    const silent = did.logs.total + did.security.total + did.spans.total + did.metrics.length === 0;
    if (state === undefined && silent) {
      throw new LightwatchError('LW_NOT_FOUND', 'this service sent no heartbeat, and nothing in this time');
    }
    return {
      service,
      status: state?.status ?? null,
      last_seen: state?.last_seen ?? null,
      versions: state?.versions ?? [],
      hosts: state?.hosts ?? [],
      from: formatTimestamp(range.from),
      to: formatTimestamp(range.to),
      ...did,
    };
  };
}

async function activityOf(store: Store, service: string, range: Required<TimeRange>, options: ReadOptions) {
  const where = all({ op: 'time', ...range }, equals('service', service));
  const [logs, security, spans, metrics] = await Promise.all([
    store.aggregate({ kind: 'log', where, functions: ['count'], groupBy: ['level'] }, options),
    store.aggregate({ kind: 'security', where, functions: ['count'], groupBy: ['severity'] }, options),
    spansOf(store, where, options),
    store.aggregate({ kind: 'metric', where, functions: ['last', 'newest'], groupBy: ['name'] }, options),
  ]);
  const levels = countsOf(logs.groups, 'level');
  const total = sum(levels);
  const errors = ERROR_LEVELS.reduce((count, level) => count + (levels[level] ?? 0), 0);
  const severities = countsOf(security.groups, 'severity');
  return {
    logs: { total, levels, error_share: total === 0 ? 0 : errors / total },
    security: { total: sum(severities), severities },
    spans,
    metrics: metrics.groups
      .map(({ group, points }) => ({
        name: group.name ?? '',
        last: points[0]?.values.last ?? 0,
        timestamp: formatTimestamp(points[0]?.values.newest ?? 0),
      }))
      .sort((a, b) => compareText(a.name, b.name)),
  };
}

async function spansOf(store: Store, where: Filter, options: ReadOptions) {
  const functions = ['count', 'p50', 'p95', 'p99'] as const;
  const [{ groups }, [failed]] = await Promise.all([
    store.aggregate({ kind: 'span', where, functions, groupBy: [] }, options),
    store.tally({ kind: 'span', where, filters: [equals('status', 'error')], groupBy: [] }, options),
  ]);
  const { count = 0, p50 = null, p95 = null, p99 = null } = groups[0]?.points[0]?.values ?? {};
  return { total: count, errors: failed?.counts[0] ?? 0, p50_ms: p50, p95_ms: p95, p99_ms: p99 };
}

function countsOf(groups: readonly AggregateGroup[], field: 'level' | 'severity'): Record<string, number> {
  return Object.fromEntries(groups.map(({ group, points }) => [group[field], points[0]?.values.count ?? 0]));
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, one) => all + one, 0);
