import type { AskInput, AskOutcome, NotifyOutcome, SubjectProjection } from '../../src/domain/activities.js';
import { DAY, HOUR } from '../../src/domain/durations.js';
import type { FactEvent } from '../../src/domain/events.js';
import type { Fact, PolicySettings, Prior } from '../../src/domain/facts.js';
import { isJourneyKind, KINDS, type JourneyKind } from '../../src/domain/kinds.js';
import {
  isSameNotification,
  type NotificationKey,
  type NotificationState,
  type Reason,
  type Status,
} from '../../src/domain/notifications.js';
import { kindOfSubject } from '../../src/domain/subjects.js';
import type { Rules } from './rules.js';

/** One notification, as its journey knows it. */
export interface Notification extends NotificationState {
  readonly kind: JourneyKind;
  readonly address: string | null;
  readonly cause: string;
  /** The fact that opened it; null where a former run did and its cause names no fact. */
  readonly source: number | null;
  /** Timers: when it fell due (ms). */
  readonly due: number | null;
  /** The newest fact known when it got its status: a command repairs only what it came after. */
  readonly upTo: number;
  /** Deferred by the sender: not tried again before this moment (ms), unless something new is learned. */
  readonly until: number | null;
  /** Time spent waiting for quiet hours (ms): it doesn't count as age. */
  readonly quiet: number;
  /** What this run is doing about it: nothing, sending it, or calling the send back. */
  readonly flight: 'none' | 'running' | 'called_back';
  /** Why a send is called back; null otherwise. */
  readonly calledBackBy: { readonly reason: Reason | null; readonly cause: string; readonly rule: string } | null;
}

/** A question to the partner. */
export interface Question {
  readonly why: AskInput['why'];
  /** ms */
  readonly askedAt: number;
  /** The newest fact known when it was asked. */
  readonly upTo: number;
  /** It asks again this often (ms) until there is news; absent: once. */
  readonly again?: number;
  /** Null while no answer came; `failed` when it was given up. */
  readonly outcome: AskOutcome['outcome'] | 'failed' | null;
  /** The cause of the fact that holds the answer, where there is one. */
  readonly cause: string | null;
}

/** All that a journey knows: everything it decides is a function of this and of the time. Plain data, never changed. */
export interface Knowledge {
  /** `kit:…` or `order:…` */
  readonly subject: string;
  readonly facts: readonly Fact[];
  readonly notifications: readonly Notification[];
  readonly questions: readonly Question[];
  readonly settings: PolicySettings;
  /** What staff have been called for and still holds: they are called once for each thing. */
  readonly alerted: readonly string[];
  /** The projection that the database was told last; null before the first. */
  readonly projected: SubjectProjection | null;
}

/** Silence asks at doubling intervals: a handful of questions is all that is looked back at. */
const QUESTIONS_KEPT = 12;

/** What a run knows at its start: the facts already delivered, and what became of every notification. */
export function begin(subject: string, prior: Prior, settings: PolicySettings): Knowledge {
  const facts = [...prior.facts].sort((a, b) => a.seq - b.seq);
  const notifications = prior.notifications.flatMap((state) => remembered(subject, state, facts));
  return { subject, facts, notifications, questions: [], settings, alerted: [], projected: null };
}

/** A kit is told of all that its order's recipient was told; of that it remembers what kits decide: the reminders. */
function remembered(subject: string, state: NotificationState, facts: readonly Fact[]): Notification[] {
  const { kind } = state;
  if (!isJourneyKind(kind)) return [];
  if (state.subject !== subject && KINDS[kind].decidedBy !== kindOfSubject(subject)) return [];
  return [
    {
      ...state,
      kind,
      address: state.address ?? null,
      cause: state.cause ?? '',
      source: facts.find((fact) => fact.cause === state.cause)?.seq ?? null,
      due: state.at,
      upTo: newestSeq(facts.filter((fact) => fact.receivedAt <= state.at)),
      until: state.until ?? null,
      quiet: state.quiet ?? 0,
      flight: 'none',
      calledBackBy: null,
    },
  ];
}

/** The highest sequence number among facts; 0 without any. */
export const newestSeq = (facts: readonly Fact[]): number => facts.reduce((seq, fact) => Math.max(seq, fact.seq), 0);

/** What a journey knows after it has learned something, and the facts that it had not known before. */
export interface Learned {
  readonly known: Knowledge;
  readonly fresh: readonly Fact[];
}

/** Facts are known once, however often they are told. */
export function learn(known: Knowledge, told: readonly Fact[], _rules: Rules): Learned {
  const seen = new Set(known.facts.map((fact) => fact.seq));
  const fresh: Fact[] = [];
  for (const fact of told) {
    if (seen.has(fact.seq)) continue;
    seen.add(fact.seq);
    fresh.push(fact);
  }
  if (fresh.length === 0) return { known, fresh };
  const notifications = fresh.reduce(reported, known.notifications);
  return { known: { ...known, facts: [...known.facts, ...fresh], notifications }, fresh };
}

