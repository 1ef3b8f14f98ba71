import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Kind } from '../../src/domain/kinds.js';
import type { Reason } from '../../src/domain/notifications.js';
import type {
  EmailActivities,
  LocalActivities,
  PartnerActivities,
  SubjectProjection,
} from '../../src/domain/activities.js';
import type { Fact } from '../../src/domain/facts.js';
import { LiveJourney, Outside, withWorkers } from './journey-bench.js';
import {
  ANSWER_AFTER,
  label,
  onePerOrder,
  PartnersMemory,
  senderOf,
  sentEmail,
  type Outcome,
  type SentEmail,
} from './scenario-world.js';
import { partsOf, type Part, type Scenario } from './scenario.js';
import { until } from './until.js';

const DAY = 86_400_000;

/**
 * One journey on the server, and what is seen of it.
 *
 * It is spoken to only while it is at rest: of an email or a question that has ended in the middle of a workflow task
 * the time-skipping server has already forgotten that there was one, so it refuses a task that calls it back
 * (ACTIVITY_UNKNOWN), loses the task, and with it the time stands still for everybody. A real server knows of it
 * (failures.test.ts).
 */
class LivePart {
  readonly outside: Outside;
  readonly journey: LiveJourney;
  private readonly sent: SentEmail[] = [];
  private readonly notSent = new Map<string, Reason | null>();
  private readonly human: Outcome['human'][number][] = [];
  private view: SubjectProjection | null = null;

  constructor(
    readonly scenario: Scenario,
    readonly part: Part,
    private readonly start: number,
    env: TestWorkflowEnvironment,
  ) {
    this.outside = new Outside(scenario.policy);
    this.journey = new LiveJourney(env.client, part.subject, this.outside);
    const sender = senderOf(scenario, part, start);
    const memory = new PartnersMemory(part);
    this.outside.attempt = (input) => {
      const now = nowOf();
      const outcome = sender(input, now);
      this.sees(input.projection);
      this.saw(input, outcome.status === 'sent' ? null : outcome.reason);
      if (outcome.status === 'sent') this.sent.push(sentEmail(input, now - start));
      return Promise.resolve(outcome);
    };
    this.outside.answer = async ({ again = 0 }) => {
      // An attempt is scheduled when the one before it has ended: that is a pause ago.
      const now = nowOf() + (Context.current().info.attempt > 1 ? again : 0);
      const facts = memory.ask(now);
      const [first] = facts;
      if (first === undefined) return { outcome: 'unchanged' };
      await this.journey.tell(...facts.map((fact) => ({ ...fact, receivedAt: now + ANSWER_AFTER })));
      await until('the answer to be understood', () => hasHeard(this.journey.handle), { everyMs: 5 });
      return { outcome: 'answered', cause: first.cause };
    };
  }

  get local(): LocalActivities {
    return {
      ...this.outside.local,
      record: ({ projection, decisions }) => {
        this.sees(projection);
        for (const decision of decisions)
          if (decision.verdict !== 'send' && decision.reason !== null && !isRemark(decision))
            this.saw(decision, decision.reason);
        return Promise.resolve();
      },
    };
  }

  get email(): EmailActivities {
    return this.outside.email;
  }

  get partner(): PartnerActivities {
    return this.outside.partner;
  }

  private sees(view: SubjectProjection): void {
    const before = this.view?.attention[0]?.code ?? null;
    const why = view.attention[0]?.code ?? null;
    if (why !== null && why !== before) this.human.push({ why, at: (view.at ?? 0) - this.start });
    this.view = view;
  }

  private saw(row: { readonly kind: Kind; readonly occurrence: number }, reason: Reason | null): void {
    if (reason === null) this.notSent.delete(label(row));
    else this.notSent.set(label(row), reason);
  }

  /** What the mail provider reports is a row's end too. */
  private reported({ event, mail }: Fact): void {
    if (event !== 'mail.bounced' || mail === undefined) return;
    this.saw(mail, mail.permanent === false ? 'bounced_temporary' : 'bounced_permanent');
  }

  /** Of facts that come at one moment it is told in one signal, as the relay does. */
  async tell(facts: readonly Fact[]): Promise<void> {
    facts.forEach((fact) => {
      this.reported(fact);
    });
    await until('the journey to be at rest', () => isAtRest(this.journey.handle), { everyMs: 5 });
    await this.journey.tell(...facts);
  }

  /** Nobody looks any longer. */
  async leave(): Promise<void> {
    await this.journey.handle.terminate().catch(() => undefined);
  }

