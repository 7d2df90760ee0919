import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { WireEvent } from '../../schemas/event.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { EventOf } from '../../src/core/event.ts';
import { aLog, aMetric, aSecurityEvent, HOSTILE_TEXTS, NOON } from '../fixtures/samples.ts';
import { type QueryApp, query, queryApp } from './query-app.ts';

interface Logs {
  data: WireEvent<'log'>[];
  total?: number;
  page: number;
  limit: number;
  next_cursor?: string;
}

const MINUTE_MS = 60_000;

const LOGS: readonly Partial<EventOf<'log'>>[] = [
  { message: 'a', level: 'debug', timestamp: NOON - 90 * MINUTE_MS },
  { message: 'b order 17 paid', trace_id: 't1', host: 'h1', timestamp: NOON - 30 * MINUTE_MS },
  { message: 'c Order 17 timed out', level: 'error', tags: { region: 'eu', '': 'x' }, timestamp: NOON - MINUTE_MS },
  { message: 'd ORDER-18 timeout', level: 'fatal', service: 'gate', tags: { region: 'us', 'a.b': '' } },
];

async function withLogs(app: QueryApp): Promise<void> {
  await app.store.append(
    'log',
    LOGS.map((log) => aLog(log)),
  );
}

/** First letters of the messages, in the order of the answer. */
const letters = ({ data }: Logs) => data.map(({ message }) => message[0]).join('');

test('a list answers newest first, in its envelope', async (t) => {
  const app = await queryApp(t);
  await withLogs(app);
  const { data, ...rest } = await app.get<Logs>('/api/logs');
  assert.deepEqual(rest, { total: 4, page: 1, limit: 50 });
  assert.deepEqual(data[1], {
    id: data[1]?.id,
    event_id: data[1]?.id,
    timestamp: '2026-01-15T11:59:00.000Z',
    received_at: '2026-01-15T12:00:00.000Z',
    schema_version: 2,
    service: 'pay',
    level: 'error',
    message: 'c Order 17 timed out',
    tags: { region: 'eu', '': 'x' },
  });
});

test('each parameter chooses what it says', async (t) => {
  const app = await queryApp(t);
  await withLogs(app);
  const rows: readonly (readonly [Record<string, string>, string])[] = [
    [{}, 'dcba'],
    [{ order: 'asc' }, 'abcd'],
    [{ service: 'pay' }, 'cba'],
    [{ service: 'PAY' }, ''],
    [{ host: 'h1' }, 'b'],
    [{ trace_id: 't1' }, 'b'],
    [{ level: 'error' }, 'c'],
    [{ level: 'debug,fatal' }, 'da'],
    [{ min_level: 'error' }, 'dc'],
    [{ min_level: 'info', level: 'debug,info' }, 'b'],
    [{ q: 'order' }, 'dcb'],
    [{ q: 'time' }, ''],
    [{ q: '"timed out"' }, 'c'],
    [{ q: 'order -17' }, 'd'],
    [{ q: '-"order 17" -a' }, 'd'],
    [{ regex: 'tim(ed )?e?out$' }, 'dc'],
    [{ regex: '(?i)^[CD] order' }, 'dc'],
    [{ 'tags.region': 'eu' }, 'c'],
    [{ 'tags.': 'x' }, 'c'],
    [{ 'tags.a.b': '' }, 'd'],
    [{ from: '2026-01-15T11:59:00Z' }, 'dc'],
    [{ to: '2026-01-15T12:59:00+01:00' }, 'cba'],
    [{ from: 'now-1h' }, 'dcb'],
    [{ from: 'now-90m', to: 'now-60s' }, 'cba'],
    [{ to: 'now-31m' }, 'a'],
    [{ from: 'now', to: 'now' }, 'd'],
    [{ service: 'pay', q: 'order', level: 'error', 'tags.region': 'eu', from: 'now-1h' }, 'c'],
    [{ limit: '2' }, 'dc'],
    [{ limit: '3', page: '2' }, 'a'],
    [{ page: '3' }, ''],
  ];
  for (const [params, want] of rows) {
    assert.equal(letters(await app.get<Logs>(`/api/logs${query(params)}`)), want, JSON.stringify(params));
  }
});

test('metrics and security events have parameters of their own', async (t) => {
  const app = await queryApp(t);
  await app.store.append('metric', [aMetric(), aMetric({ name: 'mem', service: 'gate' })]);
  await app.store.append('security', [
    aSecurityEvent({ severity: 'low', source_ip: '10.0.0.1' }),
    aSecurityEvent({ severity: 'critical', type: 'xss' }),
  ]);
  const rows: readonly (readonly [string, number])[] = [
    ['/api/metrics', 2],
    ['/api/metrics?name=mem', 1],
    ['/api/metrics?name=mem&service=pay', 0],
    ['/api/security', 2],
    ['/api/security?ip=10.0.0.1', 1],
    ['/api/security?type=xss,ddos', 1],
    ['/api/security?severity=low,critical', 2],
    ['/api/security?min_severity=medium', 1],
  ];
  for (const [path, total] of rows) assert.equal((await app.get<Logs>(path)).total, total, path);
});

