import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { removeDataDir, startHerald, temporaryDataDir, webhook, type Herald } from '../support/app.js';
import { kitJourney } from '../support/journey.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

interface Line {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

describe('a person who reads nothing but the log', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;
  const patient = { first: 'Zebulonquist', last: 'Vartgardsson', email: 'zebulonquist@vartgard.example' };
  const kit = kitJourney({ patient, recipient: patient });

  const log = (): Line[] =>
    herald
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line);
  const ofKit = () => log().filter(({ subject }) => String(subject).includes(kit.barcode));
  const idOf = (raw: string) => (JSON.parse(raw) as { meta: { webhook_id: string } }).meta.webhook_id;
  const seen = (fields: Partial<Line>) =>
    until(`a line with ${JSON.stringify(fields)}`, () =>
      ofKit().find((line) => Object.entries(fields).every(([name, value]) => line[name] === value)),
    );

  beforeAll(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    herald = await startHerald(dataDir, { SMTP_URL: smtp.url });
  });
  afterAll(async () => {
    await herald.stop();
    await smtp.close();
    removeDataDir(dataDir);
  });

  test('can follow one kit: what came in, which emails went, which did not and why', async () => {
    const registered = kit.events['kit.registered'];
    expect((await herald.post(registered)).status).toBe(200);
    const sent = await seen({ kind: 'kit.registered', status: 'sent' });
    expect((await herald.post(registered)).status).toBe(200);
    // A month late: nobody is told any more.
    const late = webhook(
      'kit.received_lab',
      { kit_barcode: kit.barcode, kit_type: 'hormone_panel' },
      { at: new Date(Date.now() - 30 * 86_400_000) },
    );
    expect((await herald.post(late)).status).toBe(200);
    const notSent = await seen({ kind: 'kit.received_lab', status: 'not_sent' });
    const results = kit.events['results.available'];
    expect((await herald.post(results)).status).toBe(200);
    await seen({ kind: 'results.available', status: 'sent' });

    const taken = (id: string, event: string, fresh: boolean) =>
      expect.objectContaining({
        level: 'info',
        msg: 'a webhook was taken',
        id,
        event,
        subject: `kit:${kit.barcode}`,
        verdict: 'accepted',
        fresh,
        ms: expect.any(Number),
      });
    const lines = ofKit();
    expect(lines.filter(({ msg }) => msg === 'a webhook was taken')).toEqual([
      taken(idOf(registered), 'kit.registered', true),
      taken(idOf(registered), 'kit.registered', false),
      taken(idOf(late), 'kit.received_lab', true),
      taken(idOf(results), 'results.available', true),
    ]);
    expect(sent).toMatchObject({
      msg: 'an email was sent',
      subject: `kit:${kit.barcode}`,
      occurrence: 1,
      reason: null,
      cause: idOf(registered),
      attempt: 1,
      messageId: expect.stringMatching(/^<.+@.+>$/),
    });
    expect(notSent).toMatchObject({ msg: 'an email is not sent', cause: idOf(late), reason: expect.any(String) });
    expect(lines.filter(({ msg }) => msg === 'an email was sent')).toHaveLength(2);
  });

  test('sees each kind of refusal at most once a second, with how many there were', async () => {
    const before = Date.now();
    for (let again = 0; again < 30; again++)
      expect((await herald.post(kit.events['kit.registered'], { 'x-c4hxp-signature': 'sha256=0' })).status).toBe(401);
    const took = Date.now() - before;
    const refused = () =>
      log().filter(({ msg, code }) => msg === 'a webhook was refused' && code === 'invalid_signature');
    await until('all to be counted', () => refused().reduce((sum, { count }) => sum + Number(count ?? 1), 0) === 30);
    expect(refused().length).toBeLessThanOrEqual(2 + Math.ceil(took / 1_000));
  });

  test('sees an unreadable webhook with its fault, and no word of what it says', async () => {
    const odd = JSON.stringify({
      event: 'results.available',
      data: { kit_barcode: 7, patient: { first_name: patient.first } },
      meta: { webhook_id: `from ${patient.email}`, timestamp: new Date().toISOString() },
    });
    expect((await herald.post(odd)).status).toBe(200);
    await until('the line', () =>
      log().some(({ verdict, id }) => verdict === 'quarantined' && String(id).startsWith('body:')),
    );
  });

  test('sees the start, how health stands, and the stop; and never a patient', async () => {
    await herald.stop();
    const said = log().map(({ msg }) => msg);
    expect(said[0]).toBe('starting');
    for (const sentence of ['started', 'ready and healthy', 'stopping', 'stopped']) expect(said).toContain(sentence);
    expect(said.at(-1)).toBe('stopped');
    expect(log().find(({ msg }) => msg === 'started')).toMatchObject({
      role: 'start',
      receiver: herald.runtime.receiver,
    });
    for (const word of [patient.first, patient.last, patient.email, 'zebulonquist', 'vartgard', 'hormone_panel'])
      expect(herald.output()).not.toContain(word);
    expect(herald.output()).not.toContain(herald.runtime.adminToken);
  });
});
