import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import type { Delivery } from '../../schemas/delivery.ts';
import { createMailer, type Mail } from '../../src/alert/notify/mailer.ts';
import { parseSmtpUrl } from '../../src/core/smtp-url.ts';
import { eventually } from '../fixtures/wait.ts';
import { openAlerting } from './alerting.ts';

const NEVER = new AbortController().signal;
const MAIL: Mail = {
  id: 'd1',
  thread: 'i1',
  to: ['ops@example.com'],
  subject: 'Alert · pay: ärger',
  text: 'text\n',
  html: '<p>html</p>',
  sentAt: Date.UTC(2026, 0, 15, 12),
};

interface ReceivedMail {
  readonly to: readonly string[];
  readonly from: string;
  readonly user: string | undefined;
  readonly source: string;
}

/** A mail server on loopback. It refuses recipients that begin with `no`. */
async function openMailServer(t: TestContext) {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username }) : done(new Error('wrong password')),
    onRcptTo: ({ address }, _session, done) =>
      address.startsWith('no') ? done(Object.assign(new Error('nobody here'), { responseCode: 550 })) : done(),
    onData(stream, { envelope, user }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = envelope.rcptTo.map(({ address }) => address);
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        received.push({ to, from, user: user?.toString(), source: Buffer.concat(chunks).toString() });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const bound = server.server.address();
  assert.ok(bound !== null && typeof bound !== 'string');
  return { received, port: bound.port };
}

function mailer(port: number, user = '') {
  return createMailer(parseSmtpUrl(`smtp://${user}127.0.0.1:${port}?from=alerts@example.com`));
}

test('a mail goes out with its id, its thread, as text and as HTML', async (t) => {
  const { received, port } = await openMailServer(t);
  assert.deepEqual(await mailer(port, 'ann:right@')(MAIL, NEVER), { ok: true, status: 250 });
  const [mail] = received;
  assert.deepEqual([mail?.from, mail?.to, mail?.user], ['alerts@example.com', ['ops@example.com'], 'ann']);
  for (const line of [
    /^From: Lightwatch <alerts@example\.com>\r$/m,
    /^Message-ID: <d1@example\.com>\r$/m,
    /^References: <i1@example\.com>\r$/m,
    /^Auto-Submitted: auto-generated\r$/m,
    /^Subject: =\?UTF-8\?/m,
    /^Date: Thu, 15 Jan 2026 12:00:00 \+0000\r$/m,
    /^Content-Type: text\/plain/m,
    /^Content-Type: text\/html/m,
  ]) {
    assert.match(mail?.source ?? '', line);
  }
});

test('a hostile subject makes no header', async (t) => {
  const { received, port } = await openMailServer(t);
  await mailer(port)({ ...MAIL, subject: 'a\r\nBcc: evil@example.com\r\n\r\nb' }, NEVER);
  assert.deepEqual(received[0]?.to, ['ops@example.com']);
  assert.doesNotMatch(received[0]?.source ?? '', /^Bcc:/im);
});

test('what a mail server may answer', async (t) => {
  const { port } = await openMailServer(t);
  const some = await mailer(port)({ ...MAIL, to: ['ops@example.com', 'nobody@example.com'] }, NEVER);
  assert.deepEqual(some, { ok: true, status: 250, note: 'refused for nobody@example.com' });
  const none = await mailer(port)({ ...MAIL, to: ['nobody@example.com'] }, NEVER);
  assert.deepEqual([none.ok, none.status, 'final' in none && none.final], [false, 550, true]);
  const wrong = await mailer(port, 'ann:wrong@')(MAIL, NEVER);
  assert.deepEqual([wrong.ok, wrong.status, 'final' in wrong], [false, 535, false]);
  assert.ok(!JSON.stringify(wrong).includes('ann:wrong'));
});

test('a mail server that is not there, or says nothing, is a failure with a reason', async (t) => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await new Promise((resolve) => silent.once('listening', resolve));
  const bound = silent.address();
  assert.ok(bound !== null && typeof bound !== 'string');
  const abort = new AbortController();
  const connected = new Promise<void>((resolve) =>
    silent.once('connection', (socket) => {
      t.after(() => socket.destroy());
      resolve();
    }),
  );
  const sending = mailer(bound.port)(MAIL, abort.signal);
  await connected;
  abort.abort();
  assert.equal((await sending).ok, false);
  silent.close();
  const gone = await mailer(await closedPort())(MAIL, NEVER);
  assert.ok(!gone.ok && /ECONNREFUSED/.test(gone.error), JSON.stringify(gone));
  const none = await createMailer(undefined)(MAIL, NEVER);
  assert.deepEqual(none, { ok: false, status: null, error: 'SMTP_URL is not set' });
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(bound !== null && typeof bound !== 'string');
  return bound.port;
}

test('an incident is mailed from beginning to end', async (t) => {
  const { received, port } = await openMailServer(t);
  const desk = await openAlerting(t, { env: { SMTP_URL: `smtp://127.0.0.1:${port}` } });
  await desk.call('POST', '/api/alerts/channels', { type: 'email', to: ['ops@example.com', 'dev@example.com'] });
  await desk.rule({ service: 'pay', threshold: 1, windowMinutes: 1, cooldownMinutes: 0, name: 'payments fail' });
  await desk.logs(2);
  await desk.tick();
  await eventually(() => received.length === 1, 'the mail');
  const [incident] = await desk.incidents();
  await desk.call('POST', `/api/alerts/incidents/${incident?.id}/resolve`);
  await eventually(() => received.length === 2, 'the end');
  assert.deepEqual(received[0]?.to, ['ops@example.com', 'dev@example.com']);
  assert.equal(received[0]?.from, 'lightwatch@localhost');
  for (const { source } of received)
    assert.match(source, new RegExp(`^References: <${incident?.id}@localhost>\r$`, 'm'));
  const { body } = await desk.call<{ data: Delivery[] }>(
    'GET',
    '/api/alerts/deliveries?status=delivered&kind=error_alert',
  );
  assert.deepEqual([body.data[0]?.last_status, body.data[0]?.channel_type], [250, 'email']);
});

test('SMTP_URL says where, in whose name, and nothing else', () => {
  const rows: [string, object | RegExp][] = [
    [
      'smtp://mail.example.com',
      { host: 'mail.example.com', port: 587, secure: false, from: 'lightwatch@mail.example.com' },
    ],
    [
      'smtps://mail.example.com/',
      { host: 'mail.example.com', port: 465, secure: true, from: 'lightwatch@mail.example.com' },
    ],
    [
      'smtps://ann%40example.com:p%3Aw@[::1]:2465?from=a@b.de',
      { host: '::1', port: 2465, secure: true, user: 'ann@example.com', password: 'p:w', from: 'a@b.de' },
    ],
    [
      'smtp://ann%40example.com:pw@10.0.0.1',
      { host: '10.0.0.1', port: 587, secure: false, user: 'ann@example.com', password: 'pw', from: 'ann@example.com' },
    ],
    ['http://mail.example.com', /smtp or smtps URL/],
    ['mail.example.com', /smtp or smtps URL/],
    ['smtp://mail.example.com?tls=no', /from alone/],
    ['smtp://mail.example.com/inbox', /path/],
    ['smtp://mail.example.com?from=nobody', /address/],
  ];
  for (const [text, want] of rows) {
    if (want instanceof RegExp) assert.throws(() => parseSmtpUrl(text), want, text);
    else assert.deepEqual(parseSmtpUrl(text), want, text);
  }
});
