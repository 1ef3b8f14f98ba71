import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createDatabaseCheck, type Database, openDatabase } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrate.js';
import { sql } from '../../src/database/sql.js';
import { endsSession } from '../../src/database/sql-error.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

/** What is asked of a database that takes writes: this leaves nothing behind. */
const WRITE = `insert into meta (key, value) values ('failover', 'x') on conflict (key) do update set value = 'x'`;
const HEALED_WITHIN = { seconds: 10, everyMs: 100 };

describe('sessions of a PostgreSQL server', () => {
  let server: TestPostgres;
  let url: string;
  const cleanups: (() => unknown)[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    url = await server.freshUrl();
    const database = await openDatabase({ url });
    await migrate(database);
    await database.close();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  afterAll(() => server.stop());

  const open = async (at = url): Promise<Database> => {
    const database = await openDatabase({ url: at });
    cleanups.push(() => database.close());
    return database;
  };
  const name = () => new URL(url).pathname.slice(1);
  const cutAll = (admin: Database) =>
    admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
      [name()],
    );
  /** For sessions to come: those that are there stay as they are, but for the one that says it. */
  const endReadOnly = async (admin: Database) => {
    await admin.query('set default_transaction_read_only = off');
    await admin.query(`alter database ${name()} reset default_transaction_read_only`);
  };
  const takesWrites = (database: Database) =>
    database.query(WRITE).then(
      () => true,
      () => false,
    );
  /** Several sessions, so that there are stale ones left when the first has been thrown away. */
  const fillPool = (database: Database) =>
    Promise.all(Array.from({ length: 8 }, () => database.query('select pg_sleep(0.1)')));

  test('one that answers that it is read-only is thrown away, and so are those beside it: it heals by itself', async () => {
    const database = await open();
    const admin = await open();
    const check = createDatabaseCheck(database, () => performance.now() * 1_000);
    await admin.query(`alter database ${name()} set default_transaction_read_only = on`);
    try {
      await cutAll(admin);
      await until('a session that is read-only', async () => !(await takesWrites(database)));
      await Promise.allSettled([fillPool(database)]);
      await expect(database.query(WRITE)).rejects.toMatchObject({ code: '25006' });
      await expect(database.transaction((tx) => tx.query(WRITE))).rejects.toMatchObject({ code: '25006' });
      expect(await database.takesWrites()).toBe(false);
      expect(await check()).toEqual(['database_read_only']);
      await expect(migrate(database)).rejects.toThrow(/takes no writes just now/);
    } finally {
      await endReadOnly(admin);
    }
    // Nobody ends the old sessions.
    await until('writes to be taken again', () => takesWrites(database), HEALED_WITHIN);
    for (let again = 0; again < 10; again++) expect(await takesWrites(database)).toBe(true);
    expect(await check()).toEqual([]);
  });

  test('a look at whether it takes writes throws a read-only session away, too', async () => {
    const database = await open();
    const admin = await open();
    await admin.query(`alter database ${name()} set default_transaction_read_only = on`);
    await cutAll(admin);
    await until('the look to see it', () => database.takesWrites().then((takes) => !takes));
    await endReadOnly(admin);
    expect(await database.takesWrites()).toBe(true);
  });

  test('all cut at once: the next statements go through on new ones', async () => {
    const database = await open();
    const admin = await open();
    await fillPool(database);
    const held = database.transaction((tx) => tx.query('select pg_sleep(5)'));
    held.catch(() => undefined);
    await until('the statement to run', async () => {
      const rows = await admin.query(
        `select 1 from pg_stat_activity where query like '%pg_sleep(5)%' and datname = $1`,
        [name()],
      );
      return rows.length > 1;
    });
    await cutAll(admin);
    await expect(held).rejects.toThrow();
    await until('writes to be taken again', () => takesWrites(database), HEALED_WITHIN);
    for (let again = 0; again < 10; again++) expect(await takesWrites(database)).toBe(true);
  });

  test('a server that is killed and comes back is written to again', async () => {
    if (server.crash === null) return;
    const database = await open();
    await fillPool(database);
    const check = createDatabaseCheck(database);
    await server.crash(async () => {
      await until('the loss to show', async () => (await check()).join() === 'database');
      expect(await takesWrites(database)).toBe(false);
    });
    await until('writes to be taken again', () => takesWrites(database), HEALED_WITHIN);
    await until('the check to say so', async () => (await check()).length === 0, HEALED_WITHIN);
  });

  test('behind an address that has moved, silent sessions are given up, all of them after the first', async () => {
    const between = await proxyTo(url);
    cleanups.push(() => between.close());
    const database = await open(between.url);
    await fillPool(database);
    expect(between.connections()).toBeGreaterThan(4);
    between.silence();
    const began = performance.now();
    await expect(database.query(WRITE)).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await takesWrites(database)).toBe(true);
    expect(performance.now() - began).toBeLessThan(10_500);
  });

  test('a server that hangs makes the check say so within its time, and every statement end within 10 s', async () => {
    const between = await proxyTo(url);
    cleanups.push(() => between.close());
    const database = await open(between.url);
    const check = createDatabaseCheck(database);
    await fillPool(database);
    between.hang();
    const began = performance.now();
    const [asked, ...ended] = await Promise.all([
      check().then((faults) => [faults, performance.now() - began] as const),
      ...Array.from({ length: 12 }, () => takesWrites(database).then(() => performance.now() - began)),
    ]);
    expect(asked[0]).toEqual(['database']);
    expect(asked[1]).toBeLessThan(4_000);
    expect(Math.max(...ended)).toBeLessThan(15_000);
    between.answer();
    await until('writes to be taken again', () => takesWrites(database), HEALED_WITHIN);
  });

  test('a statement may take 8 s and no longer, unless it is a migration', async () => {
    const database = await open();
    const [row] = await database.query<{ statement_timeout: string }>('show statement_timeout');
    expect(row?.statement_timeout).toBe('8s');
    const migrating = await database.kysely
      .transaction()
      .execute((tx) => sql<{ statement_timeout: string }>`show statement_timeout`.execute(tx));
    expect(migrating.rows).toEqual([{ statement_timeout: '0' }]);
  });
});

