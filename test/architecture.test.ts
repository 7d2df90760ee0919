import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface SourceFile {
  /** From the root of the repository: `src/http/door.ts`. */
  readonly path: string;
  readonly text: string;
  /** Files of ours, as paths; packages by their names. */
  readonly imports: readonly { readonly target: string; readonly typeOnly: boolean }[];
}

const SOURCES: readonly SourceFile[] = globSync(['src/**/*.{ts,tsx}', 'schemas/**/*.ts'], { cwd: ROOT }).map((path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, imports: importsOf(path, text) };
});

function importsOf(path: string, text: string) {
  // A statement begins a line; `import('x')` and a bare `import 'x'` are imports too.
  const statements = text.matchAll(
    /^(?:import|export)\s(type\s)?[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return Array.from(statements, ([, type, from, bare, dynamic]) => {
    const name = from ?? bare ?? dynamic ?? '';
    return { target: name.startsWith('.') ? normalize(join(dirname(path), name)) : name, typeOnly: type !== undefined };
  });
}

/** The part of the house a file belongs to: `schemas`, `src/core`, `src/store/embedded`, or the file itself at the top. */
function partOf(path: string): string {
  const [top = '', folder = '', inner] = path.split('/');
  if (top === 'schemas') return top;
  if (folder.endsWith('.ts')) return path;
  // A port and what opens it are parts of their own, beside the adapters.
  if (path.startsWith('src/dashboard/web/')) return 'src/dashboard/web';
  if (folder === 'store' || folder === 'bus') return inner?.endsWith('.ts') ? path : `src/${folder}/${inner}`;
  return `src/${folder}`;
}

const COMMON = ['schemas', 'src/core', 'src/errors.ts'];
const PORTS = ['src/store/store.ts', 'src/bus/bus.ts'];
/** What a module may use. Of the settings it knows the shape alone, but for what is constant. */
const OF_A_MODULE = [...COMMON, ...PORTS, 'src/http', 'src/config.ts', 'src/root.ts', 'src/version.ts'];

/** Who may import whom, besides itself. A part that is not here may not import anything of ours. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  'src/core': ['schemas'],
  'src/errors.ts': [],
  'src/root.ts': [],
  'src/version.ts': ['src/root.ts'],
  'src/config.ts': ['schemas', 'src/core'],
  'src/log.ts': ['src/config.ts'],
  'src/closers.ts': ['src/core'],
  'src/retention.ts': [...COMMON, ...PORTS, 'src/config.ts'],
  'src/store/store.ts': ['schemas', 'src/core'],
  'src/bus/bus.ts': ['schemas', 'src/core'],
  'src/store/open-store.ts': [...COMMON, ...PORTS, 'src/config.ts', 'src/store/embedded', 'src/store/mongo'],
  'src/bus/open-bus.ts': [...COMMON, ...PORTS, 'src/config.ts', 'src/bus/in-process', 'src/bus/redis'],
  'src/store/embedded': [...COMMON, 'src/store/store.ts'],
  'src/store/mongo': [...COMMON, 'src/store/store.ts'],
  'src/bus/in-process': [...COMMON, 'src/bus/bus.ts'],
  'src/bus/redis': [...COMMON, 'src/bus/bus.ts', 'src/redis'],
  'src/redis': COMMON,
  'src/leadership': [...COMMON, 'src/store/store.ts'],
  'src/http': [...COMMON, ...PORTS, 'src/config.ts', 'src/version.ts'],
  'src/ingest': OF_A_MODULE,
  'src/query': OF_A_MODULE,
  'src/realtime': OF_A_MODULE,
  'src/alert': OF_A_MODULE,
  'src/dashboard': OF_A_MODULE,
  // Another program, in a browser: of ours it knows what is on the wire, and the addresses of its views.
  'src/dashboard/web': ['schemas', 'src/dashboard/page-paths.ts'],
  'src/self': OF_A_MODULE,
  // Another process: it meets the server over HTTP.
  'src/agent': [...COMMON, 'src/version.ts'],
};

/** The composition root and the command see everything. */
const SEE_ALL = ['src/app.ts', 'src/main.ts', 'src/command'];

function partsAndFile(target: string): readonly string[] {
  return [partOf(target), target];
}

function ruleOf({ path }: SourceFile): readonly string[] | undefined {
  return MAY_IMPORT[path] ?? MAY_IMPORT[partOf(path)];
}

test('every file of ours is found, with its imports', () => {
  assert.ok(SOURCES.length > 50);
  const app = SOURCES.find(({ path }) => path === 'src/app.ts');
  assert.ok(app?.imports.some(({ target }) => target === 'src/http/door.ts'));
  const known = new Set(SOURCES.map(({ path }) => path));
  for (const { path, imports } of SOURCES) {
    for (const { target } of imports) {
      if (/^(src|schemas)\/.*\.tsx?$/.test(target)) assert.ok(known.has(target), `${path} imports ${target}`);
    }
  }
});

test('who may import whom', () => {
  const faults: string[] = [];
  for (const file of SOURCES) {
    const own = partOf(file.path);
    if (SEE_ALL.includes(own) || SEE_ALL.includes(file.path)) continue;
    const allowed = ruleOf(file);
    if (allowed === undefined) faults.push(`${file.path} belongs to no part: name it in MAY_IMPORT`);
    for (const { target } of file.imports) {
      if (!/^(src|schemas)\//.test(target) || partOf(target) === own) continue;
      if (!partsAndFile(target).some((part) => allowed?.includes(part)))
        faults.push(`${file.path} may not import ${target}`);
    }
  }
  assert.deepEqual(faults, []);
});

test('modules know the shape of the settings and not their reading', () => {
  const readers = ['src/app.ts', 'src/main.ts', 'src/config.ts'];
  for (const { path, imports, text } of SOURCES) {
    if (readers.includes(path) || path.startsWith('src/command/')) continue;
    for (const { target, typeOnly } of imports) {
      if (target === 'src/config.ts' && !typeOnly) {
        assert.ok(!/\breadConfig\b|\bdescribeConfig\b/.test(text), `${path} reads the settings itself`);
      }
    }
  }
});

test('schemas know only TypeBox, and the core only pure libraries', () => {
  const pure = ['@sinclair/typebox', 're2js', 'ipaddr.js', 'secure-json-parse'];
  const pureBuiltins = ['node:net', 'node:crypto', 'node:buffer'];
  for (const { path, imports } of SOURCES) {
    const part = partOf(path);
    if (part !== 'schemas' && part !== 'src/core') continue;
    for (const { target } of imports.filter(({ target }) => !/^(src|schemas)\//.test(target))) {
      const name = target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/');
      const allowed = part === 'schemas' ? pure.slice(0, 1) : [...pure, ...pureBuiltins];
      assert.ok(allowed.includes(name), `${path} imports ${target}`);
    }
  }
});

test('the page knows types of the schemas, and carries none of their code but the limits', () => {
  // Numbers alone, which bring no TypeBox with them.
  const constants = 'schemas/limits.ts';
  for (const { path, imports } of SOURCES.filter(({ path }) => partOf(path) === 'src/dashboard/web')) {
    for (const { target, typeOnly } of imports)
      assert.ok(
        typeOnly || partOf(target) !== 'schemas' || target === constants,
        `${path} imports ${target} with its code`,
      );
  }
});

test('builtins are named as such', () => {
  for (const { path, imports } of SOURCES) {
    for (const { target } of imports)
      assert.ok(!builtinModules.includes(target), `${path} imports ${target} without node:`);
  }
});

test('only config.ts reads the environment', () => {
  for (const { path, text } of SOURCES) {
    if (path !== 'src/config.ts') assert.ok(!/process\.env\b/.test(text), `${path} reads process.env`);
  }
});

test('only app.ts opens adapters, and the command that copies stores', () => {
  for (const { path, imports } of SOURCES) {
    if (path === 'src/app.ts' || path === 'src/command/copy.ts') continue;
    for (const { target } of imports) {
      assert.ok(!/^src\/(store\/open-store|bus\/open-bus)\.ts$/.test(target), `${path} imports ${target}`);
    }
  }
});

test('no folder depends on itself through others', () => {
  const edges = new Map<string, Set<string>>();
  for (const { path, imports } of SOURCES) {
    const from = partOf(path);
    for (const { target } of imports) {
      if (!/^(src|schemas)\//.test(target)) continue;
      const to = partOf(target);
      if (to !== from) edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  assert.deepEqual(cycleIn(edges), []);
});

test('no file depends on itself through others, types aside', () => {
  const edges = new Map<string, Set<string>>();
  for (const { path, imports } of SOURCES) {
    const targets = imports.filter(({ target, typeOnly }) => !typeOnly && /^(src|schemas)\//.test(target));
    edges.set(path, new Set(targets.map(({ target }) => target)));
  }
  assert.deepEqual(cycleIn(edges), []);
});

/** The first cycle there is, as the names along it; empty when there is none. */
function cycleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const done = new Set<string>();
  const visit = (name: string, above: readonly string[]): readonly string[] => {
    if (above.includes(name)) return [...above.slice(above.indexOf(name)), name];
    if (done.has(name)) return [];
    for (const next of edges.get(name) ?? []) {
      const cycle = visit(next, [...above, name]);
      if (cycle.length > 0) return cycle;
    }
    done.add(name);
    return [];
  };
  for (const name of edges.keys()) {
    const cycle = visit(name, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

test('a cycle would be found', () => {
  const edges = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c', 'd'])],
    ['d', new Set(['b'])],
  ]);
  assert.deepEqual(cycleIn(edges), ['b', 'd', 'b']);
});
