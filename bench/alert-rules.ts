import { SERVICES } from './corpus.ts';

/** Metrics that each service sends. */
export const METRICS = ['cpu', 'memory', 'latency', 'queue', 'rps', 'heap', 'disk', 'lag', 'hits', 'threads'] as const;
/** Values of the tag `region` of the metrics. */
export const REGIONS = ['eu', 'us', 'asia'] as const;
const WINDOWS = ['5m', '10m', '15m', '1h'] as const;
const LEVELS = [['error', 'fatal'], ['error'], ['fatal'], ['warn', 'error', 'fatal']] as const;
/** Words that many messages have, few have and none has. */
const SEARCHES = [
  'timeout',
  '"cache miss"',
  'paid -card',
  'quarkstorm',
  'deadlock',
  '"slow query"',
  'refused',
  'orders',
] as const;

const at = <T>(items: readonly T[], index: number) => items[index % items.length] as T;

/** Rules as a team writes them, of every type, most of them within their limits. */
export function rules(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({ name: `rule ${index}`, ...rule(index) }));
}

function rule(index: number): object {
  const service = at(SERVICES, index);
  const turn = Math.floor(index / 20);
  const metric = at(METRICS, turn);
  const duration = at(WINDOWS, turn);
  const minutes = at([5, 10, 15, 60], turn);
  const count = { threshold: 1_000_000, windowMinutes: minutes, cooldownMinutes: 15 };
  switch (index % 20) {
    case 0: {
      const aggregate = at(['avg', 'sum', 'count'], turn);
      const condition = { metric, operator: 'gt', threshold: 900, duration, aggregate };
      return { type: 'rate_change', service, condition, ...grouped(turn % 3 === 0, 'host') };
    }
    case 1: {
      const method = at(['zscore', 'iqr', 'seasonal'], turn);
      return { type: 'anomaly', service, condition: { metric, method, threshold: 50, duration: '5m' } };
    }
    case 2: {
      const severity = at([['high', 'critical'], ['critical'], 'high'] as const, turn);
      const condition = { event_type: 'brute_force', severity, threshold: 1_000_000, duration };
      // Who attacks is asked of everything at once, as often as what is attacked.
      return turn % 2 === 0
        ? { type: 'security', service, condition }
        : { type: 'security', condition, ...grouped(true, 'source_ip') };
    }
    case 3: {
      const condition = at([{ older_than: '10m' }, { learn: true }, { older_than: '1h', status: 'unhealthy' }], turn);
      return { type: 'heartbeat', service, condition };
    }
    case 4: {
      const condition = at([{ kind: 'log' }, { metric }, { kind: 'log', q: 'health' }, { kind: 'heartbeat' }], turn);
      return { type: 'absence', service, condition: { ...condition, duration }, ...grouped(turn % 4 === 0, 'host') };
    }
    case 5:
      return {
        type: 'log_count',
        condition: { ...count, level: at(LEVELS, turn) },
        ...grouped(true, 'service', 'host'),
      };
    case 6:
    case 7:
      return {
        type: 'log_count',
        service,
        condition: { ...count, q: at(SEARCHES, turn), ...(turn % 2 === 0 && { level: at(LEVELS, turn) }) },
      };
    case 8:
      return {
        type: 'threshold',
        service,
        condition: {
          metric,
          operator: 'gt',
          threshold: 1e6,
          duration,
          aggregate: 'max',
          tags: { region: at(REGIONS, turn) },
        },
        for: '2m',
      };
    case 9:
      return {
        type: 'threshold',
        condition: { metric, operator: 'gt', threshold: 1e6, duration, aggregate: 'p99' },
        ...grouped(true, 'service', 'tags.region'),
      };
    case 10:
    case 11:
    case 12: {
      const aggregate = at(['last', 'avg', 'max', 'p95'], turn);
      return { type: 'threshold', service, condition: { metric, operator: 'gt', threshold: 1e6, duration, aggregate } };
    }
    default:
      return { type: 'log_count', service, condition: { ...count, level: at(LEVELS, turn) } };
  }
}

function grouped(wanted: boolean, ...fields: readonly string[]): object {
  return wanted ? { group_by: fields } : {};
}
