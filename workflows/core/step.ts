import type {
  AlertInput,
  AskInput,
  AskOutcome,
  NotifyInput,
  NotifyOutcome,
  RecordInput,
  SubjectProjection,
} from '../../src/domain/activities.js';
import type { Fact, PolicySettings, Prior, SignalBatch } from '../../src/domain/facts.js';
import type { NotificationKey } from '../../src/domain/notifications.js';
import type { Escalation } from '../policy/attention.js';
import { optedOutAddresses, optOutOf } from '../policy/opt-out.js';
import { rankOf, type Query } from '../policy/questions.js';
import { notifyInput, recordedDecision } from './activity-inputs.js';
import { decide } from './decide.js';
import { afterwards, decisionRow, type Decision } from './decisions.js';
import { answered, asked, cameBack, learn, recalled, type Knowledge, type Learned } from './knowledge.js';
import { nextActions, type Deadline } from './next-actions.js';
import { differs } from './projection.js';
import type { Rules } from './rules.js';
import { Story } from './story.js';

/** What a journey learns between two steps. */
export type News =
  /** All that was pending for it. */
  | { readonly of: 'signal'; readonly batch: SignalBatch }
  /** The settings of today: read when a clock rings. */
  | { readonly of: 'settings'; readonly settings: PolicySettings }
  /** What the database remembers: read by a run that was set back. */
  | { readonly of: 'memory'; readonly prior: Prior }
  /** What became of a send, and when (ms). */
  | { readonly of: 'send'; readonly key: NotificationKey; readonly outcome: NotifyOutcome; readonly at: number }
  /** What became of the question that was open. */
  | { readonly of: 'question'; readonly outcome: AskOutcome['outcome'] | 'failed'; readonly cause: string | null };

/** What is to be done: all that a journey does outside itself. */
export type Effect =
  | { readonly do: 'send'; readonly input: NotifyInput }
  /** Calls the send of this notification back; why is known (`calledBackBy`). */
  | { readonly do: 'call_back'; readonly key: NotificationKey; readonly because: RecordInput['decisions'][number] }
  | { readonly do: 'ask'; readonly input: AskInput }
  /** The question that is open need not be answered any more. */
  | { readonly do: 'stop_asking' }
  | { readonly do: 'alert'; readonly input: AlertInput }
  /** All that was decided and isn't sent, in one go; a send takes the new projection along. */
  | { readonly do: 'record'; readonly input: RecordInput };

/** One step of a journey. */
export interface Step {
  /** What is known once the effects are being carried out. */
  readonly known: Knowledge;
  readonly effects: readonly Effect[];
  /** What is shown of the journey from now on; `closed` when it may end. */
  readonly projection: SubjectProjection;
  /** When to look again although nothing was learned; null: never. */
  readonly alarm: Deadline | null;
}

/**
 * The whole of a journey's thinking, as a function: it learns the news, decides by the policy, and says what is to be
 * done. The workflow, the simulation and the rehearsal carry its effects out, and decide nothing.
 *
 * @param now ms
 */
export function step(known: Knowledge, news: readonly News[], now: number, rules: Rules): Step {
  const learned = understand(known, news, rules);
  const story = Story.of(learned.known, now, rules);
  const decisions = decide(story, learned.fresh);
  const decided = afterwards(learned.known, decisions, now);
  const next = nextActions(story.after(decided));
  const { projection, question } = next;
  const calls = callsToStaff(next.escalations);
  const input = { ...recordInput([...decisions, ...next.farewell], story, projection), ...optedOut(story, learned) };
  return {
    known: {
      ...(question === null ? decided : asked(decided, question.why, now, question.again)),
      alerted: calls.map(({ name }) => name),
      projected: projection,
    },
    effects: [
      ...decisions.flatMap((decision) => effectOf(decision, story, projection)),
      ...(question === null ? [] : [{ do: 'ask' as const, input: askInput(question, story) }]),
      ...(next.questionIsPointless ? [{ do: 'stop_asking' as const }] : []),
      ...calls
        .filter(({ name }) => !decided.alerted.includes(name))
        .map(({ about }) => ({ do: 'alert' as const, input: { subject: known.subject, ...about, at: now } })),
      ...(isWorthRecording(input, decisions, decided.projected) ? [{ do: 'record' as const, input }] : []),
    ],
    projection,
    alarm: projection.closed ? null : next.alarm,
  };
}

