import type { RuleAggregate } from '../../schemas/rule.ts';
import { all, type Field, type Filter } from '../core/filter.ts';
import type { AggregateGroup, Store } from '../store/store.ts';
import type { CountAsk, Grouped, HistoryAsk, MetricAsk } from './event-data.ts';
import { groupBy } from './group-by.ts';
import { fieldsOf, onlyFilters } from './slice.ts';

/** Some asks that one query answers: in the order of the asks. */
export interface MetricBatch<Ask, Found> {
  readonly asks: readonly Ask[];
  run(store: Store): Promise<readonly (readonly Grouped<Found>[])[]>;
}

/** Values of metrics, as many rules to a query as look at the same window in the same way. */
export function metricBatches(asks: readonly MetricAsk[]): readonly MetricBatch<MetricAsk, number>[] {
  // Quantiles cost much more than the rest: not of metrics that nobody asks them of.
  const alike = groupBy(asks, (ask) => JSON.stringify([look(ask), /^p\d/.test(ask.fn)]));
  return alike.map((same) => ({ asks: same, run: (store) => aggregateWindow(same, store) }));
}

/** Averages of steps, in the same way. */
export function historyBatches(asks: readonly HistoryAsk[]): readonly MetricBatch<HistoryAsk, readonly number[]>[] {
  const alike = groupBy(asks, (ask) => JSON.stringify([look(ask), ask.stepMs]));
  return alike.map((same) => ({ asks: same, run: (store) => aggregateSteps(same, store) }));
}

/**
 * What must be equal for asks to share a query. Those of one service and those of all services together look at
 * different series: the second cannot be put together from the first.
 */
function look({ slice, window, groupBy: fields }: CountAsk) {
  return [window, otherFilters(slice.only), slice.only.service === undefined, fields];
}

async function aggregateWindow(asks: readonly MetricAsk[], store: Store) {
  const functions = [...new Set(asks.map(({ fn }) => fn))];
  const series = await aggregate(asks, functions, undefined, store);
  return asks.map((ask) =>
    series.of(ask).flatMap(({ group, points }) => {
      const found = points[0]?.values[ask.fn];
      return found === undefined ? [] : [{ values: valuesOf(ask, group), found }];
    }),
  );
}

async function aggregateSteps(asks: readonly HistoryAsk[], store: Store) {
  const series = await aggregate(asks, ['avg'], asks[0]?.stepMs, store);
  return asks.map((ask) =>
    series.of(ask).map(({ group, points }) => ({
      values: valuesOf(ask, group),
      found: points.flatMap(({ values }) => values.avg ?? []),
    })),
  );
}

async function aggregate(
  asks: readonly CountAsk[],
  functions: readonly RuleAggregate[],
  stepMs: number | undefined,
  store: Store,
) {
  const [first] = asks;
  if (first === undefined) throw new Error('BUG: a batch without asks');
  const hasService = first.slice.only.service !== undefined;
  const own: readonly Field[] = hasService ? ['name', 'service'] : ['name'];
  const { groups } = await store.aggregate({
    kind: 'metric',
    where: all(
      { op: 'time', ...first.window },
      ...own.map((field) => oneOf(asks, field)),
      ...otherFilters(first.slice.only),
    ),
    functions,
    groupBy: [...new Set([...own, ...first.groupBy])],
    ...(stepMs !== undefined && { stepMs }),
  });
  const key = (name: string | null | undefined, service: string | null | undefined) =>
    JSON.stringify([name, hasService ? service : null]);
  const bySeries = groupBy(groups, ({ group }) => key(group.name, group.service));
  const index = new Map(bySeries.map((same) => [key(same[0]?.group.name, same[0]?.group.service), same]));
  return {
    of: ({ slice: { only } }: CountAsk): readonly AggregateGroup[] =>
      index.get(key(only.name?.[0] ?? null, only.service?.[0] ?? null)) ?? [],
  };
}

function valuesOf({ groupBy: fields }: CountAsk, group: AggregateGroup['group']): readonly (string | null)[] {
  return fields.map((field) => group[field] ?? null);
}

function oneOf(asks: readonly CountAsk[], field: Field): Filter {
  return { op: 'one_of', field, values: [...new Set(asks.flatMap(({ slice }) => slice.only[field] ?? []))] };
}

/** What a slice asks of its events besides name and service: tags. */
function otherFilters(only: CountAsk['slice']['only']): readonly Filter[] {
  const fields = fieldsOf(only).filter((field) => field !== 'name' && field !== 'service');
  return onlyFilters(Object.fromEntries(fields.map((field) => [field, only[field] ?? []])));
}
