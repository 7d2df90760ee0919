import type { Bench } from './bench.ts';
import { amount, atMost, type Row } from './report.ts';
import { median } from './statistics.ts';

const STARTS = 3;

/** From the start of the process until it answers on its port. */
export async function start(bench: Bench): Promise<Row[]> {
  bench.progress('start');
  const { dataDir: filledDataDir, events } = await bench.retireFilled();
  const times = async (dataDir: () => string) => {
    const milliseconds: number[] = [];
    for (let number = 0; number < STARTS; number++) {
      const server = await bench.startServer(dataDir());
      milliseconds.push(server.startMs);
      await bench.retire(server, 'start');
    }
    return median(milliseconds) / 1000;
  };
  const empty = await times(() => bench.path('data'));
  const filled = await times(() => filledDataDir);
  return [
    { measure: 'listening, empty store', shown: amount(empty, 's'), goal: atMost(empty, 1, 's') },
    {
      measure: `listening, store of ${amount(events, 'events')}`,
      shown: amount(filled, 's'),
      goal: atMost(filled, 3, 's'),
    },
  ];
}
