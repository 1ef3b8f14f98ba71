import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { EmailActivities, LocalActivities, PartnerActivities } from '../../src/terms/activities.js';
import type { Fact } from '../../src/terms/facts.js';
import type { Kind, Reason } from '../../src/terms/vocabulary.js';
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

const DAY = 86_400_000;
/** Journeys go on after their last event for as long as their timers may need. */
const AFTERWARDS = 45 * DAY;

/** One journey on the server, and what is seen of it. */
class LivePart {
  readonly outside: Outside;
  readonly journey: LiveJourney;
  private readonly sent: SentEmail[] = [];
  private readonly notSent = new Map<string, Reason | null>();
  private state = 'unknown';

  constructor(
    readonly scenario: Scenario,
    readonly part: Part,
    readonly start: number,
    env: TestWorkflowEnvironment,
  ) {
    this.outside = new Outside(scenario.policy);
    this.journey = new LiveJourney(env.client, part.subject, this.outside);
    const sender = senderOf(scenario, part, start);
    const memory = new PartnersMemory(part);
    this.outside.attempt = async (input) => {
      const now = nowOf();
      const outcome = sender(input, now);
      this.state = input.view.state;
      this.saw(input, outcome.status === 'sent' ? null : outcome.reason);
      if (outcome.status === 'sent') this.sent.push(sentEmail(input, now - start));
      return Promise.resolve(outcome);
    };
    this.outside.answer = async () => {
      const facts = memory.ask(nowOf());
      for (const fact of facts) await this.journey.tell({ ...fact, receivedAt: nowOf() + ANSWER_AFTER });
      const [first] = facts;
      return first === undefined ? { outcome: 'unchanged' } : { outcome: 'answered', cause: first.cause };
    };
  }

  get local(): LocalActivities {
    return {
      ...this.outside.local,
      record: ({ view, decisions }) => {
        this.state = view.state;
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

  private saw(row: { readonly kind: Kind; readonly occurrence: number }, reason: Reason | null): void {
    if (reason === null) this.notSent.delete(label(row));
    else this.notSent.set(label(row), reason);
  }

  /** What the mail provider reports is a row's end too. */
  private reported({ event, mail }: Fact): void {
    if (event !== 'mail.bounced' || mail === undefined) return;
    this.saw(mail, mail.permanent === false ? 'bounced_temporary' : 'bounced_permanent');
  }

  async tell(fact: Fact): Promise<void> {
    this.reported(fact);
    await this.journey.tell(fact);
  }

  get outcome(): Outcome {
    return { state: this.state, sent: this.sent, 'not sent': Object.fromEntries(this.notSent), human: [] };
  }
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
  const agenda = parts
    .flatMap((part) => part.part.facts.map((fact) => ({ part, fact, at: Math.max(fact.receivedAt, part.part.from) })))
    .sort((a, b) => a.at - b.at || a.fact.seq - b.fact.seq);
  await withWorkers(env.nativeConnection, everybody, async () => {
    for (const { part, fact, at } of agenda) {
      const wait = at - (await env.currentTimeMs());
      if (wait > 0) await env.sleep(wait);
      await part.tell(fact);
    }
    const last = agenda.at(-1)?.at ?? start;
    await env.sleep(last + AFTERWARDS - (await env.currentTimeMs()));
  });
  return all.map((some) => onePerOrder(some.map((part) => [part.part.name, part.outcome])));
}
