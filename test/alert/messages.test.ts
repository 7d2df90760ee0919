import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChannelSpec } from '../../schemas/channel.ts';
import type { IncidentPayload, StormPayload } from '../../schemas/delivery.ts';
import { bulletinOf } from '../../src/alert/notify/bulletin.ts';
import type { Notification } from '../../src/alert/notify/channel-kind.ts';
import { render } from '../../src/alert/notify/channel-kinds.ts';
import { sparkline } from '../../src/core/sparkline.ts';
import { HOSTILE_TEXTS } from '../fixtures/samples.ts';
import { NOON, PAYLOAD } from './delivery.ts';

const AT = '2026-01-15T12:00:00.000Z';
const URL_OF = 'https://hooks.example.com/x';
const HOSTILE = [
  '<!channel> <@U123> <https://evil.example.com|click> &amp;',
  '@everyone @here <@123> <@&456> https://evil.example.com [click](https://evil.example.com)',
  '<script>alert(1)</script><img src=x onerror="alert(2)">',
  'a\r\nBcc: evil@example.com\r\n\r\nbody',
  '``` end of code ```` `x` *b* _i_ ~s~ ||spoiler||',
  '\u202egnp.exe\u202c \u001b[31mred\u0007',
  ...HOSTILE_TEXTS,
].join(' ');

function channels(): { [T in ChannelSpec['type']]: ChannelSpec<T> } {
  const own = { name: 'n', enabled: true };
  return {
    webhook: { ...own, type: 'webhook', target: URL_OF },
    slack: { ...own, type: 'slack', target: URL_OF },
    discord: { ...own, type: 'discord', target: URL_OF },
    pagerduty: { ...own, type: 'pagerduty', routing_key: 'R1' },
    email: { ...own, type: 'email', to: ['a@example.com', 'b@example.com'] },
  };
}

function aNotification(own: Partial<IncidentPayload> = {}): Notification {
  return { id: 'd1', sentAt: NOON, payload: { ...PAYLOAD, ...own } };
}

const hostile = aNotification({
  service: HOSTILE.slice(0, 128),
  group: HOSTILE,
  by: HOSTILE,
  resolvedAt: AT,
  type: 'error_alert',
  rule: { ...PAYLOAD.rule, name: HOSTILE.slice(0, 200) },
  samples: Array.from({ length: 5 }, (_, id) => ({
    id: String(id),
    timestamp: AT,
    service: HOSTILE.slice(0, 128),
    level: 'error',
    message: HOSTILE.repeat(3),
  })),
  link: 'https://ops.example.com/x?a="><script>',
});

function bodyOf(type: 'webhook' | 'slack' | 'discord' | 'pagerduty', notification: Notification) {
  const envelope = render(type, channels()[type], notification);
  assert.ok(envelope.via === 'http');
  return { text: envelope.message.body, json: JSON.parse(envelope.message.body), url: envelope.message.url };
}

function mailOf(notification: Notification) {
  const envelope = render('email', channels().email, notification);
  assert.ok(envelope.via === 'mail');
  return envelope.mail;
}

/** Every string of a JSON value. */
function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

test('a bulletin says who, what, against what, since when, and shows the lines', () => {
  const bulletin = bulletinOf({
    ...PAYLOAD,
    group: 'host=web-1',
    value: 7.123456789,
    samples: [{ id: '1', timestamp: AT, service: 'pay', level: 'error', message: 'card\nrefused' }],
    chart: [0, 1, 8].map((value) => ({ time: AT, value })),
    link: 'https://ops.example.com/i1',
  });
  assert.deepEqual(bulletin, {
    title: 'Alert · pay (host=web-1): errors',
    tone: 'warning',
    facts: [
      ['Service', 'pay (host=web-1)'],
      ['Rule', 'errors'],
      ['Severity', 'warning'],
      ['Value', '7.12346 (threshold 3)'],
      ['Window', '5m'],
      ['Since', '2026-01-15 12:00:00 UTC'],
    ],
    lines: ['2026-01-15 12:00:00 UTC error pay: card\\nrefused'],
    chart: [0, 1, 8],
    link: 'https://ops.example.com/i1',
  });
  assert.equal(bulletinOf({ ...PAYLOAD, service: '*' }).title, 'Alert · all services: errors');
  assert.equal(bulletinOf({ ...PAYLOAD, type: 'alert_resolved', resolvedAt: AT }).tone, 'good');
});

test('a sparkline goes from nothing, or the least below it, to the greatest', () => {
  const rows: [number[], string][] = [
    [[], ''],
    [[0, 0], '▁▁'],
    [[5, 5], '██'],
    [[0, 1, 2, 3, 4, 5, 6, 7, 8], '▁▂▃▄▅▆▇██'],
    [[-8, 0], '▁█'],
  ];
  for (const [values, want] of rows) assert.equal(sparkline(values), want);
});

