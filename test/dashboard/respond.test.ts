import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '../fixtures/wait.ts';
import { seriousFaults } from './axe.ts';
import { ingest, listeningApp, NO_BROWSER, openPage, suiteBrowser } from './browser.ts';

const HOSTILE = '<img src=x onerror="document.title=1"> declined';

/** A server whose rules are looked at every second, and a page of it. */
async function opened(browser: Browser, t: TestContext) {
  const app = await listeningApp(t, { env: { ALERT_INTERVAL: '1s', WEBHOOK_ALLOW: '127.0.0.1', RATE_LIMIT_MAX: '0' } });
  const { page, faults } = await openPage(browser, t);
  return { base: app.base, page, faults };
}

async function post(base: string, path: string, body: object): Promise<{ id: string }> {
  const response = await fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const reply = await response.json();
  assert.equal(response.status, 201, JSON.stringify(reply));
  return reply as { id: string };
}

async function list<T>(base: string, path: string): Promise<readonly T[]> {
  return ((await (await fetch(`${base}${path}`)).json()) as { data: readonly T[] }).data;
}

/** A rule on errors of `pay` that is breached. */
async function breach(base: string): Promise<void> {
  const lines = Array.from({ length: 3 }, (_, index) => ({
    kind: 'log',
    service: 'pay',
    level: 'error',
    message: index === 0 ? HOSTILE : `order ${index} declined`,
  }));
  await ingest(base, lines);
  const condition = { level: ['error'], threshold: 3, windowMinutes: 5, cooldownMinutes: 5 };
  await post(base, '/api/alerts', { name: 'Payments fail', type: 'log_count', service: 'pay', condition });
}

