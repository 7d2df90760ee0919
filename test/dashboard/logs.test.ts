import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { eventually } from '../fixtures/wait.ts';
import { ingest, listeningApp, NO_BROWSER, openPage, suiteBrowser } from './browser.ts';

const aLog = (message: string, own: object = {}) => ({ kind: 'log', service: 'shop', level: 'info', message, ...own });

/** What scrolls, as an expression of the page. */
const LIST = `document.querySelector('ol[aria-label="Logs"]').parentElement`;

/** Frames of a scroll that is measured, and pixels of each: 18,000 in a second, about twice what a hard fling does. */
const FRAMES = 120;
const STEP = 300;

const lines = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => aLog(`line ${first + index}`));
/** Looks at the last row alone: where the page's work is measured, looking for it must not be most of that. */
const lineShown = (page: Page, number: number) =>
  page
    .locator('ol[aria-label="Logs"] > li:last-child')
    .filter({ hasText: new RegExp(`line ${number}$`) })
    .waitFor();

const rows = (page: Page) => page.locator('.log-row');

/** Milliseconds that the page's main thread has worked so far: of its own time, whatever else the machine does. */
async function workMeter(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
  };
}

test('the logs', { skip: NO_BROWSER }, async (t) => {
  const browser = await suiteBrowser(t);

  await t.test('are found by words and fields, and the address says by which', async (t) => {
    const { base } = await listeningApp(t);
    await ingest(base, [
      aLog('order 1 paid'),
      aLog('order 2 declined', { level: 'error', tags: { region: 'eu' } }),
      aLog('mail sent', { service: 'mail' }),
    ]);
    const { page, faults } = await openPage(browser, t);
    await page.goto(`${base}/logs`);
    await rows(page).nth(2).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('service:shop declined');
    await page.keyboard.press('Enter');
    await page.waitForURL(/service=shop/);
    await eventually(async () => (await rows(page).count()) === 1, 'one row');
    assert.match((await rows(page).first().textContent()) ?? '', /order 2 declined/);
    assert.match(page.url(), /q=declined/);
    await page.reload();
    await eventually(async () => (await rows(page).count()) === 1, 'one row after reloading');
    await page.getByRole('button', { name: /^Remove service|service:shop/ }).click();
    await page.goBack();
    await page.waitForURL(/service=shop/);
    assert.deepEqual(faults, []);
  });

  await t.test('open to all they carry, and their fields choose further', async (t) => {
    const { base } = await listeningApp(t);
    await ingest(base, [
      aLog('order 2 declined', { host: 'web-1', trace_id: 'trace-7', tags: { region: 'eu' }, meta: { attempt: 3 } }),
    ]);
    const { page } = await openPage(browser, t);
    await page.goto(`${base}/logs`);
    await rows(page).first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const details = page.getByRole('region', { name: 'All of this log' });
    await details.waitFor();
    assert.match((await details.textContent()) ?? '', /"attempt": 3/);
    assert.match(page.url(), /open=/);
    assert.equal(await details.getByRole('link', { name: 'Open its trace' }).getAttribute('href'), '/traces/trace-7');
    await details.getByText('web-1').hover();
    await details.getByRole('button', { name: 'Only host web-1' }).click();
    await page.waitForURL(/host=web-1/);
  });

  await t.test('searches are kept and found again; what matches is exported', async (t) => {
    const { base } = await listeningApp(t);
    await ingest(base, [aLog('order 1 paid'), aLog('mail sent', { service: 'mail' })]);
    const { page, faults } = await openPage(browser, t);
    await page.goto(`${base}/logs?service=mail`);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'Saved searches' }).click();
    await page.getByLabel('Save this search as').fill('the mail');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved as “the mail”').waitFor();
    await page.goto(`${base}/logs`);
    await rows(page).nth(1).waitFor();
    await page.getByRole('button', { name: 'Saved searches' }).click();
    await page.getByRole('button', { name: 'the mail', exact: true }).click();
    await page.waitForURL(/service=mail/);
    await page.getByRole('button', { name: 'Saved searches' }).click();
    await page.getByRole('button', { name: 'Delete the mail' }).click();
    await page.getByText('None yet.').waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Export' }).click();
    const arrived = page.waitForEvent('download');
    await page.getByRole('link', { name: /^NDJSON/ }).click();
    const lines = readFileSync(await (await arrived).path(), 'utf8')
      .trim()
      .split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).message),
      ['mail sent'],
    );
    assert.deepEqual(faults, []);
  });

  await t.test('are texts, whatever they say', async (t) => {
    const { base } = await listeningApp(t);
    const hostile = [
      '<img src=x onerror="document.title=\'owned\'">',
      '<script>document.title="owned"</script>',
      'javascript:document.title="owned"',
      '\u001b[31mred\u001b[0m and \u0007 bell',
      'right-to-left \u202etxet',
      '{{constructor.constructor("document.title=1")()}}',
    ];
    await ingest(
      base,
      hostile.map((message) => aLog(message, { service: '<b>shop</b>', tags: { '<i>k</i>': '"><svg onload=1>' } })),
    );
    const { page, faults } = await openPage(browser, t);
    await page.goto(`${base}/logs`);
    await rows(page)
      .nth(hostile.length - 1)
      .waitFor();
    await rows(page).first().click();
    await page.getByRole('region', { name: 'All of this log' }).waitFor();
    const text = (await page.locator('main').textContent()) ?? '';
    assert.ok(text.includes(hostile[0] ?? ''), 'shown as it is');
    assert.ok(text.includes('␛[31mred'), 'an escape is a picture of one');
    assert.ok(text.includes('right-to-left <U+202E>txet'), 'a turn of direction is named');
    assert.equal(await page.locator('main b, main i, main img, main script').count(), 0);
    assert.doesNotMatch(await page.title(), /owned/);
    assert.deepEqual(faults, []);
  });

  await t.test('live: they appear, wait while paused, and what was missed is fetched', async (t) => {
    const { base, fastify } = await listeningApp(t);
    const sockets = new Set<{ destroy(): void }>();
    fastify.server.on('upgrade', (_request, socket) => sockets.add(socket));
    await ingest(base, [aLog('before')]);
    const { page } = await openPage(browser, t);
    await page.goto(`${base}/logs?live=1`);
    await page.getByText('before').waitFor();
    await page.getByText(/^Live;/).waitFor();
    await ingest(base, [aLog('one')]);
    await page.getByText('one', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    await ingest(base, [aLog('held back')]);
    await page.getByText('Paused; 1 line came meanwhile').waitFor();
    assert.equal(await page.getByText('held back').count(), 0);
    await page.keyboard.press('p');
    await page.getByText('held back').waitFor();

    for (const socket of sockets) socket.destroy();
    await ingest(base, [aLog('while it was away')]);
    await page.getByText('while it was away').waitFor();
    await page.getByText(/The connection was away for/).waitFor();
    assert.equal(await page.getByText('held back').count(), 1, 'nothing is repeated');
  });

  await t.test('live at 500 a second: within the time of its frames, and scrolled up it stays in place', async (t) => {
    const { base } = await listeningApp(t);
    const { page, faults } = await openPage(browser, t);
    await page.goto(`${base}/logs?live=1`);
    await page.getByText(/^Live;/).waitFor();
    const busyMs = await workMeter(page);
    const before = await busyMs();
    // What a second brings in ten parts, each drawn before the next one comes, so that every part costs its frame.
    for (let first = 0; first < 1500; first += 50) {
      await ingest(base, lines(first, 50));
      await lineShown(page, first + 49);
    }
    const share = ((await busyMs()) - before) / 3000;
    t.diagnostic(`500 lines a second take ${(share * 100).toFixed(0)} % of the main thread’s time`);
    assert.ok(share < 0.6, `${share}`);

    const list = page.getByRole('list', { name: 'Logs' }).locator('..');
    await list.hover();
    await page.mouse.wheel(0, -4000);
    await page.getByRole('button', { name: /To the newest|new line/ }).waitFor();
    const top = await page.evaluate(`${LIST}.scrollTop`);
    assert.equal(typeof top, 'number');
    await ingest(base, lines(1500, 500));
    await page.getByRole('button', { name: '500 new lines' }).waitFor();
    assert.equal(await page.evaluate(`${LIST}.scrollTop`), top);
    await page.getByRole('button', { name: /new lines/ }).click();
    await lineShown(page, 1999);
    assert.deepEqual(faults, []);
  });

  await t.test('100,000 rows scroll within the time of a frame', async (t) => {
    const { base } = await listeningApp(t);
    const { page } = await openPage(browser, t);
    await page.goto(`${base}/logs?live=1`);
    await page.getByText(/^Live;/).waitFor();
    for (let first = 0; first < 100_000; first += 10_000) {
      await ingest(base, lines(first, 10_000));
      await lineShown(page, first + 9999);
    }
    await page.getByText('Live; 100,000 lines here').waitFor();
    const busyMs = await workMeter(page);
    const before = await busyMs();
    await page.evaluate(`(async (element) => {
      for (let frame = 0; frame < ${FRAMES}; frame++) {
        element.scrollTop -= ${STEP};
        await new Promise(requestAnimationFrame);
      }
    })(${LIST})`);
    const each = ((await busyMs()) - before) / FRAMES;
    t.diagnostic(`a frame of a fast scroll takes ${each.toFixed(1)} ms of the main thread`);
    // 60 frames a second leave 16.7 ms each.
    assert.ok(each < 16.7, `${each} ms`);
  });
});
