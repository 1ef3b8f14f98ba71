import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/host/processes.js';
import { removeDataDir, spawnHerald, startHeraldOn, temporaryDataDir, type Herald } from '../support/app.js';
import { kitJourney } from '../support/journey.js';
import { pidIn } from '../support/pid-in.js';
import { until } from '../support/until.js';

describe('kit-herald start, with nothing configured', () => {
  let dataDir: string;
  let herald: Herald;
  const temporalPid = () => pidIn(join(dataDir, 'temporal.pid'));
  const runtimeFile = () => statSync(join(dataDir, 'runtime.json'), { throwIfNoEntry: false });

  beforeAll(() => {
    dataDir = temporaryDataDir();
  });
  afterEach(async () => {
    await herald.stop();
  });
  afterAll(() => {
    removeDataDir(dataDir);
  });

  test('tells where everything is, in a file for this user alone and in one printed block', async () => {
    herald = await startHeraldOn(dataDir);
    const { runtime } = herald;
    expect(Object.keys(runtime)).toEqual([
      'pid',
      'receiver',
      'admin',
      'adminToken',
      'temporalAddress',
      'temporalNamespace',
      'temporalUi',
      'mailbox',
      'smtp',
      'metrics',
    ]);
    expect((runtimeFile()?.mode ?? 0) & 0o777).toBe(0o600);
    await until('the block', () => herald.output().includes('is ready'));
    for (const address of [runtime.receiver, runtime.admin, runtime.temporalUi, runtime.mailbox, runtime.metrics])
      expect(herald.output()).toContain(address);
    expect(herald.output()).not.toContain(runtime.adminToken);

    expect((await fetch(`${runtime.receiver}/readyz`)).status).toBe(200);
    expect((await fetch(`${runtime.admin}/readyz`)).status).toBe(200);
    for (const page of [runtime.temporalUi, runtime.mailbox]) expect((await fetch(page ?? '')).status).toBe(200);
    const metrics = await (await fetch(runtime.metrics)).text();
    expect(metrics).toContain('kit_herald_backlog 0');
    // Those of the partner's API, which isn't configured, and those that are first counted are not there yet.
    const documented = readFileSync('docs/monitoring.md', 'utf8').matchAll(/^\| `(kit_herald_\w+)`/gm);
    const absent = [...documented].filter(([, name = '']) => !metrics.includes(`# TYPE ${name} `));
    expect(absent.map(([, name]) => name)).toEqual([
      'kit_herald_admin_refused_total',
      'kit_herald_email_reports_total',
      'kit_herald_partner_questions_total',
    ]);
    await until("the worker's own metrics", async () =>
      (await (await fetch(runtime.metrics)).text()).includes('temporal_worker_start'),
    );
  });

  test('a webhook reaches the embedded mailbox, and its emails are gone when it stops', async () => {
    herald = await startHeraldOn(dataDir);
    const kit = kitJourney();
    expect((await herald.post(kit.events['kit.registered'])).status).toBe(200);
    const emails = await until('the email', async () => {
      const list = await (await fetch(`${herald.runtime.mailbox ?? ''}/api/email`)).text();
      return list.includes(kit.patient.email) && list;
    });
    expect(emails).toContain('Your kit is registered');
    await until('the metric of how long it took', async () =>
      (await (await fetch(herald.runtime.metrics)).text()).includes(
        'kit_herald_email_after_webhook_seconds_count{kind="kit.registered"} 1',
      ),
    );
  });

  test("a process group's SIGTERM, which comes twice, is one: exit 0, nothing left behind", async () => {
    herald = await startHeraldOn(dataDir);
    const temporal = temporalPid();
    herald.child.kill('SIGTERM');
    herald.child.kill('SIGTERM');
    expect(await herald.stop()).toBe(0);
    expect(runtimeFile()).toBeUndefined();
    await until("Temporal's server to be gone", () => !isAlive(temporal));
    expect(herald.output()).not.toMatch(/"level":"(?:error|fatal)"/);
  });

  test('after a kill -9 the server that was left behind is ended, and a new token is made', async () => {
    herald = await startHeraldOn(dataDir);
    const { runtime } = herald;
    const orphan = temporalPid();
    await herald.kill();
    expect(isAlive(orphan)).toBe(true);
    herald = await startHeraldOn(dataDir);
    await until('the orphan to be gone', () => !isAlive(orphan));
    expect(herald.runtime.adminToken).not.toBe(runtime.adminToken);
    expect((await fetch(`${herald.runtime.receiver}/readyz`)).status).toBe(200);
  });
});

