import { createTask } from 'node-cron';
import type { Clock } from '../core/clock.ts';

/** Calls something from time to time. Returns how to end that. */
export type Schedule = (task: () => Promise<void>) => { stop(): Promise<void> };

/**
 * Calls `task` once in every `intervalMs`, counted from the epoch, so that replicas and restarts keep the same beat. A
 * cron pattern can only say intervals that divide a minute or an hour; so cron knocks every second, and the clock says
 * whether a new interval has begun.
 */
export function cronSchedule(intervalMs: number, clock: Clock): Schedule {
  return (task) => {
    const intervalNow = () => Math.floor(clock.now() / intervalMs);
    let last = intervalNow();
    const cron = createTask(
      '* * * * * *',
      async () => {
        const interval = intervalNow();
        if (interval === last) return;
        last = interval;
        await task();
      },
      { unref: true, suppressMissedWarning: true },
    );
    void cron.start();
    return { stop: async () => cron.destroy() };
  };
}
