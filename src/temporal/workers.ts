import {
  type ActivityInboundCallsInterceptor,
  type ActivitySlotInfo,
  type NativeConnection,
  Worker,
  type WorkflowSlotInfo,
} from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure, CompleteAsyncError } from '@temporalio/activity';
import {
  type EmailActivities,
  type LocalActivities,
  type PartnerActivities,
  TASK_QUEUES,
  type UpkeepActivities,
} from '../domain/activities.js';
import type { LogLine } from './runtime.js';
import type { WorkerVersion } from './versions.js';
import { createYieldingSlots } from './yielding-slots.js';

export interface WorkersOptions {
  readonly connect: () => Promise<NativeConnection>;
  readonly namespace: string;
  readonly identity: string;
  /** Null: not versioned; any worker may take any journey's tasks. */
  readonly version: WorkerVersion | null;
  /** The workflows' compiled code, by its file or as it is. */
  readonly bundle: { readonly codePath: string } | { readonly code: string };
  readonly activities: {
    readonly local: LocalActivities;
    readonly email: EmailActivities;
    readonly partner: PartnerActivities;
    readonly upkeep: UpkeepActivities;
  };
  /** Webhooks a second that are coming in. */
  readonly load: () => number;
  /** Kept by Temporal's server across all workers. */
  readonly emailMaxPerSecond: number;
  readonly partnerMaxPerSecond: number;
  /** ms that running activities may take to end; then they are told to stop. */
  readonly grace: number;
  readonly log: LogLine;
}

export interface Workers {
  /** Runs until `shutdown`; connects again for as long as Temporal is away. */
  run(): Promise<void>;
  /** Takes no new work, lets what runs end. Resolves when `run` has ended. */
  shutdown(): Promise<void>;
}

const BUSY_ABOVE = 200;
/** Tasks at once, calm and under load: measured, see docs/architecture.md. */
const WORKFLOW_SLOTS = { calm: 40, busy: 2 };
const EMAIL_SLOTS = { least: 10, most: 20, busy: 1 };
const LOCAL_SLOTS = 40;
const PARTNER_SLOTS = 4;
const CACHED_WORKFLOWS = 500;
const LONGEST_PAUSE_MS = 5_000;

/**
 * How many emails a worker has under way at once: as many as EMAIL_MAX_PER_SECOND needs where each takes a second (Little's
 * law), within bounds. Half of them, it is reckoned, speak to the mail server.
 */
export const emailsAtOnce = (perSecond: number): number =>
  Math.min(Math.max(perSecond, EMAIL_SLOTS.least), EMAIL_SLOTS.most);

