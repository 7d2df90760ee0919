import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, devices, type Page } from 'playwright-core';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { ingest, launch, NO_BROWSER } from './browser.ts';
import { heartbeats } from './sample-events.ts';
import { openShop } from './sample-shop.ts';
import { type Shot, shotsOf } from './shots.ts';

/**
 * `npm run screenshots [-- --events 1000000 --data folder --out folder --only logs,incident]`: every page and its states,
 * dark and light, wide and narrow, over a shop that was watched for ten days. With `--data` the shop is kept there, and
 * goes on with the next run. Exits with 1 when a picture does not show what it should.
 */
const { values: flags } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    data: { type: 'string' },
    out: { type: 'string', default: 'dist/screenshots' },
    only: { type: 'string', default: '' },
    theme: { type: 'string', default: 'light,dark' },
    size: { type: 'string', default: 'wide,narrow' },
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
/** Views that ask again and again never rest. */
const RESTS_WITHIN_MS = 2500;
/** A view that has not shown it by then will not. */
const WITHIN_MS = 20_000;

type Bases = Readonly<Record<NonNullable<Shot['server']> | 'shop', string>>;

async function take(browser: Browser, bases: Bases, shots: readonly Shot[]): Promise<void> {
  for (const [size, options] of Object.entries(SIZES).filter(([size]) => flags.size.includes(size))) {
    for (const colorScheme of THEMES.filter((theme) => flags.theme.includes(theme))) {
      const context = await browser.newContext({ ...options, colorScheme, reducedMotion: 'reduce' });
      for (const shot of shots.filter(({ narrowOnly }) => size === 'narrow' || narrowOnly !== true)) {
        const page = await context.newPage();
        page.setDefaultTimeout(WITHIN_MS);
        const fault = (what: string) => {
          process.exitCode = 1;
          process.stderr.write(`${shot.name}, ${size}, ${colorScheme}: ${what}\n`);
        };
        page.on('pageerror', (error) => fault(error.message));
        if (shot.server === undefined) await ingest(bases.shop, heartbeats(Date.now()));
        await shot.before?.(page);
        await page.goto(`${bases[shot.server ?? 'shop']}${shot.path}`);
        await settled(page);
        await shot.act?.(page).catch((error: Error) => fault(error.message));
        await page
          .locator(shot.seen)
          .first()
          .waitFor()
          .catch((error: Error) => fault(error.message));
        await settled(page);
        const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
        if (overflow > 0) fault(`${overflow} px wider than the screen`);
        await page.screenshot({ path: join(flags.out, `${shot.name}-${size}-${colorScheme}.png`) });
        await page.close();
      }
      process.stdout.write(`${size}, ${colorScheme}: ${shots.length} pictures in ${flags.out}\n`);
      await context.close();
    }
  }
}

/** Resolves when nothing is asked any more and nothing is on its way. A view that never rests is taken as it is. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle', { timeout: RESTS_WITHIN_MS }).catch(() => undefined);
  await page.locator('.animate-pulse').first().waitFor({ state: 'hidden' });
}

if (NO_BROWSER !== false) throw new Error(NO_BROWSER);
await mkdir(flags.out, { recursive: true });
const scratch = await mkdtemp(join(tmpdir(), 'lightwatch-screenshots-'));
const bare = (name: string, env: Record<string, string> = {}) =>
  buildApp({ config: readConfig({ PORT: '0', DATA_DIR: join(scratch, name), LOG_LEVEL: 'silent', ...env }) });
const apps = [await bare('empty'), await bare('locked', { API_KEY: 'a-long-random-word' })];
const [empty = '', locked = ''] = await Promise.all(apps.map((app) => app.listen()));
const shop = await openShop(flags.data ?? join(scratch, 'shop'), Number(flags.events));
const browser = await launch();
try {
  const only = flags.only.split(',');
  const shots = (await shotsOf(shop.base)).filter(({ name }) => only.some((part) => name.includes(part)));
  await take(browser, { shop: shop.base, empty, locked }, shots);
} finally {
  await browser.close();
  await shop.close();
  for (const app of apps) await app.close();
  await rm(scratch, { recursive: true, force: true });
}