test('pages go as deep as a cursor is not better for it, and say so beyond', async (t) => {
  const app = await queryApp(t);
  for (const params of ['page=200', 'page=20&limit=500', 'page=20&limit=9999', 'page=10000&limit=1']) {
    assert.deepEqual((await app.get<Logs>(`/api/logs?${params}`)).data, [], params);
  }
  const { code, message } = await app.refused('/api/metrics?page=10001&limit=1');
  assert.equal(code, 'LW_INVALID_PARAMETER');
  assert.match(message, /10000 events: go on with cursor/);
});

test('what makes no sense is refused by name', async (t) => {
  const app = await queryApp(t);
  const rows: readonly (readonly [path: string, field: string])[] = [
    ['/api/logs?colour=red', 'colour'],
    ['/api/logs?Level=info', 'Level'],
    ['/api/logs?user[$ne]=x', 'user[$ne]'],
    ['/api/logs?service[]=x', 'service[]'],
    ['/api/logs?tags=x', 'tags'],
    ['/api/logs?__proto__=x', '__proto__'],
    ['/api/logs?constructor=x', 'constructor'],
    ['/api/logs?service=a&service=b', 'service'],
    ['/api/logs?service=a&service=a', 'service'],
    ['/api/logs?tags.a=1&tags.a=2', 'tags.a'],
    ['/api/logs?limit=1&limit=1', 'limit'],
    ['/api/logs?limit=0', 'limit'],
    ['/api/logs?limit=-1', 'limit'],
    ['/api/logs?limit=abc', 'limit'],
    ['/api/logs?limit=1.5', 'limit'],
    ['/api/logs?limit=', 'limit'],
    ['/api/logs?limit=1e9', 'limit'],
    ['/api/logs?page=1e9', 'page'],
    ['/api/logs?page=0', 'page'],
    ['/api/logs?page=x', 'page'],
    ['/api/logs?page=999999999', 'page'],
    ['/api/logs?page=201', 'page'],
    ['/api/logs?page=21&limit=500', 'page'],
    ['/api/logs?page=21&limit=1000', 'page'],
    ['/api/logs?order=up', 'order'],
    ['/api/logs?total=maybe', 'total'],
    ['/api/logs?cursor=%21%21', 'cursor'],
    ['/api/logs?cursor=bm9uZQ', 'cursor'],
    ['/api/logs?cursor=MSwy&page=1', 'page'],
    ['/api/logs?from=yesterday', 'from'],
    ['/api/logs?from=2026-02-30T00:00:00Z', 'from'],
    ['/api/logs?from=2026-01-01T00:00:00', 'from'],
    ['/api/logs?to=now-5x', 'to'],
    ['/api/logs?to=now%2B1h', 'to'],
    ['/api/logs?from=now&to=now-1h', 'from'],
    ['/api/logs?service=', 'service'],
    ['/api/logs?level=loud', 'level'],
    ['/api/logs?level=info,', 'level'],
    ['/api/logs?min_level=info,warn', 'min_level'],
    ['/api/logs?q=%20', 'q'],
    ['/api/logs?q=%22open', 'q'],
    ['/api/logs?q=-%22%22', 'q'],
    [`/api/logs?q=${'a+'.repeat(33)}`, 'q'],
    ['/api/logs?regex=(', 'regex'],
    ['/api/logs?regex=(?=a)', 'regex'],
    ['/api/logs?regex=(a)%5C1', 'regex'],
    ['/api/logs?regex=(a%7B1000%7D)%7B1000%7D', 'regex'],
    [`/api/logs?regex=${'a'.repeat(LIMITS.regex + 1)}`, 'regex'],
    [`/api/logs?service=${'a'.repeat(LIMITS.service + 1)}`, 'service'],
    [`/api/logs?tags.${'k'.repeat(LIMITS.tagKey + 1)}=1`, `tags.${'k'.repeat(LIMITS.tagKey + 1)}`],
    ['/api/logs?name=x', 'name'],
    ['/api/metrics?level=info', 'level'],
    ['/api/metrics?q=x', 'q'],
    ['/api/security?severity=bad', 'severity'],
    ['/api/security?type=rain', 'type'],
    ['/api/security?min_severity=bad', 'min_severity'],
    ['/api/logs/1?x=1', 'x'],
  ];
  for (const [path, want] of rows) {
    const { code, field, message } = await app.refused(path);
    assert.equal(field, want, `${path}: ${message}`);
    assert.equal(code, 'LW_INVALID_PARAMETER', path);
  }
});

