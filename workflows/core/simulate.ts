import type {
  AskInput,
  AskOutcome,
  NotifyInput,
  NotifyOutcome,
  RecordedDecision,
  SubjectProjection,
} from '../../src/domain/activities.js';
import { SECOND } from '../../src/domain/durations.js';
import type { Fact, PolicySettings, Prior } from '../../src/domain/facts.js';
import {
  isSameNotification,
  statusWhenOvertaken,
  type DecisionRow,
  type Reason,
} from '../../src/domain/notifications.js';
import { begin, type Knowledge } from './knowledge.js';
import type { Deadline } from './next-actions.js';
import { TODAY, type Rules } from './rules.js';
import { step, type Effect, type News } from './step.js';

/** What becomes of one send, and when: `retrying` means that calling it back stops it. */
export interface Sending {
  readonly outcome: NotifyOutcome;
  /** ms from its start */
  readonly after: number;
  readonly retrying?: boolean;
}

/** What the partner answers, and when: its facts arrive with the answer. */
export interface Answering {
  readonly outcome: AskOutcome['outcome'] | 'failed';
  /** ms from the question */
  readonly after: number;
  readonly facts?: readonly Fact[];
}

/** The world around one journey: what arrives when, and what sends and questions come to. */
export interface World {
  readonly subject: string;
  readonly settings: PolicySettings;
  /** Facts arrive when they were received. */
  readonly facts: readonly Fact[];
  readonly prior?: Prior;
  /** Default: those that a journey that begins now decides by. */
  readonly rules?: Rules;
  /** When the journey starts (ms); absent: with its first fact. */
  readonly from?: number;
  /** ms: nothing is looked at after this. */
  readonly until: number;
  readonly send?: (input: NotifyInput, now: number) => Sending;
  readonly answer?: (input: AskInput, now: number) => Answering;
}

/** What came of it. */
export interface Played {
  readonly known: Knowledge;
  readonly projection: SubjectProjection;
  readonly alarm: Deadline | null;
  /** Every email that went out, in order. */
  readonly sent: readonly { readonly at: number; readonly input: NotifyInput }[];
  /** Every decision, step by step; those to send are among them. */
  readonly decisions: readonly RecordedDecision[];
  readonly questions: readonly { readonly at: number; readonly why: AskInput['why'] }[];
  /** Every step's needs-attention, where it changed. */
  readonly attention: readonly { readonly at: number; readonly code: string | null }[];
  /** When the journey ended by itself (ms); null: it goes on. */
  readonly endedAt: number | null;
}

/** What is still to happen in the world, and when (ms). */
type Coming = { readonly at: number } & (
  | { readonly facts: readonly Fact[] }
  | { readonly input: NotifyInput; readonly sending: Sending }
  /** Its answer, or that it is asked anew. */
  | { readonly question: AskInput; readonly answering: Answering | null }
  | { readonly givenUp: true }
);

/** Far more than a journey of years needs; beyond it, a clock spins. */
const STEPS = 1_000;
const STEPS_PER_FACT = 10;

/**
 * Lives through a journey by the same `step` that the workflow takes, with a clock that jumps. Sends nothing.
 * @throws where a clock spins, rather than to hang.
 */
