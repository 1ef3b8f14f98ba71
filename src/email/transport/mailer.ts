import { Readable } from 'node:stream';
import { createTransport, type NodemailerError } from 'nodemailer';
import { usableAddress } from '../../domain/address.js';
import { postmarkHeaders } from '../providers/postmark.js';
import type { ComposedEmail, HandOver, HandOverOptions, Mailer } from '../types.js';
import { classify, type SmtpFailure } from './classify.js';
import { createDkimSigner, type Dkim } from './dkim.js';
import { sessionOf, type Session } from './session.js';
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

/**
 * Hands emails to an SMTP server over a pool of connections, once each: repeating is Temporal's.
 * @throws Error with one sentence where SMTP_URL or the DKIM key can't be read.
 */
export function createMailer({ smtpUrl, requireTls, dkim, connections = 5, deadline = 95_000 }: MailerOptions): Mailer {
  const server = readSmtpUrl(smtpUrl, { requireTls });
  const sign = dkim === null ? null : createDkimSigner(dkim);
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
  });

  // Each hand-over has a signal of its own, by which its message is found again inside the transport.
  const attempts = new WeakMap<AbortSignal, Attempt>();
  transport.use('stream', (mail, done) => {
    const attempt = mail.data.signal === undefined ? undefined : attempts.get(mail.data.signal);
    if (attempt === undefined) {
      done();
      return;
    }
    const message = mail.message;
    const envelopeOf = message.getEnvelope.bind(message);
    // Asked for when a connection is there to send it over, just before MAIL FROM.
    message.getEnvelope = () => {
      const envelope = envelopeOf();
      attempt.session = sessionOf(transport.transporter, mail);
      // Without a recipient nothing is sent, and the connection stays good.
      return { ...envelope, to: attempt.recipientsOver(attempt.session) };
    };
    message.build().then(
      (built) => {
        const raw = sign === null ? built : sign(built);
        // Read first when the server has answered DATA with "go on": this is the moment from which it may arrive.
        message.createReadStream = () =>
          Readable.from(
            (function* () {
              attempt.leave();
              yield raw;
            })(),
            { objectMode: false },
          );
        done();
      },
      (error: unknown) => {
        done(error as Error);
      },
    );
  });

  return {
    async handOver(message, options = {}) {
      // One of the team's addresses that is no use keeps an alert from nobody else; a patient's is the only one.
      const to = [message.to, ...(message.alsoTo ?? [])].map(usableAddress).filter((address) => address !== null);
      if (to.length === 0) return { outcome: 'refused', about: 'address', reply: NO_ADDRESS };
      const attempt = new Attempt({ ...options, to, from: message.from.address }, deadline);
      attempts.set(attempt.signal, attempt);
      try {
        const { response } = await transport.sendMail({ ...mimeOf(message, to, server.host), signal: attempt.signal });
        return { outcome: 'accepted', reply: response };
      } catch (error) {
        return attempt.ended() ?? classify(withItsReply(error as NodemailerError, attempt.session), attempt.leaving);
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
const NO_SMTPUTF8 = 'not sent: the mail server takes no address with letters beyond ASCII (it offers no SMTPUTF8)';

/**
 * A 421 on a connection that was used before: the pool forgets what was said, and tells only that it gave up. The last
 * reply of a connection is a 421 exactly when the server ended it so.
 */
function withItsReply(failure: NodemailerError, session: Session | null): SmtpFailure {
  const reply = session?.lastReply() ?? '';
  if (failure.response !== undefined || !/^421(?=[ -]|$)/.test(reply)) return failure;
  return { message: failure.message, response: reply, responseCode: 421 };
}

/** One hand-over: until its message leaves it can be called off, by the caller or by the deadline. */
class Attempt {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #ending: HandOver | null = null;
  leaving = false;
  /** What it goes over; null while it waits for a connection. */
  session: Session | null = null;

  constructor(
    private readonly options: HandOverOptions & { readonly to: readonly string[]; readonly from: string },
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

  /**
   * Whom it may go to over this session: those whose addresses the server can carry (RFC 6531). Garbled on the way they
   * may reach somebody else, or nobody while the server says that it took them.
   */
  recipientsOver(session: Session | null): string[] {
    const { to, from } = this.options;
    if (session?.offers('SMTPUTF8') === true) return [...to];
    const carried = isAscii(from) ? to.filter(isAscii) : [];
    if (carried.length === 0 && session !== null)
      this.#ending ??= { outcome: 'refused', about: isAscii(from) ? 'address' : 'server', reply: NO_SMTPUTF8 };
    return carried;
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

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** The message in nodemailer's words. Addresses go as objects, so that nothing parses a name or an address again. */
function mimeOf(message: ComposedEmail, to: readonly string[], smtpHost: string) {
  const headers = { ...message.headers, ...postmarkHeaders(smtpHost, message.messageId) };
  const ascii = to.filter(isAscii);
  return {
    envelope: { from: message.from.address, to: [...to] },
    from: { ...message.from },
    // Written before it is known whether the server can carry letters beyond ASCII: they are named where they must be.
    to: (ascii.length > 0 ? ascii : to).map((address) => ({ name: '', address })),
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
