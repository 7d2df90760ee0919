import type { Kind } from '../../../schemas/event.ts';
import { all, type Field, type Filter } from '../../core/filter.ts';
import type { TallyGroup, TallyQuery } from '../store.ts';
import { countedSources } from './counted-sources.ts';
import type { Read, SqlValue } from './engine.ts';
import { hasValues } from './field-values.ts';
import { FOLDED, fieldSql, filterSql, type Sql } from './filter-sql.ts';
import { type Partition, partitionsFor } from './partition.ts';
import { decodeWord } from './tables.ts';

/** Fields by whose values together events are counted, to see afterwards which filters they match. */
const MAX_FIELDS = 4;
/** Combinations of values up to which that is done. */
const MAX_COMBINATIONS = 20_000;

/** How many times fewer rows a filter must need, by the words of the rows, to be asked for alone. */
const ALONE_FACTOR = 4;

/** No event matches it. */
const NOTHING: Filter = { op: 'any', filters: [] };

/** Which of the filters, and how many events of a group match each. */
interface Counts {
  readonly group: TallyGroup['group'];
  readonly counts: ReadonlyMap<number, number>;
}

/**
 * Counts what matches each of many filters, by group. Those that compare a few fields are counted by the values of these
 * fields, all of them at once: a condition each costs the engine milliseconds. Those that look for something rare are asked
 * of the rows that may have it. The others are conditions of one more query.
 */
export async function queryTally(
  read: Read,
  partitions: readonly Partition[],
  query: TallyQuery,
): Promise<readonly TallyGroup[]> {
  const { kind, where, filters, groupBy } = query;
  const relevant = partitionsFor(kind, partitions, where);
  if (relevant.length === 0 || filters.length === 0) return [];
  const fields = [...new Set([...groupBy, ...filters.flatMap((filter) => fieldsOf(filter) ?? [])])];
  const isFew = fields.length - groupBy.length <= MAX_FIELDS;
  const simple = isFew ? filters.flatMap((filter, index) => (fieldsOf(filter) === undefined ? [] : [index])) : [];
  const byValues = simple.length === 0 ? [] : await countByValues(read, relevant, query, simple, fields);
  const others = [...filters.keys()].filter((index) => byValues === undefined || !simple.includes(index));
  const found = [...(byValues ?? [])];
  const common: number[] = [];
  for (const index of others) {
    const few = partitionsFor(kind, relevant, all(where, filters[index] ?? NOTHING));
    if (eventsIn(few) * ALONE_FACTOR > eventsIn(relevant)) common.push(index);
    else if (few.length > 0) found.push(...(await countByConditions(read, few, query, [index])));
  }
  if (common.length > 0) found.push(...(await countByConditions(read, relevant, query, common)));
  return joined(found, filters.length);
}

function eventsIn(partitions: readonly Partition[]): number {
  return partitions.reduce((sum, { events }) => sum + events, 0);
}

/** The fields that a filter compares; undefined when it does something else. */
function fieldsOf(filter: Filter): readonly Field[] | undefined {
  switch (filter.op) {
    case 'all':
    case 'any': {
      const inner = filter.filters.map(fieldsOf);
      return inner.includes(undefined) ? undefined : inner.flatMap((fields) => fields ?? []);
    }
    case 'not':
      return fieldsOf(filter.filter);
    case 'one_of':
      // An event whose sender gave it no id goes by another.
      return filter.field === 'event_id' ? undefined : [filter.field];
    default:
      return undefined;
  }
}

/** Undefined when the values have too many combinations. */
async function countByValues(
  read: Read,
  partitions: readonly Partition[],
  { kind, where, filters, groupBy }: TallyQuery,
  asked: readonly number[],
  fields: readonly Field[],
): Promise<readonly Counts[] | undefined> {
  const counted = countedSources(partitions, { kind, where, fields });
  const sources = counted ?? eventSources(partitions, kind, where);
  const columns = fields.map((field) => fieldSql(kind, field));
  const count = counted === undefined ? 'count(*)' : 'sum(events)';
  const rows = await read(
    `SELECT ${[...columns.map(({ text }, index) => `${text} AS g${index}`), `${count} AS events`].join(', ')} ` +
      `FROM (${sources.map(({ text }) => text).join(' UNION ALL ')})${grouping(fields)} LIMIT ${MAX_COMBINATIONS + 1}`,
    [...columns, ...sources].flatMap((sql) => sql.values),
  );
  if (rows.length > MAX_COMBINATIONS) return undefined;
  return rows.map((row) => {
    const values = new Map(fields.map((field, index) => [field, decodeWord(kind, field, row[`g${index}`])]));
    const events = Number(row.events ?? 0);
    const word = (field: Field) => values.get(field) ?? null;
    const matching = asked.filter((index) => hasValues(filters[index], word));
    return {
      group: Object.fromEntries(groupBy.map((field) => [field, values.get(field) ?? null])),
      counts: new Map(matching.map((index) => [index, events])),
    };
  });
}

async function countByConditions(
  read: Read,
  partitions: readonly Partition[],
  { kind, where, filters, groupBy }: TallyQuery,
  asked: readonly number[],
): Promise<readonly Counts[]> {
  const groups = groupBy.map((field) => fieldSql(kind, field));
  const conditions = asked.map((index) => filterSql(kind, filters[index] ?? NOTHING, 'folded'));
  // Folded once for all that look into it: DuckDB does not see that they share it, and it costs as much as the looking.
  const message = kind === 'log' ? `, ${FOLDED} AS folded` : '';
  const sources = eventSources(partitions, kind, where, message);
  const columns = [
    ...groups.map(({ text }, index) => `${text} AS g${index}`),
    ...conditions.map(({ text }, index) => `count(*) FILTER (WHERE ${text}) AS c${index}`),
  ];
  const values: SqlValue[] = [...groups, ...conditions, ...sources].flatMap((sql) => sql.values);
  const rows = await read(
    `SELECT ${columns.join(', ')} FROM (${sources.map(({ text }) => text).join(' UNION ALL ')})${grouping(groupBy)}`,
    values,
  );
  return rows.map((row) => ({
    group: Object.fromEntries(groupBy.map((field, index) => [field, decodeWord(kind, field, row[`g${index}`])])),
    counts: new Map(asked.map((index, place) => [index, Number(row[`c${place}`])])),
  }));
}

function grouping(fields: readonly Field[]): string {
  return fields.length === 0 ? '' : ` GROUP BY ${fields.map((_, index) => index + 1).join(', ')}`;
}

/** Every event that the filters have in common. */
function eventSources(partitions: readonly Partition[], kind: Kind, where: Filter, more = ''): readonly Sql[] {
  const { text, values } = filterSql(kind, where);
  return partitions.map(({ source }) => ({ text: `SELECT *${more} FROM ${source} WHERE ${text}`, values }));
}

/** The counts of each group, without groups in which no filter has a match. */
function joined(found: readonly Counts[], filters: number): readonly TallyGroup[] {
  const groups = new Map<string, { readonly group: TallyGroup['group']; readonly counts: number[] }>();
  for (const { group, counts } of found) {
    const key = JSON.stringify(group);
    const entry = groups.get(key) ?? { group, counts: new Array<number>(filters).fill(0) };
    groups.set(key, entry);
    for (const [index, count] of counts) entry.counts[index] = (entry.counts[index] ?? 0) + count;
  }
  return [...groups.values()].filter(({ counts }) => counts.some((count) => count > 0));
}
