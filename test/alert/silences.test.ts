import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../schemas/decision.ts';
import type { Delivery } from '../../schemas/delivery.ts';
import type { Silence } from '../../schemas/silence.ts';
import { expireSilences } from '../../src/alert/silences.ts';
import { type Alerting, openAlerting, openTarget } from './alerting.ts';

const MINUTE_MS = 60_000;
const ERRORS = { service: 'pay', threshold: 1, windowMinutes: 5, cooldownMinutes: 0, name: 'payments fail' };
const OF_PAY = [{ field: 'service', operator: 'eq', value: 'pay' }];

interface Refusal {
  readonly error: { readonly code: string; readonly details?: readonly { field: string }[] };
}

async function silence(desk: Alerting, body: object): Promise<Silence> {
  const reply = await desk.call<Silence>('POST', '/api/alerts/silences', body);
  assert.equal(reply.status, 201, JSON.stringify(reply.body));
  return reply.body;
}

test('silences are made, listed by their status, changed and deleted', async (t) => {
  const desk = await openAlerting(t);
  const made = await silence(desk, { matchers: OF_PAY, ends_at: '2026-01-15T13:00:00+00:00', comment: 'release' });
  const { id } = made;
  assert.deepEqual(made, {
    id,
    matchers: OF_PAY,
    starts_at: '2026-01-15T12:00:00.000Z',
    ends_at: '2026-01-15T13:00:00.000Z',
    recurrence: null,
    comment: 'release',
    status: 'active',
    created_by: 'anonymous',
    created_at: '2026-01-15T12:00:00.000Z',
  });
  const recurrence = { days: ['sat'], start: '02:00', end: '04:00', time_zone: 'Europe/Berlin' };
  const weekly = await silence(desk, { matchers: OF_PAY, recurrence });
  assert.deepEqual([weekly.status, weekly.ends_at, weekly.recurrence], ['pending', null, recurrence]);
  const ids = async (query: string) => {
    const { body } = await desk.call<{ data: Silence[]; total: number }>('GET', `/api/alerts/silences${query}`);
    return [body.total, ...body.data.map((one) => one.id)];
  };
  assert.deepEqual(await ids(''), [2, weekly.id, id]);
  assert.deepEqual(await ids('?limit=1&page=2'), [2, id]);
  assert.deepEqual(await ids('?status=active'), [1, id]);
  assert.deepEqual(await ids('?status=pending'), [1, weekly.id]);

  const url = `/api/alerts/silences/${id}`;
  const ended = await desk.call<Silence>('PATCH', url, { ends_at: '2026-01-15T12:00:01Z' });
  assert.deepEqual([ended.body.ends_at, ended.body.comment], ['2026-01-15T12:00:01.000Z', 'release']);
  desk.clock.advance(1000);
  assert.deepEqual(await ids('?status=expired'), [1, id]);
  const put = await desk.call<Silence>('PUT', url, { ...made, comment: 'longer', ends_at: '2026-01-15T18:00:00Z' });
  assert.deepEqual(
    [put.status, put.body.comment, put.body.status, put.body.created_by],
    [200, 'longer', 'active', 'anonymous'],
  );
  assert.equal((await desk.call('DELETE', url)).status, 204);
  for (const method of ['GET', 'DELETE'] as const) assert.equal((await desk.call(method, url)).status, 404);
});

test('what is wrong with a silence is named', async (t) => {
  const desk = await openAlerting(t);
  const ends_at = '2026-01-15T13:00:00Z';
  const recurrence = { days: ['sat'], start: '02:00', end: '04:00', time_zone: 'Europe/Berlin' };
  const rows: [object, string][] = [
    [{ ends_at }, 'matchers'],
    [{ matchers: [], ends_at }, 'matchers'],
    [{ matchers: OF_PAY }, 'ends_at'],
    [{ matchers: OF_PAY, ends_at: 'tomorrow' }, 'ends_at'],
    [{ matchers: OF_PAY, ends_at: '2026-01-15T11:00:00Z' }, 'ends_at'],
    [{ matchers: [{ ...OF_PAY[0], field: 'colour' }], ends_at }, 'matchers[0].field'],
    [{ matchers: [{ ...OF_PAY[0], operator: 'like' }], ends_at }, 'matchers[0].operator'],
    [{ matchers: [{ ...OF_PAY[0], operator: 'regex', value: '(?=a)' }], ends_at }, 'matchers[0].value'],
    [{ matchers: OF_PAY, recurrence: { ...recurrence, days: ['samstag'] } }, 'recurrence.days[0]'],
    [{ matchers: OF_PAY, recurrence: { ...recurrence, start: '24:00' } }, 'recurrence.start'],
    [{ matchers: OF_PAY, recurrence: { ...recurrence, end: '2:00' } }, 'recurrence.end'],
    [{ matchers: OF_PAY, recurrence: { ...recurrence, time_zone: 'Mars/Olympus' } }, 'recurrence.time_zone'],
    [{ matchers: OF_PAY, ends_at, until: ends_at }, 'until'],
  ];
  for (const [body, field] of rows) {
    const reply = await desk.call<Refusal>('POST', '/api/alerts/silences', body);
    assert.equal(reply.status, 400, JSON.stringify(body));
    assert.deepEqual(
      reply.body.error.details?.map((fault) => fault.field),
      [field],
      JSON.stringify(reply.body),
    );
  }
});

