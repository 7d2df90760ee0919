import type { Read, SqlValue } from './engine.ts';

/** The table of all documents, in the attached database `documents`. */
export const DATABASE = 'documents';
export const TABLE = `${DATABASE}.entries`;

/**
 * Fields that lists are chosen by over and over, kept as JSON in columns of their own: among 100,000 incidents the open
 * ones are found in 4 ms, by their bodies it takes 400. Any other field is looked up in the bodies.
 */
export const INDEXED = ['status', 'announcing', 'enabled', 'service', 'ruleId', 'incident_id'] as const;

/** What is to be done to one row: what it needs of these columns. */
export interface Change {
  readonly what: 'insert' | 'update' | 'delete';
  readonly key: string;
  readonly collection?: string;
  /** Which an update replaces. */
  readonly version?: number;
  readonly body?: string;
  /** Values of `INDEXED`, in that order. */
  readonly indexed?: readonly (string | null)[];
  /** Null for a writer without one. */
  readonly fence: number | null;
}

const fields = INDEXED.map((field) => `"${field}"`);
const marks = fields.map(() => '?').join(', ');
const setMarks = fields.map((field) => `${field} = ?`).join(', ');
const setFound = fields.map((field) => `${field} = wanted.${field}`).join(', ');

/** Whether the fence of the writer, null for none, is as high as that of the row. */
const isAllowed = (fence: string) => `coalesce(${TABLE}.fence <= ${fence}, true)`;

/**
 * One change. `ON CONFLICT` and `RETURNING` are not among them: for a single row they cost three times what the rest does.
 */
const ONE: Readonly<Record<Change['what'], string>> = {
  insert: `INSERT INTO ${TABLE} VALUES (?, ?, 1, nextval('${DATABASE}.places'), ?, ${marks}, ?)`,
  update: `UPDATE ${TABLE} SET version = version + 1, body = ?, ${setMarks}, fence = coalesce(?, fence) WHERE key = ? AND version = ? AND ${isAllowed('?::BIGINT')}`,
  delete: `DELETE FROM ${TABLE} WHERE key = ? AND ${isAllowed('?::BIGINT')}`,
};

/** Many changes of a kind, handed over as JSON. */
const SHAPE = JSON.stringify([
  {
    key: 'VARCHAR',
    collection: 'VARCHAR',
    version: 'BIGINT',
    body: 'VARCHAR',
    ...Object.fromEntries(INDEXED.map((field) => [field, 'VARCHAR'])),
    fence: 'BIGINT',
  },
]);
const WANTED = `(SELECT unnest(from_json(?::JSON, '${SHAPE}'), recursive := true)) wanted`;
const MANY: Readonly<Record<Change['what'], string>> = {
  insert: `INSERT INTO ${TABLE} SELECT key, collection, 1, nextval('${DATABASE}.places'), body, ${fields.join(', ')}, fence FROM ${WANTED} ON CONFLICT DO NOTHING RETURNING key`,
  update: `UPDATE ${TABLE} SET version = ${TABLE}.version + 1, body = wanted.body, ${setFound}, fence = coalesce(wanted.fence, ${TABLE}.fence) FROM ${WANTED} WHERE ${TABLE}.key = wanted.key AND ${TABLE}.version = wanted.version AND ${isAllowed('wanted.fence')} RETURNING ${TABLE}.key`,
  delete: `DELETE FROM ${TABLE} USING ${WANTED} WHERE ${TABLE}.key = wanted.key AND ${isAllowed('wanted.fence')} RETURNING ${TABLE}.key`,
};

/** Makes a change; answers whether there was anything to change. One that fails within a transaction ends it. */
export async function makeChange(run: Read, change: Change): Promise<boolean> {
  const [counted] = await run(ONE[change.what], valuesOf(change));
  return Number(counted?.Count) > 0;
}

/** Whether a row could not be inserted because there is one with its key. */
export function isTaken(cause: unknown): boolean {
  return cause instanceof Error && /^Constraint Error: .*duplicate key/i.test(cause.message);
}

/** Makes changes of different rows, with one statement for each kind of them; answers the keys of those that changed anything. */
export async function makeChanges(run: Read, changes: readonly Change[]): Promise<ReadonlySet<string>> {
  const changed = new Set<string>();
  for (const what of ['insert', 'update', 'delete'] as const) {
    const alike = changes.filter((change) => change.what === what);
    if (alike.length === 0) continue;
    const rows = await run(MANY[what], [JSON.stringify(alike.map(wantedOf))]);
    for (const { key } of rows) changed.add(String(key));
  }
  return changed;
}

function valuesOf({ what, key, collection = '', version = 0, body = '', indexed = [], fence }: Change): SqlValue[] {
  switch (what) {
    case 'insert':
      return [key, collection, body, ...indexed, fence];
    case 'update':
      return [body, ...indexed, fence, key, version, fence];
    case 'delete':
      return [key, fence];
  }
}

function wantedOf({ key, collection, version, body, indexed = [], fence }: Change): object {
  const values = Object.fromEntries(INDEXED.map((field, index) => [field, indexed[index]]));
  return { key, collection, version, body, ...values, fence };
}
