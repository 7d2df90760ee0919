import type { Collection, DocumentOf } from '../../../schemas/documents.ts';
import type { DocumentPage, DocumentQuery, Documents, Versioned } from '../store.ts';
import type { Engine, Read, Row, SqlValue } from './engine.ts';
import { readError, writeError } from './store-error.ts';

const DATABASE = 'documents';
const TABLE = `${DATABASE}.entries`;

/**
 * Fields that lists are chosen by over and over, kept as JSON in columns of their own: among 100,000 incidents the open
 * ones are found in 4 ms, by their bodies it takes 400. Any other field is looked up in the bodies.
 */
const INDEXED = ['status', 'announcing', 'enabled', 'service', 'ruleId', 'incident_id'] as const;

/** DuckDB looks a row up by a key of one column, and walks all of them for one of two. */
const COLUMNS = [
  'key VARCHAR PRIMARY KEY',
  'collection VARCHAR',
  'version BIGINT',
  'place BIGINT',
  'body JSON',
  ...INDEXED.map((field) => `"${field}" VARCHAR`),
];

/** Later columns are added to files that were made before them. */
const ADDED_COLUMNS = ['fence BIGINT'];

/** Whether the fence of the writer, null for none, is as high as that of the row. */
const NOT_FENCED_OFF = 'coalesce(fence <= ?::BIGINT, true)';

/** Documents in a DuckDB file of their own, each as JSON. A write is durable when it returns. */
export class FileDocuments implements Documents {
  private readonly engine: Engine;
  /** Null for those who write without one. */
  private readonly fence: number | null;

  private constructor(engine: Engine, fence: number | null) {
    this.engine = engine;
    this.fence = fence;
  }

  /** Attaches the file at `path`. DuckDB locks it, so that a second process on the same data is refused. */
  static async open(engine: Engine, path: string): Promise<FileDocuments> {
    await engine.attach(DATABASE, path, [
      `CREATE SEQUENCE IF NOT EXISTS ${DATABASE}.places`,
      `CREATE TABLE IF NOT EXISTS ${TABLE} (${COLUMNS.join(', ')})`,
      ...ADDED_COLUMNS.map((column) => `ALTER TABLE ${TABLE} ADD COLUMN IF NOT EXISTS ${column}`),
    ]);
    return new FileDocuments(engine, null);
  }

  async get<C extends Collection>(collection: C, id: string): Promise<Versioned<DocumentOf<C>> | undefined> {
    return this.reading(async (read) => {
      const [row] = await read(`SELECT version, body FROM ${TABLE} WHERE key = ?`, [keyOf(collection, id)]);
      return row === undefined ? undefined : decode(row);
    });
  }

  async list<C extends Collection>(
    collection: C,
    { where = {}, order = 'asc', limit, offset = 0 }: DocumentQuery<DocumentOf<C>> = {},
  ): Promise<DocumentPage<DocumentOf<C>>> {
    const { text, values } = conditions(collection, where);
    const from = `FROM ${TABLE} WHERE ${text}`;
    const range = `${limit === undefined ? '' : `LIMIT ${limit}`} OFFSET ${offset}`;
    return this.reading(async (read) => {
      const rows = await read(`SELECT version, body ${from} ORDER BY place ${order} ${range}`, values);
      const items = rows.map((row) => decode<DocumentOf<C>>(row));
      if (limit === undefined && offset === 0) return { items, total: items.length };
      const [count] = await read(`SELECT count(*) AS total ${from}`, values);
      return { items, total: Number(count?.total) };
    });
  }

  async insert<C extends Collection>(collection: C, document: DocumentOf<C>): Promise<boolean> {
    const fields = INDEXED.map(() => '?').join(', ');
    return this.changes(
      `INSERT INTO ${TABLE} VALUES (?, ?, 1, nextval('${DATABASE}.places'), ?, ${fields}, ?) ON CONFLICT DO NOTHING RETURNING key`,
      [keyOf(collection, document.id), collection, JSON.stringify(document), ...indexedValues(document), this.fence],
    );
  }

  async update<C extends Collection>(collection: C, document: DocumentOf<C>, version: number): Promise<boolean> {
    const fields = INDEXED.map((field) => `"${field}" = ?`).join(', ');
    return this.changes(
      `UPDATE ${TABLE} SET version = version + 1, body = ?, ${fields}, fence = coalesce(?, fence) WHERE key = ? AND version = ? AND ${NOT_FENCED_OFF} RETURNING key`,
      [
        JSON.stringify(document),
        ...indexedValues(document),
        this.fence,
        keyOf(collection, document.id),
        version,
        this.fence,
      ],
    );
  }

  async delete(collection: Collection, id: string): Promise<boolean> {
    return this.changes(`DELETE FROM ${TABLE} WHERE key = ? AND ${NOT_FENCED_OFF} RETURNING key`, [
      keyOf(collection, id),
      this.fence,
    ]);
  }

  fenced(fence: number): FileDocuments {
    return new FileDocuments(this.engine, fence);
  }

  private async reading<T>(ask: (read: Read) => Promise<T>): Promise<T> {
    try {
      return await this.engine.snapshot(ask);
    } catch (cause) {
      throw readError(cause);
    }
  }

  /** Runs a statement that returns what it has changed; answers whether that is anything. */
  private async changes(sql: string, values: readonly SqlValue[]): Promise<boolean> {
    try {
      const rows = await this.engine.write((run) => run(sql, values));
      return rows.length > 0;
    } catch (cause) {
      await this.engine.recover(cause).catch(() => undefined);
      throw writeError(cause);
    }
  }
}

/** No collection has a slash in its name. */
function keyOf(collection: Collection, id: string): string {
  return `${collection}/${id}`;
}

function conditions(collection: Collection, where: object): { readonly text: string; readonly values: SqlValue[] } {
  const terms = ['collection = ?'];
  const values: SqlValue[] = [collection];
  for (const [field, value] of Object.entries(where)) {
    if (value === undefined) continue;
    if ((INDEXED as readonly string[]).includes(field)) {
      terms.push(`"${field}" = ?`);
    } else {
      terms.push('json_extract(body, ?) = ?::JSON');
      values.push(`$."${field}"`);
    }
    values.push(JSON.stringify(value));
  }
  return { text: terms.join(' AND '), values };
}

function indexedValues(document: object): readonly SqlValue[] {
  const fields = new Map<string, unknown>(Object.entries(document));
  return INDEXED.map((field) => JSON.stringify(fields.get(field)) ?? null);
}

function decode<D>(row: Row): Versioned<D> {
  return { document: JSON.parse(String(row.body)) as D, version: Number(row.version) };
}
