import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../../src/store/mongo/connection.ts';

/** Nothing listens there. */
const NOWHERE = 'mongodb://ann:s3cret@127.0.0.1:1/x?directConnection=true';

test('a start tries five times, each pause longer, and then names the host and not the password', async () => {
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  await assert.rejects(connect({ uri: NOWHERE, poolSize: 1, timeoutMs: 10, pause }), (error: Error) => {
    assert.equal('code' in error && error.code, 'LW_STORE_UNAVAILABLE');
    assert.equal(error.message, 'MongoDB at 127.0.0.1:1 does not answer, after 5 tries');
    return true;
  });
  assert.deepEqual(pauses, [500, 1000, 2000, 4000]);
});

test('what is no connection string is not quoted', async () => {
  for (const uri of ['mongodb://ann:s3cret@', 'mongodb://ann:s3@cret@h', 'mongodb://ann:s3cret@h/x?w=1&nosuch=2']) {
    await assert.rejects(connect({ uri, poolSize: 1, timeoutMs: 10 }), (error: Error) => {
      assert.equal(error.message, 'MONGO_URI is not a connection string of MongoDB');
      return true;
    });
  }
});
