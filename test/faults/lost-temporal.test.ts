import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeDataDir, startHerald, temporaryDataDir, webhook, type Herald } from '../support/app.js';
import { kitJourney } from '../support/journey.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

/** The same event of the partner's under another webhook id. */
function underNewId(raw: string): string {
  const { event, data } = JSON.parse(raw) as { event: string; data: object };
  return webhook(event, data);
}

jest.setTimeout(180_000);

describe('what a journey remembers when its workflow is gone', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;

  const start = async (env: Record<string, string> = {}) => {
    herald = await startHerald(dataDir, { SMTP_URL: smtp.url, ...env });
  };
  const fresh = async (env: Record<string, string> = {}) => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    await start(env);
  };
  afterEach(async () => {
    await herald.stop();
    await smtp.close();
    removeDataDir(dataDir);
  });

  const status = async (barcode: string, kind: string) =>
    (await herald.told(barcode))?.notifications.find((notification) => notification.kind === kind)?.status;
  const told = (barcode: string, kind: string) =>
    until(`${kind} of ${barcode} to be sent`, async () => (await status(barcode, kind)) === 'sent');
  const relayed = (barcode: string, webhooks: number) =>
    until(`${String(webhooks)} webhooks of ${barcode} to be relayed`, async () => {
      const rows = (await herald.told(barcode))?.webhooks ?? [];
      return rows.length === webhooks && rows.every((row) => row.status === 'relayed');
    });
  const withTemporal = async <T>(use: (client: Client) => Promise<T>): Promise<T> => {
    const connection = await Connection.connect({ address: herald.runtime.temporalAddress });
    try {
      return await use(new Client({ connection, namespace: herald.runtime.temporalNamespace }));
    } finally {
      await connection.close();
    }
  };

  test('a webhook that comes again after the workflow has ended tells nobody twice, and the journey goes on', async () => {
    await fresh({ KIT_LINGER: '1s' });
    const kit = kitJourney();
    await herald.post(kit.events['results.available']);
    await told(kit.barcode, 'results.available');
    await until('the workflow to end', () =>
      withTemporal(async (client) => {
        const { status: run } = await client.workflow.getHandle(`kit:${kit.barcode}`).describe();
        return run.name === 'COMPLETED';
      }),
    );
    await herald.post(kit.events['results.available']);
    await herald.post(underNewId(kit.events['results.available']));
    await relayed(kit.barcode, 2);
    await herald.post(kit.events['results.reviewed']);
    await told(kit.barcode, 'results.reviewed');
    expect(smtp.subjectsTo(kit.patient.email)).toEqual([
      expect.stringMatching(/results are ready/),
      expect.stringMatching(/review has been added/),
    ]);
  });

  test('a terminated workflow starts again with what it knew', async () => {
    await fresh();
    const kit = kitJourney();
    await herald.post(kit.events['kit.registered']);
    await told(kit.barcode, 'kit.registered');
    await withTemporal((client) => client.workflow.getHandle(`kit:${kit.barcode}`).terminate('a test'));
    await herald.post(underNewId(kit.events['kit.registered']));
    await herald.post(kit.events['kit.received_lab']);
    await told(kit.barcode, 'kit.received_lab');
    expect(smtp.subjectsTo(kit.patient.email)).toHaveLength(2);
  });

  test("after Temporal's whole store was deleted, nobody is told twice and what waited goes out by itself", async () => {
    await fresh();
    const done = kitJourney();
    const waiting = kitJourney();
    smtp.behave((address) => (address === waiting.patient.email ? { code: 450, text: '4.7.1 Greylisted' } : undefined));
    await herald.post(done.events['kit.registered']);
    await herald.post(waiting.events['kit.registered']);
    await told(done.barcode, 'kit.registered');
    await until(
      'the greylisted email to wait',
      async () => (await status(waiting.barcode, 'kit.registered')) === 'deferred',
    );

    await herald.stop();
    for (const file of readdirSync(dataDir).filter((name) => /temporal.*(db|sqlite)/.test(name)))
      rmSync(join(dataDir, file), { recursive: true });
    smtp.behave(() => undefined);
    await start();

    await told(waiting.barcode, 'kit.registered'); // no further webhook
    await herald.post(done.events['kit.registered']); // same id
    await herald.post(underNewId(done.events['kit.registered'])); // new id
    await herald.post(done.events['kit.received_lab']);
    await told(done.barcode, 'kit.received_lab');
    expect(smtp.subjectsTo(done.patient.email)).toHaveLength(2);
    expect(smtp.subjectsTo(waiting.patient.email)).toHaveLength(1);
  });
});
