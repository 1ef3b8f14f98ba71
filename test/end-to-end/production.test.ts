import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeDataDir, type Runtime, spawnHerald, temporaryDataDir, webhook } from '../support/app.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const SECRET = 'c39b1f0e7d2a4586a1b2c3d4';

/** An empty variable means “not set”: the secret that tests sign with is refused in production. */
const OF_NO_TEST = { C4HXP_WEBHOOK_SECRET: '' };

/** The first steps of docs/production.md: what init writes is what a receiver starts with. */
describe('from an empty folder to a receiver in production', () => {
  let folder: string;
  let postgres: TestPostgres;
  const run = async (...args: readonly string[]) => {
    const { exited, output } = spawnHerald(args, OF_NO_TEST, folder);
    return { code: await exited, said: output() };
  };

  beforeAll(async () => {
    folder = temporaryDataDir();
    postgres = await startPostgres();
    writeFileSync(join(folder, 'database-url'), `${await postgres.freshUrl()}\n`);
    writeFileSync(join(folder, 'webhook-secret'), `${SECRET}\n`);
    writeFileSync(join(folder, 'smtp-url'), 'smtps://mail.example.com:465\n');
  });
  afterAll(async () => {
    await postgres.stop();
    removeDataDir(folder);
  });

  test('a .env of init and secrets by file take a webhook in, over the proxy only', async () => {
    const settings = {
      DATA_DIR: join(folder, 'data'),
      DATABASE_URL_FILE: join(folder, 'database-url'),
      C4HXP_WEBHOOK_SECRET_FILE: join(folder, 'webhook-secret'),
      SMTP_URL_FILE: join(folder, 'smtp-url'),
      TEMPORAL_ADDRESS: 'localhost:7233',
      C4HXP_ALLOWED_IPS: '203.0.113.0/24',
      TRUST_PROXY: 'loopback',
      PUBLIC_URL: 'https://notify.example.com',
      PORTAL_URL: 'https://portal.example.com',
      EMAIL_FROM: 'Acme Health <kits@example.com>',
      SUPPORT_EMAIL: 'help@example.com',
      POSTAL_ADDRESS: '1 Road, Town',
      ALERT_EMAIL: 'oncall@example.com',
    };
    const init = await run(
      'init',
      ...Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    );
    expect(init).toMatchObject({ code: 0, said: expect.stringContaining('Nothing is missing') });
    expect(await run('migrate')).toMatchObject({ code: 0, said: expect.stringContaining('Applied: ') });

    const receiver = spawnHerald(['receiver'], OF_NO_TEST, folder);
    try {
      const { receiver: origin } = await until(
        'the receiver',
        () => JSON.parse(readFileSync(join(settings.DATA_DIR, 'runtime.json'), 'utf8')) as Runtime,
        { seconds: 60 },
      );
      expect((await fetch(`${origin}/readyz`)).status).toBe(200);
      const raw = webhook('kit.registered', { kit_barcode: 'TEST00000001' });
      const post = (headers: Record<string, string>) =>
        fetch(`${origin}/webhooks/c4hxp`, {
          method: 'POST',
          body: raw,
          headers: {
            'content-type': 'application/json',
            'x-c4hxp-signature': `sha256=${createHmac('sha256', SECRET).update(raw).digest('hex')}`,
            ...headers,
          },
        });
      // As nginx of docs/production.md says who asked, and how.
      const byProxy = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };
      expect((await post(byProxy)).status).toBe(200);
      expect((await post({ ...byProxy, 'x-forwarded-proto': 'http' })).status).toBe(403);
      expect((await post({ ...byProxy, 'x-forwarded-for': '198.51.100.1' })).status).toBe(403);
    } finally {
      receiver.child.kill('SIGTERM');
    }
    expect(await receiver.exited).toBe(0);
  });
});
