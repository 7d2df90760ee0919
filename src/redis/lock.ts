import type { Redis } from 'ioredis';

/** Takes the key if it is free, keeps it if it is ours. Answers whether it is ours now. */
const CLAIM = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`;

interface RedisLockParts {
  readonly redis: Redis;
  readonly key: string;
  readonly holder: string;
  readonly leaseMs: number;
}

/** A key that one of several replicas holds, until it lapses. A flushed Redis has forgotten it: nothing may rest on it alone. */
export class RedisLock {
  readonly #parts: RedisLockParts;

  constructor(parts: RedisLockParts) {
    this.#parts = parts;
  }

  async claim(): Promise<'held' | 'taken' | 'unknown'> {
    const { redis, key, holder, leaseMs } = this.#parts;
    if (redis.status !== 'ready') return 'unknown';
    try {
      return (await redis.eval(CLAIM, 1, key, holder, leaseMs)) === 1 ? 'held' : 'taken';
    } catch {
      // The connection has said why.
      return 'unknown';
    }
  }

  async release(): Promise<void> {
    const { redis, key, holder } = this.#parts;
    if (redis.status === 'ready') await redis.eval(RELEASE, 1, key, holder).catch(() => undefined);
  }
}