  get outcome(): Outcome {
    const { sent, human } = this;
    return { state: this.view?.state ?? 'unknown', sent, 'not sent': Object.fromEntries(this.notSent), human };
  }
}

/** Whether nothing is under way: no workflow task, no activity. */
async function isAtRest(handle: WorkflowHandle): Promise<boolean> {
  try {
    const { raw, status } = await handle.describe();
    return status.name !== 'RUNNING' || ((raw.pendingActivities ?? []).length === 0 && (await hasHeard(handle)));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

/** Whether all that it was told has been thought over: no workflow task waits or runs. */
async function hasHeard(handle: WorkflowHandle): Promise<boolean> {
  const events = (await handle.fetchHistory()).events ?? [];
  const signalled = events.findLastIndex((event) => event.workflowExecutionSignaledEventAttributes);
  const scheduled = events.findLastIndex((event) => event.workflowTaskScheduledEventAttributes);
  const completed = events.findLastIndex((event) => event.workflowTaskCompletedEventAttributes);
  return completed > scheduled && completed > signalled;
}

/** A repeated fact, or a command about nothing: the row stays as it is. */
const isRemark = (decision: { readonly status?: string; readonly reason: Reason | null }): boolean =>
  decision.status === undefined && decision.reason === 'already_told';

/** The server's clock, which skips. */
const nowOf = (): number => Context.current().info.currentAttemptScheduledTimestampMs;

/** Sends each call to the journey that makes it. */
class Everybody extends Outside {
  constructor(
    private readonly parts: ReadonlyMap<string, LivePart>,
    scenario: Scenario,
  ) {
    super(scenario.policy);
  }

  private get caller(): LivePart {
    const { workflowId } = Context.current().info.workflowExecution ?? { workflowId: '' };
    const part = this.parts.get(workflowId);
    if (part === undefined) throw new Error(`nobody knows ${workflowId}`);
    return part;
  }

  override get local(): LocalActivities {
    return {
      record: (input) => this.caller.local.record(input),
      settle: (input) => this.caller.local.settle(input),
      recall: (subject) => this.caller.local.recall(subject),
      readSettings: () => this.caller.local.readSettings(),
    };
  }

  override get email(): EmailActivities {
    return {
      notifyPatient: (input) => this.caller.email.notifyPatient(input),
      alertStaff: (input) => this.caller.email.alertStaff(input),
    };
  }

  override get partner(): PartnerActivities {
    return { askPartner: (input) => this.caller.partner.askPartner(input) };
  }
}

/** What is done at one moment of the play, and by which journey. */
interface Cue {
  readonly at: number;
  readonly part: LivePart;
  readonly facts: readonly Fact[] | 'leave';
}

function cuesOf(part: LivePart, start: number): Cue[] {
  const { facts, from } = part.part;
  const moments = new Map<number, Fact[]>();
  for (const fact of facts) {
    const at = Math.max(fact.receivedAt, from);
    moments.set(at, [...(moments.get(at) ?? []), fact]);
  }
  return [
    ...[...moments].map(([at, told]) => ({ at, part, facts: told })),
    { at: start + part.scenario.watch, part, facts: 'leave' as const },
  ];
}

/** Plays all scenarios side by side on a server that skips time. @returns for each what its journeys came to. */
export async function playOnServer(
  env: TestWorkflowEnvironment,
  scenarios: readonly Scenario[],
): Promise<Record<string, Outcome>[]> {
  const [first] = scenarios;
  if (first === undefined) return [];
  // Nine in the morning, as on the core: calendar dates and quiet hours fall as they do there.
  const start = (Math.floor((await env.currentTimeMs()) / DAY) + 1) * DAY + 9 * 3_600_000;
  const all = scenarios.map((scenario, index) =>
    partsOf(scenario, start, index + 1).map((part) => new LivePart(scenario, part, start, env)),
  );
  const parts = all.flat();
  const everybody = new Everybody(new Map(parts.map((part) => [part.part.subject as string, part])), first);
  const agenda = parts.flatMap((part) => cuesOf(part, start)).sort((a, b) => a.at - b.at);
  await withWorkers(env.nativeConnection, everybody, async () => {
    for (const { at, part, facts } of agenda) {
      const wait = at - (await env.currentTimeMs());
      if (wait > 0) await env.sleep(wait);
      await (facts === 'leave' ? part.leave() : part.tell(facts));
    }
  });
  return all.map((some) => onePerOrder(some.map((part) => [part.part.name, part.outcome])));
}
