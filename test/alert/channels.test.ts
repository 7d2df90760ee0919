import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { ChannelTest, StoredChannel } from '../../schemas/channel.ts';
import type { Delivery } from '../../schemas/delivery.ts';
import { eventually } from '../fixtures/wait.ts';
import { type Alerting, openAlerting, openTarget } from './alerting.ts';

const ERRORS = { service: 'pay', threshold: 1, windowMinutes: 1, cooldownMinutes: 0, name: 'payments fail' };

interface Refusal {
  readonly error: { readonly code: string; readonly details?: readonly { field: string }[] };
}
type Shown = StoredChannel & { readonly problem: string | null; readonly target?: string; readonly secret?: string };

async function channel(desk: Alerting, body: object): Promise<string> {
  const reply = await desk.call<Shown>('POST', '/api/alerts/channels', body);
  assert.equal(reply.status, 201, JSON.stringify(reply.body));
  return reply.body.id;
}

async function deliveries(desk: Alerting, query = ''): Promise<readonly Delivery[]> {
  const { body } = await desk.call<{ data: readonly Delivery[] }>('GET', `/api/alerts/deliveries${query}`);
  return body.data;
}

test('channels are made, read, changed and deleted; a name is made when there is none', async (t) => {
  const desk = await openAlerting(t);
  const target = 'https://hooks.example.com/x';
  const made = await desk.call<Shown>('POST', '/api/alerts/channels', { type: 'webhook', target });
  assert.equal(made.status, 201);
  const { id } = made.body;
  const shown = { id, type: 'webhook', name: 'webhook-1', enabled: true, target, problem: null };
  assert.deepEqual(made.body, { ...shown, createdAt: '2026-01-15T12:00:00.000Z' });
  await channel(desk, { type: 'discord', target, name: 'team', enabled: false });
  await channel(desk, { type: 'webhook', target });
  const names = async (query: string) => {
    const { body } = await desk.call<{ data: Shown[]; total: number }>('GET', `/api/alerts/channels${query}`);
    assert.equal(body.data.length, body.total);
    return body.data.map(({ name }) => name);
  };
  assert.deepEqual(await names(''), ['webhook-1', 'team', 'webhook-2']);
  assert.deepEqual(await names('?type=webhook'), ['webhook-1', 'webhook-2']);
  assert.deepEqual(await names('?enabled=false'), ['team']);

  const patched = await desk.call<Shown>('PATCH', `/api/alerts/channels/${id}`, { enabled: false, name: 'mine' });
  assert.deepEqual([patched.body.enabled, patched.body.name, patched.body.target], [false, 'mine', target]);
  const put = await desk.call<Shown>('PUT', `/api/alerts/channels/${id}`, { type: 'slack', target });
  assert.deepEqual([put.body.type, put.body.name, put.body.enabled], ['slack', 'mine', true]);
  assert.equal((await desk.call('DELETE', `/api/alerts/channels/${id}`)).status, 204);
  for (const method of ['GET', 'DELETE'] as const) {
    assert.equal((await desk.call(method, `/api/alerts/channels/${id}`)).status, 404);
  }
});

test('what is wrong with a channel is named', async (t) => {
  const desk = await openAlerting(t, { env: { WEBHOOK_ALLOW: '' } });
  const target = 'https://hooks.example.com/x';
  await channel(desk, { type: 'slack', target, name: 'taken' });
  const rows: [object, number, string][] = [
    [{}, 400, 'type'],
    [{ type: 'fax' }, 400, 'type'],
    [{ type: 'webhook' }, 400, 'target'],
    [{ type: 'webhook', target, colour: 'red' }, 400, 'colour'],
    [{ type: 'webhook', target: 'ftp://example.com' }, 400, 'target'],
    [{ type: 'webhook', target: 'http://169.254.169.254/latest' }, 400, 'target'],
    [{ type: 'slack', target: 'http://2130706433/' }, 400, 'target'],
    [{ type: 'discord', target: 'http://[::ffff:10.0.0.1]/' }, 400, 'target'],
    [{ type: 'pagerduty', routing_key: 'k', target: 'http://localhost/' }, 400, 'target'],
    [{ type: 'webhook', target, secret: 'whsec_not base64!' }, 400, 'secret'],
    [{ type: 'webhook', target, secret: '********' }, 400, 'secret'],
    [{ type: 'webhook', target, name: 'slack' }, 400, 'name'],
    [{ type: 'pagerduty', routing_key: 'a\r\nb' }, 400, 'routing_key'],
    [{ type: 'email', to: 'ops@example.com, x@example.com' }, 400, 'to'],
    [{ type: 'email', to: ['a@example.com\r\nbcc: b@example.com'] }, 400, 'to[0]'],
    [{ type: 'email', to: [] }, 400, 'to'],
  ];
  for (const [body, status, field] of rows) {
    const reply = await desk.call<Refusal>('POST', '/api/alerts/channels', body);
    assert.equal(reply.status, status, JSON.stringify(body));
    assert.deepEqual(
      reply.body.error.details?.map((fault) => fault.field),
      [field],
      JSON.stringify(reply.body),
    );
  }
  const again = await desk.call<Refusal>('POST', '/api/alerts/channels', { type: 'slack', target, name: 'taken' });
  assert.deepEqual([again.status, again.body.error.code], [409, 'LW_CONFLICT']);
});

