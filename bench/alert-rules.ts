import { SERVICES } from './corpus.ts';

/** Metrics that each service sends. */
export const METRICS = ['cpu', 'memory', 'latency', 'queue', 'rps', 'heap', 'disk', 'lag', 'hits', 'threads'] as const;
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
    case 0:
      return { type: 'rate_change', service, condition: { metric, operator: 'gt', threshold: 900, duration } };
    case 1:
      return {
        type: 'anomaly',
        service,
        condition: { metric, method: at(['zscore', 'iqr'], turn), threshold: 50, duration: '5m' },
      };
    case 2:
      return { type: 'security', service, condition: { event_type: 'brute_force', threshold: 1_000_000, duration } };
    case 3:
      return { type: 'heartbeat', service, condition: turn % 2 === 0 ? { older_than: '10m' } : { learn: true } };
    case 4:
      return { type: 'absence', service, condition: { kind: 'log', duration } };
    case 5:
      return { type: 'log_count', group_by: ['service', 'host'], condition: { ...count, level: at(LEVELS, turn) } };
    case 6:
    case 7:
      return { type: 'log_count', service, condition: { ...count, q: at(SEARCHES, turn) } };
    case 8:
    case 9:
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
