import type { NotifyInput, NotifyOutcome } from '../src/domain/activities.js';
import { SECOND } from '../src/domain/durations.js';
import type { Topic } from '../src/domain/kinds.js';
import { isOperators, statusWhenOvertaken, type NotificationKey, type Status } from '../src/domain/notifications.js';
import { emailInput } from '../src/email/input.js';
import type { ComposedEmail, Emails } from '../src/email/types.js';
import type { Claim, Contact } from '../src/ledger/ledger.js';
import { runAttempt, tryAgain, type Attempt } from './attempt.js';
import { look, type CheckSettings, type Obstacle } from './last-checks.js';
import { claimOrSettled, sendUnderClaim, type Outgoing, type SendingPorts, type Settled } from './send-under-claim.js';

/** An order that decides nothing for so long, or whose email is put off for so long, doesn't keep its kits waiting. */
const PATIENCE_WITH_THE_ORDER = 75 * SECOND;
/** ms between two looks at it. */
const [SOONEST_LOOK, LATEST_LOOK] = [2 * SECOND, 16 * SECOND];
const MAY_HAVE_TOLD: readonly Status[] = ['sent', 'delivered', 'unknown'];

export interface NotifyPorts extends SendingPorts {
  readonly emails: Emails;
  readonly settings: () => CheckSettings;
  /** The link by which the person behind this keyed hash stops a topic. */
  readonly stopUrl: (topic: Topic, address: string) => string;
}

/**
 * One attempt to send one email to one person: claim, check, compose, hand over, settle. What trying again can't change
 * is returned; what Temporal should try again is thrown, as a code.
 */
export function createNotifyPatient(ports: NotifyPorts): (input: NotifyInput) => Promise<NotifyOutcome> {
  const { ledger, emails, clock, log } = ports;

  return (input) => runAttempt({ subject: input.subject, kind: input.kind }, log, (attempt) => notify(input, attempt));

  async function notify(input: NotifyInput, attempt: Attempt): Promise<NotifyOutcome> {
    const wait = input.unlessTold === undefined ? null : await waitFor(input.unlessTold, input.at);
    if (wait !== null) throw tryAgain('no_answer', { after: wait, benign: true });
    const claimed = await claimOrSettled(ledger, {
      decision: input,
      journey: input.journey,
      projection: input.projection,
      reopens: input.reopen === true,
    });
    if ('settled' in claimed) return claimed.settled;
    return await sendUnderClaim(ports, claimed.claim, attempt, (claim) => prepare(input, claim));
  }

  async function prepare(input: NotifyInput, claim: Claim): Promise<Outgoing | Settled> {
    if (input.overtaken !== undefined) return await settle(input, claim, overtakenBy(input.overtaken));
    const standing = await ledger.standingOf(input);
    const found = look({ ...standing, input, settings: ports.settings(), now: clock() });
    if ('reason' in found) return await settle(input, claim, found);
    const { contact } = found;
    if (input.unlessTold !== undefined && (await wasTold(input.unlessTold, contact)))
      return await settle(input, claim, { status: 'not_sent', reason: 'already_told', until: null });
    return { email: await compose(input, claim, contact), to: contact, subjects: [input.subject, input.journey] };
  }

  /**
   * How long (ms) to wait before the next look at a notification that its own journey has not decided yet, or is
   * sending, or has put off; null when there is nothing to wait for any more. Time counts, and not Temporal's attempts:
   * of these some only found the row held, or the database away. What is being sent is settled before long.
   * @param decidedAt when what waits for it was decided (ms).
   */
  async function waitFor(key: NotificationKey, decidedAt: number): Promise<number | null> {
    const state = await ledger.stateOf(key);
    if (state !== null && state.status !== 'sending' && state.status !== 'deferred') return null;
    const passed = clock() - (state?.at ?? decidedAt);
    if (state?.status !== 'sending' && passed >= PATIENCE_WITH_THE_ORDER) return null;
    return Math.min(Math.max(passed, SOONEST_LOOK), LATEST_LOOK);
  }

  async function wasTold(key: NotificationKey, { email }: Contact): Promise<boolean> {
    const state = await ledger.stateOf(key);
    if (state?.address == null || !MAY_HAVE_TOLD.includes(state.status)) return false;
    return ledger.isAddressOf(state.address, email);
  }

  async function compose(input: NotifyInput, claim: Claim, contact: Contact): Promise<ComposedEmail> {
    const parcels = input.sourceSeq === null ? [] : await ledger.parcelsOf(input.subject, input.sourceSeq);
    return emails.compose(
      emailInput(input, {
        to: contact.email,
        person: contact.person,
        messageId: claim.messageId,
        at: clock(),
        parcels,
        stopUrl: (topic) => ports.stopUrl(topic, contact.address),
      }),
    );
  }

  async function settle(input: NotifyInput, claim: Claim, obstacle: Obstacle): Promise<Settled> {
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
    return { settled: { status, reason, until: obstacle.until, settledAt: at, address: null } };
  }
}

const overtakenBy = (reason: NonNullable<NotifyInput['overtaken']>): Obstacle => ({
  status: statusWhenOvertaken(reason),
  reason,
  until: null,
});
