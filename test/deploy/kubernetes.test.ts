import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig, SETTINGS } from '../../src/config.ts';
import { roleServing } from '../../src/http/route-roles.ts';
import { buildTestApp } from '../fixtures/build-app.ts';
import { documentsIn, ROOT } from './files.ts';

type Labels = Readonly<Record<string, string>>;
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: { readonly readOnlyRootFilesystem: boolean; readonly allowPrivilegeEscalation: boolean };
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data: Readonly<Record<string, string>>;
  readonly spec: {
    readonly selector: Labels & { readonly matchLabels?: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly securityContext: { readonly runAsNonRoot: boolean };
      };
    };
    readonly ports: readonly { readonly name: string; readonly targetPort: string }[];
    readonly scaleTargetRef: { readonly name: string };
    readonly rules: readonly {
      readonly http: {
        readonly paths: readonly {
          readonly path: string;
          readonly backend: { readonly service: { readonly name: string } };
        }[];
      };
    }[];
  };
}

const FOLDER = 'docs/deploy/kubernetes';
const manifests = readdirSync(join(ROOT, FOLDER)).flatMap((name) => documentsIn<Manifest>(`${FOLDER}/${name}`));
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const deployments = ofKind('Deployment');

test('each role has its deployment, whose settings are valid with the secret', () => {
  const shared = ofKind('ConfigMap')[0]?.data ?? {};
  const secret = { API_KEY: 'a-long-random-word', MONGO_URI: 'mongodb://mongo/lightwatch', REDIS_URL: 'redis://redis' };
  const roles = deployments.flatMap(({ spec, metadata }) => {
    const [container] = spec.template.spec.containers;
    const own = Object.fromEntries(container?.env.map(({ name, value }) => [name, value]) ?? []);
    for (const name of Object.keys({ ...shared, ...own, ...secret })) assert.ok(name in SETTINGS, name);
    const config = readConfig({ ...shared, ...own, ...secret });
    assert.deepEqual(container?.ports, [{ name: 'http', containerPort: config.port }], metadata.name);
    return config.roles;
  });
  assert.deepEqual(roles.toSorted(), ['alert', 'dashboard', 'ingest', 'query', 'realtime']);
});

test('its probes ask what every replica answers, and it may do little', async (t) => {
  const { fastify } = await buildTestApp(t, { env: { ROLES: 'ingest' } });
  for (const { spec } of deployments) {
    assert.equal(spec.template.spec.securityContext.runAsNonRoot, true);
    for (const { startupProbe, livenessProbe, readinessProbe, securityContext } of spec.template.spec.containers) {
      for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
        assert.equal(httpGet.port, 'http');
        assert.equal((await fastify.inject(httpGet.path)).statusCode, 200, httpGet.path);
      }
      assert.ok(securityContext.readOnlyRootFilesystem && !securityContext.allowPrivilegeEscalation);
    }
  }
});

test('services, disruption budgets and the autoscaler find their deployments', () => {
  const labels = deployments.map(({ spec }) => spec.template.metadata.labels);
  const find = (wanted: Labels) =>
    labels.some((found) => Object.entries(wanted).every(([name, value]) => found[name] === value));
  for (const { spec } of ofKind('Service')) {
    assert.ok(find(spec.selector));
    assert.deepEqual(
      spec.ports.map(({ targetPort }) => targetPort),
      ['http'],
    );
  }
  for (const { spec } of [...ofKind('PodDisruptionBudget'), ...deployments])
    assert.ok(find(spec.selector.matchLabels ?? {}));
  const names = deployments.map(({ metadata }) => metadata.name);
  for (const { spec } of ofKind('HorizontalPodAutoscaler')) assert.ok(names.includes(spec.scaleTargetRef.name));
  assert.equal(new Set(manifests.map(({ metadata }) => metadata.namespace)).size, 1);
});

test('the ingress sends paths to the roles that serve them', () => {
  const paths = ofKind('Ingress').flatMap(({ spec }) => spec.rules.flatMap(({ http }) => http.paths));
  assert.ok(paths.length > 5);
  for (const { path, backend } of paths) {
    const role = roleServing('GET', path) ?? 'query';
    assert.equal(backend.service.name, `lightwatch-${role}`, path);
  }
});
