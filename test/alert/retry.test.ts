import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredDelivery } from '../../schemas/delivery.ts';
import { afterTry, GIVE_UP_AFTER_MS, parseRetryAfter } from '../../src/alert/notify/retry.ts';
import type { SendResult } from '../../src/alert/notify/sender.ts';
import { formatTimestamp, parseTimestamp } from '../../src/core/timestamp.ts';
import { aDelivery, NOON } from './delivery.ts';

const FAILED: SendResult = { ok: false, status: 500, error: 'answered 500' };

function waitMs(delivery: StoredDelivery, from: number): number | null {
  return delivery.next_attempt_at === null ? null : parseTimestamp(delivery.next_attempt_at) - from;
}

test('waits double from a second to a quarter of an hour, and are spread', () => {
  const rows: [number, number, number][] = [
    [0, 1, 1000],
    [0, 0, 500],
    [1, 1, 2000],
    [5, 1, 32_000],
    [5, 0, 16_000],
    [30, 1, 900_000],
    [1000, 0, 450_000],
  ];
  for (const [attempts, random, want] of rows) {
    const tried = afterTry(aDelivery({ attempts }), FAILED, NOON, random);
    assert.equal(waitMs(tried, NOON), want, `${attempts} ${random}`);
    assert.deepEqual([tried.status, tried.attempts, tried.last_status], ['failed', attempts + 1, 500]);
  }
});

test('a delivery ends when it arrives, when it is refused for good, and after a day', () => {
  const late = aDelivery({ expires_at: formatTimestamp(NOON) });
  const rows: [StoredDelivery, SendResult, string][] = [
    [aDelivery(), { ok: true, status: 204 }, 'delivered'],
    [late, { ok: true, status: 200 }, 'delivered'],
    [late, FAILED, 'given_up'],
    [aDelivery(), { ...FAILED, status: 410, final: true }, 'given_up'],
    [aDelivery(), { ...FAILED, retryAfterMs: GIVE_UP_AFTER_MS + 1 }, 'given_up'],
    [aDelivery(), { ...FAILED, retryAfterMs: GIVE_UP_AFTER_MS }, 'failed'],
  ];
  for (const [delivery, result, want] of rows) {
    const tried = afterTry(delivery, result, NOON, 1);
    assert.equal(tried.status, want);
    assert.equal(tried.next_attempt_at === null, want !== 'failed');
  }
});

test('Retry-After in seconds or as a date holds where it is longer', () => {
  assert.equal(waitMs(afterTry(aDelivery(), { ...FAILED, retryAfterMs: 90_000 }, NOON, 1), NOON), 90_000);
  assert.equal(waitMs(afterTry(aDelivery(), { ...FAILED, retryAfterMs: 10 }, NOON, 1), NOON), 1000);
  const rows: [string | undefined, number | undefined][] = [
    ['120', 120_000],
    ['0', 0],
    [new Date(NOON + 5000).toUTCString(), 5000],
    [new Date(NOON - 5000).toUTCString(), 0],
    ['soon', undefined],
    ['-5x', undefined],
    [undefined, undefined],
  ];
  for (const [value, want] of rows) assert.equal(parseRetryAfter(value, NOON), want, value);
});
