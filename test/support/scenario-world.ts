import type { Kind } from '../../src/domain/kinds.js';
import type { Reason, Status } from '../../src/domain/notifications.js';
import { quietUntil } from '../../activities/quiet-hours.js';
import type { NotifyInput, NotifyOutcome } from '../../src/domain/activities.js';
import type { Fact } from '../../src/domain/facts.js';
import { simulate, type Played } from '../../workflows/core/simulate.js';
import { partsOf, type Part, type Scenario } from './scenario.js';

/** From a question to the partner to its answer (ms). */
export const ANSWER_AFTER = 5_000;

/** What a journey came to, in the words of a scenario's `expect`. */
export interface Outcome {
  readonly state: string;
  readonly sent: readonly SentEmail[];
  readonly 'not sent': Readonly<Record<string, Reason | null>>;
  /** Why a human was asked, and from when on (ms since the first event). */
  readonly human: readonly { readonly why: string; readonly at: number }[];
}

export interface SentEmail {
  readonly email: Kind;
  /** ms since the first event */
  readonly at: number;
  readonly to: 'recipient' | 'patient';
  readonly occurrence: number;
  readonly first_word: boolean;
  /** The row's key: a reminder goes once per order. */
  readonly key: string;
}

const STATUSES: Partial<Record<Reason, Status>> = {
  address_refused: 'failed',
  server_refused: 'failed',
  no_answer: 'unknown',
};

/** What the sender and its last checks would say, for core and server alike. */
export function senderOf(
  scenario: Scenario,
  part: Part,
  start: number,
): (input: NotifyInput, now: number) => NotifyOutcome {
  return (input, now) => {
    const common = { settledAt: now, until: null, address: null };
    const says = part.sender.find(
      ({ at, until, emails }) => emails.includes(input.kind) && now >= start + at && now < start + until,
    );
    if (says !== undefined) {
      const parked = input.tooLateMeans === 'defer' ? 'deferred' : 'not_sent';
      return { ...common, status: (STATUSES[says.sender] ?? parked) as NotifyOutcome['status'], reason: says.sender };
    }
    const exempt = input.quietExemptUntil !== null && now < input.quietExemptUntil;
    const until = exempt ? null : quietUntil(scenario.quietHours, null, scenario.zone, now);
    if (until !== null) return { ...common, status: 'deferred', reason: 'quiet_hours', until };
    // In these files whoever is asked about was told under the same address.
    if (input.unlessTold !== undefined) return { ...common, status: 'not_sent', reason: 'already_told' };
    return { ...common, status: 'sent', reason: null, address: 'address' };
  };
}

/** What the partner tells when it is asked: everything it has come to know, once. */
export class PartnersMemory {
  private readonly told = new Set<number>();
  constructor(private readonly part: Part) {}

  ask(now: number): Fact[] {
    const news = this.part.partner.filter(({ knownFrom, seq }) => knownFrom <= now && !this.told.has(seq));
    return news.map(({ knownFrom, ...fact }) => {
      this.told.add(fact.seq);
      return { ...fact, at: knownFrom, receivedAt: now + ANSWER_AFTER };
    });
  }
}

/** Plays a scenario on the pure core: what each of its journeys came to, by the file's names. */
export function playOnCore(scenario: Scenario, start: number): Record<string, Outcome> {
  const parts = partsOf(scenario, start);
  return onePerOrder(
    parts.map((part): [string, Outcome] => {
      const sender = senderOf(scenario, part, start);
      const memory = new PartnersMemory(part);
      const played = simulate({
        subject: part.subject,
        settings: scenario.policy,
        prior: { facts: part.facts.filter((fact) => fact.receivedAt < part.from), notifications: [] },
        facts: part.facts.filter((fact) => fact.receivedAt >= part.from),
        from: part.from,
        until: start + scenario.watch,
        send: (input, now) => ({ outcome: sender(input, now), after: 1_000 }),
        answer: (_, now) => {
          const facts = memory.ask(now);
          return { outcome: facts.length === 0 ? 'unchanged' : 'answered', after: ANSWER_AFTER, facts };
        },
      });
      return [part.name, outcomeOf(played, start)];
    }),
  );
}

function outcomeOf({ sent, known, attention, projection }: Played, start: number): Outcome {
  const rows = known.notifications.filter(({ status }) => !['sent', 'delivered', 'complained'].includes(status));
  return {
    state: projection.state,
    sent: sent.map(({ at, input }) => sentEmail(input, at - start)),
    'not sent': Object.fromEntries(rows.map((row) => [label(row), row.reason])),
    human: attention.flatMap(({ code, at }) => (code === null ? [] : [{ why: code, at: at - start }])),
  };
}

export const sentEmail = (input: NotifyInput, at: number): SentEmail => ({
  email: input.kind,
  at,
  to: input.audience,
  occurrence: input.occurrence,
  first_word: input.firstWord,
  key: `${input.subject} ${label(input)} ${String(input.reopen === true)}`,
});

export const label = ({ kind, occurrence }: { readonly kind: Kind; readonly occurrence: number }): string =>
  occurrence === 1 ? kind : `${kind} ${String(occurrence)}`;

/** The ledger lets one row go once, whichever sibling asks first. */
export function onePerOrder(outcomes: readonly (readonly [string, Outcome])[]): Record<string, Outcome> {
  const seen = new Set<string>();
  return Object.fromEntries(
    outcomes.map(([name, outcome]) => [
      name,
      { ...outcome, sent: outcome.sent.filter(({ key }) => !seen.has(key) && seen.add(key)) },
    ]),
  );
}
