import { closeSync, fdatasyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { DuckDBValue } from '@duckdb/node-api';
import { parseBody } from '../src/ingest/parse-body.ts';
import type { Corpus } from './corpus.ts';
import { createTable, loadCorpus, openDatabase, openStore } from './duckdb-table.ts';
import { type Summary, summarize } from './statistics.ts';
import { serveCalls } from './worker.ts';

/** What a cost amounts to when nothing else is done. */
export interface CeilingFigures {
  readonly perSecond: number;
  readonly cpuSecondsPerMillion: number;
}

/** A question as SQL with its parameters; several statements when one answer needs several. */
export type Question = readonly { readonly sql: string; readonly values: readonly (string | number)[] }[];

interface Questions {
  /** The database to ask, or the data directory of a store that nobody has open. */
  readonly databasePath?: string;
  readonly dataDir?: string;
  /** Asked in turn. */
  readonly questions: readonly Question[];
  readonly seconds: number;
}

async function measure(events: number, task: () => Promise<void> | void): Promise<CeilingFigures> {
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  await task();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: events / seconds, cpuSecondsPerMillion: (user + system) / events };
}

function eachBatch(corpus: Corpus, use: (batch: Buffer) => void): void {
  const file = openSync(corpus.path, 'r');
  let start = 0;
  for (const end of corpus.offsets.slice(1)) {
    const batch = Buffer.allocUnsafe(end - start);
    readSync(file, batch, 0, batch.length, start);
    use(batch);
    start = end;
  }
  closeSync(file);
}

/** Bytes to text and `JSON.parse` of every line, as ingest does it, and nothing else of it. */
function parse(corpus: Corpus): Promise<CeilingFigures> {
  return measure(corpus.events, () => {
    let parsed = 0;
    eachBatch(corpus, (batch) => {
      // As ingest does: a string of a whole batch costs Node 20 more than to parse it.
      const body = parseBody(batch, true);
      if ('many' in body) parsed += body.many.length;
    });
    if (parsed !== corpus.events) throw new Error(`BUG: parsed ${parsed} of ${corpus.events} events`);
  });
}

/** `write` and `fdatasync` of every batch. */
async function sync({ corpus, path }: { corpus: Corpus; path: string }): Promise<CeilingFigures> {
  const file = openSync(path, 'w');
  const figures = await measure(corpus.events, () => {
    eachBatch(corpus, (batch) => {
      writeSync(file, batch);
      fdatasyncSync(file);
    });
  });
  closeSync(file);
  rmSync(path);
  return figures;
}

/** DuckDB's `read_ndjson` into the table the embedded store has. The database stays for `ask`. */
async function load({ corpus, path }: { corpus: Corpus; path: string }): Promise<CeilingFigures> {
  const connection = await openDatabase(path, 1);
  await createTable(connection);
  const figures = await measure(corpus.events, () => loadCorpus(connection, corpus.path));
  await connection.run('USE memory');
  await connection.run('DETACH bench');
  connection.closeSync();
  return figures;
}

/** Asks DuckDB directly, one question after the other; milliseconds each. */
async function ask({ databasePath, dataDir, questions, seconds }: Questions): Promise<Summary> {
  const connection =
    dataDir === undefined ? await openDatabase(databasePath ?? ':memory:', 2) : await openStore(dataDir, 2);
  const latencies: number[] = [];
  const ends = performance.now() + seconds * 1000;
  for (let number = 0; number < questions.length || performance.now() < ends; number++) {
    const began = performance.now();
    for (const { sql, values } of questions[number % questions.length] ?? []) {
      const reader = await connection.runAndReadAll(sql, [...values] as DuckDBValue[]);
      reader.getRowObjectsJS();
    }
    latencies.push(performance.now() - began);
  }
  if (dataDir === undefined) {
    await connection.run('USE memory');
    await connection.run('DETACH bench');
  }
  connection.closeSync();
  return summarize(latencies);
}

const methods = { parse, sync, load, ask };
export type Ceilings = typeof methods;
serveCalls(methods);
