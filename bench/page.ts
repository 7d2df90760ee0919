import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Bench } from './bench.ts';
import { amount, atMost, type Row } from './report.ts';
import { API_KEY } from './server.ts';
import { median } from './statistics.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const OPENINGS = 5;
/** Where the tab keeps its credential. */
const KEPT_KEY = 'lightwatch.credential';

/** What a person waits for who opens a page whose files no cache has. Milliseconds since the navigation began. */
interface Opening {
  /** The same for the page's own files, whatever they then do: what is below it is the browser's. */
  readonly loaded: number;
  readonly usable: number;
}

/** The dashboard in a browser: from the navigation until the search takes input and the first rows are there. */
export async function page(bench: Bench): Promise<Row[]> {
  if (!existsSync(CHROMIUM)) {
    bench.progress('page: no Chromium, left out');
    return [];
  }
  bench.progress('page');
  const { port } = await bench.filled();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const openings: Opening[] = [];
    for (let number = 0; number <= OPENINGS; number++) openings.push(await open(browser, `http://127.0.0.1:${port}`));
    // The first one warms up the browser and the server, not the cache: each opening has a new one.
    const of = (figure: keyof Opening) => median(openings.slice(1).map((opening) => opening[figure])) / 1000;
    return [
      {
        measure: 'logs: search and first rows, empty cache',
        shown: amount(of('usable'), 's'),
        ceilings: [{ name: 'files loaded', shown: amount(of('loaded'), 's') }],
        goal: atMost(of('usable'), 1, 's'),
      },
    ];
  } finally {
    await browser.close();
  }
}

async function open(browser: Browser, base: string): Promise<Opening> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(`sessionStorage.setItem('${KEPT_KEY}', '${API_KEY}'); (${watch})()`);
    await page.goto(`${base}/logs?from=now-30d`);
    await page.locator('.log-row').first().waitFor();
    return await figures(page);
  } finally {
    await context.close();
  }
}

/** Runs in the page: notes when a row and the search are there, without asking again and again from outside. */
const watch = `() => {
  new MutationObserver((_changes, observer) => {
    if (document.querySelector('.log-row') === null || document.querySelector('[role=combobox]') === null) return;
    observer.disconnect();
    requestAnimationFrame(() => performance.mark('usable'));
  }).observe(document, { childList: true, subtree: true });
}`;

async function figures(page: Page): Promise<Opening> {
  const read = async (expression: string) => Number(await page.evaluate(expression));
  return {
    usable: await read(
      "new Promise((resolve) => requestAnimationFrame(() => resolve(performance.getEntriesByName('usable')[0].startTime)))",
    ),
    loaded: await read("performance.getEntriesByType('navigation')[0].loadEventEnd"),
  };
}
