import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredIncident } from '../../schemas/incident.ts';
import { expireAlerts } from '../../src/alert/expire.ts';
import { formatTimestamp } from '../../src/core/timestamp.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { aDelivery, NOON } from './delivery.ts';

const DAY_MS = 86_400_000;
const at = (daysAgo: number) => formatTimestamp(NOON - daysAgo * DAY_MS);
const BEFORE = NOON - 90 * DAY_MS;

function incident(id: string, triggeredDaysAgo: number, resolvedDaysAgo: number | null): StoredIncident {
  return {
    id,
    ruleId: 'r',
    service: 'pay',
    group: null,
    fingerprint: `pay:r:${id}`,
    status: resolvedDaysAgo === null ? 'open' : 'resolved',
    errorCount: 0,
    value: null,
    windowMinutes: 5,
    triggeredAt: at(triggeredDaysAgo),
    lastSeenErrorAt: at(triggeredDaysAgo),
    acknowledgedAt: null,
    resolvedAt: resolvedDaysAgo === null ? null : at(resolvedDaysAgo),
    history: [],
    cause: {
      rule: { id: 'r', name: 'r', type: 'threshold', severity: 'warning' },
      threshold: 1,
      window: '5m',
      targets: [],
    },
    sequence: 1,
    clearSince: null,
    notices: [],
    announcing: false,
    mutedBy: null,
  };
}

test('incidents that were resolved long ago go, open and recent ones stay', async () => {
  const { documents } = memoryStore();
  // More than one page of those that stay, before those that go; one was first triggered long before it was resolved.
  const lasting = Array.from({ length: 600 }, (_, index) => incident(`lasting-${index}`, 200, 10));
  for (const each of [
    ...lasting,
    incident('open', 190, null),
    incident('due', 180, 91),
    incident('due-too', 95, 95),
    incident('young', 5, 4),
  ]) {
    await documents.insert('incidents', each);
  }
  assert.equal(await expireAlerts(documents, BEFORE), 2);
  assert.equal((await documents.list('incidents', { limit: 1 })).total, 602);
  for (const id of ['due', 'due-too']) assert.equal(await documents.get('incidents', id), undefined, id);
});

test('old deliveries go when they are settled, however many', async () => {
  const { documents } = memoryStore();
  const rows = [
    ['delivered', 91],
    ['given_up', 91],
    ['pending', 91],
    ['failed', 91],
    ['delivered', 89],
    ['given_up', 89],
  ] as const;
  for (const [status, daysAgo] of rows) {
    for (let index = 0; index < 501; index++) {
      const id = `${status}-${daysAgo}-${index}`;
      await documents.insert('deliveries', aDelivery({ id, status, created_at: at(daysAgo) }));
    }
  }
  assert.equal(await expireAlerts(documents, BEFORE), 2 * 501);
  const left = new Map<string, number>();
  for (const { document } of (await documents.list('deliveries')).items) {
    const kind = document.id.slice(0, document.id.lastIndexOf('-'));
    left.set(kind, (left.get(kind) ?? 0) + 1);
  }
  assert.deepEqual([...left.keys()].sort(), ['delivered-89', 'failed-91', 'given_up-89', 'pending-91']);
  assert.deepEqual(new Set(left.values()), new Set([501]));
});
