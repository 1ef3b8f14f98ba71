import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { removeDataDir, startHerald, temporaryDataDir, type Herald, type Told } from '../support/app.js';
import { kitJourney, type KitJourney } from '../support/journey.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

describe('kill -9 of the whole process', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;

  afterEach(async () => {
    await herald.stop();
    await smtp.close();
    removeDataDir(dataDir);
  });

  test('in mid-burst: every acknowledged webhook is there after a restart, and each kit is told once', async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    herald = await startHerald(dataDir, { SMTP_URL: smtp.url, EMAIL_MAX_PER_SECOND: '500' });
    const kits: KitJourney[] = Array.from({ length: 40 }, () => kitJourney());
    const acknowledged = new Set<string>();
    const burst = kits.flatMap((kit) =>
      (['kit.registered', 'results.available'] as const).map(async (event) => {
        const response = await herald.post(kit.events[event]).catch(() => null);
        if (response?.status === 200) acknowledged.add(kit.events[event]);
      }),
    );
    await until('some emails to be on their way', () => smtp.mails.length >= 3);
    await herald.kill();
    await Promise.allSettled(burst);
    expect(acknowledged.size).toBeGreaterThan(0);

    herald = await startHerald(dataDir, { SMTP_URL: smtp.url, EMAIL_MAX_PER_SECOND: '500' });
    for (const kit of kits) {
      const events = (['kit.registered', 'results.available'] as const).filter((event) =>
        acknowledged.has(kit.events[event]),
      );
      if (events.length === 0) continue;
      let now: Told | null = null;
      const told = await until(
        `kit ${kit.barcode} to be told`,
        async () => {
          now = await herald.told(kit.barcode);
          const unsettled = now?.notifications.some(({ status }) => status === 'sending' || status === 'deferred');
          return now &&
            events.every(
              (event) => event === 'kit.registered' || now?.notifications.some(({ kind }) => kind === event),
            ) &&
            !unsettled &&
            now.webhooks.every(({ status }) => status === 'relayed')
            ? now
            : undefined;
        },
        { seconds: 90 },
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${JSON.stringify(now, null, 1)}\n${herald.output()}`);
      });
      const ids = told.webhooks.map(({ id }) => id);
      for (const event of events) {
        const { meta } = JSON.parse(kit.events[event]) as { meta: { webhook_id: string } };
        expect(ids).toContain(meta.webhook_id);
      }
      // The one email that was in the dialogue when the process died may arrive twice: then it has the same
      // Message-ID, and `told` says so.
      for (const { kind, messageId, possiblyDuplicate } of told.notifications.filter(
        ({ status }) => status === 'sent',
      )) {
        const copies = smtp.mails.filter((mail) => mail.messageId === messageId).length;
        expect({ kind, once: copies === 1 || (copies === 2 && possiblyDuplicate) }).toEqual({ kind, once: true });
      }
      const subjects = new Set(smtp.subjectsTo(kit.patient.email));
      const messages = new Set(
        smtp.mails.filter(({ recipients }) => recipients.includes(kit.patient.email)).map(({ messageId }) => messageId),
      );
      expect(messages.size).toBe(subjects.size);
      if (events.includes('results.available'))
        expect(told.notifications).toContainEqual(
          expect.objectContaining({ kind: 'results.available', status: 'sent' }),
        );
    }
  });
});
