import type { DecisionRow } from '../src/domain/notifications.js';
import type { AlertInput } from '../src/domain/activities.js';
import { attentionSentence } from '../src/domain/attention.js';
import { isKit, nameOf, STAFF } from '../src/domain/subjects.js';
import type { Emails, Mailer } from '../src/email/types.js';
import type { Alert, Claim, Ledger } from '../src/ledger/ledger.js';
import { inAttempt, type Attempt } from './attempt.js';
import { inCodes, tryAgain, type Log } from './failures.js';

const HOUR = 3_600_000;
const SMTP_TIME = 100_000;
/** So long a subject's view may lag behind the alert about it. */
const VIEW_LAG = 5 * 60_000;
const LOOK_AGAIN = 10_000;

export interface AlertPorts {
  readonly ledger: Ledger;
  readonly emails: Emails;
  readonly mailer: Mailer;
  /** ALERT_EMAIL; null: nobody is written to, the desk and the metric still tell. */
  readonly alertEmail: string | null;
  /** ms since the epoch */
  readonly clock: () => number;
  readonly log: Log;
}

/**
 * Tells the team that a human must look: one email an hour, in the ledger under `staff` and the hour. Whoever claims
 * the hour's row sends, for all that wait; the rest come back when the hour ends, and find either that an email has
 * spoken of them or that they are the one to send. So nothing but Temporal's own retries keeps the time.
 */
export function createAlertStaff(ports: AlertPorts): (input: AlertInput) => Promise<void> {
  const { ledger, clock } = ports;

  return (input) =>
    inCodes(
      () => inAttempt((attempt) => alert(input, attempt)),
      (mishap) => {
        ports.log('staff alert met a mishap', { subject: input.subject, ...mishap });
      },
    );

  async function alert(input: AlertInput, attempt: Attempt): Promise<void> {
    if (ports.alertEmail === null) return;
    const kept = await ledger.alerts.keep({ ...input, kind: input.kind ?? null });
    if (kept === 'told' || (await ledger.alerts.waiting(clock() - VIEW_LAG)).length === 0) return;

    const hour = Math.floor(clock() / HOUR);
    const decision: DecisionRow = {
      subject: STAFF,
      kind: 'staff.alert',
      occurrence: hour,
      verdict: 'send',
      reason: null,
      cause: input.subject,
      rule: 'staff.alert: one an hour',
      at: clock(),
    };
    const claimed = await ledger.claim({ decision, journey: null, projection: null, reopens: false });
    if (claimed.outcome === 'busy') throw tryAgain('no_answer', LOOK_AGAIN);
    if (claimed.outcome === 'settled') throw tryAgain('already_told', (hour + 1) * HOUR - clock());
    try {
      await send(claimed.claim, hour, ports.alertEmail, attempt);
    } finally {
      ledger.letGo(claimed.claim);
    }
  }

  async function send(claim: Claim, hour: number, to: string, attempt: Attempt): Promise<void> {
    const waiting = await ledger.alerts.waiting(clock() - VIEW_LAG);
    const [first] = waiting;
    if (first === undefined) {
      await ledger.settle(claim, { status: 'not_sent', reason: 'superseded', at: clock() });
      return;
    }
    const email = await ports.emails.compose(emailAbout(first, waiting.length - 1, claim, to, clock()));
    if (!(await ledger.beginHandOver(claim, { email: to, address: ledger.addressOf(to) }, []))) {
      throw tryAgain('no_answer', LOOK_AGAIN);
    }
    const answer = await ports.mailer.handOver(email, {
      signal: AbortSignal.any([attempt.signal, AbortSignal.timeout(SMTP_TIME)]),
    });
    const at = clock();
    const sealed = { to, reply: 'reply' in answer ? answer.reply : '' };
    switch (answer.outcome) {
      case 'accepted':
        await ledger.settle(claim, { status: 'sent', reason: null, at, sealed });
        await ledger.alerts.told(waiting, hour);
        return;
      case 'refused':
        // Nobody else can be told: the desk and the metric still show it.
        await ledger.settle(claim, {
          status: 'failed',
          reason: answer.about === 'address' ? 'address_refused' : 'server_refused',
          at,
          sealed,
        });
        return;
      case 'no_answer':
        await ledger.settle(claim, { status: 'unknown', reason: 'no_answer', at, sealed });
        return;
      case 'temporary':
      case 'unreachable':
      case 'cancelled':
        await ledger.settle(claim, { status: 'deferred', reason: 'server_refused', at, sealed });
        throw tryAgain('server_refused');
    }
  }
}

function emailAbout(
  first: Alert,
  others: number,
  claim: Claim,
  to: string,
  at: number,
): Parameters<Emails['compose']>[0] {
  return {
    kind: 'staff.alert',
    firstWord: false,
    barcode: isKit(first.subject) ? nameOf(first.subject) : null,
    to,
    person: null,
    messageId: claim.messageId,
    at,
    times: { shippedAt: null, expectedDelivery: null, expectedCompletion: null },
    parcels: [],
    stopUrl: () => '',
    alert: { subject: first.subject, sentence: attentionSentence(first.code, first.kind ?? undefined), others },
  };
}
