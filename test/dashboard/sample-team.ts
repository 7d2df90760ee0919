/** What the people of the shop have made in Lightwatch: rules of every type, channels of every kind, and the rest. */

/** Rules that hold from the beginning; each is breached by the troubles of the sample alone. */
export const EARLY_RULES: readonly object[] = [
  {
    name: 'Payments fail',
    type: 'log_count',
    service: 'pay',
    severity: 'critical',
    condition: { level: ['error', 'fatal'], threshold: 20, windowMinutes: 15, cooldownMinutes: 5 },
  },
  {
    name: 'The gateway answers 502',
    type: 'log_count',
    service: 'gateway',
    condition: { q: '502', threshold: 10, windowMinutes: 15, cooldownMinutes: 5 },
  },
  {
    name: 'Search loses shards',
    type: 'log_count',
    service: 'search',
    severity: 'warning',
    condition: { q: 'unavailable', threshold: 8, windowMinutes: 15, cooldownMinutes: 5 },
  },
  {
    name: 'Brute force on sign-ins',
    type: 'security',
    severity: 'critical',
    condition: { event_type: ['brute_force'], severity: ['high', 'critical'], threshold: 25, duration: '10m' },
    group_by: ['source_ip'],
  },
];

/** Rules that would be breached by the leaps of time in which the sample is made. */
export const LATE_RULES: readonly object[] = [
  {
    name: 'Requests are slow',
    type: 'threshold',
    severity: 'warning',
    condition: { metric: 'http_request_ms', aggregate: 'p95', operator: 'gt', threshold: 500, duration: '10m' },
    group_by: ['service'],
  },
  {
    name: 'Orders drop',
    type: 'rate_change',
    service: 'shop',
    condition: { metric: 'requests_per_minute', operator: 'lt', threshold: -60, duration: '15m' },
  },
  {
    name: 'CPU is not as usual',
    type: 'anomaly',
    severity: 'info',
    condition: { metric: 'cpu_usage', method: 'seasonal', threshold: 4, duration: '30m' },
    enabled: false,
  },
  {
    name: 'A service fell silent',
    type: 'heartbeat',
    severity: 'critical',
    condition: { older_than: '5m' },
    group_by: ['service'],
  },
  {
    name: 'No invoices tonight',
    type: 'absence',
    service: 'batch',
    condition: { kind: 'log', q: '"invoice run"', duration: '6h' },
    for: '10m',
  },
];

/** A channel of every kind. `base` is where they are answered: `/ok` takes everything, `/busy` nothing. */
export const channelsAt = (base: string): readonly object[] => [
  { type: 'webhook', name: 'ops hook', target: `${base}/ok`, secret: 'a-secret-to-sign-with' },
  { type: 'slack', name: '#payments', target: `${base}/ok/slack` },
  { type: 'discord', name: 'night shift', target: `${base}/busy/discord` },
  { type: 'pagerduty', name: 'on call', routing_key: 'R0123456789ABCDEF', target: `${base}/ok/pagerduty` },
  { type: 'email', name: 'the team', to: ['shop@example.com', 'ops@example.com'], enabled: false },
];

const matcher = (field: string, value: string, operator = 'eq') => ({ field, operator, value });
const weekly = (days: readonly string[], start: string, end: string) => ({
  days,
  start,
  end,
  time_zone: 'Europe/Berlin',
});

const after = (now: number) => (hours: number) => new Date(now + hours * 3_600_000).toISOString();

/** What is over by now. Milliseconds since the epoch. */
export function pastSilences(now: number): readonly object[] {
  const at = after(now);
  return [
    { matchers: [matcher('service', 'gateway')], starts_at: at(1), ends_at: at(3), comment: 'A new load balancer' },
  ];
}

/** Silences of every kind around `now`, in milliseconds since the epoch. */
export function silencesAround(now: number): readonly object[] {
  const at = after(now);
  return [
    {
      matchers: [matcher('service', 'search'), matcher('severity', 'critical', 'ne')],
      ends_at: at(2),
      comment: 'The index is being rebuilt',
    },
    { matchers: [matcher('service', 'mail')], starts_at: at(20), ends_at: at(22), comment: 'The relay is replaced' },
    {
      matchers: [matcher('service', 'batch')],
      recurrence: weekly(['mon', 'tue', 'wed', 'thu', 'fri'], '22:00', '23:30'),
      comment: 'Invoices are written',
    },
    {
      matchers: [matcher('host', '^db-', 'regex')],
      recurrence: weekly(['sun'], '23:00', '05:00'),
      comment: 'Backups of the databases',
    },
    {
      matchers: [matcher('service', 'mail'), matcher('type', 'log_count')],
      recurrence: weekly(['sat', 'sun'], '02:00', '04:00'),
    },
  ];
}

export const SEARCHES: readonly object[] = [
  { name: 'Declined cards', kind: 'logs', query: { service: 'shop', q: 'declined' } },
  { name: 'Everything that failed', kind: 'logs', query: { min_level: 'error' } },
  { name: 'Slow upstreams', kind: 'logs', query: { service: 'gateway', q: '"slow upstream"' } },
];

const panel = (
  title: string,
  type: string,
  query: object,
  [x, y, w, h]: readonly [number, number, number, number],
) => ({
  ...{ title, type, query },
  ...{ x, y, w, h },
});

export const DASHBOARDS: readonly object[] = [
  {
    name: 'The whole shop',
    description: 'What the screen in the office shows',
    panels: [
      panel('Logs by level', 'histogram', { by: 'level' }, [0, 0, 8, 3]),
      panel('Services', 'services', {}, [8, 0, 4, 6]),
      panel('Response times', 'metric', { name: 'http_request_ms', fn: 'p50,p95', group_by: 'service' }, [0, 3, 8, 3]),
      panel('What goes wrong', 'patterns', { min_level: 'warn' }, [0, 6, 8, 4]),
      panel('Who logs most', 'facets', { fields: 'service,level' }, [8, 6, 4, 4]),
    ],
  },
  {
    name: 'Payments',
    panels: [
      panel('Errors of a day', 'errors', { range: '24h', service: 'pay' }, [0, 0, 6, 3]),
      panel('Newest errors', 'logs', { service: 'pay', min_level: 'error' }, [6, 0, 6, 3]),
      panel('Newest values', 'latest', { service: 'pay' }, [0, 3, 6, 3]),
      panel('Attacks', 'security', { min_severity: 'high' }, [6, 3, 6, 3]),
    ],
  },
];
