import { setTimeout } from 'node:timers/promises';
import type { NotifyOutcome } from '../src/domain/activities.js';
import { isOfResults } from '../src/domain/kinds.js';
import type { NotificationState, Reason } from '../src/domain/notifications.js';
import type { ComposedEmail, HandOver, Mailer } from '../src/email/types.js';
import type { Claim, Ledger } from '../src/ledger/ledger.js';
import { cancelled, tryAgain, type Attempt, type Log } from './attempt.js';
import { HOUR, MINUTE, SECOND } from '../src/domain/durations.js';

const SMTP_TIME = 100_000;
/** While another attempt holds the row: how soon to look, at the latest, whether it has settled. */
const LOOK_AGAIN = 10_000;
/** After a server took results and gave no answer. */
const AFTER_NO_ANSWER = 5 * MINUTE;

/** First and longest pause (ms) while the database is away: some 12 s in all, a failover takes less than ten. */
const WRITE_AGAIN = 100;
const LONGEST_WRITE_PAUSE = 6_400;

export interface SendingPorts {
  readonly ledger: Ledger;
  readonly mailer: Mailer;
  /** ms since the epoch */
  readonly clock: () => number;
  readonly log: Log;
  /** Waits (ms) before the database is asked again; default: the time itself. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** An email that is ready to go. */
export interface Outgoing {
  readonly email: ComposedEmail;
  readonly to: { readonly email: string; readonly address: string };
  /** Nothing is sent when one of these was erased meanwhile. */
  readonly subjects: readonly string[];
}

/** What became of the row: nothing is sent then. */
export type Settled = { readonly settled: NotifyOutcome };

/**
 * The right to send one notification now, or how it stands where there is nothing to send any more.
 * @throws what Temporal should try again while another attempt holds it.
 */
export async function claimOrSettled(
  ledger: Ledger,
  request: Parameters<Ledger['claim']>[0],
): Promise<{ readonly claim: Claim } | Settled> {
  const claimed = await ledger.claim(request);
  switch (claimed.outcome) {
    case 'busy':
      throw tryAgain('no_answer', { after: Math.min(claimed.leaseLeft + 500, LOOK_AGAIN) });
    case 'settled':
      return { settled: outcomeOf(claimed.told) };
    case 'claimed':
      return { claim: claimed.claim };
  }
}

/**
 * Sends one email under a claim, to a patient or to the team alike: prepares it, hands it over, and settles the row under
 * this attempt's number. What trying again can't change is returned; what Temporal should try again is thrown.
 *
 * @param prepare composes the email, or settles the row because something stands in the way.
 */
export async function sendUnderClaim(
  { ledger, mailer, clock, log, pause = setTimeout }: SendingPorts,
  claim: Claim,
  attempt: Attempt,
  prepare: (claim: Claim) => Promise<Outgoing | Settled>,
): Promise<NotifyOutcome> {
  try {
    const prepared = await prepare(claim);
    if ('settled' in prepared) return prepared.settled;
    const { email, to, subjects } = prepared;
    if (!(await ledger.beginHandOver(claim, to, subjects))) throw tryAgain('no_answer', { after: LOOK_AGAIN });
    // A mailer gives up before DATA when it is told to; from DATA on it waits for the server, whatever is wanted.
    const signal = AbortSignal.any([attempt.signal, claim.lost, AbortSignal.timeout(SMTP_TIME)]);
    return await settle(to, await mailer.handOver(email, { signal }));
  } finally {
    ledger.letGo(claim);
  }

  async function settle(to: Outgoing['to'], answer: HandOver): Promise<NotifyOutcome> {
    switch (answer.outcome) {
      case 'accepted':
        return write('sent', null);
      case 'refused':
        // An earlier attempt may have told them after all: then it would be a lie that they weren't.
        if (claim.mayHaveGone) return write('unknown', 'no_answer');
        return write('failed', answer.about === 'address' ? 'address_refused' : 'server_refused');
      case 'no_answer': {
        const unknown = await write('unknown', 'no_answer');
        if (isOfResults(claim.kind) && !attempt.signal.aborted && ledger.mayTryAfterNoAnswer(claim))
          throw tryAgain('no_answer', { after: AFTER_NO_ANSWER });
        return unknown;
      }
      case 'temporary':
        return await putOff(answer.greylisted ? 'greylisting' : 'refusal', answer.mayHaveGone);
      case 'unreachable':
        return await putOff('refusal', false);
      case 'cancelled':
        await write('deferred', claim.lastReason ?? 'cancelled');
        throw attempt.signal.aborted ? cancelled() : tryAgain('server_refused');
    }

    async function putOff(by: 'greylisting' | 'refusal', mayHaveGone: boolean): Promise<never> {
      const ms = by === 'greylisting' ? afterGreylisting(claim) : afterRefusal(claim);
      await write('deferred', 'server_refused', { putOff: { by, ms }, mayHaveGone });
      throw tryAgain('server_refused', { after: ms });
    }

    async function write(
      status: NotifyOutcome['status'],
      reason: Reason | null,
      doubts: Pick<Parameters<Ledger['settle']>[1], 'putOff' | 'mayHaveGone'> = {},
    ): Promise<NotifyOutcome> {
      const at = clock();
      const words = 'reply' in answer ? { sealed: { to: to.email, reply: answer.reply } } : {};
      const held = await untilWritten(() => ledger.settle(claim, { status, reason, at, ...doubts, ...words }), pause);
      // Its lease was over, or the journey gave it up: whoever holds the row says what counts; this one is in the log.
      if (!held) log(`late answer: ${answer.outcome}`, { subject: claim.subject, kind: claim.kind });
      return { status, reason, until: null, settledAt: at, address: to.address };
    }
  }
}

/**
 * The server has answered, and only the database doesn't: it is asked again for some seconds, because an answer that is
 * lost here means a second email. Written twice it is written once: the attempt's number fences it.
 */
async function untilWritten<T>(write: () => Promise<T>, wait: (ms: number) => Promise<unknown>): Promise<T> {
  for (let pause = WRITE_AGAIN; ; pause *= 2) {
    try {
      return await write();
    } catch (error) {
      if (pause > LONGEST_WRITE_PAUSE) throw error;
      await wait(pause);
    }
  }
}

/** What became of a row that is settled: there is no second email, and this is what became of the first. */
export function outcomeOf({ status, reason, at, address }: NotificationState): NotifyOutcome {
  // A row whose holder is at work can't be told to a journey as settled.
  if (status === 'sending') throw new Error('the notification is still being sent');
  return { status, reason, until: null, settledAt: at, address: address ?? null };
}

// The row counts, and not Temporal: of its attempts some only found that the row was held, or the database away.

/** 5, 10, 20, 40, then 60 minutes: a greylisting ends within minutes or not for hours. */
const afterGreylisting = ({ greylistings }: Claim): number => Math.min(5 * 2 ** Math.min(greylistings, 4), 60) * MINUTE;

/** 1 s, and twice as long each time, to an hour. */
const afterRefusal = ({ refusals }: Claim): number => Math.min(SECOND * 2 ** Math.min(refusals, 12), HOUR);
