import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabase } from '../../src/database/database.js';
import { migrate, schemaDifference } from '../../src/database/migrate.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

test('a schema differs by what it lacks, and by what a later release has made of it', async () => {
  const database = await openDatabase({ url: await server.freshUrl() });
  try {
    const { missing, strange } = await schemaDifference(database);
    expect([missing[0], strange]).toEqual(['001-inbox', []]);
    expect(await migrate(database)).toEqual(missing);
    expect(await schemaDifference(database)).toEqual({ missing: [], strange: [], contracted: null });
    await database.query("insert into kysely_migration (name, timestamp) values ('999-later', '2030-01-01')");
    expect(await schemaDifference(database)).toEqual({ missing: [], strange: ['999-later'], contracted: null });
  } finally {
    await database.close();
  }
});
