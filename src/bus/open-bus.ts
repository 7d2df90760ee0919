import type { BaseLogger } from 'pino';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Bus } from './bus.ts';
import { InProcessBus } from './in-process/in-process-bus.ts';

/** The bus that the settings ask for. Whoever opens it closes it. */
export async function openBus(
  { redisUrl }: Pick<Config, 'redisUrl'>,
  clock: Clock,
  log: Pick<BaseLogger, 'error' | 'warn' | 'info'>,
): Promise<Bus> {
  if (redisUrl === undefined) return new InProcessBus(log);
  // Its client costs a start 50 ms, which most servers need not spend.
  const { RedisBus } = await import('./redis/redis-bus.ts');
  return RedisBus.open({ url: redisUrl, clock, log });
}