test('secrets go in and never come out; what was read can be written back', async (t) => {
  const desk = await openAlerting(t);
  const secrets = [
    'whsec_c2VjcmV0LW9mLXRoaXM=',
    'T00/B00/slackSecret1',
    'discordSecret',
    'R0UT1NGK3Y',
    'queryS3cret',
    'path-t0ken-0123456789',
  ];
  const bodies = [
    { type: 'webhook', target: 'https://a.example.com/hook/path-t0ken-0123456789?key=queryS3cret', secret: secrets[0] },
    { type: 'slack', target: 'https://hooks.slack.com/services/T00/B00/slackSecret1' },
    { type: 'discord', target: 'https://discord.com/api/webhooks/1/discordSecret' },
    { type: 'pagerduty', routing_key: 'R0UT1NGK3Y' },
  ];
  const hidden = (text: string) => secrets.every((secret) => !text.includes(secret ?? ''));
  for (const body of bodies) {
    const made = await desk.call<Shown>('POST', '/api/alerts/channels', body);
    assert.ok(hidden(JSON.stringify(made.body)), JSON.stringify(made.body));
    const { id } = made.body;
    const before = await desk.store.documents.get('channels', id);
    const url = `/api/alerts/channels/${id}`;
    for (const reply of [
      await desk.call<Shown>('GET', url),
      await desk.call<Shown>('PUT', url, made.body),
      await desk.call<Shown>('PATCH', url, {
        enabled: true,
        ...('target' in made.body && { target: made.body.target }),
      }),
    ]) {
      assert.equal(reply.status, 200);
      assert.deepEqual(reply.body, made.body);
    }
    assert.deepEqual((await desk.store.documents.get('channels', id))?.document, before?.document);
  }
  assert.ok(hidden(JSON.stringify((await desk.call('GET', '/api/alerts/channels')).body)));
  const wrong = await desk.call('POST', '/api/alerts/channels', { ...bodies[0], enabled: 'queryS3cret' });
  assert.ok(wrong.status === 400 && hidden(JSON.stringify(wrong.body)));
});

test('a test is sent for real, also through a channel that is switched off', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t, (index) => ({ status: index === 0 ? 204 : 500 }));
  const id = await channel(desk, { type: 'webhook', target: target.url, enabled: false });
  const first = await desk.call<ChannelTest>('POST', `/api/alerts/channels/${id}/test`);
  assert.deepEqual(first, { status: 200, body: { status: 'delivered', response_status: 204, error: null } });
  assert.equal(target.received[0]?.payload.type, 'channel_test');
  const second = await desk.call<ChannelTest>('POST', `/api/alerts/channels/${id}/test`);
  assert.deepEqual(second.body, { status: 'failed', response_status: 500, error: 'answered 500' });
  const mail = await channel(desk, { type: 'email', to: 'ops@example.com' });
  const { body } = await desk.call<Shown>('GET', `/api/alerts/channels/${mail}`);
  assert.equal(body.problem, 'SMTP_URL is not set');
  const third = await desk.call<ChannelTest>('POST', `/api/alerts/channels/${mail}/test`);
  assert.deepEqual(third.body, { status: 'failed', response_status: null, error: 'SMTP_URL is not set' });
  assert.equal((await desk.call('POST', '/api/alerts/channels/nobody/test')).status, 404);
});

test('a rule goes to the channels it names by id, name or type, to all when it names none, to its URL alone with webhook', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t);
  const at = (path: string) => `${target.url}/${path}`;
  const own = await channel(desk, { type: 'webhook', target: at('a'), name: 'a' });
  await channel(desk, { type: 'webhook', target: at('b'), name: 'b' });
  await channel(desk, { type: 'slack', target: at('s'), name: 's' });
  await channel(desk, { type: 'discord', target: at('off'), name: 'off', enabled: false });
  const rows: [object, string[]][] = [
    [{}, ['a', 'b', 's']],
    [{ channels: [] }, ['a', 'b', 's']],
    [{ channels: [own] }, ['a']],
    [{ channels: ['b', 'a', own] }, ['a', 'b']],
    [{ channels: ['webhook'] }, ['a', 'b']],
    [{ channels: ['slack', 'discord'] }, ['s']],
    [{ channels: ['off'] }, []],
    [{ webhook: at('inline') }, ['a', 'b', 'inline', 's']],
    [{ webhook: at('inline'), channels: ['webhook'] }, ['inline']],
    [{ webhook: at('inline'), channels: ['slack'] }, ['inline', 's']],
  ];
  for (const [index, [route, want]] of rows.entries()) {
    const service = `s${index}`;
    await desk.rule({ ...ERRORS, service, ...route });
    await desk.logs(1, { service });
    const before = target.received.length;
    await desk.tick();
    await target.until(before + want.length);
    const paths = target.received.slice(before).map(({ path }) => path.replace('/hook/', ''));
    assert.deepEqual(paths.sort(), want, JSON.stringify(route));
    await eventually(async () => (await deliveries(desk, '?status=pending')).length === 0, 'all settled');
  }
  const refused = await desk.call<Refusal>('POST', '/api/alerts', { ...ERRORS, channels: ['a', 'nobody'] });
  assert.deepEqual(
    refused.body.error.details?.map(({ field }) => field),
    ['channels[1]'],
  );
});