test('a limit above the cap is capped, and says so', async (t) => {
  const app = await queryApp(t);
  await app.store.append(
    'log',
    Array.from({ length: LIMITS.page + 1 }, () => aLog()),
  );
  for (const limit of ['501', '1000000000']) {
    const { data, ...rest } = await app.get<Logs>(`/api/logs?limit=${limit}`);
    assert.equal(data.length, LIMITS.page);
    assert.equal(rest.limit, LIMITS.page);
  }
});

test('total=none leaves the count out', async (t) => {
  const app = await queryApp(t);
  await withLogs(app);
  assert.equal('total' in (await app.get<Logs>('/api/logs?total=none')), false);
  assert.equal((await app.get<Logs>('/api/logs?total=exact&limit=1&service=pay')).total, 3);
});

test('following next_cursor shows every event once, while others arrive', async (t) => {
  const app = await queryApp(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('asc', 'desc'),
      fc.uuid(),
      async (times, limit, order, service) => {
        const at = (ms: number) => aLog({ service, timestamp: NOON + ms, host: 'mine' });
        await app.store.append('log', times.map(at));
        const seen: WireEvent<'log'>[] = [];
        let cursor = '';
        let arrivals = 10;
        do {
          const page = await app.get<Logs>(`/api/logs?service=${service}&order=${order}&limit=${limit}${cursor}`);
          seen.push(...page.data);
          cursor = page.next_cursor === undefined ? '' : `&cursor=${page.next_cursor}`;
          const later = [-1, 2, 6].map((ms) => ({ ...at(ms), host: 'later' }));
          if (arrivals-- > 0) await app.store.append('log', later);
        } while (cursor !== '');
        assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length);
        assert.equal(seen.filter(({ host }) => host === 'mine').length, times.length);
      },
    ),
    { numRuns: 25 },
  );
});

test('a last page has no next_cursor, and pages and cursors agree', async (t) => {
  const app = await queryApp(t);
  await withLogs(app);
  const first = await app.get<Logs>('/api/logs?limit=3');
  const second = await app.get<Logs>(`/api/logs?limit=3&cursor=${first.next_cursor}`);
  assert.equal(letters(second), letters(await app.get<Logs>('/api/logs?limit=3&page=2')));
  assert.equal(second.next_cursor, undefined);
  assert.equal(second.total, 4);
  assert.equal((await app.get<Logs>('/api/logs?limit=4')).next_cursor, undefined);
});

test('texts that break programs come back and are found', async (t) => {
  const app = await queryApp(t);
  for (const text of HOSTILE_TEXTS) {
    const service = text.slice(0, LIMITS.service);
    await app.store.append('log', [aLog({ message: text, service, tags: { k: text } })]);
    const { data } = await app.get<Logs>(`/api/logs${query({ service, 'tags.k': text })}`);
    assert.equal(data[0]?.message, text);
  }
});

test('one event by its id, or by the event_id of its sender', async (t) => {
  const app = await queryApp(t);
  const { id } = await app.store.append('log', [aLog({ event_id: 'mine/ä' })]);
  await app.store.append('security', [aSecurityEvent({ event_id: 's' })]);
  assert.equal((await app.get<WireEvent>(`/api/logs/${id(0)}`)).event_id, 'mine/ä');
  assert.equal((await app.get<WireEvent>(`/api/logs/${encodeURIComponent('mine/ä')}`)).id, id(0));
  assert.equal((await app.get<WireEvent>('/api/security/s')).event_id, 's');
  for (const path of ['/api/logs/nobody', '/api/metrics/s', `/api/security/${id(0)}x`]) {
    assert.equal((await app.refused(path, 404)).code, 'LW_NOT_FOUND', path);
  }
});

test('a list says where its words and matches stand, if asked', async (t) => {
  const app = await queryApp(t);
  await app.store.append('log', [aLog({ message: 'order 17: order again' })]);
  const { data } = await app.get<{ data: { highlights?: unknown }[] }>(
    `/api/logs${query({ q: 'order', regex: '1.', highlight: 'true' })}`,
  );
  assert.deepEqual(data[0]?.highlights, [
    { start: 0, end: 5 },
    { start: 6, end: 8 },
    { start: 10, end: 15 },
  ]);
  for (const url of ['/api/logs?q=order', '/api/logs?q=order&highlight=false'])
    assert.ok(!('highlights' in ((await app.get<Logs>(url)).data[0] ?? {})), url);
  assert.deepEqual(
    (await app.get<{ data: { highlights?: unknown }[] }>('/api/logs?highlight=true')).data[0]?.highlights,
    [],
  );
  assert.equal((await app.refused('/api/logs?highlight=yes')).field, 'highlight');
  assert.equal((await app.refused('/api/metrics?highlight=true')).field, 'highlight');
});
