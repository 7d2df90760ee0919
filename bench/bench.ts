import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import picocolors from 'picocolors';
import type { Ceilings } from './ceilings.ts';
import { type Corpus, writeCorpus } from './corpus.ts';
import type { BatchLoad } from './load-batches.ts';
import type { Row } from './report.ts';
import { API_KEY, Server } from './server.ts';
import { type Methods, startWorker, type Worker } from './worker.ts';

interface Options {
  /** Events of the corpus. */
  readonly events: number;
  /** Events of the store that holds a week. */
  readonly weekEvents: number;
  /** Times the batches are measured, each on an empty store. */
  readonly runs: number;
  /** Every duration is multiplied by this: 1, or less to try the benchmark itself. */
  readonly scale: number;
  /** The Node that runs the server and the ceilings, and its major version. */
  readonly node: string;
  readonly nodeMajor: number;
}

/** One thing to measure. */
export type Subject = (bench: Bench) => Promise<Row[]>;

/** What the subjects of one run share. Whatever it starts it ends, however the run ends. */
export class Bench {
  readonly options: Options;
  /** The most memory each retired server ever held, bytes, and what it had done. */
  readonly peaks: { readonly load: string; readonly bytes: number }[] = [];
  private readonly directory = mkdtempSync(join(tmpdir(), 'lightwatch-bench-'));
  private readonly dataDirs = new Map<Server, string>();
  private madeCorpus: Promise<Corpus> | undefined;
  private filledServer: Server | undefined;
  private retired: { readonly dataDir: string; readonly events: number } | undefined;
  private loadedDatabase: Promise<string> | undefined;
  private names = 0;

  constructor(options: Options) {
    this.options = options;
    process.once('exit', () => rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 }));
  }

  /** A path in the directory of this run that nobody else was given. */
  path(name: string): string {
    return join(this.directory, `${++this.names}-${name}`);
  }

  seconds(seconds: number): number {
    return seconds * this.options.scale;
  }

  progress(text: string): void {
    process.stderr.write(`${picocolors.dim(text)}\n`);
  }

  corpus(): Promise<Corpus> {
    this.madeCorpus ??= (() => {
      this.progress(`writing a corpus of ${this.options.events} events`);
      return writeCorpus(this.path('corpus.ndjson'), this.options.events, Date.now());
    })();
    return this.madeCorpus;
  }

  /** A server on an empty store, or on the one in `dataDir`. */
  async startServer(dataDir = this.path('data'), settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    const server = await Server.start(dataDir, this.options.node, settings);
    this.dataDirs.set(server, dataDir);
    return server;
  }

  /** Stops a server and keeps what it used; answers its data directory. */
  async retire(server: Server, load: string): Promise<string> {
    this.peaks.push({ load, bytes: server.figures().peakBytes });
    await server.stop();
    const dataDir = this.dataDirs.get(server);
    if (dataDir === undefined) throw new Error('BUG: a server of another run');
    this.dataDirs.delete(server);
    return dataDir;
  }

  /** The server whose store holds the corpus; fills one if none was measured yet. */
  async filled(): Promise<Server> {
    if (this.filledServer !== undefined) return this.filledServer;
    const corpus = await this.corpus();
    const server = await this.startServer();
    this.progress('filling a store');
    await this.withWorker<BatchLoad, unknown>('load-batches', (worker) =>
      worker.call('run', { port: server.port, key: API_KEY, corpus, connections: 4 }),
    );
    await server.settle();
    this.filledServer = server;
    return server;
  }

  /** Makes `server`, which was sent the whole corpus, the filled one. */
  keepFilled(server: Server): void {
    this.filledServer = server;
  }

  /** Stops the filled server, so that its files can be looked at: where they are and how many events they hold. */
  async retireFilled(): Promise<{ readonly dataDir: string; readonly events: number }> {
    if (this.retired !== undefined) return this.retired;
    const server = await this.filled();
    await server.settle();
    const events = Object.values((await server.stats()).store.events).reduce((sum, count) => sum + count, 0);
    this.retired = { dataDir: await this.retire(server, 'batches, queries, live clients'), events };
    return this.retired;
  }

  /** A DuckDB database with the corpus in one table, to ask directly what Lightwatch is asked. */
  database(): Promise<string> {
    this.loadedDatabase ??= (async () => {
      const corpus = await this.corpus();
      const path = this.path('ceiling.duckdb');
      await this.withWorker<Ceilings, unknown>(
        'ceilings',
        (worker) => worker.call('load', { corpus, path }),
        this.options.node,
      );
      return path;
    })();
    return this.loadedDatabase;
  }

  /** Takes the database that a measurement of loading has left. */
  keepDatabase(path: string): void {
    this.loadedDatabase = Promise.resolve(path);
  }

  /** Runs `task` with a process of the benchmark's own, on this Node unless told otherwise. */
  async withWorker<M extends Methods, T>(
    name: string,
    task: (worker: Worker<M>) => Promise<T>,
    node = process.execPath,
  ): Promise<T> {
    const worker = startWorker<M>(name, node);
    try {
      return await task(worker);
    } finally {
      await worker.stop();
    }
  }

  async close(): Promise<void> {
    for (const server of [...this.dataDirs.keys()]) await server.stop();
    this.dataDirs.clear();
  }
}