describe('the command line', () => {
  const run = async (args: string[], env: Record<string, string> = {}) => {
    const { output, exited } = spawnHerald(args, { LOG_LEVEL: 'error', ...env });
    return { code: await exited, said: output() };
  };

  test('a command that does not exist and an option that does not exist are wrong usage', async () => {
    expect(await run(['strat'])).toMatchObject({ code: 2, said: expect.stringContaining('start') });
    expect(await run(['start', '--fast'])).toMatchObject({ code: 2, said: expect.stringContaining('--fast') });
    expect(await run(['--help'])).toMatchObject({ code: 0, said: expect.stringContaining('told') });
  });

  test.each(['receiver', 'worker'])('kit-herald %s says that it needs a database it can share', async (role) => {
    const { code, said } = await run([role], { DATA_DIR: temporaryDataDir() });
    expect(code).toBe(2);
    expect(said).toMatch(/^kit-herald \w+ needs DATABASE_URL: .*\n$/);
  });

  test('a .env in the working directory is read, the environment wins, and one line says so on stderr', async () => {
    const DATA_DIR = temporaryDataDir();
    writeFileSync(join(DATA_DIR, '.env'), 'export SMTP_URL="smtp://127.0.0.1:9"\r\nKIT_LINGER=soon\nnonsense\n');
    const { output, exited } = spawnHerald(['doctor', '--json'], { DATA_DIR, KIT_LINGER: '14d' }, DATA_DIR);
    expect(await exited).toBe(1);
    const [line, fault, ...json] = output().split('\n');
    expect(line).toBe('Settings are read from .env too (1 of them; what the environment says wins).');
    expect(fault).toBe('.env, line 3 is no NAME=value, and is left out.');
    const { findings } = JSON.parse(json.join('\n')) as { findings: { what: string; good: boolean }[] };
    expect(findings.filter(({ good }) => !good).map(({ what }) => what)).toEqual(['mail server']);

    rmSync(join(DATA_DIR, '.env'));
    mkdirSync(join(DATA_DIR, '.env'));
    const unreadable = spawnHerald(['doctor'], { DATA_DIR }, DATA_DIR);
    expect(await unreadable.exited).toBe(2);
    expect(unreadable.output()).toMatch(/^\.env can't be read \(.*\n$/);
    removeDataDir(DATA_DIR);
  });

  test('migrate makes the schema and then finds it up to date; rebuild and doctor work on it', async () => {
    const DATA_DIR = temporaryDataDir();
    expect(await run(['migrate'], { DATA_DIR })).toMatchObject({ code: 0, said: expect.stringContaining('001') });
    expect(await run(['migrate'], { DATA_DIR })).toMatchObject({ code: 0, said: 'The database is up to date.\n' });
    expect(await run(['rebuild'], { DATA_DIR })).toMatchObject({ code: 0, said: expect.stringMatching(/^0 open/) });
    const doctor = await run(['doctor', '--json'], { DATA_DIR, SMTP_URL: 'smtp://127.0.0.1:9' });
    expect(doctor.code).toBe(1);
    const { findings } = JSON.parse(doctor.said) as { findings: { what: string; good: boolean }[] };
    expect(findings.filter(({ good }) => !good).map(({ what }) => what)).toEqual(['mail server']);
    removeDataDir(DATA_DIR);
  });

  test('a templates folder that can not be understood is refused before anything starts', async () => {
    const DATA_DIR = temporaryDataDir();
    const { code, said } = await run(['start'], { DATA_DIR, EMAIL_TEMPLATES_DIR: '/nowhere' });
    expect(code).toBe(2);
    expect(said).toContain('EMAIL_TEMPLATES_DIR');
    removeDataDir(DATA_DIR);
  });
});
