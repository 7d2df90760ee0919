import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ingest, listeningApp, NO_BROWSER, openPage, suiteBrowser } from './browser.ts';

const KEY = 'a-long-random-word';

test('the shell of the page', { skip: NO_BROWSER }, async (t) => {
  const browser = await suiteBrowser(t);

  await t.test('an empty store shows how to send the first event, and goes on by itself when it came', async (t) => {
    const { base } = await listeningApp(t, { reportSelf: true });
    const { page, faults } = await openPage(browser, t);
    await page.goto(base);
    await page.getByText('Waiting for your first event').waitFor();
    assert.match((await page.locator('pre').textContent()) ?? '', new RegExp(`curl ${base}/ingest/logs`));
    await ingest(base, [{ kind: 'log', service: 'shop', level: 'info', message: 'hello' }]);
    await page.getByText('Coming in').waitFor();
    assert.deepEqual(faults, []);
  });

  await t.test('with a key it asks for it, tells a wrong one, and forgets it on request', async (t) => {
    const { base } = await listeningApp(t, { env: { API_KEY: KEY } });
    const { page } = await openPage(browser, t);
    await page.goto(base);
    const field = page.getByLabel('API key or token');
    await field.fill('wrong-word');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('does not accept this key').waitFor();
    await field.fill(KEY);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Waiting for your first event').waitFor();
    assert.ok(!(await page.content()).includes(KEY), 'the key is not shown');
    await page.reload();
    await page.getByText('Waiting for your first event').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key or token').waitFor();
  });

  await t.test('keys: help, going to a page, and nothing while one types', async (t) => {
    const { base } = await listeningApp(t);
    const { page, faults } = await openPage(browser, t);
    await page.goto(base);
    await page.getByRole('navigation').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.keyboard.type('?');
    assert.equal(await page.getByRole('combobox').inputValue(), '?', 'what is typed is searched for at once');
    assert.equal(await page.getByRole('dialog').count(), 1);
    assert.deepEqual(faults, []);
  });

  await t.test('a walk by keyboard alone: search, rows, live tail, another page', async (t) => {
    const { base } = await listeningApp(t);
    await ingest(base, [
      { kind: 'log', service: 'shop', level: 'info', message: 'order 1 paid' },
      { kind: 'log', service: 'shop', level: 'error', message: 'order 2 declined' },
    ]);
    const { page, faults } = await openPage(browser, t, { reducedMotion: 'reduce' });
    await page.goto(base);
    await page.getByText('Coming in').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page.locator('.log-row').nth(1).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('declined');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=declined/);
    await page.keyboard.press('Escape');
    await page.locator('.log-row', { hasText: 'order 2 declined' }).waitFor();
    await page.locator('.log-row').nth(1).waitFor({ state: 'detached' });
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.locator('.log-row.bg-hover').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'All of this log' }).getByText('order 2 declined').waitFor();
    await page.keyboard.press('t');
    await page.getByText(/^Live;/).waitFor();
    await page.keyboard.press('t');
    await page.getByText(/^Live;/).waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.getByText('No incidents here').waitFor();
    assert.equal(
      await page.evaluate("document.getAnimations().filter(({ playState }) => playState === 'running').length"),
      0,
      'nothing moves for who wants none of that',
    );
    assert.deepEqual(faults, []);
  });

  await t.test('the theme follows the system until one is chosen', async (t) => {
    const { base } = await listeningApp(t);
    const { page } = await openPage(browser, t, { colorScheme: 'dark' });
    await page.goto(base);
    const dark = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    assert.equal(await dark(), 'rgb(13, 15, 18)');
    await page.getByRole('button', { name: /^Theme/ }).click();
    assert.equal(await dark(), 'rgb(246, 246, 243)');
    await page.reload();
    assert.equal(await dark(), 'rgb(246, 246, 243)');
  });
});
