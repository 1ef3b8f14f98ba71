import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { giveDatabase, removeDataDir, spawnHerald, startHerald, temporaryDataDir } from '../support/app.js';
import { freePort } from '../support/ports.js';

/** Runs a start that must be refused; its exit code, and what it said. */
async function refused(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const { output, exited } = spawnHerald(['start'], { LOG_LEVEL: 'error', ...env });
  return { code: await exited, said: output() };
}

jest.setTimeout(180_000);

/** What another try may find otherwise: exit code 1, in one line that begins with our name. */
const UNAVAILABLE = { code: 1, said: expect.stringMatching(/^kit-herald: .+\n$/) };
/** What has to be mended first: exit code 2, in its own words. */
const REFUSED = { code: 2, said: expect.not.stringContaining('kit-herald:') };

describe('a start that can not be', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = temporaryDataDir();
    await giveDatabase(dataDir);
  });
  afterAll(() => {
    removeDataDir(dataDir);
  });

  const oneClearMessage = (said: string) => {
    expect(said).not.toMatch(/^\s+at .+:\d+/m); // no stack trace
    expect(said.trim().length).toBeGreaterThan(10);
  };

  test('a broken setting is named, with exit code 2', async () => {
    const { code, said } = await refused({ DATA_DIR: dataDir, KIT_LINGER: 'a fortnight' });
    expect({ code, named: said.includes('KIT_LINGER') }).toEqual({ code: 2, named: true });
    oneClearMessage(said);
  });

  test('production says all that is insecure in one message, with exit code 2', async () => {
    const { code, said } = await refused({ DATA_DIR: dataDir, NODE_ENV: 'production' });
    expect(code).toBe(2);
    for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'ENCRYPTION_KEYS', 'PUBLIC_URL'])
      expect(said).toContain(name);
    oneClearMessage(said);
  });

  test.each(['PORT', 'ADMIN_PORT', 'METRICS_PORT', 'MAILBOX_PORT', 'MAILBOX_SMTP_PORT', 'TEMPORAL_PORT'])(
    'a taken %s is one sentence that names the setting',
    async (setting) => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const port = String((taken.address() as AddressInfo).port);
      const { code, said } = await refused({ DATA_DIR: dataDir, [setting]: port });
      await new Promise((resolve) => taken.close(resolve));
      expect({ code, said }).toEqual(UNAVAILABLE);
      expect(said).toContain(` ${setting} ${port} is taken`);
      oneClearMessage(said);
    },
  );

  test('a database that can not be reached is one sentence, without its password', async () => {
    const port = await freePort();
    const { code, said } = await refused({
      DATA_DIR: dataDir,
      DATABASE_URL: `postgres://someone:hunter22@127.0.0.1:${String(port)}/kits`,
    });
    expect({ code, said }).toEqual(UNAVAILABLE);
    expect(said).toMatch(/database/i);
    expect(said).not.toContain('hunter22');
    oneClearMessage(said);
  });

  test('a Temporal that does not start is one sentence', async () => {
    const { code, said } = await refused({ DATA_DIR: dataDir, TEMPORAL_CLI: '/bin/false' });
    expect({ code, said }).toEqual(UNAVAILABLE);
    expect(said).toMatch(/Temporal's dev server did not start/);
    oneClearMessage(said);
  });

  test.each([
    { TEMPORAL_CLI: '/nowhere/temporal' },
    { TRUST_PROXY: 'the one in front' },
    { C4HXP_ALLOWED_IPS: '10.0.0.0/99' },
  ])('a setting that nothing can be done with is named, with exit code 2: %j', async (setting) => {
    const { code, said } = await refused({ DATA_DIR: dataDir, ...setting });
    expect({ code, said }).toEqual(REFUSED);
    // Alone, or in the list of all that need a change.
    expect(said).toMatch(
      new RegExp(`^(These settings need a change:\\n {2})?${Object.keys(setting).join('')}\\b.*\n$`),
    );
    oneClearMessage(said);
  });

  test('a DATA_DIR in use is refused, and the process that uses it goes on; then a wrong key is refused', async () => {
    const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
    const keys = { ENCRYPTION_KEYS: key('one'), INDEX_KEYS: key('one') };
    const dataDir = temporaryDataDir();
    const herald = await startHerald(dataDir, keys);
    const second = await refused({ DATA_DIR: dataDir, ...keys });
    expect(second).toEqual(UNAVAILABLE);
    expect(second.said).toContain('DATA_DIR');
    oneClearMessage(second.said);
    expect((await fetch(`${herald.runtime.receiver}/livez`)).status).toBe(200);
    expect(await herald.stop()).toBe(0);

    const wrong = await refused({ DATA_DIR: dataDir, ...keys, ENCRYPTION_KEYS: key('one') });
    expect(wrong).toEqual(REFUSED);
    expect(wrong.said).toMatch(/ENCRYPTION_KEYS/);
    oneClearMessage(wrong.said);
    removeDataDir(dataDir);
  });
});
