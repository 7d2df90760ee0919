import { after, before, describe } from 'node:test';
import { SKIPPED, type TestDatabase, testDatabase } from '../../fixtures/mongo-database.ts';
import { storeContract } from '../../fixtures/store-contract.ts';
import { openMongo } from './open-mongo.ts';

describe('MongoDB', { skip: SKIPPED }, () => {
  // One database, emptied after each test: to make one and its indexes takes longer than most tests.
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });
  after(() => database.drop());

  storeContract(
    'MongoDB store',
    async ({ clock }) => {
      let store = await openMongo(database.uri, { clock });
      return {
        store,
        async reopen() {
          store = await openMongo(database.uri, { clock });
          return store;
        },
        async dispose() {
          await store.close();
          await database.empty();
        },
      };
    },
    { questions: 0.5, repeats: 'while kept' },
  );
});