/** The workers of the three task queues, as one. */
export function createWorkers(options: WorkersOptions): Workers {
  const stopping = new AbortController();
  let workers: readonly Worker[] = [];
  let running: Promise<void> | null = null;

  const runOnce = async (): Promise<void> => {
    const connection = await options.connect();
    try {
      const { made, fault } = await createAll(connection, options);
      workers = made;
      const ended = runTogether(made);
      // What was made holds the connection until it has run: so it runs, if only to end at once.
      if (stopping.signal.aborted || fault !== null) made.forEach(stop);
      await ended;
      if (fault !== null) throw fault.reason;
    } finally {
      workers = [];
      await connection.close();
    }
  };

  const loop = async (): Promise<void> => {
    for (let pause = 250; !stopping.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await runOnce();
      } catch (error) {
        options.log('warn', { error: error instanceof Error ? error.name : 'unknown' }, 'the workers start again');
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };

  return {
    run: () => (running ??= loop()),
    async shutdown() {
      stopping.abort();
      workers.forEach(stop);
      await running;
    },
  };
}

/** One that fails takes the others along, so that all three are made anew together. */
async function runTogether(workers: readonly Worker[]): Promise<void> {
  const runs = workers.map((worker) =>
    worker.run().finally(() => {
      workers.forEach(stop);
    }),
  );
  await Promise.allSettled(runs);
  await Promise.all(runs);
}

function stop(worker: Worker): void {
  if (worker.getState() === 'RUNNING') worker.shutdown();
}

/** A journey moves to the version that is made current with its next task: see docs/changing-a-journey.md. */
const deployed = (version: WorkerVersion) =>
  ({ version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' }) as const;

/** All three, or what could be made of them and why the rest could not. */
async function createAll(
  connection: NativeConnection,
  options: WorkersOptions,
): Promise<{ made: Worker[]; fault: PromiseRejectedResult | null }> {
  const { activities, bundle, load, log } = options;
  const common = {
    connection,
    namespace: options.namespace,
    identity: options.identity,
    shutdownGraceTime: options.grace,
    ...(options.version === null ? {} : { workerDeploymentOptions: deployed(options.version) }),
    interceptors: {
      activity: [
        createPrivateFailures((activityType, error) => {
          log('error', { activityType, error: error instanceof Error ? error.name : 'unknown' }, 'an activity broke');
        }),
      ],
    },
  };
  const slots = { load, busyAbove: BUSY_ABOVE };
  const none = { type: 'fixed-size', numSlots: 1 } as const;
  const settled = await Promise.allSettled([
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.journeys,
      workflowBundle: bundle,
      activities: activities.local,
      enableNonLocalActivities: false,
      maxCachedWorkflows: CACHED_WORKFLOWS,
      tuner: {
        workflowTaskSlotSupplier: createYieldingSlots<WorkflowSlotInfo>({ ...slots, ...WORKFLOW_SLOTS }),
        localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: LOCAL_SLOTS },
        activityTaskSlotSupplier: none,
        nexusTaskSlotSupplier: none,
      },
    }),
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.email,
      activities: activities.email,
      maxTaskQueueActivitiesPerSecond: options.emailMaxPerSecond,
      tuner: {
        activityTaskSlotSupplier: createYieldingSlots<ActivitySlotInfo>({
          ...slots,
          calm: emailsAtOnce(options.emailMaxPerSecond),
          busy: EMAIL_SLOTS.busy,
        }),
        workflowTaskSlotSupplier: none,
        localActivityTaskSlotSupplier: none,
        nexusTaskSlotSupplier: none,
      },
    }),
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.partner,
      activities: { ...activities.partner, ...activities.upkeep },
      maxTaskQueueActivitiesPerSecond: options.partnerMaxPerSecond,
      tuner: {
        activityTaskSlotSupplier: { type: 'fixed-size', numSlots: PARTNER_SLOTS },
        workflowTaskSlotSupplier: none,
        localActivityTaskSlotSupplier: none,
        nexusTaskSlotSupplier: none,
      },
    }),
  ]);
  return {
    made: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    fault: settled.find((one) => one.status === 'rejected') ?? null,
  };
}

const CODE = /^[a-z][a-z0-9_]{0,39}$/;
/** What a message may say beside its code, because operators see it on a pending activity: a code, or until when. */
const NOTED = /^[a-z][a-z0-9_]{0,39}: (?:[a-z][a-z0-9_]{0,39}|until \d{4}-\d\d-\d\dT[\d:.]+Z)$/;

/** The part of the SDK's activity context that is looked at. */
interface ActivityContext {
  readonly info: { readonly activityType: string };
  readonly cancellationSignal: AbortSignal;
}

/**
 * What went wrong in an activity crosses to Temporal as a code and nothing else: an SMTP reply quotes the address, and
 * a database's error quotes the row. What it was in full is told to `report`, on this side.
 */
export function createPrivateFailures(
  report: (activity: string, error: unknown) => void,
): (context: ActivityContext) => { inbound: ActivityInboundCallsInterceptor } {
  return ({ info, cancellationSignal }) => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (cancellationSignal.aborted && isCancellation(error)) throw error;
          if (error instanceof CompleteAsyncError) throw error;
          if (!(error instanceof ApplicationFailure)) report(info.activityType, error);
          throw asCode(error);
        }
      },
    },
  });
}

function asCode(error: unknown): ApplicationFailure {
  const failure = error instanceof ApplicationFailure ? error : null;
  const delay: unknown = failure?.nextRetryDelay;
  const code = failure?.type && CODE.test(failure.type) ? failure.type : 'internal';
  const bare = ApplicationFailure.create({
    type: code,
    message: failure !== null && NOTED.test(failure.message) ? failure.message : code,
    nonRetryable: failure?.nonRetryable ?? false,
    ...(typeof delay === 'number' || typeof delay === 'string' ? { nextRetryDelay: delay } : {}),
    ...(failure?.category ? { category: failure.category } : {}),
  });
  // A stack begins with the message, and its frames say nothing that the code does not.
  bare.stack = code;
  return bare;
}

/** An activity that passes its AbortSignal on hears of its cancellation as an AbortError. */
function isCancellation(error: unknown): boolean {
  return error instanceof CancelledFailure || (error instanceof Error && error.name === 'AbortError');
}
