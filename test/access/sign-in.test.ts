import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Access, createAccess } from '../../src/access/access.js';
import { hashSecret } from '../../src/access/secrets.js';
import { readUser, type User } from '../../src/config/users.js';
import type { Database } from '../../src/database/database.js';
import { newSealing, T0 } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';

const SECRET = 'correct horse battery';

describe('signing in', () => {
  let databases: TestDatabases;
  let database: Database;
  let users: User[];
  let now: number;
  /** Two processes over one database. */
  let one: Access;
  let other: Access;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    const hash = await hashSecret(SECRET, { logN: 4, r: 8, p: 1 });
    users = ['jane', 'omar'].map((name) => readUser(`${name}:support:${hash}`) as User);
  });
  beforeEach(async () => {
    now = T0;
    await database.query('truncate audit, sessions restart identity');
    const sealing = newSealing();
    [one, other] = [1, 2].map(() => createAccess({ database, sealing, users: () => users, clock: () => now })) as [
      Access,
      Access,
    ];
  });
  afterAll(() => databases.stop());

  const attempt = (access: Access, name: string, secret: string, sender = '192.0.2.7') =>
    access.signIn({ name, secret, sender });
  const outcome = async (...given: Parameters<typeof attempt>): Promise<string> => (await attempt(...given)).outcome;

  test('wrong secrets of a name count for every process, whoever sends them', async () => {
    for (let wrong = 0; wrong < 5; wrong += 1)
      expect(await outcome(one, 'jane', 'wrong', `192.0.2.${String(wrong)}`)).toBe('wrong_secret');
    expect(await attempt(other, 'jane', SECRET, '198.51.100.1')).toMatchObject({ outcome: 'locked', wait: 10_000 });
    expect(await outcome(other, 'omar', SECRET)).toBe('done');
    now += 10_000;
    expect(await outcome(other, 'jane', SECRET)).toBe('done');
  });

  test('after twenty wrong secrets a sender waits under every name, and others don’t', async () => {
    for (let wrong = 0; wrong < 20; wrong += 1)
      expect(await outcome(wrong % 2 ? one : other, `guess-${String(wrong)}`, 'wrong')).toBe('wrong_secret');
    expect(await attempt(one, 'jane', SECRET)).toMatchObject({ outcome: 'locked', wait: 10_000 });
    expect(await outcome(one, 'jane', SECRET, '198.51.100.1')).toBe('done');
    now += 10_000;
    expect(await outcome(one, 'guess-20', 'wrong')).toBe('wrong_secret');
    expect(await attempt(other, 'jane', SECRET)).toMatchObject({ outcome: 'locked', wait: 20_000 });
  });

  test('of many wrong secrets that come at once no more are forgiven than of those that come one by one', async () => {
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => outcome(one, 'jane', 'wrong')));
    expect(outcomes.filter((one) => one === 'wrong_secret')).toHaveLength(5);
    expect(outcomes.filter((one) => one === 'locked')).toHaveLength(7);
  });

  test('a try that can’t be written down lets nobody in, and holds up nobody after it', async () => {
    await database.query('alter table audit rename to audit_away');
    await expect(attempt(one, 'jane', SECRET)).rejects.toThrow();
    await database.query('alter table audit_away rename to audit');
    expect(await database.query('select 1 from sessions')).toEqual([]);
    expect(await outcome(one, 'jane', SECRET)).toBe('done');
  });
});