export function simulate(world: World): Played {
  const { subject, settings, rules = TODAY } = world;
  let known = begin(subject, world.prior ?? { facts: [], notifications: [] }, settings);
  let coming: Coming[] = world.facts.map((fact) => ({ at: fact.receivedAt, facts: [fact] }));
  let now = world.from ?? Math.min(...coming.map(({ at }) => at));
  const sent: Played['sent'][number][] = [];
  const decisions: RecordedDecision[] = [];
  const questions: Played['questions'][number][] = [];
  const attention: Played['attention'][number][] = [];

  const news = (): News[] => {
    const due = coming.filter(({ at }) => at <= now);
    coming = coming.filter(({ at }) => at > now);
    return due.flatMap((one): News[] => {
      if ('facts' in one) return told(one.facts);
      if ('givenUp' in one) return [{ of: 'question', outcome: 'failed', cause: null }];
      if ('question' in one) return answeredBy(one.question, one.answering);
      const { input, sending } = one;
      if (sending.outcome.status === 'sent') sent.push({ at: now, input });
      return [{ of: 'send', key: input, outcome: sending.outcome, at: now }];
    });
  };

  const told = (facts: readonly Fact[]): News[] => [{ of: 'signal', batch: { facts, before: 0, settings } }];

  const answeredBy = (question: AskInput, answering: Answering | null): News[] => {
    if (answering === null) {
      ask(question);
      return [];
    }
    const { outcome, facts = [] } = answering;
    if (question.again !== undefined && outcome !== 'answered') {
      coming.push({ at: now + question.again, question, answering: null });
      return [];
    }
    return [{ of: 'question', outcome, cause: facts[0]?.cause ?? null }, ...told(facts)];
  };

  const carryOut = (effect: Effect): void => {
    switch (effect.do) {
      case 'send':
        decisions.push(decisionIn(effect.input));
        send(effect.input);
        return;
      case 'call_back':
        decisions.push(effect.because);
        coming = coming.map((one) =>
          'sending' in one && isSameNotification(one.input, effect.key) && one.sending.retrying === true
            ? { ...one, at: now, sending: { outcome: calledBack(effect.because.reason, now), after: 0 } }
            : one,
        );
        return;
      case 'ask':
        ask(effect.input);
        return;
      case 'stop_asking':
        // One that would be asked again and again; another is about to be answered.
        if (known.questions.at(-1)?.again === undefined) return;
        coming = [...coming.filter((one) => !('question' in one)), { at: now, givenUp: true }];
        return;
      case 'record':
        decisions.push(...effect.input.decisions);
        return;
      case 'alert':
        return;
    }
  };

  const send = (input: NotifyInput): void => {
    const sending =
      input.overtaken === undefined
        ? (world.send?.(input, now) ?? { outcome: asUsual(input, now), after: SECOND })
        : { outcome: calledBack(input.overtaken, now), after: SECOND };
    coming.push({ at: now + sending.after, input, sending });
  };

  const ask = (question: AskInput): void => {
    questions.push({ at: now, why: question.why });
    const answering = world.answer?.(question, now) ?? { outcome: 'unchanged', after: SECOND };
    coming.push({ at: now + answering.after, question, answering });
  };

  const mostSteps = STEPS + STEPS_PER_FACT * world.facts.length;
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const taken = step(known, news(), now, rules);
    const { projection, alarm } = taken;
    known = taken.known;
    taken.effects.forEach(carryOut);
    const code = projection.attention[0]?.code ?? null;
    if (code !== (attention.at(-1)?.code ?? null)) attention.push({ at: now, code });
    const played = { known, projection, alarm, sent, decisions, questions, attention };
    if (projection.closed && coming.length === 0) return { ...played, endedAt: now };
    const next = Math.min(...coming.map(({ at }) => at), alarm?.at ?? Infinity);
    if (next > world.until) return { ...played, endedAt: null };
    now = Math.max(now, next);
  }
  throw new Error(`${subject} comes to no end: a clock of it rings again and again`);
}

const decisionIn = ({
  subject,
  kind,
  occurrence,
  sourceSeq,
  verdict,
  reason,
  cause,
  rule,
  at,
}: NotifyInput): DecisionRow => ({
  subject,
  kind,
  occurrence,
  sourceSeq,
  verdict,
  reason,
  cause,
  rule,
  at,
});

/** What the sender answers on a good day: the server takes it, and the order's own email has gone. */
export const asUsual = (input: NotifyInput, now: number): NotifyOutcome =>
  input.unlessTold === undefined ? handedOver(now + SECOND) : calledBack('already_told', now);

/** The outcome of an email that the server took. */
export const handedOver = (at: number, address: string | null = null): NotifyOutcome => ({
  status: 'sent',
  reason: null,
  until: null,
  settledAt: at,
  address,
});

const calledBack = (reason: Reason | null, at: number): NotifyOutcome => ({
  status: statusWhenOvertaken(reason),
  reason,
  until: null,
  settledAt: at,
  address: null,
});
