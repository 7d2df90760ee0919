import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type App, buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { eventually } from '../fixtures/wait.ts';
import { ingest } from './browser.ts';
import { DAY_MS, heartbeats, sampleBatches, type Trouble } from './sample-events.ts';
import {
  channelsAt,
  DASHBOARDS,
  EARLY_RULES,
  LATE_RULES,
  pastSilences,
  SEARCHES,
  silencesAround,
} from './sample-team.ts';

const MINUTE_MS = 60_000;
/** Days that the shop has been watched: each has files of its own. */
const DAYS = 10;
/** Logs among the events; the others are spans, metrics and security events. */
const SHARE_OF_LOGS = 0.68;

interface PastTrouble {
  readonly trouble: Trouble;
  /** Incidents that it opens. */
  readonly incidents: number;
  readonly note: string;
}

/** What went wrong in those days, by how many days ago it was, and what was said of it. */
const PAST: Readonly<Record<number, PastTrouble>> = {
  7: {
    trouble: { services: ['pay', 'gateway'], agoMs: 0, forMs: 40 * MINUTE_MS },
    incidents: 2,
    note: 'The acquirer had an outage; we failed over to the second one.',
  },
  3: {
    trouble: { services: ['search'], agoMs: 0, forMs: 20 * MINUTE_MS },
    incidents: 1,
    note: 'Two shards were out of disk. Old snapshots are deleted, the shards are back.',
  },
};

const SETTINGS = {
  PORT: '0',
  LOG_LEVEL: 'silent',
  RATE_LIMIT_MAX: '0',
  WEBHOOK_ALLOW: '127.0.0.1',
} as const;

/** A shop that has been watched for days, over a store in `dataDir`, and listens. */
export interface Shop {
  readonly app: App;
  readonly base: string;
  close(): Promise<void>;
}

/** Opens the shop of a folder; one that is there already goes on where it was left. */
export async function openShop(dataDir: string, events: number): Promise<Shop> {
  const receiver = await startReceiver();
  await fill(dataDir, events, receiver.base);
  const app = await buildApp({ config: readConfig({ ...SETTINGS, DATA_DIR: dataDir }), reportSelf: true });
  const base = await app.listen();
  await ingest(base, heartbeats(Date.now()));
  return {
    app,
    base,
    async close() {
      await app.close();
      receiver.server.close();
    },
  };
}

/** Lives through the days of the shop, one after the other, with a clock that is set to each. */
async function fill(dataDir: string, events: number, hooks: string): Promise<void> {
  let shiftMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + shiftMs };
  const isKept = existsSync(join(dataDir, 'events'));
  const config = readConfig({
    ...SETTINGS,
    DATA_DIR: dataDir,
    ALERT_INTERVAL: '1s',
    // What nobody was there to see opens nothing.
    ...(isKept && { ROLES: 'ingest,query' }),
  });
  const app = await buildApp({ config, clock });
  const base = await app.listen();
  const api = client(base);
  const logsADay = Math.round((events * SHARE_OF_LOGS) / DAYS);
  try {
    if (isKept) {
      const [newest] = await api.get<{ timestamp: string }>('/api/logs?limit=1');
      const now = Date.now();
      const spanMs = now - Date.parse(newest?.timestamp ?? new Date(now).toISOString());
      // Of another seed than any day: ids must not come twice.
      await send(base, { now, logs: (logsADay * spanMs) / DAY_MS, spanMs, seed: now % 1_000_003 });
      return;
    }
    for (let ago = DAYS - 1; ago >= 0; ago--) {
      shiftMs = -ago * DAY_MS;
      if (ago === DAYS - 1) {
        await api.postAll('/api/alerts/channels', channelsAt(hooks));
        await api.postAll('/api/alerts', EARLY_RULES);
        await api.postAll('/api/alerts/silences', pastSilences(clock.now() + DAY_MS));
      }
      // Nobody has heard of it since yesterday.
      if (ago > 0) await ingest(base, heartbeats(clock.now(), ['batch']));
      const past = PAST[ago];
      const troubles = past === undefined ? (ago === 0 ? undefined : []) : [past.trouble];
      await send(base, {
        ...{ now: clock.now(), logs: logsADay, spanMs: DAY_MS, seed: ago + 1 },
        ...(troubles !== undefined && { troubles }),
      });
      if (past === undefined) continue;
      for (const id of await openIncidents(api, past.incidents)) {
        shiftMs += 2 * MINUTE_MS;
        await api.post(`/api/alerts/incidents/${id}/acknowledge`);
        shiftMs += 7 * MINUTE_MS;
        await api.post(`/api/alerts/incidents/${id}/notes`, { note: past.note });
        await api.post(`/api/alerts/incidents/${id}/resolve`);
      }
    }
    await ingest(base, bruteForce(clock.now()));
    await api.postAll('/api/alerts', LATE_RULES);
    await api.postAll('/api/alerts/silences', silencesAround(clock.now()));
    await api.postAll('/api/searches', SEARCHES);
    await api.postAll('/api/dashboards', DASHBOARDS);
    const [taken] = await openIncidents(api, 4);
    await api.post(`/api/alerts/incidents/${taken}/acknowledge`);
    await api.post(`/api/alerts/incidents/${taken}/notes`, { note: 'Calling the acquirer.' });
  } finally {
    await app.close();
  }
}

async function send(base: string, options: Parameters<typeof sampleBatches>[0]): Promise<void> {
  for (const batch of sampleBatches(options)) if (batch.length > 0) await ingest(base, batch);
}

type Client = ReturnType<typeof client>;

async function openIncidents({ get }: Client, count: number): Promise<readonly string[]> {
  let ids: readonly string[] = [];
  await eventually(async () => {
    ids = (await get<{ id: string }>('/api/alerts/incidents?status=open')).map(({ id }) => id);
    return ids.length >= count;
  }, `${count} incidents`);
  return ids;
}

function bruteForce(now: number): object[] {
  return Array.from({ length: 40 }, (_, index) => ({
    kind: 'security',
    timestamp: new Date(now - index * 4000).toISOString(),
    service: 'auth',
    type: 'brute_force',
    severity: 'high',
    source_ip: '203.0.113.66',
    description: 'more than 200 sign-ins a minute from one address',
  }));
}

function client(base: string) {
  async function ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${base}${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const reply = await response.json();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(reply)}`);
    return reply as T;
  }
  return {
    get: async <T>(path: string) => (await ask<{ data: readonly T[] }>('GET', path)).data,
    post: (path: string, body?: object) => ask('POST', path, body),
    async postAll(path: string, bodies: readonly object[]) {
      for (const body of bodies) await ask('POST', path, body);
    },
  };
}

/** Somewhere that notifications go: it takes those to `/ok`, and is too busy for all others. */
async function startReceiver(): Promise<{ readonly server: Server; readonly base: string }> {
  const server = createServer((request, response) => {
    response.statusCode = request.url?.startsWith('/ok') ? 202 : 503;
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('BUG: the receiver does not listen');
  return { server, base: `http://127.0.0.1:${address.port}` };
}
