import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { messageIdOf, parsedJson, timeOf, type MailEvent, type MailProvider } from './provider.js';

/** What isn't as it should be counts as missing: a report must not be lost for a part that we don't need. */
const text = z.string().nullish().catch(null);

/** Postmark's webhooks, as far as they concern us. Unknown fields and types are its right to add. */
const reportSchema = z.looseObject({
  RecordType: z.string(),
  MessageID: text,
  ID: z.union([z.number(), z.string()]).nullish().catch(null),
  Type: text,
  Inactive: z.boolean().nullish().catch(null),
  Metadata: z.record(z.string(), z.unknown()).nullish().catch(null),
  BouncedAt: text,
  DeliveredAt: text,
  Email: text,
  Recipient: text,
});
type Report = z.output<typeof reportSchema>;

/** Where Postmark gives our Message-ID back: it tells its own otherwise. */
const METADATA = 'message-id';

/** Bounces after which nothing more reaches the address. */
const PERMANENT = new Set(['HardBounce', 'BadEmailAddress', 'ManuallyDeactivated']);
/** Bounces of the email and not of its address: Postmark threw it away, or what it was wasn't taken. */
const OF_THE_EMAIL = new Set(['SMTPApiError', 'TemplateRenderingFailed', 'VirusNotification', 'DMARCPolicy']);
/** Answers of people and machines that Postmark files under bounces: the email has arrived. */
const NO_BOUNCE = new Set([
  'AutoResponder',
  'AddressChange',
  'Subscribe',
  'Unsubscribe',
  'ChallengeVerification',
  'OpenRelayTest',
]);

/** Headers by which Postmark keeps our Message-ID and tells it in its webhooks; empty for other servers. */
export function postmarkHeaders(smtpHost: string, messageId: string): Record<string, string> {
  if (!/(^|\.)postmarkapp\.com$/i.test(smtpHost)) return {};
  return { 'X-PM-KeepID': 'true', [`X-PM-Metadata-${METADATA}`]: messageId.replace(/^<|>$/g, '') };
}

/** Postmark signs nothing: it sends the user and password that were put into the webhook's URL. */
export function createPostmark({ user, password }: { readonly user: string; readonly password: string }): MailProvider {
  const wanted = digest(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
  return {
    name: 'postmark',
    challenge: 'Basic realm="mail events"',
    read({ headers, body }) {
      const given = headers['authorization'];
      if (typeof given !== 'string' || !timingSafeEqual(digest(given), wanted))
        return Promise.resolve({ verdict: 'refused' });
      const report = reportSchema.safeParse(parsedJson(body.toString('utf8')));
      if (!report.success) return Promise.resolve({ verdict: 'refused' });
      const event = eventOf(report.data, body);
      return Promise.resolve({ verdict: 'events', events: event === null ? [] : [event] });
    },
  };
}

function eventOf(report: Report, body: Buffer): MailEvent | null {
  const about = {
    permanent: false,
    messageId: messageIdOf(metadataOf(report)),
    recipients: [report.Email ?? report.Recipient ?? ''].filter((address) => address !== ''),
    at: timeOf(report.BouncedAt ?? report.DeliveredAt),
  };
  const type = report.Type ?? '';
  // A bounce has an id of its own; a delivery is told once per message; what has neither is the same as itself only.
  const own = String(report.ID ?? report.MessageID ?? '').replace(/[^\x20-\x7e]/g, '');
  const id = `${report.RecordType}:${own || createHash('sha256').update(body).digest('hex')}`.slice(0, 200);
  if (report.RecordType === 'Delivery') return { ...about, id, what: 'delivered' };
  if (report.RecordType === 'SpamComplaint' || type === 'SpamComplaint') return { ...about, id, what: 'complained' };
  if (report.RecordType !== 'Bounce' || NO_BOUNCE.has(type)) return null;
  if (PERMANENT.has(type) || report.Inactive === true) return { ...about, id, what: 'bounced', permanent: true };
  if (OF_THE_EMAIL.has(type)) return { ...about, id, what: 'bounced', permanent: true, keepsAddress: true };
  return { ...about, id, what: 'bounced' };
}

function metadataOf({ Metadata }: Report): string | null {
  for (const [key, value] of Object.entries(Metadata ?? {}))
    if (key.toLowerCase() === METADATA && typeof value === 'string') return value;
  return null;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
