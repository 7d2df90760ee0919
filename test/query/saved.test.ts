import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryApp } from './query-app.ts';

const SEARCH = { name: 'errors of pay', kind: 'logs', query: { service: 'pay', min_level: 'error', from: 'now-1h' } };
const PANEL = { title: 'errors', type: 'histogram', query: { service: 'pay', by: 'level' }, x: 0, y: 0, w: 6, h: 4 };
const DASHBOARD = { name: 'pay', panels: [PANEL, { ...PANEL, type: 'services', query: { status: 'stale' }, x: 6 }] };

for (const [path, body] of [
  ['/api/searches', SEARCH],
  ['/api/dashboards', DASHBOARD],
] as const) {
  test(`${path}: saved, listed, read, replaced and deleted`, async (t) => {
    const app = await queryApp(t);
    const made = await app.send('POST', path, body);
    assert.equal(made.status, 201);
    const { id, ...rest } = made.body;
    const at = '2026-01-15T12:00:00.000Z';
    assert.deepEqual(rest, { ...body, created_at: at, updated_at: at });
    assert.deepEqual(await app.get(`${path}/${id}`), made.body);
    assert.deepEqual(await app.get(path), { data: [made.body], total: 1, page: 1, limit: 50 });
    app.clock.advance(1000);
    const replaced = await app.send('PUT', `${path}/${id}`, { ...body, name: 'other' });
    assert.equal(replaced.status, 200);
    assert.deepEqual(await app.get(`${path}/${id}`), {
      ...made.body,
      name: 'other',
      updated_at: '2026-01-15T12:00:01.000Z',
    });
    assert.equal((await app.send('DELETE', `${path}/${id}`)).status, 204);
    for (const [method, sent] of [['GET'], ['PUT', body], ['DELETE']] as const)
      assert.equal((await app.send(method, `${path}/${id}`, sent)).status, 404, method);
    assert.equal((await app.refused(`${path}?service=pay`)).field, 'service');
  });
}

test('what could never be asked is refused by name', async (t) => {
  const app = await queryApp(t);
  const panels = (own: object) => ({ ...DASHBOARD, panels: [{ ...PANEL, ...own }] });
  const rows: readonly (readonly [string, object, string])[] = [
    ['searches', { ...SEARCH, name: '' }, 'name'],
    ['searches', { ...SEARCH, kind: 'rumours' }, 'kind'],
    ['searches', { ...SEARCH, owner: 'me' }, 'owner'],
    ['searches', { ...SEARCH, query: { levle: 'error' } }, 'query.levle'],
    ['searches', { ...SEARCH, query: { level: 'loud' } }, 'query.level'],
    ['searches', { ...SEARCH, query: { regex: '(' } }, 'query.regex'],
    ['searches', { ...SEARCH, query: { level: 7 } }, 'query.level'],
    ['searches', { ...SEARCH, kind: 'metrics' }, 'query.min_level'],
    ['dashboards', { ...DASHBOARD, panels: new Array(51).fill(PANEL) }, 'panels'],
    ['dashboards', panels({ type: 'pie' }), 'panels[0].type'],
    ['dashboards', panels({ x: 7 }), 'panels[0].w'],
    ['dashboards', panels({ w: 0 }), 'panels[0].w'],
    ['dashboards', panels({ x: 1.5 }), 'panels[0].x'],
    ['dashboards', panels({ colour: 'red' }), 'panels[0].colour'],
    ['dashboards', panels({ query: { fn: 'avg' } }), 'panels[0].query.fn'],
    ['dashboards', panels({ type: 'errors', query: { level: 'error' } }), 'panels[0].query.level'],
  ];
  for (const [path, sent, field] of rows) {
    const { status, body } = await app.send('POST', `/api/${path}`, sent);
    assert.deepEqual([status, body.error?.details?.[0]?.field], [400, field], JSON.stringify(body));
  }
  assert.equal((await app.get<{ total: number }>('/api/searches')).total, 0);
});
