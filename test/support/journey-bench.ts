import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { titles } from '../../src/domain/visibility.js';
import { createJourneys } from '../../src/relay/journeys.js';
import {
  TASK_QUEUES,
  type AlertInput,
  type AskInput,
  type AskOutcome,
  type EmailActivities,
  type LocalActivities,
  type NotifyInput,
  type NotifyOutcome,
  type PartnerActivities,
  type RecordInput,
  type SettleInput,
} from '../../src/domain/activities.js';
import type { Fact, JourneyStart, PolicySettings, Prior, SignalBatch } from '../../src/domain/facts.js';
import { isKit, nameOf, type Subject } from '../../src/domain/subjects.js';
import { workflowBundle } from './bundle.js';
import { existingServer, quietRuntime, startTestTemporal, type TestTemporal } from './temporal.js';

/** What one attempt to send does: an outcome, or a failure that is thrown. */
export type Attempt = (input: NotifyInput) => Promise<NotifyOutcome>;

/** The world outside of the workflows, as fakes of the activities' ports that remember what they were asked. */
export class Outside {
  readonly notified: NotifyInput[] = [];
  readonly settled: SettleInput[] = [];
  readonly recorded: RecordInput[] = [];
  readonly asked: AskInput[] = [];
  readonly alerted: AlertInput[] = [];
  readonly recalled: string[] = [];
  settings: PolicySettings;
  prior: Prior = { facts: [], notifications: [] };
  attempt: Attempt = (input) => Promise.resolve(sent(input));
  answer: (input: AskInput) => Promise<AskOutcome> = () => Promise.resolve({ outcome: 'unchanged' });
  /** What the database says of a row whose send has died; by default that it became what the workflow saw. */
  truth: (input: SettleInput) => NotifyOutcome = settledAs;

  constructor(settings: PolicySettings) {
    this.settings = settings;
  }

  get local(): LocalActivities {
    return {
      record: (input) => {
        this.recorded.push(input);
        return Promise.resolve();
      },
      settle: (input) => {
        this.settled.push(input);
        return Promise.resolve(this.truth(input));
      },
      recall: (subject) => {
        this.recalled.push(subject);
        return Promise.resolve(this.prior);
      },
      readSettings: () => Promise.resolve(this.settings),
    };
  }

  get email(): EmailActivities {
    return {
      notifyPatient: (input) => {
        this.notified.push(input);
        return this.attempt(input);
      },
      alertStaff: (input) => {
        if (input !== null) this.alerted.push(input);
        return Promise.resolve();
      },
    };
  }

  readonly upkeep = { retain: () => Promise.resolve() };

  get partner(): PartnerActivities {
    return {
      askPartner: async (input) => {
        this.asked.push(input);
        const outcome = await this.answer(input);
        if (input.again === undefined || outcome.outcome === 'answered') return outcome;
        throw ApplicationFailure.create({ type: 'nothing_new', message: 'nothing_new', nextRetryDelay: input.again });
      },
    };
  }

  /** The kinds that were attempted, in order. */
  get kinds(): string[] {
    return this.notified.map(({ kind }) => kind);
  }
}

export const sent = (input: NotifyInput): NotifyOutcome => ({
  status: 'sent',
  reason: null,
  until: null,
  settledAt: input.at,
  address: 'address',
});

const settledAs = ({ ending, at }: SettleInput): NotifyOutcome => ({
  status:
    ending === 'retries_exhausted'
      ? 'failed'
      : ending === 'no_answer'
        ? 'unknown'
        : ending === 'contact_conflict' || ending === 'contradicted'
          ? 'deferred'
          : 'not_sent',
  reason: ending,
  until: null,
  settledAt: at,
  address: null,
});

/** What Temporal tries again. */
export const greylisted: Attempt = () =>
  Promise.reject(ApplicationFailure.create({ type: 'server_refused', message: 'x' }));

/** In mid-SMTP: hears that it is called back, and goes on until `end` resolves. */
export const inMidSmtp =
  (end: Promise<unknown>, reached: () => void): Attempt =>
  async (input) => {
    const beat = setInterval(() => {
      Context.current().heartbeat();
    }, 500);
    reached();
    await end;
    clearInterval(beat);
    return sent(input);
  };

