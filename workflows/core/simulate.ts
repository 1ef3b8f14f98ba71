import type { AskInput, AskOutcome, NotifyInput, NotifyOutcome, RecordedDecision } from '../../src/domain/activities.js';
import type { Fact, PolicySettings, Prior } from '../../src/domain/facts.js';
import { decide } from './decide.js';
import { SECOND } from '../../src/domain/durations.js';
import type { Query } from '../policy/questions.js';
import { answered, asked, begin, cameBack, learn, sameRow, type Knowledge, type RowKey } from './knowledge.js';
import { nextActions, type NextActions } from './next-actions.js';
import { notifyInput, recordedDecision } from './activity-inputs.js';
import { afterwards, type Decision } from './decisions.js';

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
  readonly outlook: NextActions;
  /** Every email that went out, in order. */
  readonly sent: readonly { readonly at: number; readonly input: NotifyInput }[];
  /** Every decision, in order; those to send are among them. */
  readonly decisions: readonly RecordedDecision[];
  readonly questions: readonly { readonly at: number; readonly why: AskInput['why'] }[];
  /** Every step's needs-attention, where it changed. */
  readonly attention: readonly { readonly at: number; readonly code: string | null }[];
  /** When the journey ended by itself (ms); null: it goes on. */
  readonly endedAt: number | null;
}

type Event = { readonly at: number } & (
  | { readonly facts: readonly Fact[] }
  | { readonly key: RowKey; readonly input: NotifyInput; readonly sending: Sending }
  /** Its answer, or that it is asked anew. */
  | { readonly query: Query; readonly answering: Answering | null }
);

/** Far more than a journey of years needs; beyond it, a clock spins. */
const STEPS = 1_000;
const STEPS_PER_FACT = 10;

/**
 * Lives through a journey by the same functions that the workflow drives, with a clock that jumps. Sends nothing.
 * @throws where a clock spins, rather than to hang.
 */
export function simulate(world: World): Played {
  let known = begin(world.subject, world.prior ?? { facts: [], notifications: [] }, world.settings);
  let agenda: Event[] = world.facts.map((fact) => ({ at: fact.receivedAt, facts: [fact] }));
  let now = world.from ?? Math.min(...agenda.map(({ at }) => at));
  let view: NextActions = nextActions(known, now);
  const sent: Played['sent'][number][] = [];
  const decisions: RecordedDecision[] = [];
  const questions: Played['questions'][number][] = [];
  const attention: Played['attention'][number][] = [];

  const takeIn = (): Fact[] => {
    const due = agenda.filter(({ at }) => at <= now);
    agenda = agenda.filter(({ at }) => at > now);
    return due.flatMap((event) => {
      if ('facts' in event) return understand(event.facts);
      if ('query' in event) {
        if (event.answering === null) return put(event.query);
        const { outcome, facts = [] } = event.answering;
        const { again } = event.query;
        if (again !== undefined && outcome !== 'answered') return wait({ ...event, at: now + again, answering: null });
        known = answered(known, outcome, facts[0]?.cause ?? null);
        return understand(facts);
      }
      known = cameBack(known, event.key, event.sending.outcome, now);
      if (event.sending.outcome.status === 'sent') sent.push({ at: now, input: event.input });
      return [];
    });
  };

  const understand = (facts: readonly Fact[]): Fact[] => {
    const learned = learn(known, facts);
    known = learned.known;
    return learned.fresh;
  };

  const step = (fresh: readonly Fact[]): void => {
    const before = known;
    const decisions = decide(known, fresh, now);
    known = afterwards(known, decisions, now);
    view = nextActions(known, now);
    for (const decision of decisions) carryOut(decision, before);
    if (view.question !== null) ask(view.question);
    if (view.questionIsPointless) callQuestionBack();
    const code = view.projection.needsAttention?.code ?? null;
    if (code !== (attention.at(-1)?.code ?? null)) attention.push({ at: now, code });
  };

  const carryOut = (decision: Decision, before: Knowledge): void => {
    const input = notifyInput(decision, before, now, view.projection);
    decisions.push(decision.effect === 'settle' ? recordedDecision(decision, before, now) : toDecision(input));
    if (decision.effect === 'send') {
      const sending =
        input.overtaken === undefined ? send(input) : { outcome: calledBack(decision, now), after: SECOND };
      agenda.push({ at: now + sending.after, key: input, input, sending });
    }
    if (decision.effect === 'call_back')
      agenda = agenda.map((event) => (isSendOf(event, input) ? stopped(event, decision) : event));
  };

  const send = (input: NotifyInput): Sending =>
    world.send?.(input, now) ?? { outcome: handedOver(now + SECOND), after: SECOND };

  const stopped = (event: Event, decision: Decision): Event =>
    'sending' in event && event.sending.retrying === true
      ? { ...event, at: now, sending: { outcome: calledBack(decision, now), after: 0 } }
      : event;

  const ask = (query: Query): void => {
    known = asked(known, query.why, now, query.again);
    put(query);
  };

  const put = (query: Query): Fact[] => {
    questions.push({ at: now, why: query.why });
    const answering = world.answer?.({ subject: world.subject, ...query }, now);
    const unchanged: Answering = { outcome: 'unchanged', after: SECOND };
    return wait({ at: now + (answering ?? unchanged).after, query, answering: answering ?? unchanged });
  };

  const wait = (event: Event): Fact[] => {
    agenda.push(event);
    return [];
  };

  /** One that would be asked again and again; another is about to be answered. */
  const callQuestionBack = (): void => {
    if (known.questions.at(-1)?.again === undefined) return;
    known = answered(known, 'failed', null);
    agenda = [...agenda.filter((event) => !('query' in event)), { at: now, facts: [] }];
  };

  const played = (endedAt: number | null): Played => ({
    known,
    outlook: view,
    sent,
    decisions,
    questions,
    attention,
    endedAt,
  });

  const mostSteps = STEPS + STEPS_PER_FACT * world.facts.length;
  for (let steps = 0; steps < mostSteps; steps += 1) {
    step(takeIn());
    if (view.isOver && agenda.length === 0) return played(now);
    const next = Math.min(...agenda.map(({ at }) => at), view.alarm?.at ?? Infinity);
    if (next > world.until) return played(null);
    now = Math.max(now, next);
  }
  throw new Error(`${world.subject} comes to no end: a clock of it rings again and again`);
}

const isSendOf = (event: Event, key: RowKey): boolean => 'key' in event && sameRow(event.key, key);

const toDecision = ({
  subject,
  kind,
  occurrence,
  verdict,
  reason,
  cause,
  rule,
  at,
}: NotifyInput): RecordedDecision => ({
  subject,
  kind,
  occurrence,
  verdict,
  reason,
  cause,
  rule,
  at,
});

/** The outcome of an email that the server took. */
export const handedOver = (at: number, address: string | null = null): NotifyOutcome => ({
  status: 'sent',
  reason: null,
  until: null,
  settledAt: at,
  address,
});

const calledBack = ({ reason }: Decision, at: number): NotifyOutcome => ({
  status: reason === 'contact_conflict' ? 'deferred' : 'not_sent',
  reason,
  until: null,
  settledAt: at,
  address: null,
});
