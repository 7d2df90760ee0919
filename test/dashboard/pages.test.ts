import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../fixtures/wait.ts';
import { lowContrasts, seriousFaults } from './axe.ts';
import { ingest, listeningApp, NO_BROWSER, openPage, suiteBrowser } from './browser.ts';
import { sampleBatches } from './sample-events.ts';

const TRACE = 'a'.repeat(32);
const LOGS = 3000;
const DAY_MS = 86_400_000;

type View = readonly [path: string, seen: string];

/** Every view of what is watched, and what has to be there before it is looked at. */
const WATCHED: readonly View[] = [
  ['/', 'text=Open incidents'],
  ['/logs?from=now-24h', '.log-row'],
  ['/logs?live=1', 'text=/^Live;/'],
  ['/logs?view=patterns&from=now-24h', 'main table'],
  ['/explore?from=now-24h&m=http_request_ms~p50,p95~service~', 'main table'],
  ['/traces?from=now-24h', 'text=Newest traces'],
  [`/traces/${TRACE}`, '.waterfall-row'],
  ['/services?show=pay', 'text=In the last hour'],
  ['/security?from=now-24h', 'text=By severity'],
  ['/traces/no-such-trace', 'text=Nothing carries this trace id'],
];
const SETTINGS = ['server', 'access', 'retention', 'limits', 'figures', 'about'];

/** Makes one of everything that people make, on a server that has events; answers the views of it. */
async function viewsOfMade(base: string): Promise<readonly View[]> {
  const make = async (path: string, body: object) => {
    const response = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 201, path);
    return ((await response.json()) as { id: string }).id;
  };
  const condition = { threshold: 1, windowMinutes: 60, cooldownMinutes: 5 };
  const rule = await make('/api/alerts', { name: 'Payments fail', type: 'log_count', service: 'pay', condition });
  await make('/api/alerts/channels', { type: 'webhook', name: 'ops', target: 'https://hooks.example.com/ops' });
  await make('/api/alerts/silences', {
    matchers: [{ field: 'service', operator: 'eq', value: 'mail' }],
    recurrence: { days: ['sat'], start: '23:00', end: '05:00', time_zone: 'Europe/Berlin' },
  });
  const panel = { title: '', x: 0, w: 6, h: 3 };
  const dashboard = await make('/api/dashboards', {
    name: 'The shop',
    panels: [
      { ...panel, y: 0, type: 'histogram', query: { by: 'level' } },
      { ...panel, y: 3, type: 'services', query: {} },
    ],
  });
  let incident: string | undefined;
  await eventually(async () => {
    const open = await (await fetch(`${base}/api/alerts/incidents`)).json();
    incident = (open as { data: readonly { id: string }[] }).data[0]?.id;
    return incident !== undefined;
  }, 'an incident');
  return [
    ['/incidents', 'main li a'],
    [`/incidents/${incident}`, 'text=Decisions'],
    ['/rules', 'main li'],
    [`/rules/${rule}`, 'text=/It would have/'],
    ['/rules/new?type=threshold', 'text=Not a whole rule yet'],
    ['/channels', 'main li'],
    ['/silences', 'main li'],
    ['/silences?new=1&service=pay', 'dialog'],
    ['/dashboards', 'main li'],
    [`/dashboards/${dashboard}`, 'main canvas'],
    [`/dashboards/${dashboard}?edit=1`, 'main canvas'],
    [`/dashboards/${dashboard}?wall=1`, 'main canvas'],
    ...SETTINGS.map((section): View => [`/settings/${section}`, 'main section']),
  ];
}

test('the pages', { skip: NO_BROWSER }, async (t) => {
  const browser = await suiteBrowser(t);
  const { base } = await listeningApp(t, { env: { ALERT_INTERVAL: '1s', RATE_LIMIT_MAX: '0' } });
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

  const views = [...WATCHED, ...(await viewsOfMade(base))];

  await t.test(
    'axe finds nothing serious in any view, light or dark; nothing breaks, or is wider than a phone',
    async (t) => {
      const { page, faults } = await openPage(browser, t, { reducedMotion: 'reduce' });
      for (const [path, seen] of views) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.emulateMedia({ colorScheme: 'light' });
        await page.goto(`${base}${path}`);
        await page.locator(seen).first().waitFor();
        assert.deepEqual(await seriousFaults(page), [], path);
        await page.emulateMedia({ colorScheme: 'dark' });
        assert.deepEqual(await lowContrasts(page), [], `${path}, dark`);
        await page.setViewportSize({ width: 390, height: 844 });
        await page.locator(seen).first().waitFor({ state: 'attached' });
        assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 390, `${path}, on a phone`);
      }
      assert.deepEqual(faults, []);
    },
  );

  await t.test('on a phone the menu leads everywhere', async (t) => {
    const { page } = await openPage(browser, t, { viewport: { width: 390, height: 844 } });
    await page.goto(base);
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
