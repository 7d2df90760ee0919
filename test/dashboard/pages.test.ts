import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seriousFaults } from './axe.ts';
import { ingest, listeningApp, NO_BROWSER, openPage, suiteBrowser } from './browser.ts';
import { sampleBatches } from './sample-events.ts';

const TRACE = 'a'.repeat(32);
const LOGS = 3000;
const DAY_MS = 86_400_000;

/** Every view, and what has to be there before it is looked at. */
const VIEWS: readonly (readonly [path: string, seen: string])[] = [
  ['/', 'text=Open incidents'],
  ['/logs?from=now-24h', '.log-row'],
  ['/logs?live=1', 'text=/^Live;/'],
  ['/logs?view=patterns&from=now-24h', 'main table'],
  ['/explore?from=now-24h&m=http_request_ms~p50,p95~service~', 'main table'],
  ['/traces?from=now-24h', 'text=Newest traces'],
  [`/traces/${TRACE}`, '.waterfall-row'],
  ['/services?show=pay', 'text=In the last hour'],
  ['/security?from=now-24h', 'text=By severity'],
];

test('the pages', { skip: NO_BROWSER }, async (t) => {
  const browser = await suiteBrowser(t);
  const { base } = await listeningApp(t);
  const now = Date.now();
  for (const batch of sampleBatches({ now, logs: LOGS, spanMs: DAY_MS }))
    if (batch.length > 0) await ingest(base, batch);
  const at = (ms: number) => new Date(now - 60_000 + ms).toISOString();
  const span = (span_id: string, name: string, from: number, to: number, parent_span_id?: string) => ({
    ...{ kind: 'span', service: name === 'charge' ? 'pay' : 'shop', name, trace_id: TRACE, span_id },
    ...{ start: at(from), end: at(to), ...(parent_span_id !== undefined && { parent_span_id }) },
  });
  await ingest(base, [
    span('s1', 'order', 0, 200),
    span('s2', 'charge', 20, 150, 's1'),
    {
      kind: 'log',
      service: 'pay',
      level: 'error',
      message: 'card declined',
      trace_id: TRACE,
      span_id: 's2',
      timestamp: at(90),
    },
  ]);

  for (const colorScheme of ['light', 'dark'] as const) {
    await t.test(`${colorScheme}: axe finds nothing serious in any view, and nothing breaks`, async (t) => {
      const { page, faults } = await openPage(browser, t, { colorScheme, reducedMotion: 'reduce' });
      for (const [path, seen] of VIEWS) {
        await page.goto(`${base}${path}`);
        await page.locator(seen).first().waitFor();
        assert.deepEqual(await seriousFaults(page), [], path);
      }
      assert.deepEqual(faults, []);
    });
  }

  await t.test('on a phone nothing is wider than the screen, and the menu leads everywhere', async (t) => {
    const { page } = await openPage(browser, t, { viewport: { width: 390, height: 844 } });
    for (const [path, seen] of VIEWS) {
      await page.goto(`${base}${path}`);
      await page.locator(seen).first().waitFor();
      assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 390, path);
    }
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: 'Services' }).click();
    await page.waitForURL(/\/services$/);
  });

  await t.test('a trace shows its spans one below the other, and what was logged in them', async (t) => {
    const { page } = await openPage(browser, t);
    await page.goto(`${base}/traces/${TRACE}`);
    const rows = page.locator('.waterfall-row');
    await rows.nth(2).waitFor();
    assert.deepEqual(
      (await rows.allTextContents()).map((text) => /^(order|charge|errorcard declined)/.exec(text)?.[1]),
      ['order', 'charge', 'errorcard declined'],
    );
    await rows.nth(2).click();
    await page.getByText('"message": "card declined"').waitFor();
    await page.getByRole('link', { name: 'As logs' }).click();
    await page.locator('.log-row').first().waitFor();
    assert.match(page.url(), /trace_id=a+/);
    await page.goto(`${base}/traces/no-such-trace`);
    await page.getByText('Nothing carries this trace id').waitFor();
  });

  await t.test(
    'metrics: another function and a split are in the address, and each series has its numbers',
    async (t) => {
      const { page } = await openPage(browser, t);
      await page.goto(`${base}/explore?from=now-24h`);
      await page.getByLabel('Name').selectOption('http_request_ms');
      await page.getByLabel('Function').selectOption('p95');
      await page.getByLabel('One line for each').fill('service');
      await page.keyboard.press('Enter');
      await page.waitForURL(/p95/);
      await page.getByRole('cell', { name: 'p95(http_request_ms) gateway' }).waitFor();
      await page.getByRole('button', { name: 'Add a metric' }).click();
      await page.getByRole('group', { name: 'Metric 2' }).getByLabel('Name').selectOption('cpu_usage');
      await page.getByRole('cell', { name: 'avg(cpu_usage)' }).waitFor();
      await page.reload();
      await page.getByRole('cell', { name: 'avg(cpu_usage)' }).waitFor();
    },
  );

  await t.test('security: a click on a source chooses by it', async (t) => {
    const { page } = await openPage(browser, t);
    await page.goto(`${base}/security?from=now-24h`);
    await page.getByRole('region', { name: 'By severity' }).getByRole('button').first().click();
    await page.waitForURL(/severity=/);
    await page.getByRole('button', { name: /^Severity: / }).click();
    await page.waitForURL((url) => !url.search.includes('severity'));
  });

  await t.test('logs: a range dragged over the bars is the page’s, and a value of a field chooses', async (t) => {
    const { page } = await openPage(browser, t);
    await page.goto(`${base}/logs?from=now-24h`);
    const bars = page.locator('.u-over').first();
    await bars.waitFor();
    const box = (await bars.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(box.x + box.width * 0.5, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 30, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=20.*to=20/);
    await page.getByRole('region', { name: 'Service' }).getByRole('button').first().click();
    await page.waitForURL(/service=/);
    await page.locator('.log-row').first().click();
    await page.getByRole('button', { name: 'Lines around it' }).click();
    await page.getByRole('dialog').locator('.log-row').nth(3).waitFor();
  });
});
