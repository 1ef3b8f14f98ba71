import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { removeDataDir, startHerald, temporaryDataDir, type Herald } from '../support/app.js';
import { kitJourney } from '../support/journey.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const SOON = { seconds: 10, everyMs: 100 };

describe('a failover of the database', () => {
  let server: TestPostgres;
  let url: string;
  let dataDir: string;
  let herald: Herald;

  beforeAll(async () => {
    server = await startPostgres();
    url = await server.freshUrl();
    dataDir = temporaryDataDir();
    herald = await startHerald(dataDir, { DATABASE_URL: url });
  });
  afterAll(async () => {
    await herald.stop();
    await server.stop();
    removeDataDir(dataDir);
  });

  const post = async () => (await herald.post(kitJourney().events['kit.registered'])).status;
  const readyz = async () => {
    const response = await fetch(`${herald.runtime.receiver}/readyz`);
    return { code: response.status, ...((await response.json()) as { missing: string[] }) };
  };
  const health = async () =>
    ((await (await fetch(`${herald.runtime.receiver}/webhooks/health`)).json()) as { status: string }).status;
  const lines = (sentence: string) =>
    herald
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { msg: string; missing?: string[] })
      .filter(({ msg }) => msg === sentence);
  const sql = async (...statements: string[]) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  const name = () => new URL(url).pathname.slice(1);

  test('to a server that takes no writes: 503, not ready, degraded, in the log; and it heals by itself in 10 s', async () => {
    expect(await post()).toBe(200);
    expect(await readyz()).toMatchObject({ code: 200, missing: [] });
    const before = lines('ready and healthy').length;

    await sql(
      `alter database ${name()} set default_transaction_read_only = on`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name()}' and pid <> pg_backend_pid()`,
    );
    await until('webhooks to be refused', async () => (await post()) === 503, SOON);
    await until('readiness to say so', async () => (await readyz()).code === 503, SOON);
    expect((await readyz()).missing).toEqual(['database_read_only']);
    expect(await health()).toBe('degraded');
    await until('the log to say so', () => lines('not ready: webhooks are refused').length > 0, SOON);
    for (let again = 0; again < 20; again++) expect(await post()).toBe(503);

    // Whoever is in already stays read-only, and nobody ends them.
    await sql(
      'set default_transaction_read_only = off',
      `alter database ${name()} reset default_transaction_read_only`,
    );
    await until('webhooks to be taken again', async () => (await post()) === 200, SOON);
    await until('readiness to say so', async () => (await readyz()).code === 200, SOON);
    await until('health to be well again', async () => (await health()) === 'healthy', SOON);
    for (let again = 0; again < 20; again++) expect(await post()).toBe(200);
    await until('the log to say so', () => lines('ready and healthy').length > before, SOON);
    const refused = lines('a webhook was refused');
    expect(refused.length).toBeGreaterThan(0);
  });

  test('to a server that was killed and comes back: 503 meanwhile, and it heals by itself in 10 s', async () => {
    if (server.crash === null) return;
    await server.crash(async () => {
      await until('webhooks to be refused', async () => (await post()) === 503, SOON);
      await until('readiness to say so', async () => (await readyz()).missing.join() === 'database', SOON);
      expect(await health()).toBe('degraded');
    });
    await until('webhooks to be taken again', async () => (await post()) === 200, SOON);
    await until('readiness to say so', async () => (await readyz()).code === 200, SOON);
    await until('health to be well again', async () => (await health()) === 'healthy', SOON);
  });

  test('whatever came in before, between or after is told in the end', async () => {
    const kit = kitJourney();
    expect((await herald.post(kit.events['kit.registered'])).status).toBe(200);
    await sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name()}' and pid <> pg_backend_pid()`,
    );
    await until('the email', async () => {
      const told = await herald.told(kit.barcode).catch(() => null);
      return told?.notifications.some(({ status }) => status === 'sent');
    });
    expect(herald.child.exitCode).toBeNull();
  });
});
