import type { BaseLogger } from 'pino';
import type { Config } from '../config.ts';
import type { Bus } from './bus.ts';
import { InProcessBus } from './in-process/in-process-bus.ts';

/** The bus that the settings ask for. Whoever opens it closes it. */
export function openBus(_config: Config, log: Pick<BaseLogger, 'error'>): Bus {
  return new InProcessBus(log);
}