describe('a connection that is cut in the moment it opens', () => {
  test('is an error of the statement, and ends nothing else', async () => {
    const farewell = await startFarewellServer();
    const lost: unknown[] = [];
    const note = (error: unknown): void => void lost.push(error);
    process.on('uncaughtException', note);
    try {
      const url = `postgres://nobody:secret@127.0.0.1:${String((farewell.address() as AddressInfo).port)}/nothing`;
      for (let again = 0; again < 20; again++)
        await expect(openDatabase({ url })).rejects.toThrow("The database of DATABASE_URL can't be reached");
      expect(lost).toEqual([]);
    } finally {
      process.off('uncaughtException', note);
      farewell.close();
    }
  });
});

test.each([
  ['25006', true],
  ['57P01', true],
  ['57P02', true],
  ['57P03', true],
  ['08006', true],
  ['08P01', true],
  ['ECONNRESET', true],
  // Five capitals as well, and no SQLSTATE.
  ['EPIPE', true],
  [undefined, true],
  ['23505', false],
  ['40001', false],
  ['57014', false],
  ['XX000', false],
  ['P0001', false],
])('an error with the code %s ends its session: %s', (code, ends) => {
  expect(endsSession(Object.assign(new Error('said'), code === undefined ? {} : { code }))).toBe(ends);
});

test('the check asks once for all who ask at the same moment, and again after a second', async () => {
  let asked = 0;
  let now = 0;
  const check = createDatabaseCheck({ takesWrites: () => Promise.resolve(++asked % 2 === 1) }, () => now);
  expect(await Promise.all([check(), check(), check()])).toEqual([[], [], []]);
  expect(await check()).toEqual([]);
  expect(asked).toBe(1);
  now = 1_000;
  expect(await check()).toEqual(['database_read_only']);
  expect(asked).toBe(2);
});

/** Lets anybody in, says that it is ready and goodbye, all in one packet. */
async function startFarewellServer(): Promise<Server> {
  const message = (type: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.write(type, 0, 'latin1');
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const packet = Buffer.concat([
    message('R', Buffer.alloc(4)),
    message('Z', Buffer.from('I')),
    message('E', Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')),
  ]);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(packet));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

interface Between {
  readonly url: string;
  connections(): number;
  /** Those that are open now say nothing more; new ones are served: the address has moved. */
  silence(): void;
  /** Nobody is served. */
  hang(): void;
  /** Everybody is, those who waited too. */
  answer(): void;
  close(): Promise<void>;
}

/** Stands between us and a server, as a network does. */
async function proxyTo(url: string): Promise<Between> {
  const target = new URL(url);
  const pairs = new Set<readonly [Socket, Socket]>();
  let hanging = false;
  const hush = (pair: readonly Socket[]): void => {
    for (const socket of pair) socket.pause();
  };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
    if (hanging) hush(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(url);
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    connections: () => pairs.size,
    silence: () => {
      pairs.forEach(hush);
    },
    hang: () => {
      hanging = true;
      pairs.forEach(hush);
    },
    answer: () => {
      hanging = false;
      pairs.forEach((pair) => {
        for (const socket of pair) socket.resume();
      });
    },
    close: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
