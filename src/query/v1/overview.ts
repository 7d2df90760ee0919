import type { FastifyRequest } from 'fastify';
import type { DashboardOverview, EventStats, Heatmap, Realtime } from '../../../schemas/v1.ts';
import { ERROR_LEVELS } from '../../core/filter.ts';
import { heartbeatsByService } from '../../core/service-heartbeats.ts';
import { formatTimestamp } from '../../core/timestamp.ts';
import type { ModuleContext } from '../../http/module.ts';
import { named } from '../../http/parameters.ts';
import { asked } from '../asking.ts';
import { closedRange } from '../ranges.ts';
import { stateOf } from '../service-state.ts';
import { countOf, countsBy, type RangeParameters, sumOf, within } from './counts.ts';

type Request = FastifyRequest<{ Querystring: RangeParameters }>;

const HOUR_MS = 3_600_000;
/** What counts as now. */
const REALTIME_MS = 60_000;

/** Answers `GET /api/v1/events/stats`. */
export function eventStats({ store, clock }: ModuleContext) {
  return (request: Request): Promise<EventStats> => {
    const { from, to, service } = request.query;
    const range = named(() => closedRange(from, to, clock.now()));
    const where = within(range, service);
    return asked(request, clock, async (options) => {
      const levels = await countsBy(store, 'log', where, 'level', options);
      const services = await countsBy(store, 'log', where, 'service', options);
      return { ...shown(range), total: sumOf(levels), levels, services };
    });
  };
}

/** Answers `GET /api/v1/dashboard/overview`. */
export function dashboardOverview({ store, clock }: ModuleContext) {
  return (request: Request): Promise<DashboardOverview> => {
    const { from, to, service } = request.query;
    const now = clock.now();
    const range = named(() => closedRange(from, to, now));
    const where = within(range, service);
    return asked(request, clock, async (options) => {
      const levels = await countsBy(store, 'log', where, 'level', options);
      const severities = await countsBy(store, 'security', where, 'severity', options);
      const total = sumOf(levels);
      const errors = ERROR_LEVELS.reduce((sum, level) => sum + (levels[level] ?? 0), 0);
      const states = heartbeatsByService(await store.services())
        .filter((heard) => service === undefined || heard.service === service)
        .map((heard) => stateOf(heard, now).status);
      const statuses = Object.fromEntries(
        states.map((status) => [status, states.filter((one) => one === status).length]),
      );
      return {
        ...shown(range),
        events: { total, levels, error_share: total === 0 ? 0 : errors / total },
        metrics: { total: await countOf(store, 'metric', where, options) },
        security: { total: sumOf(severities), severities },
        services: { total: states.length, statuses },
        incidents: { active: await activeIncidents(store, service) },
      };
    });
  };
}

async function activeIncidents({ documents }: ModuleContext['store'], service: string | undefined): Promise<number> {
  const of = service === undefined ? {} : { service };
  const open = await documents.list('incidents', { where: { status: 'open', ...of }, limit: 1 });
  const acknowledged = await documents.list('incidents', { where: { status: 'acknowledged', ...of }, limit: 1 });
  return open.total + acknowledged.total;
}

/** Answers `GET /api/v1/dashboard/heatmap`: every hour of the week, empty ones too. */
export function heatmap({ store, clock }: ModuleContext) {
  return async (request: Request): Promise<Heatmap> => {
    const { from, to, service } = request.query;
    const start = from ?? (to === undefined ? 'now-7d' : undefined);
    const range = named(() => closedRange(start, to, clock.now()));
    const question = { kind: 'log', where: within(range, service), functions: ['count'], groupBy: [] } as const;
    const { groups } = await asked(request, clock, (options) =>
      store.aggregate({ ...question, stepMs: HOUR_MS }, options),
    );
    const cells = Array.from({ length: 7 * 24 }, (_, cell) => ({
      day: Math.floor(cell / 24),
      hour: cell % 24,
      count: 0,
    }));
    for (const { time, values } of groups[0]?.points ?? []) {
      const at = new Date(time);
      const cell = cells[at.getUTCDay() * 24 + at.getUTCHours()];
      if (cell !== undefined) cell.count += values.count ?? 0;
    }
    return { ...shown(range), data: cells };
  };
}

/** Answers `GET /api/v1/dashboard/realtime`: the last minute. */
export function realtime({ store, clock }: ModuleContext) {
  return (request: FastifyRequest): Promise<Realtime> => {
    const now = clock.now();
    const where = within({ from: now - REALTIME_MS + 1, to: now }, undefined);
    const perSecond = (count: number) => (count * 1000) / REALTIME_MS;
    return asked(request, clock, async (options) => {
      const levels = await countsBy(store, 'log', where, 'level', options);
      const services = await countsBy(store, 'log', where, 'service', options);
      const errors = ERROR_LEVELS.reduce((sum, level) => sum + (levels[level] ?? 0), 0);
      return {
        at: formatTimestamp(now),
        window_s: REALTIME_MS / 1000,
        events_per_second: perSecond(sumOf(levels)),
        errors_per_second: perSecond(errors),
        metrics_per_second: perSecond(await countOf(store, 'metric', where, options)),
        active_services: Object.keys(services).length,
      };
    });
  };
}

function shown({ from, to }: { readonly from: number; readonly to: number }) {
  return { from: formatTimestamp(from), to: formatTimestamp(to) };
}
