/** A shop's services, as they would be seen on an ordinary day with one bad hour. */
const SERVICES = ['gateway', 'shop', 'pay', 'stock', 'auth', 'search', 'mail', 'batch'] as const;
type ServiceName = (typeof SERVICES)[number];

const HOSTS = ['web-1', 'web-2', 'app-1', 'app-2', 'app-3', 'db-1'] as const;
const REGIONS = ['eu-central', 'eu-west', 'us-east'] as const;
const VERSIONS: Readonly<Record<ServiceName, string>> = {
  gateway: '4.12.0',
  shop: '2026.11.3',
  pay: '1.4.2',
  stock: '0.9.7',
  auth: '3.1.0',
  search: '7.0.1',
  mail: '1.0.8',
  batch: '2.2.0',
};
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';
type Line = readonly [level: Level, message: (roll: Roll) => string];

/** What each service says, the usual before the rare. */
const LINES: Readonly<Record<ServiceName, readonly Line[]>> = {
  gateway: [
    ['info', (r) => `GET /api/items/${r.int(9000)} 200 in ${r.int(40) + 3} ms`],
    ['info', (r) => `POST /api/orders 201 in ${r.int(120) + 20} ms`],
    ['debug', (r) => `upstream shop chosen for ${r.address()}`],
    ['warn', (r) => `slow upstream: shop took ${r.int(3000) + 900} ms`],
    ['error', (r) => `upstream pay failed: 502 after ${r.int(3)} retries`],
  ],
  shop: [
    ['info', (r) => `order ${r.int(90000) + 10000} placed by customer ${r.int(5000)}`],
    ['info', (r) => `cart ${r.hex(8)} updated, ${r.int(7) + 1} items`],
    ['debug', (r) => `cache hit for category ${r.int(80)}`],
    ['warn', (r) => `stock of item ${r.int(9000)} is low: ${r.int(5)} left`],
    ['error', (r) => `order ${r.int(90000) + 10000} failed: card declined by the issuer (code ${r.int(90) + 10})`],
  ],
  pay: [
    ['info', (r) => `payment ${r.hex(12)} captured: ${r.int(300)}.${r.int(90) + 10} EUR`],
    ['info', (r) => `3-D Secure finished for ${r.hex(12)} in ${r.int(9000)} ms`],
    ['warn', (r) => `gateway answered slowly: ${r.int(4000) + 1500} ms`],
    ['error', (r) => `connection to acquirer timed out after 5000 ms (attempt ${r.int(3) + 1} of 3)`],
    ['fatal', () => 'no acquirer is reachable: payments are refused until one is'],
  ],
  stock: [
    ['info', (r) => `reserved ${r.int(5) + 1} of item ${r.int(9000)}`],
    ['debug', (r) => `reconciled shelf ${r.int(400)} in ${r.int(90)} ms`],
    ['warn', (r) => `row lock waited ${r.int(800) + 100} ms on items`],
    ['error', (r) => `deadlock detected, transaction ${r.int(99999)} rolled back`],
  ],
  auth: [
    ['info', (r) => `user ${r.int(5000)} signed in from ${r.address()}`],
    ['info', (r) => `token refreshed for user ${r.int(5000)}`],
    ['warn', (r) => `wrong password for user ${r.int(5000)} from ${r.address()}`],
    ['error', () => 'session store did not answer within 200 ms'],
  ],
  search: [
    ['info', (r) => `query "${r.word()}" found ${r.int(400)} items in ${r.int(60) + 2} ms`],
    ['debug', (r) => `segment ${r.hex(6)} merged, ${r.int(90)} MB`],
    ['warn', (r) => `query "${r.word()}" hit the limit of 10000 candidates`],
    ['error', (r) => `shard ${r.int(6)} is unavailable:\nconnection refused\n  at Shard.open (shard.js:${r.int(400)})`],
  ],
  mail: [
    ['info', (r) => `sent order confirmation to customer ${r.int(5000)}`],
    ['warn', (r) => `bounced: mailbox of customer ${r.int(5000)} is full`],
    ['error', () => 'SMTP relay refused: 421 too many connections'],
  ],
  batch: [
    ['info', (r) => `invoice run ${r.int(90)} finished: ${r.int(4000)} invoices in ${r.int(90)} s`],
    ['debug', (r) => `partition ${r.int(64)} done`],
    ['error', (r) => `invoice run ${r.int(90)} stopped: disk quota exceeded on /var/spool/invoices`],
  ],
};
/** How often each line comes, by its place, on an ordinary day and while payments fail. */
const USUAL = [100, 70, 40, 3, 0.7];
const BAD = [60, 40, 25, 30, 45];

