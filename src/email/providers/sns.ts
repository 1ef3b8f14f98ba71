import { createVerify, X509Certificate } from 'node:crypto';
import { Agent, type Dispatcher } from 'undici';
import { z } from 'zod';

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

/** Amazon's own hosts only: whoever chooses the certificate's host chooses who may sign. */
const HOST = /^sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?$/;

export function isSnsUrl(text: string, path: RegExp): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    url.protocol === 'https:' &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    HOST.test(url.hostname) &&
    path.test(url.pathname)
  );
}

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
export function createSnsVerifier({
  fetchText,
  clock,
}: {
  readonly fetchText: FetchText;
  readonly clock: () => number;
}) {
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
    if (!isSnsUrl(url, /^\/SimpleNotificationService-[A-Za-z0-9]+\.pem$/)) return false;
    const signer = await certificate(url);
    const now = clock();
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
