import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '../../src/database/database.js';
import { evidence } from '../../src/database/migrations/005-evidence.js';
import { inbox } from '../../src/database/migrations/001-inbox.js';
import { ledger } from '../../src/database/migrations/002-ledger.js';
import { privacy } from '../../src/database/migrations/003-privacy.js';
import { standing } from '../../src/database/migrations/006-standing.js';
import { users } from '../../src/database/migrations/004-users.js';
import { listSubjects } from '../../src/ledger/subject-list.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';

describe('a database from before lists knew ages', () => {
  let server: TestPostgres;
  let database: Database;

  beforeAll(async () => {
    server = await startPostgres();
    database = await openDatabase({ url: await server.freshUrl() });
    for (const statement of [...inbox, ...ledger, ...privacy, ...users, ...evidence]) await database.query(statement);
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  test('has each kit at its age afterwards, those that were never decided about too', async () => {
    await database.query(
      `insert into subjects (subject, state, opened_at, projected_at, attention) values
        ('kit:NEW', 'unknown', '2026-11-24T12:00:00.000123Z', null, '[]'),
        ('kit:OLD', 'registered', '2026-11-01T12:00:00Z', '2026-11-20T12:00:00Z', '[]'),
        ('kit:NEEDS', 'registered', '2026-11-01T12:00:00Z', '2026-11-22T12:00:00Z',
          '[{"code": "bounced", "since": 1794916800000}, {"code": "two_orders", "since": 1794830400000}]')`,
    );
    for (const statement of standing) await database.query(statement);
    const all = await listSubjects(database, { of: 'kit', attention: false, open: false, after: null, limit: 9 });
    expect(all.map(({ subject, since }) => [subject, since])).toEqual([
      ['kit:NEEDS', new Date(1_794_830_400_000).toISOString()],
      ['kit:OLD', '2026-11-20T12:00:00.000Z'],
      ['kit:NEW', '2026-11-24T12:00:00.000Z'],
    ]);
  });
});
