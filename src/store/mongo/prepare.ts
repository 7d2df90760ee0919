import { isDeepStrictEqual } from 'node:util';
import { type Db, type Document, type IndexDescription, MongoServerError } from 'mongodb';
import { COLLECTIONS } from '../../../schemas/documents.ts';
import { KINDS, type Kind } from '../../../schemas/event.ts';
import { documentIndexes, EVENT_COLLECTIONS, EVENT_INDEXES, SERVICES, SHARD_KEY, TTL_INDEX } from './collections.ts';
import type { MongoLog } from './mongo-log.ts';
import { validatorOf } from './validator.ts';

/** How long events of each kind are kept, in milliseconds. */
export type Retention = Readonly<Record<Kind, number>>;

const NAMESPACE_NOT_FOUND = 26;
const NAMESPACE_EXISTS = 48;
/** What a server says that shards a collection already. */
const ALREADY_SHARDED: readonly unknown[] = [20, 23];

/**
 * Makes what is missing and changes what is different: collections, validators, indexes, how long the server keeps events,
 * and on a sharded cluster the shard keys. Several replicas may do so at one time.
 */
export async function prepare(db: Db, retentionMs: Retention | undefined, log: MongoLog): Promise<void> {
  const existing = new Map((await db.listCollections().toArray()).map(({ name, ...rest }) => [name, rest]));
  await Promise.all([
    ...KINDS.map(async (kind) => {
      const name = EVENT_COLLECTIONS[kind];
      await ensureValidator(db, name, validatorOf(kind), existing.get(name), log);
      await ensureIndexes(
        db,
        name,
        EVENT_INDEXES[kind],
        retentionMs && { field: 'received_at', keepMs: retentionMs[kind] },
      );
    }),
    ensureIndexes(db, SERVICES, [], retentionMs && { field: 'last_seen', keepMs: retentionMs.heartbeat }),
    ...COLLECTIONS.map((name) => ensureIndexes(db, name, documentIndexes(name))),
  ]);
  if (await isSharded(db)) await shard(db, log);
}

const WARN = { validationAction: 'warn', validationLevel: 'moderate' } as const;

/** A validator only warns: that a server does not take it is no reason to do without the server. */
async function ensureValidator(
  db: Db,
  name: string,
  validator: Document,
  existing: Document | undefined,
  log: MongoLog,
): Promise<void> {
  if (isDeepStrictEqual(existing?.options?.validator, validator)) return;
  try {
    if (existing === undefined) await create(db, name);
    await db.command({ collMod: name, validator, ...WARN });
  } catch (err) {
    if (!(err instanceof MongoServerError)) throw err;
    log.warn({ err, collection: name }, 'MongoDB does not take the validator: it will not warn of foreign documents');
  }
}

async function create(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (cause) {
    // Another replica was faster.
    if (!(cause instanceof MongoServerError && cause.code === NAMESPACE_EXISTS)) throw cause;
  }
}

/**
 * Makes the indexes that are missing; one that is there by its name is left alone: to change an index, its name changes.
 * The server deletes what is older than `ttl` says, by the time in its field. A changed retention is changed in place: no index
 * is built anew for it.
 */
async function ensureIndexes(
  db: Db,
  name: string,
  indexes: readonly IndexDescription[],
  ttl?: { readonly field: string; readonly keepMs: number },
): Promise<void> {
  const there = await indexesOf(db, name);
  const missing = indexes.filter((index) => !there.some((other) => other.name === index.name));
  if (ttl !== undefined) {
    const key = { [ttl.field]: 1 } as const;
    const expireAfterSeconds = Math.ceil(ttl.keepMs / 1000);
    const found = there.find((other) => isDeepStrictEqual(other.key, key));
    if (found === undefined) missing.push({ name: TTL_INDEX, key, expireAfterSeconds });
    else if (Number(found.expireAfterSeconds) !== expireAfterSeconds)
      await db.command({ collMod: name, index: { keyPattern: key, expireAfterSeconds } });
  }
  if (missing.length > 0) await db.collection(name).createIndexes(missing);
}

async function indexesOf(db: Db, name: string): Promise<readonly Document[]> {
  try {
    return await db.collection(name).indexes();
  } catch (cause) {
    if (cause instanceof MongoServerError && cause.code === NAMESPACE_NOT_FOUND) return [];
    throw cause;
  }
}

/** Only the router of a sharded cluster says so of itself. */
async function isSharded(db: Db): Promise<boolean> {
  return (await db.command({ hello: 1 })).msg === 'isdbgrid';
}

/** Spreads the event collections. Without the rights to do so they stay where they are, which an operator should know. */
async function shard(db: Db, log: MongoLog): Promise<void> {
  for (const command of shardCommands(db.databaseName)) {
    try {
      await db.admin().command(command);
    } catch (err) {
      if (err instanceof MongoServerError && ALREADY_SHARDED.includes(err.code)) continue;
      log.warn({ err, command: Object.keys(command)[0] }, 'the events could not be spread over the shards');
    }
  }
}

export function shardCommands(database: string): readonly Document[] {
  return [
    { enableSharding: database },
    ...KINDS.map((kind) => ({ shardCollection: `${database}.${EVENT_COLLECTIONS[kind]}`, key: SHARD_KEY })),
  ];
}
