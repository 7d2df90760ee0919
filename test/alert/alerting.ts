import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { TestContext } from 'node:test';
import type { NotificationPayload } from '../../schemas/delivery.ts';
import type { Incident } from '../../schemas/incident.ts';
import type { AlertMessage } from '../../schemas/live.ts';
import { alertModuleOn } from '../../src/alert/plugin.ts';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { readConfig, type SettingName } from '../../src/config.ts';
import type { EventOf } from '../../src/core/event.ts';
import { type Leadership, SOLE_LEADERSHIP } from '../../src/core/leadership.ts';
import { openDoor } from '../../src/http/door.ts';
import { createLog } from '../../src/log.ts';
import type { Store } from '../../src/store/store.ts';
import { type FakeClock, fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';

export interface AlertingOptions {
  readonly clock?: FakeClock;
  readonly store?: Store;
  readonly leadership?: Leadership;
  readonly env?: Partial<Record<SettingName, string>>;
}

export interface Reply<T> {
  readonly status: number;
  readonly body: T;
}

export type Alerting = Awaited<ReturnType<typeof openAlerting>>;

/** The alert module at a real door over a store, with a clock and a tick that are moved by hand. */
export async function openAlerting(t: TestContext, options: AlertingOptions = {}) {
  const { clock = fakeClock(), env = {}, leadership = SOLE_LEADERSHIP } = options;
  const { store = memoryStore({ clock }) } = options;
  const config = readConfig({ WEBHOOK_ALLOW: '127.0.0.1', PUBLIC_URL: 'https://ops.example.com/', ...env });
  const log = createLog({ logLevel: 'silent' });
  const bus = new InProcessBus(log);
  const messages: AlertMessage[] = [];
  bus.subscribe('alert', (delivery) => {
    if (delivery.type === 'message') messages.push(delivery.payload);
  });
  const app = await openDoor({ config, clock, log, closing: () => false });
  let tick = async () => {};
  const module = alertModuleOn((task) => {
    tick = task;
    return { stop: async () => {} };
  });
  await app.register(module, { config, store, bus, clock, leadership });
  await app.ready();
  const stats = () => app.stats.snapshot().alert ?? assert.fail('the module reports no figures');
  if (leadership.leader) await eventually(() => stats().ticks === 1, 'the first tick');
  t.after(() => app.close());

  async function call<T>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: object) {
    const reply = await app.inject({ method, url, ...(body !== undefined && { payload: body }) });
    const parsed: Reply<T> = { status: reply.statusCode, body: reply.body === '' ? null : JSON.parse(reply.body) };
    return parsed;
  }

  return {
    app,
    clock,
    store,
    /** What live clients were told, once it is this many messages: the bus delivers in its own time. */
    async told(count: number): Promise<readonly AlertMessage[]> {
      await eventually(() => messages.length >= count, `${count} messages on the bus`);
      return messages;
    },
    stats,
    call,
    tick: () => tick(),
    /** Makes a rule and answers its id. */
    async rule(body: object): Promise<string> {
      const { status, body: rule } = await call<{ id: string }>('POST', '/api/alerts', body);
      assert.equal(status, 201, JSON.stringify(rule));
      return rule.id;
    },
    async incidents(query = ''): Promise<readonly Incident[]> {
      const { body } = await call<{ data: readonly Incident[] }>('GET', `/api/alerts/incidents${query}`);
      return body.data;
    },
    async logs(count: number, own: Partial<EventOf<'log'>> = {}) {
      const log = { service: 'pay', level: 'error' as const, message: 'card refused', timestamp: clock.now(), ...own };
      await store.append(
        'log',
        Array.from({ length: count }, () => log),
      );
    },
    async metric(value: number, own: Partial<EventOf<'metric'>> = {}) {
      await store.append('metric', [{ service: 'gw', name: 'cpu_usage', value, timestamp: clock.now(), ...own }]);
    },
    async security(own: Partial<EventOf<'security'>> = {}) {
      const event = { service: 'gate', type: 'brute_force', severity: 'high', timestamp: clock.now(), ...own } as const;
      await store.append('security', [event]);
    },
    async heartbeat(own: Partial<EventOf<'heartbeat'>> = {}) {
      await store.append('heartbeat', [{ service: 'pay', status: 'healthy', timestamp: clock.now(), ...own }]);
    },
    /** Moves on and evaluates. */
    async after(ms: number): Promise<void> {
      clock.advance(ms);
      await tick();
    },
    close: () => app.close(),
  };
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body, if it is a notification as webhooks get it. */
  readonly payload: NotificationPayload;
}

/** What a target answers to the n-th request, from 0. */
export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** Never ends its body. */
  readonly endless?: boolean;
  /** Never answers. */
  readonly silent?: boolean;
}

/** A webhook's other end, on loopback. */
export async function openTarget(t: TestContext, answer: (index: number) => Answer = () => ({ status: 204 })) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { status, headers = {}, endless, silent } = answer(received.length);
      const body = Buffer.concat(chunks).toString();
      received.push({ path: request.url ?? '', headers: request.headers, body, payload: JSON.parse(body) });
      if (silent) return;
      response.writeHead(status, headers);
      if (!endless) response.end();
      else {
        const more = () => void (response.write('x'.repeat(4096)) ? setImmediate(more) : response.once('drain', more));
        response.on('error', () => {});
        more();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const bound = server.address();
  assert.ok(bound !== null && typeof bound !== 'string');
  const { port } = bound;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    types: () => received.map(({ payload }) => payload.type),
    async until(count: number): Promise<void> {
      await eventually(() => received.length >= count, `${count} requests at the webhook`);
    },
  };
}