/** Learns one thing after the other, in the order in which they came. */
function understand(known: Knowledge, news: readonly News[], rules: Rules): Learned {
  return news.reduce<Learned>(
    (before, one) => {
      const { known: after, fresh } = learnOne(before.known, one, rules);
      return { known: after, fresh: [...before.fresh, ...fresh] };
    },
    { known, fresh: [] },
  );
}

function learnOne(known: Knowledge, news: News, rules: Rules): Learned {
  switch (news.of) {
    case 'signal':
      return learn({ ...known, settings: news.batch.settings }, news.batch.facts, rules);
    case 'settings':
      return { known: { ...known, settings: news.settings }, fresh: [] };
    case 'memory':
      return recalled(known, news.prior, rules);
    case 'send':
      return { known: cameBack(known, news.key, news.outcome, news.at, rules), fresh: [] };
    case 'question':
      return { known: answered(known, news.outcome, news.cause), fresh: [] };
  }
}

/** Whether a signal shows that this run was set back: more facts were delivered before it than the run has heard of. */
export function isSetBack(known: Knowledge, news: readonly News[], { before }: SignalBatch): boolean {
  if (before <= known.facts.length) return false;
  const heard = news.flatMap((one): readonly Fact[] => (one.of === 'signal' ? one.batch.facts : []));
  return before > new Set([...known.facts, ...heard].map(({ seq }) => seq)).size;
}

/** A question with what the partner is known to have said: the same again is no news. */
function askInput(question: Query, story: Story): AskInput {
  const answers = story.answers.slice(-2).map(({ cause }) => cause);
  const rank = rankOf(question.why, story);
  return { subject: story.subject, ...question, rank, ...(answers.length === 0 ? {} : { answers }) };
}

function effectOf(decision: Decision, story: Story, projection: SubjectProjection): Effect[] {
  switch (decision.effect) {
    case 'send':
      return [{ do: 'send', input: notifyInput(decision, story, projection) }];
    case 'call_back': {
      const { subject, kind, occurrence } = decision.candidate;
      return [{ do: 'call_back', key: { subject, kind, occurrence }, because: decisionRow(decision, story.now) }];
    }
    case 'settle':
    case 'note':
      return [];
  }
}

interface Call {
  readonly name: string;
  readonly about: Pick<AlertInput, 'code' | 'kind'>;
}

/** Staff are called once for each thing that needs them; what is over may come again, and is then called anew. */
const callsToStaff = (escalations: readonly Escalation[]): Call[] =>
  escalations
    .filter(({ alerts }) => alerts)
    .map(({ code, kind }) => ({
      name: `${code} ${kind ?? ''}`,
      about: kind === undefined ? { code } : { code, kind },
    }));

const recordInput = (decisions: readonly Decision[], story: Story, projection: SubjectProjection): RecordInput => ({
  subject: story.subject,
  projection,
  decisions: decisions
    .filter(({ effect }) => effect === 'settle' || effect === 'note')
    .map((decision) => recordedDecision(decision, story)),
});

/** Whose addresses must not be written to, when one of them or the wish is new; a run that has just begun says it again. */
function optedOut(story: Story, { known, fresh }: Learned): Pick<RecordInput, 'optedOut'> {
  const isNew =
    known.projected === null || fresh.some(({ event, person }) => person !== undefined || event === 'operator.opt_out');
  const entry = isNew ? optOutOf(story) : undefined;
  const addresses = entry === undefined ? [] : optedOutAddresses(story);
  return entry === undefined || addresses.length === 0 ? {} : { optedOut: { addresses, cause: entry.cause } };
}

function isWorthRecording(
  { decisions: recorded, projection, optedOut: wish }: RecordInput,
  decisions: readonly Decision[],
  projected: SubjectProjection | null,
): boolean {
  if (recorded.length > 0 || wish !== undefined) return true;
  const goesAlong = decisions.some(({ effect }) => effect === 'send');
  return !goesAlong && differs(projected, projection);
}
