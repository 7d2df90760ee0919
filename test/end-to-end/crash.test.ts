import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { EmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { type ServerProcess, startServerProcess } from '../fixtures/server-process.ts';

/** How often the server is killed, and how long it lives at most: queries make it load from the first moment. */
const KILLS = 30;
const LONGEST_LIFE_MS = 700;
/** A start that takes longer hangs; how long it takes is the benchmark's affair: other suites run beside this one. */
const READY_WITHIN_MS = 15_000;
const PAGE = 10_000;

const SERVICE = 'crash-test';
const silent = { warn: () => undefined, error: () => undefined };

/** What a writer knows: the messages that were acknowledged, and those it sent and heard nothing of. */
interface Ledger {
  readonly acknowledged: Set<string>;
  readonly sent: Set<string>;
}

/** A sender that goes on until the server is gone, singles and batches in turn. Some events carry ids of their own. */
class Writer {
  private readonly name: string;
  private readonly ledger: Ledger;
  private count = 0;
  /** What was not acknowledged when the server went, and can be sent again without harm. */
  private unanswered: readonly object[] = [];

  constructor(name: string, ledger: Ledger) {
    this.name = name;
    this.ledger = ledger;
  }

  async write(url: string): Promise<void> {
    try {
      if (this.unanswered.length > 0) await this.send(url, this.unanswered);
      for (;;) {
        const size = this.count % 3 === 0 ? 1 : 1 + Math.floor(Math.random() * 400);
        const withIds = this.count % 2 === 0;
        await this.send(
          url,
          Array.from({ length: size }, () => this.event(withIds)),
          withIds,
        );
      }
    } catch (error) {
      // The server was killed: fetch says so in one way or another. Anything else is a fault.
      if (error instanceof assert.AssertionError) throw error;
    }
  }

  private event(withId: boolean) {
    const message = `${this.name} ${this.count++} ${'x'.repeat(this.count % 200)}`;
    return { service: SERVICE, level: 'info', message, ...(withId ? { event_id: message.slice(0, 40) } : {}) };
  }

  private async send(url: string, events: readonly object[], repeatable = true): Promise<void> {
    const messages = events.map((event) => String((event as { message: string }).message));
    for (const message of messages) this.ledger.sent.add(message);
    this.unanswered = repeatable ? events : [];
    const single = events.length === 1;
    const response = await fetch(`${url}/ingest/logs`, {
      method: 'POST',
      headers: { 'content-type': single ? 'application/json' : 'application/x-ndjson' },
      body: events.map((event) => JSON.stringify(event)).join('\n'),
    });
    const reply = (await response.json()) as { accepted?: number };
    assert.equal(response.status, single ? 201 : 200, JSON.stringify(reply));
    if (!single) assert.equal(reply.accepted, events.length);
    this.unanswered = [];
    for (const message of messages) this.ledger.acknowledged.add(message);
  }
}

/** Asks again and again, so that the journal is loaded in the middle of the writing. */
async function keepAsking(url: string): Promise<void> {
  try {
    for (;;) await (await fetch(`${url}/api/logs?service=${SERVICE}&order=asc&limit=1`)).text();
  } catch {
    // The server was killed.
  }
}

test(`no acknowledged event is lost, torn or doubled in ${KILLS} kills`, { timeout: 240_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-crash-'));
  let server: ServerProcess | undefined;
  t.after(async () => {
    await server?.kill();
    await rm(dataDir, { recursive: true, force: true });
  });
  const ledger: Ledger = { acknowledged: new Set(), sent: new Set() };
  const writers = ['a', 'b', 'c', 'd'].map((name) => new Writer(name, ledger));
  let midLoad = 0;
  let slowestStartMs = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const began = performance.now();
    server = await startServerProcess({ DATA_DIR: dataDir, RATE_LIMIT_MAX: '0' });
    slowestStartMs = Math.max(slowestStartMs, performance.now() - began);
    const { url } = server;
    const working = [...writers.map((writer) => writer.write(url)), ...(kill % 2 === 0 ? [keepAsking(url)] : [])];
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * LONGEST_LIFE_MS));
    await server.kill();
    await Promise.all(working);
    if ((await readdir(join(dataDir, 'journal', 'log'))).length > 0) midLoad++;
  }
  const stored = await readAll(dataDir);
  const times = new Map<string, number>();
  for (const message of stored) times.set(message, (times.get(message) ?? 0) + 1);
  const missing = [...ledger.acknowledged].filter((message) => !times.has(message));
  const torn = [...times.keys()].filter((message) => !ledger.sent.has(message));
  const doubled = [...times].filter(([, count]) => count > 1);
  assert.deepEqual({ missing: missing.length, torn, doubled }, { missing: 0, torn: [], doubled: [] });
  assert.ok(slowestStartMs < READY_WITHIN_MS, `a start took ${slowestStartMs} ms`);
  assert.ok(midLoad >= KILLS / 3, `only ${midLoad} kills left a journal behind: the test no longer tests the recovery`);
  t.diagnostic(
    `${ledger.acknowledged.size} acknowledged, ${stored.length} stored, ${midLoad} kills before all was loaded`,
  );
});

async function readAll(dataDir: string): Promise<readonly string[]> {
  const store = await EmbeddedStore.open({ dataDir, dedupWindowMs: 600_000, clock: systemClock, log: silent });
  const messages: string[] = [];
  let last = '';
  for (;;) {
    const events = await store.since('log', last, PAGE);
    messages.push(...events.filter((event) => event.service === SERVICE).map((event) => event.message));
    last = events.at(-1)?.id ?? last;
    if (events.length < PAGE) break;
  }
  await store.close();
  return messages;
}
