import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { LightwatchError } from '../../errors.ts';
import { within } from './deadline.ts';
import { MonitorWatch } from './monitor-watch.ts';

export interface ConnectionOptions {
  readonly uri: string;
  /** Connections to each server of the deployment. */
  readonly poolSize: number;
  /** How long anything may take, questions aside: a server's answer, a connection, the acknowledgement of a majority. */
  readonly timeoutMs: number;
  /** Waits between two tries at the start. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** How often a start tries to reach the database, and the pause after the first try; each further one is twice as long. */
const TRIES = 5;
const FIRST_PAUSE_MS = 500;

/** The database, where the URI names none. */
const DEFAULT_DATABASE = 'lightwatch';

/** How often each server is asked whether it is well: one that has fallen silent is given up after this and the timeout. */
const ASK_EVERY_MS = 2000;

/** What the server says to a wrong name or password: trying again would not help. */
const AUTHENTICATION_FAILED = 18;

export interface Connection {
  readonly client: MongoClient;
  readonly db: Db;
  close(): Promise<void>;
}

/**
 * Connects, trying again while nobody answers.
 * @throws LW_STORE_UNAVAILABLE with a message that names the host, and never the password
 */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const client = createClient(options);
  const { pause = sleep } = options;
  for (let tried = 1; ; tried++) {
    try {
      await client.connect();
      const db = client.db(databaseIn(options.uri));
      await db.command({ ping: 1 }, within(options.timeoutMs)());
      const watch = new MonitorWatch(client, options.timeoutMs + ASK_EVERY_MS);
      return { client, db, close: () => watch.close() };
    } catch (cause) {
      const refused = cause instanceof MongoServerError && cause.code === AUTHENTICATION_FAILED;
      if (tried === TRIES || refused) {
        await client.close().catch(() => undefined);
        const why = refused ? 'refuses the name or password of MONGO_URI' : `does not answer, after ${TRIES} tries`;
        throw new LightwatchError('LW_STORE_UNAVAILABLE', `MongoDB at ${hostsOf(client)} ${why}`, { cause });
      }
      await pause(FIRST_PAUSE_MS * 2 ** (tried - 1));
    }
  }
}

function createClient({ uri, poolSize, timeoutMs }: ConnectionOptions): MongoClient {
  try {
    return new MongoClient(uri, {
      appName: 'lightwatch',
      maxPoolSize: poolSize,
      serverSelectionTimeoutMS: timeoutMs,
      connectTimeoutMS: timeoutMs,
      heartbeatFrequencyMS: ASK_EVERY_MS,
      // A query sees every write that was acknowledged before it.
      readPreference: 'primary',
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: timeoutMs },
    });
  } catch (cause) {
    // The driver may quote the URI, and with it the password.
    throw new LightwatchError('LW_STORE_UNAVAILABLE', 'MONGO_URI is not a connection string of MongoDB', { cause });
  }
}

function databaseIn(uri: string): string {
  const [, name = DEFAULT_DATABASE] = /^[^:]+:\/\/[^/]+\/([^?]+)/.exec(uri) ?? [];
  return decodeURIComponent(name);
}

/** A database that answers and cannot be made ready, for the operator. */
export function openError({ client }: Connection, cause: unknown): LightwatchError {
  if (cause instanceof LightwatchError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LightwatchError('LW_STORE_UNAVAILABLE', `MongoDB at ${hostsOf(client)} cannot be used: ${why}`, { cause });
}

/** The hosts of a connection, for people. */
function hostsOf({ options }: MongoClient): string {
  return options.srvHost ?? options.hosts.map(String).join(', ');
}

/** A start has nothing else to do meanwhile: this timer keeps the process alive. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
