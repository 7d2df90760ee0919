import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { amount, atMost, type Row } from './report.ts';

const IDLE_SECONDS = 5;
const MEGABYTE = 1e6;

/** What a server on an empty store holds, and the most that those under load have held. */
export async function memory(bench: Bench): Promise<Row[]> {
  bench.progress('memory: idle');
  const server = await bench.startServer();
  await sleep(bench.seconds(IDLE_SECONDS) * 1000);
  const { rssBytes, anonymousBytes } = server.figures();
  await bench.retire(server, 'idle');
  const idle = rssBytes / MEGABYTE;
  const own = anonymousBytes === undefined ? '' : `, ${amount(anonymousBytes / MEGABYTE, 'MB')} of it its own`;
  await bench.retireFilled();
  const loads = new Map<string, number>();
  for (const { load, bytes } of bench.peaks) loads.set(load, Math.max(loads.get(load) ?? 0, bytes / MEGABYTE));
  loads.delete('idle');
  const peak = Math.max(...loads.values());
  return [
    {
      measure: `memory after ${IDLE_SECONDS} s idle`,
      shown: `${amount(idle, 'MB')}${own}`,
      goal: atMost(idle, 110, 'MB'),
    },
    {
      measure: 'memory at its peak under the loads above',
      shown: [...loads].map(([load, megabytes]) => `${load}: ${amount(megabytes, 'MB')}`).join('; '),
      goal: atMost(peak, 350, 'MB'),
    },
  ];
}
