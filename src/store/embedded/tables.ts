import type { Kind } from '../../../schemas/event.ts';
import { HEALTH_STATES } from '../../../schemas/heartbeat.ts';
import { LEVELS } from '../../../schemas/log.ts';
import { METRIC_TYPES } from '../../../schemas/metric.ts';
import { SECURITY_TYPES, SEVERITIES } from '../../../schemas/security.ts';
import { SPAN_KINDS, SPAN_STATES } from '../../../schemas/span.ts';
import type { StoredEvent } from '../../core/event.ts';
import type { Field } from '../../core/filter.ts';
import type { Row } from './engine.ts';
import { createCounts } from './kept-counts.ts';

/** How one field of an event is kept: in the journal under `key`, in DuckDB in a column named as the field. */
export interface Column {
  readonly field: string;
  readonly key: string;
  readonly type: string;
  /** Words that are kept as their place in this list: a byte instead of a word, and in the list's order. */
  readonly codes?: readonly string[];
  /** Of the table only, where it differs. */
  readonly storage?: string;
}

/** Journal keys that belong to a whole record: its first id, when it arrived, how many events it holds. */
export const RECORD_KEYS = { firstId: 'i', receivedAt: 'r', count: 'n' } as const;

// Free text compresses best as a whole; DuckDB's own choice for the rest (dictionaries, deltas, runs) is better.
const TEXT = ' USING COMPRESSION zstd';

const text = (field: string, key: string): Column => ({ field, key, type: 'VARCHAR' });
const word = (field: string, key: string, codes: readonly string[]): Column => ({
  field,
  key,
  type: 'UTINYINT',
  codes,
});

const COMMON: readonly Column[] = [
  { field: 'timestamp', key: 't', type: 'BIGINT' },
  text('event_id', 'e'),
  text('service', 's'),
  text('host', 'h'),
  text('trace_id', 'c'),
  text('span_id', 'p'),
  { field: 'tags', key: 'g', type: 'MAP(VARCHAR, VARCHAR)' },
  { field: 'meta', key: 'x', type: 'JSON' },
];

/** The columns of each kind's table, after `id` and `received_at`. Adding one at the end keeps old files readable. */
export const COLUMNS: Readonly<Record<Kind, readonly Column[]>> = {
  log: [...COMMON, word('level', 'l', LEVELS), { field: 'message', key: 'm', type: 'VARCHAR', storage: TEXT }],
  metric: [
    ...COMMON,
    text('name', 'a'),
    { field: 'value', key: 'v', type: 'DOUBLE' },
    text('unit', 'u'),
    word('metric_type', 'k', METRIC_TYPES),
  ],
  security: [
    ...COMMON,
    word('type', 'y', SECURITY_TYPES),
    word('severity', 'w', SEVERITIES),
    text('source_ip', 'o'),
    { field: 'description', key: 'd', type: 'VARCHAR', storage: TEXT },
  ],
  heartbeat: [...COMMON, word('status', 'l', HEALTH_STATES), text('version', 'b')],
  span: [
    ...COMMON,
    text('name', 'a'),
    text('parent_span_id', 'q'),
    word('kind', 'k', SPAN_KINDS),
    word('status', 'l', SPAN_STATES),
    text('start', 'b'),
    text('end', 'f'),
    { field: 'duration_ms', key: 'v', type: 'DOUBLE' },
    { field: 'attributes', key: 'y', type: 'JSON' },
  ],
};

/** The column of a field, or undefined when the kind has no such field. */
export function columnOf(kind: Kind, field: string): Column | undefined {
  return COLUMNS[kind].find((column) => column.field === field);
}