test('a channel that rules name is not deleted or renamed under them', async (t) => {
  const desk = await openAlerting(t);
  const target = 'https://hooks.example.com/x';
  const id = await channel(desk, { type: 'webhook', target, name: 'ops' });
  const ruleId = await desk.rule({ ...ERRORS, channels: ['ops'] });
  assert.equal((await desk.call('DELETE', `/api/alerts/channels/${id}`)).status, 409);
  assert.equal((await desk.call('PATCH', `/api/alerts/channels/${id}`, { name: 'other' })).status, 409);
  assert.equal((await desk.call('PATCH', `/api/alerts/channels/${id}`, { enabled: false })).status, 200);
  await desk.call('PATCH', `/api/alerts/${ruleId}`, { channels: null });
  assert.equal((await desk.call('DELETE', `/api/alerts/channels/${id}`)).status, 204);
});

test('what a channel with a secret sends is signed as Standard Webhooks says, anew in every try', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t, (index) => ({ status: index === 0 ? 500 : 200 }));
  const id = await channel(desk, { type: 'webhook', target: target.url, secret: `whsec_${btoa('the key itself')}` });
  await desk.rule({ ...ERRORS, channels: [id] });
  await desk.logs(1);
  await desk.tick();
  await eventually(async () => (await deliveries(desk, '?status=failed')).length === 1, 'the first try');
  desk.clock.advance(1000);
  await target.until(2);
  const stamps = target.received.map(({ headers, body }) => {
    const { 'webhook-id': deliveryId, 'webhook-timestamp': stamp, 'webhook-signature': signature } = headers;
    const signed = createHmac('sha256', 'the key itself').update(`${deliveryId}.${stamp}.${body}`).digest('base64');
    assert.equal(signature, `v1,${signed}`);
    return Number(stamp);
  });
  assert.equal(stamps[1], (stamps[0] ?? 0) + 1);
  // A secret that was changed holds for what is under way.
  const delivered = await deliveries(desk, `?channel_id=${id}&kind=error_alert`);
  assert.deepEqual([delivered.length, delivered[0]?.channel_type], [1, 'webhook']);
});

test('what waits for a channel that was switched off or deleted is given up and says so', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t, () => ({ status: 500 }));
  const ids = [
    await channel(desk, { type: 'slack', target: target.url }),
    await channel(desk, { type: 'slack', target: target.url }),
  ];
  await desk.rule(ERRORS);
  await desk.logs(1);
  await desk.tick();
  await eventually(async () => (await deliveries(desk, '?status=failed')).length === 2, 'two failures');
  await desk.call('PATCH', `/api/alerts/channels/${ids[0]}`, { enabled: false });
  await desk.call('DELETE', `/api/alerts/channels/${ids[1]}`);
  desk.clock.advance(1000);
  await eventually(async () => (await deliveries(desk, '?status=given_up')).length === 2, 'two given up');
  const errors = (await deliveries(desk)).map(({ last_error }) => last_error).sort();
  assert.deepEqual(errors, ['the channel is switched off', 'the channel was deleted']);
});

test('PagerDuty is told of trigger, acknowledgement and end under one key; people are not told of acknowledgements', async (t) => {
  const desk = await openAlerting(t);
  const pager = await openTarget(t, () => ({ status: 202 }));
  const people = await openTarget(t);
  await channel(desk, { type: 'pagerduty', routing_key: 'R1', target: pager.url });
  await channel(desk, { type: 'webhook', target: people.url });
  await desk.rule({ ...ERRORS, severity: 'critical' });
  await desk.logs(1);
  await desk.tick();
  await pager.until(1);
  const [incident] = await desk.incidents();
  await desk.call('POST', `/api/alerts/incidents/${incident?.id}/acknowledge`);
  await pager.until(2);
  await desk.call('POST', `/api/alerts/incidents/${incident?.id}/resolve`);
  await pager.until(3);
  await people.until(2);
  const events = pager.received.map(({ body }) => JSON.parse(body));
  assert.deepEqual(
    events.map(({ routing_key, event_action, dedup_key }) => [routing_key, event_action, dedup_key]),
    ['trigger', 'acknowledge', 'resolve'].map((action) => ['R1', action, incident?.id]),
  );
  assert.deepEqual([events[0].payload.severity, events[0].payload.source], ['critical', 'pay']);
  assert.deepEqual(people.types(), ['error_alert', 'alert_resolved']);
});
