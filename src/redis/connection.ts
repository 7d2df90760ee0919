import { Redis } from 'ioredis';
import type { BaseLogger } from 'pino';

/** A server that has not answered for so long is given up: the connection is made anew. */
export const ANSWER_WITHIN_MS = 5000;
const CONNECT_WITHIN_MS = 5000;
/** The first wait before connecting again; it doubles up to the second. */
const FIRST_RETRY_MS = 50;
/** How long after its return a server is found again, at most. */
export const MAX_RETRY_MS = 2000;

export interface ConnectOptions {
  readonly url: string;
  /** What `CLIENT LIST` shows. */
  readonly name: string;
  readonly log: Pick<BaseLogger, 'warn' | 'info'>;
  /** How long the longest command may wait by itself, milliseconds. */
  readonly blocksMs?: number;
}

/**
 * A connection to Redis that comes back by itself. A command is tried once: it is refused at once while there is no
 * connection, and rejected when the connection is lost before its answer; whether it was carried out nobody knows then.
 * Each outage is logged once. Whoever opens it calls `disconnect`.
 */
export function connect({ url, name, log, blocksMs = 0 }: ConnectOptions): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    disableClientInfo: true,
    connectTimeout: CONNECT_WITHIN_MS,
    socketTimeout: blocksMs + ANSWER_WITHIN_MS,
    keepAlive: 10_000,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // Without it commands of a lost connection would never be settled.
    maxRetriesPerRequest: 0,
    retryStrategy: retryMs,
  });
  let told = false;
  redis.on('error', (error) => {
    if (!told) log.warn({ err: error, connection: name }, 'Redis cannot be reached: trying again');
    told = true;
  });
  redis.on('ready', () => {
    if (told) log.info({ connection: name }, 'Redis is reached again');
    told = false;
  });
  return redis;
}

/** From half of the doubled wait to all of it, so that replicas do not come back in step. */
function retryMs(times: number): number {
  return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2);
}

/** Resolves when `redis` takes commands, or when it never will again. */
export function untilReady(redis: Redis): Promise<void> {
  if (redis.status === 'ready' || redis.status === 'end') return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      redis.off('ready', done);
      redis.off('end', done);
      resolve();
    };
    redis.on('ready', done);
    redis.on('end', done);
  });
}