/** The statements that make a day's file. `loaded` holds one row: what the file contains, written with every load. */
export function createTables(kind: Kind, database: string): readonly string[] {
  const columns = COLUMNS[kind].map(({ field, type, storage = '' }) => `"${field}" ${type}${storage}`);
  return [
    `CREATE TABLE IF NOT EXISTS ${database}.events (id BIGINT, received_at BIGINT, ${columns.join(', ')})`,
    `CREATE TABLE IF NOT EXISTS ${database}.loaded (first_id BIGINT, last_id BIGINT, events BIGINT, min_time BIGINT, max_time BIGINT)`,
    ...createCounts(kind, database, (field) => columnOf(kind, field)?.type ?? 'VARCHAR'),
  ];
}

/**
 * The journal's records in these files as rows of the kind's table. A record is a batch by columns: its lists are laid
 * out side by side, and a column that no event of a batch has is not in its record at all.
 */
export function journalRows(kind: Kind, paths: readonly string[], maxRecordBytes: number): string {
  const { firstId, receivedAt, count } = RECORD_KEYS;
  const types = [`${firstId}: 'BIGINT'`, `${receivedAt}: 'BIGINT'`, `${count}: 'INTEGER'`];
  const fields = [`${firstId} + unnest(range(${count})) AS id`, `${receivedAt} AS received_at`];
  for (const { field, key, type } of COLUMNS[kind]) {
    types.push(`${key}: '${type}[]'`);
    fields.push(`unnest(${key}) AS "${field}"`);
  }
  const files = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ');
  return `SELECT ${fields.join(', ')} FROM read_ndjson([${files}], columns = {${types.join(', ')}}, maximum_object_size = ${maxRecordBytes})`;
}

/**
 * What to select so that `decodeRow` can read it. Whole numbers come as doubles, which hold all of ours: those are plain
 * numbers in JavaScript, while a BigInt each takes a third of the time that reading a row does. Their names differ, so that
 * ORDER BY still means the columns.
 */
export function selectList(kind: Kind): string {
  const columns = COLUMNS[kind].map(({ field, type }) => (type === 'BIGINT' ? asNumber(field) : `"${field}"`));
  return [asNumber('id'), asNumber('received_at'), ...columns].join(', ');
}

function asNumber(column: string): string {
  return `"${column}"::DOUBLE AS ${numberName(column)}`;
}

function numberName(column: string): string {
  return `${column}_number`;
}

/** The word that a column of a query holds for a field; null where there is none. */
export function decodeWord(kind: Kind, field: Field, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const codes = columnOf(kind, field)?.codes;
  return codes === undefined ? String(value) : (codes[Number(value)] ?? null);
}

/** Of each column of a row of `selectList`: the event's field, its name there, and how it is read. */
const READ: Readonly<Record<Kind, readonly { field: string; name: string; read: (value: unknown) => unknown }[]>> = {
  log: COLUMNS.log.map(reading),
  metric: COLUMNS.metric.map(reading),
  security: COLUMNS.security.map(reading),
  heartbeat: COLUMNS.heartbeat.map(reading),
  span: COLUMNS.span.map(reading),
};

function reading({ field, type, codes }: Column) {
  const name = type === 'BIGINT' ? numberName(field) : field;
  if (codes !== undefined) return { field, name, read: (value: unknown) => codes[Number(value)] };
  return { field, name, read: (value: unknown) => decodeValue(field, value) };
}

/** A row of `selectList` as the event it was. */
export function decodeRow<K extends Kind>(kind: K, row: Row): StoredEvent<K> {
  const event: Record<string, unknown> = { id: String(row.id_number), received_at: row.received_at_number };
  for (const { field, name, read } of READ[kind]) {
    const value = row[name];
    if (value !== null && value !== undefined) event[field] = read(value);
  }
  event.event_id ??= event.id;
  return event as unknown as StoredEvent<K>;
}

function decodeValue(field: string, value: unknown): unknown {
  switch (field) {
    case 'tags':
      return Object.fromEntries(
        (value as readonly { key: string; value: string }[]).map((tag) => [tag.key, tag.value]),
      );
    case 'meta':
    case 'attributes':
      return JSON.parse(String(value));
    default:
      return value;
  }
}