/** Ends as soon as it is called back. */
export const untilCalledBack: Attempt = async () => {
  const beat = setInterval(() => {
    Context.current().heartbeat();
  }, 100);
  try {
    return await Context.current().cancelled;
  } catch (error) {
    throw error instanceof CancelledFailure ? error : new Error('not a cancellation');
  } finally {
    clearInterval(beat);
  }
};

/** Runs `test` with workers of the three queues. */
export async function withWorkers(
  connection: NativeConnection,
  outside: Outside,
  test: () => Promise<void>,
  more: {
    readonly maxCachedWorkflows?: number;
    readonly workflowBundle?: WorkflowBundleWithSourceMap;
    /** Nobody serves the queue of emails. */
    readonly withoutEmail?: boolean;
  } = {},
): Promise<void> {
  const common = { connection, namespace: 'default' };
  const { withoutEmail = false, ...options } = more;
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.journeys,
      workflowBundle: options.workflowBundle ?? (await workflowBundle()),
      ...options,
      activities: outside.local,
    }),
    ...(withoutEmail ? [] : [Worker.create({ ...common, taskQueue: TASK_QUEUES.email, activities: outside.email })]),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.partner, activities: outside.partner }),
  ]);
  const [first, ...others] = workers as [Worker, ...Worker[]];
  let work = test;
  for (const worker of others) {
    const inner = work;
    work = () => worker.runUntil(inner);
  }
  await first.runUntil(work);
}

/** A journey on a real server, spoken to as the relay does. */
export class LiveJourney {
  private readonly delivered = new Set<number>();
  readonly handle: WorkflowHandle;

  constructor(
    private readonly client: Client,
    readonly subject: Subject,
    private readonly outside: Outside,
    private readonly start: Partial<JourneyStart> & { readonly handOverAfter?: number } = {},
  ) {
    this.handle = client.workflow.getHandle(subject);
  }

  async tell(...facts: Fact[]): Promise<void> {
    const { settings } = this.outside;
    const prior = this.start.prior ?? { facts: [], notifications: [] };
    const batch: SignalBatch = { facts, before: prior.facts.length + this.delivered.size, settings };
    const journeys = createJourneys(this.client);
    const name = facts.at(-1)?.event ?? 'told';
    if (this.start.handOverAfter === undefined) await journeys.signalWithStart(this.subject, name, batch, prior);
    else await this.signalWithThreshold(name, batch, prior);
    facts.forEach(({ seq }) => this.delivered.add(seq));
  }

  /** With a threshold that the relay never gives. */
  private async signalWithThreshold(signal: string, batch: SignalBatch, prior: Prior): Promise<void> {
    await this.client.workflow.signalWithStart(isKit(this.subject) ? 'kitJourney' : 'orderJourney', {
      workflowId: this.subject,
      taskQueue: TASK_QUEUES.journeys,
      args: [{ name: nameOf(this.subject), prior, settings: batch.settings, ...this.start }],
      ...titles(this.subject),
      signal,
      signalArgs: [batch],
    });
  }
}

/** The time-skipping server can't list search attributes, but has to know them: an unknown one sticks a journey. */
async function addSearchAttributes(client: Client): Promise<void> {
  const { INDEXED_VALUE_TYPE_KEYWORD: keyword, INDEXED_VALUE_TYPE_DATETIME: datetime } =
    temporal.api.enums.v1.IndexedValueType;
  await client.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: { KitState: keyword, NeedsAttention: keyword, OrderNumber: keyword, LastEventAt: datetime },
  });
}

/** A server that skips time, for journeys on workers of ours; `teardown` ends it. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: await existingServer('time-skipping') });
  await addSearchAttributes(env.client);
  await workflowBundle();
  return env;
}

/** A dev server and a workers' connection to it. */
export interface DevBench {
  readonly temporal: TestTemporal;
  readonly connection: NativeConnection;
  close(): Promise<void>;
}

export async function startDevBench(): Promise<DevBench> {
  quietRuntime();
  const temporal = await startTestTemporal();
  const connection = await NativeConnection.connect({ address: temporal.server.address });
  return {
    temporal,
    connection,
    async close() {
      await connection.close();
      await temporal.close();
    },
  };
}