test('nothing in a log line calls, links or breaks out of anything in Slack', () => {
  const { json, text } = bodyOf('slack', hostile);
  for (const part of strings(json)) {
    // What Slack acts on begins with `<`: the one link is ours.
    assert.match(part.replace(/^<https:\/\/ops\.example\.com[^<>|]*\|Open the incident>$/, ''), /^[^<>]*$/);
  }
  assert.ok(!text.includes('<!channel>') && text.includes('&lt;!channel&gt;'));
  const code = strings(json).filter((part) => part.startsWith('```'));
  assert.equal(code.length, 1);
  assert.doesNotMatch(code[0]?.slice(3, -3) ?? '', /`/);
});

test('Slack’s limits hold whatever is told', () => {
  for (const notification of [hostile, aNotification({ samples: [] }), aStorm(500)]) {
    const { json } = bodyOf('slack', notification);
    assert.ok(json.blocks.length <= 50);
    for (const { type, text, fields = [] } of json.blocks) {
      if (text !== undefined) assert.ok(text.text.length > 0 && text.text.length <= (type === 'header' ? 150 : 3000));
      assert.ok(fields.length <= 10);
      for (const field of fields) assert.ok(field.text.length <= 2000);
    }
  }
});

test('nothing in a log line calls anybody in Discord, and its limits hold', () => {
  for (const notification of [hostile, aStorm(500)]) {
    const { json, text } = bodyOf('discord', notification);
    assert.deepEqual(json.allowed_mentions, { parse: [] });
    assert.doesNotMatch(text, /@everyone|@here|<@\d/);
    const [embed] = json.embeds;
    assert.ok(embed.title.length <= 256 && (embed.description?.length ?? 0) <= 4096 && embed.fields.length <= 25);
    for (const { value } of embed.fields) assert.ok(value.length > 0 && value.length <= 1024);
    assert.ok(strings(json.embeds).reduce((sum, part) => sum + part.length, 0) <= 6000);
    assert.equal((embed.description ?? '').split('```').length % 2, 1);
  }
});

test('mail has no markup, header or recipient but its own', () => {
  const { subject, html, text, to } = mailOf(hostile);
  assert.doesNotMatch(subject, /[\r\n]/);
  assert.deepEqual(to, ['a@example.com', 'b@example.com']);
  const tags = new Set(Array.from(html.matchAll(/<\/?([a-z!][a-z0-9]*)/gi), ([, name]) => name));
  assert.deepEqual([...tags].sort(), ['!doctype', 'a', 'body', 'h2', 'html', 'p', 'pre', 'table', 'td', 'tr']);
  assert.doesNotMatch(html, /<[^>]*onerror|"><script/);
  // What moves a cursor or turns text around is shown as its code.
  for (const active of ['\u001b', '\u0007', '\u202e']) assert.ok(!(text + html).includes(active));
});

test('mail draws its chart of cells, and as characters in its text', () => {
  const { html, text } = mailOf(aNotification({ chart: [0, 4, 8].map((value) => ({ time: AT, value })) }));
  assert.deepEqual(
    Array.from(html.matchAll(/height:(\d+)px;background:/g), ([, height]) => height),
    ['1', '20', '40'],
  );
  assert.match(text, /^▁▅█$/m);
});

test('a webhook’s payload is what it is, whatever is in it', () => {
  assert.deepEqual(bodyOf('webhook', hostile).json, hostile.payload);
});

test('PagerDuty gets a trigger with the details, where its Events API is', () => {
  const { json, url } = bodyOf('pagerduty', aNotification({ link: 'https://ops.example.com/i1' }));
  assert.equal(url, 'https://events.pagerduty.com/v2/enqueue');
  assert.deepEqual(
    [json.event_action, json.dedup_key, json.client_url],
    ['trigger', 'i1', 'https://ops.example.com/i1'],
  );
  assert.deepEqual([json.payload.summary, json.payload.source], ['Alert · pay: errors', 'pay']);
  assert.ok(bodyOf('pagerduty', hostile).json.payload.summary.length <= 1024);
  const end = bodyOf('pagerduty', aNotification({ type: 'alert_resolved' })).json;
  assert.deepEqual(end, { routing_key: 'R1', event_action: 'resolve', dedup_key: 'i1' });
});

function aStorm(services: number): Notification {
  const payload: StormPayload = {
    type: 'alert_storm',
    from: AT,
    to: AT,
    total: services * 2,
    opened: services,
    reopened: 0,
    acknowledged: 0,
    resolved: services,
    severity: 'critical',
    services: Array.from({ length: services }, (_, index) => ({
      service: `s${index} ${HOSTILE}`.slice(0, 128),
      count: 2,
    })),
    notifications: [],
    link: null,
  };
  return { id: 'd1', sentAt: NOON, payload };
}

test('a storm names its services, most first, and counts the rest', () => {
  const { title, lines, facts } = bulletinOf(aStorm(23).payload);
  assert.equal(title, 'Storm · 46 notifications of 23 services in one');
  assert.deepEqual([lines.length, lines.at(-1)], [21, 'and 3 more services']);
  assert.match(lines[0] ?? '', /^2 × s0 /);
  assert.deepEqual(facts.slice(0, 2), [
    ['Opened', '23'],
    ['Resolved', '23'],
  ]);
});
