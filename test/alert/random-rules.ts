import fc from 'fast-check';
import type { RuleSpec } from '../../schemas/rule.ts';
import type { Store } from '../../src/store/store.ts';
import type { FakeClock } from '../fixtures/fake-clock.ts';
import type { Sent } from './naive-rule.ts';

/** What happened in one step. */
export interface Happening {
  readonly logs: number;
  readonly metric: number | undefined;
  readonly security: number;
  readonly heartbeat: boolean;
  readonly host: string;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  logs: fc.constantFrom(0, 0, 0, 1, 2),
  metric: fc.constantFrom(undefined, undefined, 0, 10, 10, 11, 99),
  security: fc.constantFrom(0, 0, 1, 3),
  heartbeat: fc.constantFrom(true, true, false),
  host: fc.constantFrom('h1', 'h1', 'h2'),
});

/** Stretches of the same, so that some things last; up to an hour of half minutes. */
export const anyHistory: fc.Arbitrary<Happening[]> = fc
  .array(fc.tuple(happening, fc.constantFrom(1, 1, 2, 5, 20)), { minLength: 1, maxLength: 25 })
  .map((stretches) => stretches.flatMap(([what, times]) => Array.from({ length: times }, () => what)).slice(0, 120));

const operator = fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const, 'eq' as const);
const minutes = fc.constantFrom('1m', '2m', '5m', '90s');
const aggregate = fc.constantFrom('last', 'avg', 'min', 'max', 'sum', 'count', 'p50', 'p95') as fc.Arbitrary<
  'last' | 'avg' | 'min' | 'max' | 'sum' | 'count' | 'p50' | 'p95'
>;

const condition = fc.oneof(
  fc.record({
    type: fc.constant('threshold' as const),
    condition: fc.record({
      metric: fc.constant('cpu'),
      operator,
      threshold: fc.constantFrom(1, 10, 50),
      duration: minutes,
      aggregate,
    }),
  }),
  fc.record({
    type: fc.constant('threshold' as const),
    condition: fc.record({
      metric: fc.constant('heartbeat_age_seconds'),
      operator,
      threshold: fc.constantFrom(30, 60, 100),
    }),
  }),
  fc.record({
    type: fc.constant('rate_change' as const),
    condition: fc.record({
      metric: fc.constant('cpu'),
      operator,
      threshold: fc.constantFrom(-50, 0, 20),
      duration: minutes,
      aggregate,
    }),
  }),
  fc.record({
    type: fc.constant('anomaly' as const),
    condition: fc.record({
      metric: fc.constant('cpu'),
      method: fc.constantFrom('zscore' as const, 'iqr' as const),
      threshold: fc.constantFrom(1, 3),
      duration: fc.constantFrom('30s', '1m'),
    }),
  }),
  fc.record({
    type: fc.constant('log_count' as const),
    condition: fc.record({
      threshold: fc.constantFrom(1, 3),
      windowMinutes: fc.constantFrom(1, 2.5, 5),
      cooldownMinutes: fc.constantFrom(0, 20),
    }),
  }),
  fc.record({
    type: fc.constant('security' as const),
    condition: fc.record({ threshold: fc.constantFrom(1, 3), duration: minutes }),
  }),
  fc.record({
    type: fc.constant('heartbeat' as const),
    condition: fc.constantFrom(
      { older_than: '1m' },
      { older_than: '100s' },
      { learn: true },
      { learn: true, older_than: '2m' },
    ),
  }),
  fc.record({
    type: fc.constant('absence' as const),
    condition: fc.constantFrom(
      { duration: '2m' },
      { duration: '5m', metric: 'cpu' },
      { duration: '90s', kind: 'security' as const },
      { learn: true, duration: '3m' },
    ),
  }),
);

/** Any rule about the one service there is. */
export const anySpec: fc.Arbitrary<RuleSpec> = fc
  .tuple(
    condition,
    fc.record(
      {
        for: fc.constantFrom('30s', '2m'),
        resolve_after: fc.constantFrom('10s', '1m', '5m'),
        group_by: fc.constant('host'),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([own, { group_by, ...times }]): RuleSpec => {
    const groups = 'learn' in own.condition ? {} : group_by === undefined ? {} : { group_by: [group_by] };
    return { name: 'any', enabled: true, service: 'pay', ...times, ...groups, ...own };
  });

/** Lets a history happen, a step at a time; `after` is called at the last millisecond of each. Resolves to what was sent. */
export async function happen(
  store: Store,
  clock: FakeClock,
  history: readonly Happening[],
  stepMs: number,
  after: () => Promise<void>,
): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  const end = clock.now() + stepMs - 1;
  for (const [index, { logs, metric, security, heartbeat, host }] of history.entries()) {
    clock.advance(end + index * stepMs - clock.now() - 10_000);
    const common = { service: 'pay', host, timestamp: clock.now() };
    const now = clock.now();
    for (const [kind, count] of Object.entries({ log: logs, security, heartbeat: Number(heartbeat) })) {
      for (let one = 0; one < count; one++) sent.push({ at: now, kind: kind as Sent['kind'], host });
    }
    if (metric !== undefined) sent.push({ at: now, kind: 'metric', host, value: metric });
    const times = <T>(count: number, event: T) => Array.from({ length: count }, () => event);
    await store.append('log', times(logs, { ...common, level: 'error' as const, message: 'no' }));
    if (metric !== undefined) await store.append('metric', [{ ...common, name: 'cpu', value: metric }]);
    await store.append('security', times(security, { ...common, type: 'xss' as const, severity: 'high' as const }));
    if (heartbeat) await store.append('heartbeat', [{ ...common, status: 'healthy' }]);
    clock.advance(10_000);
    await after();
  }
  return sent;
}
