import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { removeDataDir, startHerald, temporaryDataDir, type Herald } from '../support/app.js';
import { kitJourney, shuffled } from '../support/journey.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

const page = (name: string) => readFileSync(new URL(`../fixtures/c4hxp-page/${name}.json`, import.meta.url), 'utf8');

/** Kinds that `told` says went out, in no particular order. */
const sentKinds = (told: { notifications: { kind: string; status: string }[] }) =>
  told.notifications.filter(({ status }) => status === 'sent').map(({ kind }) => kind);

jest.setTimeout(120_000);

describe('a webhook becomes an email', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;

  beforeAll(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    herald = await startHerald(dataDir, { SMTP_URL: smtp.url, TOO_LATE: 'off' });
  });
  afterAll(async () => {
    await herald.stop();
    await smtp.close();
    removeDataDir(dataDir);
  });

  /** All that came in was carried on, nothing waits, and the word of results has been handed over. */
  const settledKit = (barcode: string, state: string) =>
    until(`kit ${barcode} to settle in ${state}`, async () => {
      const told = await herald.told(barcode);
      if (told?.state !== state || told.webhooks.some(({ status }) => status === 'pending')) return undefined;
      const waiting = told.notifications.some(({ status }) => status === 'sending' || status === 'deferred');
      return !waiting && sentKinds(told).some((kind) => kind === state) ? told : undefined;
    });

  test("the partner page's own four payloads, byte for byte, become the emails that they should", async () => {
    for (const name of ['order.created', 'order.shipped', 'kit.registered', 'results.available']) {
      const response = await herald.post(page(name));
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ received: true });
    }
    const told = await settledKit('123456789012', 'results.available');
    expect(smtp.subjectsTo('jane@example.com').filter((subject) => /results are ready/.test(subject))).toHaveLength(1);
    const kinds = told.notifications.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['order.shipped', 'kit.registered', 'results.available']));
    expect(sentKinds(told)).toContain('results.available');
    expect(told.webhooks).toHaveLength(4);
  });

  test('a kit goes through its whole journey, one email at each step, each told with its cause', async () => {
    const kit = kitJourney();
    const steps: [keyof typeof kit.events, string | null][] = [
      ['order.created', null],
      ['order.confirmed', 'order.confirmed'],
      ['order.shipped', 'order.shipped'],
      ['kit.registered', 'kit.registered'],
      ['kit.received_lab', 'kit.received_lab'],
      ['kit.processing_started', 'kit.processing_started'],
      ['kit.processing_completed', null],
      ['results.available', 'results.available'],
      ['results.reviewed', 'results.reviewed'],
    ];
    for (const [event, kind] of steps) {
      expect((await herald.post(kit.events[event])).status).toBe(200);
      if (kind !== null)
        await until(`${kind} to be told`, async () => {
          const told = [...(await herald.toldAll(kit.barcode)), ...(await herald.toldAll(kit.order))];
          return told.some((subject) => sentKinds(subject).includes(kind));
        });
    }
    const told = await settledKit(kit.barcode, 'results.reviewed');
    expect(sentKinds(told).sort()).toEqual(steps.flatMap(([, kind]) => kind ?? []).sort());
    expect(told.order).toBe(kit.order);
    expect(told.needsAttention).toBeNull();
    expect(smtp.subjectsTo(kit.recipient.email)).toHaveLength(2);
    expect(smtp.subjectsTo(kit.patient.email)).toHaveLength(5);
    for (const notification of told.notifications.filter(({ status }) => status === 'sent')) {
      expect(notification.cause).toMatch(/^wh_/);
      expect(notification.to).not.toContain(kit.barcode);
    }
  });

  test.each([1, 2, 3, 4])(
    'order and kit events in any order, each twice: the same state, no kind twice, one first word (order %i)',
    async (seed) => {
      const kit = kitJourney();
      const events = shuffled([...Object.values(kit.events), ...Object.values(kit.events)], seed);
      const responses = await Promise.all(events.map((event) => herald.post(event)));
      expect(responses.every(({ status }) => status === 200)).toBe(true);
      const told = await settledKit(kit.barcode, 'results.reviewed');
      const sent = sentKinds(told);
      expect(new Set(sent).size).toBe(sent.length);
      const subjects = smtp.subjectsTo(kit.patient.email);
      expect(subjects.filter((subject) => /results are ready/.test(subject))).toHaveLength(1);
      expect(new Set(subjects).size).toBe(subjects.length);
      for (const { status, reason } of told.notifications)
        expect(status === 'sent' ? reason === null : reason !== null).toBe(true);
    },
  );

  test('the same webhook again, under its own id, is counted and tells nobody again', async () => {
    const kit = kitJourney();
    await herald.post(kit.events['kit.registered']);
    await until(
      'the registration to be told',
      async () => sentKinds((await herald.told(kit.barcode)) ?? { notifications: [] }).length === 1,
    );
    for (let again = 0; again < 5; again++) expect((await herald.post(kit.events['kit.registered'])).status).toBe(200);
    const told = await until('the duplicates to be counted', async () => {
      const now = await herald.told(kit.barcode);
      return now?.webhooks[0]?.duplicates === 5 ? now : undefined;
    });
    expect(told.webhooks).toHaveLength(1);
    expect(smtp.subjectsTo(kit.patient.email)).toHaveLength(1);
  });

  test('an email stuck in greylisting holds up nothing that comes after it', async () => {
    const kit = kitJourney();
    smtp.behave((address, attempt) =>
      address === kit.patient.email && attempt === 1
        ? { code: 450, text: '4.7.1 Greylisted, try again later' }
        : undefined,
    );
    await herald.post(kit.events['kit.registered']);
    await until('the first attempt to be greylisted', () => smtp.attempts(kit.patient.email) === 1);
    await herald.post(kit.events['results.available']);
    const told = await settledKit(kit.barcode, 'results.available');
    expect(smtp.subjectsTo(kit.patient.email)).toEqual([expect.stringMatching(/results are ready/)]);
    expect(told.notifications.find(({ kind }) => kind === 'kit.registered')).toMatchObject({
      status: 'not_sent',
      reason: 'superseded',
    });
  });

  test('a mail server that refuses the address parks that email, and a person is asked to look', async () => {
    const kit = kitJourney();
    smtp.behave((address) =>
      address === kit.patient.email ? { code: 550, text: `5.1.1 <${address}> no such user` } : undefined,
    );
    await herald.post(kit.events['kit.registered']);
    const told = await until('attention', async () => {
      const now = await herald.told(kit.barcode);
      return now?.needsAttention ? now : undefined;
    });
    expect(told.notifications).toEqual([
      expect.objectContaining({ kind: 'kit.registered', status: 'failed', reason: 'address_refused' }),
    ]);
    expect(JSON.stringify(told)).not.toContain(kit.patient.email);
  });
});
