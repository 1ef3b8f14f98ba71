import { isOfResults, type Topic } from '../src/domain/kinds.js';
import { isOperators, type Reason } from '../src/domain/notifications.js';
import type { NotifyInput, NotifyOutcome } from '../src/domain/activities.js';
import { isKit, nameOf } from '../src/domain/subjects.js';
import type { ComposedEmail, Emails, HandOver, Mailer } from '../src/email/types.js';
import type { Claim, Contact, Ledger } from '../src/ledger/ledger.js';
import { calledBack, inAttempt, type Attempt } from './attempt.js';
import { look, type CheckSettings, type Obstacle } from './checks.js';
import { inCodes, tryAgain, type Log } from './failures.js';
import { outcomeOf } from './outcome.js';

const MINUTE = 60_000;
const SMTP_TIME = 100_000;
/** While another attempt holds the row: how soon to look whether it has settled. */
const LOOK_AGAIN = 10_000;
/** After a server took results and gave no answer. */
const AFTER_NO_ANSWER = 5 * MINUTE;

export interface NotifyPorts {
  readonly ledger: Ledger;
  readonly emails: Emails;
  readonly mailer: Mailer;
  readonly settings: () => CheckSettings;
  /** The link by which the person behind this keyed hash stops a topic. */
  readonly stopUrl: (topic: Topic, address: string) => string;
  /** ms since the epoch */
  readonly clock: () => number;
  readonly log: Log;
}

/**
 * One attempt to send one email to one person: claim, look, compose, hand over, settle. What trying again can't change
 * is returned; what Temporal should try again is thrown, as a code.
 */
export function createNotifyPatient(ports: NotifyPorts): (input: NotifyInput) => Promise<NotifyOutcome> {
  const { ledger, emails, clock, log } = ports;

  return (input) =>
    inCodes(
      () => inAttempt((attempt) => notify(input, attempt)),
      (mishap) => {
        log('notification met a mishap', { subject: input.subject, kind: input.kind, ...mishap });
      },
    );

  async function notify(input: NotifyInput, attempt: Attempt): Promise<NotifyOutcome> {
    const claimed = await ledger.claim({
      decision: input,
      journey: input.journey,
      projection: input.projection,
      reopens: input.reopen === true,
    });
    if (claimed.outcome === 'busy') throw tryAgain('no_answer', Math.min(claimed.leaseLeft + 500, LOOK_AGAIN));
    if (claimed.outcome === 'settled') return outcomeOf(claimed.told);
    const { claim } = claimed;
    try {
      if (input.overtaken !== undefined) return await settleObstacle(input, claim, overtakenBy(input.overtaken));
      const standing = await ledger.standingOf(input);
      const found = look({ ...standing, input, settings: ports.settings(), now: clock() });
      if ('reason' in found) return await settleObstacle(input, claim, found);
      const email = await compose(input, claim, found.contact);
      if (!(await ledger.beginHandOver(claim, found.contact, [input.subject, input.journey]))) {
        throw tryAgain('no_answer', LOOK_AGAIN);
      }
      return await settleAnswer(input, claim, found.contact, attempt, await handOver(email, attempt));
    } finally {
      ledger.letGo(claim);
    }
  }

  async function compose(input: NotifyInput, claim: Claim, contact: Contact): Promise<ComposedEmail> {
    const { kind, firstWord, subject } = input;
    const parcels = input.sourceSeq === null ? [] : await ledger.parcelsOf(subject, input.sourceSeq);
    return emails.compose({
      kind,
      firstWord,
      barcode: isKit(subject) ? nameOf(subject) : null,
      to: contact.email,
      person: contact.person,
      messageId: claim.messageId,
      at: clock(),
      times: {
        shippedAt: input.shippedAt,
        expectedDelivery: input.expectedDelivery,
        expectedCompletion: input.expectedCompletion,
      },
      parcels,
      stopUrl: (topic) => ports.stopUrl(topic, contact.address),
    });
  }

  /** A mailer gives up before DATA when it is told to; from DATA on it waits for the server, whatever is wanted. */
  function handOver(email: ComposedEmail, attempt: Attempt): Promise<HandOver> {
    return ports.mailer.handOver(email, { signal: AbortSignal.any([attempt.signal, AbortSignal.timeout(SMTP_TIME)]) });
  }

  async function settleObstacle(input: NotifyInput, claim: Claim, obstacle: Obstacle): Promise<NotifyOutcome> {
    const at = clock();
    // An earlier attempt may have told them after all: then it would be a lie that they weren't.
    const { status, reason } =
      obstacle.status === 'not_sent' && claim.mayHaveGone
        ? { status: 'unknown' as const, reason: 'no_answer' as const }
        : obstacle;
    const verdict = obstacle.status === 'deferred' ? 'wait' : 'not_send';
    // An operator who asks is answered, also when nothing has changed.
    const goesOn = verdict === 'wait' && claim.lastReason === obstacle.reason && !isOperators(input.cause);
    await ledger.settle(claim, {
      status,
      reason,
      at,
      ...(obstacle.reason === 'quiet_hours' && obstacle.until !== null ? { quietUntil: obstacle.until } : {}),
      ...(goesOn ? {} : { decision: { ...input, verdict, reason: obstacle.reason, at } }),
    });
    return { status, reason, until: obstacle.until, settledAt: at, address: null };
  }

  async function settleAnswer(
    input: NotifyInput,
    claim: Claim,
    contact: Contact,
    attempt: Attempt,
    answer: HandOver,
  ): Promise<NotifyOutcome> {
    const at = clock();
    const settle = async (status: NotifyOutcome['status'], reason: Reason | null): Promise<NotifyOutcome> => {
      const words = 'reply' in answer ? { sealed: { to: contact.email, reply: answer.reply } } : {};
      const held = await ledger.settle(claim, { status, reason, at, ...words });
      // Its lease was over, or the journey gave it up: whoever holds the row says what counts; this one is in the log.
      if (!held) log(`late answer: ${answer.outcome}`, { subject: input.subject, kind: input.kind });
      return { status, reason, until: null, settledAt: at, address: contact.address };
    };
    switch (answer.outcome) {
      case 'accepted':
        return settle('sent', null);
      case 'refused':
        return settle('failed', answer.about === 'address' ? 'address_refused' : 'server_refused');
      case 'no_answer': {
        const unknown = await settle('unknown', 'no_answer');
        if (isOfResults(input.kind) && !attempt.signal.aborted && ledger.mayTryAfterNoAnswer(claim)) {
          throw tryAgain('no_answer', AFTER_NO_ANSWER);
        }
        return unknown;
      }
      case 'temporary':
        await settle('deferred', 'server_refused');
        throw tryAgain('server_refused', answer.greylisted ? afterGreylisting(attempt.number) : undefined);
      case 'unreachable':
        await settle('deferred', 'server_refused');
        throw tryAgain('server_refused');
      case 'cancelled':
        await settle('deferred', claim.lastReason ?? 'cancelled');
        throw attempt.signal.aborted ? calledBack() : tryAgain('server_refused');
    }
  }
}

const overtakenBy = (reason: NonNullable<NotifyInput['overtaken']>): Obstacle => ({
  status: reason === 'contact_conflict' ? 'deferred' : 'not_sent',
  reason,
  until: null,
});

/** 5, 10, 20, 40, then 60 minutes: a greylisting ends within minutes or not for hours. */
const afterGreylisting = (attempt: number): number => Math.min(5 * 2 ** Math.min(attempt - 1, 4), 60) * MINUTE;
