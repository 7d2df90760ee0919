import type { Kind } from '../../schemas/event.ts';
import { all, EVERYTHING, type Field, type Filter } from '../core/filter.ts';
import type { Store } from '../store/store.ts';
import type { CountAsk, Grouped } from './event-data.ts';
import { groupBy } from './group-by.ts';
import { groupKey } from './per-group.ts';
import { fieldsOf, onlyFilters } from './slice.ts';

/** Values that a query names; for more, all are counted and the others ignored. */
const MAX_NAMED_VALUES = 100;
/** Conditions that one pass counts: each costs a look at every event that it may be true of. */
const MAX_FILTERS = 64;

/**
 * Fields of few values, by which everything is counted at once: what a rule wants of them is then a matter of adding up.
 * By any other field a condition of its own is counted.
 */
const CELL_FIELDS: Readonly<Record<Kind, readonly Field[]>> = {
  log: ['service', 'level'],
  metric: ['service', 'name'],
  security: ['service', 'type', 'severity'],
  heartbeat: ['service'],
  span: ['service'],
};

/** Some asks that one query answers. */
export interface CountBatch {
  readonly asks: readonly CountAsk[];
  /** The answers in the order of the asks. */
  run(store: Store): Promise<readonly (readonly Grouped<number>[])[]>;
}

/** Asks of the same kind, window and groups, as many to a batch as one pass may count. */
export function countBatches(asks: readonly CountAsk[]): readonly CountBatch[] {
  const alike = groupBy(asks, (ask) => JSON.stringify([ask.slice.kind, ask.window, otherGroups(ask)]));
  return alike.flatMap(inChunks).map((chunk) => ({ asks: chunk, run: (store) => count(chunk, store) }));
}

async function count(asks: readonly CountAsk[], store: Store): Promise<readonly (readonly Grouped<number>[])[]> {
  const [first] = asks;
  if (first === undefined) return [];
  const { kind } = first.slice;
  const cells = CELL_FIELDS[kind].filter((field) =>
    asks.some(({ slice, groupBy: fields }) => slice.only[field] !== undefined || fields.includes(field)),
  );
  const filters = new Map(
    groupBy(asks, conditionKey).map((same) => [conditionKey(same[0] ?? first), conditionOf(same)]),
  );
  const found = await store.tally({
    kind,
    where: all({ op: 'time', ...first.window }, ...cells.flatMap((field) => named(asks, field))),
    filters: [...filters.values()],
    groupBy: [...cells, ...otherGroups(first)],
  });
  const places = new Map([...filters.keys()].map((key, index) => [key, index]));
  const byService = groupBy(found, ({ group }) => group.service ?? '');
  const services = new Map(byService.map((same) => [same[0]?.group.service ?? '', same]));
  return asks.map((ask) => {
    const place = places.get(conditionKey(ask)) ?? 0;
    const candidates = ask.slice.only.service?.flatMap((service) => services.get(service) ?? []) ?? found;
    return addUp(ask, cells, candidates, place);
  });
}

type Cell = Awaited<ReturnType<Store['tally']>>[number];

/** Adds the cells that an ask is about, by its groups. */
function addUp(ask: CountAsk, fields: readonly Field[], cells: readonly Cell[], place: number): Grouped<number>[] {
  const held = fields.filter((field) => ask.slice.only[field] !== undefined);
  const sums = new Map<string, { values: readonly (string | null)[]; found: number }>();
  for (const { group, counts } of cells) {
    const count = counts[place] ?? 0;
    if (count === 0 || !held.every((field) => ask.slice.only[field]?.includes(group[field] ?? ''))) continue;
    const values = ask.groupBy.map((field) => group[field] ?? null);
    const key = groupKey(values);
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { values, found: count });
    else sum.found += count;
  }
  return [...sums.values()];
}

/** What an ask groups by that is no cell: such asks cannot be answered out of each other's groups. */
function otherGroups({ slice, groupBy: fields }: CountAsk): readonly Field[] {
  return fields.filter((field) => !CELL_FIELDS[slice.kind].includes(field)).toSorted();
}

/** What of an ask the cells do not tell apart. */
function others({ slice }: CountAsk) {
  const fields = fieldsOf(slice.only).filter((field) => !CELL_FIELDS[slice.kind].includes(field));
  return Object.fromEntries(fields.map((field) => [field, slice.only[field] ?? []]));
}

function conditionKey(ask: CountAsk): string {
  return JSON.stringify([others(ask), ask.slice.search ?? null]);
}

/** The condition that these asks share. Words are looked for only in messages of the services that somebody asks about. */
function conditionOf(asks: readonly CountAsk[]): Filter {
  const [first] = asks;
  if (first === undefined) return EVERYTHING;
  const { search } = first.slice;
  if (search === undefined) return all(...onlyFilters(others(first)));
  return all(...named(asks, 'service'), ...named(asks, 'level'), ...onlyFilters(others(first)), search);
}

/** The values of a field that all asks together hold it to, as a filter; none when one of them takes any. */
function named(asks: readonly CountAsk[], field: Field): readonly Filter[] {
  const values = new Set<string>();
  for (const { slice } of asks) {
    const only = slice.only[field];
    if (only === undefined) return [];
    for (const value of only) values.add(value);
  }
  return values.size > MAX_NAMED_VALUES ? [] : [{ op: 'one_of', field, values: [...values] }];
}

/** Asks in order, a chunk for as many different conditions as one pass may count. */
function inChunks(asks: readonly CountAsk[]): readonly (readonly CountAsk[])[] {
  const chunks: CountAsk[][] = [];
  groupBy(asks, conditionKey).forEach((same, index) => {
    const place = Math.floor(index / MAX_FILTERS);
    const chunk = chunks[place];
    if (chunk === undefined) chunks[place] = [...same];
    else chunk.push(...same);
  });
  return chunks;
}
