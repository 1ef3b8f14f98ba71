import type { FastifyPluginCallback } from 'fastify';
import type { Kind } from '../domain/kinds.js';
import type { MailEvent, MailProvider } from '../email/providers/provider.js';
import type { Arrival } from '../domain/arrivals.js';
import { isKit, isOrder, type Subject } from '../domain/subjects.js';
import { refusal } from './refusals.js';
import type { Bodies, ReadBody } from './bodies.js';

/** The notification that an email was. */
export interface Reported {
  /** `staff` for the team's own. */
  readonly subject: string;
  readonly kind: Kind;
  readonly occurrence: number;
}

/** What the ledger does with reports. Both are safe to repeat: a provider sends again what we don't answer. */
export interface ReportLedger {
  byMessageId(messageId: string): Promise<Reported | null>;
  /** Writes it to the email's row, and suppresses what follows from it for its address; never takes anything back. */
  noteOutcome(
    outcome: Pick<MailEvent, 'what' | 'permanent' | 'keepsAddress' | 'recipients'> & {
      readonly messageId: string;
      readonly cause: string;
      /** ms */
      readonly at: number;
    },
  ): Promise<unknown>;
}

export interface MailEventsOptions {
  readonly providers: readonly MailProvider[];
  readonly bodies: Bodies;
  readonly ledger: ReportLedger;
  /** The one way in: resolves when committed. */
  readonly keep: (arrival: Arrival) => Promise<unknown>;
  /** ms since the epoch */
  readonly clock: () => number;
  readonly count?: (outcome: ReportOutcome, provider: string) => void;
}

/** `unknown`: about an email that isn't ours, as when other software sends through the same account. */
type ReportOutcome = 'kept' | 'unknown' | 'quarantined' | 'refused' | 'unavailable';

const MAIL_EVENTS_PATH = '/email/events';
const LARGEST_REPORT = 262_144;
const AGAIN_AFTER = '60';

/** `POST /email/events/{provider}`: what became of emails after the mail server had taken them. */
export const mailEvents: FastifyPluginCallback<MailEventsOptions> = (app, options, done) => {
  const { providers, bodies, ledger, keep, clock, count = () => undefined } = options;
  // SNS sends JSON as text/plain: the bytes are what is verified, whatever they are called.
  bodies.readIn(app, LARGEST_REPORT);

  for (const provider of providers)
    app.post(`${MAIL_EVENTS_PATH}/${provider.name}`, async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const encoding = request.headers['content-encoding'] ?? 'identity';
      if (encoding.toLowerCase() !== 'identity') return refuse(refusal('unsupported_encoding'));
      const body = request.body as ReadBody;
      if (body === 'not_committed') return unavailable();
      if (body === 'body_too_large') throw Object.assign(new Error(body), { statusCode: 413 });
      const answer = await provider.read({ headers: request.headers, body });
      if (answer.verdict === 'events')
        try {
          for (const event of answer.events) count(await take(event, provider.name, body), provider.name);
          return await reply.send({ received: true });
        } catch {
          return unavailable();
        }
      count(answer.verdict, provider.name);
      if (answer.verdict === 'unavailable') return unavailable();
      if (provider.challenge !== undefined) reply.header('www-authenticate', provider.challenge);
      return refuse(NOT_VERIFIED);

      function unavailable() {
        reply.header('retry-after', AGAIN_AFTER);
        return refuse(refusal('unavailable', NOT_STORED));
      }
      function refuse({ status, body }: { readonly status: number; readonly body: object }) {
        return reply.code(status).send(body);
      }
    });
  done();

  async function take(event: MailEvent, provider: string, raw: Buffer): Promise<ReportOutcome> {
    const receivedAt = clock();
    const about = event.messageId === null ? null : await ledger.byMessageId(event.messageId);
    if (event.messageId !== null && about === null) return 'unknown';
    const at = happenedAt(event, receivedAt);
    const arrival = arrivalOf(event, about, { provider, raw, receivedAt, at });
    if (about !== null && event.messageId !== null) {
      const { messageId, what, permanent, keepsAddress, recipients = [] } = event;
      const cause = `mail:${event.id}`;
      await ledger.noteOutcome({
        messageId,
        what,
        permanent,
        ...(keepsAddress && { keepsAddress }),
        recipients,
        cause,
        at,
      });
    }
    await keep(arrival);
    return about === null ? 'quarantined' : 'kept';
  }
};

const NOT_VERIFIED = {
  status: 401,
  body: { error: { code: 'report_not_verified', message: 'This is not signed as its provider signs.' } },
};
const NOT_STORED = 'This could not be stored. Please send it again.';

const EARLIEST = Date.UTC(2020, 0);

/** When it happened (ms), by the provider's clock where that can be: not after we were told of it, not before 2020. */
const happenedAt = ({ at }: MailEvent, receivedAt: number): number =>
  at === null || at < EARLIEST ? receivedAt : Math.min(at, receivedAt);

interface Receipt {
  readonly provider: string;
  readonly raw: Buffer;
  /** ms */
  readonly receivedAt: number;
  /** ms */
  readonly at: number;
}

function arrivalOf(event: MailEvent, about: Reported | null, { provider, raw, receivedAt, at }: Receipt): Arrival {
  const fact = {
    event: `mail.${event.what}` as const,
    cause: `mail:${event.id}`,
    receivedAt,
    at,
  };
  const subject = about === null ? null : journeyOf(about.subject);
  return {
    source: 'mail',
    externalId: `${provider}:${event.id}`.slice(0, 200),
    event: fact.event,
    verdict: about === null ? 'quarantined' : 'accepted',
    reason: about === null ? 'no_message_id' : null,
    eventAt: event.at,
    receivedAt,
    raw,
    routed:
      about === null || subject === null
        ? []
        : [
            {
              subject,
              fact: {
                ...fact,
                mail: {
                  kind: about.kind,
                  occurrence: about.occurrence,
                  ...(event.what === 'bounced' ? { permanent: event.permanent } : {}),
                },
              },
              details: null,
            },
          ],
    links: [],
  };
}

/** The team's own emails belong to no journey. */
const journeyOf = (subject: string): Subject | null =>
  isKit(subject) || isOrder(subject) ? (subject as Subject) : null;
