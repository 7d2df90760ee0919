import type { Page } from 'playwright-core';

/** A picture to take: where, and in which state. */
export interface Shot {
  readonly name: string;
  readonly path: string;
  /** What has to be there before it is taken. */
  readonly seen: string;
  /** What is done before it is opened. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** What is done there first. */
  readonly act?: (page: Page) => Promise<unknown>;
  /** Of a narrow screen alone: what a wide one shows anyway. */
  readonly narrowOnly?: true;
  /** Another server than the shop's: one without events, or one that asks for a key. */
  readonly server?: 'empty' | 'locked';
}

const button = (name: string | RegExp) => async (page: Page) => page.getByRole('button', { name }).first().click();

/** The server fails to answer a route. */
const failing = (route: string) => (page: Page) =>
  page.route(
    (url) => url.pathname === route,
    (request) =>
      request.fulfill({
        status: 503,
        json: {
          error: { code: 'LW_STORE_UNAVAILABLE', message: 'the store cannot be read at the moment' },
          request_id: 'req-7f',
        },
      }),
  );

/** So that what is asked here is in no picture. */
const FROM_PAGE = { 'x-lightwatch-page': '1' };

interface Found {
  readonly failedLog: string;
  readonly trace: string;
  readonly open: string;
  readonly resolved: string;
  readonly rule: string;
  readonly dashboards: readonly string[];
}

/** Ids of what the pictures show in detail. */
async function find(base: string): Promise<Found> {
  const ids = async (address: string) => {
    const reply = (await (await fetch(`${base}${address}`, { headers: FROM_PAGE })).json()) as {
      data: readonly Record<string, string>[];
    };
    return reply.data;
  };
  const one = async (address: string, name = 'id') => {
    const value = (await ids(address)).find((item) => item[name] !== undefined)?.[name];
    if (value === undefined) throw new Error(`nothing is at ${address}`);
    return value;
  };
  const rules = await ids('/api/alerts?limit=500');
  const rule = rules.find(({ name }) => name === 'Payments fail')?.id ?? '';
  return {
    failedLog: await one('/api/logs?level=error&service=shop&limit=1'),
    trace: await one('/api/logs?level=error&limit=500&from=now-24h', 'trace_id'),
    open: await one(`/api/alerts/incidents?rule=${rule}&limit=1`),
    resolved: await one('/api/alerts/incidents?status=resolved&limit=1'),
    rule,
    dashboards: (await ids('/api/dashboards')).map(({ id = '' }) => id),
  };
}

