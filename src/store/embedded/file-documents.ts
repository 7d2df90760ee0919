import type { Collection, DocumentOf } from '../../../schemas/documents.ts';
import type { DocumentPage, DocumentQuery, Documents, Versioned } from '../store.ts';
import type { Engine, Row, SqlValue } from './engine.ts';

const DATABASE = 'documents';
const TABLE = `${DATABASE}.documents`;

/** Documents in a DuckDB file of their own, each as JSON. A write is durable when it returns. */
export class FileDocuments implements Documents {
  private readonly engine: Engine;

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Attaches the file at `path`. DuckDB locks it, so that a second process on the same data is refused. */
  static async open(engine: Engine, path: string): Promise<FileDocuments> {
    await engine.write(async (run) => {
      await engine.attach(DATABASE, path);
      await run(`CREATE SEQUENCE IF NOT EXISTS ${DATABASE}.places`);
      await run(
        `CREATE TABLE IF NOT EXISTS ${TABLE} (collection VARCHAR, id VARCHAR, version BIGINT, place BIGINT, body JSON, PRIMARY KEY (collection, id))`,
      );
    });
    return new FileDocuments(engine);
  }

  async get<C extends Collection>(collection: C, id: string): Promise<Versioned<DocumentOf<C>> | undefined> {
    const [row] = await this.engine.snapshot((read) =>
      read(`SELECT version, body FROM ${TABLE} WHERE collection = ? AND id = ?`, [collection, id]),
    );
    return row === undefined ? undefined : decode(row);
  }

  async list<C extends Collection>(
    collection: C,
    { where = {}, order = 'asc', limit, offset = 0 }: DocumentQuery<DocumentOf<C>> = {},
  ): Promise<DocumentPage<DocumentOf<C>>> {
    const conditions = ['collection = ?'];
    const values: SqlValue[] = [collection];
    for (const [field, value] of Object.entries(where)) {
      if (value === undefined) continue;
      conditions.push('json_extract(body, ?) = ?::JSON');
      values.push(`$."${field}"`, JSON.stringify(value));
    }
    const from = `FROM ${TABLE} WHERE ${conditions.join(' AND ')}`;
    const range = `${limit === undefined ? '' : `LIMIT ${limit}`} OFFSET ${offset}`;
    return this.engine.snapshot(async (read) => {
      const rows = await read(`SELECT version, body ${from} ORDER BY place ${order} ${range}`, values);
      const [count] = await read(`SELECT count(*) AS total ${from}`, values);
      return { items: rows.map((row) => decode<DocumentOf<C>>(row)), total: Number(count?.total) };
    });
  }

  async insert<C extends Collection>(collection: C, document: DocumentOf<C>): Promise<boolean> {
    const rows = await this.engine.write((run) =>
      run(
        `INSERT INTO ${TABLE} VALUES (?, ?, 1, nextval('${DATABASE}.places'), ?) ON CONFLICT DO NOTHING RETURNING id`,
        [collection, document.id, JSON.stringify(document)],
      ),
    );
    return rows.length > 0;
  }

  async update<C extends Collection>(collection: C, document: DocumentOf<C>, version: number): Promise<boolean> {
    const rows = await this.engine.write((run) =>
      run(
        `UPDATE ${TABLE} SET version = version + 1, body = ? WHERE collection = ? AND id = ? AND version = ? RETURNING id`,
        [JSON.stringify(document), collection, document.id, version],
      ),
    );
    return rows.length > 0;
  }

  async delete(collection: Collection, id: string): Promise<boolean> {
    const rows = await this.engine.write((run) =>
      run(`DELETE FROM ${TABLE} WHERE collection = ? AND id = ? RETURNING id`, [collection, id]),
    );
    return rows.length > 0;
  }
}

function decode<D>(row: Row): Versioned<D> {
  return { document: JSON.parse(String(row.body)) as D, version: Number(row.version) };
}
