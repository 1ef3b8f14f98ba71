import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { removeDataDir, startHerald, temporaryDataDir, type Herald } from '../support/app.js';
import { kitJourney } from '../support/journey.js';
import { freePort } from '../support/ports.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { startTestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

describe('while something that kit-herald needs is away', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const dataDir = () => {
    const made = temporaryDataDir();
    cleanups.push(async () => {
      removeDataDir(made);
      return Promise.resolve();
    });
    return made;
  };
  const run = async (dir: string, env: Record<string, string>): Promise<Herald> => {
    const herald = await startHerald(dir, env);
    cleanups.push(() => herald.stop());
    return herald;
  };
  const sink = async (port = 0): Promise<SmtpSink> => {
    const smtp = await startSmtpSink({ port });
    cleanups.push(() => smtp.close());
    return smtp;
  };

  test('no Temporal at the start: webhooks are kept, health says degraded, and all is told once it comes', async () => {
    const smtp = await sink();
    // On a port that is known beforehand; no second kit-herald on it, since its worker would take this one's emails.
    const port = await freePort();
    const late = { TEMPORAL_ADDRESS: `127.0.0.1:${String(port)}`, SMTP_URL: smtp.url };
    const herald = await run(dataDir(), late);
    const kits = Array.from({ length: 5 }, () => kitJourney());
    for (const kit of kits) expect((await herald.post(kit.events['kit.registered'])).status).toBe(200);
    expect((await fetch(`${herald.runtime.receiver}/readyz`)).status).toBe(200);
    await until('health to say degraded', async () => {
      const health = (await (await fetch(`${herald.runtime.receiver}/webhooks/health`)).json()) as { status: string };
      return health.status === 'degraded';
    });
    expect(smtp.mails).toHaveLength(0);

    const temporal = await startTestTemporal({ port });
    cleanups.push(() => temporal.close());
    await until('all to be told', () => smtp.mails.length === kits.length, { seconds: 60 });
    for (const kit of kits) expect(smtp.subjectsTo(kit.patient.email)).toHaveLength(1);
  });

  test('no mail server: nothing is lost, the attempts are visible, and the email goes out when it is back', async () => {
    const port = await freePort();
    const herald = await run(dataDir(), { SMTP_URL: `smtp://127.0.0.1:${String(port)}` });
    const kit = kitJourney();
    await herald.post(kit.events['kit.registered']);
    await until('an attempt to fail', async () => {
      const row = (await herald.told(kit.barcode))?.notifications[0];
      return row?.status === 'deferred' && row.attempts >= 1;
    });
    const smtp = await sink(port);
    await until('the email', () => smtp.subjectsTo(kit.patient.email).length === 1);
    await until('told to say so', async () => (await herald.told(kit.barcode))?.notifications[0]?.status === 'sent');
  });
});