/** Every page with its important states, on the shop behind `base`. */
export async function shotsOf(base: string): Promise<readonly Shot[]> {
  const { failedLog, trace, open, resolved, rule, dashboards } = await find(base);
  const [wall, payments] = dashboards;
  const metrics = encodeURIComponent('http_request_ms~p50,p95~service~!cpu_usage~max~host~');
  return [
    { name: 'overview', path: '/', seen: 'text=/^[0-9.,]+[/]s$/' },
    { name: 'overview-week', path: '/?trend=7d', seen: 'main canvas' },
    { name: 'palette', path: '/', seen: 'dialog', act: (page) => page.keyboard.press('Control+k') },
    { name: 'help', path: '/', seen: 'dialog', act: (page) => page.keyboard.press('?') },
    { name: 'menu', path: '/', seen: 'nav a:visible', act: button('Menu'), narrowOnly: true },
    { name: 'range', path: '/logs', seen: 'text=Show this range', act: button(/^Time range/) },

    { name: 'logs', path: '/logs', seen: '.log-row' },
    {
      name: 'logs-opened',
      path: `/logs?from=now-24h&service=shop&level=error&open=${failedLog}`,
      seen: 'text=Copy as JSON',
    },
    { name: 'logs-fields', path: '/logs', seen: '.facet:visible', act: button('Fields'), narrowOnly: true },
    { name: 'logs-suggestions', path: '/logs', seen: '[role=listbox]', act: (page) => page.keyboard.type('/se') },
    { name: 'logs-saved', path: '/logs?q=declined', seen: 'text=Declined cards', act: button('Saved searches') },
    { name: 'logs-export', path: '/logs', seen: 'text=Parquet', act: button('Export') },
    {
      name: 'logs-context',
      path: `/logs?from=now-24h&service=shop&level=error&open=${failedLog}`,
      seen: 'dialog .log-row',
      act: button('Lines around it'),
    },
    { name: 'logs-patterns', path: '/logs?view=patterns&from=now-24h', seen: 'main table' },
    { name: 'logs-live', path: '/logs?live=1', seen: 'text=Live;' },
    { name: 'logs-nothing', path: '/logs?q=absentword', seen: 'text=No logs match' },
    { name: 'logs-failed', path: '/logs', seen: 'text=Could not load', before: failing('/api/logs') },

    { name: 'metrics', path: `/explore?from=now-6h&m=${metrics}`, seen: 'main table' },
    { name: 'metrics-new', path: '/explore', seen: 'main select' },
    { name: 'traces', path: '/traces?from=now-6h', seen: 'main li a' },
    { name: 'trace', path: `/traces/${trace}`, seen: '.waterfall-row' },
    {
      name: 'trace-opened',
      path: `/traces/${trace}`,
      seen: '.waterfall-row + pre',
      act: (page) => page.locator('.waterfall-row').nth(1).click(),
    },
    { name: 'services', path: '/services?show=pay', seen: 'text=In the last hour' },
    { name: 'security', path: '/security?from=now-24h', seen: 'text=By severity' },
    { name: 'security-chosen', path: '/security?from=now-7d&type=brute_force', seen: 'text=By source' },

    { name: 'incidents', path: '/incidents', seen: 'main li a' },
    { name: 'incidents-resolved', path: '/incidents?status=resolved', seen: 'main li a' },
    { name: 'incident', path: `/incidents/${open}`, seen: 'text=Decisions' },
    { name: 'incident-resolved', path: `/incidents/${resolved}`, seen: 'text=Decisions' },
    { name: 'incident-note', path: `/incidents/${open}`, seen: 'dialog textarea', act: button('Note') },
    { name: 'rules', path: '/rules', seen: 'main li' },
    { name: 'rule', path: `/rules/${rule}`, seen: 'text=/It would have|Nothing would/' },
    {
      name: 'rule-new',
      path: '/rules/new?type=threshold&condition.metric=http_request_ms',
      seen: 'main form, main fieldset',
    },
    {
      name: 'rule-refused',
      path: '/rules/new?type=threshold',
      seen: '[aria-invalid=true]',
      act: button('Make the rule'),
    },
    { name: 'channels', path: '/channels', seen: 'main li' },
    { name: 'channel-new', path: '/channels', seen: 'dialog', act: button('New channel') },
    { name: 'silences', path: '/silences', seen: 'main li' },
    { name: 'silence-new', path: '/silences?new=1&service=pay&rule=Payments+fail', seen: 'dialog' },
    {
      name: 'silence-weekly',
      path: '/silences?new=1&service=pay',
      seen: 'text=It begins on',
      act: (page) => page.getByText('Every week', { exact: true }).last().click(),
    },

    { name: 'dashboards', path: '/dashboards', seen: 'main li' },
    { name: 'dashboard', path: `/dashboards/${wall}?from=now-6h`, seen: 'main canvas' },
    { name: 'dashboard-payments', path: `/dashboards/${payments}?from=now-6h`, seen: 'main canvas' },
    { name: 'dashboard-edit', path: `/dashboards/${wall}?edit=1&from=now-6h`, seen: 'main canvas' },
    {
      name: 'dashboard-panel',
      path: `/dashboards/${wall}?edit=1&from=now-6h`,
      seen: 'dialog',
      act: button('Edit Response times'),
    },
    { name: 'wall', path: `/dashboards/${wall}?wall=1&from=now-6h`, seen: 'main canvas' },
    { name: 'settings', path: '/settings', seen: 'text=leads' },
    ...['access', 'retention', 'limits', 'figures', 'about'].map((section) => ({
      name: `settings-${section}`,
      path: `/settings/${section}`,
      seen: 'main section',
    })),

    { name: 'sign-in', path: '/', seen: 'form', server: 'locked' },
    { name: 'empty-overview', path: '/', seen: 'text=Waiting', server: 'empty' },
    ...[
      'logs',
      'explore',
      'traces',
      'services',
      'security',
      'incidents',
      'rules',
      'channels',
      'silences',
      'dashboards',
    ].map((page) => ({ name: `empty-${page}`, path: `/${page}`, seen: 'main p', server: 'empty' }) as const),
    { name: 'empty-trace', path: '/traces/no-such-trace', seen: 'main p', server: 'empty' },
    { name: 'empty-incident', path: '/incidents/none', seen: 'main p', server: 'empty' },
  ];
}
