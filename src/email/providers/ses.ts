import { z } from 'zod';
import { messageIdOf, parsedJson, timeOf, type MailEvent, type MailProvider } from './provider.js';
import { createSnsVerifier, envelopeSchema, isSnsUrl, type FetchText } from './sns.js';

const headersSchema = z.array(z.looseObject({ name: z.string(), value: z.string() }));

/** SES's reports, both as notifications (`notificationType`) and as published events (`eventType`). */
const reportSchema = z.looseObject({
  notificationType: z.string().nullish(),
  eventType: z.string().nullish(),
  mail: z.looseObject({ headers: headersSchema.nullish() }),
  bounce: z.looseObject({ bounceType: z.string().nullish(), timestamp: z.string().nullish() }).nullish(),
  complaint: z.looseObject({ complaintFeedbackType: z.string().nullish(), timestamp: z.string().nullish() }).nullish(),
  delivery: z.looseObject({ timestamp: z.string().nullish() }).nullish(),
});

export interface SesOptions {
  /** The topics that are ours: anybody with an account there can sign reports of their own topic. */
  readonly topics: readonly string[];
  readonly fetchText: FetchText;
  /** ms since the epoch */
  readonly clock: () => number;
}

/**
 * Amazon SES by SNS. The topic must not use raw delivery (that drops the signature), and "include original headers"
 * must be on: SES puts an id of its own into the email and tells ours only there.
 */
export function createSes({ topics, fetchText, clock }: SesOptions): MailProvider {
  const verify = createSnsVerifier({ fetchText, clock });
  return {
    name: 'ses',
    async read({ body }) {
      const parsed = envelopeSchema.safeParse(parsedJson(body.toString('utf8')));
      if (!parsed.success || !topics.includes(parsed.data.TopicArn)) return { verdict: 'refused' };
      const envelope = parsed.data;
      try {
        if (!(await verify(envelope))) return { verdict: 'refused' };
        if (envelope.Type === 'SubscriptionConfirmation') await confirm(envelope.SubscribeURL ?? '');
      } catch {
        return { verdict: 'unavailable' };
      }
      if (envelope.Type !== 'Notification') return { verdict: 'events', events: [] };
      const event = eventOf(envelope.MessageId, parsedJson(envelope.Message));
      return { verdict: 'events', events: event === null ? [] : [event] };
    },
  };

  /** A subscription begins when its URL has been opened once. */
  async function confirm(url: string): Promise<void> {
    if (isSnsUrl(url, /^\/$/)) await fetchText(url);
  }
}

function eventOf(id: string, json: unknown): MailEvent | null {
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) return null;
  const { mail, bounce, complaint, delivery, notificationType, eventType } = parsed.data;
  const original = mail.headers?.find(({ name }) => name.toLowerCase() === 'message-id')?.value;
  const about = { id: id.replace(/[^\x20-\x7e]/g, ''), permanent: false, messageId: messageIdOf(original) };
  switch (notificationType ?? eventType) {
    case 'Delivery':
      return { ...about, what: 'delivered', at: timeOf(delivery?.timestamp) };
    case 'Bounce':
      return {
        ...about,
        what: 'bounced',
        permanent: bounce?.bounceType === 'Permanent',
        at: timeOf(bounce?.timestamp),
      };
    case 'Complaint':
      // Some providers also report what a person took out of the spam folder.
      return complaint?.complaintFeedbackType === 'not-spam'
        ? null
        : { ...about, what: 'complained', at: timeOf(complaint?.timestamp) };
    default:
      return null;
  }
}
