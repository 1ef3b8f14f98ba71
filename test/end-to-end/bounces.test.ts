import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { cli } from '../support/cli.js';
import { removeDataDir, startHerald, temporaryDataDir, type Herald, type ToldNotification } from '../support/app.js';
import { kitJourney, type KitJourney } from '../support/journey.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const TEAM = 'oncall@herald.example';

/** Each starts anew: the team gets one alert an hour. */
describe('an email that the mail server took and could not deliver', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;

  beforeEach(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    herald = await startHerald(dataDir, {
      SMTP_URL: smtp.url,
      ALERT_EMAIL: TEAM,
      EMAIL_EVENTS_POSTMARK: 'hook:a-password-of-the-tests',
      KIT_LINGER: '1s',
    });
  });
  afterEach(async () => {
    await herald.stop();
    await smtp.close();
    removeDataDir(dataDir);
  });

  const post = async (kit: KitJourney, ...events: (keyof KitJourney['events'])[]) => {
    for (const event of events) expect((await herald.post(kit.events[event])).status).toBe(200);
  };
  const told = (kit: KitJourney, kind: string, status: string): Promise<ToldNotification> =>
    until(`${kind} to be ${status}`, async () =>
      (await herald.told(kit.barcode))?.notifications.find((row) => row.kind === kind && row.status === status),
    );
  const report = (row: ToldNotification, more: object, authorization = 'hook:a-password-of-the-tests') =>
    fetch(`${herald.runtime.receiver}/email/events/postmark`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(authorization).toString('base64')}`,
      },
      body: JSON.stringify({
        MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
        Metadata: { 'message-id': row.messageId?.slice(1, -1) },
        ...more,
      }),
    });
  const hardBounce = { RecordType: 'Bounce', ID: 42, Type: 'HardBounce', BouncedAt: new Date().toISOString() };

  test('alarms the team at once when it was the first: results would not arrive either, and nothing more goes there', async () => {
    const kit = kitJourney();
    await post(kit, 'kit.registered');
    const sent = await told(kit, 'kit.registered', 'sent');

    expect((await report(sent, hardBounce, 'hook:guessed')).status).toBe(401);
    for (let times = 0; times < 2; times += 1) expect((await report(sent, hardBounce)).status).toBe(200);
    expect(await told(kit, 'kit.registered', 'bounced')).toMatchObject({ reason: 'bounced_permanent', attempts: 1 });
    await until('the kit to need attention', async () => (await herald.told(kit.barcode))?.needsAttention);
    await until('the alert to the team', () => smtp.subjectsTo(TEAM).length === 1);
    const alert = smtp.mails.find(({ recipients }) => recipients.includes(TEAM));
    expect(alert?.text).toContain(kit.barcode);
    expect(alert?.text).not.toMatch(/jane|smith/i);

    const another = kitJourney({ patient: kit.patient });
    await post(another, 'kit.received_lab');
    expect(await told(another, 'kit.received_lab', 'not_sent')).toMatchObject({ reason: 'address_suppressed' });
    await post(another, 'results.available');
    // Word of results is never dropped: it waits for a human with a better address.
    expect(await told(another, 'results.available', 'deferred')).toMatchObject({ reason: 'address_suppressed' });
    await until('that kit to need attention', async () => (await herald.told(another.barcode))?.needsAttention);
    expect(smtp.subjectsTo(kit.patient.email)).toHaveLength(1);

    // The mailbox works again: an operator lifts it, and both kits' words go, that of the bounced one too.
    const lifted = await cli(dataDir, 'kits', 'retry', another.barcode, '--lift');
    expect(lifted.said).toContain('The address is written to again (it had bounced).\nresults.available is sent.');
    await told(another, 'results.available', 'sent');
    expect((await cli(dataDir, 'kits', 'retry', kit.barcode)).said).toContain('kit.registered is sent.');
    expect(await told(kit, 'kit.registered', 'sent')).toMatchObject({ attempts: 2, messageId: sent.messageId });
    expect(smtp.subjectsTo(kit.patient.email)).toHaveLength(3);
  });

  test('alarms the team when word of results can’t go to the address that bounced before', async () => {
    const kit = kitJourney();
    await post(kit, 'kit.received_lab');
    expect((await report(await told(kit, 'kit.received_lab', 'sent'), hardBounce)).status).toBe(200);
    await told(kit, 'kit.received_lab', 'bounced');
    await until('the kit to need attention', async () => (await herald.told(kit.barcode))?.needsAttention);
    expect(smtp.subjectsTo(TEAM)).toEqual([]);

    await post(kit, 'results.available');
    expect(await told(kit, 'results.available', 'deferred')).toMatchObject({ reason: 'address_suppressed' });
    await until('the alert to the team', () => smtp.subjectsTo(TEAM).length === 1);
    expect(smtp.mails.find(({ recipients }) => recipients.includes(TEAM))?.text).toContain(kit.barcode);
  });

  test('alarms the team about results also when the journey has long ended', async () => {
    const kit = kitJourney();
    await post(kit, 'kit.registered', 'results.available', 'results.reviewed');
    const reviewed = await told(kit, 'results.reviewed', 'sent');
    await until('the journey to end', async () => (await herald.told(kit.barcode))?.closedAt);
    expect(smtp.subjectsTo(TEAM)).toEqual([]);
    const before = smtp.subjectsTo(kit.patient.email);

    expect((await report(reviewed, hardBounce)).status).toBe(200);
    await told(kit, 'results.reviewed', 'bounced');
    await until('the alert to the team', () => smtp.subjectsTo(TEAM).length === 1);
    await until('the kit to need attention', async () => (await herald.told(kit.barcode))?.needsAttention);
    // What had been told before the bounce isn't told again by the journey that this opened anew.
    expect(smtp.subjectsTo(kit.patient.email)).toEqual(before);
  });

  test('and one that was taken for spam stops both topics, and results are tried still', async () => {
    const kit = kitJourney();
    await post(kit, 'kit.registered');
    const complaint = { RecordType: 'SpamComplaint', ID: 43, BouncedAt: new Date().toISOString() };
    expect((await report(await told(kit, 'kit.registered', 'sent'), complaint)).status).toBe(200);
    await told(kit, 'kit.registered', 'complained');
    await post(kit, 'kit.received_lab', 'results.available');
    await told(kit, 'results.available', 'sent');
    expect((await told(kit, 'kit.received_lab', 'not_sent')).reason).toMatch(/opted_out|superseded/);
  });
});
