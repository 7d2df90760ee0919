import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeatsByService, isOverdue, OVERDUE_AFTER_MS } from '../../src/core/service-heartbeats.ts';

const beat = (service: string, host: string, lastSeen: number) => ({ service, host, lastSeen });

test('a host speaks for its service unless it was overdue when the service was last heard', () => {
  const late = OVERDUE_AFTER_MS;
  const rows: readonly (readonly [readonly (readonly [string, number])[], string, number])[] = [
    [[['a', 5]], 'a', 5],
    [
      [
        ['a', 0],
        ['b', late],
      ],
      'a,b',
      late,
    ],
    [
      [
        ['b', late],
        ['a', 0],
      ],
      'b,a',
      late,
    ],
    [
      [
        ['a', 0],
        ['b', late + 1],
      ],
      'b',
      late + 1,
    ],
    [
      [
        ['a', 0],
        ['b', late],
        ['c', late * 2],
      ],
      'b,c',
      late * 2,
    ],
  ];
  for (const [hosts, want, lastSeen] of rows) {
    const [heard] = heartbeatsByService(hosts.map(([host, at]) => beat('pay', host, at)));
    assert.equal(heard?.hosts.map(({ host }) => host).join(), want);
    assert.equal(heard?.lastSeen, lastSeen);
  }
});

test('services are in alphabetical order, each heard for itself', () => {
  const heard = heartbeatsByService([beat('web', 'a', 1_000_000), beat('pay', 'a', 0)]);
  assert.deepEqual(
    heard.map(({ service, hosts }) => [service, hosts.length]),
    [
      ['pay', 1],
      ['web', 1],
    ],
  );
  assert.deepEqual(heartbeatsByService([]), []);
});

test('a service is overdue when its newest heartbeat is', () => {
  assert.equal(isOverdue({ lastSeen: 0 }, OVERDUE_AFTER_MS), false);
  assert.equal(isOverdue({ lastSeen: 0 }, OVERDUE_AFTER_MS + 1), true);
  assert.equal(isOverdue({ lastSeen: 10 }, 0), false, 'a clock that went back');
});
