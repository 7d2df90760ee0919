import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aLog, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

interface Context {
  before: { message: string }[];
  event: { message: string };
  after: { message: string }[];
}

const letters = ({ before, event, after }: Context) =>
  [before, [event], after].map((logs) => logs.map(({ message }) => message).join('')).join(' ');

test('a log stands among those of its service and host, in the order of time', async (t) => {
  const app = await queryApp(t);
  const { id } = await app.store.append('log', [
    ...['a', 'b', 'c', 'd', 'e'].map((message, second) =>
      aLog({ message, host: 'h1', timestamp: NOON + second * 1000 }),
    ),
    aLog({ message: 'x', host: 'h2', timestamp: NOON + 1500 }),
    aLog({ message: 'y', service: 'gate', host: 'h1', timestamp: NOON + 1500 }),
    aLog({ message: 'z', timestamp: NOON + 2000 }),
    aLog({ message: 'C', host: 'h1', timestamp: NOON + 2000 }),
  ]);
  const context = async (query: string, index = 2) =>
    letters(await app.get<Context>(`/api/logs/${id(index)}/context${query}`));
  assert.equal(await context(''), 'ab c Cde');
  assert.equal(await context('?before=1&after=2'), 'b c Cd');
  assert.equal(await context('?before=0&after=0'), ' c ');
  assert.equal(await context('', 0), ' a bcCde');
  assert.equal(await context('?after=1', 7), 'abxc z C');
});

test('an unknown log has no neighbours, and a wrong parameter is named', async (t) => {
  const app = await queryApp(t);
  assert.equal((await app.refused('/api/logs/17/context', 404)).code, 'LW_NOT_FOUND');
  for (const name of ['before', 'after']) {
    assert.equal((await app.refused(`/api/logs/17/context?${name}=-1`)).field, name);
    assert.equal((await app.refused(`/api/logs/17/context?${name}=1&${name}=2`)).field, name);
  }
  assert.equal((await app.refused('/api/logs/17/context?limit=1')).field, 'limit');
});
