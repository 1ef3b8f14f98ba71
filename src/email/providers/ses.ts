import { z } from 'zod';
import { messageIdOf, parsedJson, timeOf, type MailEvent, type MailProvider } from './provider.js';
import { createSnsVerifier, envelopeSchema, isSnsUrl, type Envelope, type FetchText } from './sns.js';

/** What isn't as it should be counts as missing: a report must not be lost for a part that we don't need. */
const text = z.string().nullish().catch(null);
const timed = z.looseObject({ timestamp: text });

/** SES's reports, both as notifications (`notificationType`) and as published events (`eventType`). */
const reportSchema = z.looseObject({
  notificationType: text,
  eventType: text,
  mail: z
    .looseObject({
      messageId: text,
      timestamp: text,
      headers: z.array(z.looseObject({ name: text, value: text }).catch({})).catch([]),
      commonHeaders: z.looseObject({ messageId: text }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
  bounce: timed.extend({ bounceType: text }).nullish().catch(null),
  complaint: timed.extend({ complaintFeedbackType: text }).nullish().catch(null),
  delivery: timed.nullish().catch(null),
});
type Mail = z.output<typeof reportSchema>['mail'];

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
        if (envelope.Type === 'SubscriptionConfirmation') await confirm(envelope);
      } catch {
        return { verdict: 'unavailable' };
      }
      if (envelope.Type !== 'Notification') return { verdict: 'events', events: [] };
      const event = eventOf(envelope.MessageId, parsedJson(envelope.Message));
      return { verdict: 'events', events: event === null ? [] : [event] };
    },
  };

  /** A subscription begins when its URL has been opened once. */
  async function confirm({ SubscribeURL: url = null, TopicArn }: Envelope): Promise<void> {
    if (url !== null && isSnsUrl(url, TopicArn, CONFIRMATION)) await fetchText(url);
  }
}

/** An action and nothing that could be another one. */
const CONFIRMATION = /^\/\?Action=ConfirmSubscription(&(TopicArn|Token)=[\w.~:%-]+)+$/;

function eventOf(id: string, json: unknown): MailEvent | null {
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) return null;
  const { mail, bounce, complaint, delivery, notificationType, eventType } = parsed.data;
  const about = { id: id.replace(/[^\x20-\x7e]/g, ''), permanent: false, messageId: ownMessageId(mail) };
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
    // SES took it and threw it away: it found a virus in it, or couldn't make it. That isn't the address's fault.
    case 'Reject':
    case 'Rendering Failure':
      return { ...about, what: 'bounced', permanent: true, keepsAddress: true, at: timeOf(mail?.timestamp) };
    case 'Complaint':
      // Some providers also report what a person took out of the spam folder.
      return complaint?.complaintFeedbackType === 'not-spam'
        ? null
        : { ...about, what: 'complained', at: timeOf(complaint?.timestamp) };
    default:
      return null;
  }
}

/** The Message-ID that we gave it, wherever it is told; one of SES's own making only where there is no other. */
function ownMessageId(mail: Mail): string | null {
  const headers = (mail?.headers ?? []).filter(({ name }) => name?.toLowerCase() === 'message-id');
  const told = [...headers.map(({ value }) => value), mail?.commonHeaders?.messageId, mail?.messageId]
    .map(messageIdOf)
    .filter((one) => one !== null);
  return told.find((one) => !/[@.]amazonses\.com>$/i.test(one)) ?? told[0] ?? null;
}
