import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** Levels are kept as their place in this list. */
export const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;

/** One thread is cheapest while loading, two are faster for a question. */
export async function openDatabase(path: string, threads: number): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  await connection.run(`ATTACH ${literal(path)} AS bench (STORAGE_VERSION 'latest')`);
  await connection.run('USE bench');
  return connection;
}

/** The days of a store that nobody has open, as the views `events` (logs) and `metrics`. */
export async function openStore(dataDir: string, threads: number): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  for (const [view, kind] of [
    ['events', 'log'],
    ['metrics', 'metric'],
  ] as const) {
    const folder = join(dataDir, 'events', kind);
    const days = (await readdir(folder)).filter((name) => name.endsWith('.duckdb')).sort();
    const sources: string[] = [];
    for (const [index, name] of days.entries()) {
      await connection.run(`ATTACH ${literal(join(folder, name))} AS ${kind}${index} (READ_ONLY)`);
      sources.push(`SELECT * FROM ${kind}${index}.events`);
    }
    await connection.run(`CREATE VIEW ${view} AS ${sources.join(' UNION ALL ')}`);
  }
  return connection;
}

/** A table with the columns a log has in the embedded store, of the same types. */
export async function createTable(connection: DuckDBConnection): Promise<void> {
  await connection.run(`CREATE TABLE events (
    id BIGINT, received_at BIGINT, timestamp BIGINT, event_id VARCHAR, service VARCHAR, host VARCHAR, trace_id VARCHAR,
    span_id VARCHAR, tags MAP(VARCHAR, VARCHAR), meta JSON, level UTINYINT, message VARCHAR USING COMPRESSION zstd
  )`);
}

/** Loads a corpus as DuckDB reads it, in one statement, down to the file. */
export async function loadCorpus(connection: DuckDBConnection, corpusPath: string): Promise<void> {
  await connection.run(`INSERT INTO events
    SELECT row_number() OVER () AS id, 0 AS received_at, epoch_ms(timestamp) AS timestamp, NULL, service, host, trace_id,
      NULL, NULL, NULL, list_position([${LEVELS.map(literal).join(', ')}], level) - 1 AS level, message
    FROM read_ndjson(${literal(corpusPath)}, columns = {timestamp: 'TIMESTAMP', service: 'VARCHAR', level: 'VARCHAR',
      host: 'VARCHAR', trace_id: 'VARCHAR', message: 'VARCHAR'})`);
  await connection.run('CHECKPOINT bench');
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
