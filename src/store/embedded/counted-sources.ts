import type { Kind } from '../../../schemas/event.ts';
import { all, type Field, type Filter } from '../../core/filter.ts';
import { hasValues } from './field-values.ts';
import { filterSql, type Sql } from './filter-sql.ts';
import { COUNTED, type Counted } from './kept-counts.ts';
import type { Partition } from './partition.ts';
import { decodeWord } from './tables.ts';

/** A filter that only looks at the time and at fields that are counted by. */
interface Parts {
  /** Both included, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly rest: Filter;
}

/** What a question that the kept counts may answer looks at. */
export interface CountingQuestion {
  readonly kind: Kind;
  readonly where: Filter;
  /** Fields that it needs besides: as groups, or in further filters. */
  readonly fields: readonly Field[];
  readonly stepMs?: number | undefined;
}

/**
 * SELECTs that together have every matching event of the partitions, counted: columns for each of `fields`,
 * `timestamp` (of a counted stretch, its start), `is_event`, and the figures. Whole stretches of time come from the kept counts; the
 * edges, and what is not counted yet, from the events. Undefined when the question looks at something else.
 */
export function countedSources(
  partitions: readonly Partition[],
  question: CountingQuestion,
): readonly Sql[] | undefined {
  const { kind, where, fields, stepMs } = question;
  const counted = COUNTED[kind];
  if (counted === undefined || !partitions.some(({ counts }) => counts !== undefined)) return undefined;
  if (stepMs !== undefined && stepMs % counted.stepMs !== 0) return undefined;
  if (!fields.every((field) => counted.fields.includes(field))) return undefined;
  const parts = partsOf(where, counted);
  if (parts === undefined) return undefined;
  return partitions.flatMap((partition) => sourcesOf(partition, question, counted, parts));
}

/**
 * How many of a partition's counted events match, out of memory; undefined when the question looks at something that the
 * totals of a day do not tell.
 */
export function countedTotal({ counts, minTime, maxTime }: Partition, kind: Kind, where: Filter): number | undefined {
  const counted = COUNTED[kind];
  if (counted === undefined || counts?.totals === undefined) return undefined;
  const parts = partsOf(where, counted);
  if (parts === undefined || parts.from > minTime || parts.to < maxTime) return undefined;
  const { fields } = counted;
  let total = 0;
  for (const { values, events } of counts.totals) {
    const word = (field: Field) => decodeWord(kind, field, values[fields.indexOf(field)]);
    if (hasValues(parts.rest, word)) total += events;
  }
  return total;
}

function sourcesOf(
  partition: Partition,
  { kind, where, fields }: CountingQuestion,
  counted: Counted,
  { from, to, rest }: Parts,
): readonly Sql[] {
  const columns = fields.map((field) => `"${field}"`);
  const figures = Object.keys(counted.figures);
  const raw = (filter: Filter, ids: string): Sql => {
    const { text, values } = filterSql(kind, filter);
    const each = figures.map((name) => `${ofOneEvent(name)} AS ${name}`);
    return {
      text: `SELECT ${[...columns, 'timestamp', 'true AS is_event', ...each].join(', ')} FROM ${partition.source} WHERE ${ids} AND (${text})`,
      values,
    };
  };
  const { counts } = partition;
  if (counts === undefined) return [raw(where, 'true')];
  const { stepMs } = counted;
  const first = Math.ceil(from / stepMs) * stepMs;
  const end = Math.floor((to + 1) / stepMs) * stepMs;
  const known = `id <= ${counts.reached}`;
  const edge = (least: number, most: number) =>
    least <= most && least <= partition.maxTime && most >= partition.minTime
      ? [raw(all({ op: 'time', from: least, to: most }, rest), known)]
      : [];
  const sources: Sql[] = [];
  if (partition.lastId > counts.reached) sources.push(raw(where, `id > ${counts.reached}`));
  if (first >= end) return [...sources, ...edge(from, to)];
  const { text, values } = filterSql(kind, rest);
  const bounds = [
    `last_id <= ${counts.reached}`,
    ...(Number.isFinite(first) ? [`start >= ${first}`] : []),
    ...(Number.isFinite(end) ? [`start < ${end}`] : []),
  ];
  sources.push({
    text:
      `SELECT ${[...columns, 'start AS timestamp', 'false AS is_event', ...figures].join(', ')} FROM ${counts.source} ` +
      `WHERE ${bounds.join(' AND ')} AND (${text})`,
    values,
  });
  return [...sources, ...edge(from, first - 1), ...edge(end, to)];
}

/** A figure of a single event. */
function ofOneEvent(name: string): string {
  if (name === 'events') return '1';
  return name === 'newest' ? 'timestamp' : 'value';
}

function partsOf(where: Filter, { fields }: Counted): Parts | undefined {
  const filters = where.op === 'all' ? where.filters : [where];
  const rest = filters.filter(({ op }) => op !== 'time');
  if (!rest.every((filter) => looksOnlyAt(filter, fields))) return undefined;
  let from = Number.NEGATIVE_INFINITY;
  let to = Number.POSITIVE_INFINITY;
  for (const filter of filters) {
    if (filter.op !== 'time') continue;
    from = Math.max(from, Math.ceil(filter.from ?? from));
    to = Math.min(to, Math.floor(filter.to ?? to));
  }
  return { from, to, rest: all(...rest) };
}

/** Whether a filter asks about these fields alone. */
function looksOnlyAt(filter: Filter, fields: readonly Field[]): boolean {
  switch (filter.op) {
    case 'all':
    case 'any':
      return filter.filters.every((inner) => looksOnlyAt(inner, fields));
    case 'not':
      return looksOnlyAt(filter.filter, fields);
    case 'one_of':
      return fields.includes(filter.field);
    default:
      return false;
  }
}
