import { z } from 'zod';
import { createVerify, X509Certificate } from 'node:crypto';
import { Agent, type Dispatcher } from 'undici';
import { type MailEvent, type MailProvider, messageIdOf, parsedJson, timeOf } from './provider.js';
import { HOUR, MINUTE } from '../../domain/durations.js';

/** What isn't as it should be counts as missing: a report must not be lost for a part that we don't need. */
const text = z.string().nullish().catch(null);
const timed = z.looseObject({ timestamp: text });
const recipientsSchema = z.array(z.looseObject({ emailAddress: text }).catch({})).catch([]);

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
  bounce: timed.extend({ bounceType: text, bouncedRecipients: recipientsSchema }).nullish().catch(null),
  complaint: timed
    .extend({ complaintFeedbackType: text, complainedRecipients: recipientsSchema })
    .nullish()
    .catch(null),
  delivery: timed
    .extend({ recipients: z.array(z.string()).catch([]) })
    .nullish()
    .catch(null),
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
      return { ...about, what: 'delivered', recipients: delivery?.recipients ?? [], at: timeOf(delivery?.timestamp) };
    case 'Bounce':
      return {
        ...about,
        what: 'bounced',
        permanent: bounce?.bounceType === 'Permanent',
        recipients: addressesOf(bounce?.bouncedRecipients),
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
        : {
            ...about,
            what: 'complained',
            recipients: addressesOf(complaint?.complainedRecipients),
            at: timeOf(complaint?.timestamp),
          };
    default:
      return null;
  }
}

const addressesOf = (recipients: z.output<typeof recipientsSchema> = []): string[] =>
  recipients.flatMap(({ emailAddress }) => emailAddress ?? []);

/** The Message-ID that we gave it, wherever it is told; one of SES's own making only where there is no other. */
function ownMessageId(mail: Mail): string | null {
  const headers = (mail?.headers ?? []).filter(({ name }) => name?.toLowerCase() === 'message-id');
  const told = [...headers.map(({ value }) => value), mail?.commonHeaders?.messageId, mail?.messageId]
    .map(messageIdOf)
    .filter((one) => one !== null);
  return told.find((one) => !/[@.]amazonses\.com>$/i.test(one)) ?? told[0] ?? null;
}

/** Amazon SNS's envelope around a provider's words. */
export const envelopeSchema = z.looseObject({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string().min(1).max(200),
  TopicArn: z.string(),
  Message: z.string(),
  Subject: z.string().nullish(),
  Timestamp: z.string(),
  Token: z.string().nullish(),
  SubscribeURL: z.string().nullish(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string(),
  SigningCertURL: z.string(),
});
export type Envelope = z.output<typeof envelopeSchema>;

/** Fetches a text over HTTPS, without redirects, within seconds; rejects on anything but 200. */
export type FetchText = (url: string) => Promise<string>;

/**
 * Whether this is the address of SNS itself in the topic's own region, with this path and query, and nothing else about
 * it: no port, user, query or fragment beside. Whoever chooses the certificate's host chooses who may sign, and a bucket
 * is anybody's (`sns.s3.amazonaws.com`). Looked at as text: what a parser drops or mends isn't Amazon's.
 */
export function isSnsUrl(text: string, topicArn: string, pathAndQuery: RegExp): boolean {
  const [, region = ''] = /^arn:aws[a-z-]*:sns:([a-z]{2}(?:-[a-z0-9]+)+-\d{1,2}):\d+:/.exec(topicArn) ?? [];
  if (region === '') return false;
  const origin = `https://sns.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return text.startsWith(`${origin}/`) && pathAndQuery.test(text.slice(origin.length));
}

const CERTIFICATE = /^\/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem$/;

/**
 * How old an envelope may be, and how far ahead. SNS tries an HTTPS endpoint for an hour at most ("Amazon SNS message
 * delivery retries"); the rest is for clocks. What is older was kept by somebody.
 */
const OLDEST_MS = 2 * HOUR;
const AHEAD_MS = 10 * MINUTE;

/** What SNS signs, by type: names and values in this order, each on a line. */
const SIGNED: Readonly<Record<Envelope['Type'], readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};

export function signedText(envelope: Envelope): string {
  return SIGNED[envelope.Type]
    .flatMap((name) => (typeof envelope[name] === 'string' ? [name, envelope[name]] : []))
    .map((line) => `${line}\n`)
    .join('');
}

const MOST_CERTIFICATES = 20;

/** Verifies signatures; certificates are fetched once each. `verify` rejects when one can't be fetched. */
function createSnsVerifier({ fetchText, clock }: { readonly fetchText: FetchText; readonly clock: () => number }) {
  const certificates = new Map<string, Promise<X509Certificate>>();

  async function certificate(url: string): Promise<X509Certificate> {
    const known = certificates.get(url);
    if (known !== undefined) return known;
    if (certificates.size >= MOST_CERTIFICATES) certificates.clear();
    const fetched = fetchText(url).then((pem) => new X509Certificate(pem));
    certificates.set(url, fetched);
    // A failure must not be remembered: the next report tries again.
    fetched.catch(() => certificates.delete(url));
    return fetched;
  }

  return async function verify(envelope: Envelope): Promise<boolean> {
    const { SigningCertURL: url, Signature: signature, SignatureVersion: version } = envelope;
    const now = clock();
    const age = now - Date.parse(envelope.Timestamp);
    if (!(age >= -AHEAD_MS && age <= OLDEST_MS) || !isSnsUrl(url, envelope.TopicArn, CERTIFICATE)) return false;
    const signer = await certificate(url);
    if (now < Date.parse(signer.validFrom) || now > Date.parse(signer.validTo)) return false;
    return createVerify(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
      .update(signedText(envelope), 'utf8')
      .verify(signer.publicKey, signature, 'base64');
  };
}

const DEADLINE_MS = 5_000;
const LARGEST = 65_536;

/**
 * Fetches a short text over HTTPS: at most 64 kB within 5 s, no redirects, nothing kept open.
 * @param options only tests need others
 */
export function createFetchText(
  options: { readonly dispatcher?: Dispatcher; readonly deadlineMs?: number } = {},
): FetchText {
  // Asked for once in months: a connection that waits for more would only hold the process.
  const { dispatcher = new Agent({ pipelining: 0 }), deadlineMs = DEADLINE_MS } = options;
  return async (url) => {
    const { protocol, origin, pathname, search } = new URL(url);
    if (protocol !== 'https:') throw new Error('only https is fetched');
    const { statusCode, body } = await dispatcher.request({
      origin,
      path: pathname + search,
      method: 'GET',
      signal: AbortSignal.timeout(deadlineMs),
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      // Leaving the loop destroys the body, and with it the connection.
      if (size > LARGEST) throw new Error('the text is too long');
      chunks.push(chunk);
    }
    if (statusCode !== 200) throw new Error(`answered ${String(statusCode)}`);
    return Buffer.concat(chunks).toString('utf8');
  };
}
