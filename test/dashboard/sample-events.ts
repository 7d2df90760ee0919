import { Roll } from './sample-roll.ts';
import { HOSTS, LINES, type Line, REGIONS, SERVICES, type ServiceName, VERSIONS } from './sample-services.ts';

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** How often a line of each level comes, on an ordinary day and while something is wrong. */
const USUAL = { debug: 40, info: 85, warn: 3, error: 0.7, fatal: 0 };
const BAD = { debug: 25, info: 50, warn: 30, error: 35, fatal: 10 };

/** A time at which some services are not well: it ends `agoMs` before the end of all, and takes `forMs`. */
export interface Trouble {
  readonly services: readonly ServiceName[];
  readonly agoMs: number;
  readonly forMs: number;
}
const NOW_TROUBLE: Trouble = { services: ['pay', 'gateway'], agoMs: 0, forMs: 25 * MINUTE_MS };

export interface SampleOptions {
  /** The end of it all, in milliseconds since the epoch. */
  readonly now: number;
  /** Logs; the others come on top, about half of that. */
  readonly logs: number;
  /** How far back it goes. */
  readonly spanMs?: number;
  readonly troubles?: readonly Trouble[];
  readonly seed?: number;
}

/**
 * Events of all kinds of a shop's last time, each with its `kind`, oldest hours first, in batches as clients would send
 * them.
 */
export function* sampleBatches(options: SampleOptions): Generator<object[]> {
  const { now, logs, spanMs = DAY_MS, troubles = [NOW_TROUBLE], seed = 7 } = options;
  const roll = new Roll(seed);
  const hours = Math.ceil(spanMs / HOUR_MS);
  const weights = Array.from({ length: hours }, (_, hour) => traffic(now - (hours - hour - 0.5) * HOUR_MS));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [hour, weight] of weights.entries()) {
    const start = now - (hours - hour) * HOUR_MS;
    const events: object[] = [];
    for (let left = Math.round((logs * weight) / all); left > 0; left--) {
      const time = start + roll.next() * HOUR_MS;
      events.push(...aMoment(roll, time, (service) => isBad(troubles, service, now - time)));
    }
    events.push(...hostMetrics(roll, start, (service, time) => isBad(troubles, service, now - time)));
    for (let at = 0; at < events.length; at += 5000) yield events.slice(at, at + 5000);
  }
  yield heartbeats(now);
}

/** Busier by day than by night, and the busiest in the early evening. */
function traffic(time: number): number {
  return 0.62 + 0.38 * Math.cos(((time % DAY_MS) / DAY_MS - 0.72) * 2 * Math.PI);
}

function isBad(troubles: readonly Trouble[], service: ServiceName, backMs: number): boolean {
  return troubles.some(
    ({ services, agoMs, forMs }) => services.includes(service) && backMs >= agoMs && backMs < agoMs + forMs,
  );
}

/** One log, sometimes with the trace it belongs to, and now and then a security event. */
function aMoment(roll: Roll, time: number, bad: (service: ServiceName) => boolean): object[] {
  const service = roll.of(SERVICES);
  const lines = LINES[service];
  const weights = bad(service) ? BAD : USUAL;
  const [level, message] = lines[roll.weighted(lines.map(([level]) => weights[level]))] ?? NO_LINE;
  const traced = roll.next() < 0.05;
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

const NO_LINE: Line = ['info', () => ''];

const REQUESTS = [
  ['POST /api/orders', 'place order'],
  ['POST /api/checkout', 'check out'],
  ['PUT /api/carts/:id', 'price the cart'],
] as const;

/** A request through four services. */
function traceOf(roll: Roll, trace_id: string, time: number, failed: boolean): object[] {
  const [route, work] = roll.of(REQUESTS);
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
    attributes: { 'http.request.method': route.split(' ')[0], 'http.route': route.split(' ')[1] },
  });
  const length = 60 + roll.int(300) + (roll.next() < 0.01 ? roll.int(6000) : 0);
  return [
    span(0, undefined, 'gateway', route, -length * 0.3, length),
    span(1, 0, 'shop', work, -length * 0.25, length * 0.9),
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

const HEARD = SERVICES.filter((service) => service !== 'batch');

/** What the services say of themselves; they are stale when they say nothing for a while, as `batch` does by now. */
export function heartbeats(now: number, services: readonly ServiceName[] = HEARD): object[] {
  return services.map((service) => ({
    kind: 'heartbeat',
    service,
    status: service === 'pay' ? 'unhealthy' : service === 'gateway' ? 'degraded' : 'healthy',
    version: VERSIONS[service],
    host: HOSTS[SERVICES.indexOf(service) % HOSTS.length],
    timestamp: new Date(now).toISOString(),
  }));
}

/** CPU, latency and orders of an hour, a value a minute. */
function* hostMetrics(
  roll: Roll,
  start: number,
  bad: (service: ServiceName, time: number) => boolean,
): Generator<object> {
  for (let time = start; time < start + HOUR_MS; time += MINUTE_MS) {
    const timestamp = new Date(time).toISOString();
    const busy = traffic(time);
    for (const [index, host] of HOSTS.entries()) {
      const value = 12 + 34 * busy + index * 4 + roll.next() * 9;
      yield { kind: 'metric', timestamp, service: 'agent', host, name: 'cpu_usage', unit: 'percent', value };
    }
    for (const service of ['gateway', 'shop', 'pay'] as const) {
      const slow = bad(service, time) ? 900 : 0;
      const value = 30 + 40 * busy + roll.next() ** 3 * 160 + slow * roll.next();
      const tags = { region: roll.of(REGIONS) };
      yield { kind: 'metric', timestamp, service, name: 'http_request_ms', unit: 'ms', value, tags };
      const orders = Math.round(20 + 80 * busy + roll.int(20));
      yield { kind: 'metric', timestamp, service, name: 'requests_per_minute', value: orders };
    }
  }
}
