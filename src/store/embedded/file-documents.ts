import type { Collection, DocumentOf } from '../../../schemas/documents.ts';
import type { DocumentPage, DocumentQuery, Documents, Versioned } from '../store.ts';
import { type Change, DATABASE, INDEXED, TABLE } from './document-changes.ts';
import type { Engine, Read, Row, SqlValue } from './engine.ts';
import { GroupCommit } from './group-commit.ts';
import { readError, writeError } from './store-error.ts';

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

/** Documents in a DuckDB file of their own, each as JSON. A write is durable when it returns; those that come together share a commit. */
export class FileDocuments implements Documents {
  private readonly engine: Engine;
  private readonly commits: GroupCommit;
  /** Null for those who write without one. */
  private readonly fence: number | null;

  private constructor(engine: Engine, commits: GroupCommit, fence: number | null) {
    this.engine = engine;
    this.commits = commits;
    this.fence = fence;
  }

  /** Attaches the file at `path`. DuckDB locks it, so that a second process on the same data is refused. */
  static async open(engine: Engine, path: string): Promise<FileDocuments> {
    await engine.attach(DATABASE, path, [
      `CREATE SEQUENCE IF NOT EXISTS ${DATABASE}.places`,
      `CREATE TABLE IF NOT EXISTS ${TABLE} (${COLUMNS.join(', ')})`,
      ...ADDED_COLUMNS.map((column) => `ALTER TABLE ${TABLE} ADD COLUMN IF NOT EXISTS ${column}`),
    ]);
    return new FileDocuments(engine, new GroupCommit(engine), null);
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
    return this.change({ what: 'insert', key: keyOf(collection, document.id), collection, ...columnsOf(document) });
  }

  async update<C extends Collection>(collection: C, document: DocumentOf<C>, version: number): Promise<boolean> {
    return this.change({ what: 'update', key: keyOf(collection, document.id), version, ...columnsOf(document) });
  }

  async delete(collection: Collection, id: string): Promise<boolean> {
    return this.change({ what: 'delete', key: keyOf(collection, id) });
  }

  fenced(fence: number): FileDocuments {
    return new FileDocuments(this.engine, this.commits, fence);
  }

  private async reading<T>(ask: (read: Read) => Promise<T>): Promise<T> {
    try {
      return await this.engine.snapshot(ask);
    } catch (cause) {
      throw readError(cause);
    }
  }

  /** Answers whether there was anything to change. */
  private async change(change: Omit<Change, 'fence'>): Promise<boolean> {
    try {
      return await this.commits.make({ ...change, fence: this.fence });
    } catch (cause) {
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

function columnsOf(document: object): Pick<Change, 'body' | 'indexed'> {
  const fields = new Map<string, unknown>(Object.entries(document));
  return {
    body: wellFormedJson(document),
    indexed: INDEXED.map((field) => JSON.stringify(fields.get(field)) ?? null),
  };
}

/** How `JSON.stringify` writes half of a surrogate pair; DuckDB takes that for damaged. */
const HALF_PAIR = /\\ud[89a-f][0-9a-f]{2}/;

/** As events: what is half a character becomes U+FFFD. */
function wellFormedJson(document: object): string {
  const json = JSON.stringify(document);
  if (!HALF_PAIR.test(json)) return json;
  return JSON.stringify(document, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value));
}

function decode<D>(row: Row): Versioned<D> {
  return { document: JSON.parse(String(row.body)) as D, version: Number(row.version) };
}
