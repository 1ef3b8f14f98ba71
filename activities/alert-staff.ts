import type { AlertInput } from '../src/domain/activities.js';
import { attentionSentence } from '../src/domain/attention.js';
import type { DecisionRow } from '../src/domain/notifications.js';
import { isKit, nameOf, STAFF } from '../src/domain/subjects.js';
import type { Emails } from '../src/email/types.js';
import type { Alert, Claim } from '../src/ledger/ledger.js';
import { runAttempt, tryAgain, type Attempt } from './attempt.js';
import { claimOrSettled, sendUnderClaim, type Outgoing, type SendingPorts, type Settled } from './send-under-claim.js';
import { HOUR, MINUTE } from '../src/domain/durations.js';

/** So long a subject's projection may lag behind the alert about it. */
const PROJECTION_LAG = 5 * MINUTE;

export interface AlertPorts extends SendingPorts {
  readonly emails: Emails;
  /** ALERT_EMAIL: one email goes to all of them; none: nobody is written to, the desk and the metric still tell. */
  readonly alertEmail: readonly string[];
}

/**
 * Tells the team that a human must look: one email an hour, in the ledger under `staff` and the hour. Whoever claims
 * the hour's row sends, for all that wait; the rest come back when the hour ends, and find either that an email has
 * spoken of them or that they are the one to send. So nothing but Temporal's own retries keeps the time.
 */
export function createAlertStaff(ports: AlertPorts): (input: AlertInput) => Promise<void> {
  const { ledger, emails, clock, log } = ports;

  return (input) =>
    runAttempt({ subject: input.subject, kind: 'staff.alert' }, log, (attempt) => alert(input, attempt));

  async function alert(input: AlertInput, attempt: Attempt): Promise<void> {
    const [to, ...alsoTo] = ports.alertEmail;
    if (to === undefined) return;
    const kept = await ledger.alerts.keep({ ...input, kind: input.kind ?? null });
    if (kept === 'told' || (await waiting()).length === 0) return;

    const hour = Math.floor(clock() / HOUR);
    const decision: DecisionRow = {
      subject: STAFF,
      kind: 'staff.alert',
      occurrence: hour,
      sourceSeq: null,
      verdict: 'send',
      reason: null,
      cause: input.subject,
      rule: 'staff.alert: one an hour',
      at: clock(),
    };
    const claimed = await claimOrSettled(ledger, { decision, journey: null, projection: null, reopens: false });
    if ('settled' in claimed) throw tryAgain('already_told', { after: (hour + 1) * HOUR - clock() });
    let told: readonly Alert[] = [];
    const { status } = await sendUnderClaim(ports, claimed.claim, attempt, async (claim) => {
      told = await waiting();
      return await prepare(told, claim, to, alsoTo);
    });
    // One that was refused is not tried again: nobody else can be told, the desk and the metric still show it.
    if (status === 'sent') await ledger.alerts.told(told, hour);
  }

  function waiting(): Promise<readonly Alert[]> {
    return ledger.alerts.waiting(clock() - PROJECTION_LAG);
  }

  async function prepare(
    [first, ...others]: readonly Alert[],
    claim: Claim,
    to: string,
    alsoTo: readonly string[],
  ): Promise<Outgoing | Settled> {
    const at = clock();
    if (first === undefined) {
      await ledger.settle(claim, { status: 'not_sent', reason: 'superseded', at });
      return { settled: { status: 'not_sent', reason: 'superseded', until: null, settledAt: at, address: null } };
    }
    const email = await emails.compose(emailAbout(first, others.length, claim, to, at));
    return { email: { ...email, alsoTo }, to: { email: to, address: ledger.addressOf(to) }, subjects: [] };
  }
}

const emailAbout = (
  { subject, code, kind }: Alert,
  others: number,
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
  alert: { subject, sentence: attentionSentence(code, kind ?? undefined), others },
});
