import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, devices } from 'playwright-core';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { ingest, launch, NO_BROWSER } from './browser.ts';
import { heartbeats, sampleBatches } from './sample-events.ts';

/**
 * `npm run screenshots [-- --events 1000000 --out folder --only logs]`: every view, dark and light, wide and narrow,
 * over events that look real.
 */
const { values: flags } = parseArgs({
  options: {
    events: { type: 'string', default: '60000' },
    out: { type: 'string', default: 'dist/screenshots' },
    only: { type: 'string', default: '' },
  },
});

const SIZES = {
  wide: { viewport: { width: 1440, height: 900 } },
  narrow: {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    userAgent: devices['iPhone 14']?.userAgent ?? '',
  },
} as const;
const THEMES = ['light', 'dark'] as const;

interface Shot {
  readonly name: string;
  readonly path: string;
  /** What has to be there before it is taken. */
  readonly seen: string;
}

async function shotsOf(base: string): Promise<readonly Shot[]> {
  const ids = async (address: string) => {
    const { data } = (await (await fetch(`${base}${address}`)).json()) as { data: readonly Record<string, string>[] };
    return data;
  };
  const failed = await ids('/api/logs?level=error&service=shop&limit=1');
  const traced = await ids('/api/logs?regex=.&limit=500&from=now-2h');
  const trace =
    traced.find(({ trace_id, level }) => trace_id !== undefined && level === 'error') ??
    traced.find(({ trace_id }) => trace_id !== undefined);
  const metrics = 'http_request_ms~p50,p95~service~!cpu_usage~max~host~';
  return [
    { name: 'overview', path: '/', seen: 'text=Coming in' },
    { name: 'logs', path: '/logs', seen: '.log-row' },
    {
      name: 'logs-opened',
      path: `/logs?from=now-24h&service=shop&level=error&open=${failed[0]?.id}`,
      seen: 'text=Copy as JSON',
    },
    {
      name: 'logs-patterns',
      path: '/logs?view=patterns&from=now-24h',
      seen: "main table, :text('does not offer')",
    },
    { name: 'logs-live', path: '/logs?live=1', seen: 'text=Live;' },
    { name: 'logs-nothing', path: '/logs?q=absentword', seen: 'text=No logs match' },
    {
      name: 'metrics',
      path: `/explore?from=now-6h&m=${encodeURIComponent(metrics)}`,
      seen: "main table, :text('does not offer')",
    },
    { name: 'traces', path: '/traces?from=now-6h', seen: 'main li a' },
    { name: 'trace', path: `/traces/${trace?.trace_id}`, seen: ".waterfall-row, :text('does not offer')" },
    { name: 'services', path: '/services?show=pay', seen: 'main table' },
    { name: 'security', path: '/security?from=now-24h', seen: 'text=By severity' },
  ];
}

async function take(browser: Browser, base: string, shots: readonly Shot[]): Promise<void> {
  for (const [size, options] of Object.entries(SIZES)) {
    for (const theme of THEMES) {
      const context = await browser.newContext({ ...options, colorScheme: theme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      for (const { name, path, seen } of shots) {
        await ingest(base, heartbeats(Date.now()));
        await page.goto(`${base}${path}`);
        await page
          .locator(seen)
          .first()
          .waitFor({ timeout: 30_000 })
          .catch((error: Error) => process.stderr.write(`${name}: ${error.message}\n`));
        await page.waitForLoadState('networkidle').catch(() => undefined);
        await page.waitForFunction("document.querySelector('.animate-pulse') === null").catch(() => undefined);
        const file = join(flags.out, `${name}-${size}-${theme}.png`);
        await page.screenshot({ path: file });
        process.stdout.write(`${file}\n`);
      }
      await context.close();
    }
  }
}

if (NO_BROWSER !== false) throw new Error(NO_BROWSER);
const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-screenshots-'));
await mkdir(flags.out, { recursive: true });
const config = readConfig({ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'silent', ALERT_INTERVAL: '1s' });
const app = await buildApp({ config });
const base = await app.listen();
const browser = await launch();
try {
  for (const batch of sampleBatches({ now: Date.now(), logs: Number(flags.events) }))
    if (batch.length > 0) await ingest(base, batch);
  for (const rule of [
    {
      name: 'payments fail',
      type: 'log_count',
      service: 'pay',
      severity: 'critical',
      condition: { level: ['error', 'fatal'], threshold: 5, windowMinutes: 30, cooldownMinutes: 5 },
    },
    {
      name: 'the gateway answers 502',
      type: 'log_count',
      service: 'gateway',
      condition: { q: '502', threshold: 5, windowMinutes: 30, cooldownMinutes: 5 },
    },
  ]) {
    await fetch(`${base}/api/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rule),
    });
  }
  const shots = (await shotsOf(base)).filter(({ name }) => name.includes(flags.only));
  await take(browser, base, shots);
} finally {
  await browser.close();
  await app.close();
  await rm(dataDir, { recursive: true, force: true });
}
