import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cli, type Said } from '../support/cli.js';
import { removeDataDir, startHerald, temporaryDataDir, webhook, type Herald, type Told } from '../support/app.js';
import { kitJourney, type KitJourney } from '../support/journey.js';
import { freePort } from '../support/ports.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { startTestTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

/** Operators' commands by the CLI, which speaks the admin API, against a real process. */
describe('operators', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let temporal: TestTemporal;
  let herald: Herald;
  let port: number;
  const refused = new Set<string>();

  beforeAll(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    smtp.behave((address) => (refused.has(address) ? { code: 550, text: 'no such mailbox' } : undefined));
    port = await freePort();
    temporal = await startTestTemporal({ port });
    herald = await startHerald(dataDir, {
      SMTP_URL: smtp.url,
      TEMPORAL_ADDRESS: temporal.address,
      RESULTS_RELEASE: 'reviewed',
    });
  });
  afterAll(async () => {
    await herald.stop();
    await temporal.close();
    await smtp.close();
    removeDataDir(dataDir);
  });

  const operate = (...args: readonly string[]): Promise<Said> => cli(dataDir, ...args);
  const rowsOf = (told: Told | null | undefined, kind: string) =>
    told?.notifications.filter((one) => one.kind === kind).map(({ status, reason }) => [status, reason]);
  const becomes = (name: string, kind: string, ...rows: [string, string | null][]): Promise<Told> =>
    until(`${kind} of ${name} to become ${JSON.stringify(rows)}`, async () => {
      const told = (await herald.toldAll(name)).find(({ subject }) => subject.endsWith(`:${name}`));
      return JSON.stringify(rowsOf(told, kind)) === JSON.stringify(rows) ? told : undefined;
    });
  async function ask(path: string): Promise<unknown> {
    const { admin, adminToken } = herald.runtime;
    const response = await fetch(`${admin}${path}`, { headers: { authorization: `Bearer ${adminToken}` } });
    return response.json();
  }
  const commandsKept = async (): Promise<number> =>
    ((await ask('/admin/webhooks?source=operator')) as { webhooks: unknown[] }).webhooks.length;
  async function registered(kit: KitJourney = kitJourney()): Promise<KitJourney> {
    await herald.post(kit.events['kit.registered']);
    return kit;
  }
  async function refusedKit(): Promise<KitJourney> {
    const kit = kitJourney();
    refused.add(kit.patient.email);
    await registered(kit);
    await becomes(kit.barcode, 'kit.registered', ['failed', 'address_refused']);
    const attention = await until('a human to be asked', async () => (await herald.told(kit.barcode))?.needsAttention);
    expect(attention).toContain('refused the address');
    return kit;
  }

  const noLongerAsked = ({ barcode }: KitJourney) =>
    until('nobody to be asked', async () => (await herald.told(barcode))?.needsAttention === null);

  test('release what is held, and hear that it is sent; then send it again to the right address', async () => {
    const kit = await registered();
    await becomes(kit.barcode, 'kit.registered', ['sent', null]);
    await herald.post(kit.events['results.available']);
    await becomes(kit.barcode, 'results.available', ['deferred', 'held_for_review']);
    const released = await operate('kits', 'release', kit.barcode);
    expect(released).toEqual({
      code: 0,
      said: expect.stringMatching(/^Kept as operator:cli_\S+\.\nresults\.available is sent\.$/),
    });
    await becomes(kit.barcode, 'results.available', ['sent', null]);
    expect(smtp.subjectsTo(kit.patient.email)).toContainEqual(expect.stringMatching(/results are ready/));

    const right = `right-${kit.barcode}@example.com`;
    const resent = await operate(
      ...['kits', 'correct-contact', kit.barcode, '--email', right, '--resend', '--kind', 'results.available'],
    );
    expect(resent).toEqual({ code: 0, said: expect.stringContaining('results.available is sent.') });
    const told = await becomes(kit.barcode, 'results.available', ['sent', null], ['sent', null]);
    expect(
      told.notifications.filter(({ kind }) => kind === 'results.available').map(({ to }) => to?.slice(0, 1)),
    ).toEqual([kit.patient.email.slice(0, 1), 'r']);
    expect(smtp.subjectsTo(right)).toHaveLength(1);
    expect(smtp.mails.find(({ recipients }) => recipients.includes(right))?.text).toContain('Hello Jane');
  });

  test('see what failed, what trying all of it again would come to, and do it; again finds nobody, and nobody is told twice', async () => {
    const kits = [await refusedKit(), await refusedKit(), await refusedKit()];
    const selection = ['--attention', 'address_refused', '--kind', 'kit.registered'];
    const listed = await operate('kits', 'list', ...selection);
    for (const { barcode } of kits) expect(listed.said).toContain(barcode);

    expect(await operate('kits', 'retry', ...selection)).toEqual({
      code: 2,
      said: expect.stringContaining('--dry-run'),
    });
    const dry = await operate('kits', 'retry', ...selection, '--dry-run');
    expect(dry).toEqual({ code: 0, said: expect.stringContaining('Emails that would go now: 3') });
    expect(kits.flatMap(({ patient }) => smtp.subjectsTo(patient.email))).toEqual([]);

    const [first, second, still] = kits as [KitJourney, KitJourney, KitJourney];
    for (const { patient } of [first, second]) refused.delete(patient.email);
    expect(await operate('kits', 'retry', ...selection, '--yes')).toEqual({
      code: 0,
      said: expect.stringContaining('retry: 3 kits asked.'),
    });
    for (const { barcode } of [first, second]) await becomes(barcode, 'kit.registered', ['sent', null]);
    for (const kit of [first, second]) await noLongerAsked(kit);
    // What failed again is one again, for another time.
    await until('the third to have been tried again', async () => {
      const rows = (await herald.told(still.barcode))?.notifications.filter(({ kind }) => kind === 'kit.registered');
      return rows?.some(({ status, attempts }) => status === 'failed' && attempts === 2);
    });
    const skipped = await operate('kits', 'skip', ...selection, '--reason', 'told by phone', '--yes', '--json');
    expect(JSON.parse(skipped.said)).toMatchObject({ subjects: [{ subject: `kit:${still.barcode}` }], failed: [] });
    await noLongerAsked(still);
    expect(await operate('kits', 'retry', ...selection, '--yes')).toEqual({
      code: 0,
      said: 'Nobody is meant by that.',
    });
    for (const { patient } of [first, second]) expect(smtp.subjectsTo(patient.email)).toHaveLength(1);
  });

  test('retry what was refused, and skip with a reason', async () => {
    const [mended, lost] = [await refusedKit(), await refusedKit()];
    refused.delete(mended.patient.email);
    const retried = await operate('kits', 'retry', mended.barcode, '--json');
    expect(retried.code).toBe(0);
    expect(JSON.parse(retried.said)).toMatchObject({
      asked: 'retry',
      subject: `kit:${mended.barcode}`,
      decisions: [{ what: 'kit.registered', decision: { verdict: 'send' } }],
    });
    await becomes(mended.barcode, 'kit.registered', ['sent', null]);
    expect(smtp.subjectsTo(mended.patient.email)).toHaveLength(1);
    await noLongerAsked(mended);

    expect(await operate('kits', 'skip', lost.barcode)).toMatchObject({ code: 2 });
    expect(await operate('kits', 'skip', lost.barcode, '--reason', 'told by phone')).toEqual({
      code: 0,
      said: expect.stringMatching(/\nkit\.registered is not sent \(operator_skipped\)\.$/),
    });
    const skipped = await becomes(lost.barcode, 'kit.registered', ['not_sent', 'operator_skipped']);
    await noLongerAsked(lost);
    // Who and why stay sealed.
    expect(JSON.stringify(skipped)).not.toContain('phone');
  });

  test('decide whose a kit is of which two patients were named: with their address, and nobody’s name', async () => {
    const kit = await registered();
    await becomes(kit.barcode, 'kit.registered', ['sent', null]);
    const john = { first: 'John', last: 'Doe', email: `john-p-${kit.barcode}@example.com` };
    const { events } = kitJourney({ barcode: kit.barcode, order: kit.order, patient: john });
    await herald.post(events['kit.received_lab']);
    await becomes(kit.barcode, 'kit.received_lab', ['deferred', 'contact_conflict']);
    const attention = await until('a human to be asked', async () => (await herald.told(kit.barcode))?.needsAttention);
    expect(attention).toMatch(/^Two different patients/);

    const right = `whose-${kit.barcode}@example.com`;
    await operate('kits', 'correct-contact', kit.barcode, '--email', right);
    // What was put off goes as the next occurrence; and the other one, named again, changes nothing.
    await herald.post(events['kit.processing_started']);
    await becomes(kit.barcode, 'kit.processing_started', ['sent', null]);
    expect(smtp.subjectsTo(john.email)).toEqual([]);
    const mails = smtp.mails.filter(({ recipients }) => recipients.includes(right));
    expect(mails.length).toBeGreaterThanOrEqual(1);
    for (const { text } of mails) expect(text).toMatch(/Hello,/);
    for (const { text } of mails) expect(text).not.toMatch(/Jane|John/);
  });

  test('opt a patient out of all email, so that results wait for a human; and write to them again when asked to', async () => {
    const kit = await registered();
    await becomes(kit.barcode, 'kit.registered', ['sent', null]);
    expect(await operate('kits', 'opt-out', kit.barcode, '--reason', 'asked by phone')).toEqual({
      code: 0,
      said: expect.stringMatching(/^Kept as operator:cli_\S+\.$/),
    });
    const another = kitJourney({ patient: kit.patient });
    await herald.post(another.events['kit.received_lab']);
    await becomes(another.barcode, 'kit.received_lab', ['not_sent', 'opted_out']);
    await herald.post(another.events['results.available']);
    await herald.post(another.events['results.reviewed']);
    const waits = await becomes(another.barcode, 'results.reviewed', ['deferred', 'opted_out']);
    expect(JSON.stringify(waits)).not.toContain('phone');
    await until('a human to be asked', async () =>
      /asked for no email/.test((await herald.told(another.barcode))?.needsAttention ?? ''),
    );
    expect(await operate('kits', 'retry', another.barcode)).toMatchObject({
      code: 0,
      said: expect.stringContaining('(opted_out)'),
    });
    expect(smtp.subjectsTo(kit.patient.email)).toHaveLength(1);

    expect((await operate('kits', 'retry', another.barcode, '--lift')).said).toContain(
      'The address is written to again (they had opted out).\nresults.reviewed is sent.',
    );
    await becomes(another.barcode, 'results.reviewed', ['sent', null]);
    await noLongerAsked(another);
  });

  test('work on orders likewise', async () => {
    const kit = kitJourney();
    refused.add(kit.recipient.email);
    await herald.post(kit.events['order.created']);
    await herald.post(kit.events['order.confirmed']);
    await becomes(kit.order, 'order.confirmed', ['failed', 'address_refused']);
    refused.delete(kit.recipient.email);
    expect(await operate('orders', 'retry', kit.order, '--kind', 'order.confirmed')).toEqual({
      code: 0,
      said: expect.stringContaining('order.confirmed is sent.'),
    });
    await becomes(kit.order, 'order.confirmed', ['sent', null]);
    expect((await operate('orders', 'list')).said).toContain(kit.order);
  });

  test('are refused with a reason before anything is kept', async () => {
    const kit = await registered();
    await becomes(kit.barcode, 'kit.registered', ['sent', null]);
    const before = await commandsKept();
    expect(await operate('kits', 'release', kit.barcode)).toEqual({
      code: 1,
      said: 'Nothing here is held for a review, contradicted or too late (kit.registered is sent).',
    });
    expect(await operate('kits', 'retry', kit.barcode)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/failed/),
    });
    expect(await operate('kits', 'retry', kit.barcode, '--kind', 'kit.failed')).toEqual({
      code: 1,
      said: 'There is no kit.failed here. Look at it with told.',
    });
    expect(await operate('kits', 'correct-contact', kit.barcode, '--email', kit.patient.email)).toMatchObject({
      code: 1,
      said: expect.stringContaining('the address we have'),
    });
    expect(await operate('kits', 'correct-contact', kit.barcode, '--email', 'nobody')).toMatchObject({ code: 2 });
    expect(await operate('kits', 'retry', '999999999999')).toMatchObject({ code: 3 });
    expect(await commandsKept()).toBe(before);
  });

  test('replay webhooks: what can be read goes the way again and tells nobody twice; what can’t says why', async () => {
    const kit = kitJourney();
    const { data } = JSON.parse(kit.events['kit.registered']) as { data: object };
    const again = webhook('kit.registered', data, { id: `wh_r_${kit.barcode}` });
    await herald.post(again);
    await becomes(kit.barcode, 'kit.registered', ['sent', null]);
    expect(await operate('webhooks', 'replay', `wh_r_${kit.barcode}`)).toEqual({
      code: 0,
      said: 'It is on its way again.',
    });
    await until('it to be relayed', async () =>
      (await herald.told(kit.barcode))?.webhooks.every(({ status }) => status === 'relayed'),
    );
    expect(smtp.subjectsTo(kit.patient.email)).toHaveLength(1);

    await herald.post(webhook('kit.vanished', {}, { id: `wh_q_${kit.barcode}` }));
    expect(await operate('webhooks', 'replay', `wh_q_${kit.barcode}`)).toEqual({
      code: 1,
      said: expect.stringMatching(/^It still can’t be read: unknown_event/),
    });
    expect(await operate('webhooks', 'replay', 'wh_nowhere')).toMatchObject({ code: 3 });
  });

  test('are heard while Temporal is away, and carried out when it is back', async () => {
    const kit = await refusedKit();
    await temporal.server.stop();
    refused.delete(kit.patient.email);
    const asked = await operate('kits', 'retry', kit.barcode, '--no-wait');
    expect(asked).toEqual({ code: 0, said: expect.stringMatching(/^Kept as operator:cli_\S+\.$/) });
    expect(await operate('kits', 'release', kit.barcode)).toMatchObject({ code: 1 });
    expect((await operate('told', kit.barcode)).said).toMatch(/the mail server refused\s+the address/);

    await temporal.restart();
    await becomes(kit.barcode, 'kit.registered', ['sent', null]);
    expect(smtp.subjectsTo(kit.patient.email)).toHaveLength(1);
  });
});
