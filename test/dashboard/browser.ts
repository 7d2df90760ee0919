import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { App } from '../../src/app.ts';
import { buildTestApp, type TestAppOptions } from '../fixtures/build-app.ts';

/** Where a Chromium is: what the environment says, else where Debian puts it. */
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Give it to `test` as `skip`: without a Chromium the suite says so, and runs nothing. */
export const NO_BROWSER = existsSync(CHROMIUM)
  ? false
  : 'there is no Chromium here: set CHROMIUM_PATH, or install Debian’s chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
/** A page that has not shown something by then will not. */
const WITHIN_MS = 30_000;

/** A Chromium without a window. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** One browser for all tests of a suite: it is closed with the last of them. */
export async function suiteBrowser(t: TestContext): Promise<Browser> {
  const browser = await launch();
  t.after(() => browser.close());
  return browser;
}

/** What went wrong in a page: broken policies, failed scripts, errors in the console. */
export interface Watched {
  readonly page: Page;
  readonly faults: string[];
}

/** A page of a context of its own, that writes down what goes wrong in it. */
export async function openPage(
  browser: Browser,
  t: TestContext,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(WITHIN_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // What the API refuses the page shows itself.
    const isAnswer = message.text().startsWith('Failed to load resource') && message.location().url.includes('/api/');
    if (message.type() === 'error' && !isAnswer) faults.push(message.text());
  });
  return { page, faults };
}

/** A whole app that listens; gone after the test. */
export async function listeningApp(t: TestContext, options: TestAppOptions = {}): Promise<App & { base: string }> {
  const app = await buildTestApp(t, options);
  const base = await app.listen();
  return Object.assign(app, { base });
}

/** Sends events of any kind to a server, each with its `kind`, as a client would. */
export async function ingest(base: string, events: readonly object[], headers: Record<string, string> = {}) {
  const response = await fetch(`${base}/ingest/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ events }),
  });
  if (!response.ok) throw new Error(`ingest answered ${response.status}: ${await response.text()}`);
}