/** A stream of numbers that is the same for the same seed. */
class Roll {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state * 1_664_525 + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
  int(below: number): number {
    return Math.floor(this.next() * below);
  }
  of<T>(values: readonly T[]): T {
    const value = values[this.int(values.length)];
    if (value === undefined) throw new Error('BUG: nothing to choose from');
    return value;
  }
  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.int(16).toString(16)).join('');
  }
  address(): string {
    return `${this.of(['203.0.113', '198.51.100', '192.0.2'])}.${this.int(250) + 1}`;
  }
  word(): string {
    return this.of(['blue lamp', 'oak table', 'raincoat', 'usb cable', 'kettle', 'notebook']);
  }
  weighted(weights: readonly number[]): number {
    let rest = this.next() * weights.reduce((sum, weight) => sum + weight, 0);
    const found = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    return Math.max(0, found);
  }
}

interface SampleOptions {
  /** The end of it all, in milliseconds since the epoch. */
  readonly now: number;
  /** Logs; the others come on top, about a fifth of that. */
  readonly logs: number;
  /** How far back it goes. */
  readonly spanMs?: number;
  readonly seed?: number;
}

/** Events of all kinds of a shop's last day, each with its `kind`, in batches as a client would send them. */
export function* sampleBatches({ now, logs, spanMs = DAY_MS, seed = 7 }: SampleOptions): Generator<object[]> {
  const roll = new Roll(seed);
  const when = () => now - timeBack(roll, spanMs);
  let batch: object[] = [];
  for (let index = 0; index < logs; index++) {
    batch.push(...aMoment(roll, when(), now));
    if (batch.length < 5000) continue;
    yield batch;
    batch = [];
  }
  yield batch;
  yield heartbeats(now);
  yield* hostMetrics(roll, now, spanMs);
}

/** Busier lately and by day, as traffic is. */
function timeBack(roll: Roll, spanMs: number): number {
  for (;;) {
    const back = roll.next() ** 1.4 * spanMs;
    if (roll.next() < 0.62 + 0.38 * Math.cos((back / DAY_MS) * 2 * Math.PI)) return back;
  }
}

/** One log, sometimes with the trace it belongs to, and now and then a security event. */
function aMoment(roll: Roll, time: number, now: number): object[] {
  const service = roll.of(SERVICES);
  const isBad = now - time < 25 * MINUTE_MS && (service === 'pay' || service === 'gateway');
  const lines = LINES[service];
  const [level, message] = lines[roll.weighted((isBad ? BAD : USUAL).slice(0, lines.length))] ?? lines[0] ?? BUG;
  const traced = roll.next() < 0.04;
  const trace_id = roll.hex(32);
  const at = new Date(time).toISOString();
  const log = {
    kind: 'log',
    timestamp: at,
    service,
    level,
    message: message(roll),
    host: roll.of(HOSTS),
    tags: { region: roll.of(REGIONS), env: 'production' },
    ...(level === 'error' && { meta: { attempt: roll.int(4), customer: { id: roll.int(5000), plan: 'plus' } } }),
    ...(traced && { trace_id, span_id: `${trace_id.slice(0, 15)}3` }),
  };
  const events: object[] = [log];
  if (traced) events.push(...traceOf(roll, trace_id, time, level === 'error'));
  if (roll.next() < 0.015) events.push(securityEvent(roll, at));
  return events;
}

const BUG: Line = ['info', () => ''];