/** Somewhere that takes whatever is posted, gone after the test. */
async function receiver(t: TestContext): Promise<string> {
  const server = createServer((request, response) => request.resume().on('end', () => response.end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}/hook`;
}

const row = (page: Page, text: string) => page.getByRole('listitem').filter({ hasText: text }).first();

test('responding to what is wrong', { skip: NO_BROWSER }, async (t) => {
  const browser = await suiteBrowser(t);

  await t.test('from an alert to the line that caused it, and what one does about it', async (t) => {
    const { base, page, faults } = await opened(browser, t);
    await breach(base);
    await page.goto(`${base}/incidents`);
    await page.getByRole('link', { name: /Payments fail/ }).click();
    await page.getByText(HOSTILE).waitFor();
    assert.match(await page.title(), /Lightwatch/, 'what a line says is text and nothing else');
    await page.getByText('still breached').waitFor();

    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Acknowledged by').waitFor();
    await page.getByRole('button', { name: 'Note' }).click();
    await page.getByLabel('What is known, or was done').fill('the issuer is down');
    await page.getByRole('button', { name: 'Add the note' }).click();
    await page.getByText('the issuer is down').waitFor();
    assert.deepEqual(await seriousFaults(page), []);

    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText('Resolved by').waitFor();
    await page.goto(`${base}/incidents`);
    await page.getByRole('button', { name: /^Resolved 1/ }).click();
    await page.getByRole('link', { name: /Payments fail/ }).waitFor();
    assert.match(page.url(), /status=resolved/);
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByRole('link', { name: /Payments fail/ }).click();
    await page.getByRole('link', { name: 'Open in Logs' }).click();
    assert.match(page.url(), /\/logs\?service=pay&level=error/);
    assert.deepEqual(faults, []);
  });

  await t.test('a stranger comes from an alert to the line that caused it in less than five clicks', async (t) => {
    const { base, page, faults } = await opened(browser, t);
    await breach(base);
    await page.addInitScript("addEventListener('click', () => (window.name = String(Number(window.name) + 1)), true)");
    const clicks = async () => Number(await page.evaluate('window.name'));
    await page.goto(base);
    // From what is open on the first page to the incident, its lines, and one of them with those around it.
    await page
      .getByRole('region', { name: 'Open incidents' })
      .getByRole('link', { name: /Payments fail/ })
      .click();
    await page.waitForURL(/\/incidents\//);
    await page
      .getByRole('region', { name: 'Matching log lines' })
      .getByRole('link', { name: /declined/ })
      .first()
      .click();
    await page
      .getByRole('region', { name: 'All of this log' })
      .getByText(/declined/)
      .first()
      .waitFor();
    assert.equal(await clicks(), 2, 'to the line, with all it carries');
    await page.getByRole('button', { name: 'Lines around it' }).click();
    await page.getByRole('dialog').locator('.log-row').nth(2).waitFor();
    assert.equal(await clicks(), 3, 'to what happened around it');
    assert.deepEqual(faults, []);
  });

  await t.test('who follows the link of a notification is one click away from the line', async (t) => {
    const { base, page } = await opened(browser, t);
    await breach(base);
    const incident = async () => (await list<{ id: string }>(base, '/api/alerts/incidents'))[0]?.id;
    await eventually(async () => (await incident()) !== undefined, 'an incident');
    await page.goto(`${base}/incidents/${await incident()}`);
    await page.getByRole('link', { name: /order 1 declined/ }).click();
    await page.getByRole('region', { name: 'All of this log' }).waitFor();
    assert.match(page.url(), /\/logs\?.*open=/);
  });

  await t.test('a rule is written with a look at the past, switched off, copied and deleted', async (t) => {
    const { base, page } = await opened(browser, t);
    await ingest(base, [{ kind: 'metric', service: 'pay', name: 'cpu_usage', value: 97 }]);
    await page.goto(`${base}/rules`);
    await page.getByRole('link', { name: 'New rule' }).click();
    await page.getByRole('radio', { name: 'Metric threshold' }).check({ force: true });
    await page.getByRole('button', { name: 'Make the rule' }).click();
    await page.getByLabel('Metric', { exact: true }).and(page.locator('[aria-invalid=true]')).waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByLabel('Metric', { exact: true }).fill('cpu_usage');
    await page.getByLabel('Name').fill('Hot');
    await page.getByRole('textbox', { name: 'Threshold' }).fill('90');
    await page.getByText('It would have opened').waitFor();
    await page.getByRole('button', { name: 'Make the rule' }).click();

    await row(page, 'Hot').waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByRole('switch', { name: 'Hot: on' }).click();
    await page.getByRole('switch', { name: 'Hot: off' }).waitFor();
    await page.getByRole('button', { name: 'Duplicate Hot' }).click();
    await page.waitForURL(/from_rule/);
    assert.equal(await page.getByRole('textbox', { name: 'Threshold' }).inputValue(), '90');
    await page.getByRole('button', { name: 'Make the rule' }).click();
    await row(page, 'Hot (copy)').waitFor();
    await page.getByRole('button', { name: 'Delete Hot (copy)' }).click();
    await page.getByRole('button', { name: 'Delete the rule' }).click();
    await row(page, 'Hot (copy)').waitFor({ state: 'detached' });
  });

  await t.test('a channel is added, tested and switched off; a wrong one is told at its field', async (t) => {
    const { base, page } = await opened(browser, t);
    const target = await receiver(t);
    await page.goto(`${base}/channels`);
    await page.getByRole('button', { name: 'New channel' }).click();
    await page.getByLabel('URL').fill('not a url');
    await page.getByRole('button', { name: 'Add the channel' }).click();
    await page.getByLabel('URL').and(page.locator('[aria-invalid=true]')).waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByLabel('URL').fill(target);
    await page.getByLabel('Name').fill('ops hook');
    await page.getByRole('button', { name: 'Add the channel' }).click();
    await row(page, 'ops hook').waitFor();
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('The test reached ops hook (answered 200)').waitFor();
    await page.getByRole('switch', { name: 'ops hook: on' }).click();
    await page.getByRole('switch', { name: 'ops hook: off' }).waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByRole('button', { name: 'Delete ops hook' }).click();
    await page.getByRole('button', { name: 'Delete the channel' }).click();
    await page.getByText('Nobody can be reached yet').waitFor();
  });

  await t.test('a silence begins at an incident, or comes back every week', async (t) => {
    const { base, page } = await opened(browser, t);
    await breach(base);
    await page.goto(`${base}/incidents`);
    await page.getByRole('link', { name: /Payments fail/ }).click();
    await page.getByRole('heading', { name: 'Payments fail' }).waitFor();
    await page.getByRole('button', { name: 'Silence' }).click();
    assert.equal(await page.getByLabel('Value').first().inputValue(), 'pay');
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByLabel('Why').fill('the issuer is down');
    await page.getByRole('button', { name: 'Silence it' }).click();
    await row(page, 'service is pay and rule is Payments fail').waitFor();

    await page.getByRole('button', { name: 'New silence' }).click();
    await page.getByLabel('Value').fill('mailer');
    await page.getByRole('radio', { name: 'Every week' }).check({ force: true });
    await page.getByRole('button', { name: 'Silence it' }).click();
    await page.getByText('every week: Sat, Sun 02:00–04:00').waitFor();
    await page
      .getByTitle(/service is mailer/)
      .first()
      .waitFor();
    assert.deepEqual(await seriousFaults(page), []);
  });

  await t.test('settings say what is in force', async (t) => {
    const { base, page, faults } = await opened(browser, t);
    await page.goto(`${base}/settings`);
    await page.getByText('leads: it evaluates the rules and sends').waitFor();
    for (const section of ['Access', 'Storage and retention', 'Limits', 'All figures', 'About']) {
      await page.getByRole('link', { name: section }).click();
      await page.getByRole('link', { name: section }).and(page.locator('[aria-current=page]')).waitFor();
      assert.deepEqual(await seriousFaults(page), [], section);
    }
    assert.deepEqual(faults, []);
  });

  await t.test('a dashboard is made, changed and hung on a wall', async (t) => {
    const { base, page, faults } = await opened(browser, t);
    await breach(base);
    await page.goto(`${base}/dashboards`);
    await page.getByRole('button', { name: 'New dashboard' }).click();
    await page.getByLabel('Name').fill('Payments');
    await page.getByRole('button', { name: 'Add a panel' }).click();
    await page.getByLabel('Shows').selectOption('Patterns of lines');
    await page.getByLabel('Title').fill('What it says');
    await page.getByRole('button', { name: 'Done' }).click();
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Payments' }).waitFor();
    await page.getByRole('region', { name: 'What it says' }).getByText('order <num> declined').waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByRole('button', { name: 'Wall' }).click();
    assert.match(page.url(), /wall=1/);
    await page.getByRole('button', { name: 'Leave the wall (Escape)' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit' }).waitFor();
    assert.deepEqual(faults, []);
  });
});
