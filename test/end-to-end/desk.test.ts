import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { hashSecret } from '../../src/access/secrets.js';
import { removeDataDir, startHerald, temporaryDataDir, type Herald, type Told } from '../support/app.js';
import { kitJourney } from '../support/journey.js';
import { preformatted } from '../support/page-text.js';
import { startSmtpSink, type CaughtMail, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

const SECRET = 'correct horse battery';

jest.setTimeout(120_000);

/** The desk as a privacy officer uses it, against a real process. */
describe('at the desk of a running kit-herald', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;
  let cookie = '';

  beforeAll(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    const secret = await hashSecret(SECRET, { logN: 4, r: 8, p: 1 });
    herald = await startHerald(dataDir, { SMTP_URL: smtp.url, TOO_LATE: 'off', USERS: `pia:privacy:${secret}` });
    const answer = await post('/desk/sign-in', { name: 'pia', secret: SECRET });
    cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  });
  afterAll(async () => {
    await herald.stop();
    await smtp.close();
    removeDataDir(dataDir);
  });

  const post = (path: string, fields: Record<string, string>): Promise<Response> =>
    fetch(`${herald.runtime.admin}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: new URLSearchParams(fields),
    });
  const page = async (path: string): Promise<string> =>
    (await fetch(`${herald.runtime.admin}${path}`, { headers: { cookie } })).text();
  const tokenIn = (html: string): string => /name="_csrf"\s+value="([^"]+)"/.exec(html)?.[1] ?? '';

  const sentIn = ({ notifications }: Told) => notifications.filter(({ status }) => status === 'sent');
  const plain = (text: string): string =>
    text
      .replaceAll(/Hello (Jane|John),/g, 'Hello,')
      .replaceAll(/https?:\/\/\S*(unsubscribe|stop-link)\S*/g, 'STOP')
      .replaceAll(/\s+/g, ' ')
      .trim();
  const shownFor = async ({ messageId }: CaughtMail): Promise<string> =>
    plain(preformatted(await page(`/desk/emails/${encodeURIComponent(messageId ?? '')}`)));

  test('each email of a journey is made again as it went, and then the patient is forgotten', async () => {
    const kit = kitJourney();
    let expected = 0;
    for (const [event, body] of Object.entries(kit.events)) {
      await herald.post(body);
      if (event === 'order.created' || event === 'kit.processing_completed') continue;
      expected += 1;
      await until(`${event} to be told`, async () => {
        const told = [...(await herald.toldAll(kit.barcode)), ...(await herald.toldAll(kit.order))];
        return told.some((subject) => sentIn(subject).some(({ kind }) => kind === event)) ? true : undefined;
      });
    }
    const mails = smtp.mails.filter(({ recipients }) => recipients.some((one) => one.includes(kit.barcode)));
    expect(mails).toHaveLength(expected);
    for (const mail of mails) expect(await shownFor(mail)).toBe(plain(mail.text ?? ''));

    const path = `/desk/kits/${kit.barcode}/erase`;
    const confirmation = await page(path);
    expect(confirmation).toMatch(/[1-9]\d* sealed bodies of webhooks/);
    const done = await (await post(path, { _csrf: tokenIn(confirmation) })).text();
    expect(done).toContain('asked for by pia');
    expect(await herald.told(kit.barcode)).toMatchObject({ erased: { by: 'pia' } });
    const results = mails.find(({ subject }) => subject?.includes('results are ready'));
    if (results === undefined) throw new Error('no word of results');
    expect(await page(`/desk/emails/${encodeURIComponent(results.messageId ?? '')}`)).toContain(
      'This patient was forgotten on request',
    );
  });
});
