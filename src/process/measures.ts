import { EVENTS } from '../domain/events.js';
import type { Fact } from '../domain/facts.js';
import { isTimed, KIND_NAMES, type Kind } from '../domain/kinds.js';
import { STATUSES, type DecisionRow, type Reason, type Status } from '../domain/notifications.js';
import type { PartnerAnswer, PartnerQuestions } from '../domain/partner-questions.js';
import { SOURCES } from '../domain/sources.js';
import { isKit, type Subject } from '../domain/subjects.js';
import { IntakeUnavailable, type Intake } from '../inbox/intake.js';
import { REASON_CODES } from '../inbox/why-unread.js';
import type { Origin } from '../ledger/figures.js';
import type { Claim, Ledger } from '../ledger/ledger.js';
import type { Labels, Metrics } from './metrics.js';

/*
 * What is counted as it happens. Each wraps a room as the log's lines do, so that no room knows of metrics; and what is
 * measured never holds up, nor breaks, what is done.
 */

/** Every label of the first with every one of the second. */
const each = (...sets: readonly (readonly Labels[])[]): readonly Labels[] =>
  sets.reduce((all, set) => all.flatMap((one) => set.map((other) => ({ ...one, ...other }))), [{}]);
const by = (name: string, values: readonly string[]): readonly Labels[] => values.map((value) => ({ [name]: value }));

type Counting = Pick<Metrics, 'counter'>;
type Measuring = Pick<Metrics, 'counter' | 'histogram'>;

const UNCOMMITTED = ['queue_full', 'deadline', 'disk_full', 'database', 'closed'] as const;
const REPORTED = ['delivered', 'bounced', 'complained'] as const;

/** Counts what is committed by where it came from, what can't be read by why, and what mail providers report. */
export function measureArrivals(intake: Intake, metrics: Counting): Intake {
  const arrived = metrics.counter({
    name: 'arrivals',
    help: 'What was committed to the inbox, by where it came from; repeated: it was there already.',
    series: each(by('source', SOURCES), by('verdict', ['accepted', 'quarantined']), by('repeated', ['no', 'yes'])),
  });
  const uncommitted = metrics.counter({
    name: 'arrivals_not_committed',
    help: 'What could not be committed to the inbox, by why.',
    series: by('why', UNCOMMITTED),
  });
  const quarantined = metrics.counter({
    name: 'webhooks_quarantined',
    help: 'Webhooks that came for the first time, were signed and could not be read, by why.',
    series: by('reason', REASON_CODES),
  });
  const reported = metrics.counter({
    name: 'email_outcomes',
    help: 'What became of emails that a mail server had taken, as the mail provider told for the first time.',
    series: each(by('outcome', REPORTED), by('kind', KIND_NAMES)),
  });

  return {
    ...intake,
    async keep(arrival) {
      const kept = await intake.keep(arrival).catch((error: unknown) => {
        uncommitted({ why: error instanceof IntakeUnavailable ? error.why : 'database' });
        throw error;
      });
      const { source, verdict, reason, event, routed } = arrival;
      arrived({ source, verdict, repeated: kept.fresh ? 'no' : 'yes' });
      if (!kept.fresh) return kept;
      if (verdict === 'quarantined' && source === 'c4hxp') quarantined({ reason: codeOf(reason) });
      const outcome = REPORTED.find((one) => event === `mail.${one}`);
      // The team's own emails belong to no journey.
      if (outcome !== undefined && verdict === 'accepted')
        reported({ outcome, kind: routed[0]?.fact.mail?.kind ?? ('staff.alert' satisfies Kind) });
      return kept;
    },
  };
}

/** A reason is a code, then what it is about. */
function codeOf(reason: string | null): string {
  const code = reason?.split(':', 1)[0] ?? '';
  return REASON_CODES.includes(code) ? code : 'other';
}

/** The promise is 60 s; an incident is told from a stutter at 10 s and 15 minutes. */
const AFTER_WEBHOOK = [1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400];
const AFTER_EVENT = [10, 60, 300, 900, 3_600, 14_400, 86_400, 259_200, 604_800];
/** No clock calls for these, and no team reads them. */
const NEWS = KIND_NAMES.filter((kind) => !isTimed(kind) && kind !== 'staff.alert');

/**
 * Counts what becomes of each email by kind, and measures how long a patient waited for it. An email is measured once,
 * when a mail server took it: from the webhook that called for it, or the end of the quiet hours that held it back,
 * whatever was tried since. What waited for a clock or a human is not, because no webhook called for it then.
 * @param originOf reads when it came in and happened; what it rejects with is left out.
 */