const REPORTS: Partial<Record<FactEvent, (fact: Fact) => { status: Status; reason: Reason | null }>> = {
  'mail.delivered': () => ({ status: 'delivered', reason: null }),
  'mail.bounced': (fact) => ({
    status: 'bounced',
    reason: fact.mail?.permanent === false ? 'bounced_temporary' : 'bounced_permanent',
  }),
  'mail.complained': () => ({ status: 'complained', reason: 'complained' }),
};
const HANDED_OVER: readonly Status[] = ['sent', 'delivered', 'unknown', 'bounced'];

/** What the mail provider says of an email changes the notification that it was. */
function reported(notifications: readonly Notification[], fact: Fact): readonly Notification[] {
  const report = REPORTS[fact.event]?.(fact);
  if (report === undefined) return notifications;
  return notifications.map((notification) =>
    isReportOn(notification, fact) &&
    notification.flight === 'none' &&
    HANDED_OVER.includes(notification.status) &&
    !isLateDelivery(notification, fact)
      ? { ...notification, ...report }
      : notification,
  );
}

const isReportOn = (notification: Notification, { event, mail }: Fact): boolean =>
  REPORTS[event] !== undefined && notification.kind === mail?.kind && notification.occurrence === mail.occurrence;

/** Providers report out of order, or a relay's acceptance as a delivery: what came back for good has not arrived. */
const isLateDelivery = ({ status, reason }: Notification, fact: Fact): boolean =>
  fact.event === 'mail.delivered' && status === 'bounced' && reason === 'bounced_permanent';

/** A run that was set back learns what the database remembers; what it is sending itself, it knows better. */
export function recalled(known: Knowledge, prior: Prior, rules: Rules): Learned {
  const learned = learn(known, prior.facts, rules);
  const remembers = begin(known.subject, { ...prior, facts: learned.known.facts }, known.settings);
  const isIn = (others: readonly Notification[]) => (one: Notification) =>
    others.some((other) => isSameNotification(one, other));
  const kept = known.notifications.filter((own) => own.flight !== 'none' || !isIn(remembers.notifications)(own));
  const notifications = remembers.notifications.filter((one) => !isIn(kept)(one));
  return { known: { ...learned.known, notifications: [...notifications, ...kept] }, fresh: learned.fresh };
}

/** With this notification in place of the one that has its key. */
export const withNotification = (known: Knowledge, notification: Notification): Knowledge => ({
  ...known,
  notifications: [...known.notifications.filter((other) => !isSameNotification(other, notification)), notification],
});

/** Deferred until a human has told the person another way, or corrected the address: by itself nothing changes. */
const FOR_A_HUMAN: readonly (Reason | null)[] = ['opted_out', 'address_suppressed'];

/**
 * A send has ended at `now` (ms): what became of it. A report of the mail provider may have been faster than the word
 * that the email went out, and counts then.
 */
export function cameBack(
  known: Knowledge,
  key: NotificationKey,
  outcome: NotifyOutcome,
  now: number,
  _rules: Rules,
): Knowledge {
  const notification = known.notifications.find((candidate) => isSameNotification(candidate, key));
  if (notification === undefined) return known;
  const waits = outcome.status === 'deferred';
  const quiet = waits && outcome.reason === 'quiet_hours' ? Math.max(0, (outcome.until ?? now) - now) : 0;
  const nextLook = now + (FOR_A_HUMAN.includes(outcome.reason) ? 7 * DAY : HOUR);
  const landed: Notification = {
    ...notification,
    status: outcome.status,
    reason: outcome.reason,
    address: outcome.address,
    at: now,
    upTo: newestSeq(known.facts),
    until: waits ? (outcome.until ?? nextLook) : null,
    quiet: notification.quiet + quiet,
    flight: 'none',
    calledBackBy: null,
  };
  const fast = known.facts.filter((fact) => fact.seq > notification.upTo && isReportOn(landed, fact));
  if (fast.length === 0 || !HANDED_OVER.includes(landed.status)) return withNotification(known, landed);
  const upTo = newestSeq(known.facts.filter((fact) => !fast.includes(fact)));
  const [told = landed] = fast.reduce(reported, [{ ...landed, upTo }]);
  return withNotification(known, told);
}

/** The partner is being asked: once, or `again` and again (ms) until there is news. */
export function asked(known: Knowledge, why: Question['why'], now: number, again?: number): Knowledge {
  const upTo = newestSeq(known.facts);
  const more = again === undefined ? {} : { again };
  const question: Question = { why, askedAt: now, upTo, outcome: null, cause: null, ...more };
  return { ...known, questions: [...known.questions, question].slice(-QUESTIONS_KEPT) };
}

/** The question that was open has ended. */
export const answered = (
  known: Knowledge,
  outcome: NonNullable<Question['outcome']>,
  cause: string | null,
): Knowledge => ({
  ...known,
  questions: known.questions.map((each) => (each.outcome === null ? { ...each, outcome, cause } : each)),
});
