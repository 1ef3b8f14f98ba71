import { Readable } from 'node:stream';
import { createTransport, type NodemailerError } from 'nodemailer';
import { usableAddress } from '../../domain/address.js';
import { postmarkHeaders } from '../providers/postmark.js';
import type { ComposedEmail, HandOver, HandOverOptions, Mailer } from '../types.js';
import { classify } from './classify.js';
import { readSmtpUrl } from './smtp-url.js';

export interface MailerOptions {
  readonly smtpUrl: string;
  /** Refuse to speak without TLS, whatever the URL says: production. */
  readonly requireTls: boolean;
  readonly dkim: Dkim | null;
  /** Connections kept open to the server. Default 5. */
  readonly connections?: number;
  /** ms for one hand-over, the wait for a free connection included; less than an attempt's lease. Default 95 s. */
  readonly deadline?: number;
}

interface Dkim {
  readonly domain: string;
  readonly selector: string;
  /** PEM */
  readonly privateKey: string;
}

/** What the DKIM signature covers. RFC 8058 needs both List-Unsubscribe headers in it. */
const SIGNED =
  'From:Reply-To:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Content-Language:Auto-Submitted:Feedback-ID:' +
  'List-Unsubscribe:List-Unsubscribe-Post';

/** Hands emails to an SMTP server over a pool of connections, once each: repeating is Temporal's. */
export function createMailer({ smtpUrl, requireTls, dkim, connections = 5, deadline = 95_000 }: MailerOptions): Mailer {
  const server = readSmtpUrl(smtpUrl, { requireTls });
  const transport = createTransport({
    ...server,
    pool: true,
    maxConnections: connections,
    // A message dropped by the pool must come back to us: it would otherwise be repeated beneath the ledger.
    maxRequeues: 0,
    dnsTimeout: 10_000,
    connectionTimeout: 20_000,
    greetingTimeout: 20_000,
    socketTimeout: 60_000,
    idleTimeout: 60_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(dkim === null
      ? {}
      : {
          dkim: {
            domainName: dkim.domain,
            keySelector: dkim.selector,
            privateKey: dkim.privateKey,
            headerFieldNames: SIGNED,
          },
        }),
  });

  // Each hand-over has a signal of its own, by which its message is found again inside the transport.
  const attempts = new WeakMap<AbortSignal, Attempt>();
  transport.use('stream', (mail, done) => {
    const attempt = mail.data.signal === undefined ? undefined : attempts.get(mail.data.signal);
    if (attempt !== undefined) {
      const message = mail.message;
      const open = message.createReadStream.bind(message);
      // Read first when the server has answered DATA with "go on": this is the moment from which it may arrive.
      message.createReadStream = (options) =>
        Readable.from(
          (async function* () {
            attempt.leave();
            yield* open(options);
          })(),
          { objectMode: false },
        );
    }
    done();
  });

  return {
    async handOver(message, options = {}) {
      const to = usableAddress(message.to);
      if (to === null) return { outcome: 'refused', about: 'address', reply: NO_ADDRESS };
      const attempt = new Attempt(options, deadline);
      attempts.set(attempt.signal, attempt);
      try {
        const { response } = await transport.sendMail({ ...mimeOf(message, to, server.host), signal: attempt.signal });
        return { outcome: 'accepted', reply: response };
      } catch (error) {
        return attempt.ended() ?? classify(error as NodemailerError, attempt.leaving);
      } finally {
        attempt.close();
      }
    },
    async verify() {
      await transport.verify();
    },
    close() {
      transport.close();
    },
  };
}

/** Our own words where the server wasn't asked. */
const NO_ADDRESS = 'not sent: this can not be an email address';

/** One hand-over: until its message leaves it can be called off, by the caller or by the deadline. */
class Attempt {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #ending: HandOver | null = null;
  leaving = false;

  constructor(
    private readonly options: HandOverOptions,
    deadline: number,
  ) {
    this.#timer = setTimeout(() => {
      const reply = `no answer within ${String(deadline)} ms`;
      this.#end(this.leaving ? { outcome: 'no_answer', reply } : { outcome: 'unreachable', reply });
    }, deadline);
    options.signal?.addEventListener('abort', this.#cancel);
    if (options.signal?.aborted === true) this.#cancel();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The message begins to leave: from now on it may arrive, and nobody may call it off. */
  leave(): void {
    this.leaving = true;
    this.options.signal?.removeEventListener('abort', this.#cancel);
    this.options.onDataSent?.();
  }

  /** How we ended it ourselves, or null. */
  ended(): HandOver | null {
    return this.#ending;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.options.signal?.removeEventListener('abort', this.#cancel);
  }

  readonly #cancel = (): void => {
    if (!this.leaving) this.#end({ outcome: 'cancelled' });
  };

  #end(ending: HandOver): void {
    this.#ending ??= ending;
    this.#abort.abort();
  }
}

/** The message in nodemailer's words. Addresses go as objects, so that nothing parses a name or an address again. */
function mimeOf(message: ComposedEmail, to: string, smtpHost: string) {
  const headers = { ...message.headers, ...postmarkHeaders(smtpHost, message.messageId) };
  const everybody = [to, ...(message.alsoTo ?? [])];
  return {
    envelope: { from: message.from.address, to: everybody },
    from: { ...message.from },
    to: everybody.map((address) => ({ name: '', address })),
    ...(message.replyTo === null ? {} : { replyTo: { ...message.replyTo } }),
    messageId: message.messageId,
    subject: message.subject,
    html: message.html,
    text: message.text,
    headers: Object.fromEntries(
      // Unfolded: a folded link broke signatures and one-click readers.
      Object.entries(headers).map(([name, value]) => [
        name,
        { prepared: true, foldLines: false, value: value.replace(/[\r\n]+/g, ' ') },
      ]),
    ),
  };
}
