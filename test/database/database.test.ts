import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { Refusal } from '../../src/config/refusal.js';
import { contracts, migrate } from '../../src/database/migrate.js';
import { compile, sql, tableOf } from '../../src/database/sql.js';
import { sqlStateOf } from '../../src/database/sql-error.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';

describe.each(KINDS)('a database of kind %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
  });
  afterAll(() => databases.stop());

  test('returns every type of column as the JavaScript type that the other kind returns, too', async () => {
    const at = new Date('2026-11-24T13:40:54.123Z');
    const [row] = await database.query(
      `select $1::timestamptz as at, $2::bigint as big, $3::bytea as bytes, $4::boolean as yes, $5::jsonb as json,
        $6::text as words, '2026-11-24'::date as day, 1.5::numeric as numeric, 7::int as small, null::text as nothing`,
      [at, 2 ** 40, Buffer.from([0, 255, 1]), true, { a: ['é', 1] }, 'it\'s "quoted" \\ \n{}'],
    );
    expect(row).toEqual({
      at,
      big: 2 ** 40,
      bytes: Buffer.from([0, 255, 1]),
      yes: true,
      json: { a: ['é', 1] },
      words: 'it\'s "quoted" \\ \n{}',
      day: '2026-11-24',
      numeric: 1.5,
      small: 7,
      nothing: null,
    });
    expect(Buffer.isBuffer(row?.bytes)).toBe(true);
  });

  test('takes and returns arrays of every type, with nulls and hostile text in them', async () => {
    const texts = ['plain', '', 'NULL', 'a,b', '{c}', 'quo"te', 'back\\slash', ' space ', 'line\nbreak', null];
    const at = [new Date(0), new Date('2026-02-03T04:05:06.007Z'), null];
    const [row] = await database.query(
      'select $1::text[] as texts, $2::bytea[] as bytes, $3::timestamptz[] as at, $4::bigint[] as big, $5::boolean[] as yes',
      [texts, [Buffer.from('ab'), Buffer.alloc(0)], at, [1, 2 ** 40], [true, false]],
    );
    expect(row).toEqual({
      texts,
      bytes: [Buffer.from('ab'), Buffer.alloc(0)],
      at,
      big: [1, 2 ** 40],
      yes: [true, false],
    });
  });

  test('takes statements that are put together from parts, and rows of ours as a table', async () => {
    const rows = [
      { name: 'one', at: new Date(1), bytes: Buffer.from([1]) },
      { name: null, at: null, bytes: null },
    ];
    const statement = (among: typeof rows, wanted: string) => {
      const named = tableOf('t', among, {
        name: ['text', ({ name }) => name],
        at: ['timestamptz', ({ at }) => at],
        bytes: ['bytea', ({ bytes }) => bytes],
      });
      return sql`select t.*, ${wanted}::text as wanted from ${named} where ${sql`t.name is null or t.name = ${wanted}`}`;
    };
    expect(await database.query(statement(rows, 'one'))).toEqual(rows.map((row) => ({ ...row, wanted: 'one' })));
    expect(await database.query(statement([], 'one'))).toEqual([]);
    // One text for all values: it is planned once.
    expect(compile(statement(rows, 'one')).text).toBe(compile(statement([], 'other')).text);
  });

  test('rolls a transaction back when its work rejects, and stays usable', async () => {
    const failing = database.transaction(async (tx) => {
      await tx.query("insert into meta(key, value) values ('rolled', 'back')");
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.query("select * from meta where key = 'rolled'")).toEqual([]);
  });

  test('keeps a transaction apart from statements that come at the same time', async () => {
    const seen = await database.transaction(async (tx) => {
      await tx.query("insert into meta(key, value) values ('mine', '1')");
      const outside = database.query("select * from meta where key = 'mine'");
      if (kind === 'postgres') return await outside;
      await tx.query("delete from meta where key = 'mine'");
      return [await Promise.race([outside, Promise.resolve('waits')])];
    });
    expect(seen).toEqual(kind === 'postgres' ? [] : ['waits']);
  });

  test('names errors by their SQLSTATE', async () => {
    await database.query("insert into meta(key, value) values ('twice', '1')");
    const again = database.query("insert into meta(key, value) values ('twice', '1')");
    expect(sqlStateOf(await again.catch((error: unknown) => error))).toBe('23505');
    expect(sqlStateOf(new Error('other'))).toBeNull();
  });

  test('repeats no value in its errors', async () => {
    const failing = [
      database.query('select $1::jsonb', ['{"Zyxw": ']),
      database.query('select $1::int', ['Zyxw']),
      database.query("insert into meta(key, value) values ('Zyxw', '1'), ('Zyxw', '1')"),
      database.query('insert into inbox (source) values ($1)', ['Zyxw']),
    ];
    for (const failure of await Promise.all(failing.map((query) => query.catch((error: unknown) => error))))
      expect(inspect(failure, { showHidden: true, depth: 9 })).toMatch(/^(?!.*Zyxw)SqlError: [0-9A-Z]{5}: /s);
  });

  test('is migrated once, however often and by however many it is asked', async () => {
    expect(await Promise.all([migrate(database), migrate(database)])).toEqual([[], []]);
  });

  test('to which a newer version has only added is left as it is, and lived with', async () => {
    await database.query("insert into kysely_migration (name, timestamp) values ('998-what-is-added', now()::text)");
    expect(await migrate(database)).toEqual([]);
    await database.query("delete from kysely_migration where name = '998-what-is-added'");
  });

  test('from which a newer version has taken away is refused, and the sentence says which migration is not known', async () => {
    const newer = '999-what-comes-later';
    const schema = () =>
      database.query(
        `select table_name, column_name from information_schema.columns where table_schema = 'public' order by 1, 2`,
      );
    const before = await schema();
    await database.query('insert into kysely_migration (name, timestamp) values ($1, now()::text)', [newer]);
    await database.query(contracts(newer));
    const refused = await migrate(database).catch((error: unknown) => error);
    await database.query('delete from kysely_migration where name = $1', [newer]);
    await database.query("delete from meta where key = 'schema.contracted'");
    expect(refused).toBeInstanceOf(Refusal);
    expect((refused as Refusal).message).toBe(
      'The database was written by a newer kit-herald: its schema has "999-what-comes-later", which is not known here. Start that version, or a later one. Nothing was changed.',
    );
    expect(await schema()).toEqual(before);
  });
});