test('a silence mutes the page, not the incident; what outlasts it is told when it ends', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t);
  await desk.rule({ ...ERRORS, webhook: target.url });
  const muted = await silence(desk, { matchers: OF_PAY, ends_at: '2026-01-15T12:10:00Z', comment: 'release' });
  for (let minute = 0; minute < 10; minute++) {
    await desk.logs(1);
    await desk.after(MINUTE_MS / 2);
    assert.deepEqual(
      (await desk.incidents()).map(({ status }) => status),
      ['open'],
    );
    assert.equal(target.received.length, 0);
    await desk.after(MINUTE_MS / 2);
  }
  await target.until(1);
  const [page] = target.received;
  assert.deepEqual([page?.payload.type, page?.payload.triggeredAt], ['error_alert', '2026-01-15T12:00:30.000Z']);
  const { body } = await desk.call<{ data: Decision[] }>(
    'GET',
    `/api/alerts/incidents/${page?.payload.incidentId}/decisions`,
  );
  const decisions = body.data.map(({ outcome, silence_id: id }) => [outcome, id]);
  assert.deepEqual(decisions.slice(0, 2), [
    ['paged', null],
    ['silenced', muted.id],
  ]);
  assert.match(body.data[1]?.reason ?? '', /until 2026-01-15T12:10:00.000Z: release/);
  await desk.after(6 * MINUTE_MS);
  await desk.after(6 * MINUTE_MS);
  await target.until(2);
  assert.deepEqual(target.types(), ['error_alert', 'alert_resolved']);
});

test('what began and ended in a silence is told to nobody', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t);
  await desk.rule({ ...ERRORS, webhook: target.url });
  await silence(desk, { matchers: OF_PAY, ends_at: '2026-01-15T13:00:00Z' });
  await desk.logs(1);
  await desk.tick();
  await desk.after(6 * MINUTE_MS);
  await desk.after(6 * MINUTE_MS);
  assert.equal((await desk.incidents())[0]?.status, 'resolved');
  const { body } = await desk.call<{ data: Delivery[] }>('GET', '/api/alerts/deliveries');
  assert.deepEqual([body.data, target.received], [[], []]);
});

test('the end of what was told before a silence is told in it: no pager keeps ringing', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t);
  await desk.rule({ ...ERRORS, webhook: target.url });
  await desk.logs(1);
  await desk.tick();
  await target.until(1);
  await silence(desk, { matchers: OF_PAY, ends_at: '2026-01-15T13:00:00Z' });
  const [incident] = await desk.incidents();
  await desk.call('POST', `/api/alerts/incidents/${incident?.id}/resolve`);
  await target.until(2);
  assert.deepEqual(target.types(), ['error_alert', 'alert_resolved']);
});

test('what ended before a moment is deleted, what recurs for ever is not', async (t) => {
  const desk = await openAlerting(t);
  const recurrence = { days: ['sat'], start: '02:00', end: '04:00', time_zone: 'UTC' };
  await silence(desk, { matchers: OF_PAY, ends_at: '2026-01-15T13:00:00Z' });
  const later = await silence(desk, { matchers: OF_PAY, ends_at: '2026-01-15T14:00:00Z' });
  const forever = await silence(desk, { matchers: OF_PAY, recurrence });
  assert.equal(await expireSilences(desk.store.documents, Date.UTC(2026, 0, 15, 13, 30)), 1);
  const { items } = await desk.store.documents.list('silences');
  assert.deepEqual(
    items.map(({ document }) => document.id),
    [later.id, forever.id],
  );
});