/** A request through four services. */
function traceOf(roll: Roll, trace_id: string, time: number, failed: boolean): object[] {
  const span = (own: number, parent: number | undefined, service: string, name: string, from: number, to: number) => ({
    kind: 'span',
    service,
    name,
    trace_id,
    span_id: `${trace_id.slice(0, 15)}${own}`,
    ...(parent !== undefined && { parent_span_id: `${trace_id.slice(0, 15)}${parent}` }),
    start: new Date(time + from).toISOString(),
    end: new Date(time + to).toISOString(),
    status: failed && own !== 2 ? 'error' : 'ok',
    attributes: { 'http.method': 'POST', 'http.route': '/api/orders' },
  });
  const length = 60 + roll.int(300);
  return [
    span(0, undefined, 'gateway', 'POST /api/orders', -length * 0.3, length),
    span(1, 0, 'shop', 'place order', -length * 0.25, length * 0.9),
    span(2, 1, 'stock', 'reserve items', -length * 0.2, length * 0.05),
    span(3, 1, 'pay', 'capture payment', length * 0.06, length * 0.85),
    span(4, 3, 'pay', 'acquirer: authorise', length * 0.1, length * 0.8),
  ];
}

function securityEvent(roll: Roll, timestamp: string): object {
  const [type, severity, description] = roll.of([
    ['auth_failure', 'low', 'wrong password'],
    ['auth_failure', 'low', 'unknown user'],
    ['auth_failure', 'medium', 'five wrong passwords within a minute'],
    ['brute_force', 'high', 'more than 200 sign-ins a minute from one address'],
    ['port_scan', 'medium', '1,024 ports asked within 3 s'],
    ['injection', 'high', "' OR 1=1 -- in the parameter id"],
    ['xss', 'medium', '<script>alert(1)</script> in a review'],
    ['privilege_escalation', 'critical', 'sudo to root by an account of the web server'],
  ] as const);
  return {
    kind: 'security',
    timestamp,
    service: roll.of(['gateway', 'auth', 'shop']),
    type,
    severity,
    description,
    source_ip: type === 'brute_force' ? '203.0.113.66' : roll.address(),
    host: roll.of(HOSTS),
  };
}

/** What the services say of themselves; they are stale when they say nothing for a while. */
export function heartbeats(now: number): object[] {
  return SERVICES.filter((service) => service !== 'batch').map((service) => ({
    kind: 'heartbeat',
    service,
    status: service === 'pay' ? 'unhealthy' : service === 'gateway' ? 'degraded' : 'healthy',
    version: VERSIONS[service],
    host: HOSTS[SERVICES.indexOf(service) % HOSTS.length],
    timestamp: new Date(now).toISOString(),
  }));
}

/** CPU and latency, a value a minute. */
function* hostMetrics(roll: Roll, now: number, spanMs: number): Generator<object[]> {
  let batch: object[] = [];
  for (let time = now - Math.min(spanMs, DAY_MS); time <= now; time += MINUTE_MS) {
    const timestamp = new Date(time).toISOString();
    const daily = 0.5 + 0.5 * Math.cos(((now - time) / DAY_MS) * 2 * Math.PI);
    const bad = now - time < 25 * MINUTE_MS;
    for (const [index, host] of HOSTS.entries()) {
      const value = 12 + 34 * daily + index * 4 + roll.next() * 9;
      batch.push({ kind: 'metric', timestamp, service: 'agent', host, name: 'cpu_usage', unit: 'percent', value });
    }
    for (const service of ['gateway', 'shop', 'pay'] as const) {
      const slow = bad && service !== 'shop' ? 900 : 0;
      const value = 30 + 40 * daily + roll.next() ** 3 * 160 + slow * roll.next();
      batch.push({
        kind: 'metric',
        timestamp,
        service,
        name: 'http_request_ms',
        unit: 'ms',
        value,
        tags: { region: roll.of(REGIONS) },
      });
      const orders = Math.round(20 + 80 * daily + roll.int(20));
      batch.push({ kind: 'metric', timestamp, service, name: 'requests_per_minute', value: orders });
    }
    if (batch.length < 5000) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
