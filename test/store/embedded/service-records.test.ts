import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_SERVICES, ServiceRecords } from '../../../src/store/embedded/service-records.ts';
import type { ServiceRecord } from '../../../src/store/store.ts';

const record = (service: string, lastSeen: number): ServiceRecord => ({
  service,
  host: null,
  status: 'healthy',
  version: null,
  lastSeen,
});

test('past the cap those that were silent longest are forgotten, however many come and go', () => {
  const records = new ServiceRecords();
  const rounds = 30 * MAX_SERVICES;
  for (let at = 0; at < rounds; at++) {
    records.put(record(`passing ${at}`, at));
    // Speaks seldom enough to be the oldest but a few each time.
    if (at % (MAX_SERVICES - 10) === 0) records.put(record('faithful', at));
    if (at === 5 * MAX_SERVICES) records.expire(at - 100);
  }
  const kept = records.list();
  assert.equal(kept.length, MAX_SERVICES);
  assert.ok(kept.some(({ service }) => service === 'faithful'));
  const passing = kept.filter(({ service }) => service !== 'faithful').map(({ lastSeen }) => lastSeen);
  assert.deepEqual([passing[0], passing.at(-1)], [rounds - MAX_SERVICES + 1, rounds - 1]);
});
