import { cpus, loadavg } from 'node:os';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { removeDataDir, spawnHerald, startHerald, temporaryDataDir, type Herald } from '../support/app.js';
import { kitJourney } from '../support/journey.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const SOON = { seconds: 10, everyMs: 100 };
const keys = (): string => `failover:${randomBytes(32).toString('base64')}`;

let server: TestPostgres;
let url: string;
let smtp: SmtpSink;
let dataDir: string;
let herald: Herald;
/** What processes of one installation share. */
let shared: Readonly<Record<string, string>>;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.freshUrl();
  smtp = await startSmtpSink();
  dataDir = temporaryDataDir();
  shared = { DATABASE_URL: url, SMTP_URL: smtp.url, ENCRYPTION_KEYS: keys(), INDEX_KEYS: keys() };
  herald = await startHerald(dataDir, shared);
});
afterAll(async () => {
  await herald.stop();
  await smtp.close();
  await server.stop();
  removeDataDir(dataDir);
});

const sql = async (...statements: string[]): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  let rows: Record<string, unknown>[] = [];
  for (const statement of statements) ({ rows } = await client.query(statement));
  await client.end();
  return rows;
};

describe('a failover of the database', () => {
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
    }).catch((error: unknown) => {
      throw new Error(herald.output(), { cause: error });
    });
    expect(herald.child.exitCode).toBeNull();
  });
});

describe('a worker that is killed in mid-SMTP while another lives', () => {
  const TAKEN_OVER_WITHIN_MS = 15_000;

  test('is taken over: its email goes on within 15 s, with the same Message-ID, and marked', async () => {
    const [living] = await sql(`select owner from processes where beat_at > now() - interval '12 seconds'`);
    const other = temporaryDataDir();
    const worker = spawnHerald(['worker'], {
      ...shared,
      DATA_DIR: other,
      TEMPORAL_ADDRESS: herald.runtime.temporalAddress,
      TEMPORAL_NAMESPACE: herald.runtime.temporalNamespace,
    });
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    smtp.take(() => ({ after: released, answer: true }));
    try {
      /** The email that the second worker has handed over and has no answer to. */
      const inItsHands = async (): Promise<string | undefined> => {
        const [row] = await sql(
          `select message_id from notifications where status = 'sending' and handing_over and owner <> '${String(living?.['owner'])}'`,
        );
        const id = row?.['message_id'];
        return smtp.mails.some(({ messageId }) => messageId === id) ? String(id) : undefined;
      };
      const id = await until(
        'the second worker to be in mid-SMTP',
        async () => {
          // Whoever is free takes it: another one until it is the second worker.
          await herald.post(kitJourney().events['kit.registered']);
          return await until('an email of its', inItsHands, { seconds: 2, everyMs: 100 }).catch(() => undefined);
        },
        { seconds: 60 },
      );
      worker.child.kill('SIGKILL');
      const killed = Date.now();
      await worker.exited;
      release();
      const copies = () => smtp.mails.filter(({ messageId }) => messageId === id);
      await until('the email to go on', () => copies().length > 1, { seconds: 30, everyMs: 100 });
      // On a machine with more to do than it has cores everything takes longer.
      const stretched = Math.max(1, (loadavg()[0] ?? 0) / cpus().length);
      expect((copies()[1]?.at ?? Infinity) - killed).toBeLessThan(TAKEN_OVER_WITHIN_MS * stretched);
      const row = await until('the row to be settled', async () => {
        const [now] = await sql(`select status, possibly_duplicate from notifications where message_id = '${id}'`);
        return now?.['status'] === 'sending' ? undefined : now;
      });
      expect(row).toEqual({ status: 'sent', possibly_duplicate: true });
      expect(copies()).toHaveLength(2);
    } finally {
      release();
      worker.child.kill('SIGKILL');
      await worker.exited;
      removeDataDir(other);
    }
  });
});
