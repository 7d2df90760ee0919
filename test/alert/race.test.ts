import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AlertEngine } from '../../src/alert/engine.ts';
import { Incidents } from '../../src/alert/incidents.ts';
import { Outbox } from '../../src/alert/notify/outbox.ts';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { createLog } from '../../src/log.ts';
import type { Documents, Store } from '../../src/store/store.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';
import { collectDecisions } from './collected.ts';

const MINUTE_MS = 60_000;
const LOG = createLog({ logLevel: 'silent' });

/** A store whose documents take some turns of the event loop to answer: as many as `delays` says, in turn. */
function slow(store: Store, delays: readonly number[]): Store {
  let calls = 0;
  const wait = async () => {
    const turns = delays[calls++ % delays.length] ?? 0;
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const { documents } = store;
  const late: Documents = {
    ...documents,
    get: async (collection, id) => {
      await wait();
      return documents.get(collection, id);
    },
    insert: async (collection, document) => {
      await wait();
      return documents.insert(collection, document);
    },
    update: async (collection, document, version) => {
      await wait();
      return documents.update(collection, document, version);
    },
  };
  return { ...store, documents: late };
}

test('two engines at once make one incident and one notification of each change, however they interleave', async () => {
  const delays = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(delays, delays, async (first, second) => {
      const clock = fakeClock();
      const store = memoryStore({ clock });
      const ids = new Set<string>();
      const engines = [first, second].map((own) => {
        const seen = slow(store, own);
        const { documents } = seen;
        const outbox = new Outbox({
          documents,
          clock,
          log: LOG,
          async send({ id }) {
            ids.add(id);
            return { ok: true, status: 200 };
          },
        });
        const incidents = new Incidents({
          documents,
          bus: new InProcessBus(LOG),
          outbox,
          log: LOG,
          publicUrl: undefined,
        });
        const { log: decisions } = collectDecisions();
        const parts = { store: seen, clock, log: LOG, incidents, outbox, decisions, retentionMs: 90 * 86_400_000 };
        return { engine: new AlertEngine(parts), outbox };
      });
      const condition = { threshold: 1, windowMinutes: 1, cooldownMinutes: 0 };
      const made = {
        id: 'r1',
        name: 'errors',
        enabled: true,
        lastTriggeredAt: null,
        createdAt: '2026-01-15T12:00:00.000Z',
      };
      const webhook = 'https://hooks.example.com/x';
      await store.documents.insert('rules', { ...made, type: 'log_count', condition, webhook });
      await store.append('log', [{ service: 'pay', level: 'error', message: 'no', timestamp: clock.now() }]);
      for (let minute = 0; minute < 4; minute++) {
        await Promise.all(engines.map(({ engine }) => engine.tick()));
        clock.advance(MINUTE_MS);
      }
      const settled = async () => {
        const { items } = await store.documents.list('deliveries');
        return items.length > 0 && items.every(({ document }) => document.status === 'delivered');
      };
      await eventually(settled, 'everything delivered');
      const { items } = await store.documents.list('incidents');
      assert.deepEqual(
        items.map(({ document }) => [document.status, document.history.map(({ to }) => to)]),
        [['resolved', ['open', 'resolved']]],
      );
      assert.equal(ids.size, 2);
      for (const { outbox } of engines) await outbox.stop();
    }),
    { numRuns: 30 },
  );
});