export function measureEmails(
  ledger: Ledger,
  metrics: Measuring,
  originOf: (decision: DecisionRow) => Promise<Origin>,
): Ledger {
  const became = metrics.counter({
    name: 'emails',
    help: 'Emails by kind and by what was decided of them or became of them; sent: a mail server took it.',
    series: each(by('kind', KIND_NAMES), by('status', STATUSES)),
  });
  const why = metrics.counter({
    name: 'email_reasons',
    help: 'Why emails wait, failed or are not sent: status and reason as told says them.',
    series: [{ status: 'failed', reason: 'retries_exhausted' }],
  });
  const takenOver = metrics.counter({
    name: 'claims_taken_over',
    help: 'Emails that an attempt had begun to send and left without a word, taken over by another one.',
    series: [{}],
  });
  const afterWebhook = metrics.histogram({
    name: 'email_after_webhook',
    help: 'From the commit of the webhook that called for an email, or the end of the quiet hours that held it back, until a mail server took it.',
    buckets: AFTER_WEBHOOK,
    series: by('kind', NEWS),
  });
  const afterEvent = metrics.histogram({
    name: 'email_after_event',
    help: 'From the time that an event gives itself until a mail server took the email that tells of it.',
    buckets: AFTER_EVENT,
    series: by('kind', NEWS),
  });
  const decisions = new WeakMap<Claim, DecisionRow>();

  function count({ kind }: { readonly kind: Kind }, status: Status, reason: Reason | null): void {
    became({ kind, status });
    if (reason !== null) why({ status, reason });
  }

  async function measure(claim: Claim, at: number): Promise<void> {
    const { kind } = claim;
    const decision = decisions.get(claim);
    if (decision === undefined || !NEWS.includes(kind)) return;
    const { receivedAt, quietUntil, happenedAt } = await originOf(decision);
    // Another's clock may be ahead of ours.
    if (receivedAt !== null) {
      const from = Math.max(receivedAt.getTime(), quietUntil?.getTime() ?? 0);
      afterWebhook({ kind }, Math.max(0, at - from) / 1_000);
    }
    if (happenedAt !== null) afterEvent({ kind }, Math.max(0, at - happenedAt.getTime()) / 1_000);
  }

  return {
    ...ledger,
    async claim(request) {
      const claimed = await ledger.claim(request);
      if (claimed.outcome !== 'claimed') return claimed;
      const { claim } = claimed;
      decisions.set(claim, request.decision);
      // Whatever an attempt ends with has a reason, and a row without one was being sent.
      if (claim.attempt > 1 && claim.lastReason === null) takenOver({});
      return claimed;
    },
    async settle(claim, settlement) {
      const held = await ledger.settle(claim, settlement);
      if (!held) return held;
      count(claim, settlement.status, settlement.reason);
      if (settlement.status === 'sent') void measure(claim, settlement.at).catch(() => undefined);
      return held;
    },
    async settleAbandoned(input) {
      const state = await ledger.settleAbandoned(input);
      count(state, state.status, state.reason);
      return state;
    },
    async record(input, now) {
      await ledger.record(input, now);
      for (const decision of input.decisions) {
        const { verdict, status, reason } = decision;
        if (verdict !== 'send') count(decision, status ?? (verdict === 'wait' ? 'deferred' : 'not_sent'), reason);
      }
    },
  };
}

const ANSWERS = [
  'answered',
  'not_found',
  'refused',
  'no_room',
  'rate_limited',
  'unavailable',
  'unreadable',
  'given_up',
] as const satisfies readonly (AnswerLabel | 'given_up')[];
type AnswerLabel = Exclude<PartnerAnswer['outcome'], 'ask_again'> | (PartnerAnswer & { outcome: 'ask_again' })['why'];

/** Counts what becomes of the questions to the partner's API. */
export function measureQuestions(questions: PartnerQuestions, metrics: Counting): PartnerQuestions {
  const asked = metrics.counter({
    name: 'partner_questions',
    help: "Questions to the partner's API, by what came of them; no_room: our own limits left none, and nothing was asked.",
    series: by('outcome', ANSWERS),
  });
  return {
    ...questions,
    async ask(question) {
      const answer = await questions.ask(question).catch((error: unknown) => {
        asked({ outcome: 'given_up' });
        throw error;
      });
      asked({ outcome: answer.outcome === 'ask_again' ? answer.why : answer.outcome });
      return answer;
    },
  };
}

/**
 * Measures how long what came in waited for its journey. What a kit is told of its order's past isn't measured: that may
 * have come in long before anybody knew of the kit.
 */
export function measureRelay(
  metrics: Pick<Metrics, 'histogram'>,
): (pending: { readonly subject: Subject; readonly facts: readonly Fact[] }) => void {
  const lag = metrics.histogram({
    name: 'relay_lag',
    help: 'From the commit of what came in until its journey was told of it.',
    buckets: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600],
    series: [{}],
  });
  return ({ subject, facts }) => {
    for (const { event, receivedAt } of facts)
      if (!(isKit(subject) && EVENTS[event].of === 'order')) lag({}, Math.max(0, Date.now() - receivedAt) / 1_000);
  };
}
