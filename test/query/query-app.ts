import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { readConfig } from '../../src/config.ts';
import { openDoor } from '../../src/http/door.ts';
import { createLog } from '../../src/log.ts';
import { queryModule } from '../../src/query/plugin.ts';
import type { Store } from '../../src/store/store.ts';
import { type FakeClock, fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { NOON } from '../fixtures/samples.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

export interface QueryApp {
  readonly store: Store;
  readonly clock: FakeClock;
  /** The body of a 200. */
  get<T>(path: string): Promise<T>;
  /** A 200 as it is. */
  fetch(path: string): Promise<{ readonly headers: Readonly<Record<string, unknown>>; readonly body: Buffer }>;
  /** Any request, with `body` as JSON. */
  send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Sent>;
  /** Listens on a port of loopback; answers where. */
  listen(): Promise<string>;
  /** What an error says, and which field it names. */
  refused(path: string, status?: number): Promise<Refusal>;
}

export interface Sent {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly error?: { readonly details?: readonly { field: string }[] } };
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly field: string | undefined;
}

/** The query module behind the real door, over the plain store, at noon. */
export async function queryApp(t: TestContext, store?: Store): Promise<QueryApp> {
  const clock = fakeClock(NOON);
  const config = readConfig({ LOG_LEVEL: 'silent' });
  const log = createLog(config);
  const app = await openDoor({ config, clock, log, closing: () => false });
  t.after(() => app.close());
  const context = { config, store: store ?? memoryStore({ clock }), bus: new InProcessBus(log), clock };
  await app.register(queryModule, context);
  return {
    store: context.store,
    clock,
    async get(path) {
      const reply = await app.inject(path);
      assert.equal(reply.statusCode, 200, `${path}: ${reply.body}`);
      return reply.json();
    },
    async fetch(path) {
      const reply = await app.inject(path);
      assert.equal(reply.statusCode, 200, `${path}: ${reply.body}`);
      return { headers: reply.headers, body: reply.rawPayload };
    },
    async send(method, path, body) {
      const payload = body === undefined ? {} : { payload: JSON.stringify(body), headers: JSON_TYPE };
      const reply = await app.inject({ method, url: path, ...payload });
      return { status: reply.statusCode, body: reply.body === '' ? {} : reply.json() };
    },
    async listen() {
      t.after(() => app.server.closeAllConnections());
      return app.listen({ host: '127.0.0.1', port: 0 });
    },
    async refused(path, status = 400) {
      const reply = await app.inject(path);
      assert.equal(reply.statusCode, status, `${path}: ${reply.body}`);
      const { code, message, details } = reply.json().error;
      return { code, message, field: details?.[0]?.field };
    },
  };
}

/** A query string of these parameters. */
export function query(params: Readonly<Record<string, string>>): string {
  return `?${new URLSearchParams(params)}`;
}
