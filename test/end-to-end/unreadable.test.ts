import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { removeDataDir, startHerald, temporaryDataDir, webhook, type Herald } from '../support/app.js';
import { cli } from '../support/cli.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const TEAM = 'oncall@herald.example';

describe('a webhook that may be about results, can’t be read and names nobody', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;
  const env = (): Record<string, string> => ({ SMTP_URL: smtp.url, ALERT_EMAIL: TEAM });

  beforeAll(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    herald = await startHerald(dataDir, env());
  });
  afterAll(async () => {
    await herald.stop();
    await smtp.close();
    removeDataDir(dataDir);
  });

  const post = async (event: string, id: string): Promise<void> => {
    const raw = webhook(event, { sample: 'QX-77', patient: { first_name: 'Zerlina' } }, { id });
    expect((await herald.post(raw)).status).toBe(200);
  };
  const alerts = () => smtp.mails.filter(({ recipients }) => recipients.includes(TEAM));

  test('calls the team although the process dies before the mail server is back, once, by its id and nothing of it', async () => {
    await smtp.goAway();
    await post('results.available', 'wh_nobody_1');
    await post('kit.received_lab', 'wh_nobody_2');
    await herald.kill();
    await smtp.comeBack();
    herald = await startHerald(dataDir, env());

    const [alert] = await until('the alert', () => (alerts().length > 0 ? alerts() : null), { seconds: 90 });
    expect(alert?.subject).toBe('Webhook wh_nobody_1 needs a person');
    expect(alert?.text).toContain('kit-herald webhooks show wh_nobody_1');
    expect(`${alert?.text ?? ''}${String(alert?.html)}`).not.toMatch(/QX-77|Zerlina|wh_nobody_2/);
    expect((await herald.told('staff'))?.needsAttention).toContain('could not be read');
    expect((await herald.told('staff'))?.webhooks).toMatchObject([{ id: 'wh_nobody_1', status: 'quarantined' }]);
    expect((await cli(dataDir, 'told', 'staff')).said).toContain('wh_nobody_1');
    expect((await cli(dataDir, 'webhooks', 'list', '--status', 'quarantined')).said).toContain('staff');
  });

  test('is settled by an operator’s word, until another one comes', async () => {
    const acknowledged = await cli(dataDir, 'staff', 'acknowledge', '--reason', 'asked the lab: a test of theirs');
    expect(acknowledged).toMatchObject({ code: 0, said: expect.stringContaining('Nobody is asked to look any more.') });
    expect((await cli(dataDir, 'staff', 'acknowledge', '--reason', 'again')).code).toBe(1);

    await post('result.ready', 'wh_nobody_3');
    await until('the second alert', () => alerts().length === 2, { seconds: 90 });
    expect(alerts().map(({ subject }) => subject)).toEqual([
      'Webhook wh_nobody_1 needs a person',
      'Webhook wh_nobody_3 needs a person',
    ]);
    expect((await herald.told('staff'))?.needsAttention).not.toBeNull();
  });
});
