import type { AlertInput } from '../src/domain/activities.js';
import { alertLimit, attentionSentence, type AlertLimit } from '../src/domain/attention.js';
import { HOUR, MINUTE } from '../src/domain/durations.js';
import { isKit, nameOf, STAFF } from '../src/domain/subjects.js';
import type { Emails, StaffAlert } from '../src/email/types.js';
import type { Alert, Claim, Ledger } from '../src/ledger/ledger.js';
import { runAttempt, tryAgain, type Attempt } from './attempt.js';
import { claimOrSettled, sendUnderClaim, type Outgoing, type SendingPorts, type Settled } from './send-under-claim.js';

/** So long a subject's projection may lag behind the alert about it. */
const PROJECTION_LAG = 5 * MINUTE;

export interface AlertPorts extends SendingPorts {
  readonly emails: Emails;
  /** ALERT_EMAIL: one email goes to all of them; none: nobody is written to, the desk and the metric still tell. */
  readonly alertEmail: readonly string[];
}

/** `minute`: what keeps results from their patient waits for no hour to end. */
const LIMITS: Record<AlertLimit, number> = { hour: HOUR, minute: MINUTE };

/**
 * Tells the team that a human must look: at most one email an hour, of what is pressing one a minute, in the ledger
 * under `staff` and the number of that hour or minute. Whoever claims its row sends, for all that wait with the same
 * limit; the rest come back when it ends, and find either that an email has spoken of them or that they are the one to
 * send. So nothing but Temporal's own retries keeps the time.
 */
export function createAlertStaff(ports: AlertPorts): (input: AlertInput | null) => Promise<void> {
  const { ledger, emails, clock, log } = ports;

  return (input) =>
    runAttempt({ subject: input?.subject ?? STAFF, kind: 'staff.alert' }, log, (attempt) => alert(input, attempt));

  async function alert(input: AlertInput | null, attempt: Attempt): Promise<void> {
    if (input === null) await ledger.alerts.projectStaff();
    const [to, ...alsoTo] = ports.alertEmail;
    if (to === undefined) return;
    const kept = input === null ? 'waiting' : await ledger.alerts.keep({ ...input, kind: input.kind ?? null });
    const limit = input === null ? 'minute' : alertLimit(input.code, input.kind ?? null);
    const cause = input?.subject ?? STAFF;
    if (kept === 'told' || (await waiting(limit)).length === 0) {
      // An attempt that died, or was put off, before all that it was about was cleared: nobody else comes back to its row.
      for (const occurrence of await ledger.alerts.underWay()) await endUnsent(occurrence, limit, cause);
      return;
    }

    const length = LIMITS[limit];
    const occurrence = Math.floor(clock() / length);
    const claimed = await claimOrSettled(ledger, claimOf(occurrence, limit, cause));
    if ('settled' in claimed) throw tryAgain('already_told', { after: (occurrence + 1) * length - clock() });
    let told: readonly Alert[] = [];
    const { status } = await sendUnderClaim(ports, claimed.claim, attempt, async (claim) => {
      told = await waiting(limit);
      return await prepare(told, limit, claim, to, alsoTo);
    });
    // One that was refused is not tried again: nobody else can be told, the desk and the metric still show it.
    if (status === 'sent') await ledger.alerts.told(told, occurrence);
  }

  function claimOf(occurrence: number, limit: AlertLimit, cause: string): Parameters<Ledger['claim']>[0] {
    const rule = `staff.alert: one ${limit === 'hour' ? 'an hour' : 'a minute'}`;
    return {
      decision: {
        subject: STAFF,
        kind: 'staff.alert',
        occurrence,
        sourceSeq: null,
        verdict: 'send',
        reason: null,
        cause,
        rule,
        at: clock(),
      },
      journey: null,
      projection: null,
      reopens: false,
    };
  }

  async function endUnsent(occurrence: number, limit: AlertLimit, cause: string): Promise<void> {
    const claimed = await claimOrSettled(ledger, claimOf(occurrence, limit, cause));
    if ('settled' in claimed) return;
    try {
      await settleCleared(claimed.claim);
    } finally {
      ledger.letGo(claimed.claim);
    }
  }

  async function settleCleared(claim: Claim): Promise<Settled> {
    // Of one that may have gone nobody can say that it wasn't sent.
    const became = claim.mayHaveGone
      ? ({ status: 'unknown', reason: 'no_answer' } as const)
      : ({ status: 'not_sent', reason: 'superseded' } as const);
    const at = clock();
    await ledger.settle(claim, { ...became, at });
    return { settled: { ...became, until: null, settledAt: at, address: null } };
  }

  function waiting(limit: AlertLimit): Promise<readonly Alert[]> {
    return ledger.alerts.waiting(limit, clock() - PROJECTION_LAG);
  }

  async function prepare(
    [first, ...others]: readonly Alert[],
    limit: AlertLimit,
    claim: Claim,
    to: string,
    alsoTo: readonly string[],
  ): Promise<Outgoing | Settled> {
    if (first === undefined) return await settleCleared(claim);
    const email = await emails.compose(emailAbout(first, { others: others.length, limit }, claim, to, clock()));
    return { email: { ...email, alsoTo }, to: { email: to, address: ledger.addressOf(to) }, subjects: [] };
  }
}

const emailAbout = (
  { subject, code, kind }: Alert,
  rest: Pick<StaffAlert, 'others' | 'limit'>,
  { messageId }: Claim,
  to: string,
  at: number,
): Parameters<Emails['compose']>[0] => ({
  kind: 'staff.alert',
  firstWord: false,
  barcode: isKit(subject) ? nameOf(subject) : null,
  to,
  person: null,
  messageId,
  at,
  times: { shippedAt: null, expectedDelivery: null, expectedCompletion: null },
  parcels: [],
  stopUrl: () => '',
  alert: { subject, sentence: attentionSentence(code, kind ?? undefined), ...rest },
});
